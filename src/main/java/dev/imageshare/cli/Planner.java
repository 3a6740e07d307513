package dev.imageshare.cli;

import dev.imageshare.acceptance.AcceptancePreview;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferInfo;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectSetReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.cli.ManifestObject.State;
import dev.imageshare.cli.Plan.Action;
import dev.imageshare.cli.Plan.Change;
import dev.imageshare.cli.Plan.PlannedObject;
import dev.imageshare.cli.Plan.PlannedSet;
import dev.imageshare.cli.Plan.Trouble;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.openstack.ProjectDirectory;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.share.SharePreview;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Plans the objects of some manifests, with the operator's own code. Read-only. */
final class Planner {

    private static final String LOSES = "loses access, and must accept again when added back";

    private static final String UNKNOWN_HOLD =
            "; the cluster may have an approval, or other objects that declare some of these";

    private final Manifests manifests;
    private final List<ImageShare> otherShares;
    private final List<ImageAcceptance> otherAcceptances;
    private final Function<String, ImageClient> clouds;
    private final SetPlans sets;
    private final SharePreview shares;
    private final AcceptancePreview acceptances;
    private final Instant now;
    /** What failed before the cloud was called, by the object's UID. */
    private final Map<String, Problem> unusable = new ConcurrentHashMap<>();

    /**
     * @param otherShares those in the cluster that aren't in the manifests, and stay unchanged
     * @param otherAcceptances the same of the other kind
     * @param clouds returns a client for a new pass over the cloud of that name
     * @param directories returns the projects of the cloud of that name
     */
    Planner(
            Manifests manifests,
            List<ImageShare> otherShares,
            List<ImageAcceptance> otherAcceptances,
            Function<String, ImageClient> clouds,
            Function<String, ProjectDirectory> directories,
            Instant now) {
        this.manifests = manifests;
        this.sets = new SetPlans(manifests, directories, now);
        this.otherShares = rivals(manifests, otherShares);
        this.otherAcceptances = otherAcceptances;
        this.clouds = clouds;
        this.now = now;
        this.shares =
                new SharePreview(with(manifests.shares(), this.otherShares), manifests::referent, sets::find, now);
        this.acceptances = new AcceptancePreview(with(manifests.acceptances(), otherAcceptances), now);
    }

    private static <T extends HasMetadata> List<T> with(List<ManifestObject<T>> declared, List<T> others) {
        var all = new ArrayList<>(declared.stream().map(ManifestObject::object).toList());
        all.addAll(others);
        return all;
    }

    /** Those that may declare members of an image in the manifests; in most clusters these are few. */
    private static List<ImageShare> rivals(Manifests manifests, List<ImageShare> others) {
        var images = new HashSet<String>();
        for (var declared : manifests.shares()) {
            var known = imageId(declared.object());
            if (known.isEmpty()) {
                return others;
            }
            images.add(known.get());
        }
        return others.stream()
                .filter(other -> imageId(other).filter(images::contains).isPresent())
                .toList();
    }

    private static Optional<String> imageId(ImageShare share) {
        var status = share.getStatus();
        var image = share.getSpec().image();
        return status != null && status.image() != null
                ? Optional.of(status.image().id())
                : Optional.ofNullable(image).map(ImageReference::id);
    }

    /**
     * First reads who is in each set, then the state of each object, since one object's claims restrict others; then plans
     * each.
     */
    List<PlannedObject> plan(Progress progress) {
        Parallel.map(List.copyOf(sets.toPreview()), progress, set -> {
            sets.preview(set);
            return true;
        });
        var work = new ArrayList<Runnable>();
        with(manifests.shares(), otherShares).stream()
                .filter(share -> !share.isMarkedForDeletion())
                .forEach(share -> work.add(() -> find(share, share.getSpec().cloudCredentialsRef(), shares::find)));
        with(manifests.acceptances(), otherAcceptances).stream()
                .filter(acceptance -> !acceptance.isMarkedForDeletion())
                .forEach(acceptance -> work.add(
                        () -> find(acceptance, acceptance.getSpec().cloudCredentialsRef(), acceptances::find)));
        Parallel.map(work, progress, task -> {
            task.run();
            return true;
        });
        var planned = new ArrayList<>(Parallel.map(manifests.shares(), progress, this::share));
        planned.addAll(Parallel.map(manifests.acceptances(), progress, this::acceptance));
        planned.sort(Comparator.comparing(PlannedObject::namespace)
                .thenComparing(PlannedObject::name)
                .thenComparing(PlannedObject::kind));
        return planned;
    }

    /** After {@link #plan}: the ProjectSets that the manifests add or change. */
    List<PlannedSet> plannedSets() {
        return sets.planned();
    }

    /** After {@link #plan}: objects in the cluster that could not be read, and are not taken into account. */
    List<String> notLookedAt() {
        return Stream.<HasMetadata>concat(otherShares.stream(), otherAcceptances.stream())
                .filter(other -> unusable.containsKey(other.getMetadata().getUid()))
                .map(ManifestObject::title)
                .sorted()
                .toList();
    }

    /** How often {@link #plan} reports progress. */
    int steps() {
        return sets.toPreview().size()
                + 2 * (manifests.shares().size() + manifests.acceptances().size())
                + otherShares.size()
                + otherAcceptances.size();
    }

    private <T extends HasMetadata> void find(
            T object, @Nullable CloudCredentialsRef ref, BiConsumer<T, ImageClient> look) {
        try {
            look.accept(object, clouds.apply(cloud(ref)));
        } catch (OpenStackException e) {
            unusable.put(object.getMetadata().getUid(), Problem.of(e));
        }
    }

    private static String cloud(@Nullable CloudCredentialsRef ref) {
        return Objects.requireNonNull(Objects.requireNonNull(ref).cloudName());
    }

    private PlannedObject share(ManifestObject<ImageShare> declared) {
        var share = declared.object();
        var spec = share.getSpec();
        var draft = new Draft("ImageShare", declared, cloud(spec.cloudCredentialsRef()));
        draft.managed = spec.managementPolicy() == ManagementPolicy.managed && !spec.suspend();
        draft.suspended = spec.suspend();
        draft.firstPass = share.getStatus() == null || share.getStatus().image() == null;
        if (draft.isOver()) {
            return draft.planned();
        }
        var found = shares.plan(share);
        var plan = found.plan();
        var answers = answers(found.members());
        draft.notes.addAll(found.notes());
        for (var problem : found.problems()) {
            switch (problem.reason()) {
                // It is one of the changes.
                case RemovalHeld -> {}
                // What only the cluster knows isn't an error.
                case WaitingForReference -> {
                    draft.whole = false;
                    draft.notes.add(problem.message());
                }
                default -> {
                    draft.isConflict |= problem.reason() == Reason.Conflict;
                    draft.problem(problem);
                }
            }
        }
        draft.image = found.image();
        var known = declared.state() != State.UNKNOWN;
        var worst = draft.managed && (!known || !draft.whole) && found.image() != null && found.members() != null
                ? Optional.of(WorstCase.of(
                        share,
                        shares.declared(share),
                        found.image(),
                        answers.keySet(),
                        !draft.whole || hasRivals(declared, found.image().id()) || mayDeclareMore(share)))
                : Optional.<WorstCase>empty();
        if (plan != null) {
            plan.add().forEach(p -> draft.changes.add(member(Action.add, p, null, null)));
            plan.remove()
                    .forEach(p -> draft.changes.add(member(
                            Action.remove,
                            p,
                            answers.get(p),
                            plan.approved().contains(p) ? "approved; " + LOSES : LOSES)));
        }
        worst.ifPresent(most -> mayHappen(declared, most, answers, draft));
        if (known && draft.managed && found.image() != null && found.members() != null) {
            mayMove(declared, found.image(), answers, draft);
            mayGoFirst(declared, found.image(), answers.keySet(), draft);
        }
        if (plan != null) {
            plan.held().stream()
                    .filter(p -> worst.isEmpty() || !worst.get().mayRemove(p))
                    .map(p -> member(Action.hold, p, answers.get(p), found.heldBecause()))
                    .map(change -> known || !draft.managed
                            ? change
                            : change.dependingOnCluster(change.reason() + UNKNOWN_HOLD))
                    .forEach(draft.changes::add);
        }
        if (plan != null && !plan.held().isEmpty() && draft.managed && declared.state() == State.SAME) {
            draft.approval = plan.hash();
        }
        if (found.members() != null) {
            draft.inOrder = found.members().size()
                    - (int) draft.changes.stream()
                            .filter(c -> c.action() == Action.remove || c.action() == Action.hold)
                            .count();
        }
        if (!known
                && found.image() != null
                && Objects.requireNonNull(spec.image()).filter() != null) {
            draft.notes.add(
                    "If the object is in the cluster and found an image there, it keeps that one; this plan is for the"
                            + " one that the filter matches now.");
        }
        if (draft.isConflict && !known) {
            draft.notes.add("Only the cluster knows which of the objects is older and takes precedence.");
        }
        if (declared.state() == State.NEW) {
            draft.notes.add("It is not in the cluster yet.");
        }
        return draft.planned();
    }

    /** Adds what the cluster's state decides, in addition to what happens in any case. */
    private void mayHappen(
            ManifestObject<ImageShare> declared, WorstCase most, Map<String, String> answers, Draft draft) {
        var planned = draft.changes.stream().map(Change::project).collect(Collectors.toSet());
        most.add().stream()
                .filter(p -> !planned.contains(p))
                .map(p -> member(Action.add, p, null, null).dependingOnCluster("if this object is the older one"))
                .forEach(draft.changes::add);
        if (draft.isConflict) {
            most.hold()
                    .forEach(p -> draft.changes.add(member(Action.hold, p, answers.get(p), null)
                            .dependingOnCluster("if this object is the older one")));
        }
        var isAdditive = declared.object().getSpec().membershipPolicy() == MembershipPolicy.Additive;
        mayBeRemoved(
                most.remove(),
                "if this object is in sync in the cluster already, and is held otherwise",
                declared,
                answers,
                draft);
        mayBeRemoved(
                most.removeIfAdded(),
                isAdditive
                        ? "if this object added it"
                        : "if this object added it and was not in sync yet, and is held otherwise",
                declared,
                answers,
                draft);
    }

    private static void mayBeRemoved(
            Set<String> projects,
            String condition,
            ManifestObject<ImageShare> declared,
            Map<String, String> answers,
            Draft draft) {
        var planned = draft.changes.stream().map(Change::project).collect(Collectors.toSet());
        var conditions = new ArrayList<String>();
        if (declared.state() == State.UNKNOWN) {
            conditions.add(condition);
        }
        if (!draft.whole) {
            conditions.add("unless a reference stands for it");
        }
        projects.stream()
                .filter(p -> !planned.contains(p))
                .map(p -> member(Action.remove, p, answers.get(p), null)
                        .dependingOnCluster("loses access at once " + String.join(", ", conditions)))
                .forEach(draft.changes::add);
    }

    /**
     * Adds members that a new object declares instead of this one: they stay if the operator reconciles the new one
     * first. It doesn't wait for it.
     */
    private void mayMove(ManifestObject<ImageShare> self, ImageInfo image, Map<String, String> answers, Draft draft) {
        var status = self.object().getStatus();
        if (draft.isConflict || status == null || status.members() == null) {
            return;
        }
        var planned = draft.changes.stream().map(Change::project).collect(Collectors.toSet());
        var mine = new HashSet<>(shares.declared(self.object()));
        for (var other : newBeside(self, image)) {
            var theirs = shares.declared(other.object());
            status.members().stream()
                    .filter(MemberInfo::added)
                    .map(MemberInfo::projectID)
                    .filter(p -> answers.containsKey(p) && !mine.contains(p) && theirs.contains(p) && planned.add(p))
                    .map(p -> member(Action.remove, p, answers.get(p), null)
                            .dependingOnCluster("briefly loses access if the operator reconciles this object before "
                                    + other.title() + ", which is new and declares it"))
                    .forEach(draft.changes::add);
        }
    }

    /** Adds what a new object does if it is reconciled before the other new one that it then conflicts with. */
    private void mayGoFirst(ManifestObject<ImageShare> self, ImageInfo image, Set<String> present, Draft draft) {
        var others = newBeside(self, image);
        if (!draft.isConflict || hasImage(self.object()) || others.isEmpty()) {
            return;
        }
        shares.declared(self.object()).stream()
                .filter(p -> !present.contains(p) && !p.equals(image.owner()))
                .map(p -> member(Action.add, p, null, null)
                        .dependingOnCluster("if the operator reconciles this object before "
                                + others.get(0).title() + ", which is new too"))
                .forEach(draft.changes::add);
    }

    /** The other objects in the files that have found no image yet, and may find this one. */
    private List<ManifestObject<ImageShare>> newBeside(ManifestObject<ImageShare> self, ImageInfo image) {
        return manifests.shares().stream()
                .filter(other -> !other.title().equals(self.title()) && !hasImage(other.object()))
                .filter(other -> imageId(other.object()).map(image.id()::equals).orElse(true))
                .toList();
    }

    private static boolean hasImage(ImageShare share) {
        return share.getStatus() != null && share.getStatus().image() != null;
    }

    /** Whether another object in the files may be for the same image. */
    private boolean hasRivals(ManifestObject<ImageShare> self, String image) {
        return manifests.shares().stream()
                .filter(other -> !other.title().equals(self.title()))
                .anyMatch(other -> imageId(other.object()).map(image::equals).orElse(true));
    }

    /** Whether it names a set that the cluster may have already, with projects that have yet to leave it. */
    private boolean mayDeclareMore(ImageShare share) {
        var refs = Objects.requireNonNullElse(share.getSpec().projectSetRefs(), List.<ProjectSetReference>of());
        return refs.stream()
                .anyMatch(ref ->
                        sets.mayHoldMore(share.getMetadata().getNamespace(), Objects.requireNonNull(ref.name())));
    }

    private static Change member(Action action, String project, @Nullable String answer, @Nullable String reason) {
        return new Change(action, project, null, null, null, answer, null, reason, null);
    }

    private static Map<String, String> answers(@Nullable List<Member> members) {
        return members == null
                ? Map.of()
                : members.stream()
                        .collect(Collectors.toMap(
                                Member::projectId, m -> m.status().name()));
    }

    private PlannedObject acceptance(ManifestObject<ImageAcceptance> declared) {
        var acceptance = declared.object();
        var spec = acceptance.getSpec();
        var draft = new Draft("ImageAcceptance", declared, cloud(spec.cloudCredentialsRef()));
        draft.managed = !spec.suspend();
        draft.suspended = spec.suspend();
        draft.firstPass = acceptance.getStatus() == null;
        if (draft.isOver()) {
            return draft.planned();
        }
        var found = acceptances.plan(acceptance);
        var to = Objects.requireNonNull(spec.memberStatus()).name();
        found.answer().forEach(offer -> draft.changes.add(answer(offer, to)));
        draft.project = found.project() == null ? null : found.project().id();
        draft.inOrder = found.offers() == null ? 0 : found.offers().size() - draft.changes.size();
        found.problems().forEach(draft::problem);
        draft.notes.addAll(found.notes());
        if (declared.state() == State.UNKNOWN && manifests.acceptances().size() > 1) {
            mayAnswer(acceptance, to, draft);
        }
        return draft.planned();
    }

    private static Change answer(OfferInfo offer, String to) {
        return new Change(
                Action.answer,
                null,
                null,
                offer.id(),
                offer.name(),
                offer.memberStatus() == null ? null : offer.memberStatus().name(),
                to,
                null,
                null);
    }

    /** Adds what it would answer if it took precedence, which only the cluster knows. */
    private void mayAnswer(ImageAcceptance acceptance, String to, Draft draft) {
        var planned = draft.changes.stream().map(Change::image).collect(Collectors.toSet());
        var alone = new AcceptancePreview(List.of(acceptance), now);
        alone.find(acceptance, clouds.apply(draft.cloud));
        alone.plan(acceptance).answer().stream()
                .filter(offer -> !planned.contains(offer.id()))
                .map(offer -> answer(offer, to)
                        .dependingOnCluster("if this object takes precedence over the others in the cluster"))
                .forEach(draft.changes::add);
    }

    /** An object's plan while it is built. */
    private final class Draft {
        private final String kind;
        private final ManifestObject<?> declared;
        private final String cloud;
        private boolean managed = true;
        private boolean suspended;
        private boolean firstPass;
        private @Nullable ImageInfo image;
        private @Nullable String project;
        private @Nullable String approval;
        private int inOrder;
        private boolean whole = true;
        private boolean isConflict;
        private final List<Change> changes = new ArrayList<>();
        private final List<Trouble> problems = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();

        Draft(String kind, ManifestObject<?> declared, String cloud) {
            this.kind = kind;
            this.declared = declared;
            this.cloud = cloud;
        }

        void problem(Problem problem) {
            problems.add(new Trouble(problem.reason().name(), problem.message()));
        }

        /** Whether the plan ends before the cloud is called; says why. */
        boolean isOver() {
            if (declared.object().isMarkedForDeletion()) {
                notes.add("It is being deleted; what the operator revokes because of that is not part of the plan.");
                return true;
            }
            var problem = unusable.get(declared.object().getMetadata().getUid());
            if (problem != null) {
                problem(problem);
            }
            return problem != null;
        }

        private Change named(Change change) {
            return change.project() == null
                    ? change
                    : change.withName(sets.name(declared.namespace(), change.project()));
        }

        PlannedObject planned() {
            return new PlannedObject(
                    kind,
                    declared.namespace(),
                    declared.name(),
                    declared.place().file(),
                    declared.place().line(),
                    cloud,
                    managed,
                    suspended,
                    firstPass,
                    image,
                    project,
                    approval,
                    inOrder,
                    whole,
                    changes.stream().map(this::named).toList(),
                    problems,
                    notes);
        }
    }
}
