package dev.imageshare.openstack;

/**
 * How much of a service's responses is read and kept. All bytes are counted after decompression.
 *
 * <p>What real services send: a login with a catalog of 1,200 endpoints has about 400 KiB. An error is a sentence. A
 * page of 1,000 images has 2 to 3 MiB, most of it properties that are skipped, and becomes 600 KiB. A member list is
 * never paged, has 200 bytes per row and as many rows as {@code image_member_quota} allows, 128 by default.
 *
 * @param single the longest response for a single object: a login, an image, a member
 * @param error the longest error whose text is read; for a longer one only the status counts
 * @param list the longest list or page of one; it is read as a stream, so this bounds time rather than memory
 * @param kept what may be kept in memory of one response, and of all pages of a list together
 * @param inFlight what may be kept of all responses being read, beyond the small part of each that is free
 */
public record AnswerLimits(long single, long error, long list, long kept, long inFlight) {
    private static final long MIB = 1L << 20;

    public AnswerLimits {
        if (single < 1 || error < 1 || list < 1 || kept < 1 || inFlight < 1) {
            throw new IllegalArgumentException("every limit must be positive");
        }
    }

    /**
     * For a heap of this size. An eighth of it is for responses being read. A sixty-fourth may be kept of one response,
     * since each of the operator's threads (20) may hold on to one result while it waits for the next response: 2.8 MiB
     * of the deployment's 179, enough for 10,000 members.
     *
     * @param maxMemory bytes, as returned by {@link Runtime#maxMemory}
     */
    public static AnswerLimits forHeap(long maxMemory) {
        return new AnswerLimits(
                2 * MIB, 16 << 10, 32 * MIB, Math.max(MIB, maxMemory / 64), Math.max(MIB, maxMemory / 8));
    }
}
