package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.share.Source.Changes;
import dev.imageshare.share.Source.Gap;
import dev.imageshare.share.Source.Wish;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DeclarationTest {

    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
    private static final Source MEMBERS = Source.specMembers(wishes("a", "b"));

    @Test
    void sourcesAreMergedInTheirOrder() {
        var declaration =
                of(MEMBERS, source("Project/x", List.of("c", "b"), Set.of()), source("Set/y", List.of("d"), Set.of()));

        assertThat(declaration.projects()).containsExactly("a", "b", "c", "d");
        assertThat(declaration.isComplete()).isTrue();
        assertThat(declaration.declaredBy())
                .isEqualTo(Map.of(
                        "b", List.of("spec.members", "Project/x"),
                        "c", List.of("Project/x"),
                        "d", List.of("Set/y")));
    }

    @Test
    void whatOneSourceNoLongerNamesAnotherMayStillName() {
        var left = of(MEMBERS, source("Project/x", List.of("c"), Set.of("a", "gone")));

        assertThat(left.changed()).containsExactly("gone");
        assertThat(left.declaredBy().get("a")).containsExactly("spec.members", "Project/x");
    }

    @Test
    void whatASourceWithAGapStoodForStaysAsItIs() {
        var gap = new Gap("ORC Project", "x", "ABSENT", "not there.", false);
        var waiting = new Source(
                "Project/x", List.of(), Set.of("a", "c", "d"), Set.of("c"), Changes.HOLD, Set.of(), null, gap);

        var declaration = of(MEMBERS, waiting);

        assertThat(declaration.isComplete()).isFalse();
        assertThat(declaration.all()).containsExactly("a", "b", "c");
        assertThat(declaration.kept()).containsExactly("c");
        assertThat(declaration.changed()).containsExactly("d");
        assertThat(declaration.unknown()).isZero();
    }

    /** A guard that let it go doesn't speak for a source that needs a person's approval. */
    @Test
    void whatIsReleasedByOneAndHeldByAnotherIsHeld() {
        var set = new Source(
                "Set/y", List.of(), Set.of("c", "d"), Set.of(), Changes.REMOVE, Set.of("c", "d", "a"), null, null);
        var changed = source("Project/x", List.of("z"), Set.of("d"));

        var declaration = of(MEMBERS, set, changed);

        assertThat(declaration.released()).containsExactly("c");
        assertThat(declaration.changed()).containsExactly("d");
    }

    @Test
    void whatEndsIsDeclaredUntilThen() {
        var members =
                Source.specMembers(List.of(new Wish("a", NOW.plusSeconds(1)), new Wish("b", NOW), Wish.forGood("c")));

        var declaration = at(NOW, Optional.empty(), Map.of("b", NOW), members);

        assertThat(declaration.projects()).containsExactly("a", "c");
        assertThat(declaration.ended()).containsExactly("b");
        assertThat(declaration.nextEnd()).contains(NOW.plusSeconds(1));
        assertThat(declaration.ends()).isEqualTo(Map.of("a", NOW.plusSeconds(1), "b", NOW));
        assertThat(declaration.isComplete()).isTrue();
    }

    /** 2025 written for 2026, or a cluster that was restored without statuses: nobody is known to have meant it. */
    @Test
    void anEndThatNobodySawComingIsNone() {
        var members =
                Source.specMembers(List.of(new Wish("a", NOW.minusSeconds(9)), new Wish("b", NOW.minusSeconds(9))));

        var declaration = at(NOW, Optional.empty(), Map.of("b", NOW.plusSeconds(9)), members);

        assertThat(declaration.projects()).isEmpty();
        assertThat(declaration.ended()).isEmpty();
        assertThat(declaration.ends()).isEmpty();
    }

    /** A set named it for longer, and let it go at its end: what is left in the spec ended before. */
    @Test
    void aLaterEndThatWasSeenComingEndsAnEarlierOneToo() {
        var members = Source.specMembers(List.of(new Wish("a", NOW.minusSeconds(9))));

        var over = at(NOW, Optional.empty(), Map.of("a", NOW.minusSeconds(1)), members);
        assertThat(over.ended()).containsExactly("a");

        var earlier = at(NOW, Optional.empty(), Map.of("a", NOW.minusSeconds(10)), members);
        assertThat(earlier.ended()).as("extended in the past").isEmpty();
    }

    @Test
    void ofTwoEndsTheLaterCountsAndNoneIsLaterThanAny() {
        var one =
                Source.specMembers(List.of(new Wish("a", NOW), new Wish("b", NOW.plusSeconds(5)), new Wish("c", NOW)));
        var other = new Source(
                "Set/y",
                List.of(new Wish("a", NOW.plusSeconds(9)), new Wish("b", NOW), Wish.forGood("c")),
                Set.of(),
                Set.of(),
                Changes.REMOVE,
                Set.of(),
                null,
                null);

        var declaration = at(NOW, Optional.empty(), Map.of(), one, other);

        assertThat(declaration.projects()).containsExactly("a", "b", "c");
        assertThat(declaration.ends()).isEqualTo(Map.of("a", NOW.plusSeconds(9), "b", NOW.plusSeconds(5)));
    }

    @Test
    void byADoubtfulClockNothingEnds() {
        var members = Source.specMembers(List.of(new Wish("a", NOW), new Wish("b", NOW.plusSeconds(1))));

        var early = at(NOW.minusSeconds(1), Optional.of("the clock is wrong"), Map.of(), members);
        var due = at(NOW, Optional.of("the clock is wrong"), Map.of("a", NOW), members);

        assertThat(early.projects()).containsExactly("a", "b");
        assertThat(early.clockProblem()).isEmpty();
        assertThat(due.projects()).containsExactly("b");
        assertThat(due.kept()).containsExactly("a");
        assertThat(due.ended()).isEmpty();
        assertThat(due.ends()).containsKey("a");
        assertThat(due.clockProblem())
                .hasValueSatisfying(p -> assertThat(p.message()).contains("since the clock is wrong."));
    }

    private static Declaration of(Source... sources) {
        return at(NOW, Optional.empty(), Map.of(), sources);
    }

    private static Declaration at(Instant now, Optional<String> doubt, Map<String, Instant> seen, Source... sources) {
        return Declaration.of(List.of(sources), null, seen, new ClockCheck.ClockReading(now, () -> doubt));
    }

    private static List<Wish> wishes(String... projects) {
        return Stream.of(projects).map(Wish::forGood).toList();
    }

    private static Source source(String name, List<String> wants, Set<String> before) {
        return new Source(
                name, wants.stream().map(Wish::forGood).toList(), before, Set.of(), Changes.HOLD, Set.of(), null, null);
    }
}
