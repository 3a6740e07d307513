package dev.imageshare.share;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.FollowedSet;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberCounts;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.OpenPlan;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.membership.Memory;
import dev.imageshare.openstack.Member;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.Listing;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Derives a status from a pass's outcome and the status before; and reads back what a status remembers. Pure. */
final class ShareStatus {

    static final String ALL_ACCEPTED = "AllAccepted";

    private static final int MAX_ID = 255;

    /** A thousand declared members of the longest IDs fit. */
    private static final int MEMBERS_BYTES = 500_000;

    /** Of each list of a plan; six thousand of Keystone's own IDs would fit. */
    private static final int PLAN_BYTES = 200_000;

    /** What a listed member has beside its ID. */
    private static final int MEMBER_BYTES = 230;

    private static final ImageShareStatus EMPTY = new ImageShareStatus(null, null, null, null, null, null, null, null);

    private ShareStatus() {}

    /** The object's status; an empty one if it has none. */
    static ImageShareStatus before(ImageShare share) {
        return share.getStatus() == null ? EMPTY : share.getStatus();
    }

    /**
     * What the status remembers about this image, for this generation.
     *
     * @param ended what the declaration says has ended, as a pass saw before
     */
    static Memory memory(@Nullable ImageShareStatus status, ImageKey key, long generation, Set<String> ended) {
        if (status == null
                || status.image() == null
                || !ImageKey.of(status.image()).equals(key)) {
            return Memory.NONE;
        }
        var plan = status.plan();
        var sameGeneration = Objects.equals(status.observedGeneration(), generation);
        return new Memory(
                Boolean.TRUE.equals(status.adopted()),
                projects(status, MemberInfo::added),
                plan == null || plan.approved() == null || !sameGeneration ? Set.of() : Set.copyOf(plan.approved()),
                ended,
                plan == null || plan.baseline() == null ? OptionalInt.empty() : OptionalInt.of(plan.baseline()));
    }

    /** Until when the listed members are declared, or were, by project. */
    static Map<String, Instant> ends(@Nullable ImageShareStatus status) {
        var ends = new HashMap<String, Instant>();
        if (status != null && status.members() != null) {
            for (var member : status.members()) {
                if (member.expiresAt() != null) {
                    FieldRules.time(member.expiresAt()).ifPresent(end -> ends.put(member.projectID(), end));
                }
            }
        }
        return ends;
    }

    /** The projects of the listed members that satisfy a condition. */
    static Set<String> projects(@Nullable ImageShareStatus status, Predicate<MemberInfo> which) {
        return status == null || status.members() == null
                ? Set.of()
                : status.members().stream()
                        .filter(which)
                        .map(MemberInfo::projectID)
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** The projects that the spec names by their IDs, in order; it has passed {@link ShareRules}. */
    static List<String> declared(ImageShareSpec spec) {
        return requireNonNullElse(spec.members(), List.<ImageShareSpec.DeclaredMember>of()).stream()
                .map(ImageShareSpec.DeclaredMember::projectID)
                .filter(Objects::nonNull)
                .toList();
    }

    /**
     * The status after a pass.
     *
     * @param stalled whether a reason that gets five minutes' grace has had them
     * @param lastSyncTime when the members were last compared, or null to keep what the status says
     */
    static ImageShareStatus of(
            ImageShare share, ShareOutcome outcome, boolean stalled, @Nullable Instant lastSyncTime, Instant now) {
        var spec = share.getSpec();
        var before = share.getStatus();
        long generation = share.getMetadata().getGeneration();
        var image = outcome.image() != null ? outcome.image() : before == null ? null : before.image();
        var listed = outcome.members() != null;
        // What was found for another image says nothing of this one; its members would pass for added here.
        var kept = before != null && isSameImage(before.image(), image) ? before : null;

        var counts = summary(spec, outcome);
        var conditions = new Conditions(before == null ? null : before.conditions(), generation, now);
        conditions.ready(
                outcome.problems(), readyReason(spec), () -> inOrder(outcome, spec, counts), outcome.notes(), stalled);
        if (listed) {
            allAccepted(conditions, spec, outcome, counts.desired());
        } else {
            conditions.keep(ALL_ACCEPTED);
        }

        return new ImageShareStatus(
                generation,
                image,
                adopted(spec, kept, outcome),
                listed ? members(spec, outcome, kept, now) : kept == null ? null : kept.members(),
                listed ? counts : kept == null ? null : kept.summary(),
                listed
                        ? declaration(spec, outcome)
                                .nextEnd()
                                .map(Instant::toString)
                                .orElse(null)
                        : kept == null ? null : kept.nextExpiry(),
                listed ? projectSets(declaration(spec, outcome)) : kept == null ? null : kept.projectSets(),
                plan(spec, kept, outcome, generation),
                lastSyncTime != null
                        ? lastSyncTime.truncatedTo(ChronoUnit.SECONDS).toString()
                        : before == null ? null : before.lastSyncTime(),
                conditions.build());
    }

    /** The status of an object whose deletion is held until the annotation has this value. */
    static ImageShareStatus held(ImageShareStatus status, String hash) {
        return new ImageShareStatus(
                status.observedGeneration(),
                status.image(),
                status.adopted(),
                status.members(),
                status.summary(),
                status.nextExpiry(),
                status.projectSets(),
                new OpenPlan(null, null, hash, null, null),
                status.lastSyncTime(),
                status.conditions());
    }

    private static @Nullable List<FollowedSet> projectSets(Declaration declaration) {
        return declaration.sets().isEmpty()
                ? null
                : declaration.sets().stream().map(Source.SetIdentity::set).toList();
    }

    private static Declaration declaration(ImageShareSpec spec, ShareOutcome outcome) {
        return outcome.declaration() == null ? Declaration.withoutReferences(spec) : outcome.declaration();
    }

    private static Reason readyReason(ImageShareSpec spec) {
        if (spec.managementPolicy() == ManagementPolicy.unmanaged) {
            return Reason.Observed;
        }
        return spec.suspend() ? Reason.Suspended : Reason.Synced;
    }

    private static String inOrder(ShareOutcome outcome, ImageShareSpec spec, MemberCounts summary) {
        if (spec.managementPolicy() == ManagementPolicy.unmanaged) {
            return "Only looked at: " + wouldBe("managed", outcome.plan());
        }
        if (spec.suspend()) {
            return "Suspended, so nothing is written to OpenStack: " + wouldBe("the operator", outcome.plan())
                    + " To resume, set spec.suspend to false.";
        }
        return summary.desired() + (summary.desired() == 1 ? " member" : " members") + " as declared: "
                + answers(summary) + ".";
    }

    private static String wouldBe(String who, @Nullable MembershipPlan plan) {
        return plan == null || plan.isEmpty()
                ? "the members are as declared."
                : who + " would add " + plan.add().size() + " and remove "
                        + (plan.remove().size() + plan.held().size())
                        + (plan.held().isEmpty() ? "" : " (" + plan.held().size() + " of them only once approved)")
                        + "; see status.plan.";
    }

    private static String answers(MemberCounts summary) {
        return summary.accepted() + " accepted, " + summary.pending() + " pending, " + summary.rejected() + " rejected";
    }

    private static void allAccepted(Conditions conditions, ImageShareSpec spec, ShareOutcome outcome, int desired) {
        var declared = declaration(spec, outcome).all();
        var members = requireNonNullElse(outcome.members(), List.<Member>of());
        var accepted = members.stream()
                .filter(m -> declared.contains(m.projectId()))
                .filter(m -> m.status() == dev.imageshare.openstack.MemberStatus.accepted)
                .count();
        if (accepted == desired) {
            conditions.set(
                    ALL_ACCEPTED,
                    Condition.Status.True,
                    "AllAccepted",
                    "Every declared member has accepted the image.");
        } else {
            conditions.set(
                    ALL_ACCEPTED,
                    Condition.Status.False,
                    "AnswersOutstanding",
                    accepted + " of " + desired + " declared members have accepted the image.");
        }
    }

    private static boolean isSameImage(@Nullable ImageInfo a, @Nullable ImageInfo b) {
        if (a == null || b == null) {
            return a == null && b == null;
        }
        return ImageKey.of(a).equals(ImageKey.of(b));
    }

    private static @Nullable Boolean adopted(
            ImageShareSpec spec, @Nullable ImageShareStatus kept, ShareOutcome outcome) {
        if (spec.managementPolicy() == ManagementPolicy.unmanaged
                || spec.membershipPolicy() == ImageShareSpec.MembershipPolicy.Additive) {
            return null; // a switch back to what may remove foreign members starts anew
        }
        return outcome.members() != null ? Boolean.valueOf(outcome.adopted()) : kept == null ? null : kept.adopted();
    }

    private static List<MemberInfo> members(
            ImageShareSpec spec, ShareOutcome outcome, @Nullable ImageShareStatus kept, Instant now) {
        var beginnings = new MemberBeginnings(kept == null ? null : kept.members(), now);
        var byProject = new LinkedHashMap<String, Member>();
        requireNonNullElse(outcome.members(), List.<Member>of()).forEach(m -> byProject.put(m.projectId(), m));
        var declaration = declaration(spec, outcome);
        var declared = declaration.all();
        var sources = declaration.declaredBy();
        Function<String, @Nullable String> end = p -> text(declaration.ends(), p);
        var owner = outcome.image() == null ? "" : outcome.image().owner();
        var declaredOnes = declared.stream()
                .filter(p -> byProject.containsKey(p) || !p.equals(owner))
                .map(p -> info(
                        p,
                        byProject.get(p),
                        true,
                        outcome.added().contains(p),
                        sources.get(p),
                        end.apply(p),
                        beginnings));
        // Those that were added here come next, and those of a changed source: what is forgotten of them is lost.
        Predicate<Member> remembered = m -> outcome.added().contains(m.projectId())
                || sources.containsKey(m.projectId())
                || declaration.ends().containsKey(m.projectId());
        var others = byProject.values().stream()
                .filter(m -> !declared.contains(m.projectId()))
                .sorted(Comparator.comparing(remembered::test, Comparator.reverseOrder()))
                .map(m -> info(
                        m.projectId(),
                        m,
                        false,
                        outcome.added().contains(m.projectId()),
                        sources.get(m.projectId()),
                        end.apply(m.projectId()),
                        beginnings));
        return Listing.of(
                Stream.concat(declaredOnes, others).filter(m -> isListable(m.projectID())),
                MEMBERS_BYTES,
                m -> MEMBER_BYTES + Listing.bytes(m.projectID()) + bytes(m.sources()));
    }

    private static @Nullable String text(Map<String, Instant> times, String project) {
        var time = times.get(project);
        return time == null ? null : time.toString();
    }

    private static int bytes(@Nullable List<String> texts) {
        return texts == null
                ? 0
                : texts.stream().mapToInt(text -> 1 + Listing.bytes(text)).sum();
    }

    private static MemberInfo info(
            String project,
            @Nullable Member member,
            boolean declared,
            boolean added,
            @Nullable List<String> sources,
            @Nullable String expiresAt,
            MemberBeginnings beginnings) {
        if (member == null) {
            return new MemberInfo(project, null, declared, added, sources, expiresAt, null, null);
        }
        var answer = MemberAnswer.valueOf(member.status().name());
        return new MemberInfo(
                project,
                answer,
                declared,
                added,
                sources,
                expiresAt,
                member.createdAt(),
                member.updatedAt(),
                beginnings.addedAt(project, added),
                beginnings.pendingSince(project, answer, added));
    }

    static MemberCounts summary(ImageShareSpec spec, ShareOutcome outcome) {
        var members = requireNonNullElse(outcome.members(), List.<Member>of());
        var declaration = declaration(spec, outcome);
        var declared = declaration.all();
        var owner = outcome.image() == null ? null : outcome.image().owner();
        return new MemberCounts(
                (int) declared.stream().filter(p -> !p.equals(owner)).count() + declaration.unknown(),
                members.size(),
                count(members, dev.imageshare.openstack.MemberStatus.accepted),
                count(members, dev.imageshare.openstack.MemberStatus.pending),
                count(members, dev.imageshare.openstack.MemberStatus.rejected),
                (int) members.stream()
                        .filter(m -> !declared.contains(m.projectId()))
                        .count());
    }

    private static int count(Collection<Member> members, dev.imageshare.openstack.MemberStatus status) {
        return (int) members.stream().filter(m -> m.status() == status).count();
    }

    private static @Nullable OpenPlan plan(
            ImageShareSpec spec, @Nullable ImageShareStatus before, ShareOutcome outcome, long generation) {
        var plan = outcome.plan();
        if (plan == null) {
            if (before == null || before.plan() == null) {
                return null;
            }
            var old = before.plan();
            if (Objects.equals(before.observedGeneration(), generation)) {
                return old;
            }
            // An approval is for one generation; what a percentage was of stays until something is looked at again.
            return old.baseline() == null ? null : new OpenPlan(null, null, null, null, old.baseline());
        }
        if (plan.holds().contains(MembershipPlan.Hold.UNRESOLVED)) {
            // Who would go can't be told yet. What was approved stays so, and what a percentage is of.
            var managed = spec.managementPolicy() == ManagementPolicy.managed;
            return new OpenPlan(
                    managed ? null : limited(plan.add()),
                    null,
                    null,
                    managed ? limited(plan.approved()) : null,
                    managed ? plan.baseline() : null);
        }
        if (spec.managementPolicy() == ManagementPolicy.unmanaged) {
            var remove = Stream.concat(plan.remove().stream(), plan.held().stream())
                    .sorted()
                    .toList();
            return plan.isEmpty() ? null : new OpenPlan(limited(plan.add()), limited(remove), null, null, null);
        }
        var add = spec.suspend() ? plan.add() : List.<String>of();
        var remove = spec.suspend() ? plan.remove() : List.<String>of();
        if (add.isEmpty()
                && remove.isEmpty()
                && plan.held().isEmpty()
                && plan.approved().isEmpty()) {
            return null;
        }
        return new OpenPlan(
                limited(add),
                limited(Stream.concat(remove.stream(), plan.held().stream())
                        .sorted()
                        .toList()),
                plan.hash().isEmpty() || spec.suspend()
                        ? null
                        : plan.hash(), // of another generation once it is resumed
                limited(plan.approved()),
                plan.held().isEmpty() ? null : plan.baseline());
    }

    private static @Nullable List<String> limited(List<String> projects) {
        return projects.isEmpty()
                ? null
                : Listing.of(
                        projects.stream().filter(ShareStatus::isListable), PLAN_BYTES, id -> 1 + Listing.bytes(id));
    }

    /** Glance on SQLite stores longer ones than the CRD allows; such a member is counted, and not listed. */
    private static boolean isListable(String project) {
        return project.length() <= MAX_ID;
    }
}
