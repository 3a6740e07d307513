package dev.imageshare.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShareSetSpec.OrderType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderKeyTest {

    private static OrderKey read(String text, OrderType type) {
        return OrderKey.read(text, type).orElseThrow(() -> new AssertionError(text + " is no " + type));
    }

    @ParameterizedTest
    @CsvSource({
        "Date, 2026-01-31, 2026-02-01",
        "Date, 20260131, 2026-02-01",
        "Date, 2026-01-31, 2026-01-31T00:00:01",
        "Date, 2026-01-31T12:00:00+02:00, 2026-01-31T10:00:01Z",
        "Date, 2026-01-31 10:00, 2026-01-31T10:00:00.000000001Z",
        "Number, 9, 10",
        "Number, -2, -1.5",
        "Number, 4.19, 4.2",
        "Version, 22.04, 22.10",
        "Version, 4.2, 4.19",
        "Version, v1.9, V1.10",
        "Version, 20260131-1, 20260131-2",
        "Version, 22.04, 22.04.1"
    })
    void theSecondIsNewer(OrderType type, String older, String newer) {
        assertThat(read(older, type)).isLessThan(read(newer, type));
        assertThat(read(newer, type)).isGreaterThan(read(older, type));
    }

    @ParameterizedTest
    @CsvSource({
        "Date, 2026-01-31, 20260131",
        "Date, 2026-01-31T00:00:00Z, 2026-01-31",
        "Date, 2026-01-31T02:00:00+0200, 2026-01-31",
        "Number, 1, 1.0",
        "Version, 22.04, 22.4.0",
        "Version, v3, 3",
        "Version, ' 3 ', 3"
    })
    void theyAreEqual(OrderType type, String one, String other) {
        assertThat(read(one, type)).isEqualByComparingTo(read(other, type));
    }

    @ParameterizedTest
    @CsvSource({
        "Date, 2026-13-01",
        "Date, 2026-02-30",
        "Date, 2026-0131",
        "Date, 202601-31",
        "Date, yesterday",
        "Date, 31.01.2026",
        "Date, 2026-01-31T25:00:00Z",
        "Date, ''",
        "Number, 1e5",
        "Number, 0x10",
        "Number, '1,5'",
        "Number, 1.2.3",
        "Number, NaN",
        "Version, 1.x",
        "Version, 22.04-beta",
        "Version, 1..2",
        "Version, .1",
        "Version, 1.",
        "Version, v"
    })
    void itIsNoValue(OrderType type, String text) {
        assertThat(OrderKey.read(text, type)).isEmpty();
    }

    @Test
    void aValueWithoutMeasureIsNone() {
        assertThat(OrderKey.read("9".repeat(31), OrderType.Number)).isEmpty();
        assertThat(OrderKey.read("9".repeat(30), OrderType.Number)).isPresent();
        assertThat(OrderKey.read("1" + ".1".repeat(16), OrderType.Version)).isEmpty();
        assertThat(OrderKey.read(" ".repeat(10_000) + "1" + " ".repeat(10_000), OrderType.Number))
                .isPresent();
        assertThat(OrderKey.read("1".repeat(10_000), OrderType.Version)).isEmpty();
    }
}
