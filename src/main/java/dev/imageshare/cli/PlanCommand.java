package dev.imageshare.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What applying manifests would do. */
@Command(
        name = "plan",
        header = "Shows what applying ImageShare and ImageAcceptance manifests would change in OpenStack.",
        description = {
            "",
            "Validates the manifests against the CRDs' schema and rules, then reads the clouds that they name and"
                    + " plans as the operator does. It needs no cluster and writes nothing."
                    + " spec.cloudCredentialsRef.cloudName names the entry of your clouds.yaml; the Secret isn't"
                    + " needed.",
            "",
            "The operator records its state for an object in the object's status, which --from-cluster reads, or"
                    + " --cluster-state from a file. Without it the plan also shows what may happen: an object that"
                    + " is in sync in the cluster already removes at once what a new one would hold. A plan doesn't"
                    + " know Glance's quota, whether the Secret exists, or what deleting an object revokes.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing to do",
            "1:errors in the manifests or from a cloud, or bad options",
            "2:changes, including held ones"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} -f shares/",
            "  ${COMMAND-FULL-NAME} -f shares/ --validate-only",
            "  kustomize build . | ${COMMAND-FULL-NAME} -f - --output json",
            "  ${COMMAND-FULL-NAME} -f shares/ --from-cluster",
            "  kubectl get ims,ima -A -o yaml > now.yaml; ${COMMAND-FULL-NAME} -f shares/ --cluster-state now.yaml"
        },
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1,
        mixinStandardHelpOptions = false)
final class PlanCommand implements Callable<Integer> {

    enum PlanFormat {
        table,
        json
    }

    @Option(
            names = {"-f", "--filename"},
            required = true,
            arity = "1..*",
            paramLabel = "FILE|DIR|-",
            description = "Manifests: files, directories (all YAML and JSON in them), or - for standard input.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = {"-n", "--namespace"},
            defaultValue = "default",
            paramLabel = "NAMESPACE",
            description = "The namespace of objects without one (default ${DEFAULT-VALUE}).")
    private String namespace = "default";

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
    private PlanFormat output = PlanFormat.table;

    @Option(
            names = "--cluster-state",
            paramLabel = "FILE",
            description = "The objects in the cluster (kubectl get ims,ima -A -o yaml); - for standard input.")
    private @Nullable Path clusterState;

    @Option(
            names = "--from-cluster",
            description =
                    "Read the objects from the cluster, which is found as kubectl does. You need permission to list"
                            + " ImageShares and ImageAcceptances.")
    private boolean fromCluster;

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Option(names = "--validate-only", description = "Only check the manifests; no cloud is asked.")
    private boolean validateOnly;

    @Mixin
    private CloudOptions clouds = new CloudOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var line = Objects.requireNonNull(spec).commandLine();
        check();
        var now = Instant.now();
        var manifests = Manifests.read(files, System.in, namespace, now);
        var notes = new ArrayList<String>();
        var cluster = clusterState(manifests, now, notes);
        cluster.ifPresent(state -> state.applyTo(manifests));
        var planned = validateOnly || isEmpty(manifests)
                ? new Planned(List.of(), List.of())
                : planned(manifests, cluster, now, notes, line.getErr());
        var objects = planned.objects();
        if (cluster.isEmpty() && objects.stream().anyMatch(object -> object.countDependent() > 0)) {
            notes.add("The cluster's state is not known; use --from-cluster or --cluster-state.");
        }
        var notInFiles = cluster.map(ClusterState::notInManifests).orElse(List.of());
        var plan = Plan.of(manifests, planned.sets(), objects, notInFiles, notes);
        print(plan, line.getOut());
        if (manifests.found() == 0) {
            line.getErr()
                    .println("note: there is no ImageShare, ImageAcceptance or ProjectSet in the files given with -f");
        }
        return plan.exitCode();
    }

    private void check() {
        if (!MetadataRules.isNamespace(namespace)) {
            throw new CommandFailure("--namespace must be a name of at most 63 lower case letters, digits and -");
        }
        if (fromCluster && clusterState != null) {
            throw new CommandFailure("use --from-cluster or --cluster-state, not both");
        }
        var standardInput = Path.of("-");
        if (standardInput.equals(clusterState) && files.contains(standardInput)) {
            throw new CommandFailure("-f and --cluster-state can't both be standard input");
        }
    }

    private Optional<ClusterState> clusterState(Manifests manifests, Instant now, List<String> notes) {
        if (fromCluster) {
            try (var cluster = clusterOptions.open()) {
                var state = cluster.state(namespacesOf(manifests));
                if (!state.isComplete()) {
                    notes.add("Only the namespaces of the files can be read in the cluster; objects in others are not"
                            + " taken into account.");
                }
                var there = new Manifests(namespace, now);
                there.add(new ManifestFile("the cluster", state.json(), 0));
                return Optional.of(new ClusterState(there));
            }
        }
        if (clusterState == null) {
            return Optional.empty();
        }
        var there = Manifests.read(List.of(clusterState), System.in, namespace, now);
        if (there.isEmpty() && there.faults().isEmpty()) {
            throw new CommandFailure("--cluster-state names " + clusterState
                    + ", which is empty; write it with kubectl get ims,ima -A -o yaml");
        }
        return Optional.of(new ClusterState(there));
    }

    private static Set<String> namespacesOf(Manifests manifests) {
        return Stream.of(manifests.shares(), manifests.acceptances(), manifests.sets())
                .flatMap(List::stream)
                .map(ManifestObject::namespace)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isEmpty(Manifests manifests) {
        return manifests.shares().isEmpty()
                && manifests.acceptances().isEmpty()
                && manifests.sets().isEmpty();
    }

    private record Planned(List<Plan.PlannedSet> sets, List<Plan.PlannedObject> objects) {}

    private Planned planned(
            Manifests manifests, Optional<ClusterState> cluster, Instant now, List<String> notes, PrintWriter err) {
        try (var access = clouds.open()) {
            var planner = new Planner(
                    manifests,
                    cluster.map(ClusterState::otherShares).orElse(List.of()),
                    cluster.map(ClusterState::otherAcceptances).orElse(List.of()),
                    access::client,
                    access::directory,
                    now);
            try (var progress = new Progress(err, "Planning", planner.steps())) {
                var objects = planner.plan(progress);
                var silent = planner.notLookedAt();
                if (!silent.isEmpty()) {
                    notes.add("These objects in the cluster can't be checked with your clouds.yaml, and are not taken"
                            + " into account: " + String.join(", ", silent) + ".");
                }
                return new Planned(planner.plannedSets(), objects);
            }
        }
    }

    private void print(Plan plan, PrintWriter out) {
        if (output == PlanFormat.json) {
            out.println(Json.text(plan));
            out.flush();
        } else {
            new PlanTable(out).print(plan);
        }
    }
}
