package dev.imageshare.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a process that has just started waits for. It has proven nothing yet, so another namespace's object that was there
 * before may have a claim that only its first pass can prove. Others wait for that pass, five minutes at most: a status
 * can be forged. May be used by many threads.
 *
 * @param <R> the kind
 * @param <K> what a status says that its object has a claim to
 */
public final class FirstLooks<R extends HasMetadata, K> {

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    private final Function<R, Optional<K>> claimed;

    /** Those that haven't had a pass, by UID and by what they claim; null before the start. */
    private @Nullable Map<String, Awaited<K>> awaited;

    private final Map<K, Map<String, Awaited<K>>> byClaim = new HashMap<>();
    private Instant until = Instant.MIN;

    private record Awaited<K>(ResourceID object, K claim, Set<ResourceID> waiting) {}

    /** @param claimed what the object's status says that it has a claim to */
    public FirstLooks(Function<R, Optional<K>> claimed) {
        this.claimed = claimed;
    }

    /**
     * The first pass of this process is about to begin. Later calls do nothing.
     *
     * @param objects all that there are
     */
    public synchronized void start(Stream<R> objects, Instant now) {
        if (awaited != null) {
            return;
        }
        var all = new HashMap<String, Awaited<K>>();
        objects.forEach(object -> claimed.apply(object).ifPresent(claim -> {
            var entry = new Awaited<>(ResourceID.fromResource(object), claim, new LinkedHashSet<ResourceID>());
            var uid = object.getMetadata().getUid();
            all.put(uid, entry);
            byClaim.computeIfAbsent(claim, c -> new LinkedHashMap<>()).put(uid, entry);
        }));
        awaited = all;
        until = now.plus(LONGEST_WAIT);
    }

    /**
     * The object had its first pass, or is gone.
     *
     * @return those that waited for it
     */
    public synchronized Collection<ResourceID> done(String uid) {
        var entry = awaited == null ? null : awaited.remove(uid);
        if (entry == null) {
            return List.of();
        }
        byClaim.computeIfPresent(entry.claim, (unused, those) -> {
            those.remove(uid);
            return those.isEmpty() ? null : those;
        });
        return entry.waiting;
    }

    /** The objects of other namespaces that claim the same and haven't had a pass; none once the wait is over. */
    public synchronized Collection<ResourceID> awaited(R self, K claim, Instant now) {
        if (awaited == null || awaited.isEmpty()) {
            return List.of();
        }
        if (!until.isAfter(now)) {
            awaited.clear();
            byClaim.clear();
            return List.of();
        }
        var namespace = self.getMetadata().getNamespace();
        return byClaim.getOrDefault(claim, Map.of()).values().stream()
                .map(Awaited::object)
                .filter(object -> !namespace.equals(object.getNamespace().orElseThrow()))
                .toList();
    }

    /** Remembers that an object waits for those that claim this. */
    public synchronized void await(R self, K claim) {
        var id = ResourceID.fromResource(self);
        byClaim.getOrDefault(claim, Map.of()).values().forEach(entry -> entry.waiting.add(id));
    }
}
