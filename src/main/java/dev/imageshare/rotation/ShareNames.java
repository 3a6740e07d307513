package dev.imageshare.rotation;

import dev.imageshare.reconcile.ShortHash;
import java.util.Optional;
import java.util.stream.Stream;

/** The names of the ImageShares that sets make: the set's, the cloud's and the image's ID, with dots between them. */
final class ShareNames {

    /** A cloud's name has no dots, so the last two parts tell where the first one ends. */
    private static final char BETWEEN = '.';

    private static final int MAX_NAME = 253;
    private static final int MAX_LABEL = 63;
    private static final int HASH = 16;
    private static final int UUID = 36;

    /** The cloud and the image that a name stands for. */
    record NamedImage(String cloud, String imageId) {}

    private ShareNames() {}

    /** The same for the same set, cloud and image; another one for any other. */
    static String of(String set, String cloud, String imageId) {
        return shortened(set, MAX_NAME - UUID - cloud.length() - 2) + BETWEEN + cloud + BETWEEN + imageId;
    }

    /** What the name of an ImageShare of this set stands for; empty if it isn't such a name. */
    static Optional<NamedImage> read(String set, String share) {
        var last = share.lastIndexOf(BETWEEN);
        var before = share.lastIndexOf(BETWEEN, last - 1);
        if (last < 0 || before < 0 || last - before < 2 || share.length() - last - 1 != UUID) {
            return Optional.empty();
        }
        var named = new NamedImage(share.substring(before + 1, last), share.substring(last + 1));
        return share.equals(of(set, named.cloud, named.imageId)) ? Optional.of(named) : Optional.empty();
    }

    /** The value of the label on the ImageShares of a set. */
    static String label(String set) {
        return shortened(set, MAX_LABEL);
    }

    private static String shortened(String name, int atMost) {
        if (name.length() <= atMost) {
            return name;
        }
        // Neither part of a name may end in what is between words.
        return name.substring(0, atMost - HASH - 1).replaceFirst("[.-]+$", "") + "-" + ShortHash.of(Stream.of(name));
    }
}
