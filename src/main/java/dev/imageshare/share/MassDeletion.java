package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.reconcile.Approval;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Notices that many objects are being deleted at once, and holds them until a person approves. Each namespace is judged by
 * itself (a pruned application, a deleted namespace), and all of them once more together (a deleted CRD); there no namespace
 * counts for more than its own limit, so that one alone can't have the others' deletions held.
 *
 * <p>What counts are deletions that take access from somebody and that wait to be carried out, and those that were carried
 * out or held within the last minute. One that was held before is another occasion. Deletions arrive one by one, so where
 * there are enough objects for a mass deletion each waits a little for the others to show.
 */
final class MassDeletion {

    /** The cache's index from a namespace, and from {@link #ALL}, to the objects whose deletion isn't held. */
    private static final String FRESH = "metadata.deletionTimestamp";

    /** The cache's index from a namespace, and from {@link #ALL}, with the minute to those that were deleted in it and are held. */
    private static final String HELD = "status.plan.hash";

    private static final String ALL = "*";

    /** Marks a hash that approves a deletion, so that it is never taken for one of the guard's. */
    private static final String PREFIX = "delete-";

    private static final String PREFIX_OF_ALL = PREFIX + "all-";

    /** With fewer namespaces, each is judged by its own limit alone. */
    static final int NAMESPACES = 5;

    private static final Duration RECENT = Duration.ofMinutes(1);
    private static final Duration COUNT_VALID = Duration.ofSeconds(1);

    /** What becomes of one deletion. */
    sealed interface DeletionVerdict {
        /** It may go on. */
        record Go() implements DeletionVerdict {}

        /** It is too early to tell. */
        record Wait(Duration duration) implements DeletionVerdict {}

        /**
         * It is held until the annotation has this value.
         *
         * @param ofAll whether it is so due to the deletions of all namespaces together
         */
        record Held(String hash, boolean ofAll) implements DeletionVerdict {}
    }

    private final IndexedResourceCache<ImageShare> cache;
    private final ShareSettings settings;
    private final Clock clock;
    private final Predicate<ImageShare> takesAccess;
    private final Predicate<ImageShare> released;

    /** The deletions that were carried out or held lately: when, by UID, the oldest first; by namespace. */
    private final Map<String, Map<String, Instant>> recent = new HashMap<>();

    /** Where few deletions were counted, and until when they needn't be counted anew. */
    private final Map<Counted, Instant> fewUntil = new HashMap<>();

    /**
     * What was counted.
     *
     * @param where a namespace, or {@link #ALL}
     * @param withImageless whether with those whose image is said to be gone
     */
    private record Counted(String where, boolean withImageless) {}

    /** The mass deletions that are going on, by namespace or {@link #ALL}. */
    private final Map<String, Batch> batches = new HashMap<>();

    private record Batch(String hash, Instant last) {}

    /**
     * @param takesAccess whether an object's deletion takes access away from anybody
     * @param released whether an ImageShareSet let the object go: then its deletion was judged there
     */
    MassDeletion(
            IndexedResourceCache<ImageShare> cache,
            ShareSettings settings,
            Clock clock,
            Predicate<ImageShare> takesAccess,
            Predicate<ImageShare> released) {
        this.cache = cache;
        this.settings = settings;
        this.clock = clock;
        this.takesAccess = takesAccess;
        this.released = released;
    }

    static Map<String, Function<ImageShare, List<String>>> indexers() {
        return Map.of(FRESH, MassDeletion::fresh, HELD, MassDeletion::held);
    }

    private static List<String> fresh(ImageShare share) {
        return share.isMarkedForDeletion()
                        && hash(share).isEmpty()
                        && revokes(share)
                        && !share.getSpec().suspend()
                ? List.of(share.getMetadata().getNamespace(), ALL)
                : List.of();
    }

    private static List<String> held(ImageShare share) {
        return share.isMarkedForDeletion() && hash(share).isPresent()
                ? Stream.of(share.getMetadata().getNamespace(), ALL)
                        .map(where -> minute(where, deletedAt(share)))
                        .toList()
                : List.of();
    }

    private static String minute(String where, Instant time) {
        return where + "/" + time.getEpochSecond() / RECENT.toSeconds();
    }

    private static Instant deletedAt(ImageShare share) {
        return Instant.parse(share.getMetadata().getDeletionTimestamp());
    }

    /** Whether the deletion of this object takes access away once it isn't suspended. */
    static boolean revokes(ImageShare share) {
        return Claims.isManaged(share)
                && share.getSpec().managedOptions().onDelete() == OnDelete.delete
                && share.getStatus() != null
                && share.getStatus().image() != null
                && (Boolean.TRUE.equals(share.getStatus().adopted())
                        || !ShareStatus.projects(share.getStatus(), MemberInfo::added)
                                .isEmpty());
    }

    /** Whether the image was gone when it was last looked for; its members went with it. To be seen again before it counts. */
    static boolean isImageGone(ImageShare share) {
        return share.getStatus() != null
                && Conditions.has(share.getStatus().conditions(), Conditions.READY, Reason.ImageNotFound);
    }

    /** @param seen when this process first saw that the object is being deleted */
    synchronized DeletionVerdict judge(ImageShare share, Instant seen) {
        if (released.test(share)) {
            return new DeletionVerdict.Go();
        }
        var own = hash(share);
        if (own.isPresent()) {
            var hash = own.get();
            return Approval.isGiven(share, hash)
                    ? new DeletionVerdict.Go()
                    : new DeletionVerdict.Held(hash, isOfAll(hash));
        }
        var now = clock.instant();
        var namespace = share.getMetadata().getNamespace();
        forgetOld(now);
        if (isMass(share, namespace, now) && takesAccess.test(share)) {
            return hold(share, namespace, now);
        }
        if (isMassOfAll(share, now) && takesAccess.test(share)) {
            return hold(share, ALL, now);
        }
        var age = Duration.between(seen, now);
        return age.compareTo(settings.massDeletionSettle()) < 0 && couldBeMass(namespace)
                ? new DeletionVerdict.Wait(settings.massDeletionSettle().minus(age))
                : new DeletionVerdict.Go();
    }

    /** An object's members were revoked: it counts for a minute more, unless a person approved it. */
    synchronized void done(ImageShare share) {
        if (hash(share).isEmpty() && !released.test(share)) {
            note(share, clock.instant());
        }
    }

    private void note(ImageShare share, Instant now) {
        recent.computeIfAbsent(share.getMetadata().getNamespace(), n -> new LinkedHashMap<>())
                .putIfAbsent(share.getMetadata().getUid(), now);
    }

    private void forgetOld(Instant now) {
        recent.values().removeIf(those -> {
            for (var each = those.values().iterator();
                    each.hasNext() && each.next().plus(RECENT).isBefore(now); ) {
                each.remove();
            }
            return those.isEmpty();
        });
        fewUntil.values().removeIf(until -> !until.isAfter(now));
        batches.values().removeIf(batch -> !batch.last.plus(RECENT).isAfter(now));
    }

    /** @param where the namespace, or {@link #ALL} */
    private DeletionVerdict.Held hold(ImageShare share, String where, Instant now) {
        note(share, now);
        var batch = batches.get(where);
        var hash = batch != null ? batch.hash : beforeRestart(share, where).orElseGet(() -> newHash(share, where));
        batches.put(where, new Batch(hash, now));
        return new DeletionVerdict.Held(hash, isOfAll(hash));
    }

    /** Only its own namespace's statuses are believed: who writes another's could give it a hash that was approved before. */
    private Optional<String> beforeRestart(ImageShare share, String where) {
        return near(share.getMetadata().getNamespace(), share)
                .flatMap(other -> hash(other).stream())
                .filter(hash -> isOfAll(hash) == where.equals(ALL))
                .min(String::compareTo);
    }

    private static boolean isOfAll(String hash) {
        return hash.startsWith(PREFIX_OF_ALL);
    }

    private boolean isMass(ImageShare share, String namespace, Instant now) {
        // Once this many were held there is no need to look at the others.
        return recent.getOrDefault(namespace, Map.of()).size() > settings.massDeletionLimit()
                || isMany(
                        share,
                        namespace,
                        now,
                        () -> counted(deleted(share, namespace)).getOrDefault(namespace, 0)
                                > settings.massDeletionLimit());
    }

    /** Where few were counted that is good for less time than each deletion waits for others. */
    private boolean isMany(ImageShare share, String where, Instant now, BooleanSupplier count) {
        var counted = new Counted(where, isImageGone(share));
        if (fewUntil.containsKey(counted)) {
            return false;
        }
        var many = count.getAsBoolean();
        if (!many) {
            var half = settings.massDeletionSettle().dividedBy(2);
            fewUntil.put(counted, now.plus(half.compareTo(COUNT_VALID) < 0 ? half : COUNT_VALID));
        }
        return many;
    }

    /**
     * The deletions that count beside this one's. One whose image is gone takes nobody's access; but an object that was only
     * said to be so, as this one was, is no better than the others of which the same was said.
     */
    private Stream<ImageShare> deleted(ImageShare share, String where) {
        return Stream.concat(cache.byIndex(FRESH, where).stream(), near(where, share))
                .filter(other -> isImageGone(share) || !isImageGone(other))
                .filter(other -> !released.test(other));
    }

    /**
     * Counts recent deletions and these, by namespace. Where there are more than the limit counting ends, so it takes no
     * longer the more there are.
     */
    private Map<String, Integer> counted(Stream<ImageShare> deleted) {
        var counts = new HashMap<String, Integer>();
        recent.forEach((namespace, those) -> counts.put(namespace, those.size()));
        Set<String> seen = new HashSet<>();
        deleted.forEach(other -> {
            var namespace = other.getMetadata().getNamespace();
            var uid = other.getMetadata().getUid();
            if (counts.getOrDefault(namespace, 0) <= settings.massDeletionLimit()
                    && !recent.getOrDefault(namespace, Map.of()).containsKey(uid)
                    && seen.add(uid)
                    && (hash(other).isPresent() || takesAccess.test(other))) {
                counts.merge(namespace, 1, Integer::sum);
            }
        });
        return counts;
    }

    private boolean isMassOfAll(ImageShare share, Instant now) {
        // Once this many were held there is no need to look at the others.
        return isMany(share, ALL, now, () -> isMass(counted(Stream.empty())) || isMass(counted(deleted(share, ALL))));
    }

    private boolean isMass(Map<String, Integer> counts) {
        return counts.size() >= NAMESPACES
                && counts.values().stream()
                                .mapToInt(count -> Math.min(count, settings.massDeletionLimit()))
                                .sum()
                        > settings.massDeletionTotal();
    }

    /** Whether there are so many objects that their deletion would be held. */
    private boolean couldBeMass(String namespace) {
        return cache.list(namespace, MassDeletion::revokes)
                                        .limit(settings.massDeletionLimit() + 1L)
                                        .count()
                                + recent.getOrDefault(namespace, Map.of()).size()
                        > settings.massDeletionLimit()
                || cache.list(MassDeletion::revokes)
                                .limit(settings.massDeletionTotal() + 1L)
                                .count()
                        > settings.massDeletionTotal();
    }

    /** Those that are held, and were deleted at nearly the same time: also after a restart they belong to one occasion. */
    private Stream<ImageShare> near(String where, ImageShare share) {
        var time = deletedAt(share);
        return Stream.of(time.minus(RECENT), time, time.plus(RECENT))
                .flatMap(minute -> cache.byIndex(HELD, minute(where, minute)).stream());
    }

    /** The hash under which this deletion is already held. Once held, it stays so until it is approved. */
    private static Optional<String> hash(ImageShare share) {
        var plan = share.getStatus() == null ? null : share.getStatus().plan();
        return Optional.ofNullable(plan == null ? null : plan.hash()).filter(h -> h.startsWith(PREFIX));
    }

    /** One hash for all that are deleted together, so that one command approves them all. */
    private static String newHash(ImageShare first, String where) {
        var name = "deletion of " + first.getMetadata().getUid();
        return (where.equals(ALL) ? PREFIX_OF_ALL : PREFIX)
                + UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8))
                        .toString()
                        .replace("-", "")
                        .substring(0, 16);
    }
}
