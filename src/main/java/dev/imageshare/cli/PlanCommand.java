package dev.imageshare.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What applying manifests would do. */
@Command(
        name = "plan",
        header = "Says what applying ImageShare and ImageAcceptance manifests would change in OpenStack.",
        description = {
            "",
            "Checks the manifests against the CRDs' schema and rules, then reads the clouds that they name and plans as the"
                    + " operator does. It needs no cluster and writes nothing. spec.cloudCredentialsRef.cloudName names"
                    + " the entry of your clouds.yaml; the Secret isn't needed.",
            "",
            "What the operator remembers of an object is in its status: in the manifest itself (kubectl get -o yaml), or in"
                    + " --cluster-state. Without it the plan is of a first pass, in which removals of members that were"
                    + " there before are held. Not known here: objects that are only in the cluster or were deleted,"
                    + " Glance's quota, and whether the Secret is there.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing to do",
            "1:errors: in the manifests, of a cloud, or bad options",
            "2:changes, held ones too"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} -f shares/",
            "  ${COMMAND-FULL-NAME} -f shares/ --validate-only",
            "  kustomize build . | ${COMMAND-FULL-NAME} -f - --output json",
            "  kubectl get ims,ima -A -o yaml > now.yaml; ${COMMAND-FULL-NAME} -f shares/ --cluster-state now.yaml"
        },
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1,
        mixinStandardHelpOptions = false)
final class PlanCommand implements Callable<Integer> {

    enum Output {
        table,
        json
    }

    @Option(
            names = {"-f", "--filename"},
            required = true,
            arity = "1..*",
            paramLabel = "FILE|DIR|-",
            description = "Manifests: files, directories (all YAML and JSON in them), or - for the standard input.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = {"-n", "--namespace"},
            defaultValue = "default",
            paramLabel = "NAMESPACE",
            description = "The namespace of objects that name none (default ${DEFAULT-VALUE}).")
    private String namespace = "default";

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
    private Output output = Output.table;

    @Option(
            names = "--cluster-state",
            paramLabel = "FILE",
            description = "The objects as they are in the cluster (kubectl get ims,ima -A -o yaml); what the operator"
                    + " remembers in their status is used for those of the same name in the manifests.")
    private @Nullable Path clusterState;

    @Option(names = "--validate-only", description = "Only check the manifests; no cloud is asked.")
    private boolean validateOnly;

    @Mixin
    private CloudOptions clouds = new CloudOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var line = Objects.requireNonNull(spec).commandLine();
        var manifests = Manifests.read(files, System.in, namespace, Instant.now());
        if (clusterState != null) {
            manifests.remember(Manifests.read(List.of(clusterState), System.in, namespace, Instant.now()));
        }
        var plan =
                Plan.of(manifests, validateOnly || isEmpty(manifests) ? List.of() : planned(manifests, line.getErr()));
        print(plan, line.getOut());
        if (manifests.found() == 0) {
            line.getErr().println("note: there is no ImageShare or ImageAcceptance in what -f names");
        }
        return plan.exitCode();
    }

    private static boolean isEmpty(Manifests manifests) {
        return manifests.shares().isEmpty() && manifests.acceptances().isEmpty();
    }

    private List<Plan.PlannedObject> planned(Manifests manifests, PrintWriter err) {
        try (var access = clouds.open();
                var progress = new Progress(err, "Planning", Planner.steps(manifests))) {
            return new Planner(manifests, access::client, Instant.now()).plan(manifests, progress);
        }
    }

    private void print(Plan plan, PrintWriter out) {
        if (output == Output.json) {
            out.println(Json.text(plan));
            out.flush();
        } else {
            new PlanTable(out).print(plan);
        }
    }
}
