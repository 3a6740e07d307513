package dev.imageshare.reconcile;

import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lists in a status. etcd takes objects of 1.5 MiB, and what clouds say can have six bytes a character in JSON: a list ends
 * where it would take more than its part of that.
 */
public final class Listing {

    private static final int MAX_LISTED = 1_000;

    private Listing() {}

    /**
     * The first of these, at most 1,000.
     *
     * @param bytes that the list may have in all
     * @param size an element's bytes, at least about
     */
    public static <T> List<T> of(Stream<T> all, int bytes, ToIntFunction<T> size) {
        var left = new int[] {bytes};
        return all.sequential()
                .limit(MAX_LISTED)
                .takeWhile(each -> (left[0] -= size.applyAsInt(each)) >= 0)
                .toList();
    }

    /** The bytes that a text has in JSON. */
    public static int bytes(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        var bytes = 2;
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            bytes += c < ' '
                    ? 6
                    : c == '"' || c == '\\' ? 2 : c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }
}
