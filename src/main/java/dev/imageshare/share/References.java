package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.FollowedSet;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.orc.OrcKind;
import dev.imageshare.orc.OrcObjects;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.ProjectText;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The references of ImageShares to other objects of their namespace: what they stand for, and who has which. */
final class References {

    /** The cache's index from an object, and from a kind of ORC's, to the ImageShares that refer to it. */
    static final String BY_REFERENCE = "references";

    private final OrcObjects orc;
    private final ClockCheck clock;
    /** Who is told of sets that change: the SDK asks for them before it is known whether the kind is served. */
    private final List<Consumer<ResourceID>> setListeners = new ArrayList<>();

    private ProjectSets sets = ProjectSets.NOT_SERVED;

    /** @param clock by which access ends */
    References(OrcObjects orc, ClockCheck clock) {
        this.orc = orc;
        this.clock = clock;
    }

    /** To be called before the start, if at all. */
    void follow(ProjectSets served) {
        sets = served;
        setListeners.forEach(served::onChange);
    }

    /** The names of the sources that a spec refers to. */
    static Set<String> sources(ImageShareSpec spec) {
        return Stream.concat(
                        OrcSources.names(spec).stream().map(OrcSources::sourceName),
                        SetSources.names(spec).stream().map(SetSources::sourceName))
                .collect(Collectors.toSet());
    }

    /** Whether anything is declared by a reference. */
    static boolean any(ImageShareSpec spec) {
        return !OrcSources.names(spec).isEmpty()
                || !SetSources.references(spec).isEmpty()
                || (spec.image() != null && spec.image().ref() != null);
    }

    /** In {@link #BY_REFERENCE}. */
    static String index(ResourceID set) {
        return "ProjectSet " + set.getNamespace().orElse("") + "/" + set.getName();
    }

    static List<String> index(ImageShare share) {
        var found = new ArrayList<String>();
        if (share.getSpec() != null && !share.isMarkedForDeletion()) {
            var namespace = share.getMetadata().getNamespace();
            var image = share.getSpec().image();
            if (image != null && image.ref() != null) {
                found.add(OrcKind.Image.name());
                found.add(new OrcObjects.OrcObjectKey(OrcKind.Image, namespace, image.ref()).toString());
            }
            var projects = OrcSources.names(share.getSpec());
            if (!projects.isEmpty()) {
                found.add(OrcKind.Project.name());
            }
            SetSources.names(share.getSpec()).forEach(name -> found.add(index(new ResourceID(name, namespace))));
            projects.forEach(
                    name -> found.add(new OrcObjects.OrcObjectKey(OrcKind.Project, namespace, name).toString()));
        }
        return found;
    }

    /** Calls back with each object whose reference stands for something else than it was told. */
    void onChange(IndexedResourceCache<ImageShare> cache, Consumer<ImageShare> nudge) {
        orc.onChange(key -> cache.byIndex(BY_REFERENCE, key.toString()).forEach(nudge));
        Consumer<ResourceID> listener =
                set -> cache.byIndex(BY_REFERENCE, index(set)).forEach(nudge);
        setListeners.add(listener);
        sets.onChange(listener);
    }

    /** Ends what watches objects that nobody refers to any longer. */
    void sweep(IndexedResourceCache<ImageShare> cache) {
        orc.sweep(
                kind -> !cache.byIndex(BY_REFERENCE, kind.name()).isEmpty(),
                key -> !cache.byIndex(BY_REFERENCE, key.toString()).isEmpty());
    }

    /**
     * What the object declares now by its own status, as far as its references can be resolved.
     */
    Declaration resolve(ImageShare share) {
        return resolve(share, share.getStatus(), clock.read());
    }

    /**
     * What the object declares, as far as its references can be resolved now.
     *
     * @param status what is remembered of them
     * @param time by which access ends
     */
    Declaration resolve(ImageShare share, @Nullable ImageShareStatus status, ClockCheck.ClockReading time) {
        return resolve(share, status, time, name -> set(share, name));
    }

    /** @param look what a ProjectSet of a name stands for */
    Declaration resolve(
            ImageShare share,
            @Nullable ImageShareStatus status,
            ClockCheck.ClockReading time,
            Function<String, SetReferent> look) {
        var namespace = share.getMetadata().getNamespace();
        return Declaration.resolve(
                share.getSpec(),
                status,
                namespace,
                time,
                (kind, name) -> orc.look(new OrcObjects.OrcObjectKey(kind, namespace, name)),
                look);
    }

    /** What a ProjectSet of the object's namespace stands for now, as far as this process knows. */
    SetReferent set(ImageShare share, String name) {
        return sets.areServed()
                ? SetReferent.of(
                        sets.find(new ResourceID(name, share.getMetadata().getNamespace())))
                : new SetReferent.Unusable(SetReferent.SetGap.NOT_SERVED);
    }

    /** What people call projects, by ID, as the ProjectSets say it that the object names, or named when it was last looked at. */
    Map<String, String> projectNames(ImageShare share) {
        var followed = share.getStatus() == null ? null : share.getStatus().projectSets();
        var names = new HashMap<String, String>();
        Stream.concat(
                        SetSources.names(share.getSpec()).stream(),
                        followed == null ? Stream.of() : followed.stream().map(FollowedSet::name))
                .distinct()
                .forEach(name -> names.putAll(sets.projectNames(
                        new ResourceID(name, share.getMetadata().getNamespace()))));
        return names;
    }

    /** Of the projects in the ProjectSets that the object names: those that Keystone no longer has, by ID, as people know them. */
    Map<String, String> goneProjects(ImageShare share) {
        var gone = new HashMap<String, String>();
        for (var name : SetSources.names(share.getSpec())) {
            sets.find(new ResourceID(name, share.getMetadata().getNamespace())).ifPresent(set -> {
                var its = set.goneProjects();
                var called = its.isEmpty() ? Map.<String, String>of() : set.projectNames();
                its.forEach(id -> gone.put(id, ProjectText.of(id, called)));
            });
        }
        return gone;
    }

    /** After a pass: sets that wait until what they let go has been dealt with look again. */
    void followed(ImageShare share) {
        for (var name : SetSources.names(share.getSpec())) {
            var id = new ResourceID(name, share.getMetadata().getNamespace());
            sets.find(id)
                    .filter(set -> set.getStatus() != null
                            && set.getStatus().released() != null
                            && !set.getStatus().released().isEmpty())
                    .ifPresent(set -> sets.followed(id));
        }
    }

    /**
     * Of the projects that a set let go, those that an object which names it has yet to deal with.
     *
     * @param released the IDs
     */
    static Set<String> waitingFor(IndexedResourceCache<ImageShare> cache, ProjectSet set, Set<String> released) {
        var source = SetSources.sourceName(set.getMetadata().getName());
        var waiting = new HashSet<String>();
        for (var share : cache.byIndex(BY_REFERENCE, index(ResourceID.fromResource(set)))) {
            waiting.addAll(ShareStatus.projects(
                    share.getStatus(),
                    m -> released.contains(m.projectID())
                            && m.status() != null
                            && m.sources() != null
                            && m.sources().contains(source)));
        }
        return waiting;
    }
}
