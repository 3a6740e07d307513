package dev.imageshare.openstack;

import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The IDs of a list in the order received, in eight bytes each: a domain may have fifty thousand projects. Two IDs with
 * the same hash count as one ID given twice, which only makes a list incomplete.
 */
final class IdTally {
    /** In the format that Keystone generates, which every database sorts in the same way. */
    private static final Pattern SORTABLE = Pattern.compile("[0-9a-f]{32}");

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private long[] hashes = new long[64];
    private int size;
    private @Nullable String first;
    private @Nullable String last;
    private boolean ascends = true;

    void add(String id) {
        if (last == null) {
            first = id;
        } else {
            ascends &= isBefore(last, id);
        }
        last = id;
        ensure(size + 1);
        hashes[size++] = hash(id);
    }

    /** Adds the next IDs. */
    void addAll(IdTally next) {
        ascends &= next.ascends && (last == null || next.first == null || isBefore(last, next.first));
        first = first == null ? next.first : first;
        last = next.last == null ? last : next.last;
        ensure(size + next.size);
        System.arraycopy(next.hashes, 0, hashes, size, next.size);
        size += next.size;
    }

    int size() {
        return size;
    }

    /** The number of distinct IDs. */
    int distinct() {
        return Math.toIntExact(
                Arrays.stream(hashes, 0, size).sorted().distinct().count());
    }

    @Nullable
    String first() {
        return first;
    }

    @Nullable
    String last() {
        return last;
    }

    /** Whether they are in ascending order, as far as that can be determined. */
    boolean ascends() {
        return ascends;
    }

    private void ensure(int capacity) {
        if (capacity > hashes.length) {
            hashes = Arrays.copyOf(hashes, Math.max(capacity, 2 * hashes.length));
        }
    }

    private static boolean isBefore(String one, String other) {
        return one.compareTo(other) < 0
                || !SORTABLE.matcher(one).matches()
                || !SORTABLE.matcher(other).matches();
    }

    private static long hash(String id) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * FNV_PRIME;
        }
        return hash;
    }
}
