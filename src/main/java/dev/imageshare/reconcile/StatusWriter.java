package dev.imageshare.reconcile;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.EditReplacePatchable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes statuses and finalizers, each as one JSON patch that holds only that and the resourceVersion that it is based on:
 * a write that is based on an older object is refused with 409, and is never applied over something newer.
 *
 * @param <R> the kind
 * @param <S> its status
 */
public final class StatusWriter<R extends CustomResource<?, S>, S> {

    /** The object changed after it was read, or is gone: the pass is void and another one is due. */
    public static final class StaleException extends PassAbandonedException {
        StaleException(String message) {
            super(message);
        }
    }

    private final KubernetesClient client;
    private final Class<R> type;
    private final BooleanSupplier mayWrite;
    private final Map<String, Written<R>> written = new ConcurrentHashMap<>();

    /** @param shown whether the cache was seen to show it */
    private record Written<R>(Set<String> superseded, R object, boolean shown) {}

    /** @param mayWrite whether this process may write now */
    public StatusWriter(KubernetesClient client, Class<R> type, BooleanSupplier mayWrite) {
        this.mayWrite = mayWrite;
        this.client = client;
        this.type = type;
    }

    /**
     * The newest known state of an object that the cache or an earlier write gave. A cache can lag behind our own last write; what
     * a pass must remember (who added a member, what was approved) would be missing from it.
     */
    public R freshest(R cached) {
        var version = cached.getMetadata().getResourceVersion();
        var last = written.get(cached.getMetadata().getUid());
        if (last == null || last.object.getMetadata().getResourceVersion().equals(version)) {
            return cached;
        }
        if (last.superseded.contains(version)) {
            return last.object;
        }
        written.remove(cached.getMetadata().getUid());
        return cached;
    }

    /**
     * Writes the status.
     *
     * @return the object as it is now
     * @throws StaleException if the object is no longer the one that was given
     * @throws PassAbandonedException if this process no longer leads
     */
    public R write(R object, S status) {
        return patch(object, Map.of("op", "add", "path", "/status", "value", status), on -> on.subresource("status"));
    }

    /**
     * Puts a finalizer on the object, unless it has it.
     *
     * @return the object as it is now
     * @throws StaleException if the object is no longer the one that was given
     * @throws PassAbandonedException if this process no longer leads
     */
    public R addFinalizer(R object, String finalizer) {
        if (object.hasFinalizer(finalizer)) {
            return object;
        }
        var addition = object.getFinalizers().isEmpty()
                ? Map.of("op", "add", "path", "/metadata/finalizers", "value", List.of(finalizer))
                : Map.of("op", "add", "path", "/metadata/finalizers/-", "value", finalizer);
        return patch(object, addition, on -> on);
    }

    /**
     * Takes a finalizer off the object, unless it is off. An object that is being deleted may be gone then.
     *
     * @throws StaleException if the object is no longer the one that was given
     * @throws PassAbandonedException if this process no longer leads
     */
    public void removeFinalizer(R object, String finalizer) {
        var index = object.getFinalizers().indexOf(finalizer);
        if (index >= 0) {
            // By its index, which is that of the version in the patch.
            patch(object, Map.of("op", "remove", "path", "/metadata/finalizers/" + index), on -> on);
        }
    }

    private R patch(R object, Map<String, ?> change, Function<Resource<R>, EditReplacePatchable<R>> part) {
        var metadata = object.getMetadata();
        var patch = client.getKubernetesSerialization()
                .asJson(List.of(
                        Map.of(
                                "op",
                                "replace",
                                "path",
                                "/metadata/resourceVersion",
                                "value",
                                metadata.getResourceVersion()),
                        change));
        if (!mayWrite.getAsBoolean()) {
            throw new PassAbandonedException("this process no longer leads");
        }
        try {
            // An operation that has the object doesn't read it first; one that has its name does.
            var on = client.resources(type).inNamespace(metadata.getNamespace()).resource(object);
            var now = part.apply(on).patch(PatchContext.of(PatchType.JSON), patch);
            written.compute(metadata.getUid(), (uid, last) -> {
                var superseded = new HashSet<String>();
                if (last != null
                        && last.object.getMetadata().getResourceVersion().equals(metadata.getResourceVersion())) {
                    superseded.addAll(last.superseded);
                }
                superseded.add(metadata.getResourceVersion());
                superseded.remove(now.getMetadata().getResourceVersion());
                return new Written<>(superseded, now, false);
            });
            return now;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409 || e.getCode() == 404) {
                throw new StaleException(e.getCode() == 404 ? "the object is gone" : "the object has changed");
            }
            throw e;
        }
    }

    /**
     * Writes the status if it changed, and its lastSyncTime by itself once an hour at most.
     *
     * @param status the status with this lastSyncTime, or with the one before if there is none
     * @param looked whether the pass got to compare anything, so that now is a lastSyncTime
     * @param lastSyncTime as the status has it
     * @return the object as it is now
     * @throws StaleException if the object is no longer the one that was given
     */
    public R writeIfChanged(
            R object,
            Function<@Nullable Instant, S> status,
            boolean looked,
            @Nullable String lastSyncTime,
            Schedule schedule,
            Backoff backoff,
            Instant now) {
        var unchanged = status.apply(null).equals(object.getStatus());
        if (unchanged && !(looked && schedule.touchDue(lastSyncTime, backoff, now))) {
            return object;
        }
        var written = write(object, status.apply(looked ? now : null));
        schedule.touched(backoff, now);
        return written;
    }

    /**
     * The cache shows the object so. What is kept for a cache that lags behind is let go when it is just that for the second
     * time, so that no pass that began with something older still needs it. Call it now and then.
     */
    public void caughtUp(R cached) {
        var version = cached.getMetadata().getResourceVersion();
        written.computeIfPresent(cached.getMetadata().getUid(), (uid, last) -> {
            if (!last.object.getMetadata().getResourceVersion().equals(version)) {
                return last;
            }
            return last.shown ? null : new Written<>(last.superseded, last.object, true);
        });
    }

    /** Forgets an object that is gone. */
    public void forget(String uid) {
        written.remove(uid);
    }
}
