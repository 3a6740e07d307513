package dev.imageshare.openstack;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Keystone's projects as seen by one login, for one pass. May be used by many threads. Every call throws {@link
 * OpenStackException}.
 */
public final class ProjectDirectory {
    /** For all pages of a list: one of 50,000 projects takes a minute with a busy Keystone. */
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
     * The projects of a source. If Keystone refuses to list them, even with 403 in the middle, this throws; a list in
     * which projects may be missing says so.
     *
     * @param keep which projects to return; quick, and without side effects
     * @param maxAge how long before this pass a list may have been read, for this or another pass with the same
     *     credentials, to be used for this one too, at most ten minutes; zero: no list from before this pass
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
                                            session.source() + ": the list of the domain's projects was not completely"
                                                    + " read within " + LONGEST_READING.toMinutes() + " minutes");
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
            collector.doubt("Keystone says that there are more, but doesn't support requesting them");
        }
        return collector.end();
    }

    /** A reader of another domain gets 200 and no projects from Keystone. */
    private void checkDomain(String domainId) {
        String own = session.reader().domainId();
        if (own != null && !own.equalsIgnoreCase(domainId)) {
            throw new OpenStackException(
                    Kind.FORBIDDEN,
                    session.source() + ": its login is for a domain other than " + domainId
                            + ", whose projects should be listed: correct one of the two, or use a login with"
                            + " system_scope: all");
        }
    }

    /** One project as Keystone describes it now. */
    public ProjectAnswer project(String projectId) {
        return calls.project(projectId);
    }

    /**
     * Identifies who reads: a hash of the user, the token's scope, and its roles. A project that another reader doesn't
     * list has not left. Logs in if necessary.
     */
    public String reader() {
        return session.reader().hash();
    }

    /** The origin of the Keystone that is called, as in {@link SameClouds}: {@code https://host:port}. */
    public String cloud() {
        return session.cloud();
    }
}
