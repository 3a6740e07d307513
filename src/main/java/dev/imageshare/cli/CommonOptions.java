package dev.imageshare.cli;

import picocli.CommandLine.Option;

/** Options of every command. */
final class CommonOptions {

    @Option(
            names = {"-v", "--verbose"},
            description = "Tell each request to OpenStack on the standard error.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli asks its annotation
    private boolean help;

    boolean verbose() {
        return verbose;
    }
}
