package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.share.Source.Changes;
import dev.imageshare.share.Source.Gap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeclarationTest {

    private static final Source MEMBERS = Source.specMembers(List.of("a", "b"));

    @Test
    void sourcesAreMergedInTheirOrder() {
        var declaration = Declaration.of(
                List.of(
                        MEMBERS,
                        source("Project/x", List.of("c", "b"), Set.of()),
                        source("Set/y", List.of("d"), Set.of())),
                null);

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
        var left = Declaration.of(List.of(MEMBERS, source("Project/x", List.of("c"), Set.of("a", "gone"))), null);

        assertThat(left.changed()).containsExactly("gone");
        assertThat(left.declaredBy().get("a")).containsExactly("spec.members", "Project/x");
    }

    @Test
    void whatASourceWithAGapStoodForStaysAsItIs() {
        var gap = new Gap("ORC Project", "x", "ABSENT", "not there.", false);
        var waiting =
                new Source("Project/x", List.of(), Set.of("a", "c", "d"), Set.of("c"), Changes.HOLD, Set.of(), gap);

        var declaration = Declaration.of(List.of(MEMBERS, waiting), null);

        assertThat(declaration.isComplete()).isFalse();
        assertThat(declaration.all()).containsExactly("a", "b", "c");
        assertThat(declaration.kept()).containsExactly("c");
        assertThat(declaration.changed()).containsExactly("d");
        assertThat(declaration.unknown()).isZero();
    }

    /** A guard that let it go doesn't speak for a source that needs a person's approval. */
    @Test
    void whatIsReleasedByOneAndHeldByAnotherIsHeld() {
        var set =
                new Source("Set/y", List.of(), Set.of("c", "d"), Set.of(), Changes.REMOVE, Set.of("c", "d", "a"), null);
        var changed = source("Project/x", List.of("z"), Set.of("d"));

        var declaration = Declaration.of(List.of(MEMBERS, set, changed), null);

        assertThat(declaration.released()).containsExactly("c");
        assertThat(declaration.changed()).containsExactly("d");
    }

    private static Source source(String name, List<String> wants, Set<String> before) {
        return new Source(name, wants, before, Set.of(), Changes.HOLD, Set.of(), null);
    }
}
