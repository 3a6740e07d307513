package dev.imageshare.cli;

import dev.imageshare.acceptance.AcceptancePreview;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.cli.Manifests.Declared;
import dev.imageshare.cli.Plan.Action;
import dev.imageshare.cli.Plan.Change;
import dev.imageshare.cli.Plan.PlannedObject;
import dev.imageshare.cli.Plan.Trouble;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.share.SharePreview;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Plans the objects of some manifests, by the operator's own code. Reads only. */
final class Planner {

    private static final String LOSES = "loses access, and must accept again when added back";

    private final Function<String, ImageClient> clouds;
    private final SharePreview shares;
    private final AcceptancePreview acceptances;
    /** What failed before the cloud was asked, by the object's UID. */
    private final Map<String, Problem> unusable = new ConcurrentHashMap<>();

    /** @param clouds gives a client for a new pass over the cloud of that name */
    Planner(Manifests manifests, Function<String, ImageClient> clouds, Instant now) {
        this.clouds = clouds;
        this.shares = new SharePreview(
                manifests.shares().stream().map(Declared::object).toList(), manifests::referent, now);
        this.acceptances = new AcceptancePreview(
                manifests.acceptances().stream().map(Declared::object).toList(), now);
    }

    /** First each object is looked at, since what one claims another may not; then each is planned. */
    List<PlannedObject> plan(Manifests manifests, Progress progress) {
        var work = new ArrayList<Runnable>();
        manifests.shares().stream()
                .filter(d -> !d.object().isMarkedForDeletion())
                .forEach(d ->
                        work.add(() -> find(d.object(), d.object().getSpec().cloudCredentialsRef(), shares::find)));
        manifests.acceptances().stream()
                .filter(d -> !d.object().isMarkedForDeletion())
                .forEach(d -> work.add(
                        () -> find(d.object(), d.object().getSpec().cloudCredentialsRef(), acceptances::find)));
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

    /** How often {@link #plan} tells of progress. */
    static int steps(Manifests manifests) {
        return 2 * (manifests.shares().size() + manifests.acceptances().size());
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

    private PlannedObject share(Declared<ImageShare> declared) {
        var share = declared.object();
        var spec = share.getSpec();
        var draft = new Draft("ImageShare", declared, cloud(spec.cloudCredentialsRef()));
        draft.managed = spec.managementPolicy() == ManagementPolicy.managed;
        draft.firstPass = share.getStatus() == null || share.getStatus().image() == null;
        if (draft.isOver()) {
            return draft.planned();
        }
        var found = shares.plan(share);
        var plan = found.plan();
        var answers = answers(found.members());
        if (plan != null) {
            plan.add().forEach(p -> draft.changes.add(member(Action.add, p, null, null)));
            plan.remove()
                    .forEach(p -> draft.changes.add(member(
                            Action.remove,
                            p,
                            answers.get(p),
                            plan.approved().contains(p) ? "approved; " + LOSES : LOSES)));
            plan.held().forEach(p -> draft.changes.add(member(Action.hold, p, answers.get(p), found.heldBecause())));
        }
        draft.image = found.image();
        if (plan != null && !plan.held().isEmpty() && draft.managed && declared.fromCluster()) {
            draft.approval = plan.hash();
        }
        if (plan != null && found.members() != null) {
            draft.inOrder =
                    found.members().size() - plan.remove().size() - plan.held().size();
        }
        draft.notes.addAll(found.notes());
        for (var problem : found.problems()) {
            switch (problem.reason()) {
                // It is among the changes.
                case RemovalHeld -> {}
                // What only the cluster knows is no error.
                case WaitingForReference -> {
                    draft.whole = false;
                    draft.notes.add(problem.message());
                }
                default -> draft.problem(problem);
            }
        }
        return draft.planned();
    }

    private static Change member(Action action, String project, @Nullable String answer, @Nullable String reason) {
        return new Change(action, project, null, null, answer, null, reason);
    }

    private static Map<String, String> answers(@Nullable List<Member> members) {
        return members == null
                ? Map.of()
                : members.stream()
                        .collect(Collectors.toMap(
                                Member::projectId, m -> m.status().name()));
    }

    private PlannedObject acceptance(Declared<ImageAcceptance> declared) {
        var acceptance = declared.object();
        var spec = acceptance.getSpec();
        var draft = new Draft("ImageAcceptance", declared, cloud(spec.cloudCredentialsRef()));
        draft.firstPass = acceptance.getStatus() == null;
        if (draft.isOver()) {
            return draft.planned();
        }
        var found = acceptances.plan(acceptance);
        var to = Objects.requireNonNull(spec.memberStatus()).name();
        found.answer()
                .forEach(offer -> draft.changes.add(new Change(
                        Action.answer,
                        null,
                        offer.id(),
                        offer.name(),
                        offer.memberStatus() == null
                                ? null
                                : offer.memberStatus().name(),
                        to,
                        null)));
        draft.project = found.project() == null ? null : found.project().id();
        draft.inOrder = found.offers() == null ? 0 : found.offers().size() - draft.changes.size();
        found.problems().forEach(draft::problem);
        draft.notes.addAll(found.notes());
        return draft.planned();
    }

    /** An object's plan while it is made. */
    private final class Draft {
        private final String kind;
        private final Declared<?> declared;
        private final String cloud;
        private boolean managed = true;
        private boolean firstPass;
        private @Nullable ImageInfo image;
        private @Nullable String project;
        private @Nullable String approval;
        private int inOrder;
        private boolean whole = true;
        private final List<Change> changes = new ArrayList<>();
        private final List<Trouble> problems = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();

        Draft(String kind, Declared<?> declared, String cloud) {
            this.kind = kind;
            this.declared = declared;
            this.cloud = cloud;
        }

        void problem(Problem problem) {
            problems.add(new Trouble(problem.reason().name(), problem.message()));
        }

        /** Whether the plan ends before the cloud is asked; says why. */
        boolean isOver() {
            if (declared.object().isMarkedForDeletion()) {
                notes.add("It is being deleted; what the operator revokes for that isn't planned here.");
                return true;
            }
            var problem = unusable.get(declared.object().getMetadata().getUid());
            if (problem != null) {
                problem(problem);
            }
            return problem != null;
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
                    firstPass,
                    image,
                    project,
                    approval,
                    inOrder,
                    whole,
                    changes,
                    problems,
                    notes);
        }
    }
}
