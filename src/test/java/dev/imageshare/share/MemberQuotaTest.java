package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is sent at once; what Glance's refusal teaches is seen on the wire, in {@code OnTheWireTest}. */
class MemberQuotaTest {

    private final MemberQuota quota = new MemberQuota();

    @Test
    void whatFitsIsSentAtOnceAndWhatMayNotFitAlone() {
        assertThat(quota.atOnce(0)).isEqualTo(128);
        assertThat(quota.atOnce(127)).isEqualTo(1);
        assertThat(quota.atOnce(128)).isEqualTo(1);
        assertThat(quota.atOnce(200)).isEqualTo(1);
    }

    @Test
    void whereMoreFitThanTheDefaultTheRestIsSentAtOnce() {
        quota.seen(128);
        assertThat(quota.atOnce(128)).isEqualTo(1);

        quota.seen(129);
        assertThat(quota.atOnce(129)).isGreaterThan(10_000);
    }
}
