package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferInfo;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.ProjectInfo;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.SameClouds;
import dev.imageshare.reconcile.InMemoryCache;
import dev.imageshare.reconcile.Mandate;
import dev.imageshare.reconcile.Problem;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the operator would answer for ImageAcceptances if they were all it knew: its own pass, up to where it would write.
 * First each object is looked at, so that it is known whose it is; then each is planned. May be used by many threads.
 */
public final class AcceptancePreview {

    private final Precedence precedence;
    private final Instant now;
    private final Map<String, Looked> looked = new ConcurrentHashMap<>();

    private record Looked(AcceptancePass pass, AcceptancePass.ProjectLook look) {}

    /**
     * What would be done for one object.
     *
     * @param project the project that answers; null if that wasn't found
     * @param offers what the project is offered of what the spec names or matches; null if it wasn't read
     * @param answer those of the offers that would be answered, with the answer so far
     * @param problems what would keep the object from being Ready
     * @param notes what Ready's message would tell besides
     */
    public record PreviewedAcceptance(
            @Nullable ProjectInfo project,
            @Nullable List<OfferInfo> offers,
            List<OfferInfo> answer,
            List<Problem> problems,
            List<String> notes) {}

    /**
     * @param all every object that counts, each with a UID, a generation and a creation time, and with a spec that has no
     *     {@link #violation}
     */
    public AcceptancePreview(Collection<ImageAcceptance> all, Instant now) {
        this.precedence = new Precedence(new InMemoryCache<>(all), SameClouds.none(), Clock.fixed(now, ZoneOffset.UTC));
        this.now = now;
    }

    /** The first rule that the spec breaks, in words that name the field and the fix; empty if it breaks none. */
    public static Optional<String> violation(ImageAcceptance acceptance) {
        return AcceptanceRules.violation(acceptance.getSpec(), acceptance.getStatus());
    }

    /** Logs in; what fails is in the plan's problems. */
    public void find(ImageAcceptance acceptance, ImageClient client) {
        var pass = new AcceptancePass(acceptance, client, precedence, new OnlyReads(), now);
        looked.put(acceptance.getMetadata().getUid(), new Looked(pass, pass.look()));
    }

    /** After {@link #find} of all objects: reads the offers. */
    public PreviewedAcceptance plan(ImageAcceptance acceptance) {
        var its = Objects.requireNonNull(looked.get(acceptance.getMetadata().getUid()), "not found");
        var outcome = its.pass().preview(its.look());
        return new PreviewedAcceptance(
                outcome.project(),
                outcome.offers(),
                outcome.toAnswer(),
                outcome.problems(),
                outcome.notes().stream().map(AcceptanceOutcome.Note::text).toList());
    }

    /** A preview writes nothing, so nothing keeps it from going on. */
    private static final class OnlyReads implements Mandate {
        @Override
        public boolean holds() {
            return true;
        }

        @Override
        public boolean leads() {
            return true;
        }
    }
}
