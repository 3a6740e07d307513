package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.SameClouds;
import dev.imageshare.orc.OrcObjects;
import dev.imageshare.orc.Referent;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.InMemoryCache;
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
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the operator would do for ImageShares if they were all it knew: its own pass, up to where it would write. First
 * each object is looked at, so that what it claims is known; then each is planned. May be used by many threads.
 */
public final class SharePreview {

    private final Claims claims;
    private final Function<OrcObjects.OrcObjectKey, Referent> look;
    private final BiFunction<String, String, SetReferent> sets;
    private final Instant now;
    private final Map<String, Found> found = new ConcurrentHashMap<>();

    private record Found(SharePass pass, ImageLook look) {}

    /**
     * What would be done for one object.
     *
     * @param image the image, proven to be owned; null if that wasn't found
     * @param members the image's members, one entry a project; null if they weren't read
     * @param plan what {@code managed} would do; null if the problems left nothing to plan on
     * @param heldBecause why the plan holds removals, for people; empty if it holds none
     * @param problems what would keep the object from being Ready
     * @param notes what Ready's message would tell besides
     */
    public record PreviewedShare(
            @Nullable ImageInfo image,
            @Nullable List<Member> members,
            @Nullable MembershipPlan plan,
            String heldBecause,
            List<Problem> problems,
            List<String> notes) {}

    /**
     * @param all every object that counts, each with a UID, a generation and a creation time, and with a spec that has no
     *     {@link #violation}
     * @param look what an object of ORC's stands for
     * @param sets what a ProjectSet of a namespace and name stands for
     */
    public SharePreview(
            Collection<ImageShare> all,
            Function<OrcObjects.OrcObjectKey, Referent> look,
            BiFunction<String, String, SetReferent> sets,
            Instant now) {
        var cache = new InMemoryCache<>(all);
        cache.addIndexers(Claims.indexers());
        this.look = look;
        this.sets = sets;
        this.claims = new Claims(
                cache,
                this::declaration,
                ShareSets.NOT_SERVED::wanted,
                SameClouds.none(),
                Clock.fixed(now, ZoneOffset.UTC));
        this.now = now;
    }

    /** The first rule that the spec breaks, in words that name the field and the fix; empty if it breaks none. */
    public static Optional<String> violation(ImageShare share) {
        return ShareRules.violation(share.getSpec(), share.getStatus());
    }

    /** Reads the image and its members; what fails is in the plan's problems. */
    public void find(ImageShare share, ImageClient client) {
        var pass = new SharePass(
                share,
                declaration(share),
                client,
                new Contention(),
                Map.of(),
                plan -> Map.of(),
                claims,
                ONLY_READS,
                ONLY_READS,
                now);
        found.put(share.getMetadata().getUid(), new Found(pass, pass.look(true)));
    }

    /** The projects that are declared, as far as references can be resolved. */
    public List<String> declared(ImageShare share) {
        return declaration(share).projects();
    }

    private Declaration declaration(ImageShare share) {
        var namespace = share.getMetadata().getNamespace();
        return Declaration.resolve(
                share.getSpec(),
                share.getStatus(),
                namespace,
                new ClockCheck.ClockReading(now, Optional::empty),
                (kind, name) -> look.apply(new OrcObjects.OrcObjectKey(kind, namespace, name)),
                name -> sets.apply(namespace, name));
    }

    /** After {@link #find} of all objects. */
    public PreviewedShare plan(ImageShare share) {
        var its = Objects.requireNonNull(found.get(share.getMetadata().getUid()), "not found");
        var outcome = its.pass().preview(its.look());
        var plan = outcome.plan();
        return new PreviewedShare(
                outcome.image(),
                outcome.members(),
                plan,
                plan == null ? "" : its.pass().heldRemovals(its.look()).because(plan),
                outcome.problems(),
                outcome.notes());
    }

    private static final OnlyReads ONLY_READS = new OnlyReads();

    private static final class OnlyReads implements RemovalMandate, Securing {
        @Override
        public void enter(CloudImage image) {}

        @Override
        public void holdSecret() {}

        @Override
        public boolean holds() {
            return true;
        }

        @Override
        public boolean leads() {
            return true;
        }

        @Override
        public boolean isConfirmed() {
            return false;
        }

        @Override
        public void journal(ShareOutcome outcome) {
            throw new IllegalStateException("a preview writes nothing");
        }
    }
}
