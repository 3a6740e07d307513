package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an ImageShare's status says, as far as somebody may be told of it.
 *
 * @param uid the ImageShare's
 * @param created when the ImageShare was created
 * @param image the image; null as long as it isn't known
 * @param members the members that the ImageShare declares or added; others are nobody's to tell
 * @param ends when a project's access ends, by the project's ID
 * @param held the hash that approves the removals that are held; null if none are
 * @param heldCount how many are held
 */
record SharedImage(
        String uid,
        String namespace,
        String name,
        Instant created,
        @Nullable ImageInfo image,
        List<MemberInfo> members,
        Map<String, Instant> ends,
        @Nullable String held,
        int heldCount) {

    SharedImage {
        members = List.copyOf(members);
        ends = Map.copyOf(ends);
    }

    static SharedImage of(ImageShare share) {
        var metadata = share.getMetadata();
        var status = share.getStatus();
        var held = held(status);
        var members = status == null || status.members() == null
                ? List.<MemberInfo>of()
                : status.members().stream()
                        .filter(member -> member.status() != null && (member.declared() || member.added()))
                        .toList();
        return new SharedImage(
                metadata.getUid(),
                metadata.getNamespace(),
                metadata.getName(),
                time(metadata.getCreationTimestamp()).orElse(Instant.EPOCH),
                status == null ? null : status.image(),
                members,
                ends(members),
                held.map(ImageShareStatus.OpenPlan::hash).orElse(null),
                held.map(plan -> plan.remove() == null ? 0 : plan.remove().size())
                        .orElse(0));
    }

    private static Optional<ImageShareStatus.OpenPlan> held(@Nullable ImageShareStatus status) {
        return status == null || !Conditions.has(status.conditions(), Conditions.READY, Reason.RemovalHeld)
                ? Optional.empty()
                : Optional.ofNullable(status.plan()).filter(plan -> plan.hash() != null);
    }

    private static Map<String, Instant> ends(List<MemberInfo> members) {
        var ends = new HashMap<String, Instant>();
        for (var member : members) {
            if (member.declared() && member.expiresAt() != null) {
                time(member.expiresAt()).ifPresent(end -> ends.put(member.projectID(), end));
            }
        }
        return ends;
    }

    /** What people call the image. */
    String title() {
        return image == null ? name : image.name() == null || image.name().isBlank() ? image.id() : image.name();
    }

    /** The time that a status says; whoever may write statuses could write anything into one. */
    static Optional<Instant> time(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
