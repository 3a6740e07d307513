package dev.imageshare.acceptance;

import dev.imageshare.acceptance.AnswerPlan.Senior;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.ProjectInfo;
import dev.imageshare.api.v1alpha1.MemberStatus;
import dev.imageshare.reconcile.Seniority;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which of the objects that answer for one project goes first. One that names the image wins over those that match it; of
 * two of a sort, the older one. Two answer for one project if their credentials' tokens said so, or if they name the same
 * credentials, which holds before anybody has logged in.
 */
final class Precedence {

    private final IndexerResourceCache<ImageAcceptance> cache;
    /** What passes of this process saw; the cache may not show it yet. */
    private final Map<String, ProjectInfo> seen = new ConcurrentHashMap<>();

    Precedence(IndexerResourceCache<ImageAcceptance> cache) {
        this.cache = cache;
    }

    /** This object's credentials are this project's. */
    void saw(ImageAcceptance acceptance, ProjectInfo project) {
        seen.put(acceptance.getMetadata().getUid(), project);
    }

    void forget(String uid) {
        seen.remove(uid);
    }

    /** The other objects that answer for this project, oldest first. */
    List<ImageAcceptance> others(ImageAcceptance self, @Nullable ProjectInfo project) {
        return cache.list()
                .filter(other -> !Seniority.isSame(other, self) && other.getSpec() != null)
                .filter(other ->
                        hasSameCredentials(other, self) || (project != null && project.equals(projectOf(other))))
                .filter(Precedence::isLive)
                .sorted(Seniority.byAge())
                .toList();
    }

    /** The object that keeps this one, which names an image, from answering: the oldest that names it and says otherwise. */
    Optional<ImageAcceptance> conflict(ImageAcceptance self, ProjectInfo project) {
        var image = self.getSpec().image();
        return Stream.concat(Stream.of(self), others(self, project).stream())
                .filter(each -> image != null && image.equals(each.getSpec().image()))
                .min(Seniority.byAge())
                .filter(oldest ->
                        oldest.getSpec().memberStatus() != self.getSpec().memberStatus());
    }

    /** The objects that go before this one, which matches images: all that name one, and those older that match. */
    List<Senior> seniors(ImageAcceptance self, ProjectInfo project) {
        return others(self, project).stream()
                .filter(other -> other.getSpec().image() != null
                        || (other.getSpec().memberStatus() != MemberStatus.pending
                                && Seniority.byAge().compare(other, self) < 0))
                .map(other -> {
                    var image = other.getSpec().image();
                    return new Senior(
                            Seniority.name(other),
                            image == null ? null : image.id(),
                            other.getSpec().from());
                })
                .toList();
    }

    private @Nullable ProjectInfo projectOf(ImageAcceptance acceptance) {
        var known = seen.get(acceptance.getMetadata().getUid());
        if (known != null) {
            return known;
        }
        return acceptance.getStatus() == null ? null : acceptance.getStatus().project();
    }

    private static boolean hasSameCredentials(ImageAcceptance a, ImageAcceptance b) {
        var ref = a.getSpec().cloudCredentialsRef();
        return ref != null
                && ref.equals(b.getSpec().cloudCredentialsRef())
                && a.getMetadata().getNamespace().equals(b.getMetadata().getNamespace());
    }

    private static boolean isLive(ImageAcceptance acceptance) {
        return !acceptance.isMarkedForDeletion()
                && SpecRules.violation(acceptance.getSpec(), acceptance.getStatus())
                        .isEmpty();
    }
}
