package dev.imageshare.openstack;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * All clouds of this process: their sessions, connections and limits. May be used by many threads.
 *
 * <p>A session belongs to one owner and to the whole entry with its CA, so that nobody uses another's token or TLS
 * settings. Only the limit of requests at once is shared, per endpoint.
 */
public final class Clouds implements AutoCloseable {
    private static final int MAX_SESSIONS = 1_000;

    private final Http http;
    private final LongSupplier nanoTime;
    private final Map<Key, Entry> sessions = new LinkedHashMap<>(16, 0.75f, true);

    private record Key(String ownerUid, String cloudName) {}

    private record Entry(CloudConfig config, Cloud cloud) {}

    public Clouds(CloudSettings settings) {
        this(settings, System::nanoTime);
    }

    /** @param nanoTime what a token's life and the rest after a refused login are measured by, as {@link System#nanoTime()} */
    public Clouds(CloudSettings settings, LongSupplier nanoTime) {
        this(settings, nanoTime, request -> {});
    }

    /** @param finished told of each request that was tried, by the thread that sent it; quick, and throws nothing */
    public Clouds(CloudSettings settings, LongSupplier nanoTime, Consumer<FinishedRequest> finished) {
        this.http = new Http(settings, finished);
        this.nanoTime = nanoTime;
    }

    /**
     * The owner's session. The same entry and CA give the same one; a changed entry replaces the older one of that name.
     * When there are very many, the one unused for longest is dropped; who still holds it may go on with it.
     *
     * @param ownerUid whom it belongs to, a Secret's UID
     * @param cloudName the entry's name
     */
    public synchronized Cloud cloud(String ownerUid, String cloudName, CloudConfig config) {
        Key key = new Key(ownerUid, cloudName);
        Entry known = sessions.get(key);
        if (known != null && known.config().equals(config)) {
            return known.cloud();
        }
        Cloud cloud = new Cloud(new Session(http.with(config), config, nanoTime));
        if (known != null) {
            drop(known);
        }
        sessions.put(key, new Entry(config, cloud));
        if (sessions.size() > MAX_SESSIONS) {
            Iterator<Entry> eldest = sessions.values().iterator();
            drop(eldest.next());
            eldest.remove();
        }
        return cloud;
    }

    /** The owner is gone: forgets its tokens. */
    public synchronized void forget(String ownerUid) {
        for (Iterator<Map.Entry<Key, Entry>> each = sessions.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<Key, Entry> session = each.next();
            if (session.getKey().ownerUid().equals(ownerUid)) {
                drop(session.getValue());
                each.remove();
            }
        }
    }

    /** Forgets everything and closes idle connections; those in use close soon after. */
    @Override
    public synchronized void close() {
        sessions.values().forEach(this::drop);
        sessions.clear();
        http.dropIdleConnections();
    }

    private void drop(Entry entry) {
        Http its = entry.cloud().session().http();
        if (its != http) {
            its.dropIdleConnections();
        }
    }
}
