package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.orc.OrcObjects;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.ObjectReconciler;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reconciles ImageShares. Their deletion may have members to revoke, so each has a finalizer. */
@ControllerConfiguration(
        name = ImageShareReconciler.NAME,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class ImageShareReconciler extends ObjectReconciler<ImageShare, ImageShareStatus, TrackedShare> {

    /** The controller's name. */
    public static final String NAME = "imageshare";

    /** Kept on each ImageShare until its members are revoked or left on purpose. */
    public static final String FINALIZER = "imageshare.dev/members";

    /** The cache's index from a namespace and a set's label to the ImageShares that may be the set's. */
    private static final String BY_SET = "metadata.labels.image-share-set";

    private static final ImageShareSpec NO_SPEC = new ImageShareSpec(
            null,
            null,
            null,
            null,
            MembershipPolicy.Authoritative,
            ManagementPolicy.managed,
            ManagedOptions.DEFAULTS,
            ImageShareSpec.DEFAULT_RESYNC_PERIOD);

    private final KubernetesClient client;
    private final CloudAccess clouds;
    private final ShareEvents events;
    private final MemberCalls calls;
    private final References references;
    private final ShareSettings settings;
    private final Clock clock;
    private final ClockCheck time;
    private final Backoff backoff;
    private final ImageLocks locks = new ImageLocks();

    private ShareSets sets = ShareSets.NOT_SERVED;
    private ShareListener listener = (share, gone) -> {};
    private @Nullable Rooms rooms;

    /** What there is once the cache of objects is there. */
    private record Rooms(Claims claims, LiveShares live, ShareDeletions deletions) {}

    /**
     * @param turns those of this process, for all kinds
     * @param lead what this process may do now
     * @param time by which access ends
     */
    public ImageShareReconciler(
            KubernetesClient client,
            CloudAccess clouds,
            OrcObjects orc,
            EventRecorder events,
            MemberCalls calls,
            ShareSettings settings,
            FairScheduler turns,
            Leadership lead,
            Clock clock,
            ClockCheck time,
            Backoff backoff) {
        super(
                ImageShare.class,
                ImageShareReconciler::credentials,
                TrackedShare::new,
                client,
                events,
                turns,
                lead,
                clock,
                backoff);
        this.client = client;
        this.clouds = clouds;
        this.events = new ShareEvents(events, settings.expiryNotice(), passes::about);
        this.calls = calls;
        this.references = new References(orc, time);
        this.settings = settings;
        this.clock = clock;
        this.time = time;
        this.backoff = backoff;
    }

    /** What the annotation on this class can't say. */
    public static void configure(ControllerConfigurationOverrider<ImageShare> configuration) {
        configure(configuration, ImageShareReconciler::asksForAPass);
    }

    /** Also a finalizer that is taken off. */
    private static boolean asksForAPass(ImageShare now, ImageShare before) {
        return Passes.asksForAPass(now, before) || (before.hasFinalizer(FINALIZER) && !now.hasFinalizer(FINALIZER));
    }

    @Override
    public List<EventSource<?, ImageShare>> prepareEventSources(EventSourceContext<ImageShare> context) {
        var primaries = context.getPrimaryCache();
        primaries.addIndexers(Claims.indexers());
        primaries.addIndexers(MassDeletion.indexers());
        primaries.addIndexer(References.BY_REFERENCE, References::index);
        primaries.addIndexer(BY_SET, ImageShareReconciler::bySet);
        references.onChange(primaries, passes::nudge);
        var claims =
                new Claims(primaries, references::resolve, share -> sets.wanted(share), clouds.sameClouds(), clock);
        var massDeletion = new MassDeletion(
                primaries,
                settings,
                clock,
                share -> Revocation.takesAccess(share, claims),
                share -> sets.hasReleased(share));
        rooms = new Rooms(
                claims,
                new LiveShares(
                        client,
                        clouds,
                        references,
                        claims,
                        locks,
                        calls,
                        passes,
                        statuses,
                        events,
                        counters,
                        clock,
                        time,
                        backoff),
                new ShareDeletions(
                        client,
                        clouds,
                        references,
                        claims,
                        share -> sets.isUndecided(share),
                        massDeletion,
                        locks,
                        calls,
                        passes,
                        statuses,
                        events,
                        counters,
                        clock,
                        backoff));
        return passes.eventSources(primaries, clouds.secrets());
    }

    private Rooms rooms() {
        return Objects.requireNonNull(rooms, "not started");
    }

    private Claims claims() {
        return rooms().claims();
    }

    @Override
    protected void beforeFirstPass() {
        claims().start(passes.cache().list());
    }

    @Override
    protected Optional<Duration> pass(ImageShare share, TrackedShare tracked, FairScheduler.Turn turn) {
        if (share.isMarkedForDeletion() && !share.hasFinalizer(FINALIZER)) {
            return Optional.empty(); // it waits for the finalizers of others
        }
        var seen = ShareStatus.before(share).observedGeneration();
        // Before anything is done that only a finalizer lets us undo.
        var held = share.isMarkedForDeletion() ? share : statuses.addFinalizer(share, FINALIZER);
        try {
            var wait = held.isMarkedForDeletion()
                    ? rooms().deletions().pass(held, tracked, turn)
                    : rooms().live().pass(held, tracked, turn);
            claims().looked(held).forEach(passes::nudge);
            return wait;
        } finally {
            locks.leave(held.getMetadata().getUid());
            // What this spec says now, or no longer says, may let others work, or keep them from it; also if this pass
            // failed.
            if (tracked.isNewToOthers(seen)) {
                claims().othersOf(statuses.freshest(held)).forEach(passes::nudge);
            }
            sets.looked(statuses.freshest(held), false);
            listener.looked(statuses.freshest(held), false);
        }
    }

    @Override
    protected void onDeleted(ImageShare share) {
        sets.looked(share, true);
        listener.looked(share, true);
        var others = passes.isRunning() ? claims().othersOf(share) : List.<ImageShare>of();
        var wasReleased = forgetAll(share.getMetadata().getUid())
                .filter(tracked -> tracked.released != 0)
                .isPresent();
        if (!wasReleased) {
            others.forEach(passes::nudge); // somebody took the finalizer off
        }
    }

    @Override
    protected void forget(String uid) {
        forgetAll(uid);
    }

    private Optional<TrackedShare> forgetAll(String uid) {
        statuses.forget(uid);
        claims().forget(uid).forEach(passes::nudge);
        return passes.forget(uid);
    }

    @Override
    protected void withoutSpec(ImageShare share) {
        share.setSpec(NO_SPEC);
    }

    @Override
    protected @Nullable List<Condition> conditions(ImageShare share) {
        return ShareStatus.before(share).conditions();
    }

    @Override
    protected Problem describe(ImageShare share, Problem fault) {
        return share.isMarkedForDeletion() && fault.reason() == Reason.InternalError
                ? fault.saying(Revocation.WAY_OUT)
                : fault;
    }

    @Override
    protected ImageShareStatus failed(ImageShare share, Problem fault, boolean stalled, Instant now) {
        return ShareStatus.of(share, ShareOutcome.failed(fault), stalled, null, now);
    }

    @Override
    public int watch(Duration patience) {
        if (passes.isRunning()) {
            references.sweep(passes.cache());
        }
        return super.watch(patience);
    }

    /** The ImageShares of a namespace, as the watch last told of them; once the operator has started. */
    public Stream<ImageShare> inNamespace(String namespace) {
        return passes.cache().list(namespace);
    }

    /** Has ImageShareSets counted, which made ImageShares; to be called before the start, if at all. */
    public void follow(ShareSets served) {
        sets = served;
    }

    /**
     * The ImageShares that an ImageShareSet made or would give their names, as they are known now; once the operator has
     * started.
     *
     * @param set the value of their label, with which such a name begins
     */
    public Stream<ImageShare> ofSet(String namespace, String set) {
        return passes.cache().byIndex(BY_SET, namespace + "/" + set).stream().map(statuses::freshest);
    }

    private static List<String> bySet(ImageShare share) {
        var metadata = share.getMetadata();
        var found = new TreeSet<String>();
        var label = metadata.getLabels() == null ? null : metadata.getLabels().get(ImageShareSet.LABEL);
        if (label != null) {
            found.add(metadata.getNamespace() + "/" + label);
        }
        // Names with a cloud's and an image's behind a set's; of some it says so wrongly.
        var name = metadata.getName();
        var last = name.lastIndexOf('.');
        var before = name.lastIndexOf('.', last - 1);
        if (last > 0 && before > 0) {
            found.add(metadata.getNamespace() + "/" + name.substring(0, before));
        }
        return List.copyOf(found);
    }

    /** The first rule that an ImageShare's spec breaks, in words that name the field and the fix; empty if it breaks none. */
    public static Optional<String> violation(ImageShareSpec spec) {
        return ShareRules.violation(spec, null);
    }

    /** Has a listener told of each look; to be called before the start, if at all. */
    public void onLook(ShareListener told) {
        listener = told;
    }

    /** Has ProjectSets counted among the sources of members; to be called before the start, if at all. */
    public void follow(ProjectSets sets) {
        references.follow(sets);
    }

    /**
     * Of the projects that a ProjectSet let go, those that an ImageShare which names it has yet to deal with.
     *
     * @param released the IDs
     */
    public Set<String> waitingFor(ProjectSet set, Set<String> released) {
        return passes.isRunning() ? References.waitingFor(passes.cache(), set, released) : released;
    }

    /** What all ImageShares come to now. */
    public ShareCensus census() {
        return new ShareCensus(passes, rooms == null ? null : rooms.claims(), clock.instant());
    }

    /** Whether an ImageShare names this Secret, as far as is known. */
    public boolean names(CredentialSecrets.SecretKey key) {
        return !passes.naming(key).isEmpty();
    }

    /** Whether an ImageShare will need this Secret to revoke its members, also if that isn't known yet. */
    public boolean needs(CredentialSecrets.SecretKey key) {
        return !passes.isRunning() || passes.naming(key).stream().anyMatch(Claims::needsSecret);
    }

    private static @Nullable CloudCredentialsRef credentials(ImageShare share) {
        return share.getSpec() == null ? null : share.getSpec().cloudCredentialsRef();
    }
}
