package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.openstack.Failures;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReasonTest {

    private static final Map<Kind, Reason> MEANING = Map.ofEntries(
            Map.entry(Kind.INVALID_CONFIG, Reason.CredentialsInvalid),
            Map.entry(Kind.NO_IMAGE_SERVICE, Reason.CredentialsInvalid),
            Map.entry(Kind.NOT_SCOPED, Reason.CredentialsInvalid),
            Map.entry(Kind.TLS_UNTRUSTED, Reason.CredentialsInvalid),
            Map.entry(Kind.LOGIN_REFUSED, Reason.AuthenticationFailed),
            Map.entry(Kind.UNAUTHORIZED, Reason.AuthenticationFailed),
            Map.entry(Kind.FORBIDDEN, Reason.Forbidden),
            Map.entry(Kind.NOT_FOUND, Reason.ImageNotFound),
            Map.entry(Kind.QUOTA_EXCEEDED, Reason.QuotaExceeded),
            Map.entry(Kind.RATE_LIMITED, Reason.RateLimited),
            Map.entry(Kind.UNREACHABLE, Reason.CloudUnreachable),
            Map.entry(Kind.TIMEOUT, Reason.CloudUnreachable),
            Map.entry(Kind.SERVER_ERROR, Reason.CloudUnreachable),
            Map.entry(Kind.MALFORMED_ANSWER, Reason.CloudUnreachable),
            Map.entry(Kind.ANSWER_TOO_LARGE, Reason.CloudUnreachable),
            Map.entry(Kind.OVERLOADED, Reason.CloudUnreachable),
            Map.entry(Kind.BAD_REQUEST, Reason.PartiallySynced),
            Map.entry(Kind.CONFLICT, Reason.PartiallySynced),
            Map.entry(Kind.INTERRUPTED, Reason.Progressing));

    /** Of several, the first is the condition's; the order is the API's. */
    @Test
    void whatNeedsAPersonComesBeforeWhatHealsByItself() {
        assertThat(Reason.values())
                .extracting(Reason::name)
                .containsExactly(
                        "InvalidSpec",
                        "CredentialsInvalid",
                        "AuthenticationFailed",
                        "Forbidden",
                        "NotImageOwner",
                        "ImageNotShared",
                        "ImageAmbiguous",
                        "RemovalHeld",
                        "ClaimUnproven",
                        "DeletionSuspended",
                        "QuotaExceeded",
                        "TooManyProjects",
                        "TooManyImages",
                        "NameTaken",
                        "ImageNotOrderable",
                        "ShareStalled",
                        "ProjectChanged",
                        "TooManyRequests",
                        "AwaitingApproval",
                        "RequestDenied",
                        "RequestEnded",
                        "ClockSkew",
                        "Conflict",
                        "Contended",
                        "CredentialsNotFound",
                        "ImageNotFound",
                        "ProjectNotFound",
                        "WaitingForReference",
                        "NotAdmitted",
                        "KubernetesRefused",
                        "NotDelivered",
                        "InternalError",
                        "CloudUnreachable",
                        "RateLimited",
                        "ListIncomplete",
                        "PartiallySynced",
                        "Progressing",
                        "Synced",
                        "Observed",
                        "Suspended");
        assertThat(Reason.values()).isSortedAccordingTo((a, b) -> b.kind().compareTo(a.kind()));
    }

    @Test
    void everyFailureOfACloudHasAReasonAndKeepsItsWords() {
        for (var kind : Kind.values()) {
            var problem = Problem.of(Failures.of(kind, Duration.ofSeconds(7)));

            assertThat(problem.reason()).as("%s", kind).isEqualTo(MEANING.get(kind));
            assertThat(problem.message()).isEqualTo("the cloud's words");
            assertThat(problem.retryAfter()).contains(Duration.ofSeconds(7));
        }
    }

    /** What a retry could heal must not wait for a person, and the other way round. */
    @Test
    void whatMayHealByItselfIsReconciling() {
        for (var kind : Kind.values()) {
            var failure = Failures.of(kind);
            if (failure.retryable()) {
                assertThat(Problem.of(failure).reason().kind()).as("%s", kind).isEqualTo(Reason.Effect.RECONCILING);
            }
        }
    }
}
