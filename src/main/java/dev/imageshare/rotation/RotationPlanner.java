package dev.imageshare.rotation;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageCloud;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageSelection;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.CloudState;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.HeldShares;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ImageCounts;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ImagePhase;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ReleasedShare;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.openstack.ProjectScope;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.Listing;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.ShortHash;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Computes one {@link RotationPlan}. An image that the set shares stays, unless something positively lets it go. */
final class RotationPlanner {

    private static final int MAX_IMAGES = 1_000;
    private static final int MAX_CLOUD_STATES = 32;
    private static final int MAX_BYTES = 500_000;
    private static final int IMAGE_BYTES = 120;
    private static final int MAX_MESSAGE = 1_024;

    /** So many images are asked about in a pass, where what was found of them lets nothing go yet. */
    private static final int ASKED_WHILE_HELD = 50;

    /** Why an ImageShare goes. */
    private enum Exit {
        RETIRES,
        LEAVES,
        IMAGE_GONE,
        /** Another ImageShare of the set has the same image. */
        MOVES,
        /** An earlier pass let it go already. */
        AGAIN
    }

    /** One image that is shared, or shall be. */
    private static final class Candidate {
        final CloudImageId id;
        final String share;

        /** Its ImageShare, if there is one that is the set's or can become it. */
        final @Nullable ImageShare child;

        final @Nullable RotatedImage remembered;
        final @Nullable ImageDetails image;

        Candidate(
                CloudImageId id,
                String share,
                @Nullable ImageShare child,
                @Nullable RotatedImage remembered,
                @Nullable ImageDetails image) {
            this.id = id;
            this.share = share;
            this.child = child;
            this.remembered = remembered;
            this.image = image;
        }

        boolean isKnown() {
            return child != null || remembered != null;
        }

        boolean isShared() {
            return image == null || image.image().visibility().equals("shared");
        }

        boolean canBeCurrent() {
            return image != null && isShared() && image.image().status().equals("active");
        }
    }

    /**
     * One that the set no longer means.
     *
     * @param unread whether it must be asked about first
     */
    private record Leaver(Candidate candidate, boolean unread, String why) {}

    private final RotationInput in;
    private final ImageShareSetSpec spec;
    private final ImageSelection selection;
    private final SetImages images;
    private final RemovalLimit maxRemovals;
    private final @Nullable Duration retireAfter;
    private final String hash;
    private final boolean plannedBefore;
    private final Map<String, ImageCloud> clouds = new LinkedHashMap<>();
    private final Map<String, CloudReading> readings = new HashMap<>();
    private final Map<String, CloudState> states = new LinkedHashMap<>();
    private final Map<CloudImageId, RotatedImage> remembered = new TreeMap<>();
    private final Map<String, String> released = new HashMap<>();

    // What the pass comes to.
    private final List<RotatedImage> entries = new ArrayList<>();
    private final Map<String, Candidate> byShare = new HashMap<>();
    private final Map<String, Exit> exits = new TreeMap<>();
    private final Map<String, Leaver> leavers = new TreeMap<>();
    private final Set<String> cloudsWithPending = new HashSet<>();
    private final List<CloudState> newStates = new ArrayList<>();
    private final List<RotatedImage> superseded = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, String> notOrderable = new TreeMap<>();
    private final Map<String, String> notShared = new TreeMap<>();
    private final Set<String> taken = new TreeSet<>();
    private final Set<String> waiting = new TreeSet<>();
    private final Set<String> skewed = new TreeSet<>();
    private @Nullable Instant nextRetirement;

    /** Whether the list of the cloud that is looked at lacks something. */
    private boolean doubtful;

    RotationPlanner(RotationInput input) {
        in = input;
        spec = input.spec();
        selection = requireNonNull(spec.images());
        images = new SetImages(selection);
        maxRemovals = ImageShareSetRules.limit(spec).orElseThrow();
        retireAfter = ImageShareSetRules.retireAfter(selection).orElse(null);
        hash = selectionHash(selection);
        requireNonNull(spec.clouds()).forEach(cloud -> clouds.put(requireNonNull(cloud.name()), cloud));
        input.readings().forEach(reading -> readings.put(reading.cloud(), reading));
        var before = input.before();
        plannedBefore = before != null && hash.equals(before.selection());
        if (before != null) {
            orEmpty(before.clouds()).forEach(state -> states.put(state.name(), state));
            orEmpty(before.images())
                    .forEach(image -> remembered.put(new CloudImageId(image.cloud(), image.id()), image));
            orEmpty(before.released()).forEach(share -> released.put(share.name(), share.uid()));
        }
    }

    RotationPlan plan() {
        var twice = sameCloudTwice();
        if (twice.isPresent()) {
            return unchanged(twice.get());
        }
        clouds.keySet().forEach(this::look);
        lookAtRemovedClouds();
        var held = judge();
        if (entries.size() > MAX_IMAGES || exits.size() > MAX_IMAGES) {
            return unchanged(Problem.of(
                    Reason.TooManyImages,
                    "The set would share " + entries.size()
                            + " images; at most 1,000 are allowed. Nothing is shared and nothing leaves until"
                            + " spec.images.filter matches fewer, or the set is divided."));
        }
        return result(held);
    }

    // ------------------------------------------------------------- a cloud

    private void look(String cloud) {
        var reading = requireNonNull(readings.get(cloud));
        var known = known(cloud::equals);
        var doubt = reading.doubt() != null ? reading.doubt() : otherScope(cloud, reading.scope(), known);
        if (doubt == null) {
            doubt = lookAtImages(cloud, reading, known);
        } else {
            known.forEach(id -> stay(candidate(id, null)));
        }
        var problem = doubt;
        if (problem != null) {
            problems.add(
                    new Problem(problem.reason(), "Cloud " + cloud + ": " + problem.message(), problem.retryAfter()));
        }
        newStates.add(state(cloud, reading, problem));
    }

    /** The images of some clouds that the set shares, or for which there is an ImageShare of its. */
    private Set<CloudImageId> known(Predicate<String> ofCloud) {
        var known = new TreeSet<CloudImageId>();
        remembered.keySet().stream().filter(id -> ofCloud.test(id.cloud())).forEach(known::add);
        in.shares().values().stream()
                .filter(this::isOurs)
                .flatMap(share -> ShareNames.read(in.name(), share.getMetadata().getName()).stream())
                .filter(named -> ofCloud.test(named.cloud()))
                .forEach(named -> known.add(new CloudImageId(named.cloud(), named.imageId())));
        return known;
    }

    private Candidate candidate(CloudImageId id, @Nullable ImageDetails image) {
        var name = ShareNames.of(in.name(), id.cloud(), id.id());
        var share = in.shares().get(name);
        var candidate =
                new Candidate(id, name, share != null && isOurs(share) ? share : null, remembered.get(id), image);
        byShare.put(name, candidate);
        return candidate;
    }

    /** Whether an ImageShare is the set's, or can become it: of its name, label and image, and without another controller. */
    private boolean isOurs(ImageShare share) {
        var named = ShareNames.read(in.name(), share.getMetadata().getName());
        if (named.isEmpty()
                || share.getSpec() == null
                || share.getSpec().image() == null
                || !named.get().imageId().equals(share.getSpec().image().id())) {
            return false;
        }
        var controller = SetOwnership.controller(share);
        return controller
                .map(owner -> SetOwnership.isOfName(owner, in.name()))
                .orElseGet(() -> SetOwnership.hasLabel(share, in.name()));
    }

    private boolean isOwned(ImageShare share) {
        return SetOwnership.controller(share)
                .filter(owner -> in.uid().equals(owner.getUid()))
                .isPresent();
    }

    private boolean isReleased(@Nullable ImageShare child) {
        return child != null
                && Objects.equals(
                        released.get(child.getMetadata().getName()),
                        child.getMetadata().getUid());
    }

    /** Other credentials see other images, and tell nothing about those that are shared. */
    private @Nullable Problem otherScope(String cloud, @Nullable ProjectScope scope, Set<CloudImageId> known) {
        var before = states.get(cloud);
        if (scope == null || before == null || before.projectID() == null || known.isEmpty()) {
            return null;
        }
        return before.projectID().equals(scope.projectId())
                        && requireNonNullElse(before.region(), "").equals(scope.region())
                ? null
                : Problem.of(
                        Reason.NotImageOwner,
                        "its images are owned by project " + before.projectID() + " in region " + before.region()
                                + ", but the credentials are now those of project " + scope.projectId() + " in region "
                                + scope.region()
                                + ". Nothing of this cloud changes until the owner's credentials are back;"
                                + " for another project or region, add a cloud of another name.");
    }

    /** Looks at what a complete list shows; gives why it may not be complete after all. */
    private @Nullable Problem lookAtImages(String cloud, CloudReading reading, Set<CloudImageId> known) {
        Problem doubt = null;
        var listed = new TreeMap<CloudImageId, ImageDetails>();
        reading.images()
                .forEach(image ->
                        listed.put(new CloudImageId(cloud, image.image().id()), image));
        var missing = new ArrayList<Candidate>();
        for (var id : known) {
            if (listed.containsKey(id)) {
                continue;
            }
            var lookup = in.lookups().get(id);
            if (lookup instanceof ImageLookup.There there && isMeant(there.image(), reading)) {
                listed.put(id, there.image());
                doubt = Problem.of(
                        Reason.ListIncomplete,
                        "the list of images lacks " + id.id() + ", which Glance shows when it is asked for it");
            } else if (lookup instanceof ImageLookup.Untold untold) {
                stay(candidate(id, null));
                doubt = untold.why();
            } else if (lookup instanceof ImageLookup.There there && !isOwn(there.image(), reading)) {
                stay(candidate(id, there.image())); // its ImageShare says so, and can't revoke anything
            } else {
                missing.add(candidate(id, lookup instanceof ImageLookup.There there ? there.image() : null));
            }
        }
        doubtful = doubt != null;
        missing.forEach(candidate -> leave(candidate, in.lookups().get(candidate.id)));

        var families = new TreeMap<String, List<Candidate>>();
        listed.forEach((id, image) -> {
            var candidate = candidate(id, image);
            var family = images.family(image);
            if (family.isEmpty()
                    || (selection.family() != null && images.order(image).isEmpty())) {
                notOrderable(candidate);
            } else {
                families.computeIfAbsent(family.get(), f -> new ArrayList<>()).add(candidate);
            }
        });
        families.values().forEach(this::rank);
        return doubt;
    }

    private boolean isOwn(ImageDetails image, CloudReading reading) {
        return requireNonNull(reading.scope()).projectId().equals(image.image().owner());
    }

    private boolean isMeant(ImageDetails image, CloudReading reading) {
        return isOwn(image, reading) && images.matches(image);
    }

    /** An image that is shared and that no complete list shows. */
    private void leave(Candidate candidate, @Nullable ImageLookup lookup) {
        var child = candidate.child;
        if (lookup instanceof ImageLookup.Gone) {
            if (child != null) {
                exits.put(candidate.share, Exit.IMAGE_GONE);
            }
        } else if (isReleased(child)) {
            exits.put(candidate.share, Exit.AGAIN);
        } else if (child == null || doubtful || (lookup != null && !canRevoke(child))) {
            stay(candidate);
        } else {
            leavers.put(
                    candidate.share,
                    new Leaver(
                            candidate,
                            lookup == null,
                            lookup == null ? "the filter no longer matches it" : unmatched(candidate)));
        }
    }

    private static String unmatched(Candidate candidate) {
        return "the filter no longer matches it; its name is \""
                + FieldRules.clipped(requireNonNull(candidate.image).image().name(), FieldRules.MAX_NAME) + "\"";
    }

    private void notOrderable(Candidate candidate) {
        var image = requireNonNull(candidate.image);
        if (candidate.isKnown() || candidate.canBeCurrent()) {
            notOrderable.put(candidate.id.id(), images.lack(image));
        }
        if (candidate.isKnown()) {
            stay(candidate);
        }
    }

    /**
     * Whether the members go with the ImageShare. One that was deleted by somebody is made anew first, and one that is new must have
     * looked at the members first: its deletion would leave them behind.
     */
    private static boolean canRevoke(@Nullable ImageShare child) {
        if (child == null) {
            return false;
        }
        var share = child.getSpec();
        if (share.managementPolicy() == ManagementPolicy.unmanaged
                || share.managedOptions().onDelete() == OnDelete.detach) {
            return true; // by the owner's wish they stay
        }
        var status = child.getStatus();
        return status != null
                && status.image() != null
                && (Boolean.TRUE.equals(status.adopted())
                        || orEmpty(status.members()).stream().anyMatch(MemberInfo::added));
    }

    // ------------------------------------------------------------ a family

    /** The newest first; equal values by when they were created, then by ID. */
    private Comparator<Candidate> newestFirst() {
        Comparator<Candidate> byValue = Comparator.comparing(candidate -> selection.family() == null
                ? OrderKey.of(Instant.EPOCH)
                : images.order(requireNonNull(candidate.image)).orElseThrow());
        Comparator<Candidate> byCreation = Comparator.comparing(candidate ->
                requireNonNullElse(requireNonNull(candidate.image).image().createdAt(), Instant.EPOCH));
        Comparator<Candidate> byId = Comparator.comparing(candidate -> candidate.id.id());
        return byValue.thenComparing(byCreation).thenComparing(byId).reversed();
    }

    private void rank(List<Candidate> family) {
        family.sort(newestFirst());
        var keep = selection.keep() == null ? Integer.MAX_VALUE : selection.keep();
        var newer = 0;
        var pending = false;
        var beyond = new ArrayList<Candidate>();
        for (var candidate : family) {
            if (newer >= keep) {
                if (candidate.isKnown()) {
                    beyond.add(candidate);
                }
            } else if (candidate.canBeCurrent()) {
                add(candidate, newer == 0 ? ImagePhase.Current : ImagePhase.Kept, null);
                pending |= !isInOrder(candidate);
            } else if (candidate.isKnown()) {
                add(candidate, ImagePhase.Kept, null);
            }
            if (!candidate.isShared() && newer < keep) {
                notShared.put(
                        candidate.id.id(),
                        requireNonNull(candidate.image).image().visibility());
            }
            if (candidate.canBeCurrent()) {
                newer++;
            }
        }
        if (pending) {
            cloudsWithPending.add(family.get(0).id.cloud());
        }
        for (var candidate : beyond) {
            retire(candidate, pending);
        }
    }

    /** @param pending whether a newer one of the family isn't in order yet */
    private void retire(Candidate candidate, boolean pending) {
        if (isReleased(candidate.child)) {
            exits.put(candidate.share, Exit.AGAIN);
            return;
        }
        var since = candidate.remembered == null ? null : candidate.remembered.supersededAt();
        var begun = since == null ? Optional.<Instant>empty() : FieldRules.time(since);
        if (begun.isEmpty() || begun.get().isAfter(in.now().plusSeconds(1))) {
            if (pending) {
                waiting.add(candidate.id.id());
                add(candidate, ImagePhase.Retiring, null);
                return;
            }
            begun = Optional.of(nextSecond(in.now()));
            superseded.add(add(candidate, ImagePhase.Retiring, begun.get().toString()));
            noteRetirement(begun.get());
            return;
        }
        var due = begun.get().plus(requireNonNull(retireAfter));
        if (in.now().isBefore(due)) {
            add(candidate, ImagePhase.Retiring, since);
            noteRetirement(begun.get());
        } else if (!candidate.isShared()) {
            notShared.put(
                    candidate.id.id(), requireNonNull(candidate.image).image().visibility());
            add(candidate, ImagePhase.Retiring, since);
        } else if (pending) {
            waiting.add(candidate.id.id());
            add(candidate, ImagePhase.Retiring, since);
        } else if (!in.clockTrusted()) {
            skewed.add(candidate.id.id());
            add(candidate, ImagePhase.Retiring, since);
        } else if (doubtful || !canRevoke(candidate.child)) {
            add(candidate, ImagePhase.Retiring, since);
        } else if (plannedBefore && !wasHeld(candidate)) {
            exits.put(candidate.share, Exit.RETIRES);
        } else {
            leavers.put(
                    candidate.share, new Leaver(candidate, false, "the edited spec.images would retire it at once"));
        }
    }

    /** What was held once is no plan of the set's, whatever else is edited meanwhile. */
    private boolean wasHeld(Candidate candidate) {
        return in.before() != null
                && in.before().plan() != null
                && orEmpty(in.before().plan().remove()).contains(candidate.share);
    }

    private static Instant nextSecond(Instant time) {
        var second = time.truncatedTo(ChronoUnit.SECONDS);
        return second.equals(time) ? second : second.plusSeconds(1);
    }

    private void noteRetirement(Instant begun) {
        var due = begun.plus(requireNonNull(retireAfter));
        if (nextRetirement == null || due.isBefore(nextRetirement)) {
            nextRetirement = due;
        }
    }

    // ------------------------------------------------------ clouds that went

    private void lookAtRemovedClouds() {
        var ids = known(cloud -> !clouds.containsKey(cloud));
        for (var id : ids) {
            var candidate = candidate(id, null);
            if (candidate.child == null) {
                continue;
            }
            var moved = movedTo(id);
            if (isReleased(candidate.child)) {
                exits.put(candidate.share, Exit.AGAIN);
            } else if (moved.isEmpty()) {
                leavers.put(
                        candidate.share,
                        new Leaver(candidate, false, "spec.clouds no longer names cloud " + id.cloud()));
            } else if (moved.get().child != null
                    && requireNonNull(moved.get().child).getStatus() != null
                    && requireNonNull(moved.get().child).getStatus().image() != null) {
                exits.put(candidate.share, Exit.MOVES); // the other one declares the same members now
            } else {
                stay(candidate);
            }
        }
        ids.stream()
                .map(CloudImageId::cloud)
                .distinct()
                .filter(states::containsKey)
                .limit(MAX_CLOUD_STATES - newStates.size())
                .forEach(cloud -> newStates.add(states.get(cloud)));
    }

    /** The same image in a cloud of the spec that is the one that went, under another name. */
    private Optional<Candidate> movedTo(CloudImageId id) {
        var before = states.get(id.cloud());
        if (before == null || before.projectID() == null) {
            return Optional.empty();
        }
        return clouds.keySet().stream()
                .filter(cloud -> {
                    var scope = requireNonNull(readings.get(cloud)).scope();
                    return scope != null
                            && scope.projectId().equals(before.projectID())
                            && scope.region().equals(before.region());
                })
                .map(cloud -> ShareNames.of(in.name(), cloud, id.id()))
                .filter(share ->
                        entries.stream().anyMatch(entry -> entry.share().equals(share)))
                .map(byShare::get)
                .filter(Objects::nonNull)
                .findFirst();
    }

    private Optional<Problem> sameCloudTwice() {
        var seen = new HashMap<List<String>, String>();
        for (var reading : in.readings()) {
            var scope = reading.scope();
            if (scope != null) {
                var other = seen.put(
                        List.of(in.sameCloud().apply(scope.cloud()), scope.region(), scope.projectId()),
                        reading.cloud());
                if (other != null) {
                    return Optional.of(Problem.of(
                            Reason.InvalidSpec,
                            "spec.clouds " + other + " and " + reading.cloud() + " are both project "
                                    + scope.projectId() + " of region " + scope.region() + "; remove one."));
                }
            }
        }
        return Optional.empty();
    }

    // ------------------------------------------------------------- entries

    /** It stays as it is: nothing is known that would change it. */
    private void stay(Candidate candidate) {
        if (isReleased(candidate.child) && candidate.image == null) {
            exits.put(candidate.share, Exit.AGAIN);
            return;
        }
        var before = candidate.remembered;
        add(
                candidate,
                before == null ? ImagePhase.Kept : before.phase(),
                before == null ? null : before.supersededAt());
    }

    private RotatedImage add(Candidate candidate, ImagePhase phase, @Nullable String supersededAt) {
        var before = candidate.remembered;
        var image = candidate.image;
        var family = selection.family() == null
                ? null
                : image == null
                        ? before == null ? null : before.family()
                        : images.family(image)
                                .map(value -> FieldRules.clipped(value, FieldRules.MAX_NAME))
                                .orElse(null);
        var entry = new RotatedImage(
                candidate.id.cloud(),
                candidate.id.id(),
                image != null
                        ? FieldRules.clipped(image.image().name(), FieldRules.MAX_NAME)
                        : before == null ? null : before.name(),
                family,
                phase,
                supersededAt,
                candidate.share);
        entries.add(entry);
        return entry;
    }

    private ImageCloud cloudOf(Candidate candidate) {
        var cloud = clouds.get(candidate.id.cloud());
        // Of one that went, the ImageShare still knows the credentials.
        return cloud != null
                ? cloud
                : new ImageCloud(
                        candidate.id.cloud(),
                        candidate.child == null
                                ? null
                                : candidate.child.getSpec().cloudCredentialsRef());
    }

    private boolean isAsTemplated(Candidate candidate) {
        var child = requireNonNull(candidate.child);
        return isOwned(child)
                && SetOwnership.isMade(
                        child, in.name(), requireNonNull(spec.template()), cloudOf(candidate), candidate.id.id());
    }

    private boolean isInOrder(Candidate candidate) {
        var child = candidate.child;
        if (child == null || child.isMarkedForDeletion() || !isAsTemplated(candidate)) {
            return false;
        }
        var status = child.getStatus();
        return status != null
                && Objects.equals(
                        status.observedGeneration(), child.getMetadata().getGeneration())
                && status.image() != null
                && status.image().id().equals(candidate.id.id())
                && Conditions.find(status.conditions(), Conditions.READY)
                        .filter(ready -> ready.status() == Condition.Status.True)
                        .filter(ready -> !ready.reason().equals(Reason.Suspended.name()))
                        .isPresent();
    }

    // ----------------------------------------------------------- the guard

    private @Nullable HeldShares judge() {
        if (leavers.isEmpty()) {
            return null;
        }
        var staying = entries.size();
        var frozen = frozen();
        if (frozen != null) {
            leavers.values().stream()
                    .filter(leaver -> !requireNonNull(frozen.remove()).contains(leaver.candidate.share))
                    .forEach(leaver -> stay(leaver.candidate));
            leavers.keySet().retainAll(Set.copyOf(requireNonNull(frozen.remove())));
            return isApproved(frozen) ? go(frozen) : keep(frozen);
        }
        var had = (int) in.shares().values().stream().filter(this::isOurs).count();
        var limit = maxRemovals.of(had);
        var reasons = new ArrayList<String>();
        if (leavers.size() > limit) {
            reasons.add(
                    "maxRemovals " + maxRemovals + " allows " + limit + " of " + had + " ImageShares to leave at once");
        }
        if (staying == 0) {
            reasons.add("the set would no longer share anything");
        }
        if (reasons.isEmpty()) {
            return go(null);
        }
        var held = held(
                leavers.keySet(),
                String.join(", and ", reasons)
                        + leavers.values().stream()
                                .findFirst()
                                .map(leaver -> ". Of the first: " + leaver.why)
                                .orElse(""));
        return isApproved(held) ? go(held) : keep(held);
    }

    /** They leave, once all that is new is in order; until then they stay. */
    private @Nullable HeldShares go(@Nullable HeldShares approved) {
        var blocked = leavers.values().stream()
                .anyMatch(leaver -> leaver.unread || cloudsWithPending.contains(leaver.candidate.id.cloud()));
        var stays = false;
        for (var leaver : leavers.values()) {
            // An approval is of all of them, and would be of nothing after some of them.
            var waits = approved != null
                    ? blocked
                    : leaver.unread || cloudsWithPending.contains(leaver.candidate.id.cloud());
            if (waits) {
                stay(leaver.candidate);
                waiting.add(leaver.candidate.id.id());
                stays = true;
            } else {
                exits.put(leaver.candidate.share, Exit.LEAVES);
            }
        }
        return stays ? approved : null;
    }

    private HeldShares keep(HeldShares held) {
        leavers.values().forEach(leaver -> stay(leaver.candidate));
        return held;
    }

    /** What was held for this generation, without those that are back or gone. */
    private @Nullable HeldShares frozen() {
        var before = in.before();
        if (before == null
                || before.plan() == null
                || before.plan().remove() == null
                || before.observedGeneration() == null
                || before.observedGeneration() != in.generation()) {
            return null;
        }
        var still = before.plan().remove().stream()
                .filter(leavers::containsKey)
                .collect(Collectors.toCollection(TreeSet::new));
        return still.isEmpty()
                ? null
                : held(still, requireNonNullElse(before.plan().because(), "they were held before"));
    }

    private HeldShares held(Collection<String> shares, String because) {
        return new HeldShares(
                List.copyOf(shares),
                ShortHash.of(Stream.concat(
                        Stream.of(in.uid(), Long.toString(in.generation())),
                        shares.stream()
                                .flatMap(share -> Stream.of(
                                        share,
                                        requireNonNull(in.shares().get(share))
                                                .getMetadata()
                                                .getUid())))),
                FieldRules.clipped(because, MAX_MESSAGE));
    }

    private boolean isApproved(HeldShares held) {
        return requireNonNull(held.hash()).equals(in.approval());
    }

    /** What must be asked about; where nothing can leave yet, some. */
    private List<CloudImageId> unproven(@Nullable HeldShares held) {
        var unread = leavers.values().stream()
                .filter(Leaver::unread)
                .map(leaver -> leaver.candidate.id)
                .toList();
        return held == null || isApproved(held) ? unread : unread.subList(0, Math.min(unread.size(), ASKED_WHILE_HELD));
    }

    // ---------------------------------------------------------- the result

    private RotationPlan result(@Nullable HeldShares held) {
        var create = new ArrayList<RotatedImage>();
        var rewrite = new ArrayList<RotatedImage>();
        var stalled = new TreeMap<String, String>();
        var late = new TreeSet<String>();
        var inOrder = 0;
        for (var entry : entries) {
            var candidate = requireNonNull(byShare.get(entry.share()));
            var child = candidate.child;
            if (child == null) {
                if (in.shares().containsKey(entry.share())) {
                    taken.add(entry.share());
                } else {
                    create.add(entry);
                    late.add(entry.share());
                }
            } else if (isInOrder(candidate)) {
                inOrder++;
            } else {
                if (!child.isMarkedForDeletion() && !isAsTemplated(candidate)) {
                    rewrite.add(entry);
                }
                if (candidate.isShared()) {
                    var reason = stalledReason(child);
                    if (reason.isPresent()) {
                        stalled.put(entry.share(), reason.get());
                    } else {
                        late.add(entry.share());
                    }
                }
            }
        }
        tell(stalled, late);
        var listed = listed();
        if (listed.isEmpty()) {
            return unchanged(Problem.of(
                    Reason.TooManyImages,
                    "The set's status would take more than 500 kB. Nothing is shared and nothing"
                            + " leaves until spec.images.filter matches fewer, or the set is divided."));
        }
        var release = exits.keySet().stream()
                .map(name -> requireNonNull(in.shares().get(name)))
                .map(share -> new ReleasedShare(
                        share.getMetadata().getName(), share.getMetadata().getUid()))
                .toList();
        var delete = exits.keySet().stream()
                .map(name -> requireNonNull(in.shares().get(name)))
                .filter(share -> !share.isMarkedForDeletion())
                .filter(share -> isTrusted(share.getMetadata().getName()))
                .toList();
        return new RotationPlan(
                hash,
                newStates,
                listed.get(),
                counts(inOrder, held),
                create,
                rewrite,
                release,
                delete,
                held,
                superseded,
                exited(Exit.RETIRES),
                exited(Exit.LEAVES),
                exited(Exit.IMAGE_GONE),
                unproven(held),
                Optional.ofNullable(nextRetirement),
                problems,
                notes());
    }

    /** Nothing of a cloud is deleted by a pass that didn't see its images; what an earlier pass let go waits. */
    private boolean isTrusted(String share) {
        var cloud = requireNonNull(byShare.get(share)).id.cloud();
        return newStates.stream()
                .filter(state -> state.name().equals(cloud))
                .allMatch(state -> state.complete() || !clouds.containsKey(cloud));
    }

    private List<String> exited(Exit how) {
        return exits.entrySet().stream()
                .filter(exit -> exit.getValue() == how)
                .map(Map.Entry::getKey)
                .toList();
    }

    private static Optional<String> stalledReason(ImageShare child) {
        var status = child.getStatus();
        return status == null
                        || !Objects.equals(
                                status.observedGeneration(), child.getMetadata().getGeneration())
                ? Optional.empty()
                : Conditions.find(status.conditions(), Conditions.STALLED).map(Condition::reason);
    }

    private void tell(Map<String, String> stalled, Set<String> late) {
        if (!notOrderable.isEmpty()) {
            problems.add(Problem.of(
                    Reason.ImageNotOrderable,
                    "Left out because they can't be ordered: "
                            + EventRecorder.names(notOrderable.entrySet().stream()
                                    .map(each -> each.getKey() + " (" + each.getValue() + ")")
                                    .toList())
                            + ". Correct the images' properties. Images that are already shared stay shared."));
        }
        if (!taken.isEmpty()) {
            problems.add(Problem.of(
                    Reason.NameTaken,
                    "ImageShares that don't belong to this set have names that it needs: "
                            + EventRecorder.names(taken)
                            + ". Delete or rename them. To let the set have one, give it the label "
                            + SetOwnership.labelOf(in.name()) + " and no other controller."));
        }
        if (!skewed.isEmpty()) {
            problems.add(Problem.of(
                    Reason.ClockSkew,
                    "By the operator's clock these are due to retire: " + EventRecorder.names(skewed)
                            + ", but that clock differs from the API server's by more than two minutes. Nothing retires until"
                            + " the clocks agree: correct the node's clock."));
        }
        if (!stalled.isEmpty()) {
            problems.add(Problem.of(
                    Reason.ShareStalled,
                    "ImageShares of the set need attention; see their own messages: "
                            + EventRecorder.names(stalled.entrySet().stream()
                                    .map(each -> each.getKey() + " (" + each.getValue() + ")")
                                    .toList())
                            + "."));
        }
        if (!late.isEmpty()) {
            problems.add(Problem.of(
                    Reason.Progressing,
                    "Not in order yet: " + late.size() + " of " + entries.size() + " ImageShares: "
                            + EventRecorder.names(late) + "."));
        }
    }

    private List<String> notes() {
        var notes = new ArrayList<String>();
        if (!waiting.isEmpty()) {
            notes.add("These stay shared until all newer ones are in order: " + EventRecorder.names(waiting) + ".");
        }
        if (!notShared.isEmpty()) {
            notes.add("These are not shared, so they have no members to change: "
                    + EventRecorder.names(notShared.entrySet().stream()
                            .map(each -> each.getKey() + " (" + each.getValue() + ")")
                            .toList())
                    + ". To share one, run 'openstack image set --shared'.");
        }
        return notes;
    }

    private ImageCounts counts(int inOrder, @Nullable HeldShares held) {
        return counts(entries, inOrder, held);
    }

    private static ImageCounts counts(List<RotatedImage> images, int inOrder, @Nullable HeldShares held) {
        return new ImageCounts(
                images.size(),
                count(images, ImagePhase.Current),
                count(images, ImagePhase.Kept),
                count(images, ImagePhase.Retiring),
                inOrder,
                held == null ? 0 : requireNonNull(held.remove()).size());
    }

    private static int count(List<RotatedImage> images, ImagePhase phase) {
        return (int) images.stream().filter(image -> image.phase() == phase).count();
    }

    /** All stays as it is. */
    private RotationPlan unchanged(Problem why) {
        var before = in.before();
        var all = orEmpty(before == null ? null : before.images());
        var held =
                before != null && Objects.equals(before.observedGeneration(), in.generation()) ? before.plan() : null;
        return new RotationPlan(
                before == null || before.selection() == null ? hash : before.selection(),
                orEmpty(before == null ? null : before.clouds()),
                all,
                before == null || before.summary() == null ? counts(all, 0, held) : before.summary(),
                List.of(),
                List.of(),
                orEmpty(before == null ? null : before.released()).stream()
                        .filter(share -> isReleased(in.shares().get(share.name())))
                        .toList(),
                List.of(),
                held,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                List.of(why),
                List.of());
    }

    private CloudState state(String cloud, CloudReading reading, @Nullable Problem doubt) {
        var before = states.get(cloud);
        var scope = reading.scope();
        var isOther = doubt != null && doubt.reason() == Reason.NotImageOwner;
        var seen = isOther ? null : scope;
        return new CloudState(
                cloud,
                doubt == null ? Integer.valueOf(reading.images().size()) : before == null ? null : before.images(),
                doubt == null,
                doubt == null ? null : doubt.reason().name(),
                doubt == null
                        ? null
                        : Conditions.keepIfSame(
                                before == null ? null : before.message(),
                                FieldRules.clipped(doubt.message(), MAX_MESSAGE)),
                seen != null ? FieldRules.clipped(seen.cloud(), 300) : before == null ? null : before.keystone(),
                seen != null ? FieldRules.clipped(seen.region(), 255) : before == null ? null : before.region(),
                seen != null ? FieldRules.clipped(seen.projectId(), 255) : before == null ? null : before.projectID());
    }

    /** Within the status's share of what etcd takes: names go first, then families. Empty if it doesn't fit even so. */
    private Optional<List<RotatedImage>> listed() {
        var all = new ArrayList<>(entries);
        var bytes = all.stream().mapToLong(RotationPlanner::bytes).sum();
        for (var i = all.size() - 1; i >= 0 && bytes > MAX_BYTES; i--) {
            var image = all.get(i);
            bytes -= Listing.bytes(image.name());
            all.set(i, withoutName(image, image.family()));
        }
        for (var i = all.size() - 1; i >= 0 && bytes > MAX_BYTES; i--) {
            var image = all.get(i);
            bytes -= Listing.bytes(image.family());
            all.set(i, withoutName(image, null));
        }
        return bytes > MAX_BYTES ? Optional.empty() : Optional.of(all);
    }

    private static RotatedImage withoutName(RotatedImage image, @Nullable String family) {
        return new RotatedImage(
                image.cloud(), image.id(), null, family, image.phase(), image.supersededAt(), image.share());
    }

    private static long bytes(RotatedImage image) {
        return IMAGE_BYTES
                + Listing.bytes(image.cloud())
                + Listing.bytes(image.id())
                + Listing.bytes(image.name())
                + Listing.bytes(image.family())
                + Listing.bytes(image.supersededAt())
                + (long) Listing.bytes(image.share());
    }

    static String selectionHash(ImageSelection selection) {
        var filter = requireNonNull(selection.filter());
        var family = selection.family();
        var orderBy = selection.orderBy();
        return ShortHash.of(Stream.of(
                        Stream.of(
                                String.valueOf(filter.name()),
                                String.valueOf(filter.namePattern()),
                                String.valueOf(selection.keep()),
                                String.valueOf(selection.retireAfter()),
                                family == null ? "" : String.valueOf(family.by()),
                                family == null ? "" : String.valueOf(family.property()),
                                orderBy == null ? "" : String.valueOf(orderBy.property()),
                                orderBy == null ? "" : String.valueOf(orderBy.type())),
                        orEmpty(filter.tags()).stream().sorted(),
                        Stream.of(""),
                        requireNonNullElse(filter.properties(), Map.<String, String>of()).entrySet().stream()
                                .flatMap(each -> Stream.of(each.getKey(), each.getValue())))
                .flatMap(parts -> parts));
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
