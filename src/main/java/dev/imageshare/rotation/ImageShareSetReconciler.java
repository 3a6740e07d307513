package dev.imageshare.rotation;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageCloud;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.SetOptions;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.ObjectReconciler;
import dev.imageshare.reconcile.PassAbandonedException;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reconciles ImageShareSets. Nothing is written to OpenStack: the ImageShares do that. Their owner references let Kubernetes
 * delete them with their set, or leave them, as whoever deletes it asks; so there is no finalizer.
 */
@ControllerConfiguration(
        name = ImageShareSetReconciler.NAME,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class ImageShareSetReconciler
        extends ObjectReconciler<ImageShareSet, ImageShareSetStatus, TrackedRotation> {

    /** The controller's name. */
    public static final String NAME = "imageshareset";

    private static final String BY_CLOUDS_SECRET = "spec.clouds.cloudCredentialsRef.secretName";

    /** How soon a process looks whether it knows all objects. */
    private static final Duration AT_ONCE = Duration.ofMillis(100);

    private static final ImageShareSetSpec NO_SPEC = new ImageShareSetSpec(
            null, null, SetOptions.DEFAULTS, null, ImageShareSetSpec.DEFAULT_RESYNC_PERIOD, false);

    private final CloudAccess clouds;
    private final BooleanSupplier started;
    private final LiveRotations live;

    /** What was last seen of each ImageShare of a set, by its UID. */
    private final Map<String, SeenState> seen = new ConcurrentHashMap<>();

    /** What a set goes by. */
    private record SeenState(
            @Nullable Long generation,
            @Nullable Long observed,
            @Nullable String ready,
            @Nullable String imageId,
            boolean going) {

        static SeenState of(ImageShare share) {
            var status = share.getStatus();
            return new SeenState(
                    share.getMetadata().getGeneration(),
                    status == null ? null : status.observedGeneration(),
                    status == null
                            ? null
                            : Conditions.find(status.conditions(), Conditions.READY)
                                    .map(ready -> ready.status() + " " + ready.reason())
                                    .orElse(null),
                    status == null || status.image() == null
                            ? null
                            : status.image().id(),
                    share.isMarkedForDeletion());
        }
    }

    /**
     * @param shares the ImageShares
     * @param started whether the caches of all kinds are complete
     * @param shareRules the first rule that an ImageShare's spec breaks, if it breaks one
     * @param turns those of this process, for all kinds
     * @param lead what this process may do now
     * @param clockTrusted whether this process's clock agrees with others'; if not, nothing retires
     */
    public ImageShareSetReconciler(
            KubernetesClient client,
            CloudAccess clouds,
            EventRecorder events,
            SetShares shares,
            BooleanSupplier started,
            Function<ImageShareSpec, Optional<String>> shareRules,
            FairScheduler turns,
            Leadership lead,
            BooleanSupplier clockTrusted,
            Clock clock,
            Backoff backoff) {
        super(ImageShareSet.class, set -> null, TrackedRotation::new, client, events, turns, lead, clock, backoff);
        this.clouds = clouds;
        this.started = started;
        this.live = new LiveRotations(
                client,
                clouds,
                shares,
                shareRules,
                new ShareMaker(client, lead.mayReconcile()),
                clockTrusted,
                passes,
                statuses,
                new RotationEvents(events, passes::about),
                clock,
                backoff);
    }

    /** What the annotation on this class can't say. */
    public static void configure(ControllerConfigurationOverrider<ImageShareSet> configuration) {
        configure(configuration, Passes::asksForAPass);
    }

    @Override
    public List<EventSource<?, ImageShareSet>> prepareEventSources(EventSourceContext<ImageShareSet> context) {
        var cache = context.getPrimaryCache();
        cache.addIndexer(
                BY_CLOUDS_SECRET,
                set -> secrets(set).map(CredentialSecrets.SecretKey::toString).toList());
        clouds.secrets().onChange(key -> bySecret(key).forEach(passes::nudge));
        return passes.eventSources(cache, clouds.secrets());
    }

    private List<ImageShareSet> bySecret(CredentialSecrets.SecretKey key) {
        return passes.isRunning() ? passes.cache().byIndex(BY_CLOUDS_SECRET, key.toString()) : List.of();
    }

    /** The Secrets that the clouds name, each once. */
    private static Stream<CredentialSecrets.SecretKey> secrets(ImageShareSet set) {
        return set.getSpec() == null || set.getSpec().clouds() == null
                ? Stream.of()
                : set.getSpec().clouds().stream()
                        .map(ImageCloud::cloudCredentialsRef)
                        .filter(ref -> ref != null && ref.secretName() != null)
                        .map(ref -> new CredentialSecrets.SecretKey(
                                set.getMetadata().getNamespace(), requireNonNull(ref.secretName())))
                        .distinct();
    }

    @Override
    protected Optional<Duration> pass(ImageShareSet set, TrackedRotation tracked, FairScheduler.Turn turn) {
        if (!started.getAsBoolean()) {
            return Optional.of(AT_ONCE); // not all ImageShares are known yet
        }
        // One that is being deleted makes nothing any more; it waits for the finalizers of others.
        return set.isMarkedForDeletion() ? Optional.empty() : live.pass(set, tracked, turn);
    }

    @Override
    protected void withoutSpec(ImageShareSet set) {
        set.setSpec(NO_SPEC);
    }

    @Override
    protected @Nullable List<Condition> conditions(ImageShareSet set) {
        return RotationStatus.before(set).conditions();
    }

    @Override
    protected ImageShareSetStatus failed(ImageShareSet set, Problem fault, boolean stalled, Instant now) {
        return RotationStatus.of(set, RotationOutcome.failed(fault), stalled, null, now);
    }

    // --------------------------------------------------- what ImageShares ask

    /** The set that an ImageShare belongs to, by who controls it or by its label, whether or not it wants it. */
    private Optional<ImageShareSet> setOf(ImageShare share) {
        var controller = SetOwnership.controller(share);
        var label = SetOwnership.labels(share).get(ImageShareSet.LABEL);
        if (controller.isEmpty() ? label == null : !SetOwnership.isSet(controller.get())) {
            return Optional.empty();
        }
        if (!started.getAsBoolean()) {
            throw new PassAbandonedException("the operator has just started, and doesn't know all ImageShareSets yet");
        }
        var namespace = share.getMetadata().getNamespace();
        var found = controller.isPresent()
                ? passes.cache().get(new ResourceID(controller.get().getName(), namespace))
                : passes.cache()
                        .list(
                                namespace,
                                set -> ShareNames.label(set.getMetadata().getName())
                                        .equals(label))
                        .findFirst();
        return found.map(statuses::freshest);
    }

    /**
     * What a live set says that an ImageShare's spec shall be, if it wants the image: whatever the ImageShare itself says, whoever
     * edited or deletes it. A set whose status was lost wants each that is its own.
     */
    public Optional<ImageShareSpec> wanted(ImageShare share) {
        return setOf(share)
                .filter(set -> !set.isMarkedForDeletion()
                        && set.getSpec() != null
                        && set.getSpec().template() != null
                        && set.getSpec().template().spec() != null)
                .filter(set -> isWanted(set, share))
                .map(set -> requireNonNull(
                                requireNonNull(set.getSpec().template()).spec())
                        .of(
                                share.getSpec().cloudCredentialsRef(),
                                share.getSpec().image()));
    }

    /**
     * Whether it isn't known yet if a live set wants the image of an ImageShare: the set has not looked at its images since its spec
     * was edited, or since it lost its status.
     */
    public boolean isUndecided(ImageShare share) {
        return setOf(share)
                .filter(set -> !set.isMarkedForDeletion())
                .filter(set ->
                        !isLookedAt(set) || requireNonNull(set.getStatus()).selection() == null)
                .isPresent();
    }

    private static boolean isWanted(ImageShareSet set, ImageShare share) {
        var name = share.getMetadata().getName();
        var named = ShareNames.read(set.getMetadata().getName(), name);
        if (named.isEmpty()
                || share.getSpec() == null
                || share.getSpec().image() == null
                || !named.get().imageId().equals(share.getSpec().image().id())) {
            return false;
        }
        var status = set.getStatus();
        return !isReleased(set, share)
                && (status == null
                        || status.selection() == null
                        || !isLookedAt(set)
                        || requireNonNullElse(status.images(), List.<RotatedImage>of()).stream()
                                .anyMatch(image -> image.share().equals(name)));
    }

    /** Whether the status is of what the spec says now: what an edit may have taken back lets nothing go. */
    private static boolean isLookedAt(ImageShareSet set) {
        return set.getStatus() != null
                && set.getMetadata().getGeneration().equals(set.getStatus().observedGeneration());
    }

    private static boolean isReleased(ImageShareSet set, ImageShare share) {
        return isLookedAt(set)
                && set.getStatus().released() != null
                && set.getStatus().released().stream()
                        .anyMatch(each -> each.name().equals(share.getMetadata().getName())
                                && each.uid().equals(share.getMetadata().getUid()));
    }

    /** Whether a set let an ImageShare go: then its deletion was judged by the set. */
    public boolean hasReleased(ImageShare share) {
        return setOf(share).filter(set -> isReleased(set, share)).isPresent();
    }

    /**
     * An ImageShare had a pass, or is gone: its set looks again, if that is news to it.
     *
     * @param gone whether there is no such object any more
     */
    public void looked(ImageShare share, boolean gone) {
        var uid = share.getMetadata().getUid();
        if (!started.getAsBoolean()) {
            return; // the first pass looks at each set anyway
        }
        var now = SeenState.of(share);
        if (gone) {
            seen.remove(uid);
        } else if (now.equals(seen.put(uid, now))) {
            return;
        }
        setOf(share).ifPresent(passes::nudge);
    }

    // ------------------------------------------------ what the operator asks

    /** What all ImageShareSets come to now. */
    public ImageShareSetCensus census() {
        return new ImageShareSetCensus(passes);
    }

    /** Whether an ImageShareSet names this Secret, as far as is known. */
    public boolean names(CredentialSecrets.SecretKey key) {
        return !bySecret(key).isEmpty();
    }
}
