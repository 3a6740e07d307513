package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.reconcile.MovableClock;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Lease of 15 seconds, of which 10 count. */
@EnableKubernetesMockClient(https = false)
class LeaseProofTest {

    private static final String PATH = "/apis/coordination.k8s.io/v1/namespaces/operators/leases/imageshare-operator";

    KubernetesMockServer server;
    KubernetesClient client;
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final MovableClock clock = new MovableClock();
    private LeaseProof proof;

    @BeforeEach
    void prepare() {
        proof = new LeaseProof(
                client,
                new Settings.LeaderElection("operators", "imageshare-operator", "me"),
                Duration.ofSeconds(10),
                clock,
                nanos::get);
    }

    private void lookAt(String holder, Duration age) {
        lookAt(holder, clock.instant().minus(age));
    }

    private void lookAt(String holder, Instant renewed) {
        var lease = new LeaseBuilder()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withRenewTime(renewed.atZone(ZoneOffset.UTC))
                .endSpec()
                .build();
        server.expect().get().withPath(PATH).andReturn(200, lease).once();
        proof.look();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        clock.move(time);
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
        proof.look(); // 404
        assertThat(proof.holds()).isFalse();

        lookAt("me", Duration.ZERO);
        assertThat(proof.holds()).isTrue();
        lookAt("other", Duration.ZERO);
        assertThat(proof.holds()).isFalse();
    }

    /** One whose clock is ahead may take a Lease that is not over: the other's lead is still proven for a while. */
    @Test
    void whoTakesALeaseWaitsUntilTheOthersLeadCanNotBeProvenAnyMore() {
        lookAt("other", Duration.ofHours(1));
        pass(Duration.ofSeconds(2));
        lookAt("other", Duration.ofHours(1).minusSeconds(1));
        pass(Duration.ofSeconds(1));
        lookAt("me", Duration.ZERO);
        assertThat(proof.holds()).isFalse();

        pass(Duration.ofMillis(8_999));
        lookAt("me", Duration.ZERO);
        assertThat(proof.holds()).isFalse();
        pass(Duration.ofMillis(1));
        assertThat(proof.holds()).isTrue();
    }

    @Test
    void whatWasGivenBackIsTakenAtOnce() {
        lookAt("other", Duration.ZERO);
        proof.givenBack();
        lookAt("me", Duration.ZERO);
        assertThat(proof.holds()).isTrue();
    }

    /** A Lease that nobody renews any longer proves nothing, whatever the clock then says. */
    @Test
    void aClockThatJumpsBackProlongsNothing() {
        var renewed = clock.instant();
        lookAt("me", renewed);
        clock.move(Duration.ofHours(1).negated());
        for (var i = 0; i < 9; i++) {
            pass(Duration.ofSeconds(1));
            lookAt("me", renewed);
            assertThat(proof.holds()).isTrue();
        }
        pass(Duration.ofSeconds(1));
        lookAt("me", renewed);
        assertThat(proof.holds()).isFalse();

        lookAt("me", clock.instant());
        assertThat(proof.holds()).as("renewed by the new clock").isTrue();
    }

    /** The monotonic clock stands still while a machine sleeps. */
    @Test
    void aMachineThatWasAsleepProvesItsLeadAnew() {
        lookAt("me", Duration.ZERO);
        clock.move(Duration.ofMinutes(5));
        assertThat(proof.holds()).isFalse();

        lookAt("me", Duration.ZERO);
        assertThat(proof.holds()).isTrue();
    }
}
