package dev.imageshare.site;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One ProjectSet.
 *
 * @param reason the condition Ready's; empty before the first look
 * @param message the condition Ready's, for people
 * @param lastLook when Keystone was last read, RFC 3339; null before
 * @param projects how many are in it
 * @param complete whether all that it names was read whole; while it is false nobody leaves by it
 * @param leaving who leaves once a time has come, the soonest first
 * @param held who leaves once a person approves it
 * @param approval the command that approves it; null if nobody is held
 * @param asking the projects that ask for a place in it and wait for a person, the oldest request first
 * @param shares the ImageShares that name it, as {@code namespace/name}
 */
public record SiteSet(
        String namespace,
        String name,
        Health health,
        String reason,
        String message,
        @Nullable String lastLook,
        int projects,
        boolean complete,
        List<SiteSelector> selectors,
        List<LeavingProject> leaving,
        List<CalledProject> held,
        @Nullable String approval,
        List<AskingProject> asking,
        List<String> shares) {

    public SiteSet {
        selectors = List.copyOf(selectors);
        leaving = List.copyOf(leaving);
        held = List.copyOf(held);
        asking = List.copyOf(asking);
        shares = List.copyOf(shares);
    }

    /**
     * One list of Keystone's projects.
     *
     * @param source what is listed, such as {@code domain 6c1d…}
     * @param filter which of these, as the spec has it; empty for all
     * @param matched how many; null before the first reading
     * @param problem why it isn't complete, for people; null if it is
     */
    public record SiteSelector(
            String name,
            String source,
            String filter,
            @Nullable Integer matched,
            @Nullable String problem) {}

    /** A project's ID, and what people call it, if anybody says so. */
    public record CalledProject(String id, @Nullable String name) {

        /** For people. */
        public String title() {
            return name == null ? id : name;
        }
    }

    /**
     * A project that is on its way out.
     *
     * @param from when it leaves at the earliest, RFC 3339
     * @param expires whether its entry ends then; else nothing names it any more, and the next complete list decides
     */
    public record LeavingProject(CalledProject project, String from, boolean expires) {}

    /**
     * A project that asks for a place in the set, as its ImageAccessRequest proved.
     *
     * @param namespace the ImageAccessRequest's
     * @param name the ImageAccessRequest's
     * @param since when it was created, RFC 3339
     * @param reason what the team says it is for; null if it says nothing
     * @param approval the command that approves this project, and no other
     */
    public record AskingProject(
            String namespace,
            String name,
            CalledProject project,
            String since,
            @Nullable String reason,
            String approval) {

        /** The ImageAccessRequest, as {@code namespace/name}. */
        public String request() {
            return namespace + "/" + name;
        }
    }

    /** As {@code namespace/name}. */
    public String title() {
        return namespace + "/" + name;
    }
}
