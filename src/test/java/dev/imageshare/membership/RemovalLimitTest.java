package dev.imageshare.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RemovalLimitTest {

    @Test
    void aTextIsANumberOrAPercentage() {
        for (var good : List.of("0", "5", "999999999", "0%", "25%", "99%", "100%")) {
            assertThat(RemovalLimit.parse(good))
                    .hasValueSatisfying(limit -> assertThat(limit).hasToString(good));
        }
        for (var bad : List.of("", "%", "1000000000", "101%", "100 %", "-1", "1/2", "5:", "a", "25%%")) {
            assertThat(RemovalLimit.parse(bad)).as(bad).isEmpty();
        }
    }

    @Test
    void aNumberIsTakenAsFarAsItsTextWouldBe() {
        assertThat(RemovalLimit.number(0)).contains(new RemovalLimit(0, false));
        assertThat(RemovalLimit.number(999_999_999)).contains(new RemovalLimit(999_999_999, false));
        assertThat(RemovalLimit.number(-1)).isEmpty();
        assertThat(RemovalLimit.number(1_000_000_000)).isEmpty();
    }

    @Test
    void aPercentageIsRoundedUp() {
        assertThat(new RemovalLimit(25, true).of(8)).isEqualTo(2);
        assertThat(new RemovalLimit(25, true).of(9)).isEqualTo(3);
        assertThat(new RemovalLimit(0, true).of(9)).isZero();
        assertThat(new RemovalLimit(100, true).of(9)).isEqualTo(9);
        assertThat(new RemovalLimit(3, false).of(1)).isEqualTo(3);
        assertThatThrownBy(() -> new RemovalLimit(101, true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RemovalLimit(-1, false)).isInstanceOf(IllegalArgumentException.class);
    }
}
