package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Approves a request for access. */
@Command(
        name = "approve",
        header = "Approves a request for access to the images of a ProjectSet.",
        description = {
            "",
            "Creates an ImageAccessDecision with your own kubeconfig: you need permission to list ProjectSets and to create"
                    + " ImageAccessDecisions in that namespace. The decision is about this request and about the project that"
                    + " it proved, and no other.",
            ""
        },
        parameterListHeading = "%nParameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:errors"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} -n golden-images team-a/ci-runners",
            "  ${COMMAND-FULL-NAME} -n golden-images team-a/ci-runners --until 2027-12-31T00:00:00Z --message Welcome"
        },
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1)
final class ApproveCommand implements Callable<Integer> {

    @Mixin
    private DecisionWriter writer = new DecisionWriter();

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "When the access ends (RFC 3339). It ends earlier if the request or the ProjectSet says so.")
    private @Nullable String until;

    @Option(names = "--project", paramLabel = "ID", description = "Approve only if it is this project that asks.")
    private @Nullable String project;

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
        if (until != null && !isToCome(until)) {
            throw new CommandFailure("--until must be a time to come, such as 2027-12-31T00:00:00Z");
        }
        try (var cluster = writer.open()) {
            var asked = writer.find(cluster)
                    .orElseThrow(() -> new CommandFailure("no request " + writer.request()
                            + " waits for a decision in namespace " + writer.namespace(cluster)
                            + ": 'imageshare requests' lists those that do"));
            var request = asked.request();
            if (project != null && !project.equals(request.projectID())) {
                throw new CommandFailure(
                        writer.request() + " is of project " + request.projectID() + ", not of " + project);
            }
            var name = writer.write(
                    cluster,
                    asked.set().getMetadata().getName(),
                    request.uid(),
                    request.projectID(),
                    DecisionType.Approved,
                    until);
            out.println("approved: project " + request.projectID()
                    + (request.projectName() == null ? "" : " (" + ReportText.printable(request.projectName()) + ")")
                    + " may join ProjectSet " + writer.namespace(cluster) + "/"
                    + asked.set().getMetadata().getName() + "; ImageAccessDecision " + name);
            out.flush();
            return 0;
        }
    }

    private static boolean isToCome(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant().isAfter(Instant.now());
        } catch (DateTimeException e) {
            return false;
        }
    }
}
