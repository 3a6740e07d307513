package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CommonMembersTest {

    @Test
    void whatAllHaveInCommon() {
        assertThat(CommonMembers.of(List.of(Set.of("a", "b", "c"), Set.of("a", "b"), Set.of("b", "a", "d"))))
                .containsExactly("a", "b");
    }

    @Test
    void anImageThatIsAnotherMattersNot() {
        assertThat(CommonMembers.of(List.of(Set.of("a", "b"), Set.of("a", "b"), Set.of("a", "b"), Set.of("z"))))
                .containsExactly("a", "b");
    }

    @Test
    void oneImageHasNothingInCommon() {
        assertThat(CommonMembers.of(List.of(Set.of("a", "b")))).isEmpty();
        assertThat(CommonMembers.of(List.of())).isEmpty();
    }

    /** Not the largest group that all have, nor the largest of one image. */
    @Test
    void itIsTheOneThatSavesMost() {
        assertThat(CommonMembers.of(List.of(
                        Set.of("x"), Set.of("x", "a", "b", "c"), Set.of("a", "b", "c", "y"), Set.of("a", "b", "c"))))
                .containsExactly("a", "b", "c");
    }

    @Property(tries = 200)
    void atLeastTwoImagesHaveIt(@ForAll @Size(max = 8) List<@Size(max = 6) Set<@IntRange(max = 7) Integer>> numbers) {
        var images = numbers.stream()
                .map(members -> Set.copyOf(members.stream().map(String::valueOf).toList()))
                .toList();
        var all = images.stream().flatMap(Set::stream).toList();

        var group = CommonMembers.of(images);

        if (group.isEmpty()) {
            assertThat(all).doesNotHaveDuplicates();
        } else {
            assertThat(images.stream().filter(members -> members.containsAll(group)))
                    .hasSizeGreaterThan(1);
        }
    }
}
