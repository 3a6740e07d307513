package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.WaitingRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the requests for access that wait for a decision. */
@Command(
        name = "requests",
        header = "Lists who asks for access to the images of your ProjectSets.",
        description = {
            "",
            "Reads the ProjectSets of a namespace with your own kubeconfig: you need permission to list them. Their status has"
                    + " the requests that wait for a decision, and the project that each proved to Keystone.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:errors"},
        footerHeading = "%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME} -n golden-images", "  ${COMMAND-FULL-NAME} --all-namespaces"},
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1)
final class RequestsCommand implements Callable<Integer> {

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "The namespace of the ProjectSets (default: the kubeconfig's).")
    private @Nullable String namespace;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "The ProjectSets of all namespaces.")
    private boolean everywhere;

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Spec
    private @Nullable CommandSpec spec;

    /** One request, with the set that it is for. */
    record AskedSet(ProjectSet set, WaitingRequest request) {}

    @Override
    public Integer call() {
        var line = Objects.requireNonNull(spec).commandLine();
        if (everywhere && namespace != null) {
            throw new CommandFailure("--all-namespaces and --namespace exclude each other");
        }
        List<ProjectSet> sets;
        try (var cluster = clusterOptions.open()) {
            sets = cluster.projectSets(
                    everywhere ? Set.of() : Set.of(namespace == null ? cluster.namespace() : namespace));
        }
        var waiting = sets.stream()
                .flatMap(RequestsCommand::waiting)
                .sorted(Comparator.comparing((AskedSet asked) -> asked.request().since())
                        .thenComparing(asked -> asked.request().namespace())
                        .thenComparing(asked -> asked.request().name()))
                .toList();
        if (waiting.isEmpty()) {
            line.getErr().println("note: no request waits for a decision");
            line.getErr().flush();
            return 0;
        }
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("REQUEST", "SET", "SINCE", "PROJECT", "NAME", "DURATION", "REASON"));
        waiting.forEach(asked -> rows.add(row(asked)));
        ReportText.print(
                rows.stream()
                        .map(row -> row.stream().map(ReportText::printable).toList())
                        .toList(),
                line.getOut());
        line.getOut().flush();
        return 0;
    }

    private List<String> row(AskedSet asked) {
        var metadata = asked.set().getMetadata();
        var request = asked.request();
        return List.of(
                request.namespace() + "/" + request.name(),
                everywhere ? metadata.getNamespace() + "/" + metadata.getName() : metadata.getName(),
                request.since(),
                request.projectID(),
                Objects.requireNonNullElse(request.projectName(), "-"),
                Objects.requireNonNullElse(request.duration(), "-"),
                Objects.requireNonNullElse(request.reason(), "-"));
    }

    /** The requests for a set that wait for a decision. */
    static Stream<AskedSet> waiting(ProjectSet set) {
        return set.getStatus() == null || set.getStatus().requests() == null
                ? Stream.of()
                : set.getStatus().requests().stream().map(request -> new AskedSet(set, request));
    }
}
