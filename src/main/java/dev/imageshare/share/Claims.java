package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.orc.Referent;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.Seniority;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which objects declare members of one image. Only managed ones count that aren't being deleted and that were seen to own
 * the image: naming somebody else's image claims nothing.
 */
final class Claims {

    /** The cache's index from an image's ID to the objects whose status names it. */
    static final String BY_IMAGE = "status.image.id";

    /**
     * What some objects declare.
     *
     * @param projects the projects, as far as references are resolved or remembered
     * @param doubtful the names of those objects of which a reference may stand for any project
     */
    record Declared(Set<String> projects, List<String> doubtful) {
        static final Declared NOTHING = new Declared(Set.of(), List.of());

        /** Whether they declare the project, or may. */
        boolean mayName(String project) {
            return projects.contains(project) || !doubtful.isEmpty();
        }

        /** Why nothing can be removed: another object's declaration isn't known. */
        Problem waiting() {
            return Problem.of(
                    Reason.WaitingForReference,
                    "Nothing is removed: references of ImageShare " + EventRecorder.names(doubtful)
                            + ", which declares members of the same image, can't be resolved; see its own message.");
        }
    }

    private final IndexedResourceCache<ImageShare> cache;
    private final Function<ImageShare, Declaration> declarations;
    /** What passes of this process proved; a cache may not show it yet. */
    private final Map<String, Proof> proven = new ConcurrentHashMap<>();
    /** The same by image and UID: it is asked before every write. */
    private final Map<ImageKey, Map<String, ResourceID>> provers = new ConcurrentHashMap<>();

    private record Proof(ResourceID object, ImageKey key) {}

    /** @param declarations what an object declares, as far as its references can be resolved now */
    Claims(IndexedResourceCache<ImageShare> cache, Function<ImageShare, Declaration> declarations) {
        this.cache = cache;
        this.declarations = declarations;
    }

    static List<String> index(ImageShare share) {
        return share.getStatus() == null || share.getStatus().image() == null
                ? List.of()
                : List.of(share.getStatus().image().id());
    }

    /** A pass saw that this object's project owns the image. */
    void prove(ImageShare share, ImageKey key) {
        var object = ResourceID.fromResource(share);
        var known = proven.get(share.getMetadata().getUid());
        if (known != null && known.key.equals(key) && known.object.equals(object)) {
            return;
        }
        proven.compute(share.getMetadata().getUid(), (uid, before) -> {
            if (before != null && !before.key.equals(key)) {
                unlist(uid, before);
            }
            provers.compute(key, (unused, those) -> {
                var all = those == null ? new ConcurrentHashMap<String, ResourceID>() : those;
                all.put(uid, object);
                return all;
            });
            return new Proof(object, key);
        });
    }

    private void unlist(String uid, Proof proof) {
        provers.computeIfPresent(proof.key, (unused, those) -> {
            those.remove(uid);
            return those.isEmpty() ? null : those;
        });
    }

    /** This object claims nothing any longer. */
    void withdraw(ImageShare share) {
        forget(share.getMetadata().getUid());
    }

    void forget(String uid) {
        proven.computeIfPresent(uid, (unused, proof) -> {
            unlist(uid, proof);
            return null;
        });
    }

    /** The other objects that count for this image, oldest first. */
    List<ImageShare> others(ImageShare self, ImageKey key) {
        var found = new LinkedHashMap<String, ImageShare>();
        for (var share : cache.byIndex(BY_IMAGE, key.imageId())) {
            found.put(share.getMetadata().getUid(), share);
        }
        for (var object : provers.getOrDefault(key, Map.of()).values()) {
            cache.get(object).ifPresent(share -> found.put(share.getMetadata().getUid(), share));
        }
        found.remove(self.getMetadata().getUid());
        return found.values().stream()
                .filter(other -> isLive(other) && key.equals(keyOf(other)))
                .sorted(Seniority.byAge())
                .toList();
    }

    /**
     * The object that keeps this one from working, if there is one: with an Authoritative in a pair, the older works.
     * Those that don't work themselves stand in nobody's way.
     */
    Optional<ImageShare> conflict(ImageShare self, ImageKey key) {
        var all = new ArrayList<>(others(self, key));
        all.add(self);
        all.sort(Seniority.byAge());
        var working = new ArrayList<ImageShare>();
        for (var share : all) {
            var rival = working.stream()
                    .filter(older -> isAuthoritative(older) || isAuthoritative(share))
                    .findFirst();
            if (Seniority.isSame(share, self)) {
                return rival;
            }
            if (rival.isEmpty()) {
                working.add(share);
            }
        }
        return Optional.empty();
    }

    /**
     * Objects of the same namespace that name the same image in the same words, and whose ownership isn't proven: the new
     * object of a rename, perhaps, which must not lose its members to the old one's deletion.
     */
    List<ImageShare> likely(ImageShare self, ImageKey key) {
        return cache.list(self.getMetadata().getNamespace(), Claims::isLive)
                .filter(other -> !Seniority.isSame(other, self) && keyOf(other) == null && !isDisowned(other))
                .filter(other -> {
                    var image = other.getSpec().image();
                    return image != null
                            && (key.imageId().equals(image.id())
                                    || image.equals(self.getSpec().image())
                                    || (image.ref() != null
                                            && new Referent.Resolved(key.imageId())
                                                    .equals(declarations
                                                            .apply(other)
                                                            .image())));
                })
                .toList();
    }

    /**
     * The names of objects of the same namespace of which it isn't known which image they name: nobody could look at them
     * yet, or they wait for a reference, and not so long that a person was told.
     */
    List<String> unseen(ImageShare self) {
        return cache.list(self.getMetadata().getNamespace(), Claims::isLive)
                .filter(Claims::isUnseen)
                .map(Seniority::name)
                .sorted()
                .toList();
    }

    private static boolean isUnseen(ImageShare share) {
        var status = share.getStatus();
        return status == null
                || status.observedGeneration() == null
                || (status.image() == null
                        && (Conditions.has(status.conditions(), Conditions.READY, Reason.KubernetesRefused)
                                || Conditions.has(
                                        status.conditions(), Conditions.RECONCILING, Reason.WaitingForReference)));
    }

    /** What these objects declare. */
    Declared declared(Collection<ImageShare> shares) {
        var projects = new HashSet<String>();
        var doubtful = new TreeSet<String>();
        for (var share : shares) {
            var declaration = declarations.apply(share);
            projects.addAll(declaration.all());
            if (declaration.unknown() > 0) {
                doubtful.add(Seniority.name(share));
            }
        }
        return new Declared(projects, List.copyOf(doubtful));
    }

    static boolean isLive(ImageShare share) {
        return !share.isMarkedForDeletion() && isManaged(share);
    }

    static boolean isManaged(ImageShare share) {
        return share.getSpec() != null && share.getSpec().managementPolicy() == ManagementPolicy.managed;
    }

    private @Nullable ImageKey keyOf(ImageShare share) {
        var known = proven.get(share.getMetadata().getUid());
        if (known != null) {
            return known.key;
        }
        var status = share.getStatus();
        if (status == null || status.image() == null) {
            return null;
        }
        return isDisowned(share) ? null : ImageKey.of(status.image());
    }

    private static boolean isDisowned(ImageShare share) {
        return share.getStatus() != null
                && Conditions.find(share.getStatus().conditions(), Conditions.READY)
                        .filter(c -> c.reason().equals(Reason.NotImageOwner.name()))
                        .isPresent();
    }

    private static boolean isAuthoritative(ImageShare share) {
        return share.getSpec().membershipPolicy() == MembershipPolicy.Authoritative;
    }
}
