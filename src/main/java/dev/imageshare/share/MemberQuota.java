package dev.imageshare.share;

import dev.imageshare.openstack.OpenStackException;
import java.util.regex.Pattern;

/**
 * How many members Glance lets an image have, as far as is known: Glance says so only when it refuses one. It compares, then
 * inserts: of additions at once at the limit too many go in, so there each is sent alone. Used by one pass at a time.
 */
final class MemberQuota {

    /** Glance's {@code image_member_quota} where nobody set it. */
    private static final int DEFAULT = 128;

    /** {@code … Attempted: 129, Maximum: 128}. What a service says wrongly only makes additions slower, or too many. */
    private static final Pattern MAXIMUM = Pattern.compile("\\bMaximum: (\\d{1,9})\\b");

    private int limit = DEFAULT;

    /** How many additions may be sent at once to an image with so many members, at least 1. */
    int atOnce(int present) {
        return Math.max(1, limit - present);
    }

    /** The image has so many members: where that is more than the limit, there is no such limit. */
    void seen(int present) {
        if (present > limit) {
            limit = Integer.MAX_VALUE;
        }
    }

    /** Glance refused one more, for an image with so many members. */
    void refused(OpenStackException refusal, int present) {
        var maximum = MAXIMUM.matcher(refusal.getMessage());
        limit = maximum.find() ? Integer.parseInt(maximum.group(1)) : present;
    }
}
