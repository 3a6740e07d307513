package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContentionTest {

    private static final Instant START = Instant.parse("2026-11-21T18:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    private final Contention contention = new Contention();
    private Instant now = START;

    private Optional<String> observe(long generation, Set<String> present, Set<String> declared) {
        return contention.observe(generation, present, declared, now);
    }

    /** We remove it; the next pass, after a while, sees it again. */
    private Optional<String> isBackAfter(Duration wait) {
        contention.removed(Set.of("p"));
        now = now.plus(wait);
        return observe(1, Set.of("p"), Set.of());
    }

    private Optional<String> isGoneAfter(Duration wait) {
        contention.added(Set.of("p"));
        now = now.plus(wait);
        return observe(1, Set.of(), Set.of("p"));
    }

    @Test
    void backThreeTimesWithinAnHourIsContended() {
        observe(1, Set.of("p"), Set.of());

        assertThat(isBackAfter(Duration.ofMinutes(20))).isEmpty();
        assertThat(isBackAfter(Duration.ofMinutes(20))).isEmpty();
        assertThat(isBackAfter(Duration.ofMinutes(20)))
                .hasValueSatisfying(
                        v -> assertThat(v).isEqualTo("p is back after its removal, 3 times within an hour"));
    }

    @Test
    void goneThreeTimesAfterItWasAddedIsContended() {
        observe(1, Set.of(), Set.of("p"));

        assertThat(isGoneAfter(Duration.ofMinutes(1))).isEmpty();
        assertThat(isGoneAfter(Duration.ofMinutes(1))).isEmpty();
        assertThat(isGoneAfter(Duration.ofMinutes(1)))
                .hasValueSatisfying(v -> assertThat(v).contains("p is gone after it was added"));
    }

    @Test
    void fourTimesOverTwoHoursIsDriftThatIsHealed() {
        observe(1, Set.of("p"), Set.of());

        for (var i = 0; i < 4; i++) {
            assertThat(isBackAfter(Duration.ofMinutes(31))).isEmpty();
        }
    }

    @Test
    void eachMemberCountsByItself() {
        observe(1, Set.of(), Set.of());

        for (var project : Set.of("a", "b", "c", "d")) {
            contention.removed(Set.of(project));
            assertThat(observe(1, Set.of(project), Set.of())).isEmpty();
        }
    }

    @Test
    void aNewGenerationStartsAnew() {
        observe(1, Set.of("p"), Set.of());
        isBackAfter(Duration.ofMinutes(1));
        isBackAfter(Duration.ofMinutes(1));
        assertThat(isBackAfter(Duration.ofMinutes(1))).isPresent();

        assertThat(observe(2, Set.of("p"), Set.of())).isEmpty();
        contention.removed(Set.of("p"));
        assertThat(observe(2, Set.of("p"), Set.of())).isEmpty();
    }

    @Test
    void theVerdictStaysAsLongAsTheSpec() {
        observe(1, Set.of("p"), Set.of());
        isBackAfter(Duration.ofMinutes(1));
        isBackAfter(Duration.ofMinutes(1));
        isBackAfter(Duration.ofMinutes(1));

        now = now.plus(HOUR.multipliedBy(30));
        assertThat(observe(1, Set.of(), Set.of())).isPresent();
    }

    @Test
    void whatWeTookAwayOurselvesIsNotSomebodyElsesDoing() {
        observe(1, Set.of(), Set.of());
        for (var i = 0; i < 5; i++) {
            contention.added(Set.of("p"));
            contention.removed(Set.of("p"));
            assertThat(observe(1, Set.of(), Set.of("p"))).isEmpty();
            contention.removed(Set.of("p"));
            contention.added(Set.of("p"));
            assertThat(observe(1, Set.of("p"), Set.of("p"))).isEmpty();
            contention.removed(Set.of("p"));
        }
    }

    @Test
    void whoIsGoneAndNoLongerDeclaredIsNoSign() {
        observe(1, Set.of(), Set.of("p"));
        for (var i = 0; i < 5; i++) {
            contention.added(Set.of("p"));
            assertThat(observe(1, Set.of(), Set.of())).isEmpty();
        }
    }
}
