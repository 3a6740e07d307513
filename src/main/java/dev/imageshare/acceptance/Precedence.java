package dev.imageshare.acceptance;

import dev.imageshare.acceptance.AnswerPlan.Senior;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.ProjectInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.openstack.SameClouds;
import dev.imageshare.reconcile.CreationOrder;
import dev.imageshare.reconcile.FirstLooks;
import dev.imageshare.reconcile.Proofs;
import dev.imageshare.reconcile.Proofs.Proof;
import dev.imageshare.reconcile.Schedule;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which of the objects that answer for one project goes first. One that names the image wins over those that match it; of
 * two of a sort, the older one.
 *
 * <p>Between namespaces two answer for one project if a pass of this process saw that by their credentials, at Keystones of
 * one cloud; and they do so no longer once that hasn't been seen again for long ({@link Proofs}). Within a namespace they do
 * if their statuses say so, or if they name the same credentials, which holds before anybody has logged in.
 */
final class Precedence {

    private final IndexerResourceCache<ImageAcceptance> cache;
    private final SameClouds sameClouds;
    private final Clock clock;
    private final Proofs<ProjectInfo> proofs = new Proofs<>();
    private final FirstLooks<ImageAcceptance, ProjectInfo> firstLooks = new FirstLooks<>(Precedence::claimed);

    Precedence(IndexerResourceCache<ImageAcceptance> cache, SameClouds sameClouds, Clock clock) {
        this.cache = cache;
        this.sameClouds = sameClouds;
        this.clock = clock;
    }

    /** What objects of different namespaces claim by their statuses, in whichever cloud. */
    private static Optional<ProjectInfo> claimed(ImageAcceptance acceptance) {
        return Optional.ofNullable(acceptance.getStatus())
                .map(status -> status.project())
                .map(Precedence::anywhere);
    }

    private static ProjectInfo anywhere(ProjectInfo project) {
        return new ProjectInfo(project.id(), project.region(), null);
    }

    private ProjectInfo inCloud(ProjectInfo project) {
        return new ProjectInfo(
                project.id(), project.region(), sameClouds.cloud(Objects.requireNonNullElse(project.cloud(), "")));
    }

    /** Whether both are one project as one namespace has it, however it writes the cloud's URL. */
    static boolean isSameProject(@Nullable ProjectInfo a, @Nullable ProjectInfo b) {
        return a != null && b != null && anywhere(a).equals(anywhere(b));
    }

    /** A pass saw that this object's credentials are this project's. */
    void prove(ImageAcceptance acceptance, ProjectInfo project) {
        proofs.prove(
                acceptance,
                inCloud(project),
                Schedule.period(acceptance.getSpec().resyncPeriod()),
                clock.instant());
    }

    /**
     * The object is gone.
     *
     * @return those that waited for its first pass
     */
    Collection<ResourceID> forget(String uid) {
        proofs.forget(uid);
        return firstLooks.done(uid);
    }

    /** The first pass of this process is about to begin. */
    void start(Stream<ImageAcceptance> all) {
        firstLooks.start(all, clock.instant());
    }

    /**
     * The object had a pass.
     *
     * @return those that waited for it
     */
    Collection<ResourceID> looked(ImageAcceptance acceptance) {
        return firstLooks.done(acceptance.getMetadata().getUid());
    }

    /** The other objects that answer for this project, oldest first. */
    List<ImageAcceptance> others(ImageAcceptance self, @Nullable ProjectInfo project) {
        var now = clock.instant();
        var found = new LinkedHashMap<String, ImageAcceptance>();
        cache.list(
                        self.getMetadata().getNamespace(),
                        other -> hasSameCredentials(other, self) || isSameProject(project, projectOf(other)))
                .forEach(other -> found.put(other.getMetadata().getUid(), other));
        if (project != null) {
            proofs.by(inCloud(project)).stream()
                    .filter(proof -> !proof.uid().equals(self.getMetadata().getUid()))
                    .forEach(proof -> cache.get(proof.object())
                            .filter(other -> other.getMetadata().getUid().equals(proof.uid()))
                            .ifPresent(other -> found.put(proof.uid(), other)));
        }
        found.remove(self.getMetadata().getUid());
        return found.values().stream()
                .filter(Precedence::isLive)
                .filter(other ->
                        proofs.of(other).filter(proof -> proof.isLapsed(now)).isEmpty())
                .sorted(CreationOrder.byAge())
                .toList();
    }

    /**
     * The others as far as is known without asking the cloud: of other namespaces only if this process saw whose project
     * it is, since a status can name anybody's.
     */
    List<ImageAcceptance> others(ImageAcceptance self) {
        return others(
                self, proofs.of(self).map(Proof::what).or(() -> claimed(self)).orElse(null));
    }

    /** The object that keeps this one, which names an image, from answering: the oldest that names it and says otherwise. */
    Optional<ImageAcceptance> conflict(ImageAcceptance self, ProjectInfo project) {
        var image = self.getSpec().image();
        return Stream.concat(Stream.of(self), others(self, project).stream())
                .filter(each -> image != null && image.equals(each.getSpec().image()))
                .min(CreationOrder.byAge())
                .filter(oldest ->
                        oldest.getSpec().memberStatus() != self.getSpec().memberStatus());
    }

    /** The objects that go before this one, which matches images: all that name one, and those older that match. */
    List<Senior> seniors(ImageAcceptance self, ProjectInfo project) {
        return others(self, project).stream()
                .filter(other -> goesBeforeMatching(other, self))
                .map(other -> {
                    var image = other.getSpec().image();
                    return new Senior(
                            CreationOrder.name(other),
                            image == null ? null : image.id(),
                            other.getSpec().from());
                })
                .toList();
    }

    /**
     * An object of another namespace that would go before this one, or keep it from answering, and that this process hasn't
     * looked at since it started; this one is called when it was.
     */
    Optional<ImageAcceptance> awaitedSenior(ImageAcceptance self, ProjectInfo project) {
        var senior = firstLooks.awaited(self, anywhere(project), clock.instant()).stream()
                .flatMap(id -> cache.get(id).stream())
                .filter(other -> isLive(other) && isSameProject(project, projectOf(other)))
                .filter(other -> self.getSpec().image() == null
                        ? goesBeforeMatching(other, self)
                        : self.getSpec().image().equals(other.getSpec().image())
                                && CreationOrder.byAge().compare(other, self) < 0
                                && other.getSpec().memberStatus()
                                        != self.getSpec().memberStatus())
                .findFirst();
        senior.ifPresent(other -> firstLooks.await(self, anywhere(project)));
        return senior;
    }

    private static boolean goesBeforeMatching(ImageAcceptance other, ImageAcceptance self) {
        return other.getSpec().image() != null
                || (other.getSpec().memberStatus() != MemberAnswer.pending
                        && CreationOrder.byAge().compare(other, self) < 0);
    }

    private @Nullable ProjectInfo projectOf(ImageAcceptance acceptance) {
        return proofs.of(acceptance)
                .map(Proof::what)
                .orElseGet(() -> acceptance.getStatus() == null
                        ? null
                        : acceptance.getStatus().project());
    }

    private static boolean hasSameCredentials(ImageAcceptance a, ImageAcceptance b) {
        var ref = a.getSpec() == null ? null : a.getSpec().cloudCredentialsRef();
        return ref != null && ref.equals(b.getSpec().cloudCredentialsRef());
    }

    private static boolean isLive(ImageAcceptance acceptance) {
        return acceptance.getSpec() != null
                && !acceptance.isMarkedForDeletion()
                && AcceptanceRules.violation(acceptance.getSpec(), acceptance.getStatus())
                        .isEmpty();
    }
}
