package dev.imageshare.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Completion of commands and options in a shell. */
@Command(
        name = "completion",
        header = "Prints a completion script for bash or zsh.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(${COMMAND-FULL-NAME})                                  # this shell",
            "  ${COMMAND-FULL-NAME} > /etc/bash_completion.d/${ROOT-COMMAND-NAME}   # all"
        },
        sortOptions = false,
        exitCodeOnInvalidInput = 1)
final class CompletionCommand implements Callable<Integer> {

    @Option(
            names = "--name",
            paramLabel = "COMMAND",
            description = "The name with which you call the command (default: the name of this call).")
    private @Nullable String name;

    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var line = Objects.requireNonNull(spec).commandLine();
        var all = Commands.commandLine();
        line.getOut().print(AutoComplete.bash(name == null ? called(all.getCommandName()) : name, all));
        line.getOut().flush();
        return 0;
    }

    /** A shell completes one word; as a kubectl plugin it is called by two. */
    private static String called(String command) {
        return command.substring(command.lastIndexOf(' ') + 1);
    }
}
