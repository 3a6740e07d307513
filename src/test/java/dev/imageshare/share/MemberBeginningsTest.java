package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Of what was so before nothing is said, and what begins has a time that nothing before it has. */
class MemberBeginningsTest {

    private static final Instant NOW = Instant.parse("2026-11-27T10:00:00.123456Z");
    private static final String STAMP = "2026-11-27T10:00:00.123Z";

    private static MemberInfo member(MemberAnswer status, String addedAt, String pendingSince) {
        return new MemberInfo("p", status, true, true, null, null, null, null, addedAt, pendingSince);
    }

    private static MemberBeginnings after(MemberInfo... before) {
        return new MemberBeginnings(List.of(before), NOW);
    }

    @Test
    void whoIsAddedBeginsNow() {
        assertThat(new MemberBeginnings(null, NOW).addedAt("p", true)).isEqualTo(STAMP);
        assertThat(new MemberBeginnings(null, NOW).pendingSince("p", MemberAnswer.pending, true))
                .isEqualTo(STAMP);
        assertThat(after(member(null, null, null)).addedAt("p", true)).isEqualTo(STAMP);
        assertThat(after().pendingSince("p", MemberAnswer.pending, true)).isEqualTo(STAMP);
    }

    @Test
    void whoWasThereBeforeHasNoBeginning() {
        var first = new MemberBeginnings(null, NOW);

        assertThat(first.addedAt("p", false)).isNull();
        assertThat(first.pendingSince("p", MemberAnswer.pending, false)).isNull();
    }

    /** Else every object would be written at the first start of this version. */
    @Test
    void aStatusOfAnOlderVersionStaysAsItIs() {
        var old = after(member(MemberAnswer.pending, null, null));

        assertThat(old.addedAt("p", true)).isNull();
        assertThat(old.pendingSince("p", MemberAnswer.pending, true)).isNull();
    }

    @Test
    void whatBeganStays() {
        var before = after(member(MemberAnswer.pending, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"));

        assertThat(before.addedAt("p", true)).isEqualTo("2026-11-01T00:00:00Z");
        assertThat(before.pendingSince("p", MemberAnswer.pending, true)).isEqualTo("2026-11-02T00:00:00Z");
        assertThat(before.pendingSince("p", MemberAnswer.accepted, true)).isNull();
    }

    @Test
    void backToPendingBeginsAnew() {
        assertThat(after(member(MemberAnswer.rejected, "2026-11-01T00:00:00Z", null))
                        .pendingSince("p", MemberAnswer.pending, true))
                .isEqualTo(STAMP);
    }

    /** Who follows statuses tells new ones by it, also where the clock stood still or went back. */
    @Test
    void aBeginningIsLaterThanAllBeforeIt() {
        var before = new MemberInfo(
                "q", MemberAnswer.pending, true, true, null, null, null, null, "2026-11-27T11:00:00.5Z", "garbage");
        var beginnings = new MemberBeginnings(List.of(before), NOW);

        assertThat(beginnings.addedAt("p", true)).isEqualTo("2026-11-27T11:00:00.501Z");
        assertThat(beginnings.pendingSince("p", MemberAnswer.pending, true)).isEqualTo("2026-11-27T11:00:00.501Z");
    }
}
