package dev.imageshare.openstack;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The recently read lists of projects of one namespace, so that one reading serves all callers that ask the same
 * Keystone for the same source with the same credentials at about the same time. A list that may be incomplete, or is
 * very long, is not kept: the former is returned only to callers that wait for it, the latter is read by each caller.
 */
final class ProjectLists {
    /** The maximum age of a list for any caller. */
    static final Duration LONGEST_AGE = Duration.ofMinutes(10);
    /** For one list, in units of {@link ProjectRoom#weight}: about 4,000 projects. */
    static final long LONGEST = 1L << 20;
    /** For all lists of the namespace. */
    private static final long MAX_WEIGHT = 2L << 20;

    private final Map<ListKey, KeptList> lists = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<ListKey, OngoingReading> ongoing = new HashMap<>();

    /**
     * @param reader since another reader may get another list
     */
    private record ListKey(Session session, ProjectSource source, String reader) {}

    /**
     * @param began when it was requested, by the monotonic clock
     */
    private record KeptList(ProjectReading reading, List<DirectoryProject> all, long began) {
        long weight() {
            return all.stream().mapToLong(ProjectRoom::weight).sum();
        }
    }

    /** A list that is being read. */
    private record OngoingReading(CompletableFuture<ProjectReading> result, long began) {}

    /**
     * @param notBefore by the monotonic clock: a list that was requested earlier is too old
     * @param read reads it for the caller
     */
    ProjectList list(
            Session session,
            ProjectSource source,
            long notBefore,
            Predicate<DirectoryProject> wanted,
            Supplier<ProjectReading> read) {
        ListKey key = new ListKey(session, source, session.reader().hash());
        while (true) {
            KeptList known;
            OngoingReading mine = null;
            OngoingReading found;
            synchronized (this) {
                long now = session.now();
                lists.values().removeIf(each -> now - each.began() > LONGEST_AGE.toNanos());
                known = lists.get(key);
                known = known == null || known.began() - notBefore < 0 ? null : known;
                found = ongoing.get(key);
                if (known == null && (found == null || found.began() - notBefore < 0)) {
                    mine = new OngoingReading(new CompletableFuture<>(), now);
                    found = mine;
                    ongoing.put(key, mine);
                }
            }
            if (known != null) {
                return known.reading().of(wanted, known.all());
            }
            if (mine != null) {
                return read(key, mine, read);
            }
            ProjectReading shared = await(Objects.requireNonNull(found));
            if (shared != null) {
                List<DirectoryProject> all = shared.all();
                return all == null ? read.get().list() : shared.of(wanted, all);
            }
        }
    }

    @SuppressWarnings("IllegalCatch")
    private ProjectList read(ListKey key, OngoingReading mine, Supplier<ProjectReading> read) {
        try {
            ProjectReading reading = read.get();
            List<DirectoryProject> all = reading.all();
            synchronized (this) {
                ongoing.remove(key, mine);
                if (all != null && reading.list().isComplete()) {
                    keep(key, new KeptList(reading, all, mine.began()));
                }
            }
            mine.result().complete(reading);
            return reading.list();
        } catch (Throwable e) {
            synchronized (this) {
                ongoing.remove(key, mine);
            }
            mine.result().completeExceptionally(e);
            throw e;
        }
    }

    private void keep(ListKey key, KeptList list) {
        KeptList known = lists.get(key);
        if (known != null && known.began() - list.began() > 0) {
            return;
        }
        lists.put(key, list);
        long weight = lists.values().stream().mapToLong(KeptList::weight).sum();
        for (var eldest = lists.values().iterator(); weight > MAX_WEIGHT && eldest.hasNext(); ) {
            weight -= eldest.next().weight();
            eldest.remove();
        }
    }

    /** Null if it ended because another thread was interrupted. */
    private static @Nullable ProjectReading await(OngoingReading ongoing) {
        try {
            return ongoing.result().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OpenStackException(Kind.INTERRUPTED, "waiting for a list of projects was interrupted");
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof OpenStackException failure)) {
                throw new IllegalStateException("a list of projects failed unexpectedly", e.getCause());
            }
            if (failure.kind() != Kind.INTERRUPTED) {
                throw failure;
            }
            return null;
        }
    }

    /** The session is gone. */
    synchronized void forget(Session session) {
        lists.keySet().removeIf(key -> key.session() == session);
    }
}
