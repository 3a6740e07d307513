package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ImageLocksTest {

    private static final ImageKey KEY = new ImageKey("1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88", "images", "RegionOne");
    private static final CloudImage REAL = new CloudImage("https://keystone.example.org:5000", KEY);
    private static final CloudImage OTHER = new CloudImage("http://203.0.113.7:5000", KEY);

    private final ImageLocks locks = new ImageLocks();

    @Test
    void onePassHasTheImageOfACloudInWhicheverNamespaceTheOthersAre() {
        locks.enter("a", "team-a", REAL);

        assertThatCode(() -> locks.enter("a", "team-a", REAL)).doesNotThrowAnyException();
        assertThatThrownBy(() -> locks.enter("b", "team-b", REAL)).isInstanceOf(ImageLocks.BusyException.class);
        locks.leave("b");
        locks.leave("a");
        assertThatCode(() -> locks.enter("b", "team-b", REAL)).doesNotThrowAnyException();
    }

    /** A slow cloud that says it has the image keeps nobody waiting but its own namespace. */
    @Test
    void anotherCloudsPassKeepsOutOnlyItsOwnNamespace() {
        locks.enter("evil", "evil", OTHER);

        assertThatCode(() -> locks.enter("a", "team-a", REAL)).doesNotThrowAnyException();
        assertThatThrownBy(() -> locks.enter("evil-2", "evil", REAL)).isInstanceOf(ImageLocks.BusyException.class);
    }
}
