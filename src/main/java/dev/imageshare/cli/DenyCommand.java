package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Denies a request for access, or ends an access that was approved. */
@Command(
        name = "deny",
        header = "Denies a request for access, or ends an access at once that was approved.",
        description = {
            "",
            "Creates an ImageAccessDecision with your own kubeconfig: you need permission to list ProjectSets and to create"
                    + " ImageAccessDecisions in that namespace. A denial wins over any approval, and takes effect at once.",
            ""
        },
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:errors"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} -n golden-images team-a/ci-runners --message 'Ask your platform team'",
            "  ${COMMAND-FULL-NAME} -n golden-images team-a/ci-runners --set partners"
        },
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1)
final class DenyCommand implements Callable<Integer> {

    @Mixin
    private DecisionWriter writer = new DecisionWriter();

    @Option(
            names = "--set",
            paramLabel = "NAME",
            description =
                    "The ProjectSet, for a request that doesn't wait for a decision: whatever asks by this name is denied.")
    private @Nullable String set;

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
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        try (var cluster = writer.open()) {
            var asked = writer.find(cluster)
                    .filter(found ->
                            set == null || set.equals(found.set().getMetadata().getName()));
            if (asked.isEmpty() && set == null) {
                throw new CommandFailure("no request " + writer.request() + " waits for a decision in namespace "
                        + writer.namespace(cluster)
                        + ". To end an access that was approved, name its ProjectSet with --set");
            }
            var name = asked.map(found -> writer.write(
                            cluster,
                            found.set().getMetadata().getName(),
                            found.request().uid(),
                            found.request().projectID(),
                            DecisionType.Denied,
                            null))
                    .orElseGet(() ->
                            writer.write(cluster, Objects.requireNonNull(set), null, null, DecisionType.Denied, null));
            out.println("denied: request " + writer.request() + "; ImageAccessDecision " + name);
            out.flush();
            return 0;
        }
    }
}
