package dev.imageshare.cli;

import dev.imageshare.openstack.OpenStackException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands other than the operator. */
public final class Commands {

    /** In the order of the help. */
    private static final Map<String, Supplier<Callable<Integer>>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("plan", PlanCommand::new);
        ALL.put("export", ExportCommand::new);
        ALL.put("report", ReportCommand::new);
        ALL.put("projects", ProjectsCommand::new);
        ALL.put("look", LookCommand::new);
        ALL.put("notify", NotifyCommand::new);
        ALL.put("requests", RequestsCommand::new);
        ALL.put("approve", ApproveCommand::new);
        ALL.put("deny", DenyCommand::new);
        ALL.put("site", SiteCommand::new);
        ALL.put("dashboard", DashboardCommand::new);
        ALL.put("completion", CompletionCommand::new);
    }

    private Commands() {}

    /** Whether the arguments call one of these commands. */
    public static boolean isCalled(String... args) {
        return args.length > 0 && ALL.containsKey(args[0]);
    }

    /**
     * Runs the command named by the first argument.
     *
     * @return the exit code
     */
    public static int execute(String... args) {
        // Otherwise SLF4J loads Logback, which takes longer than most commands, and writes to standard output.
        System.setProperty("slf4j.internal.verbosity", "WARN");
        if (Arrays.asList(args).contains("-v") || Arrays.asList(args).contains("--verbose")) {
            System.setProperty("imageshare.log.level", "DEBUG");
            System.setProperty("imageshare.log.target", "System.err");
        } else {
            System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
        }
        return commandLine(args[0]).execute(args);
    }

    /** All commands, or only the one with that name, which is faster. */
    static CommandLine commandLine(String... names) {
        var line = new CommandLine(new Root());
        line.setCommandName(System.getProperty("imageshare.command", "imageshare-operator"));
        addTo(line, names.length == 0 ? ALL.keySet() : Set.of(names));
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setUnmatchedOptionsAllowedAsOptionParameters(false)
                .setParameterExceptionHandler((failure, unused) -> {
                    var its = failure.getCommandLine();
                    its.getErr().println(name(its) + ": " + failure.getMessage() + "; see --help");
                    return 1;
                })
                .setExecutionExceptionHandler((failure, its, result) -> {
                    its.getErr().println(name(its) + ": " + describe(failure));
                    return 1;
                });
    }

    /** Adds the commands to the operator's own help. */
    public static void addTo(CommandLine line) {
        addTo(line, ALL.keySet());
    }

    private static void addTo(CommandLine line, Set<String> names) {
        ALL.forEach((name, command) -> {
            if (names.contains(name)) {
                line.addSubcommand(command.get());
            }
        });
    }

    private static String name(CommandLine line) {
        return line.getCommandSpec().qualifiedName();
    }

    private static String describe(Exception failure) {
        if (failure instanceof CommandFailure || failure instanceof OpenStackException) {
            return String.valueOf(failure.getMessage());
        }
        return "unexpected: " + failure
                + (failure.getStackTrace().length == 0 ? "" : " at " + failure.getStackTrace()[0]);
    }

    /** What precedes a command's name. */
    @Command(name = "imageshare-operator")
    static final class Root implements Runnable {
        @Override
        public void run() {
            throw new IllegalStateException("no command");
        }
    }
}
