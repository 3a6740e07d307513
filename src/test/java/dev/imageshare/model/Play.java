package dev.imageshare.model;

import static dev.imageshare.scenarios.Namespace.secretOf;
import static dev.imageshare.scenarios.Namespace.suspended;
import static dev.imageshare.scenarios.Namespace.with;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageFilter;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.Fault;
import dev.imageshare.faults.ApiCall;
import dev.imageshare.faults.ApiFault;
import dev.imageshare.faults.CloudCall;
import dev.imageshare.faults.CloudFault;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.openstack.AnswerLimits;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.share.ShareSettings;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One sequence of steps in a world of its own: two teams that share images, two that consume them. Beside them there may be
 * hostile namespaces, of which nothing here knows more than that they exist.
 */
final class Play implements Judge.DrivenOperatorView, Hostility.Others {

    /** More deletions than this at once are held. */
    static final int MASS = 2;

    /** The longest answer that is read. */
    static final int MAX_BODY = 1 << 20;

    private static final CloudSettings CLOUDS = CloudSettings.defaults()
            .withAnswers(new AnswerLimits(MAX_BODY, 16 << 10, MAX_BODY, MAX_BODY, 4L * MAX_BODY));
    private static final ShareSettings SETTINGS =
            new ShareSettings(1, MASS, 50, Duration.ofSeconds(5), Duration.ofDays(7));
    private static final List<String> LIMITS = List.of("25%", "100%", "50%", "1", "0", "100");
    private static final List<CloudFault> CLOUD_FAULTS = Arrays.stream(CloudFault.values())
            .filter(f -> !f.takesTime() && f != CloudFault.REFUSED)
            .toList();
    private static final List<ApiFault> API_FAULTS =
            Arrays.stream(ApiFault.values()).filter(f -> f != ApiFault.AWAY).toList();
    /** Whether an edit suspends an ImageAcceptance, or resumes it; what a seed stands for was settled without that. */
    private static final boolean SUSPENDS_ACCEPTANCES = Boolean.getBoolean("model.suspendAcceptances");

    /** The calls of these two kinds, in an order of their own: so the calls of a further kind change no seed's sequence. */
    private static final List<CloudCall> CLOUD_CALLS = List.of(
            CloudCall.LOGIN,
            CloudCall.IMAGE_LIST,
            CloudCall.IMAGE_SHOW,
            CloudCall.MEMBER_LIST,
            CloudCall.MEMBER_SHOW,
            CloudCall.MEMBER_CREATE,
            CloudCall.MEMBER_DELETE,
            CloudCall.MEMBER_UPDATE,
            CloudCall.VERSION_LIST,
            CloudCall.PROJECT_LIST);

    private static final List<ApiCall> API_CALLS = List.of(
            ApiCall.LIST,
            ApiCall.WATCH,
            ApiCall.OBJECT_READ,
            ApiCall.FINALIZER_PATCH,
            ApiCall.STATUS_PATCH,
            ApiCall.SECRET_READ,
            ApiCall.SECRET_PATCH,
            ApiCall.EVENT);

    private static final CountDownLatch ENDED = new CountDownLatch(0);

    private final ModelWorld world;
    private final List<Step> steps;
    private final Account account;
    private Set<String> wording;
    private SentRequests sent;
    /** Whether the request that is under way was sent by a process that lived. */
    private boolean isOfLiving;

    private Hostility hostility;
    private boolean hasBystanders;
    private final Random random;
    private final Judge judge;
    private final List<String> projects;
    private final List<String> images = new ArrayList<>();
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, String> visibility = new LinkedHashMap<>();
    private final List<String> namespaces;
    private final List<Armed> armed = new ArrayList<>();
    private final List<Spoiler> spoilers = new ArrayList<>();
    private final Map<String, ImageShare> knownShares = new HashMap<>();
    private final Map<String, ImageAcceptance> knownAcceptances = new HashMap<>();
    private final Map<String, Secret> knownSecrets = new HashMap<>();
    private final Map<String, HasMetadata> objects = new TreeMap<>();

    private DrivenOperator operator;
    private boolean leading = true;
    private boolean dead;
    private boolean inPass;
    private boolean watchStalls;
    private boolean tellable = true;
    private long version = -1;
    private int passes;
    private int changes;
    private final Map<DrivenOperator.Ref, Integer> quietPasses = new TreeMap<>();

    private static final class Armed {
        final Step step;
        int left;

        Armed(Step step) {
            this.step = step;
            this.left = step.moment();
        }
    }

    private static final class Spoiler {
        final Enum<?> call;
        final Enum<?> fault;
        int left;

        Spoiler(Enum<?> call, Enum<?> fault, int times) {
            this.call = call;
            this.fault = fault;
            this.left = times;
        }
    }

    Play(ModelWorld world, long seed, List<Step> steps) {
        this.world = world;
        this.steps = steps;
        this.random = new Random(seed * 31 + 7);
        world.begin();
        namespaces = Stream.of("share-a", "share-b", "consume-a", "consume-b")
                .map(world::next)
                .toList();
        projects = List.of(
                world.cloud.projectId("consumer-a"),
                world.cloud.projectId("consumer-b"),
                "00000000000000000000000000000002",
                "00000000000000000000000000000003",
                "00000000000000000000000000000004",
                "00000000000000000000000000000005");
        judge = new Judge(world.cloud.projectId("images"), visibility, this, world.clock);
        account = new Account(world.clock.instant(), images);
    }

    /**
     * The same among bystanders, and beside hostile namespaces if there are such steps.
     *
     * @param late whether hostile objects may be looked at late after a start of the operator
     */
    Play(ModelWorld world, long seed, List<Step> steps, List<HostileStep> hostile, boolean late) {
        this(world, seed, steps);
        hasBystanders = true;
        hostility = hostile.isEmpty() ? null : new Hostility(world, this, seed, hostile, late);
    }

    Judge judge() {
        return judge;
    }

    /** What these namespaces could see of the operator. */
    List<String> account() {
        return account.lines();
    }

    int hostilePasses() {
        return hostility == null ? 0 : hostility.passes();
    }

    int passes() {
        return passes;
    }

    /**
     * Keeps what the operator sends, from the beginning; call it before {@link #run()}.
     *
     * @param names of fields that are no facts, see {@link SentRequests}
     */
    void keepRequests(Set<String> names) {
        wording = names;
    }

    /** What the operator sent, if that was to be kept. */
    SentRequests sent() {
        return sent;
    }

    /** Plays; what was violated is in the judge. */
    void run() {
        // A whole second, so that the same objects have the same age in each run.
        world.clock.move(Duration.ofSeconds(2).minusNanos(world.clock.instant().getNano()));
        world.cloud.witness((call, question, answer, fault) -> {
            if (!isHostile()) {
                account.answered(call, fault);
                judge.answered(call, question, answer, fault);
                if (sent != null && isOfLiving) {
                    sent.toCloud(call, question, fault);
                }
            }
        });
        if (wording != null) {
            sent = new SentRequests(world.clock.instant(), images, wording);
            world.api.witness((method, path, body, fault) -> {
                if (isOfLiving) {
                    sent.toApi(method, path, body, fault);
                }
            });
        }
        world.cloud.intercept(this::onCloudCall);
        world.api.intercept(this::onApiCall);
        try {
            newImage("ubuntu");
            newImage("debian");
            if (hasBystanders) {
                createBystanders();
                if (hostility != null) {
                    hostility.before();
                }
                world.clock.move(Duration.ofSeconds(2));
            }
            account.begins(world.clock.instant());
            for (var foreign = 0; foreign < random.nextInt(4); foreign++) {
                addMember(images.get(foreign % 2), projects.get(random.nextInt(projects.size())));
            }
            rightSecrets();
            start();
            for (var step : steps) {
                if (!judge.violations.isEmpty()) {
                    return;
                }
                if (step.moment() > 0) {
                    armed.add(new Armed(step));
                } else {
                    happens(step);
                }
                runPasses(step.kind() == Step.Kind.RUN ? 1 + step.a() % 8 : step.b() % 3);
            }
            end();
        } finally {
            if (hostility != null) {
                hostility.end();
            }
            operator.close();
            world.cloud.intercept((method, path) -> null);
            world.cloud.witness((call, question, answer, fault) -> {});
            world.api.intercept((method, path) -> null);
            world.api.witness((method, path, body, fault) -> {});
            images.forEach(this::deleteImage);
        }
    }

    // ---------------------------------------------------------- the operator

    private void start() {
        operator = new DrivenOperator(
                world.client,
                world.clock,
                random.nextLong(),
                CLOUDS,
                SETTINGS,
                new Leadership(() -> leading && !dead, () -> leading && !dead),
                new FairScheduler(Hostility.PER_NAMESPACE, Hostility.PER_KEYSTONE, Hostility.PER_CLOUD),
                duration -> {
                    if (!isHostile()) {
                        world.clock.move(duration); // else it goes on beside the others
                    }
                });
        leading = true;
        dead = false;
        watchStalls = false;
        judge.restarted();
        sync();
        tell();
        if (hasBystanders) {
            lookAtBystanders();
        }
        if (hostility != null) {
            hostility.started();
        }
    }

    private void restart(String how) {
        judge.note("a new operator, after " + how);
        if (hostility != null) {
            hostility.died();
        }
        operator.close();
        start();
    }

    private boolean isHostile() {
        return hostility != null && hostility.isWorking();
    }

    private boolean isOurs(String namespace) {
        return namespaces.contains(namespace);
    }

    private boolean isOurs(DrivenOperator.Ref ref) {
        return isOurs(ref.namespace());
    }

    private void moveTo(Instant then) {
        if (hostility != null) {
            hostility.until(then);
        }
        if (then.isAfter(world.clock.instant())) {
            world.clock.move(Duration.between(world.clock.instant(), then));
        }
    }

    private void runPasses(int most) {
        for (var i = 0; i < most && judge.violations.isEmpty(); i++) {
            tell();
            if (operator.dueNow(this::isOurs).isEmpty()) {
                var next = operator.nextDue(this::isOurs);
                if (next == null) {
                    return;
                }
                moveTo(next);
            }
            var due = operator.dueNow(this::isOurs);
            pass(due.get(random.nextInt(due.size())));
        }
    }

    private void pass(DrivenOperator.Ref ref) {
        passes++;
        if (hostility != null) {
            hostility.moment();
        }
        account.passBegins(ref, world.clock.instant());
        var before = changes;
        var object = toldObject(ref);
        if (object != null) {
            judge.passBegins(object);
        }
        tellable = false;
        inPass = true;
        var ended = hostility == null ? null : hostility.guarded("a pass over " + ref);
        try {
            operator.pass(ref);
        } finally {
            inPass = false;
            tellable = true;
            if (ended != null) {
                ended.run();
            }
        }
        sync();
        judge.passEnds(String.valueOf(operator.dueIn(ref)));
        account.passEnds(operator.dueIn(ref));
        quietPasses.merge(ref, 1, Integer::sum);
        if (changes != before) {
            quietPasses.clear();
        }
        if (dead || !leading) {
            restart(dead ? "a kill" : "another lead");
        }
    }

    private HasMetadata toldObject(DrivenOperator.Ref ref) {
        return ref.kind().equals("ImageShare")
                ? operator.shares.objects().get(ref.key())
                : operator.acceptances.objects().get(ref.key());
    }

    /** Looks at what has changed at the API server. */
    private synchronized void sync() {
        if (world.api.version() == version) {
            return;
        }
        version = world.api.version();
        var now = new TreeMap<String, HasMetadata>();
        for (var namespace : namespaces) {
            world.api.objects(ImageShare.class, namespace, knownShares).forEach(o -> now.put(id(o), o));
            world.api
                    .objects(ImageAcceptance.class, namespace, knownAcceptances)
                    .forEach(o -> now.put(id(o), o));
        }
        for (var uid : List.copyOf(objects.keySet())) {
            if (!now.containsKey(uid)) {
                judge.changed(objects.remove(uid), null);
                changes++;
            }
        }
        now.forEach((uid, object) -> {
            var before = objects.put(uid, object);
            if (before == null
                    || !before.getMetadata()
                            .getResourceVersion()
                            .equals(object.getMetadata().getResourceVersion())) {
                judge.changed(before, object);
                changes += isTouch(before, object) ? 0 : 1;
            }
        });
    }

    /** In an order that is the same in each run. */
    private static String id(HasMetadata object) {
        return object.getKind() + " " + ToldCache.key(object) + " "
                + object.getMetadata().getUid();
    }

    /** Whether only lastSyncTime is new. */
    private static boolean isTouch(HasMetadata before, HasMetadata after) {
        if (before instanceof ImageShare a && after instanceof ImageShare b) {
            return a.getStatus() != null
                    && b.getStatus() != null
                    && Judge.ready(a.getStatus().conditions())
                            .equals(Judge.ready(b.getStatus().conditions()))
                    && java.util.Objects.equals(
                            a.getStatus().members(), b.getStatus().members())
                    && java.util.Objects.equals(
                            a.getStatus().plan(), b.getStatus().plan())
                    && a.getMetadata().getFinalizers().equals(b.getMetadata().getFinalizers())
                    && a.getMetadata().getGeneration().equals(b.getMetadata().getGeneration());
        }
        return before instanceof ImageAcceptance a
                && after instanceof ImageAcceptance b
                && a.getStatus() != null
                && b.getStatus() != null
                && Judge.ready(a.getStatus().conditions())
                        .equals(Judge.ready(b.getStatus().conditions()))
                && java.util.Objects.equals(
                        a.getStatus().images(), b.getStatus().images());
    }

    /** The watch tells of all changes, unless it stalls. */
    private void tell() {
        sync();
        if (!watchStalls) {
            operator.tell(this::isOurs, of(ImageShare.class), of(ImageAcceptance.class), secrets());
        }
    }

    private <T extends HasMetadata> List<T> of(Class<T> kind) {
        return objects.values().stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private List<Secret> secrets() {
        return namespaces.stream()
                .flatMap(n -> world.api.objects(Secret.class, n, knownSecrets).stream())
                .toList();
    }

    // ------------------------------------------------------------- requests

    private Fault onCloudCall(String method, String path) {
        try {
            if (isHostile()) {
                return null;
            }
            sync();
            isOfLiving = !dead;
            if (dead) {
                return new Fault.Drop(false);
            }
            if (hostility != null) {
                hostility.moment();
            }
            judge.asked(method, path);
            if (happenAtThisMoment()) {
                return new Fault.Drop(random.nextBoolean());
            }
            var call = CloudCall.of(method, path).orElseThrow();
            var fault = (CloudFault) spoiled(call);
            if (!method.equals("GET") && call != CloudCall.LOGIN) {
                changes++;
            }
            return fault == null || !fault.fits(call) ? null : fault.on(call, ENDED);
        } catch (RuntimeException | AssertionError e) {
            judge.violations.add("the test itself failed: " + e);
            e.printStackTrace();
            return new Fault.Drop(false);
        }
    }

    private Fault onApiCall(String method, String path) {
        try {
            if (isHostile()) {
                return hostility.onApiCall();
            }
            if (namespaces.stream().noneMatch(n -> path.contains("/" + n + "/"))) {
                return null;
            }
            isOfLiving = !dead;
            if (dead) {
                return new Fault.Drop(false);
            }
            if (hasBystanders && path.contains("/events")) {
                return null; // compared at the end: one of them may tell of a neighbour
            }
            account.asked(method, path);
            var call = ApiCall.of(method, path).orElse(null);
            var isKilled = happenAtThisMoment();
            var fault = isKilled
                    ? (random.nextBoolean() ? ApiFault.RESET_AFTER : ApiFault.RESET_BEFORE)
                    : call == null ? null : (ApiFault) spoiled(call);
            if (hasBystanders && !isKilled && (fault == ApiFault.RESET_BEFORE || fault == ApiFault.RESET_AFTER)) {
                // How often the client tries a lost read again depends on whether its connection is a new one.
                fault = ApiFault.SERVER_ERROR_500;
            }
            if (fault != null && (isKilled || fault.fits(call))) {
                judge.note("    " + method + " " + path + " " + fault);
                judge.apiSpoiled(call);
                return fault.get();
            }
            judge.note("    " + method + " " + path);
            judge.apiAnswered(call);
            return null;
        } catch (RuntimeException | AssertionError e) {
            judge.violations.add("the test itself failed: " + e);
            e.printStackTrace();
            return new Fault.Drop(false);
        }
    }

    /** Gives whether the operator was killed by it. */
    private boolean happenAtThisMoment() {
        for (var each : List.copyOf(armed)) {
            if (--each.left <= 0) {
                armed.remove(each);
                happens(each.step);
                if (!watchStalls && !dead) {
                    sync();
                    operator.tell(this::isOurs, of(ImageShare.class), of(ImageAcceptance.class), secrets());
                }
            }
        }
        return dead;
    }

    private Enum<?> spoiled(Enum<?> call) {
        for (var each : spoilers) {
            if (each.call == call && each.left > 0) {
                each.left--;
                return each.fault;
            }
        }
        return null;
    }

    // ------------------------------------------------------------ what happens

    private void happens(Step step) {
        sync();
        judge.note("* " + step);
        changes++;
        switch (step.kind()) {
            case RUN -> {}
            case CREATE_SHARE -> createShare(step);
            case EDIT_MEMBERS -> edit(step, s -> with(s, members(step.b())));
            case EDIT_POLICY ->
                edit(
                        step,
                        s -> with(s, step.b() % 2 == 0 ? MembershipPolicy.Authoritative : MembershipPolicy.Additive));
            case EDIT_MANAGEMENT ->
                edit(step, s -> with(s, step.b() % 3 == 0 ? ManagementPolicy.unmanaged : ManagementPolicy.managed));
            case SUSPEND -> edit(step, s -> suspended(s, step.b() % 2 == 0));
            case EDIT_MAX_REMOVALS ->
                edit(step, s -> with(s, new ManagedOptions(s.managedOptions().onDelete(), limit(step.b()))));
            case EDIT_ON_DELETE ->
                edit(
                        step,
                        s -> with(
                                s,
                                new ManagedOptions(
                                        step.b() % 2 == 0 ? OnDelete.delete : OnDelete.detach,
                                        s.managedOptions().maxRemovals())));
            case DELETE_SHARE -> share(step.a()).ifPresent(s -> world.api.delete(ImageShare.class, s));
            case CREATE_TEAMS -> createTeams(images.get(step.b()));
            case DELETE_ALL -> of(ImageShare.class).forEach(s -> world.api.delete(ImageShare.class, s));
            case APPROVE -> approve(step);
            case CREATE_ACCEPTANCE -> createAcceptance(step);
            case EDIT_ACCEPTANCE ->
                acceptance(step.a()).ifPresent(a -> {
                    var s = a.getSpec();
                    var next = copy(a);
                    next.setSpec(new ImageAcceptanceSpec(
                            s.cloudCredentialsRef(),
                            s.image(),
                            s.from(),
                            MemberAnswer.values()[step.b() % 3],
                            s.resyncPeriod(),
                            SUSPENDS_ACCEPTANCES && step.c() % 2 == 0));
                    world.api.replace(ImageAcceptance.class, next);
                });
            case DELETE_ACCEPTANCE -> acceptance(step.a()).ifPresent(a -> world.api.delete(ImageAcceptance.class, a));
            case ANSWER -> answer(step);
            case FOREIGN_ADD -> addMember(image(step.a()), projects.get(step.b() % projects.size()));
            case FOREIGN_REMOVE -> removeMember(image(step.a()), projects.get(step.b() % projects.size()));
            case SECOND_ROW -> {
                var members = members(image(step.a()));
                var project = projects.get(step.b() % projects.size());
                if (members != null && members.containsKey(project)) {
                    world.cloud.duplicateMember(image(step.a()), project);
                }
            }
            case VISIBILITY -> {
                var image = image(step.a());
                if (visibility.containsKey(image)) {
                    var to = step.b() % 3 == 0 ? "private" : "shared";
                    world.cloud.setVisibility("producer", image, to);
                    visibility.put(image, to);
                }
            }
            case DELETE_IMAGE -> deleteImage(image(step.a()));
            case NEW_IMAGE -> newImage("ubuntu");
            case SECRET -> secret(step);
            case CLOUD_FAULT ->
                spoilers.add(new Spoiler(
                        CLOUD_CALLS.get(step.a() % CLOUD_CALLS.size()),
                        CLOUD_FAULTS.get(step.b() % CLOUD_FAULTS.size()),
                        step.c() % 4 == 0 ? 30 : 1 + step.c() % 3));
            case API_FAULT ->
                spoilers.add(new Spoiler(
                        API_CALLS.get(step.a() % API_CALLS.size()),
                        API_FAULTS.get(step.b() % API_FAULTS.size()),
                        step.c() % 4 == 0 ? 20 : 1 + step.c() % 3));
            case TOKENS_END -> world.cloud.revokeAllTokens();
            case KILL -> {
                if (inPass) {
                    dead = true;
                } else {
                    restart("a kill");
                }
            }
            case LEAD_LOST -> {
                if (inPass) {
                    leading = false;
                } else {
                    restart("another lead");
                }
            }
            case WATCH_STALLS -> watchStalls = step.b() % 3 != 0;
            case WATCHDOG -> {
                if (!inPass) {
                    operator.watchdog();
                }
            }
        }
        sync();
    }

    /** Objects that nothing ever happens to, so that every process has begun to work before the others' first pass. */
    private void createBystanders() {
        var share = new ImageShare();
        share.getMetadata().setNamespace(bystanders());
        share.getMetadata().setName("quiet");
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("none", "none"),
                new ImageReference(images.get(1), null, null),
                List.of(),
                null,
                MembershipPolicy.Additive,
                ManagementPolicy.unmanaged,
                null,
                "0s"));
        world.api.create(ImageShare.class, share);
        var acceptance = new ImageAcceptance();
        acceptance.getMetadata().setNamespace(bystanders());
        acceptance.getMetadata().setName("quiet");
        acceptance.setSpec(new ImageAcceptanceSpec(
                new CloudCredentialsRef("none", "none"),
                new ImageAcceptanceSpec.OfferedImage(images.get(1)),
                null,
                MemberAnswer.pending,
                "0s"));
        world.api.create(ImageAcceptance.class, acceptance);
    }

    private String bystanders() {
        return world.next("bystanders");
    }

    private void lookAtBystanders() {
        operator.tell(
                bystanders()::equals,
                world.api.objects(ImageShare.class, bystanders(), new HashMap<>()),
                world.api.objects(ImageAcceptance.class, bystanders(), new HashMap<>()),
                List.of());
        for (var ref : operator.dueNow(ref -> ref.namespace().equals(bystanders()))) {
            operator.pass(ref);
        }
    }

    private void createShare(Step step) {
        var slot = step.a() % 6;
        var namespace = namespaces.get(slot < 4 ? 0 : 1);
        if (find(of(ImageShare.class), namespace, "share-" + slot).isPresent()) {
            return;
        }
        var share = new ImageShare();
        share.getMetadata().setNamespace(namespace);
        share.getMetadata().setName("share-" + slot);
        var byFilter = step.c() % 5 == 0;
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("clouds", "producer"),
                byFilter
                        ? new ImageReference(null, new ImageFilter("ubuntu", null), null)
                        : new ImageReference(images.get(step.c() % 7 == 0 ? 1 : 0), null, null),
                members(step.b()),
                null,
                step.c() / 10 % 3 == 0 ? MembershipPolicy.Additive : MembershipPolicy.Authoritative,
                step.c() / 30 % 8 == 0 ? ManagementPolicy.unmanaged : ManagementPolicy.managed,
                new ManagedOptions(step.b() % 7 == 0 ? OnDelete.detach : OnDelete.delete, limit(step.c() / 100)),
                "10m"));
        world.api.create(ImageShare.class, share);
    }

    /** A team each, which declares one member beside the others'. */
    private void createTeams(String image) {
        for (var i = 0; i <= MASS; i++) {
            var share = new ImageShare();
            share.getMetadata().setNamespace(namespaces.get(0));
            share.getMetadata().setName("team-" + i);
            if (find(of(ImageShare.class), namespaces.get(0), "team-" + i).isEmpty()) {
                share.setSpec(new ImageShareSpec(
                        new CloudCredentialsRef("clouds", "producer"),
                        new ImageReference(image, null, null),
                        List.of(new DeclaredMember(projects.get(i))),
                        null,
                        MembershipPolicy.Additive,
                        ManagementPolicy.managed,
                        new ManagedOptions(OnDelete.delete, limit(1)),
                        "10m"));
                world.api.create(ImageShare.class, share);
            }
        }
    }

    private static IntOrString limit(int number) {
        var text = LIMITS.get(number % LIMITS.size());
        return text.endsWith("%") ? new IntOrString(text) : new IntOrString(Integer.valueOf(text));
    }

    static int limit(ImageShare share, int removable) {
        var value = share.getSpec().managedOptions().maxRemovals();
        return RemovalLimit.parse(
                        value.getStrVal() != null
                                ? value.getStrVal()
                                : value.getIntVal().toString())
                .orElseThrow()
                .of(removable);
    }

    private List<DeclaredMember> members(int bits) {
        var members = new ArrayList<DeclaredMember>();
        if (bits % 11 == 0) {
            return members;
        }
        for (var i = 0; i < projects.size(); i++) {
            // Of two random bits one, so that most are declared.
            if ((bits >> i & 1) == 1 || (bits >> (i + 3) & 1) == 1) {
                members.add(new DeclaredMember(projects.get(i)));
            }
        }
        return members;
    }

    private void edit(Step step, Function<ImageShareSpec, ImageShareSpec> change) {
        share(step.a()).ifPresent(s -> {
            var next = copy(s);
            next.setSpec(change.apply(s.getSpec()));
            world.api.replace(ImageShare.class, next);
        });
    }

    private void approve(Step step) {
        // Mostly one that is held, as people do.
        var held = of(ImageShare.class).stream()
                .filter(s -> s.getStatus() != null
                        && s.getStatus().plan() != null
                        && s.getStatus().plan().hash() != null)
                .toList();
        var chosen = held.isEmpty() ? share(step.a()) : Optional.of(held.get(step.a() % held.size()));
        chosen.ifPresent(s -> {
            var next = copy(s);
            var plan = s.getStatus() == null ? null : s.getStatus().plan();
            var hash = step.b() % 5 == 0 || plan == null || plan.hash() == null ? "0123456789abcdef" : plan.hash();
            if (next.getMetadata().getAnnotations() == null) {
                next.getMetadata().setAnnotations(new HashMap<>());
            }
            next.getMetadata().getAnnotations().put(ImageShare.APPROVE_REMOVALS, hash);
            judge.approves(s, hash);
            world.api.replace(ImageShare.class, next);
        });
    }

    private void createAcceptance(Step step) {
        var slot = step.a() % 5;
        var consumer = slot < 3 ? "consumer-a" : "consumer-b";
        var namespace = namespaces.get(slot < 3 ? 2 : 3);
        if (find(of(ImageAcceptance.class), namespace, "answer-" + slot).isPresent()) {
            return;
        }
        var acceptance = new ImageAcceptance();
        acceptance.getMetadata().setNamespace(namespace);
        acceptance.getMetadata().setName("answer-" + slot);
        var isNamed = slot % 3 != 1;
        acceptance.setSpec(new ImageAcceptanceSpec(
                new CloudCredentialsRef("clouds", consumer),
                isNamed ? new ImageAcceptanceSpec.OfferedImage(images.get(0)) : null,
                isNamed ? null : new ImageAcceptanceSpec.From(List.of(world.cloud.projectId("images")), null),
                MemberAnswer.values()[step.b() % 3],
                "10m"));
        world.api.create(ImageAcceptance.class, acceptance);
    }

    private void answer(Step step) {
        var image = image(step.a());
        var consumer = step.b() % 2 == 0 ? "consumer-a" : "consumer-b";
        var members = members(image);
        if ("shared".equals(visibility.get(image)) && members.containsKey(world.cloud.projectId(consumer))) {
            world.cloud.answer(consumer, image, dev.imageshare.openstack.MemberStatus.values()[step.c() % 3]);
        }
    }

    private void addMember(String image, String project) {
        if ("shared".equals(visibility.get(image)) && !members(image).containsKey(project)) {
            world.cloud.addMember("producer", image, project);
        }
    }

    private void removeMember(String image, String project) {
        if ("shared".equals(visibility.get(image)) && members(image).containsKey(project)) {
            world.cloud.removeMember("producer", image, project);
        }
    }

    private void newImage(String name) {
        // In the order in which they come, so that what goes by ID goes the same way in each run.
        var random = UUID.randomUUID();
        var ordered = new UUID(
                (random.getMostSignificantBits() & 0xffff_ffffL) | ((long) images.size() << 32),
                random.getLeastSignificantBits());
        var id = world.cloud.createImage("producer", ordered, name, "shared", List.of("golden"));
        images.add(id);
        names.put(id, name);
        visibility.put(id, "shared");
    }

    private void deleteImage(String image) {
        if (visibility.remove(image) != null) {
            world.cloud.deleteImage("producer", image);
        }
    }

    private String image(int number) {
        return images.get(number % 3 == 0 ? number % images.size() : 0);
    }

    private void secret(Step step) {
        var namespace = namespaces.get(step.a() % 2);
        var secret = find(secrets(), namespace, "clouds").orElse(null);
        switch (step.b() % 4) {
            case 0 -> put(namespace, secret, yaml("consumer-a")); // a member of the image, not its owner
            case 1 -> put(namespace, secret, yaml("stranger"));
            case 2 -> {
                if (secret != null) {
                    world.api.delete(Secret.class, secret);
                }
            }
            default -> put(namespace, secret, yaml("producer"));
        }
    }

    /** Gives whether any wasn't right. */
    private boolean rightSecrets() {
        var before = world.api.version();
        for (var i = 0; i < 4; i++) {
            var namespace = namespaces.get(i);
            var user = i < 2 ? "producer" : i == 2 ? "consumer-a" : "consumer-b";
            put(namespace, find(secrets(), namespace, "clouds").orElse(null), yaml(user, user));
        }
        return before != world.api.version();
    }

    private String yaml(String user) {
        return yaml(user, "producer");
    }

    private String yaml(String user, String entry) {
        return world.yaml(user, entry);
    }

    private void put(String namespace, Secret old, String yaml) {
        var secret = secretOf(namespace, "clouds", Map.of("clouds.yaml", yaml));
        if (old == null) {
            world.api.create(Secret.class, secret);
        } else if (!secret.getData().equals(old.getData())) {
            world.api.replace(
                    Secret.class,
                    new SecretBuilder(old).withData(secret.getData()).build());
        }
    }

    private Optional<ImageShare> share(int number) {
        var all = of(ImageShare.class);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(number % all.size()));
    }

    private Optional<ImageAcceptance> acceptance(int number) {
        var all = of(ImageAcceptance.class);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(number % all.size()));
    }

    private static <T extends HasMetadata> Optional<T> find(Collection<T> all, String namespace, String name) {
        return all.stream()
                .filter(o -> o.getMetadata().getNamespace().equals(namespace)
                        && o.getMetadata().getName().equals(name))
                .findFirst();
    }

    private <T extends HasMetadata> T copy(T object) {
        return world.client.getKubernetesSerialization().clone(object);
    }

    // -------------------------------------------------------------- the view

    @Override
    public Collection<ImageShare> toldShares() {
        return ours(operator.shares.objects().values());
    }

    @Override
    public Collection<ImageAcceptance> toldAcceptances() {
        return ours(operator.acceptances.objects().values());
    }

    private <T extends HasMetadata> List<T> ours(Collection<T> all) {
        return all.stream().filter(o -> isOurs(o.getMetadata().getNamespace())).toList();
    }

    @Override
    public List<String> images() {
        return images;
    }

    @Override
    public List<String> projects() {
        return projects;
    }

    @Override
    public DrivenOperator operator() {
        return operator;
    }

    @Override
    public void note(String line) {
        judge.note(line);
    }

    @Override
    public void violated(String what) {
        judge.violations.add(what);
    }

    @Override
    public boolean leading() {
        return leading && !dead;
    }

    @Override
    public Map<String, String> members(String imageId) {
        return world.cloud.membersOf(imageId);
    }

    // ---------------------------------------------------------------- the end

    /** Faults end; then all must come to rest, and be as is wished. */
    private void end() {
        judge.note("* faults end");
        armed.clear();
        spoilers.clear();
        watchStalls = false;
        // A Secret that was deleted and kept until now goes once nothing needs it, and is missed then.
        for (var round = 0; round == 0 || (rightSecrets() && round < 4 && judge.violations.isEmpty()); round++) {
            if (round == 0) {
                rightSecrets();
            }
            comeToRest();
            operator.watchdog();
        }
        if (judge.violations.isEmpty()) {
            tell();
            account.atTheEnd(
                    world.clock.instant(), of(ImageShare.class), of(ImageAcceptance.class), world.cloud::membersOf);
            namespaces.forEach(n -> account.events(world.api.objects(Event.class, n, new HashMap<>())));
            new Verdict(
                            judge,
                            this,
                            world.cloud.projectId("images"),
                            visibility,
                            names,
                            of(ImageShare.class),
                            of(ImageAcceptance.class))
                    .check();
        }
    }

    private void comeToRest() {
        quietPasses.clear();
        var begun = world.clock.instant();
        var bound = passes + 30 + 25 * (objects.size() + 1);
        while (judge.violations.isEmpty()) {
            tell();
            var due = operator.dueNow(this::isOurs);
            if (!due.isEmpty()) {
                pass(due.get(random.nextInt(due.size())));
            } else {
                var quiet = objects.values().stream()
                        .allMatch(
                                o -> quietPasses.getOrDefault(new DrivenOperator.Ref(o.getKind(), ToldCache.key(o)), 0)
                                        >= 2);
                var next = operator.nextDue(this::isOurs);
                if ((quiet && Duration.between(begun, world.clock.instant()).toMinutes() >= 6) || next == null) {
                    if (!quiet
                            && objects.values().stream()
                                    .anyMatch(o -> operator.dueIn(new DrivenOperator.Ref(o.getKind(), ToldCache.key(o)))
                                            == null)) {
                        judge.violations.add("an object is not looked at again");
                    }
                    return;
                }
                moveTo(next);
            }
            if (passes > bound) {
                judge.violations.add("not at rest after " + bound + " passes");
            }
        }
    }
}
