package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Notices that many objects are being deleted at once (a pruned application, a deleted namespace or CRD), and holds them
 * until a person approves. Deletions arrive one by one, so where there are enough objects for a mass deletion each waits
 * a little for the others to show.
 */
final class MassDeletion {

    /** The cache's index of the objects that are being deleted. */
    static final String DELETING = "metadata.deletionTimestamp";

    static final String YES = "yes";

    /** Marks a hash that approves a deletion, so that it is never taken for one of the guard's. */
    private static final String PREFIX = "delete-";

    private static final Duration RECENT = Duration.ofMinutes(1);

    /** What becomes of one deletion. */
    sealed interface Verdict {
        /** It may go on. */
        record Go() implements Verdict {}

        /** It is too early to tell. */
        record Wait(Duration duration) implements Verdict {}

        /** It is held until the annotation has this value. */
        record Held(int count, String hash) implements Verdict {}
    }

    private final IndexedResourceCache<ImageShare> cache;
    private final int limit;
    private final Duration settle;
    private final Clock clock;
    private final Predicate<ImageShare> takesAccess;
    private final Deque<Instant> done = new ArrayDeque<>();

    /** The hash of the mass deletion that is going on; empty if none is. */
    private String batch = "";

    /** @param takesAccess whether an object's deletion takes access away from anybody */
    MassDeletion(
            IndexedResourceCache<ImageShare> cache,
            int limit,
            Duration settle,
            Clock clock,
            Predicate<ImageShare> takesAccess) {
        this.cache = cache;
        this.limit = limit;
        this.settle = settle;
        this.clock = clock;
        this.takesAccess = takesAccess;
    }

    static List<String> index(ImageShare share) {
        return share.isMarkedForDeletion() ? List.of(YES) : List.of();
    }

    /** Whether the deletion of this object takes access away. */
    static boolean revokes(ImageShare share) {
        return Claims.isManaged(share)
                && share.getSpec().managedOptions().onDelete() == OnDelete.delete
                && share.getStatus() != null
                && share.getStatus().image() != null
                && (Boolean.TRUE.equals(share.getStatus().adopted())
                        || !ShareStatus.projects(share.getStatus(), MemberInfo::added)
                                .isEmpty());
    }

    /** @param seen when this process first saw that the object is being deleted */
    synchronized Verdict judge(ImageShare share, Instant seen) {
        var own = hash(share);
        var approval = share.getMetadata().getAnnotations() == null
                ? null
                : share.getMetadata().getAnnotations().get(ImageShare.APPROVE_REMOVALS);
        var deleting = cache.byIndex(DELETING, YES).stream().filter(takesAccess).toList();
        if (own.isPresent()) {
            return own.get().equals(approval) ? new Verdict.Go() : new Verdict.Held(deleting.size(), own.get());
        }
        var now = clock.instant();
        while (!done.isEmpty() && done.getFirst().plus(RECENT).isBefore(now)) {
            done.removeFirst();
        }
        if (deleting.size() + done.size() > limit && takesAccess.test(share)) {
            if (batch.isEmpty()) {
                batch = deleting.stream()
                        .flatMap(other -> hash(other).stream())
                        .sorted()
                        .findFirst()
                        .orElseGet(() -> newBatch(share));
            }
            return new Verdict.Held(deleting.size(), batch);
        }
        if (deleting.stream().allMatch(other -> hash(other).isEmpty())) {
            batch = "";
        }
        var all = cache.list(MassDeletion::revokes).count() + done.size();
        var age = Duration.between(seen, now);
        return all > limit && age.compareTo(settle) < 0 ? new Verdict.Wait(settle.minus(age)) : new Verdict.Go();
    }

    /** An object's members were revoked: it counts for a minute more, unless a person approved it. */
    synchronized void done(ImageShare share) {
        if (hash(share).isEmpty()) {
            done.addLast(clock.instant());
        }
    }

    /** The hash under which this deletion is already held. Once held, it stays so until it is approved. */
    private static Optional<String> hash(ImageShare share) {
        var plan = share.getStatus() == null ? null : share.getStatus().plan();
        return Optional.ofNullable(plan == null ? null : plan.hash()).filter(h -> h.startsWith(PREFIX));
    }

    /** One hash for all that are deleted together, so that one command approves them all. */
    private static String newBatch(ImageShare first) {
        var name = "deletion of " + first.getMetadata().getUid();
        return PREFIX
                + UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8))
                        .toString()
                        .replace("-", "")
                        .substring(0, 16);
    }
}
