package dev.imageshare.cli;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.cli.ManifestObject.State;
import dev.imageshare.cli.Plan.Action;
import dev.imageshare.cli.Plan.PlannedSet;
import dev.imageshare.cli.Plan.SetChange;
import dev.imageshare.cli.Plan.Trouble;
import dev.imageshare.openstack.ProjectDirectory;
import dev.imageshare.projectset.SetPreview;
import dev.imageshare.projectset.SetPreview.PreviewedSet;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.share.SetReferent;
import dev.imageshare.share.SetReferent.SetGap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The ProjectSets of some manifests and of the cluster: who is in each once the manifests are applied. */
final class SetPlans {

    private static final String LOSES = "leaves the set, and the images that are shared with it";

    /** Whose cause is the set itself. The others' may be that these credentials aren't the operator's. */
    private static final Set<Reason> ERRORS = Set.of(Reason.InvalidSpec, Reason.TooManyProjects);

    private final Map<String, ManifestObject<ProjectSet>> declared;
    private final Map<String, ProjectSet> ofCluster;
    private final Function<String, ProjectDirectory> directories;
    private final Instant now;
    private final Map<String, PreviewedSet> previewed = new ConcurrentHashMap<>();
    /** By namespace and ID. */
    private final Map<String, String> names = new ConcurrentHashMap<>();

    /** @param directories the projects of the cloud of that name, as the caller's credentials see them */
    SetPlans(Manifests manifests, Function<String, ProjectDirectory> directories, Instant now) {
        this.declared = manifests.sets().stream()
                .collect(Collectors.toMap(set -> key(set.namespace(), set.name()), Function.identity()));
        this.ofCluster = manifests.clusterSets().stream()
                .collect(Collectors.toMap(
                        set -> key(
                                set.getMetadata().getNamespace(),
                                set.getMetadata().getName()),
                        Function.identity(),
                        (first, second) -> first));
        this.directories = directories;
        this.now = now;
        Stream.concat(declared.values().stream().map(ManifestObject::object), ofCluster.values().stream())
                .forEach(this::name);
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }

    private void name(ProjectSet set) {
        set.projectNames().forEach((id, name) -> names.put(key(set.getMetadata().getNamespace(), id), name));
    }

    /** What people of this namespace call a project, as far as its ProjectSets say it. */
    @Nullable
    String name(String namespace, String project) {
        return names.get(key(namespace, project));
    }

    /** Those that the manifests bring or change, so that the cluster's state doesn't have who is in them. */
    Collection<ManifestObject<ProjectSet>> toPreview() {
        return declared.values().stream()
                .filter(set ->
                        SetReferent.of(Optional.of(set.object())).equals(new SetReferent.Unusable(SetGap.NOT_READ)))
                .toList();
    }

    /** Asks Keystone, where the set has selectors. */
    void preview(ManifestObject<ProjectSet> set) {
        var found = SetPreview.of(set.object(), ref -> directories.apply(requireNonNull(ref.cloudName())), now);
        previewed.put(key(set.namespace(), set.name()), found);
        name(found.set());
    }

    /** After {@link #preview} of all: what the name of a set stands for. */
    SetReferent find(String namespace, String name) {
        var key = key(namespace, name);
        var preview = previewed.get(key);
        if (preview != null) {
            return SetReferent.of(Optional.of(preview.set()));
        }
        var mine = declared.get(key);
        var found = Optional.ofNullable(mine == null ? ofCluster.get(key) : mine.object());
        return found.filter(set -> set.getStatus() != null).isEmpty()
                ? new SetReferent.Unusable(SetGap.NOT_ASKED)
                : SetReferent.of(found);
    }

    /** Whether the cluster may know more of a set: who has yet to leave it. */
    boolean mayHoldMore(String namespace, String name) {
        var key = key(namespace, name);
        return previewed.containsKey(key) && requireNonNull(declared.get(key)).state() == State.UNKNOWN;
    }

    /** After {@link #preview} of all: what becomes of each, by namespace and name. */
    List<PlannedSet> planned() {
        return previewed.entrySet().stream()
                .map(each -> planned(requireNonNull(declared.get(each.getKey())), each.getValue()))
                .sorted(Comparator.comparing(PlannedSet::namespace).thenComparing(PlannedSet::name))
                .toList();
    }

    private PlannedSet planned(ManifestObject<ProjectSet> set, PreviewedSet preview) {
        var changes = new ArrayList<SetChange>();
        preview.joined().forEach(id -> changes.add(change(Action.add, set, id, null)));
        preview.left().forEach(id -> changes.add(change(Action.remove, set, id, LOSES)));
        var held = preview.held();
        if (held != null) {
            requireNonNull(held.remove()).forEach(id -> changes.add(change(Action.hold, set, id, held.because())));
        }
        var problems = new ArrayList<Trouble>();
        var notes = new ArrayList<String>();
        for (var problem : preview.problems()) {
            if (ERRORS.contains(problem.reason())) {
                problems.add(new Trouble(problem.reason().name(), problem.message()));
            } else if (problem.reason() != Reason.RemovalHeld) {
                notes.add("Not read here: " + problem.reason() + ": " + problem.message());
            }
        }
        if (set.state() == State.UNKNOWN) {
            notes.add("If the set is in the cluster, who leaves it by this is decided there.");
        } else if (set.state() == State.NEW) {
            notes.add("It is not in the cluster yet.");
        }
        var status = requireNonNull(preview.set().getStatus());
        return new PlannedSet(
                set.namespace(),
                set.name(),
                set.place().file(),
                set.place().line(),
                requireNonNullElse(status.projects(), List.of()).size(),
                Boolean.TRUE.equals(status.complete()),
                set.object().getSpec().suspend(),
                changes,
                problems,
                notes);
    }

    private SetChange change(Action action, ManifestObject<ProjectSet> set, String id, @Nullable String reason) {
        return new SetChange(action, id, name(set.namespace(), id), reason);
    }
}
