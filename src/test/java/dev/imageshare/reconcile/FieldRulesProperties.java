package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.membership.RemovalLimit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Texts that people or clouds write are a value or none, whatever they are; what is shown of them fits. */
class FieldRulesProperties {

    @Property
    void aDurationIsOneThatAScheduleCanUseOrNone(@ForAll("durations") String text) {
        GoDuration.parse(text).ifPresent(duration -> {
            assertThat(duration).isGreaterThanOrEqualTo(Duration.ZERO);
            var now = Instant.parse("2026-11-21T18:00:00Z");
            var spread = new Backoff(new Random(1)).spread(duration);
            assertThat(now.plus(spread)).isAfterOrEqualTo(now);
            assertThat(System.currentTimeMillis() + spread.toMillis())
                    .as("a timer's time")
                    .isPositive();
        });
        FieldRules.resyncPeriod(text)
                .ifPresentOrElse(
                        violation -> assertThat(violation).doesNotContain(text.isBlank() ? "\u0000" : text + text),
                        () -> assertThat(GoDuration.parse(text))
                                .hasValueSatisfying(period -> assertThat(
                                                period.isZero() || period.compareTo(Duration.ofSeconds(1)) >= 0)
                                        .isTrue()));
    }

    @Property
    void aRemovalLimitIsOneOrNone(@ForAll("limits") String text, @ForAll @IntRange(max = 100_000) int removable) {
        RemovalLimit.parse(text).ifPresent(limit -> {
            assertThat(limit.of(removable)).isNotNegative();
            if (limit.percent()) {
                assertThat(limit.of(removable)).isLessThanOrEqualTo(removable);
            }
            assertThat(RemovalLimit.parse(limit.toString())).contains(limit);
        });
    }

    @Property
    void whatPassesForAProjectIdNeedsNoEncodingAndIsNoPath(@ForAll("ids") String text) {
        if (FieldRules.isProjectId(text)) {
            assertThat(text).hasSizeBetween(1, 255).doesNotContain("/", "%", "\\", "?", "#", " ", "\n");
            assertThat(text).doesNotStartWith(".");
        }
    }

    /** They are read by hand for speed; the patterns of the CRDs, and Keystone's, say what they are. */
    @Property
    void eachTextIsReadAsItsPatternSays(
            @ForAll("durations") String duration,
            @ForAll("limits") String limit,
            @ForAll("ids") String id,
            @ForAll("keystoneIds") String keystoneId) {
        if (duration.length() <= 7) { // longer ones can be more than Go can say
            assertThat(duration.matches("([0-9]+(\\.[0-9]+)?(ms|s|m|h))+"))
                    .as(duration)
                    .isEqualTo(GoDuration.parse(duration).isPresent());
        }
        assertThat(limit.matches("[0-9]{1,9}|(100|[0-9]{1,2})%"))
                .as(limit)
                .isEqualTo(RemovalLimit.parse(limit).isPresent());
        assertThat(id.matches("[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,254}")).as(id).isEqualTo(FieldRules.isProjectId(id));
        assertThat(keystoneId.matches("[0-9]{0,12}|[0-9a-fA-F]{32}|[0-9a-fA-F]{64}"))
                .as(keystoneId)
                .isEqualTo(FieldRules.suspectNames(List.of(keystoneId)).isEmpty());
    }

    @Property
    void whatIsShownIsOneLineWithinTheLimitAndReadBackAsItIs(
            @ForAll("texts") String text, @ForAll @IntRange(min = 1, max = 300) int atMost) {
        var shown = FieldRules.clipped(text, atMost);
        assertThat(shown.codePointCount(0, shown.length())).isLessThanOrEqualTo(atMost);
        assertThat(shown).doesNotContain("\n", "\r", "\u0000", "\u001b");
        var bytes = shown.getBytes(StandardCharsets.UTF_8);
        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(shown);
        if (text.codePointCount(0, text.length()) <= atMost && text.chars().noneMatch(Character::isISOControl)) {
            assertThat(shown).isEqualTo(text);
        }
    }

    @Example
    void aNameOf255EmojiIsShownWhole() {
        var name = "\ud83d\udc27".repeat(255);
        assertThat(FieldRules.clipped(name, 255)).isEqualTo(name);
        assertThat(FieldRules.clipped(name + "x", 255)).isEqualTo("\ud83d\udc27".repeat(254) + "…");
    }

    @Provide
    Arbitrary<String> durations() {
        var number = Arbitraries.oneOf(
                Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(30),
                Arbitraries.of(
                        "0", "1", "00", "-1", "1e9", "٣", ".5", "5.", "2562047", "2562048", "9223372036854775807"));
        var unit = Arbitraries.of("ms", "s", "m", "h", "d", "ns", "us", "", " s", "H", "\n");
        var part = Combinators.combine(number, unit).as((n, u) -> n + u);
        return Arbitraries.oneOf(
                Arbitraries.strings().withChars("019.mshx").ofMaxLength(7),
                part.list().ofMaxSize(5).map(parts -> String.join("", parts)),
                Arbitraries.strings());
    }

    @Provide
    Arbitrary<String> limits() {
        var number = Arbitraries.oneOf(
                Arbitraries.integers().map(String::valueOf),
                Arbitraries.strings().numeric().ofMaxLength(40),
                Arbitraries.of("٣", "+5", "0x5", "1e2", "100", "101", "099", "000"));
        return Combinators.combine(number, Arbitraries.of("", "%", "%%", " %", ".5%", "\n"))
                .as((n, u) -> n + u);
    }

    @Provide
    Arbitrary<String> ids() {
        return Arbitraries.oneOf(
                Arbitraries.strings(),
                Arbitraries.strings().withChars("a.-_:/%\\ \n0\u00e9").ofMaxLength(300));
    }

    @Provide
    Arbitrary<String> keystoneIds() {
        var digits = Arbitraries.strings().withChars("0123456789abcdefABCDEF");
        var almost = Arbitraries.strings().withChars("09afAFgG-");
        return Arbitraries.oneOf(
                digits.ofLength(32),
                digits.ofLength(64),
                digits.ofMaxLength(65),
                almost.ofLength(32),
                Arbitraries.strings());
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(600).map(FieldRulesProperties::withoutHalves),
                Arbitraries.strings().withChars("a\n\u001b\u0000").ofMaxLength(400),
                Arbitraries.integers().between(0, 400).map("\ud83d\ude00"::repeat));
    }

    /** What a cloud's answer can't have: see Answer. */
    private static String withoutHalves(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
