package dev.imageshare.cli;

import dev.imageshare.acceptance.AcceptancePreview;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.projectset.ProjectSetRules;
import dev.imageshare.share.SharePreview;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The objects in the cluster, and what the operator recorded in their status. */
final class ClusterState {

    private final Manifests cluster;
    private final List<ImageShare> otherShares = new ArrayList<>();
    private final List<ImageAcceptance> otherAcceptances = new ArrayList<>();

    /**
     * @param cluster the API server's objects; may be a part, such as some namespaces
     */
    ClusterState(Manifests cluster) {
        this.cluster = cluster;
    }

    /**
     * Gives the manifests' objects the status of the same objects in the cluster, as applying them there would leave
     * it. One that isn't in the cluster is new.
     */
    void applyTo(Manifests manifests) {
        cluster.orcIds().forEach(manifests.orcIds()::putIfAbsent);
        apply(
                manifests.sets(),
                cluster.sets(),
                set -> ProjectSetRules.violation(set.getSpec()),
                manifests,
                manifests.clusterSets());
        apply(manifests.shares(), cluster.shares(), SharePreview::violation, manifests, otherShares);
        apply(
                manifests.acceptances(),
                cluster.acceptances(),
                AcceptancePreview::violation,
                manifests,
                otherAcceptances);
        // An object that can't be read there may be one of the planned ones.
        cluster.faults().stream()
                .filter(fault -> fault.object().isEmpty() || manifests.titles().contains(fault.object()))
                .forEach(manifests.faults()::add);
    }

    private static <S, T, O extends CustomResource<S, T>> void apply(
            List<ManifestObject<O>> mine,
            List<ManifestObject<O>> theirs,
            Function<O, Optional<String>> rules,
            Manifests manifests,
            List<O> others) {
        Map<String, O> there = new LinkedHashMap<>();
        theirs.forEach(declared -> there.put(declared.title(), declared.object()));
        for (var each = mine.listIterator(); each.hasNext(); ) {
            var declared = each.next();
            var known = there.remove(declared.title());
            if (known == null) {
                each.set(new ManifestObject<>(declared.object(), declared.place(), ManifestObject.State.NEW));
            } else {
                apply(declared, known, rules, manifests.faults(), each);
            }
        }
        manifests.titles().forEach(there::remove);
        others.addAll(there.values());
    }

    private static <S, T, O extends CustomResource<S, T>> void apply(
            ManifestObject<O> declared,
            O there,
            Function<O, Optional<String>> rules,
            List<Fault> faults,
            ListIterator<ManifestObject<O>> at) {
        var object = declared.object();
        var metadata = there.getMetadata();
        var isSame = Objects.equals(object.getSpec(), there.getSpec());
        var annotations = new HashMap<>(metadata.getAnnotations());
        annotations.putAll(object.getMetadata().getAnnotations());
        object.getMetadata().setUid(metadata.getUid());
        object.getMetadata().setCreationTimestamp(metadata.getCreationTimestamp());
        object.getMetadata().setGeneration(metadata.getGeneration() + (isSame ? 0 : 1));
        object.getMetadata().setDeletionTimestamp(metadata.getDeletionTimestamp());
        object.getMetadata().setAnnotations(annotations);
        object.setStatus(there.getStatus());
        var violation = rules.apply(object);
        if (violation.isPresent()) {
            faults.add(new Fault(declared.place(), declared.title(), violation.get()));
            at.remove();
        } else {
            at.set(new ManifestObject<>(
                    object, declared.place(), isSame ? ManifestObject.State.SAME : ManifestObject.State.CHANGED));
        }
    }

    /** After {@link #applyTo}: the ImageShares in the cluster that aren't in the manifests. */
    List<ImageShare> otherShares() {
        return otherShares;
    }

    /** After {@link #applyTo}: the ImageAcceptances in the cluster that aren't in the manifests. */
    List<ImageAcceptance> otherAcceptances() {
        return otherAcceptances;
    }

    /**
     * After {@link #applyTo}: the names of all that aren't in the manifests and aren't being deleted already. What a controller
     * made, such as the ImageShares of an ImageShareSet, is in nobody's files.
     */
    List<String> notInManifests() {
        return Stream.<CustomResource<?, ?>>concat(otherShares.stream(), otherAcceptances.stream())
                .filter(object -> !object.isMarkedForDeletion()
                        && object.getMetadata().getOwnerReferences().isEmpty())
                .map(ManifestObject::title)
                .sorted()
                .toList();
    }
}
