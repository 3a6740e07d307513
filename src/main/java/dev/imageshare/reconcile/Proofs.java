package dev.imageshare.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What passes of this process saw to be true of objects, and since when it hasn't been seen again. A status can be forged
 * by whoever may write it, so between namespaces nothing else counts. May be used by many threads.
 *
 * @param <K> what is proven: whose image or project it is, and in which cloud
 */
public final class Proofs<K> {

    /** A proof that isn't renewed lapses after this time, or after three of the object's periods if that is longer. */
    private static final Duration VALID = Duration.ofHours(1);

    private static final int PERIODS = 3;

    /**
     * One object's proof.
     *
     * @param uid the object's UID
     * @param object its namespace and name
     * @param what what was seen
     * @param until the moment at which it lapses unless it is seen again
     */
    public record Proof<K>(String uid, ResourceID object, K what, Instant until) {
        public boolean isLapsed(Instant now) {
            return !until.isAfter(now);
        }

        public String namespace() {
            return object.getNamespace().orElseThrow();
        }
    }

    private final Map<String, Proof<K>> byUid = new ConcurrentHashMap<>();
    private final Map<K, Map<String, Proof<K>>> byWhat = new ConcurrentHashMap<>();

    /**
     * A pass saw it.
     *
     * @param period how often the object is looked at
     */
    public void prove(HasMetadata object, K what, Duration period, Instant now) {
        var valid = period.multipliedBy(PERIODS);
        var proof = new Proof<>(
                object.getMetadata().getUid(),
                ResourceID.fromResource(object),
                what,
                now.plus(valid.compareTo(VALID) > 0 ? valid : VALID));
        byUid.compute(object.getMetadata().getUid(), (uid, before) -> {
            if (before != null && !before.what.equals(what)) {
                unlist(uid, before);
            }
            byWhat.compute(what, (unused, those) -> {
                var all = those == null ? new ConcurrentHashMap<String, Proof<K>>() : those;
                all.put(uid, proof);
                return all;
            });
            return proof;
        });
    }

    /**
     * What was seen proves nothing any longer, or the object is gone.
     *
     * @return what it was; empty if there was nothing
     */
    public Optional<Proof<K>> forget(String uid) {
        var proof = byUid.remove(uid);
        if (proof != null) {
            unlist(uid, proof);
        }
        return Optional.ofNullable(proof);
    }

    private void unlist(String uid, Proof<K> proof) {
        byWhat.computeIfPresent(proof.what, (unused, those) -> {
            those.remove(uid);
            return those.isEmpty() ? null : those;
        });
    }

    /** The object's own, lapsed or not. */
    public Optional<Proof<K>> of(HasMetadata object) {
        return Optional.ofNullable(byUid.get(object.getMetadata().getUid()));
    }

    /** Those of all objects of which this was seen, lapsed or not. */
    public Collection<Proof<K>> by(K what) {
        var those = byWhat.get(what);
        return those == null ? List.of() : those.values();
    }
}
