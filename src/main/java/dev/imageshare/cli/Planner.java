package dev.imageshare.cli;

import dev.imageshare.acceptance.AcceptancePreview;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
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
import dev.imageshare.reconcile.Reason;
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
import java.util.stream.Stream;
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
        var cloud = cloud(spec.cloudCredentialsRef());
        var managed = spec.managementPolicy() == ManagementPolicy.managed;
        var firstPass = share.getStatus() == null || share.getStatus().image() == null;
        var early = early(declared);
        if (early != null) {
            return new PlannedObject(
                    "ImageShare",
                    declared.namespace(),
                    declared.name(),
                    declared.place().file(),
                    declared.place().line(),
                    cloud,
                    managed,
                    firstPass,
                    null,
                    null,
                    null,
                    0,
                    true,
                    List.of(),
                    early.problems(),
                    early.notes());
        }
        var found = shares.plan(share);
        var plan = found.plan();
        var answers = answers(found.members());
        var changes = new ArrayList<Change>();
        if (plan != null) {
            plan.add().forEach(p -> changes.add(member(Action.add, p, null, null)));
            plan.remove()
                    .forEach(p -> changes.add(member(
                            Action.remove,
                            p,
                            answers.get(p),
                            plan.approved().contains(p) ? "approved; " + LOSES : LOSES)));
            plan.held().forEach(p -> changes.add(member(Action.hold, p, answers.get(p), found.heldBecause())));
        }
        var mayApprove = plan != null && !plan.held().isEmpty() && managed && declared.fromCluster();
        var waiting = found.problems().stream()
                .filter(p -> p.reason() == Reason.WaitingForReference)
                .map(Problem::message)
                .toList();
        var inOrder = plan == null || found.members() == null
                ? 0
                : found.members().size() - plan.remove().size() - plan.held().size();
        return new PlannedObject(
                "ImageShare",
                declared.namespace(),
                declared.name(),
                declared.place().file(),
                declared.place().line(),
                cloud,
                managed,
                firstPass,
                found.image(),
                null,
                mayApprove ? Objects.requireNonNull(plan).hash() : null,
                inOrder,
                waiting.isEmpty(),
                changes,
                // What is held is among the changes, and what only the cluster knows is no error.
                troubles(found.problems().stream()
                        .filter(p -> p.reason() != Reason.RemovalHeld && p.reason() != Reason.WaitingForReference)
                        .toList()),
                Stream.concat(found.notes().stream(), waiting.stream()).toList());
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
        var early = early(declared);
        var found = early == null ? acceptances.plan(acceptance) : null;
        var to = Objects.requireNonNull(spec.memberStatus()).name();
        var changes = found == null
                ? List.<Change>of()
                : found.answer().stream()
                        .map(offer -> new Change(
                                Action.answer,
                                null,
                                offer.id(),
                                offer.name(),
                                offer.memberStatus() == null
                                        ? null
                                        : offer.memberStatus().name(),
                                to,
                                null))
                        .toList();
        var offers = found == null || found.offers() == null ? List.of() : found.offers();
        return new PlannedObject(
                "ImageAcceptance",
                declared.namespace(),
                declared.name(),
                declared.place().file(),
                declared.place().line(),
                cloud(spec.cloudCredentialsRef()),
                true,
                acceptance.getStatus() == null,
                null,
                found == null || found.project() == null
                        ? null
                        : found.project().id(),
                null,
                offers.size() - changes.size(),
                true,
                changes,
                early != null
                        ? early.problems()
                        : troubles(Objects.requireNonNull(found).problems()),
                early != null ? early.notes() : Objects.requireNonNull(found).notes());
    }

    private record Early(List<Trouble> problems, List<String> notes) {}

    /** What ends the plan before it begins. */
    private @Nullable Early early(Declared<?> declared) {
        if (declared.object().isMarkedForDeletion()) {
            return new Early(
                    List.of(), List.of("It is being deleted; what the operator revokes for that isn't planned here."));
        }
        var problem = unusable.get(declared.object().getMetadata().getUid());
        return problem == null ? null : new Early(troubles(List.of(problem)), List.of());
    }

    private static List<Trouble> troubles(List<Problem> problems) {
        return problems.stream()
                .map(p -> new Trouble(p.reason().name(), p.message()))
                .toList();
    }
}
