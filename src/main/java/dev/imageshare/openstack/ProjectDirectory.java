package dev.imageshare.openstack;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Keystone's projects as one login sees them, for one pass. May be used by many threads. Every call throws {@link
 * OpenStackException}.
 */
public final class ProjectDirectory {
    /** For all pages of a list: one of 50,000 projects takes a minute at a Keystone that is busy. */
    private static final Duration LONGEST_READING = Duration.ofMinutes(2);

    private final Session session;
    private final ProjectCalls calls;
    private final ProjectLists lists;
    private final long began;

    /** @param lists of the owner's namespace */
    ProjectDirectory(Session session, ProjectLists lists) {
        this.session = session;
        this.calls = new ProjectCalls(session);
        this.lists = lists;
        this.began = session.now();
    }

    /**
     * The projects of a source. One that Keystone refuses to list, with 403 in the middle too, is an exception; a list in
     * which projects may be missing says so.
     *
     * @param keep which projects are asked for; quick, and without side effects
     * @param maxAge how long before this pass a list may have been read, for this or another pass of the same credentials,
     *     to serve this one too, at most ten minutes; zero: no list from before this pass
     */
    public ProjectList list(ProjectSource source, Predicate<DirectoryProject> keep, Duration maxAge) {
        Duration age = maxAge.compareTo(ProjectLists.LONGEST_AGE) > 0 ? ProjectLists.LONGEST_AGE : maxAge;
        return lists.list(session, source, began - age.toNanos(), keep, () -> read(source, keep));
    }

    private ProjectReading read(ProjectSource source, Predicate<DirectoryProject> keep) {
        // half: reading the next page takes memory too
        long kept = session.http().limits().kept() / 2;
        ProjectRoom room = new ProjectRoom(keep, kept, Math.min(kept, ProjectLists.LONGEST));
        if (source instanceof ProjectSource.Domain domain) {
            checkDomain(domain.domainId());
            long start = session.now();
            return new DomainPages(
                            (limit, marker, left) -> {
                                if (session.now() - start > LONGEST_READING.toNanos()) {
                                    throw new OpenStackException(
                                            Kind.TIMEOUT,
                                            session.source() + ": the list of the domain's projects was not read to its"
                                                    + " end within " + LONGEST_READING.toMinutes() + " minutes");
                                }
                                return calls.ofDomain(domain.domainId(), limit, marker, left);
                            },
                            room)
                    .read();
        }
        ProjectCollector collector = new ProjectCollector(room);
        ProjectListPage page = source instanceof ProjectSource.Parent parent
                ? calls.below(parent.projectId(), room)
                : calls.assigned(room);
        collector.add(page);
        if (page.saysMore()) {
            collector.doubt("Keystone says that there are more, and has no way to ask for them");
        }
        return collector.end();
    }

    /** To a reader of another domain Keystone says 200, and that there are no projects. */
    private void checkDomain(String domainId) {
        String own = session.reader().domainId();
        if (own != null && !own.equalsIgnoreCase(domainId)) {
            throw new OpenStackException(
                    Kind.FORBIDDEN,
                    session.source() + ": its login is of another domain than " + domainId
                            + ", whose projects are to be listed: correct one of the two, or use a login with system_scope:"
                            + " all");
        }
    }

    /** One project as Keystone describes it now. */
    public ProjectAnswer project(String projectId) {
        return calls.project(projectId);
    }

    /**
     * Names who asks: a hash of the user, what the token is for, and its roles. What another reader doesn't list has not
     * left. Logs in if need be.
     */
    public String reader() {
        return session.reader().hash();
    }

    /** The origin of the Keystone that is asked, as {@link SameClouds} takes it: {@code https://host:port}. */
    public String cloud() {
        return session.cloud();
    }
}
