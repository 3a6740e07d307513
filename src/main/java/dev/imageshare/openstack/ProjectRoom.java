package dev.imageshare.openstack;

import java.util.function.Predicate;

/**
 * What is kept in memory of a list of projects while it is read: the requested ones, and all of them as long as they
 * are few enough to be shared with other callers soon.
 */
final class ProjectRoom {
    private static final int PROJECT = 120;
    private static final int TAG = 64;

    private final Predicate<DirectoryProject> wanted;
    private long wantedBytes;
    private long sharedBytes;
    private boolean isShared;
    private boolean isCut;
    private int matched;

    /**
     * @param wanted which are requested
     * @param wantedBytes for those
     * @param sharedBytes for all; if they don't fit, only the requested ones are kept
     */
    ProjectRoom(Predicate<DirectoryProject> wanted, long wantedBytes, long sharedBytes) {
        this.wanted = wanted;
        this.wantedBytes = wantedBytes;
        this.sharedBytes = sharedBytes;
        this.isShared = sharedBytes > 0;
    }

    private ProjectRoom(ProjectRoom other) {
        this(other.wanted, other.wantedBytes, other.sharedBytes);
        this.isShared = other.isShared;
        this.isCut = other.isCut;
        this.matched = other.matched;
    }

    /** A response that has to be requested again is counted once. */
    ProjectRoom copy() {
        return new ProjectRoom(this);
    }

    boolean wants(DirectoryProject project) {
        return wanted.test(project);
    }

    /** Counts one, and returns whether to keep it. */
    boolean take(DirectoryProject project) {
        long weight = weight(project);
        boolean isWanted = wanted.test(project);
        if (isWanted) {
            matched++;
        }
        sharedBytes -= weight;
        isShared &= sharedBytes >= 0;
        if (isWanted && weight > wantedBytes) {
            isCut = true;
        } else if (isWanted) {
            wantedBytes -= weight;
            return true;
        }
        return isShared;
    }

    /** How many requested ones were counted, kept or not. */
    int matched() {
        return matched;
    }

    /** Whether all are kept, requested or not. */
    boolean isShared() {
        return isShared;
    }

    /** Whether there was no room for a requested one. */
    boolean isCut() {
        return isCut;
    }

    /** Bytes, approximately. */
    static long weight(DirectoryProject project) {
        String name = project.name();
        return PROJECT
                + 2L * (project.id().length() + (name == null ? 0 : name.length()))
                + project.tags().stream()
                        .mapToLong(tag -> TAG + 2L * tag.length())
                        .sum();
    }
}
