package dev.imageshare.openstack;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * All clouds of this process: their sessions, connections and limits. May be used by many threads.
 *
 * <p>A session belongs to one owner and to the whole entry with its CA, so that nobody uses another's token or TLS
 * settings. Only the limit of concurrent requests is shared, per endpoint.
 */
public final class Clouds implements AutoCloseable {
    /** Per namespace. Losing one only costs another login. */
    private static final int MAX_SESSIONS = 256;
    /** Per namespace: entries and CAs can be as long as a Secret. */
    private static final long MAX_WEIGHT = 2L << 20;

    private final Http http;
    private final LongSupplier nanoTime;
    private final Map<String, Namespace> namespaces = new HashMap<>();

    private record SessionKey(String ownerUid, String cloudName, Purpose purpose) {}

    private record OpenSession(CloudConfig config, Cloud cloud) {
        /** The approximate memory; a certificate takes more than its text. */
        long weight() {
            return 2L * config.login().fingerprint().length()
                    + 4_096L * config.authorities().size();
        }
    }

    /** What is kept for one namespace, and for no other. */
    private static final class Namespace {
        private final Map<SessionKey, OpenSession> sessions = new LinkedHashMap<>(16, 0.75f, true);
        private final Refusals refusals;
        private final ProjectLists lists = new ProjectLists();

        private Namespace(Refusals refusals) {
            this.refusals = refusals;
        }

        private void drop(OpenSession entry) {
            entry.cloud().session().http().dropIdleConnections();
            lists.forget(entry.cloud().session());
        }

        private boolean isFull() {
            return sessions.size() > 1
                    && (sessions.size() > MAX_SESSIONS
                            || sessions.values().stream()
                                            .mapToLong(OpenSession::weight)
                                            .sum()
                                    > MAX_WEIGHT);
        }
    }

    public Clouds(CloudSettings settings) {
        this(settings, System::nanoTime);
    }

    /**
     * @param nanoTime measures a token's lifetime and the pause after a refused login, like {@link System#nanoTime()}
     */
    public Clouds(CloudSettings settings, LongSupplier nanoTime) {
        this(settings, nanoTime, request -> {});
    }

    /**
     * @param finished called for each request that was tried, by the thread that sent it; must be quick and not throw
     */
    public Clouds(CloudSettings settings, LongSupplier nanoTime, Consumer<FinishedRequest> finished) {
        this.http = new Http(settings, finished);
        this.nanoTime = nanoTime;
    }

    /**
     * The owner's session. The same entry and CA give the same session; a changed entry replaces the older one of that
     * name. If a namespace has very many, its least recently used one is dropped; whoever still holds it may continue
     * to use it.
     *
     * @param namespace the namespace for which memory and refused logins are counted
     * @param ownerUid the owner, a Secret's UID
     * @param cloudName the entry's name
     */
    public synchronized Cloud cloud(String namespace, String ownerUid, String cloudName, CloudConfig config) {
        Namespace its = namespaces.computeIfAbsent(namespace, unused -> new Namespace(new Refusals(nanoTime)));
        SessionKey key = new SessionKey(ownerUid, cloudName, config.purpose());
        OpenSession known = its.sessions.get(key);
        if (known != null && known.config().equals(config)) {
            return known.cloud();
        }
        Session session = new Session(http.with(namespace, config), config, its.refusals, ownerUid, nanoTime);
        Cloud cloud = new Cloud(session, its.lists);
        if (known != null) {
            its.drop(known);
        }
        its.sessions.put(key, new OpenSession(config, cloud));
        while (its.isFull()) {
            Iterator<OpenSession> eldest = its.sessions.values().iterator();
            its.drop(eldest.next());
            eldest.remove();
        }
        return cloud;
    }

    /** Bytes that responses hold while they are read, beyond what is free for each. */
    long answersInFlight() {
        return http.answersInFlight();
    }

    /** The owner is gone: drops its tokens. */
    public synchronized void forget(String ownerUid) {
        for (Namespace each : namespaces.values()) {
            each.refusals.forget(ownerUid);
            each.sessions.entrySet().removeIf(session -> {
                boolean its = session.getKey().ownerUid().equals(ownerUid);
                if (its) {
                    each.drop(session.getValue());
                }
                return its;
            });
        }
        namespaces.values().removeIf(each -> each.sessions.isEmpty() && each.refusals.isEmpty());
    }

    /** Drops everything and closes idle connections; those in use close soon after. */
    @Override
    public synchronized void close() {
        namespaces.values().forEach(each -> each.sessions.values().forEach(each::drop));
        namespaces.clear();
        http.dropIdleConnections();
    }
}
