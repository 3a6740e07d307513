package dev.imageshare.access;

import dev.imageshare.access.LiveRequests.RequestInput;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec;
import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus;
import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus.GrantedImage;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ApprovalMode;
import dev.imageshare.projectset.Applicants;
import dev.imageshare.projectset.Applications;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.ObjectReconciler;
import dev.imageshare.reconcile.Passes;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reconciles ImageAccessRequests, and knows the decisions about them. Writes nothing to OpenStack. There is no finalizer: a
 * request that is deleted is one that its set no longer has.
 */
@ControllerConfiguration(
        name = ImageAccessRequestReconciler.NAME,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true)
public final class ImageAccessRequestReconciler
        extends ObjectReconciler<ImageAccessRequest, ImageAccessRequestStatus, TrackedRequest> implements Applicants {

    /** The controller's name. */
    public static final String NAME = "imageaccessrequest";

    /** How often a request is looked at by itself: which images are shared may have changed. */
    private static final Duration PERIOD = Duration.ofMinutes(10);

    /** How soon a process looks whether it knows all objects. */
    private static final Duration SOON = Duration.ofMillis(200);

    private static final String BY_SET = "spec.projectSetRef";
    private static final String BY_REQUEST = "spec.requestRef";

    private static final Comparator<ImageAccessRequest> THE_OLDEST_FIRST = Comparator.comparing(
                    (ImageAccessRequest request) -> AccessVerdict.created(request))
            .thenComparing(request -> request.getMetadata().getName());

    private static final ImageAccessRequestSpec NO_SPEC = new ImageAccessRequestSpec(null, null, null, null);

    private final CloudAccess clouds;
    private final SetLookup sets;
    private final Function<ResourceID, List<GrantedShare>> shares;
    private final BooleanSupplier started;
    private final boolean readsNamespaces;
    private final LiveRequests live;
    private final AccessEvents events;
    private final Clock clock;
    private final Backoff backoff;
    private final List<Consumer<ResourceID>> listeners = new CopyOnWriteArrayList<>();

    /** What requests proved in this process, by UID. */
    private final Map<String, ProvenRequest> proofs = new ConcurrentHashMap<>();

    /** The UIDs of requests that this process has looked at. */
    private final Set<String> looked = ConcurrentHashMap.newKeySet();

    private @Nullable IndexerResourceCache<ImageAccessDecision> decisions;
    private @Nullable IndexerResourceCache<Namespace> namespaces;

    /** The sets of this process. */
    public interface SetLookup {
        Optional<ProjectSet> find(ResourceID name);

        /** Calls back with the name of a set that says something else than before, or that goes. */
        void onChange(Consumer<ResourceID> listener);
    }

    /**
     * An image that is shared by a set.
     *
     * @param members the projects that are its members now
     */
    public record GrantedShare(GrantedImage image, Set<String> members) {
        public GrantedShare {
            members = Set.copyOf(members);
        }
    }

    /**
     * @param sets those that requests name
     * @param shares the images that are shared by a set
     * @param started whether the caches of all kinds are complete
     * @param readsNamespaces whether labels of namespaces may be read: not in an installation for some namespaces
     * @param mayBeHttp whether a project may be proven over http: for labs
     * @param turns those of this process, for all kinds
     * @param lead what this process may do now
     */
    public ImageAccessRequestReconciler(
            KubernetesClient client,
            CloudAccess clouds,
            SetLookup sets,
            Function<ResourceID, List<GrantedShare>> shares,
            BooleanSupplier started,
            boolean readsNamespaces,
            boolean mayBeHttp,
            EventRecorder events,
            FairScheduler turns,
            Leadership lead,
            Clock clock,
            Backoff backoff) {
        super(
                ImageAccessRequest.class,
                ImageAccessRequestReconciler::credentials,
                TrackedRequest::new,
                client,
                events,
                turns,
                lead,
                clock,
                backoff);
        this.clouds = clouds;
        this.sets = sets;
        this.shares = shares;
        this.started = started;
        this.readsNamespaces = readsNamespaces;
        this.live = new LiveRequests(clouds, mayBeHttp);
        this.events = new AccessEvents(events, passes::about);
        this.clock = clock;
        this.backoff = backoff;
    }

    /** Configures what the annotation on this class can't. */
    public static void configure(ControllerConfigurationOverrider<ImageAccessRequest> configuration) {
        configure(configuration, Passes::asksForAPass);
    }

    private static @Nullable CloudCredentialsRef credentials(ImageAccessRequest request) {
        return request.getSpec() == null ? null : request.getSpec().cloudCredentialsRef();
    }

    // ------------------------------------------------------------ what is watched

    @Override
    public List<EventSource<?, ImageAccessRequest>> prepareEventSources(
            EventSourceContext<ImageAccessRequest> context) {
        var primaries = context.getPrimaryCache();
        var answers = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ImageAccessDecision.class, ImageAccessRequest.class)
                        .withName("decisions")
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(ImageAccessRequestReconciler::decided)
                        .withInformerListLimit(CredentialSecrets.LIST_LIMIT)
                        .build(),
                context);
        var sources = new ArrayList<>(prepare(primaries, answers));
        sources.add(answers);
        if (readsNamespaces) {
            var places = new InformerEventSource<Namespace, ImageAccessRequest>(
                    InformerEventSourceConfiguration.from(Namespace.class, ImageAccessRequest.class)
                            .withName("namespaces")
                            .withWatchAllNamespaces()
                            .withSecondaryToPrimaryMapper(this::ofNamespace)
                            .withInformerListLimit(CredentialSecrets.LIST_LIMIT)
                            .build(),
                    context);
            namespaces = places;
            sources.add(places);
        }
        return sources;
    }

    /**
     * What asks for passes besides changes of requests, decisions and namespaces; to be called once, before the first pass.
     *
     * @param primaries the requests
     * @param answers the decisions
     */
    public List<EventSource<?, ImageAccessRequest>> prepare(
            IndexerResourceCache<ImageAccessRequest> primaries, IndexerResourceCache<ImageAccessDecision> answers) {
        decisions = answers;
        answers.addIndexer(
                BY_REQUEST,
                decision -> decided(decision).stream().map(ResourceID::toString).toList());
        primaries.addIndexer(
                BY_SET,
                request -> setOf(request).map(ResourceID::toString).stream().toList());
        sets.onChange(set -> asking(set).forEach(passes::nudge));
        return passes.eventSources(primaries, clouds.secrets());
    }

    private static Set<ResourceID> decided(ImageAccessDecision decision) {
        var ref = decision.getSpec() == null ? null : decision.getSpec().requestRef();
        return ref == null || ref.name() == null || ref.namespace() == null
                ? Set.of()
                : Set.of(new ResourceID(ref.name(), ref.namespace()));
    }

    private Set<ResourceID> ofNamespace(Namespace namespace) {
        return passes.isRunning()
                ? passes.cache()
                        .list(namespace.getMetadata().getName())
                        .map(ResourceID::fromResource)
                        .collect(Collectors.toSet())
                : Set.of();
    }

    private static Optional<ResourceID> setOf(ImageAccessRequest request) {
        var ref = request.getSpec() == null ? null : request.getSpec().projectSetRef();
        return ref == null || ref.name() == null || ref.namespace() == null
                ? Optional.empty()
                : Optional.of(new ResourceID(ref.name(), ref.namespace()));
    }

    private List<ImageAccessRequest> asking(ResourceID set) {
        return passes.isRunning() ? passes.cache().byIndex(BY_SET, set.toString()) : List.of();
    }

    // ----------------------------------------------------------------------- passes

    @Override
    protected Optional<Duration> pass(ImageAccessRequest request, TrackedRequest tracked, FairScheduler.Turn turn) {
        if (request.isMarkedForDeletion()) {
            announce(request); // it waits for others' finalizers, and asks for nothing
            return Optional.empty();
        }
        if (!started.getAsBoolean()) {
            return Optional.of(SOON); // a set that isn't known yet must not pass for none
        }
        var now = clock.instant();
        var before = RequestStatus.before(request);
        var violation = AccessRules.violation(request);
        var set = setOf(request).flatMap(sets::find).filter(found -> !found.isMarkedForDeletion());
        var admission = set.map(found -> admission(found, request)).orElse(Admission.REFUSED);
        var outcome = violation
                .map(rule -> RequestOutcome.failed(Problem.of(Reason.InvalidSpec, rule)))
                .orElseGet(() -> live.look(
                        new RequestInput(
                                request,
                                set.orElse(null),
                                admission,
                                about(request),
                                this::images,
                                openBefore(request, now),
                                now),
                        turn));
        keepProof(request, set.orElse(null), outcome);
        var stalled = tracked.graceIsOver(outcome.problems(), before.conditions(), now);
        var status = RequestStatus.of(request, outcome, stalled, now);
        var written = status.equals(request.getStatus()) ? request : statuses.write(request, status);
        events.looked(written, before, outcome);
        looked.add(request.getMetadata().getUid());
        if (tracked.isNew(new TrackedRequest.SeenBySet(
                violation.isPresent() ? Admission.REFUSED : admission,
                outcome.verdict(),
                proofs.get(request.getMetadata().getUid()),
                !AskedRequest.isTooOld(request, now)))) {
            announce(request);
            letNextAsk(request);
        }
        return tracked.next(outcome.problems(), PERIOD, stalled, backoff, now)
                .map(wait -> until(request, outcome, now)
                        .filter(end -> end.compareTo(wait) < 0)
                        .orElse(wait));
    }

    /** What fails later changes nothing; another project does. */
    private void keepProof(ImageAccessRequest request, @Nullable ProjectSet set, RequestOutcome outcome) {
        var uid = request.getMetadata().getUid();
        if (set == null || outcome.problems().stream().anyMatch(problem -> isOther(problem.reason()))) {
            proofs.remove(uid);
        } else if (outcome.project() != null) {
            proofs.put(
                    uid,
                    new ProvenRequest(
                            outcome.project(),
                            set.getMetadata().getUid(),
                            set.getSpec().cloudCredentialsRef()));
        }
    }

    private static boolean isOther(Reason reason) {
        return reason == Reason.ProjectChanged || reason == Reason.NotAdmitted || reason == Reason.InvalidSpec;
    }

    /** The time until something ends by itself. */
    private static Optional<Duration> until(ImageAccessRequest request, RequestOutcome outcome, Instant now) {
        var tooOld = AccessVerdict.created(request).plus(AskedRequest.LONGEST_WAIT);
        var end = outcome.verdict() instanceof AccessVerdict.Granted granted ? granted.end() : tooOld;
        return Optional.ofNullable(end)
                .filter(now::isBefore)
                .map(then -> Duration.between(now, then).plusMillis(1));
    }

    private Admission admission(ProjectSet set, ImageAccessRequest request) {
        var namespace = request.getMetadata().getNamespace();
        return Admission.of(set.getSpec() == null ? null : set.getSpec().requests(), namespace, labels(namespace));
    }

    private @Nullable Map<String, String> labels(String namespace) {
        if (namespaces == null) {
            return null;
        }
        return namespaces
                .get(new ResourceID(namespace))
                .filter(found -> !found.isMarkedForDeletion())
                .map(HasMetadata::getMetadata)
                .map(metadata -> Objects.requireNonNullElse(metadata.getLabels(), Map.<String, String>of()))
                .orElseGet(Map::of);
    }

    /** The decisions about a request, of the set's namespace only. */
    private List<ImageAccessDecision> about(ImageAccessRequest request) {
        return named(request)
                .filter(decision -> AccessVerdict.isAbout(decision, request))
                .toList();
    }

    private Stream<ImageAccessDecision> named(ImageAccessRequest request) {
        return Objects.requireNonNull(decisions, "not started")
                .byIndex(BY_REQUEST, ResourceID.fromResource(request).toString())
                .stream();
    }

    /** How many older requests of the namespace wait for something, as far as it matters. */
    private int openBefore(ImageAccessRequest request, Instant now) {
        return (int) passes.cache()
                .list(request.getMetadata().getNamespace())
                .filter(other -> THE_OLDEST_FIRST.compare(other, request) < 0 && isOpen(other, now))
                .limit(LiveRequests.MOST_OPEN)
                .count();
    }

    /** There may be room among those that wait: the oldest for which there was none is looked at. */
    private void letNextAsk(ImageAccessRequest request) {
        passes.cache()
                .list(request.getMetadata().getNamespace())
                .filter(other -> Conditions.find(conditions(other), Conditions.READY)
                        .filter(ready -> ready.reason().equals(Reason.TooManyRequests.name()))
                        .isPresent())
                .filter(other -> !other.getMetadata()
                        .getUid()
                        .equals(request.getMetadata().getUid()))
                .min(THE_OLDEST_FIRST)
                .ifPresent(passes::nudge);
    }

    private boolean isOpen(ImageAccessRequest request, Instant now) {
        return !request.isMarkedForDeletion()
                && !AskedRequest.isTooOld(request, now)
                && AccessRules.violation(request).isEmpty()
                && about(request).isEmpty()
                && !(isAutomatic(request) && RequestStatus.before(request).projectID() != null);
    }

    private boolean isAutomatic(ImageAccessRequest request) {
        return setOf(request)
                .flatMap(sets::find)
                .map(ProjectSet::getSpec)
                .map(spec -> spec.requests())
                .filter(policy -> policy.approval() == ApprovalMode.Automatic)
                .isPresent();
    }

    private List<GrantedImage> images(ProjectSet set, String project) {
        return shares.apply(ResourceID.fromResource(set)).stream()
                .filter(share -> share.members().contains(project))
                .map(GrantedShare::image)
                .sorted(Comparator.comparing((GrantedImage image) -> Objects.requireNonNullElse(image.name(), ""))
                        .thenComparing(GrantedImage::id))
                .distinct()
                .toList();
    }

    /** An image that is shared by a set was looked at, or is no longer shared. Quick. */
    public void looked(ResourceID set, GrantedShare share) {
        asking(set).stream()
                .filter(request -> isNews(RequestStatus.before(request), share))
                .forEach(passes::nudge);
    }

    /** Whether the status shows the image although it isn't shared, or the other way round. */
    private static boolean isNews(ImageAccessRequestStatus status, GrantedShare share) {
        var shown = status.images();
        return shown != null
                && status.projectID() != null
                && shown.size() < RequestStatus.MAX_IMAGES
                && shown.contains(share.image()) != share.members().contains(status.projectID());
    }

    @Override
    protected void onDeleted(ImageAccessRequest request) {
        super.onDeleted(request);
        announce(request);
        letNextAsk(request);
    }

    @Override
    protected void forget(String uid) {
        super.forget(uid);
        proofs.remove(uid);
        looked.remove(uid);
    }

    @Override
    protected void withoutSpec(ImageAccessRequest request) {
        request.setSpec(NO_SPEC);
    }

    @Override
    protected @Nullable List<Condition> conditions(ImageAccessRequest request) {
        return RequestStatus.before(request).conditions();
    }

    @Override
    protected ImageAccessRequestStatus failed(ImageAccessRequest request, Problem fault, boolean stalled, Instant now) {
        return RequestStatus.of(request, RequestOutcome.failed(fault), stalled, now);
    }

    // ------------------------------------------------------------- what sets see of it

    private void announce(ImageAccessRequest request) {
        setOf(request).ifPresent(set -> listeners.forEach(listener -> listener.accept(set)));
    }

    @Override
    public boolean areServed() {
        return true;
    }

    @Override
    public void onChange(Consumer<ResourceID> listener) {
        listeners.add(listener);
    }

    @Override
    public Optional<Applications> of(ProjectSet set, Instant now) {
        if (!started.getAsBoolean()) {
            return Optional.empty();
        }
        var asked = passes.cache().byIndex(BY_SET, ResourceID.fromResource(set).toString()).stream()
                .filter(request -> !request.isMarkedForDeletion()
                        && AccessRules.violation(request).isEmpty())
                .map(request -> new AskedRequest(
                        request,
                        admission(set, request),
                        about(request),
                        Optional.ofNullable(proofs.get(request.getMetadata().getUid()))
                                .filter(proof -> proof.isFor(set, clouds.sameClouds()))
                                .orElse(null),
                        looked.contains(request.getMetadata().getUid())))
                .toList();
        return Optional.of(AskedRequest.of(set, asked, now));
    }

    /** What all ImageAccessRequests come to now. */
    public ImageAccessRequestCensus census() {
        return new ImageAccessRequestCensus(passes);
    }

    /** Whether a known request names this Secret. */
    public boolean names(CredentialSecrets.SecretKey key) {
        return !passes.naming(key).isEmpty();
    }
}
