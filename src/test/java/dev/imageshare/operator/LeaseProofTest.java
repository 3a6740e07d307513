package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Lease of 15 seconds, of which 10 count. */
@EnableKubernetesMockClient
class LeaseProofTest {

    private static final Instant NOW = Instant.parse("2026-11-21T18:00:08Z");
    private static final String PATH = "/apis/coordination.k8s.io/v1/namespaces/operators/leases/imageshare-operator";

    KubernetesMockServer server;
    KubernetesClient client;
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private LeaseProof proof;

    @BeforeEach
    void prepare() {
        proof = new LeaseProof(
                client,
                new Settings.LeaderElection("operators", "imageshare-operator", "me"),
                Duration.ofSeconds(10),
                Clock.fixed(NOW, ZoneOffset.UTC),
                nanos::get);
    }

    private void lookAt(String holder, Duration age) {
        var lease = new LeaseBuilder()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withRenewTime(NOW.minus(age).atZone(ZoneOffset.UTC))
                .endSpec()
                .build();
        server.expect().get().withPath(PATH).andReturn(200, lease).once();
        proof.look();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void nothingIsProvenBeforeTheFirstLook() {
        assertThat(proof.holds()).isFalse();
    }

    @Test
    void aRenewalProvesTheLeadForTenSeconds() {
        lookAt("me", Duration.ZERO);

        pass(Duration.ofMillis(9_999));
        assertThat(proof.holds()).isTrue();
        pass(Duration.ofMillis(1));
        assertThat(proof.holds()).isFalse();
    }

    /** The API server may answer again and again with a Lease that nobody renews. */
    @Test
    void itIsTheRenewalThatCountsNotTheLook() {
        lookAt("me", Duration.ofSeconds(7));
        pass(Duration.ofMillis(2_999));
        assertThat(proof.holds()).isTrue();
        pass(Duration.ofMillis(1));
        assertThat(proof.holds()).isFalse();

        lookAt("me", Duration.ofSeconds(12));
        assertThat(proof.holds()).isFalse();
    }

    @Test
    void aFailureProvesNothingAndTakesNothingBack() {
        lookAt("me", Duration.ZERO);
        pass(Duration.ofSeconds(4));
        server.expect()
                .get()
                .withPath(PATH)
                .andReturn(403, new StatusBuilder().withCode(403).build())
                .once();
        proof.look();

        assertThat(proof.holds()).isTrue();
        pass(Duration.ofSeconds(6));
        assertThat(proof.holds()).isFalse();
    }

    @Test
    void aLeaseOfAnotherOrNoneEndsItAtOnce() {
        lookAt("me", Duration.ZERO);
        lookAt("other", Duration.ZERO);
        assertThat(proof.holds()).isFalse();

        lookAt("me", Duration.ZERO);
        assertThat(proof.holds()).isTrue();
        proof.look(); // 404
        assertThat(proof.holds()).isFalse();
    }
}
