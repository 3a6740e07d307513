package dev.imageshare.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShareSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShareNamesTest {

    private static final String ID = "1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88";

    @Test
    void aNameTellsItsCloudAndImage() {
        for (var set : List.of("golden", "a.b", "a-b", "x".repeat(253), "x.".repeat(126) + "x")) {
            for (var cloud : List.of("north", "b-c", "c".repeat(63))) {
                var name = ShareNames.of(set, cloud, ID);
                assertThat(name).hasSizeLessThanOrEqualTo(253).matches(ImageShareSpec.OBJECT_NAME);
                assertThat(ShareNames.read(set, name)).contains(new ShareNames.NamedImage(cloud, ID));
                assertThat(ShareNames.read(set + "1", name)).isEmpty();
                assertThat(ShareNames.label(set))
                        .hasSizeLessThanOrEqualTo(63)
                        .matches("[a-z0-9]([a-z0-9.-]*[a-z0-9])?");
            }
        }
        assertThat(ShareNames.of("golden", "north", ID)).isEqualTo("golden.north." + ID);
    }

    @Test
    void noTwoSetsAndCloudsHaveOneName() {
        assertThat(ShareNames.of("a", "b-c", ID)).isNotEqualTo(ShareNames.of("a-b", "c", ID));
        assertThat(ShareNames.of("a.b", "c", ID)).isNotEqualTo(ShareNames.of("a", "b", ID));
        var one = "x".repeat(250) + "1";
        var other = "x".repeat(250) + "2";
        assertThat(ShareNames.of(one, "c", ID)).isNotEqualTo(ShareNames.of(other, "c", ID));
        assertThat(ShareNames.label(one)).isNotEqualTo(ShareNames.label(other));
    }

    @Test
    void otherNamesAreNoneOfASets() {
        for (var name : List.of("golden", "golden.north", "north." + ID, "silver.north." + ID, "..", "golden..")) {
            assertThat(ShareNames.read("golden", name)).as(name).isEmpty();
        }
    }
}
