package dev.imageshare.model;

import static dev.imageshare.scenarios.Namespace.secretOf;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageFilter;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.Fault;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.share.ImageShareReconciler;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * People who mean everybody else harm, with all rights in namespaces of their own, and with a cloud of their own. Passes
 * over their objects run beside everybody else's: while an answer of their cloud hangs, its pass holds what it has. All
 * that happens here is chosen by random numbers of its own.
 *
 * <p>Always one thread at a time works, this one's or the play's; the others wait.
 */
final class Hostility implements HostileCloud.Lies {

    /** Passes at once in the process, of which so many are for one namespace, and for one cloud. */
    static final int THREADS = 4;

    static final int PER_NAMESPACE = 2;
    static final int PER_KEYSTONE = 2;
    static final int PER_CLOUD = 2;

    /** As long as the operator waits for an answer. */
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

    /** Passes over hostile objects between two of others: all that a sequence has time for. */
    private static final int PASSES_IN_BETWEEN = 1;

    private static final int MANY = 14;
    private static final long PATIENCE_SECONDS = 20;
    private static final String FOREIGN = "example.org/foreign";
    private static final CountDownLatch ENDED = new CountDownLatch(0);

    /** Who is in how many namespaces, and at how many Keystones. One who has both can wait in more threads than there are. */
    private enum Shape {
        ONE_NAMESPACE_MANY_KEYSTONES(1),
        MANY_NAMESPACES_ONE_KEYSTONE(2),
        /** Logs in at everybody's Keystone, from where it goes on to an image service of its own. */
        ONE_NAMESPACE_COMMON_KEYSTONE(1);

        private final int namespaces;

        Shape(int namespaces) {
            this.namespaces = namespaces;
        }
    }

    /** What it knows of the others, and can tell the test. */
    interface Others {
        List<String> images();

        List<String> projects();

        DrivenOperator operator();

        void note(String line);

        void violated(String what);
    }

    /** A pass on a thread of its own. */
    private static final class Running {
        final DrivenOperator.Ref ref;
        final Instant since;
        CountDownLatch released = ENDED;
        Consumer<Boolean> answered = is -> {};
        Throwable failure;

        Running(DrivenOperator.Ref ref, Instant since) {
            this.ref = ref;
            this.since = since;
        }
    }

    /** A pass has come to an end, or hangs. */
    private record Came(Running pass, boolean hangs) {}

    private final ModelWorld world;
    private final Others others;
    private final Random random;
    private final Deque<HostileStep> left;
    private final boolean late;
    private final Shape shape;
    private final List<String> namespaces = new ArrayList<>();
    private final LinkedBlockingQueue<Came> events = new LinkedBlockingQueue<>();
    private final Map<DrivenOperator.Ref, Running> hanging = new TreeMap<>();
    private final Set<DrivenOperator.Ref> looked = new HashSet<>();
    private final Map<String, ImageShare> knownShares = new HashMap<>();
    private final Map<String, ImageAcceptance> knownAcceptances = new HashMap<>();
    private final Map<String, Secret> knownSecrets = new HashMap<>();
    private final ScheduledExecutorService guard = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "hostility-guard");
        thread.setDaemon(true);
        return thread;
    });

    private int moments;
    private int passes;
    private boolean looking;
    private volatile Running running;
    private volatile boolean dying;

    /** @param late whether their objects may be looked at late after a start, so that others have to wait for them */
    Hostility(ModelWorld world, Others others, long seed, List<HostileStep> steps, boolean late) {
        this.world = world;
        this.others = others;
        this.random = new Random(seed * 101 + 11);
        this.left = new ArrayDeque<>(steps);
        this.late = late;
        this.shape = Shape.values()[random.nextInt(Shape.values().length)];
        // Before and after all others' names, which decide between objects of one age.
        var name = random.nextBoolean() ? "a-hostile" : "z-hostile";
        for (var i = 0; i < shape.namespaces; i++) {
            namespaces.add(world.next(name + (char) ('a' + i)));
        }
        world.hostileCloud.begin(random, this);
    }

    boolean is(String namespace) {
        return namespaces.contains(namespace);
    }

    /** Whether the request that comes now is one of a pass over a hostile object. */
    boolean isWorking() {
        return running != null;
    }

    int passes() {
        return passes;
    }

    // --------------------------------------------------------------- moments

    /** The others' objects are about to be created. */
    void before() {
        act();
    }

    /** There is a new process, which has been told of everybody else's objects. */
    void started() {
        looked.clear();
        tell();
    }

    /** A moment of everybody else's: a pass is about to begin, or a request has come. */
    void moment() {
        moments++;
        act();
        for (var pass : List.copyOf(hanging.values())) {
            if (random.nextInt(12) == 0) {
                release(pass);
            }
        }
        if (random.nextInt(6) == 0) {
            passOne();
        }
    }

    /** Until then nobody else's pass is due. */
    void until(Instant then) {
        for (var i = 0; i < PASSES_IN_BETWEEN; i++) {
            var next = others.operator().nextDue(this::isIdle);
            var ended = hanging.values().stream()
                    .filter(pass -> !pass.since.plus(CALL_TIMEOUT).isAfter(then))
                    .findFirst();
            if (ended.isPresent()
                    && (next == null || !ended.get().since.plus(CALL_TIMEOUT).isAfter(next))) {
                moveTo(ended.get().since.plus(CALL_TIMEOUT));
                release(ended.get());
            } else if (next != null && !next.isAfter(then)) {
                moveTo(next);
                passOne();
            } else {
                return;
            }
        }
    }

    private void moveTo(Instant then) {
        if (then.isAfter(world.clock.instant())) {
            world.clock.move(Duration.between(world.clock.instant(), then));
        }
    }

    /** The process is gone: what it had begun ends, and does nothing more. */
    void died() {
        dying = true;
        try {
            List.copyOf(hanging.values()).forEach(this::release);
        } finally {
            dying = false;
        }
    }

    void end() {
        died();
        world.hostileCloud.begin(random, null);
        guard.shutdownNow();
    }

    /** Ends what hangs if somebody else waits for it. */
    Runnable guarded(String what) {
        var timer = guard.schedule(
                () -> {
                    others.violated(what + " waits for a pass of a hostile namespace");
                    hanging.values().forEach(pass -> pass.released.countDown());
                },
                PATIENCE_SECONDS,
                TimeUnit.SECONDS);
        return () -> timer.cancel(false);
    }

    Fault onApiCall() {
        return dying ? new Fault.Drop(false) : null;
    }

    // ---------------------------------------------------------------- passes

    private boolean isIdle(DrivenOperator.Ref ref) {
        return is(ref.namespace()) && !hanging.containsKey(ref);
    }

    private void passOne() {
        var due = others.operator().dueNow(this::isIdle);
        if (!due.isEmpty()) {
            pass(due.get(random.nextInt(due.size())), true);
        }
    }

    private void pass(DrivenOperator.Ref ref, boolean mayHang) {
        passes++;
        world.hostileCloud.hang(mayHang);
        var operator = others.operator();
        var pass = new Running(ref, world.clock.instant());
        running = pass;
        var thread = new Thread(
                () -> {
                    try {
                        operator.pass(ref);
                    } catch (RuntimeException | Error e) {
                        pass.failure = e;
                    } finally {
                        events.add(new Came(pass, false));
                    }
                },
                "hostile-pass");
        thread.setDaemon(true);
        thread.start();
        await(pass);
    }

    private void release(Running pass) {
        running = pass;
        world.hostileCloud.hang(random.nextInt(4) == 0 && !dying);
        pass.answered.accept(!dying && random.nextBoolean());
        pass.released.countDown();
        await(pass);
    }

    /** Waits until the pass has ended or hangs. */
    private void await(Running pass) {
        try {
            var came = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (came == null) {
                others.violated("a pass over " + pass.ref + " waits for what others have");
                return;
            }
            if (came.hangs) {
                hanging.put(pass.ref, pass);
                if (hanging.size() >= THREADS) {
                    others.violated("hostile namespaces have taken all threads: " + hanging.keySet());
                }
            } else {
                hanging.remove(pass.ref);
                if (pass.failure != null) {
                    others.violated("a pass over " + pass.ref + " failed: " + pass.failure);
                }
            }
            others.note("~ pass over " + pass.ref + (came.hangs ? " hangs" : " has ended"));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            running = null;
        }
        tell();
    }

    @Override
    public boolean hangs(CountDownLatch released, Consumer<Boolean> answered) {
        var pass = running;
        if (pass == null || dying) {
            return false;
        }
        pass.released = released;
        pass.answered = answered;
        events.add(new Came(pass, true));
        return true;
    }

    /** The watch tells of what they have; unless it is to be late, their new objects are looked at before anything else. */
    private void tell() {
        if (dying) {
            return;
        }
        others.operator().tell(this::is, shares(), acceptances(), secrets());
        if (late || looking) {
            return;
        }
        looking = true;
        try {
            while (hanging.isEmpty()) {
                var due = others.operator().dueNow(ref -> isIdle(ref) && !looked.contains(ref));
                if (due.isEmpty()) {
                    return;
                }
                var ref = due.get(0);
                // The first pass may do no more than add the finalizer.
                for (var i = 0; i < 2 && others.operator().dueNow(this::isIdle).contains(ref); i++) {
                    pass(ref, false);
                }
                looked.add(ref);
            }
        } finally {
            looking = false;
        }
    }

    // ------------------------------------------------------------------ lies

    @Override
    public List<String> images() {
        return others.images();
    }

    @Override
    public List<String> projects() {
        return others.projects();
    }

    @Override
    public String owner() {
        return world.cloud.projectId("images");
    }

    // ----------------------------------------------------------------- steps

    private void act() {
        while (!left.isEmpty() && left.peek().moment() <= moments) {
            var step = left.poll();
            others.note("~ " + step);
            happens(step);
            if (others.operator() != null) {
                tell();
            }
        }
    }

    private void happens(HostileStep step) {
        switch (step.kind()) {
            case CREATE_SHARE -> createShare("evil-" + step.a() % 20, step.b(), step.c(), step.c() % 2 == 0);
            case CREATE_ACCEPTANCE -> createAcceptance(step);
            case CREATE_MANY -> {
                for (var i = 0; i < MANY; i++) {
                    createShare("many-" + i, step.b(), step.c() + i, true);
                }
            }
            case CREATE_HANGING -> createHanging(step);
            case EDIT -> edit(step);
            case FORGE_STATUS -> {
                var all = objects();
                if (step.a() % 3 == 0) {
                    all.forEach(object -> forge(object, step));
                } else if (!all.isEmpty()) {
                    forge(all.get(step.a() % all.size()), step);
                }
            }
            case FORGE_FINALIZER ->
                any(step).ifPresent(object -> {
                    var next = copy(object);
                    var finalizers = new ArrayList<>(next.getMetadata().getFinalizers());
                    if (step.b() % 2 == 0) {
                        finalizers.add(0, FOREIGN);
                    } else {
                        finalizers.remove(ImageShareReconciler.FINALIZER);
                    }
                    next.getMetadata().setFinalizers(finalizers);
                    if (!object.isMarkedForDeletion() || step.b() % 2 != 0) {
                        replace(next);
                    }
                });
            case ANNOTATE ->
                any(step).ifPresent(object -> {
                    var next = copy(object);
                    next.getMetadata()
                            .setAnnotations(Map.of(
                                    ImageShare.APPROVE_REMOVALS,
                                    step.b() % 2 == 0 ? "delete-0123456789abcdef" : hashOf(object)));
                    replace(next);
                });
            case SECRET -> {
                var all = secrets();
                if (!all.isEmpty()) {
                    var secret = all.get(step.a() % all.size());
                    if (step.b() % 3 == 0) {
                        world.api.delete(Secret.class, secret);
                    } else if (!secret.isMarkedForDeletion()) {
                        var next = new SecretBuilder(secret)
                                .withData(secretOf("", "", Map.of("clouds.yaml", yaml(step.c(), project(step.c()))))
                                        .getData())
                                .build();
                        next.getMetadata()
                                .setFinalizers(
                                        step.b() % 3 == 1
                                                ? List.of(FOREIGN)
                                                : List.of(CredentialSecrets.FINALIZER, FOREIGN));
                        world.api.replace(Secret.class, next);
                    }
                }
            }
            case DELETE -> any(step).ifPresent(this::delete);
            case DELETE_ALL -> objects().forEach(this::delete);
            case RELEASE -> List.copyOf(hanging.values()).forEach(this::release);
        }
    }

    private void createHanging(HostileStep step) {
        var manners = HostileCloud.Manner.values();
        var manner = step.c() % 2 == 0 ? HostileCloud.Manner.HANGS_AT_LOGIN : HostileCloud.Manner.HANGS_AT_LIST;
        var refs = new ArrayList<DrivenOperator.Ref>();
        for (var i = 0; i < THREADS; i++) {
            var place = step.a() + i / namespaces.size();
            createShare("slow-" + i, i, place * manners.length + manner.ordinal(), false);
            refs.add(new DrivenOperator.Ref("ImageShare", namespaces.get(i % namespaces.size()) + "/slow-" + i));
        }
        if (others.operator() == null) {
            return;
        }
        looking = true; // they claim nothing yet, so nobody waits for their first look
        try {
            tell();
            for (var ref : refs) {
                // The first pass adds the finalizer.
                for (var i = 0; i < 2 && others.operator().dueNow(this::isIdle).contains(ref); i++) {
                    pass(ref, true);
                }
            }
        } finally {
            looking = false;
        }
    }

    private void createShare(String name, int b, int c, boolean forges) {
        var namespace = namespaces.get(b % namespaces.size());
        if (shares().stream().anyMatch(s -> isAt(s, namespace, name))) {
            return;
        }
        var share = new ImageShare();
        share.getMetadata().setNamespace(namespace);
        share.getMetadata().setName(name);
        share.setSpec(new ImageShareSpec(
                credentials(namespace, entry(c, forges), owner()),
                c % 7 == 0
                        ? new ImageReference(null, new ImageFilter("ubuntu", null), null)
                        : new ImageReference(images().get(b % images().size()), null, null),
                members(b),
                null,
                c % 3 == 0 ? MembershipPolicy.Additive : MembershipPolicy.Authoritative,
                ManagementPolicy.managed,
                new ManagedOptions(b % 5 == 0 ? OnDelete.detach : OnDelete.delete, new IntOrString("100%")),
                c % 4 == 0 ? "30s" : "10m"));
        world.api.create(ImageShare.class, share);
    }

    private List<DeclaredMember> members(int bits) {
        var members = new ArrayList<DeclaredMember>();
        for (var i = 0; i < projects().size(); i++) {
            if ((bits >> i & 1) == 1) {
                members.add(new DeclaredMember(projects().get(i)));
            }
        }
        return members;
    }

    private void createAcceptance(HostileStep step) {
        var namespace = namespaces.get(step.b() % namespaces.size());
        var name = "evil-" + step.a() % 10;
        if (acceptances().stream().anyMatch(a -> isAt(a, namespace, name))) {
            return;
        }
        var acceptance = new ImageAcceptance();
        acceptance.getMetadata().setNamespace(namespace);
        acceptance.getMetadata().setName(name);
        var isNamed = step.a() % 3 != 0;
        acceptance.setSpec(new ImageAcceptanceSpec(
                credentials(namespace, entry(step.c(), step.c() % 2 == 0), project(step.a())),
                isNamed ? new ImageAcceptanceSpec.OfferedImage(images().get(0)) : null,
                isNamed ? null : new ImageAcceptanceSpec.From(List.of(owner()), null),
                MemberAnswer.values()[step.b() % 3],
                step.c() % 4 == 0 ? "30s" : "10m"));
        world.api.create(ImageAcceptance.class, acceptance);
    }

    /** One of the two consumers' projects. */
    private String project(int number) {
        return world.cloud.projectId(number % 2 == 0 ? "consumer-a" : "consumer-b");
    }

    private void edit(HostileStep step) {
        any(step).ifPresent(object -> {
            if (copy(object) instanceof ImageShare share) {
                var s = share.getSpec();
                share.setSpec(new ImageShareSpec(
                        credentials(share.getMetadata().getNamespace(), entry(step.c(), step.c() % 2 == 0), owner()),
                        s.image(),
                        members(step.b()),
                        null,
                        step.b() % 2 == 0 ? MembershipPolicy.Additive : MembershipPolicy.Authoritative,
                        step.b() % 5 == 0 ? ManagementPolicy.unmanaged : ManagementPolicy.managed,
                        s.managedOptions(),
                        s.resyncPeriod()));
                replace(share);
            } else if (copy(object) instanceof ImageAcceptance acceptance) {
                var s = acceptance.getSpec();
                acceptance.setSpec(new ImageAcceptanceSpec(
                        s.cloudCredentialsRef(),
                        s.image(),
                        s.from(),
                        MemberAnswer.values()[step.b() % 3],
                        s.resyncPeriod()));
                replace(acceptance);
            }
        });
    }

    /** Writes a status that claims what the others have. */
    private void forge(HasMetadata object, HostileStep step) {
        var ref = new DrivenOperator.Ref(object.getKind(), ToldCache.key(object));
        // What holds others back until it has been looked at is for sequences that are late.
        if (!late && others.operator() != null && !looked.contains(ref)) {
            return;
        }
        var generation = step.b() % 5 == 0 ? null : object.getMetadata().getGeneration();
        var since = step.c() % 2 == 0 ? "2001-01-01T00:00:00Z" : "when hell freezes over";
        var synced = step.c() % 3 != 0;
        var conditions = List.of(
                new Condition(
                        "Ready",
                        synced ? Condition.Status.True : Condition.Status.False,
                        synced ? "Synced" : step.c() % 2 == 0 ? "NotImageOwner" : "WaitingForReference",
                        "Forged.",
                        since,
                        object.getMetadata().getGeneration()),
                new Condition(
                        "Reconciling",
                        Condition.Status.True,
                        "WaitingForReference",
                        "Forged.",
                        since,
                        object.getMetadata().getGeneration()));
        var image = images().get(step.b() % images().size());
        if (copy(object) instanceof ImageShare share) {
            share.setStatus(new ImageShareStatus(
                    generation,
                    step.b() % 7 == 0
                            ? null
                            : new ImageShareStatus.ImageInfo(
                                    image,
                                    "ubuntu",
                                    owner(),
                                    HostileCloud.REGIONS.get(0),
                                    origin(step),
                                    "shared",
                                    "active",
                                    null),
                    true,
                    projects().stream()
                            .map(p -> new ImageShareStatus.MemberInfo(
                                    p,
                                    MemberAnswer.accepted,
                                    step.c() % 2 == 0,
                                    step.b() % 2 == 0,
                                    null,
                                    null,
                                    "2001-01-01T00:00:00Z",
                                    "2001-01-01T00:00:00Z"))
                            .toList(),
                    null,
                    step.c() % 4 == 0
                            ? new ImageShareStatus.OpenPlan(
                                    List.of(),
                                    projects(),
                                    step.c() % 8 == 0 ? "delete-0123456789abcdef" : "0123456789abcdef",
                                    projects(),
                                    7)
                            : null,
                    since,
                    conditions));
            writeStatus(ImageShare.class, share);
        } else if (copy(object) instanceof ImageAcceptance acceptance) {
            acceptance.setStatus(new ImageAcceptanceStatus(
                    generation,
                    new ImageAcceptanceStatus.ProjectInfo(project(step.a()), HostileCloud.REGIONS.get(0), origin(step)),
                    List.of(new ImageAcceptanceStatus.OfferInfo(
                            image, "ubuntu", owner(), MemberAnswer.rejected, "2001-01-01T00:00:00Z")),
                    null,
                    since,
                    conditions));
            writeStatus(ImageAcceptance.class, acceptance);
        }
    }

    /** The others' Keystone, as their statuses name it; as good a lie as any. */
    private String origin(HostileStep step) {
        return step.a() % 5 == 0 ? null : world.cloud.authUrl().replace("/v3", "");
    }

    // ----------------------------------------------------------- credentials

    private CloudCredentialsRef credentials(String namespace, int entry, String project) {
        var name = "clouds-" + entry + "-" + project.substring(0, 6);
        if (secrets().stream().noneMatch(s -> isAt(s, namespace, name))) {
            world.api.create(Secret.class, secretOf(namespace, name, Map.of("clouds.yaml", yaml(entry, project))));
        }
        return new CloudCredentialsRef(name, "hostile");
    }

    private static int entry(int number, boolean forges) {
        return forges ? number / 2 * HostileCloud.Manner.values().length : number;
    }

    private String yaml(int number, String project) {
        var manner = HostileCloud.Manner.values()[number % HostileCloud.Manner.values().length];
        var place = number / HostileCloud.Manner.values().length;
        if (number % 11 == 5) {
            return world.yaml("stranger", "hostile"); // an ordinary stranger of everybody's cloud
        }
        if (shape == Shape.ONE_NAMESPACE_COMMON_KEYSTONE && manner != HostileCloud.Manner.FORGES) {
            return world.yaml("stranger", "hostile") + "    image_endpoint_override: "
                    + world.hostileCloud.imageUrl(HostileCloud.HANGING) + "\n";
        }
        var many = shape == Shape.ONE_NAMESPACE_MANY_KEYSTONES;
        return """
                clouds:
                  hostile:
                    region_name: %s
                    auth_type: password
                    auth:
                      auth_url: %s
                      username: %s
                      password: secret
                      project_id: %s
                      user_domain_name: Default
                """.formatted(
                        HostileCloud.REGIONS.get(many ? 0 : place % HostileCloud.REGIONS.size()),
                        world.hostileCloud.authUrl(many ? place % HostileCloud.ORIGINS : 0),
                        manner,
                        project);
    }

    // --------------------------------------------------------------- objects

    private List<ImageShare> shares() {
        return namespaces.stream()
                .flatMap(n -> world.api.objects(ImageShare.class, n, knownShares).stream())
                .toList();
    }

    private List<ImageAcceptance> acceptances() {
        return namespaces.stream()
                .flatMap(n -> world.api.objects(ImageAcceptance.class, n, knownAcceptances).stream())
                .toList();
    }

    private List<Secret> secrets() {
        return namespaces.stream()
                .flatMap(n -> world.api.objects(Secret.class, n, knownSecrets).stream())
                .toList();
    }

    private List<HasMetadata> objects() {
        return Stream.<HasMetadata>concat(shares().stream(), acceptances().stream())
                .toList();
    }

    private java.util.Optional<HasMetadata> any(HostileStep step) {
        var all = objects();
        return all.isEmpty() ? java.util.Optional.empty() : java.util.Optional.of(all.get(step.a() % all.size()));
    }

    private static boolean isAt(HasMetadata object, String namespace, String name) {
        return object.getMetadata().getNamespace().equals(namespace)
                && object.getMetadata().getName().equals(name);
    }

    private static String hashOf(HasMetadata object) {
        return object instanceof ImageShare share
                        && share.getStatus() != null
                        && share.getStatus().plan() != null
                        && share.getStatus().plan().hash() != null
                ? share.getStatus().plan().hash()
                : "0123456789abcdef";
    }

    private HasMetadata copy(HasMetadata object) {
        return world.client.getKubernetesSerialization().clone(object);
    }

    private void replace(HasMetadata object) {
        if (object instanceof ImageShare share) {
            world.api.replace(ImageShare.class, share);
        } else {
            world.api.replace(ImageAcceptance.class, (ImageAcceptance) object);
        }
    }

    private <T extends HasMetadata> void writeStatus(Class<T> kind, T object) {
        world.api.replaceStatus(kind, object);
    }

    private void delete(HasMetadata object) {
        if (object instanceof ImageShare share) {
            world.api.delete(ImageShare.class, share);
        } else {
            world.api.delete(ImageAcceptance.class, (ImageAcceptance) object);
        }
    }
}
