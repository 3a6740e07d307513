package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.openstack.SameClouds;
import dev.imageshare.orc.Referent;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.CreationOrder;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FirstLooks;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Proofs;
import dev.imageshare.reconcile.Proofs.Proof;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.reconcile.Schedule;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Instant;
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
import java.util.stream.Stream;

/**
 * Which objects declare members of one image. Only managed ones count that aren't being deleted and whose project was seen
 * to own the image: naming somebody else's image claims nothing.
 *
 * <p>Between namespaces an image is one cloud's ({@link CloudImage}), and a claim is what a pass of this process proved, not
 * what a status says: a namespace can write any status, and run a cloud that owns any image. Within a namespace the cloud's
 * URL doesn't count, and a status is believed: who may write it there may edit the objects as well.
 *
 * <p>A claim that isn't proven again lapses ({@link Proofs}): its object no longer goes first. What such a silent object
 * declares stays protected ({@link #silent}).
 */
final class Claims {

    /** The cache's index from a namespace and an image's ID to the objects whose status names the image. */
    static final String BY_IMAGE = "status.image.id";

    private static final int MOST_NAMED = 20;

    /** The cache's index from a namespace to the live objects that haven't found their image. */
    static final String WITHOUT_IMAGE = "status.image";

    /**
     * What some objects declare.
     *
     * @param projects the projects, as far as references are resolved or remembered
     * @param doubtful the names of those objects of which a reference may stand for any project
     */
    record OthersDeclare(Set<String> projects, List<String> doubtful) {
        static final OthersDeclare NOTHING = new OthersDeclare(Set.of(), List.of());

        OthersDeclare and(OthersDeclare more) {
            if (more.equals(NOTHING)) {
                return this;
            }
            var all = new HashSet<>(projects);
            all.addAll(more.projects);
            return new OthersDeclare(
                    all,
                    Stream.concat(doubtful.stream(), more.doubtful.stream())
                            .distinct()
                            .sorted()
                            .toList());
        }

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
    private final Function<ImageShare, Optional<ImageShareSpec>> wanted;
    private final SameClouds sameClouds;
    private final Clock clock;

    private final Proofs<CloudImage> proofs = new Proofs<>();
    /** The same proofs: within a namespace, in whichever cloud. */
    private final Proofs<NamespacedImage> namespaced = new Proofs<>();
    /** The clouds in which an image was seen, some of them perhaps no longer. */
    private final Map<ImageKey, Set<String>> clouds = new ConcurrentHashMap<>();

    /** The objects that wait until an object of their namespace was looked at, by its UID. */
    private final Map<String, Set<ResourceID>> waiting = new ConcurrentHashMap<>();

    private final FirstLooks<ImageShare, ImageKey> firstLooks = new FirstLooks<>(Claims::claimed);

    /**
     * @param declarations what an object declares, as far as its references can be resolved now
     * @param wanted as {@link ShareSets#wanted}
     */
    Claims(
            IndexedResourceCache<ImageShare> cache,
            Function<ImageShare, Declaration> declarations,
            Function<ImageShare, Optional<ImageShareSpec>> wanted,
            SameClouds sameClouds,
            Clock clock) {
        this.cache = cache;
        this.declarations = declarations;
        this.wanted = wanted;
        this.sameClouds = sameClouds;
        this.clock = clock;
    }

    static Map<String, Function<ImageShare, List<String>>> indexers() {
        return Map.of(BY_IMAGE, Claims::byImage, WITHOUT_IMAGE, Claims::byMissingImage);
    }

    private static List<String> byImage(ImageShare share) {
        return share.getStatus() == null || share.getStatus().image() == null
                ? List.of()
                : List.of(imageIndex(
                        share.getMetadata().getNamespace(),
                        share.getStatus().image().id()));
    }

    private static String imageIndex(String namespace, String imageId) {
        return namespace + "/" + imageId;
    }

    private static List<String> byMissingImage(ImageShare share) {
        return isLive(share) && (share.getStatus() == null || share.getStatus().image() == null)
                ? List.of(share.getMetadata().getNamespace())
                : List.of();
    }

    private static Optional<ImageKey> claimed(ImageShare share) {
        var status = share.getStatus();
        return status == null || status.image() == null || !isLive(share) || isDisowned(share)
                ? Optional.empty()
                : Optional.of(ImageKey.of(status.image()));
    }

    /** Whether the Keystone of this origin is of another cloud than the image. */
    boolean isElsewhere(String origin, CloudImage image) {
        return !sameClouds.cloud(origin).equals(image.cloud());
    }

    /**
     * The image of a cloud.
     *
     * @param origin the Keystone's
     */
    CloudImage at(String origin, ImageKey image) {
        return new CloudImage(sameClouds.cloud(origin), image);
    }

    /**
     * The image that the object's status names, in the cloud in which this process saw it; if it didn't, in none, so that
     * only objects of the same namespace have it in common: a status can name anybody's.
     */
    Optional<CloudImage> imageOf(ImageShare share) {
        var image = share.getStatus() == null ? null : share.getStatus().image();
        if (image == null) {
            return Optional.empty();
        }
        var key = ImageKey.of(image);
        return proofs.of(share)
                .map(Proof::what)
                .filter(proven -> proven.image().equals(key))
                .or(() -> Optional.of(new CloudImage("", key)));
    }

    /** A pass saw that this object's project owns the image. */
    void prove(ImageShare share, CloudImage image) {
        var now = clock.instant();
        var period = Schedule.period(share.getSpec().resyncPeriod());
        var before = proofs.of(share).map(Proof::what);
        proofs.prove(share, image, period, now);
        namespaced.prove(share, new NamespacedImage(share.getMetadata().getNamespace(), image.image()), period, now);
        if (!before.equals(Optional.of(image))) {
            before.ifPresent(this::unlist);
            clouds.computeIfAbsent(image.image(), i -> ConcurrentHashMap.newKeySet())
                    .add(image.cloud());
        }
    }

    private void unlist(CloudImage image) {
        clouds.computeIfPresent(image.image(), (unused, those) -> {
            if (proofs.by(image).isEmpty()) {
                those.remove(image.cloud());
            }
            return those.isEmpty() ? null : those;
        });
    }

    /** This object claims nothing any longer. */
    void withdraw(ImageShare share) {
        withdraw(share.getMetadata().getUid());
    }

    private void withdraw(String uid) {
        namespaced.forget(uid);
        proofs.forget(uid).map(Proof::what).ifPresent(this::unlist);
    }

    /**
     * The object is gone.
     *
     * @return those that waited for its first pass
     */
    Collection<ResourceID> forget(String uid) {
        withdraw(uid);
        return done(uid);
    }

    private Collection<ResourceID> done(String uid) {
        var those = new HashSet<>(firstLooks.done(uid));
        var beside = waiting.remove(uid);
        if (beside != null) {
            those.addAll(beside);
        }
        return those;
    }

    /** The first pass of this process is about to begin. */
    void start(Stream<ImageShare> all) {
        firstLooks.start(all, clock.instant());
    }

    /**
     * The object had a pass.
     *
     * @return those that waited for it
     */
    Collection<ResourceID> looked(ImageShare share) {
        return done(share.getMetadata().getUid());
    }

    /** How others' claims to an image bear on one object at one moment; each list is oldest first. */
    final class Standing {
        private final ImageShare self;
        private final List<ImageShare> others = new ArrayList<>();
        private final List<ImageShare> lapsed = new ArrayList<>();

        private Standing(ImageShare self, CloudImage image) {
            this.self = self;
            var now = clock.instant();
            for (var other : claimants(self, image)) {
                (isLapsed(other, now) ? lapsed : others).add(other);
            }
        }

        /** The other objects that count for the image. */
        List<ImageShare> others() {
            return others;
        }

        /**
         * The object that keeps this one from working, if there is one: with an Authoritative in a pair, the older works.
         * Those that don't work themselves stand in nobody's way.
         */
        Optional<ImageShare> conflict() {
            return Claims.this.conflict(self, others);
        }

        /**
         * The objects whose claim has lapsed, and that would go before this one or beside it if it were proven: what they
         * declare is removed only once a person approves.
         */
        List<ImageShare> silent() {
            return lapsed.stream()
                    .filter(other ->
                            !areRivals(other, self) || CreationOrder.byAge().compare(other, self) < 0)
                    .toList();
        }

        /**
         * What others declare that counts for this object: beside an Authoritative in charge, no other object does, but the set
         * that made this one, whatever was edited here since.
         */
        OthersDeclare declaredByOthers() {
            var bySet = declaredBySet(self);
            return isAuthoritative(self) ? bySet : declared(others).and(bySet);
        }

        /** What the objects of {@link #silent} declare. */
        OthersDeclare declaredBySilent() {
            return declared(silent());
        }
    }

    /** How others' claims to the image bear on this object now. */
    Standing standing(ImageShare self, CloudImage image) {
        return new Standing(self, image);
    }

    /** The other objects that count for this image, oldest first. */
    List<ImageShare> others(ImageShare self, CloudImage image) {
        return standing(self, image).others();
    }

    /** The other objects that count for the image that this one was last seen to be of, oldest first. */
    List<ImageShare> othersOf(ImageShare self) {
        return imageOf(self).map(image -> others(self, image)).orElse(List.of());
    }

    /** The object that keeps this one from working now, if there is one. */
    Optional<ImageShare> conflict(ImageShare self, CloudImage image) {
        return standing(self, image).conflict();
    }

    /** The objects whose claim has lapsed; see {@link Standing#silent}. */
    List<ImageShare> silent(ImageShare self, CloudImage image) {
        return standing(self, image).silent();
    }

    private List<ImageShare> claimants(ImageShare self, CloudImage image) {
        var namespace = self.getMetadata().getNamespace();
        var found = new LinkedHashMap<String, ImageShare>();
        Stream.concat(proofs.by(image).stream(), namespaced.by(new NamespacedImage(namespace, image.image())).stream())
                // The cache gives a copy, and of itself nobody needs one.
                .filter(proof -> !proof.uid().equals(self.getMetadata().getUid()))
                .forEach(proof -> cache.get(proof.object())
                        .filter(share -> share.getMetadata().getUid().equals(proof.uid()))
                        .ifPresent(share -> found.put(proof.uid(), share)));
        for (var share :
                cache.byIndex(BY_IMAGE, imageIndex(namespace, image.image().imageId()))) {
            if (proofs.of(share).isEmpty() && claimed(share).equals(Optional.of(image.image()))) {
                found.put(share.getMetadata().getUid(), share);
            }
        }
        found.remove(self.getMetadata().getUid());
        return found.values().stream()
                .filter(Claims::isLive)
                .sorted(CreationOrder.byAge())
                .toList();
    }

    private boolean isLapsed(ImageShare share, Instant now) {
        return proofs.of(share).filter(proof -> proof.isLapsed(now)).isPresent();
    }

    private Optional<ImageShare> conflict(ImageShare self, List<ImageShare> others) {
        if (others.isEmpty()) {
            return Optional.empty();
        }
        var all = new ArrayList<>(others);
        all.add(self);
        all.sort(CreationOrder.byAge());
        var working = new ArrayList<ImageShare>();
        for (var share : all) {
            var rival = working.stream()
                    .filter(older -> areRivals(older, share))
                    .filter(older -> CreationOrder.isSame(share, self) || haveInCommon(older, share))
                    .findFirst();
            if (CreationOrder.isSame(share, self)) {
                return rival;
            }
            if (rival.isEmpty()) {
                working.add(share);
            }
        }
        return Optional.empty();
    }

    private static boolean areRivals(ImageShare a, ImageShare b) {
        return isAuthoritative(a) || isAuthoritative(b);
    }

    /** Two that each have the image in common with a third may not have it in common with each other. */
    private boolean haveInCommon(ImageShare a, ImageShare b) {
        var seen = proofs.of(a).map(Proof::what);
        return a.getMetadata().getNamespace().equals(b.getMetadata().getNamespace())
                || (seen.isPresent() && seen.equals(proofs.of(b).map(Proof::what)));
    }

    /**
     * The objects of other namespaces that this process hasn't looked at since it started, and that may have a claim to
     * the image.
     */
    List<ImageShare> awaited(ImageShare self, CloudImage image) {
        return firstLooks.awaited(self, image.image(), clock.instant()).stream()
                .flatMap(id -> cache.get(id).stream())
                .filter(other -> claimed(other).equals(Optional.of(image.image())))
                .toList();
    }

    /** Of {@link #awaited}, the first that would keep this one from working; this one is called when it was looked at. */
    Optional<ImageShare> awaitedRival(ImageShare self, CloudImage image) {
        var rival = awaited(self, image).stream()
                .filter(other -> areRivals(other, self) && CreationOrder.byAge().compare(other, self) < 0)
                .findFirst();
        rival.ifPresent(other -> firstLooks.await(self, image.image()));
        return rival;
    }

    /**
     * Whether an object of another namespace has an image of this ID, owner and region in a cloud of another URL. It may
     * be the same cloud; only an administrator can know.
     */
    boolean isElsewhere(ImageShare self, CloudImage image) {
        var namespace = self.getMetadata().getNamespace();
        var now = clock.instant();
        return clouds.getOrDefault(image.image(), Set.of()).stream()
                .filter(cloud -> !cloud.equals(image.cloud()))
                .flatMap(cloud -> proofs.by(new CloudImage(cloud, image.image())).stream())
                .anyMatch(proof -> !proof.namespace().equals(namespace) && !proof.isLapsed(now));
    }

    /** As {@link #isElsewhere(ImageShare, CloudImage)}, of the image that this process last saw to be the object's. */
    boolean isElsewhere(ImageShare self) {
        return proofs.of(self).filter(proof -> isElsewhere(self, proof.what())).isPresent();
    }

    /**
     * Objects of the same namespace that name the same image in the same words, and whose ownership isn't proven: the new
     * object of a rename, perhaps, which must not lose its members to the old one's deletion.
     */
    List<ImageShare> likely(ImageShare self, ImageKey key) {
        return withoutImage(self)
                .filter(other -> !isDisowned(other))
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
     * Objects of the same namespace of which it isn't known which image they name: nobody could look at them yet, or they
     * wait for a reference, and not so long that a person was told. Some of them, if there are many; this one is called
     * when they were looked at.
     */
    List<ImageShare> unseen(ImageShare self) {
        var unseen =
                withoutImage(self).filter(Claims::isUnseen).limit(MOST_NAMED).toList();
        // When the first was looked at, whoever waited sees whether there are others.
        unseen.stream()
                .findFirst()
                .ifPresent(other -> waiting.computeIfAbsent(
                                other.getMetadata().getUid(), uid -> ConcurrentHashMap.newKeySet())
                        .add(ResourceID.fromResource(self)));
        return unseen;
    }

    private Stream<ImageShare> withoutImage(ImageShare self) {
        return cache.byIndex(WITHOUT_IMAGE, self.getMetadata().getNamespace()).stream()
                .filter(other ->
                        !CreationOrder.isSame(other, self) && proofs.of(other).isEmpty());
    }

    private static boolean isUnseen(ImageShare share) {
        var status = share.getStatus();
        return status == null
                || status.observedGeneration() == null
                || Conditions.has(status.conditions(), Conditions.READY, Reason.KubernetesRefused)
                || Conditions.has(status.conditions(), Conditions.RECONCILING, Reason.WaitingForReference);
    }

    /** What these objects declare. */
    OthersDeclare declared(Collection<ImageShare> shares) {
        if (shares.isEmpty()) {
            return OthersDeclare.NOTHING;
        }
        var projects = new HashSet<String>();
        var doubtful = new TreeSet<String>();
        for (var share : shares) {
            var declaration = declarations.apply(share);
            projects.addAll(declaration.all());
            if (declaration.unknown() > 0) {
                doubtful.add(CreationOrder.name(share));
            }
        }
        return new OthersDeclare(projects, List.copyOf(doubtful));
    }

    /** What the live set that made the object has it declare, if it wants the image: also of one that is being deleted. */
    OthersDeclare declaredBySet(ImageShare share) {
        var spec = wanted.apply(share);
        // A live one that is as its set wants it says the same by itself.
        if (spec.isEmpty() || (isLive(share) && spec.get().equals(share.getSpec()))) {
            return OthersDeclare.NOTHING;
        }
        var asWanted = new ImageShare();
        asWanted.setMetadata(share.getMetadata());
        asWanted.setSpec(spec.get());
        asWanted.setStatus(share.getStatus());
        return declared(List.of(asWanted));
    }

    static boolean isLive(ImageShare share) {
        return !share.isMarkedForDeletion() && isManaged(share);
    }

    static boolean isManaged(ImageShare share) {
        return share.getSpec() != null && share.getSpec().managementPolicy() == ManagementPolicy.managed;
    }

    /** Whether the object will need its Secret to revoke its members. */
    static boolean needsSecret(ImageShare share) {
        return isManaged(share) && share.getSpec().managedOptions().onDelete() == OnDelete.delete;
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
