package dev.imageshare.cli;

import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves the pages live. */
@Command(
        name = "dashboard",
        header = "Shows a cluster's shares as web pages on this machine, live.",
        description = {
            "",
            "Serves the pages of 'site --audience internal' at a URL of loopback that it prints, and keeps them as the"
                    + " cluster's objects are, with your own kubeconfig: you need the right to list and watch ImageShares and"
                    + " ImageAcceptances. The pages only show. The URL has a token that is made anew at each start; who has"
                    + " it sees what you may see. Ctrl-C ends it.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:ended by Ctrl-C", "1:errors"},
        footerHeading = "%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME}", "  ${COMMAND-FULL-NAME} --context prod --namespace golden-images"},
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1)
final class DashboardCommand implements Callable<Integer> {

    @Option(
            names = "--port",
            defaultValue = "0",
            paramLabel = "PORT",
            description = "The port (default: any free one).")
    private int port;

    @Option(
            names = "--title",
            defaultValue = "Image shares",
            paramLabel = "TEXT",
            description = "What the pages are called.")
    private String title = "Image shares";

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Option(
            names = {"-n", "--namespace"},
            split = ",",
            paramLabel = "NAMESPACE",
            description = "Only these namespaces (default: all).")
    private Set<String> namespaces = new LinkedHashSet<>();

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
        if (port < 0 || port > 65_535) {
            throw new CommandFailure("--port must be between 0 and 65535, not " + port);
        }
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        try (var dashboard = LiveDashboard.open(clusterOptions.open(), namespaces, title, port)) {
            out.println(dashboard.url());
            out.flush();
            dashboard.await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }
}
