package dev.imageshare.openstack;

/**
 * How much of a service's answers is read and kept. All bytes are counted after decompression.
 *
 * <p>What real services give: a login with a catalog of 1,200 endpoints has some 400 KiB; an error is a sentence; a page of
 * 1,000 images has 2 to 3 MiB, most of it properties that are skipped, and becomes 600 KiB; a member list is never paged,
 * has 200 bytes a row and as many rows as {@code image_member_quota} allows, 128 by default.
 *
 * @param single the longest answer that is one thing: a login, an image, a member
 * @param error the longest error that is read for its text; a longer one counts by its status alone
 * @param list the longest list or page of one; it is read as a stream, so this bounds time rather than memory
 * @param kept what may be kept in memory of one answer, and of all pages of a list together
 * @param inFlight what may be kept of all answers that are being read, beyond the small part of each that is free
 */
public record AnswerLimits(long single, long error, long list, long kept, long inFlight) {
    private static final long MIB = 1L << 20;

    public AnswerLimits {
        if (single < 1 || error < 1 || list < 1 || kept < 1 || inFlight < 1) {
            throw new IllegalArgumentException("every limit must be positive");
        }
    }

    /**
     * For a heap of this size. An eighth of it is for answers that are being read. Of one, a sixty-fourth is kept, since
     * each of the operator's threads (20) may hold on to one result while it waits for the next answer: 2.8 MiB of the
     * deployment's 179, enough for 10,000 members.
     *
     * @param maxMemory bytes, as {@link Runtime#maxMemory} gives them
     */
    public static AnswerLimits forHeap(long maxMemory) {
        return new AnswerLimits(
                2 * MIB, 16 << 10, 32 * MIB, Math.max(MIB, maxMemory / 64), Math.max(MIB, maxMemory / 8));
    }
}
