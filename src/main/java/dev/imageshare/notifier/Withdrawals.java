package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.notifier.Waiting.DueNotice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who lost an image. What is gone is in no status any more, so this is told by comparing with what this process saw before:
 * what is lost while no operator runs is not told. Used by one pass at a time.
 */
final class Withdrawals {

    /** So many are remembered until they are told. */
    private static final int MOST = 10_000;

    /** A longer list than this isn't all of the members. */
    private static final int LISTED = 1_000;

    private final Map<String, ImageShare> before = new HashMap<>();
    private List<DueNotice> untold = new ArrayList<>();

    /** Those that somebody is still to be told of. */
    List<DueNotice> untold() {
        return List.copyOf(untold);
    }

    /** Only these are still to be told. */
    void keep(Predicate<DueNotice> open) {
        if (!untold.isEmpty()) {
            untold = new ArrayList<>(untold.stream().filter(open).toList());
        }
    }

    /**
     * Compares with the last look.
     *
     * @param selected the ImageShares that are told of
     * @param all those of the namespace
     * @param look the number of this look
     */
    void look(Collection<ImageShare> selected, Collection<ImageShare> all, long look) {
        var present = all.stream().map(share -> share.getMetadata().getUid()).collect(Collectors.toSet());
        var now = new HashMap<String, ImageShare>();
        selected.forEach(share -> now.put(share.getMetadata().getUid(), share));
        for (var old : before.entrySet()) {
            var share = now.get(old.getKey());
            var lost = share != null
                    ? lost(old.getValue(), share)
                    : present.contains(old.getKey()) || !revokes(old.getValue())
                            ? List.<MemberInfo>of()
                            : members(old.getValue().getStatus());
            if (!lost.isEmpty()) {
                add(old.getValue(), lost, all, look);
            }
        }
        // Of an ImageShare whose status is lost nothing new is known.
        now.replaceAll(
                (uid, share) -> share.getStatus() == null || share.getStatus().members() == null
                        ? before.getOrDefault(uid, share)
                        : share);
        before.clear();
        before.putAll(now);
    }

    private void add(ImageShare share, List<MemberInfo> lost, Collection<ImageShare> all, long look) {
        var view = SharedImage.of(share);
        var image = view.image();
        if (image == null) {
            return;
        }
        var elsewhere = new HashSet<String>();
        for (var other : all) {
            var status = other.getStatus();
            if (!other.getMetadata().getUid().equals(view.uid())
                    && status != null
                    && status.image() != null
                    && status.image().id().equals(image.id())) {
                elsewhere.addAll(ids(members(status)));
            }
        }
        lost.stream()
                .filter(member -> !elsewhere.contains(member.projectID()))
                .limit(Math.max(0, MOST - untold.size()))
                .map(member -> Notice.toConsumer(
                        NoticeType.Withdrawn,
                        view,
                        member,
                        String.valueOf(member.addedAt() == null ? member.createdAt() : member.addedAt()),
                        0))
                .forEach(notice -> untold.add(new DueNotice("", notice, look)));
    }

    private static List<MemberInfo> lost(ImageShare old, ImageShare now) {
        var was = old.getStatus();
        var is = now.getStatus();
        if (was == null
                || is == null
                || was.equals(is)
                || was.image() == null
                || is.image() == null
                || is.members() == null
                || is.members().size() >= LISTED
                || !Objects.equals(was.image().id(), is.image().id())) {
            return List.of();
        }
        var still = is.members().stream()
                .filter(member -> member.status() != null)
                .map(MemberInfo::projectID)
                .collect(Collectors.toSet());
        return members(was).stream()
                .filter(member -> !still.contains(member.projectID()))
                .toList();
    }

    /** Whether its members went with it. */
    private static boolean revokes(ImageShare share) {
        var spec = share.getSpec();
        return spec != null
                && spec.managementPolicy() == ManagementPolicy.managed
                && spec.managedOptions().onDelete() == ImageShareSpec.OnDelete.delete;
    }

    private static List<MemberInfo> members(@Nullable ImageShareStatus status) {
        return status == null || status.members() == null
                ? List.of()
                : status.members().stream()
                        .filter(member -> member.status() != null && (member.declared() || member.added()))
                        .toList();
    }

    private static Set<String> ids(List<MemberInfo> members) {
        return members.stream().map(MemberInfo::projectID).collect(Collectors.toSet());
    }
}
