package dev.imageshare.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.access.AccessVerdict.Denied;
import dev.imageshare.access.AccessVerdict.Granted;
import dev.imageshare.access.AccessVerdict.Undecided;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.LocalSetReference;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.RequestReference;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec.ProjectSetAddress;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ApprovalMode;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.NamespaceLabels;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestOrigin;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is admitted, and what decisions come to. */
class AccessVerdictTest {

    private static final String P = "8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e";
    private static final String Q = "0b9e8d7c6f5a4b3c2d1e0f9a8b7c6d5e";
    private static final Instant T0 = Instant.parse("2026-11-27T08:00:00Z");

    private final ImageAccessRequest request = request(null);
    private RequestPolicy policy = new RequestPolicy(List.of(new RequestOrigin("team-a", null)), null, null);

    private static ImageAccessRequest request(String duration) {
        var request = new ImageAccessRequest();
        request.getMetadata().setNamespace("team-a");
        request.getMetadata().setName("ci");
        request.getMetadata().setUid("r1");
        request.getMetadata().setGeneration(1L);
        request.getMetadata().setCreationTimestamp(T0.toString());
        request.setSpec(new ImageAccessRequestSpec(
                new ProjectSetAddress("golden", "consumers"),
                new CloudCredentialsRef("clouds", "team-a"),
                null,
                duration));
        return request;
    }

    private static ImageAccessDecision decision(DecisionType type, String project, String expiresAt, String uid) {
        var decision = new ImageAccessDecision();
        decision.getMetadata().setNamespace("golden");
        decision.getMetadata().setName("d");
        decision.getMetadata().setCreationTimestamp(T0.plusSeconds(3600).toString());
        decision.setSpec(new ImageAccessDecisionSpec(
                new RequestReference("team-a", "ci", uid),
                new LocalSetReference("consumers"),
                project,
                type,
                expiresAt,
                "because"));
        return decision;
    }

    private static ImageAccessDecision approved(String project, String expiresAt) {
        return decision(DecisionType.Approved, project, expiresAt, null);
    }

    private AccessVerdict of(String project, ImageAccessDecision... decisions) {
        return AccessVerdict.of(request, policy, List.of(decisions), project);
    }

    @Test
    void anApprovalIsAboutOneProject() {
        assertThat(of(P)).isEqualTo(new Undecided());
        assertThat(of(P, approved(Q, null))).isEqualTo(new Undecided());
        assertThat(of(null, approved(P, null))).as("nothing is proven").isEqualTo(new Undecided());
        assertThat(of(P, approved(P, null))).isEqualTo(new Granted(null, "because"));
    }

    @Test
    void deniedWinsAndOfApprovalsTheLaterEnd() {
        var denial = decision(DecisionType.Denied, P, null, null);
        assertThat(of(P, approved(P, null), denial)).isEqualTo(new Denied("because"));
        assertThat(of(Q, approved(Q, null), denial)).as("another project").isEqualTo(new Granted(null, "because"));
        assertThat(of(Q, approved(Q, null), decision(DecisionType.Denied, null, null, null)))
                .isEqualTo(new Denied("because"));
        assertThat(of(P, approved(P, "2027-01-01T00:00:00Z"), approved(P, "2027-06-01T00:00:00+02:00")))
                .isEqualTo(new Granted(Instant.parse("2027-05-31T22:00:00Z"), "because"));
        assertThat(of(P, approved(P, "2027-01-01T00:00:00Z"), approved(P, null)))
                .isEqualTo(new Granted(null, "because"));
    }

    @Test
    void anEndIsCutToWhatWasAskedForAndToWhatTheSetAllows() {
        policy = new RequestPolicy(policy.from(), null, "48h");
        assertThat(of(P, approved(P, "2099-01-01T00:00:00Z")))
                .isEqualTo(new Granted(T0.plusSeconds(3600).plusSeconds(48 * 3600), "because"));
        assertThat(AccessVerdict.of(request("24h"), policy, List.of(approved(P, null)), P))
                .isEqualTo(new Granted(T0.plusSeconds(3600).plusSeconds(24 * 3600), "because"));
        assertThat(of(P, approved(P, "2026-11-27T09:30:00Z")))
                .isEqualTo(new Granted(Instant.parse("2026-11-27T09:30:00Z"), "because"));
    }

    @Test
    void automaticCountsFromTheRequest() {
        policy = new RequestPolicy(policy.from(), ApprovalMode.Automatic, "48h");
        assertThat(of(P)).isEqualTo(new Granted(T0.plusSeconds(48 * 3600), null));
        assertThat(of(null)).isEqualTo(new Undecided());
        assertThat(of(P, decision(DecisionType.Denied, null, null, null))).isEqualTo(new Denied("because"));
    }

    /** Where the CRD isn't enforced. */
    @Test
    void aDecisionThatCannotBeReadApprovesNothing() {
        assertThat(of(P, approved(P, "tomorrow"))).isEqualTo(new Undecided());
        assertThat(of(P, decision(null, P, null, null))).isEqualTo(new Undecided());
        var empty = new ImageAccessDecision();
        empty.getMetadata().setNamespace("golden");
        assertThat(AccessVerdict.isAbout(empty, request)).isFalse();
    }

    @Test
    void aDecisionIsOfTheSetsNamespaceAndAboutItsRequest() {
        assertThat(AccessVerdict.isAbout(approved(P, null), request)).isTrue();
        assertThat(AccessVerdict.isAbout(decision(DecisionType.Approved, P, null, "r1"), request))
                .isTrue();
        assertThat(AccessVerdict.isAbout(decision(DecisionType.Approved, P, null, "r0"), request))
                .isFalse();
        var elsewhere = approved(P, null);
        elsewhere.getMetadata().setNamespace("team-a");
        assertThat(AccessVerdict.isAbout(elsewhere, request)).isFalse();
        var going = approved(P, null);
        going.getMetadata().setDeletionTimestamp(T0.toString());
        assertThat(AccessVerdict.isAbout(going, request)).isFalse();
        var other = request(null);
        other.getMetadata().setName("cd");
        assertThat(AccessVerdict.isAbout(approved(P, null), other)).isFalse();
        other = request(null);
        other.getMetadata().setNamespace("team-b");
        assertThat(AccessVerdict.isAbout(approved(P, null), other)).isFalse();
        other.setSpec(new ImageAccessRequestSpec(
                new ProjectSetAddress("golden", "others"), other.getSpec().cloudCredentialsRef(), null, null));
        other.getMetadata().setNamespace("team-a");
        assertThat(AccessVerdict.isAbout(approved(P, null), other)).isFalse();
    }

    @Test
    void namespacesAreAdmittedByNameOrByAllLabelsOfAnEntry() {
        var labels = new RequestOrigin(null, new NamespaceLabels(Map.of("tier", "dev", "images", "ask")));
        var both = new RequestPolicy(List.of(new RequestOrigin("team-a", null), labels), null, null);
        assertThat(Admission.of(both, "team-a", null)).isEqualTo(Admission.ADMITTED);
        assertThat(Admission.of(both, "team-b", Map.of("tier", "dev"))).isEqualTo(Admission.REFUSED);
        assertThat(Admission.of(both, "team-b", Map.of("tier", "dev", "images", "ask", "a", "b")))
                .isEqualTo(Admission.ADMITTED);
        assertThat(Admission.of(both, "team-b", null)).as("labels aren't known").isEqualTo(Admission.UNKNOWN);
        assertThat(Admission.of(policy, "team-b", null)).isEqualTo(Admission.REFUSED);
        assertThat(Admission.of(null, "team-a", Map.of())).isEqualTo(Admission.REFUSED);
        var nothing = new RequestPolicy(List.of(new RequestOrigin(null, new NamespaceLabels(Map.of()))), null, null);
        assertThat(Admission.of(nothing, "team-a", Map.of())).isEqualTo(Admission.REFUSED);
    }

    @Test
    void aSpecThatWasChangedAsksForNothing() {
        assertThat(AccessRules.violation(request)).isEmpty();
        request.getMetadata().setGeneration(2L);
        assertThat(AccessRules.violation(request))
                .hasValueSatisfying(rule -> assertThat(rule)
                        .isEqualTo("spec can't be changed: delete this ImageAccessRequest and create another one."));
    }
}
