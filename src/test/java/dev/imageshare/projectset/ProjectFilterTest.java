package dev.imageshare.projectset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ProjectSetSpec.SelectorFilter;
import dev.imageshare.openstack.DirectoryProject;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProjectFilterTest {

    private static final DirectoryProject TEAM_A =
            new DirectoryProject("a", "team-a", "default", true, Set.of("golden", "ci"));
    private static final DirectoryProject TEAM_B = new DirectoryProject("b", "team-b", "default", false, Set.of("ci"));
    private static final DirectoryProject ONLY_AN_ID = new DirectoryProject("c", null, null, null, Set.of());
    private static final List<DirectoryProject> ALL = List.of(TEAM_A, TEAM_B, ONLY_AN_ID);

    @Test
    void noFilterIsForAll() {
        assertThat(matched(null)).containsExactlyElementsOf(ALL);
    }

    @Test
    void enabled() {
        assertThat(matched(new SelectorFilter(true, null, null, null, null, null)))
                .containsExactly(TEAM_A);
        assertThat(matched(new SelectorFilter(false, null, null, null, null, null)))
                .containsExactly(TEAM_B);
    }

    @Test
    void tagsAsKeystoneMeansThem() {
        var both = List.of("golden", "ci");
        assertThat(matched(new SelectorFilter(null, both, null, null, null, null)))
                .as("all of them")
                .containsExactly(TEAM_A);
        assertThat(matched(new SelectorFilter(null, null, both, null, null, null)))
                .as("at least one")
                .containsExactly(TEAM_A, TEAM_B);
        assertThat(matched(new SelectorFilter(null, null, null, both, null, null)))
                .as("not all of them")
                .containsExactly(TEAM_B, ONLY_AN_ID);
        assertThat(matched(new SelectorFilter(null, null, null, null, both, null)))
                .as("none")
                .containsExactly(ONLY_AN_ID);
    }

    @Test
    void theWholeName() {
        assertThat(matched(new SelectorFilter(null, null, null, null, null, "team-?")))
                .containsExactly(TEAM_A, TEAM_B);
        assertThat(matched(new SelectorFilter(null, null, null, null, null, "team")))
                .isEmpty();
        assertThat(matched(new SelectorFilter(null, null, null, null, null, "*")))
                .as("what has no name has no name that matches")
                .containsExactly(TEAM_A, TEAM_B);
    }

    @Test
    void allThatItSaysMustHold() {
        assertThat(matched(new SelectorFilter(true, List.of("ci"), null, null, List.of("golden"), "team-*")))
                .isEmpty();
        assertThat(matched(new SelectorFilter(false, List.of("ci"), null, null, List.of("golden"), "team-*")))
                .containsExactly(TEAM_B);
    }

    private static List<DirectoryProject> matched(SelectorFilter filter) {
        var test = new ProjectFilter(filter);
        return ALL.stream().filter(test).toList();
    }
}
