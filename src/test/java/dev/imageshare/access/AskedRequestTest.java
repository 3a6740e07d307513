package dev.imageshare.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec.ProjectSetAddress;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ApprovalMode;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.LeaveOptions;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestOrigin;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.WaitingRequest;
import dev.imageshare.openstack.ProvenProject;
import dev.imageshare.openstack.SameClouds;
import dev.imageshare.projectset.Application;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a set sees of a request. */
class AskedRequestTest {

    private static final Instant T0 = Instant.parse("2026-11-27T08:00:00Z");
    private static final String P = "8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e";
    private static final String SOURCE = "request team-a/ci";
    private static final CloudCredentialsRef WITNESS = new CloudCredentialsRef("clouds", "producer");
    private static final ProvenRequest PROOF =
            new ProvenRequest(new ProvenProject(P, "team-a", "https://keystone:5000"), "s1", WITNESS);

    private final ImageAccessRequest request = new ImageAccessRequest();
    private final ProjectSet set = new ProjectSet();

    AskedRequestTest() {
        request.getMetadata().setNamespace("team-a");
        request.getMetadata().setName("ci");
        request.getMetadata().setUid("r1");
        request.getMetadata().setGeneration(1L);
        request.getMetadata().setCreationTimestamp(T0.toString());
        request.setSpec(new ImageAccessRequestSpec(
                new ProjectSetAddress("golden", "consumers"),
                new CloudCredentialsRef("clouds", "team-a"),
                "x".repeat(1_000),
                "1h"));
        set.getMetadata().setNamespace("golden");
        set.getMetadata().setName("consumers");
        set.getMetadata().setUid("s1");
        policy(ApprovalMode.Automatic);
    }

    private void policy(ApprovalMode approval) {
        set.setSpec(new ProjectSetSpec(
                WITNESS,
                List.of(),
                null,
                null,
                LeaveOptions.DEFAULTS,
                new RequestPolicy(List.of(new RequestOrigin("team-a", null)), approval, null),
                "30m",
                false));
    }

    private void status(List<SetProject> projects, List<WaitingRequest> waiting) {
        set.setStatus(new ProjectSetStatus(
                1L, "https://keystone:5000", null, true, projects, null, null, null, null, waiting, null, null, null));
    }

    private List<Application> decided(Admission admission, ProvenRequest proof) {
        return AskedRequest.of(set, List.of(new AskedRequest(request, admission, List.of(), proof, true)), T0)
                .decided();
    }

    private List<WaitingRequest> waiting(ProvenRequest proof, boolean looked, Instant now) {
        return AskedRequest.of(
                        set, List.of(new AskedRequest(request, Admission.ADMITTED, List.of(), proof, looked)), now)
                .waiting();
    }

    /** Of labels that can't be read, nobody joins and nobody leaves by them. */
    @Test
    void whoIsInTheSetStaysWhileTheLabelsAreNotKnown() {
        assertThat(decided(Admission.UNKNOWN, PROOF)).isEmpty();
        assertThat(decided(Admission.ADMITTED, PROOF))
                .containsExactly(new Application(SOURCE, P, "team-a", true, T0.plusSeconds(3600)));

        status(List.of(new SetProject(P, null, List.of(SOURCE), null, null, null, null)), null);
        assertThat(decided(Admission.UNKNOWN, null))
                .containsExactly(new Application(SOURCE, P, null, true, T0.plusSeconds(3600)));
        assertThat(decided(Admission.REFUSED, PROOF)).isEmpty();
    }

    @Test
    void aProofIsForTheCloudThatTheSetHas() {
        assertThat(PROOF.isFor(set, SameClouds.none()))
                .as("before its first pass")
                .isTrue();
        status(null, null);
        assertThat(PROOF.isFor(set, SameClouds.none())).isTrue();
        set.getMetadata().setUid("s2");
        assertThat(PROOF.isFor(set, SameClouds.none())).as("made anew").isFalse();
        set.getMetadata().setUid("s1");
        var elsewhere = new ProvenRequest(new ProvenProject(P, null, "https://other:5000"), "s1", WITNESS);
        assertThat(elsewhere.isFor(set, SameClouds.none())).isFalse();
        var other = new ProvenRequest(PROOF.project(), "s1", new CloudCredentialsRef("clouds", "other"));
        assertThat(other.isFor(set, SameClouds.none())).isFalse();
    }

    /** So that a start writes nothing. */
    @Test
    void whatWaitedBeforeAStartWaitsUntilItIsLookedAt() {
        policy(ApprovalMode.Manual);
        var waits = waiting(PROOF, true, T0);
        assertThat(waits).singleElement().satisfies(entry -> {
            assertThat(entry.uid()).isEqualTo("r1");
            assertThat(entry.projectID()).isEqualTo(P);
            assertThat(entry.reason()).hasSize(256);
            assertThat(entry.duration()).isEqualTo("1h");
        });
        status(null, waits);
        assertThat(waiting(null, false, T0)).isEqualTo(waits);
        assertThat(waiting(null, true, T0)).isEmpty();
        assertThat(waiting(PROOF, true, T0.plus(Duration.ofDays(14)))).isEmpty();
        request.getMetadata().setUid("r2");
        assertThat(waiting(null, false, T0)).as("another object of this name").isEmpty();
    }
}
