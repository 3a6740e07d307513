package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {

    @ParameterizedTest
    @CsvSource({
        "0s, PT0S",
        "10m, PT10M",
        "1h30m, PT1H30M",
        "1.5s, PT1.5S",
        "0.5h, PT30M",
        "250ms, PT0.25S",
        "1s500ms, PT1.5S",
        "30m1h, PT1H30M",
        "90s90s, PT3M",
        "1.0009s, PT1S",
        "1000000000000ms, PT277777H46M40S",
        "2562047h, PT2562047H",
    })
    void readsWhatGoReads(String text, Duration expected) {
        assertThat(GoDuration.parse(text)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "10",
                "m",
                "10 m",
                "1d",
                "-1s",
                "+1s",
                ".5s",
                "1.s",
                "1,5s",
                "10M",
                "1h 30m",
                "1e3s",
                "２s",
                "10m\n",
                "2562048h",
                "99999999999999999999999999999h",
                "1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s"
            })
    void refusesWhatIsNoneOrLongerThanGoCanSay(String text) {
        assertThat(GoDuration.parse(text)).isEmpty();
    }

    @Property
    void whatGoPrintsIsReadBack(
            @ForAll @IntRange(max = 1_000_000) int hours,
            @ForAll @IntRange(max = 59) int minutes,
            @ForAll @IntRange(max = 59) int seconds,
            @ForAll @IntRange(max = 999) int millis) {
        var duration = Duration.ofHours(hours)
                .plusMinutes(minutes)
                .plusSeconds(seconds)
                .plusMillis(millis);

        assertThat(GoDuration.parse("%dh%dm%d.%03ds".formatted(hours, minutes, seconds, millis)))
                .contains(duration);
        assertThat(GoDuration.parse(duration.toMillis() + "ms")).contains(duration);
    }

    @Property
    void anyTextIsADurationOrNone(
            @ForAll @StringLength(max = 40) @CharRange(from = '0', to = '9') @Chars({'.', 'm', 's', 'h', ' '})
                    String text) {
        GoDuration.parse(text).ifPresent(d -> assertThat(d).isBetween(Duration.ZERO, Duration.ofNanos(Long.MAX_VALUE)));
    }
}
