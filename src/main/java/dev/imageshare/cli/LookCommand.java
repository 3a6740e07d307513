package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ProjectSet;
import io.fabric8.kubernetes.client.CustomResource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes the operator reconcile objects now. */
@Command(
        name = "look",
        header = "Makes the operator reconcile objects now instead of at their next resync.",
        description = {
            "",
            "Sets the annotation imageshare.dev/look-now to the current time, with your own kubeconfig: you need"
                    + " permission to get and patch the objects. Use it after something changed outside of"
                    + " Kubernetes, such as a consumer's answer or an image's visibility.",
            ""
        },
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:errors"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} golden-images/ubuntu-24-04",
            "  ${COMMAND-FULL-NAME} -n team-a --kind ImageAcceptance golden-images"
        },
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1)
final class LookCommand implements Callable<Integer> {

    enum LookedAtKind {
        ImageShare(ImageShare.class, false),
        ImageAcceptance(ImageAcceptance.class, false),
        ProjectSet(ProjectSet.class, true),
        ImageShareSet(ImageShareSet.class, true),
        ImageAccessRequest(ImageAccessRequest.class, true);

        private final Class<? extends CustomResource<?, ?>> type;
        private final boolean optional;

        /**
         * @param optional whether the cluster may not have the kind, or the user no permission for it
         */
        LookedAtKind(Class<? extends CustomResource<?, ?>> type, boolean optional) {
            this.type = type;
            this.optional = optional;
        }
    }

    private record Name(String namespace, String name) {
        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    @Parameters(arity = "1..*", paramLabel = "[NAMESPACE/]NAME", description = "The objects.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "${COMPLETION-CANDIDATES} (default: ImageShare and ImageAcceptance, if there is one of each;"
                    + " if there is neither, ProjectSet, ImageShareSet and ImageAccessRequest).")
    private @Nullable LookedAtKind kind;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "The namespace of names without one (default: the kubeconfig's).")
    private @Nullable String namespace;

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

    @Override
    public Integer call() {
        var line = Objects.requireNonNull(spec).commandLine();
        var missing = new ArrayList<String>();
        var kinds = Stream.of(LookedAtKind.values())
                .filter(each -> kind == null ? !each.optional : each == kind)
                .toList();
        var otherwise = Stream.of(LookedAtKind.values())
                .filter(each -> kind == null && each.optional)
                .toList();
        try (var cluster = clusterOptions.open()) {
            var all = names.stream().map(text -> name(text, cluster)).toList();
            for (var name : all) {
                var found = look(kinds, name, cluster);
                if (found.isEmpty()) {
                    found = look(otherwise, name, cluster);
                }
                found.forEach(each -> line.getOut().println(each + " " + name + " will be reconciled now"));
                if (found.isEmpty()) {
                    missing.add(name.toString());
                }
            }
        }
        line.getOut().flush();
        if (!missing.isEmpty()) {
            throw new CommandFailure("there is no "
                    + Stream.concat(kinds.stream(), otherwise.stream())
                            .map(LookedAtKind::name)
                            .collect(Collectors.joining(" or "))
                    + " "
                    + String.join(", ", missing)
                    + " in the cluster");
        }
        return 0;
    }

    /** Those of the kinds that have an object with this name. */
    private static List<LookedAtKind> look(List<LookedAtKind> kinds, Name name, Cluster cluster) {
        return kinds.stream()
                .filter(each -> cluster.annotate(
                        each.type,
                        each.optional,
                        name.namespace,
                        name.name,
                        Annotations.LOOK_NOW,
                        Instant.now().toString()))
                .toList();
    }

    private Name name(String text, Cluster cluster) {
        var parts = text.split("/", -1);
        if (parts.length > 2 || text.isEmpty() || parts[0].isEmpty() || parts[parts.length - 1].isEmpty()) {
            throw new CommandFailure(text + " is not a name: use NAME or NAMESPACE/NAME");
        }
        return parts.length == 2
                ? new Name(parts[0], parts[1])
                : new Name(namespace == null ? cluster.namespace() : namespace, parts[0]);
    }
}
