package dev.imageshare.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.access.LiveRequests.RequestInput;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.LocalSetReference;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.RequestReference;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec.ProjectSetAddress;
import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.LeaveOptions;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestOrigin;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is settled before any login: there are no clouds here, and no turn. */
class LiveRequestsTest {

    private static final Instant T0 = Instant.parse("2026-11-27T08:00:00Z");
    private static final String P = "8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e";

    private final LiveRequests live = new LiveRequests(null, false);
    private final ImageAccessRequest request = new ImageAccessRequest();
    private final ProjectSet set = new ProjectSet();

    LiveRequestsTest() {
        request.getMetadata().setNamespace("team-a");
        request.getMetadata().setName("ci");
        request.getMetadata().setUid("r1");
        request.getMetadata().setGeneration(1L);
        request.getMetadata().setCreationTimestamp(T0.toString());
        request.setSpec(new ImageAccessRequestSpec(
                new ProjectSetAddress("golden", "consumers"), new CloudCredentialsRef("clouds", "team-a"), null, null));
        request.setStatus(new ImageAccessRequestStatus(1L, P, "team-a", null, null, null, null));
        set.getMetadata().setNamespace("golden");
        set.getMetadata().setName("consumers");
        set.setSpec(new ProjectSetSpec(
                new CloudCredentialsRef("clouds", "producer"),
                List.of(),
                null,
                null,
                LeaveOptions.DEFAULTS,
                new RequestPolicy(List.of(new RequestOrigin("team-a", null)), null, null),
                "30m",
                false));
    }

    private RequestOutcome look(Admission admission, int openBefore, Duration age, ImageAccessDecision... decisions) {
        return live.look(
                new RequestInput(
                        request,
                        set,
                        admission,
                        List.of(decisions),
                        (of, project) -> {
                            throw new AssertionError("nobody who isn't in the set may know its images");
                        },
                        openBefore,
                        T0.plus(age)),
                null);
    }

    private static ImageAccessDecision decision(DecisionType type, String project, String expiresAt) {
        var decision = new ImageAccessDecision();
        decision.getMetadata().setNamespace("golden");
        decision.getMetadata().setCreationTimestamp(T0.toString());
        decision.setSpec(new ImageAccessDecisionSpec(
                new RequestReference("team-a", "ci", null),
                new LocalSetReference("consumers"),
                project,
                type,
                expiresAt,
                "no room"));
        return decision;
    }

    private static Problem only(RequestOutcome outcome) {
        assertThat(outcome.images()).isNull();
        assertThat(outcome.problems()).hasSize(1);
        return outcome.problems().get(0);
    }

    @Test
    void strangersGetOneAnswer() {
        var refused = only(look(Admission.REFUSED, 0, Duration.ZERO));
        assertThat(refused.reason()).isEqualTo(Reason.NotAdmitted);
        assertThat(only(look(Admission.UNKNOWN, 0, Duration.ZERO))).isEqualTo(refused);
    }

    @Test
    void aDenialAndAnEndNeedNoLogin() {
        var denied = look(Admission.ADMITTED, 0, Duration.ZERO, decision(DecisionType.Denied, null, null));
        assertThat(only(denied)).isEqualTo(Problem.of(Reason.RequestDenied, "Denied: no room"));
        var ended = look(
                Admission.ADMITTED,
                0,
                Duration.ofHours(2),
                decision(DecisionType.Approved, P, T0.plusSeconds(3600).toString()));
        assertThat(only(ended).reason()).isEqualTo(Reason.RequestEnded);
        assertThat(only(ended).message()).startsWith("The access ended on 2026-11-27T09:00:00Z.");
    }

    @Test
    void whatNobodyDecidesAboutEndsAfterFourteenDays() {
        var forgotten = only(look(Admission.ADMITTED, 0, Duration.ofDays(14)));
        assertThat(forgotten.reason()).isEqualTo(Reason.RequestEnded);
        assertThat(forgotten.message()).startsWith("Nobody decided within 14 days.");
    }

    @Test
    void theEleventhOfANamespaceWaitsForTheOthers() {
        var crowded = only(look(Admission.ADMITTED, 10, Duration.ofDays(1)));
        assertThat(crowded.reason()).isEqualTo(Reason.TooManyRequests);
    }
}
