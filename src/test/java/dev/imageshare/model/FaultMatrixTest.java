package dev.imageshare.model;

import static dev.imageshare.scenarios.Namespace.secretOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageFilter;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.faults.ApiCall;
import dev.imageshare.faults.ApiFault;
import dev.imageshare.faults.CloudCall;
import dev.imageshare.faults.CloudFault;
import dev.imageshare.faults.FaultCells;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.scenarios.Namespace;
import dev.imageshare.share.ShareSettings;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each fault at each kind of call, while a member is to be added and another to be removed: what the user sees meanwhile,
 * that nobody who is wanted loses access, and that all is as wished once the fault has ended.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultMatrixTest {

    private static final int FOR_EVER = Integer.MAX_VALUE;
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private ModelWorld world;
    private DrivenOperator operator;
    private String namespace;
    private String image;
    private List<String> projects;
    private CountDownLatch end;

    @BeforeAll
    void startWorld() {
        world = new ModelWorld();
    }

    @AfterAll
    void closeWorld() {
        world.close();
    }

    @BeforeEach
    void newTeam() {
        world.begin();
        end = new CountDownLatch(1);
        namespace = world.next("team");
        image = world.cloud.createImage("producer", world.next("ubuntu"), "shared", List.of());
        projects = List.of(
                world.cloud.projectId("consumer-a"),
                "00000000000000000000000000000001",
                "00000000000000000000000000000002",
                "00000000000000000000000000000003",
                "00000000000000000000000000000004");
        start(CloudSettings.defaults());
    }

    @AfterEach
    void endFault() {
        end.countDown();
        world.cloud.intercept((method, path) -> null);
        world.api.intercept((method, path) -> null);
        world.cloud.startGlance();
        world.cloud.startKeystone();
        operator.close();
        if (world.cloud.membersOf(image) != null) {
            world.cloud.deleteImage("producer", image);
        }
    }

    private void start(CloudSettings settings) {
        operator = new DrivenOperator(
                world.client,
                world.clock,
                1,
                settings,
                new ShareSettings(1, 10, 50, Duration.ZERO, Duration.ZERO),
                () -> true);
    }

    // --------------------------------------------------------------- ImageShare

    private static final Set<CloudCall> OF_SHARES = EnumSet.of(
            CloudCall.LOGIN,
            CloudCall.IMAGE_SHOW,
            CloudCall.IMAGE_LIST,
            CloudCall.MEMBER_LIST,
            CloudCall.MEMBER_CREATE,
            CloudCall.MEMBER_DELETE);

    static Stream<Arguments> ofShares() {
        return FaultCells.ofCloud(OF_SHARES, 0);
    }

    @ParameterizedTest
    @MethodSource("ofShares")
    void nobodyWhoIsWantedLosesAccessAndTheFaultIsTold(CloudCall call, CloudFault fault) {
        shareThatIsAboutToChange(call);
        patienceFor(fault);
        spoil(call, fault, FOR_EVER, false);

        passes(fault.takesTime() ? 1 : 3);

        assertThat(ready().reason()).as(ready().message()).isIn(names(told(call, fault)));
        isKstatus();
        comesToBeAsWished();
    }

    static Stream<Arguments> verifyingLists() {
        return FaultCells.ofCloud(EnumSet.of(CloudCall.MEMBER_LIST), 0);
    }

    @ParameterizedTest
    @MethodSource("verifyingLists")
    void aListThatFailsAfterARemovalIsReadAgain(CloudCall call, CloudFault fault) {
        shareThatIsAboutToChange(call);
        patienceFor(fault);
        spoil(call, fault, FOR_EVER, true);

        passes(fault.takesTime() ? 1 : 3);

        isKstatus();
        comesToBeAsWished();
    }

    @Test
    void whatWasRemovedIsToldAlsoIfTheListAfterItFails() {
        shareThatIsAboutToChange(CloudCall.MEMBER_LIST);
        spoil(CloudCall.MEMBER_LIST, CloudFault.SERVER_ERROR_500, FOR_EVER, true);

        passes(3);

        assertThat(deletes()).hasSize(1);
        assertThat(operator.membersRemoved()).isEqualTo(1);
        assertThat(eventsThatRemoved())
                .singleElement()
                .satisfies(message -> assertThat(message).contains(projects.get(3)));
        comesToBeAsWished();
        assertThat(operator.membersRemoved()).isEqualTo(1);
    }

    @Test
    void whatADeletionRemovedIsToldOnceAlsoIfTheListAfterItFails() {
        create(share(projects.subList(0, 4), new ImageReference(image, null, null)));
        passes(1);
        spoil(CloudCall.MEMBER_LIST, CloudFault.SERVER_ERROR_500, FOR_EVER, true);
        world.api.delete(ImageShare.class, newest());

        passes(3);
        assertThat(operator.membersRemoved()).isEqualTo(4);
        endFaults();
        assertThat(passesUntil(() -> objects(ImageShare.class).isEmpty())).isLessThanOrEqualTo(3);
        assertThat(operator.membersRemoved()).isEqualTo(4);
        assertThat(eventsThatRemoved()).hasSize(1);
    }

    private List<String> eventsThatRemoved() {
        return objects(Event.class).stream()
                .filter(event -> event.getReason().equals("MembersRemoved"))
                .map(Event::getMessage)
                .toList();
    }

    @Test
    void anEditThatLetsOthersWorkIsKnownToThemAlsoDuringAnOutage() {
        var older = share(projects.subList(0, 2), new ImageReference(image, null, null));
        create(older);
        passes(1);
        var younger = additive(share(projects.subList(2, 4), new ImageReference(image, null, null)));
        younger.getMetadata().setName("other");
        world.api.create(ImageShare.class, younger);
        var ref = new DrivenOperator.Ref("ImageShare", namespace + "/other");
        tell();
        operator.pass(ref);
        tell();
        assertThat(operator.dueIn(ref)).as("in conflict").isGreaterThan(Duration.ofMinutes(9));

        world.cloud.revokeAllTokens();
        spoil(CloudCall.LOGIN, CloudFault.REFUSED, FOR_EVER, false);
        var edited = objects(ImageShare.class).stream()
                .filter(share -> share.getMetadata().getName().equals("object"))
                .findFirst()
                .orElseThrow();
        world.api.replace(
                ImageShare.class,
                additive(world.client.getKubernetesSerialization().clone(edited)));
        passes(1);

        assertThat(operator.dueIn(ref)).isLessThanOrEqualTo(Duration.ZERO);
    }

    private static ImageShare additive(ImageShare share) {
        share.setSpec(Namespace.with(share.getSpec(), ImageShareSpec.MembershipPolicy.Additive));
        return share;
    }

    static Stream<Arguments> ofSharesOnce() {
        return FaultCells.ofCloud(OF_SHARES, 1);
    }

    @ParameterizedTest
    @MethodSource("ofSharesOnce")
    void aFaultOfOneCallHealsByItself(CloudCall call, CloudFault fault) {
        shareThatIsAboutToChange(call);
        patienceFor(fault);
        spoil(call, fault, 1, false);

        passes(1);
        end.countDown();
        world.cloud.startGlance();
        world.cloud.startKeystone();

        isAsWishedWithin(6);
    }

    /** The first call of a pass, the one that all others need, and one that is made for each member. */
    static Stream<Arguments> ofSharesForHours() {
        return FaultCells.ofCloud(EnumSet.of(CloudCall.LOGIN, CloudCall.MEMBER_LIST, CloudCall.MEMBER_CREATE), 2)
                .filter(cell -> !((CloudFault) cell.get()[1]).takesTime());
    }

    /** A cloud that is down for long has hundreds of objects that ask for it: each must ask seldom. */
    @ParameterizedTest
    @MethodSource("ofSharesForHours")
    void aFaultThatStaysMakesNoStorm(CloudCall call, CloudFault fault) {
        shareThatIsAboutToChange(call);
        spoil(call, fault, FOR_EVER, false);

        makesNoStorm(() -> world.cloud.requests().size());
        comesToBeAsWished();
    }

    /** Of one object, in forty minutes by the operator's clock. */
    private void makesNoStorm(IntSupplier requests) {
        var start = world.clock.instant();
        var byMinute = new TreeMap<Long, Integer>();
        tell();
        for (var minute = 0L; minute < 40; ) {
            var before = requests.getAsInt();
            pass();
            minute = Duration.between(start, world.clock.instant()).toMinutes();
            byMinute.merge(minute, requests.getAsInt() - before, Integer::sum);
        }
        assertThat(byMinute.values()).as("a minute's requests").allMatch(n -> n <= 60);
        assertThat(byMinute.tailMap(5L).values())
                .as("a minute's requests later")
                .allMatch(n -> n <= 10);
        assertThat(byMinute.tailMap(5L)).as("minutes with requests").hasSizeLessThanOrEqualTo(6);
    }

    /** The reasons that a user may see while every call of this kind fails. */
    private static Set<Reason> told(CloudCall call, CloudFault fault) {
        return switch (fault) {
            case REFUSED,
                    RESET_BEFORE,
                    TIME_OUT,
                    SLOW_BODY,
                    CUT_BODY,
                    INVALID_JSON,
                    SERVER_ERROR_500,
                    BAD_GATEWAY_502,
                    UNAVAILABLE_503,
                    GATEWAY_TIME_OUT_504 -> ofOne(call, Reason.CloudUnreachable);
            // Carried out, so that the next pass may find nothing left to do.
            case RESET_AFTER ->
                call.isWrite()
                        ? EnumSet.of(Reason.CloudUnreachable, Reason.Synced)
                        : EnumSet.of(Reason.CloudUnreachable);
            case BAD_REQUEST_400, CONFLICT_409 ->
                EnumSet.of(call == CloudCall.LOGIN ? Reason.CredentialsInvalid : Reason.PartiallySynced);
            case UNAUTHORIZED_401 -> EnumSet.of(Reason.AuthenticationFailed);
            case FORBIDDEN_403 -> EnumSet.of(call == CloudCall.LOGIN ? Reason.AuthenticationFailed : Reason.Forbidden);
            case NOT_FOUND_404 ->
                switch (call) {
                    case LOGIN -> EnumSet.of(Reason.AuthenticationFailed);
                    case MEMBER_CREATE, MEMBER_DELETE -> EnumSet.of(Reason.PartiallySynced);
                    default -> EnumSet.of(Reason.ImageNotFound);
                };
            case TOO_LARGE_413 ->
                EnumSet.of(call == CloudCall.LOGIN ? Reason.CredentialsInvalid : Reason.QuotaExceeded);
            case RATE_LIMITED_429, RATE_LIMITED_429_RETRY_AFTER -> EnumSet.of(Reason.RateLimited);
            case PROXY_HTML ->
                call == CloudCall.LOGIN ? EnumSet.of(Reason.CredentialsInvalid) : ofOne(call, Reason.CloudUnreachable);
            case EMPTY_LIST ->
                call == CloudCall.IMAGE_LIST
                        ? EnumSet.of(Reason.ImageNotFound)
                        : EnumSet.of(Reason.PartiallySynced, Reason.Progressing);
            case STALE_LIST -> EnumSet.of(Reason.Synced, Reason.PartiallySynced, Reason.Progressing);
            case TOKEN_ENDS -> EnumSet.of(Reason.AuthenticationFailed);
        };
    }

    /** What fails for one member of many is told as such. */
    private static Set<Reason> ofOne(CloudCall call, Reason reason) {
        return call == CloudCall.MEMBER_CREATE || call == CloudCall.MEMBER_DELETE
                ? EnumSet.of(Reason.PartiallySynced, reason, Reason.Synced)
                : EnumSet.of(reason);
    }

    @Test
    void aTokenThatEndsInTheMiddleOfAPassIsRenewedOnce() {
        shareThatIsAboutToChange(CloudCall.MEMBER_DELETE);
        spoil(CloudCall.MEMBER_DELETE, CloudFault.TOKEN_ENDS, 1, false);
        world.cloud.clearRequests();

        passes(1);

        assertThat(ready().reason()).as(ready().message()).isEqualTo(Reason.Synced.name());
        assertThat(world.cloud.requests())
                .filteredOn(c -> c.path().endsWith("/auth/tokens"))
                .as("the first token's time was over before the pass, the second ended in it")
                .hasSize(2);
    }

    @Test
    void oneThatIsRefusedDoesNotStopTheOthers() {
        create(share(projects, new ImageReference(image, null, null)));
        spoil(CloudCall.MEMBER_CREATE, CloudFault.SERVER_ERROR_500, 1, false);

        passes(1);

        assertThat(world.cloud.membersOf(image)).hasSize(4);
        assertThat(ready().reason()).isEqualTo(Reason.PartiallySynced.name());
        isAsWishedWithin(3);
    }

    static Stream<Arguments> ofNames() {
        return FaultCells.ofCloud(EnumSet.of(CloudCall.PROJECT_LIST), 0)
                .filter(cell -> !((CloudFault) cell.get()[1]).takesTime());
    }

    /** Names help a person to decide, and no more. */
    @ParameterizedTest
    @MethodSource("ofNames")
    void withoutTheNamesOfProjectsARemovalIsHeldAllTheSame(CloudCall call, CloudFault fault) {
        projects.subList(0, 4).forEach(p -> world.cloud.addMember("producer", image, p));
        create(share(projects.subList(0, 3), new ImageReference(image, null, null)));
        var asked = new AtomicInteger();
        world.cloud.intercept((method, path) -> {
            if (CloudCall.of(method, path).orElseThrow() != call) {
                return null;
            }
            asked.incrementAndGet();
            return fault.on(call, end);
        });

        passes(1);

        assertThat(asked).as("names asked for").hasPositiveValue();
        assertThat(ready().reason()).as(ready().message()).isEqualTo(Reason.RemovalHeld.name());
        assertThat(ready().message()).contains(projects.get(3));
        isKstatus();
        assertThat(deletes()).isEmpty();
    }

    static Stream<Arguments> ofVersions() {
        return FaultCells.ofCloud(EnumSet.of(CloudCall.VERSION_LIST), 0);
    }

    /** Of a Glance before Ocata a private image has members; nothing is done to one before that is known. */
    @ParameterizedTest
    @MethodSource("ofVersions")
    void beforeItIsKnownThatAPrivateImageHasMembersNobodyLosesAccess(CloudCall call, CloudFault fault) {
        shareThatIsAboutToChange(CloudCall.VERSION_LIST);
        world.cloud.setVisibility("producer", image, "private");
        patienceFor(fault);
        spoil(call, fault, FOR_EVER, false);

        passes(fault.takesTime() ? 1 : 3);

        assertThat(ready().reason())
                .as(ready().message())
                .isIn(
                        Reason.ImageNotShared.name(),
                        Reason.CloudUnreachable.name(),
                        Reason.RateLimited.name(),
                        Reason.AuthenticationFailed.name());
        isKstatus();
        assertThat(world.cloud.requests())
                .noneMatch(c -> c.path().startsWith("/v2/") && !c.method().equals("GET"));
        endFaults();
        world.cloud.setVisibility("producer", image, "shared");
        isAsWishedWithin(8);
    }

    // ----------------------------------------------------------- ImageAcceptance

    static Stream<Arguments> ofNamedAcceptances() {
        return FaultCells.ofCloud(
                EnumSet.of(CloudCall.LOGIN, CloudCall.IMAGE_SHOW, CloudCall.MEMBER_SHOW, CloudCall.MEMBER_UPDATE), 0);
    }

    static Stream<Arguments> ofMatchingAcceptances() {
        return FaultCells.ofCloud(
                EnumSet.of(CloudCall.LOGIN, CloudCall.IMAGE_LIST, CloudCall.MEMBER_SHOW, CloudCall.MEMBER_UPDATE), 1);
    }

    @ParameterizedTest
    @MethodSource("ofNamedAcceptances")
    void anAnswerIsGivenOnceTheFaultHasEnded(CloudCall call, CloudFault fault) {
        answersInSpiteOf(call, fault, new ImageAcceptanceSpec.OfferedImage(image), null);
    }

    @ParameterizedTest
    @MethodSource("ofMatchingAcceptances")
    void offersAreAnsweredOnceTheFaultHasEnded(CloudCall call, CloudFault fault) {
        answersInSpiteOf(
                call, fault, null, new ImageAcceptanceSpec.From(List.of(world.cloud.projectId("images")), null));
    }

    private void answersInSpiteOf(
            CloudCall call, CloudFault fault, ImageAcceptanceSpec.OfferedImage named, ImageAcceptanceSpec.From from) {
        var consumer = projects.get(0);
        world.cloud.addMember("producer", image, consumer);
        patienceFor(fault);
        var acceptance = new ImageAcceptance();
        acceptance.getMetadata().setNamespace(namespace);
        acceptance.getMetadata().setName("object");
        acceptance.setSpec(new ImageAcceptanceSpec(
                new CloudCredentialsRef("clouds", "producer"), named, from, MemberAnswer.accepted, "10m"));
        secret("consumer-a");
        world.api.create(ImageAcceptance.class, acceptance);
        spoil(call, fault, FOR_EVER, false);

        passes(fault.takesTime() ? 1 : 3);

        isKstatus();
        endFaults();
        assertThat(passesUntil(() -> ready().status() == Condition.Status.True
                        && "accepted".equals(world.cloud.membersOf(image).get(consumer))))
                .as(ready().message())
                .isLessThanOrEqualTo(6);
        assertThat(world.cloud.requests())
                .filteredOn(c -> !c.method().equals("GET") && c.path().startsWith("/v2"))
                .allSatisfy(c -> assertThat(c.method()).isEqualTo("PUT"));
    }

    // ---------------------------------------------------------- Kubernetes' API

    private static final Set<ApiCall> OF_THE_API = EnumSet.of(
            ApiCall.STATUS_PATCH,
            ApiCall.OBJECT_READ,
            ApiCall.FINALIZER_PATCH,
            ApiCall.SECRET_READ,
            ApiCall.SECRET_PATCH,
            ApiCall.EVENT);

    static Stream<Arguments> ofTheApi() {
        return FaultCells.ofApi(OF_THE_API, 0);
    }

    @ParameterizedTest
    @MethodSource("ofTheApi")
    void aFaultOfTheApiLosesNothing(ApiCall call, ApiFault fault) {
        shareThatIsAboutToChange(CloudCall.MEMBER_LIST);
        spoilApi(call, fault);

        passes(3);

        wantedHaveAccess();
        comesToBeAsWished();
    }

    static Stream<Arguments> ofTheApiAtFirst() {
        return FaultCells.ofApi(OF_THE_API, 1);
    }

    @ParameterizedTest
    @MethodSource("ofTheApiAtFirst")
    void aFaultOfTheApiAtTheFirstLookLosesNothing(ApiCall call, ApiFault fault) {
        spoilApi(call, fault);
        create(share(projects.subList(0, 4), new ImageReference(image, null, null)));

        passes(3);

        endFaults();
        assertThat(passesUntil(() -> isReady() && world.cloud.membersOf(image).size() == 4))
                .isLessThanOrEqualTo(8);
        assertThat(newest().getStatus().members()).allMatch(m -> m.added());
    }

    static Stream<Arguments> ofTheApiForHours() {
        return FaultCells.ofApi(OF_THE_API, 2);
    }

    @ParameterizedTest
    @MethodSource("ofTheApiForHours")
    void aFaultOfTheApiThatStaysMakesNoStorm(ApiCall call, ApiFault fault) {
        shareThatIsAboutToChange(CloudCall.MEMBER_LIST);
        spoilApi(call, fault);

        makesNoStorm(() -> world.cloud.requests().size() + world.api.requests().size());
        comesToBeAsWished();
    }

    static Stream<ApiFault> ofTheFinalizer() {
        return Arrays.stream(ApiFault.values()).filter(fault -> fault.fits(ApiCall.FINALIZER_PATCH));
    }

    /** The SDK gave up after five tries. */
    @ParameterizedTest
    @MethodSource("ofTheFinalizer")
    void aFinalizerThatCanNotBeAddedForLongLosesNoWishAndIsTold(ApiFault fault) {
        spoilApi(ApiCall.FINALIZER_PATCH, fault);
        create(share(projects.subList(0, 4), new ImageReference(image, null, null)));

        passes(fault == ApiFault.RESET_AFTER ? 2 : 30);

        if (fault != ApiFault.RESET_AFTER) {
            assertThat(world.cloud.membersOf(image)).isEmpty();
            isToldUnlessTheApiIsAway(fault);
        }
        endFaults();
        isAsWishedWithin(1);
    }

    @ParameterizedTest
    @MethodSource("ofTheFinalizer")
    void aFinalizerThatCanNotBeTakenOffForLongIsTakenOffInTheEnd(ApiFault fault) {
        create(share(projects.subList(0, 4), new ImageReference(image, null, null)));
        passes(1);
        assertThat(world.cloud.membersOf(image)).hasSize(4);
        world.api.delete(ImageShare.class, newest());
        spoilApi(ApiCall.FINALIZER_PATCH, fault);

        passes(fault == ApiFault.RESET_AFTER ? 1 : 30);

        assertThat(world.cloud.membersOf(image)).isEmpty();
        assertThat(deletes()).as("revoked once").hasSize(4);
        if (fault != ApiFault.RESET_AFTER) {
            isToldUnlessTheApiIsAway(fault);
            endFaults();
            passes(1);
        }
        assertThat(objects(ImageShare.class)).isEmpty();
    }

    /** A conflict is no fault: the object changed, and is looked at again. */
    private void isToldUnlessTheApiIsAway(ApiFault fault) {
        if (fault != ApiFault.AWAY && fault != ApiFault.CONFLICT_409) {
            assertThat(ready().reason()).as(ready().message()).isEqualTo(Reason.KubernetesRefused.name());
            isKstatus();
        }
    }

    @Test
    void withoutTheApiNobodyIsRemoved() {
        shareThatIsAboutToChange(CloudCall.MEMBER_LIST);
        spoilApi(ApiCall.OBJECT_READ, ApiFault.SERVER_ERROR_500);

        passes(4);

        assertThat(deletes()).isEmpty();
        comesToBeAsWished();
    }

    // ------------------------------------------------------------------- helpers

    private void patienceFor(CloudFault fault) {
        if (fault.takesTime()) {
            operator.close();
            start(CloudSettings.defaults().withCallTimeout(PATIENCE));
            tell();
        }
    }

    /** Four members are as declared, one of which has accepted; then one is to go and another to come. */
    private void shareThatIsAboutToChange(CloudCall call) {
        var reference = call == CloudCall.IMAGE_LIST
                ? new ImageReference(null, new ImageFilter(world.next("ubuntu"), null), null)
                : new ImageReference(image, null, null);
        projects.subList(0, 4).forEach(p -> world.cloud.addMember("producer", image, p));
        world.cloud.answer("consumer-a", image, dev.imageshare.openstack.MemberStatus.accepted);
        create(share(projects.subList(0, 4), reference));
        if (call == CloudCall.IMAGE_LIST) {
            return; // a filter is resolved at the first look only
        }
        passes(2);
        assertThat(ready().reason()).as(ready().message()).isEqualTo(Reason.Synced.name());
        world.clock.move(Duration.ofHours(2)); // the image is due to be read again
        var next = world.client.getKubernetesSerialization().clone(newest());
        next.setSpec(share(List.of(projects.get(0), projects.get(1), projects.get(2), projects.get(4)), reference)
                .getSpec());
        world.api.replace(ImageShare.class, next);
        if (call == CloudCall.LOGIN) {
            world.cloud.revokeAllTokens();
        }
        world.cloud.clearRequests();
        world.api.clearRequests();
    }

    private ImageShare share(List<String> members, ImageReference reference) {
        var share = new ImageShare();
        share.getMetadata().setNamespace(namespace);
        share.getMetadata().setName("object");
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("clouds", "producer"),
                reference,
                members.stream().map(DeclaredMember::new).toList(),
                null,
                null,
                null,
                new ManagedOptions(OnDelete.delete, new IntOrString(100)),
                "10m"));
        return share;
    }

    private void create(ImageShare share) {
        secret("producer");
        world.api.create(ImageShare.class, share);
    }

    private void secret(String user) {
        world.api.create(
                Secret.class, secretOf(namespace, "clouds", Map.of("clouds.yaml", world.yaml(user, "producer"))));
    }

    /** @param verifying only lists that are read after a removal */
    private void spoil(CloudCall call, CloudFault fault, int times, boolean verifying) {
        var left = new AtomicInteger(times);
        var removed = new AtomicInteger();
        world.cloud.intercept((method, path) -> {
            var kind = CloudCall.of(method, path).orElseThrow();
            if (kind == CloudCall.MEMBER_DELETE) {
                removed.incrementAndGet();
            }
            return kind == call && (!verifying || removed.get() > 0) && left.getAndDecrement() > 0
                    ? fault.on(call, end)
                    : null;
        });
    }

    private void spoilApi(ApiCall call, ApiFault fault) {
        world.api.intercept((method, path) -> ApiCall.of(method, path)
                .filter(call::equals)
                .map(c -> fault.get())
                .orElse(null));
    }

    private void endFaults() {
        world.cloud.intercept((method, path) -> null);
        world.api.intercept((method, path) -> null);
        end.countDown();
        world.cloud.startGlance();
        world.cloud.startKeystone();
        world.api.comeBack();
    }

    private void comesToBeAsWished() {
        wantedHaveAccess();
        endFaults();
        isAsWishedWithin(8);
    }

    private void isAsWishedWithin(int most) {
        assertThat(passesUntil(this::isAsWished))
                .as(() -> ready() + " " + world.cloud.membersOf(image) + " " + world.cloud.requests())
                .isLessThanOrEqualTo(most);
        wantedHaveAccess();
    }

    private boolean isAsWished() {
        return isReady()
                && newest().getStatus()
                        .observedGeneration()
                        .equals(newest().getMetadata().getGeneration())
                && new TreeSet<>(Judge.declared(newest()))
                        .equals(new TreeSet<>(world.cloud.membersOf(image).keySet()));
    }

    private boolean isReady() {
        return newest().getStatus() != null && ready().status() == Condition.Status.True;
    }

    /** Who is wanted all along never was removed: an answer would not have outlived it. */
    private void wantedHaveAccess() {
        assertThat(deletes()).allSatisfy(c -> assertThat(c.path()).endsWith(projects.get(3)));
        if (world.cloud.membersOf(image).containsKey(projects.get(0))) {
            assertThat(world.cloud.membersOf(image)).containsKeys(projects.get(1), projects.get(2));
        }
    }

    private List<Call> deletes() {
        return world.cloud.requests().stream()
                .filter(c -> c.method().equals("DELETE"))
                .toList();
    }

    /** Exactly one of Reconciling and Stalled beside a Ready that is False. */
    private void isKstatus() {
        var conditions = conditions();
        assertThat(conditions.stream()
                        .filter(c -> c.type().equals(Conditions.RECONCILING)
                                || c.type().equals(Conditions.STALLED)))
                .hasSize(ready().status() == Condition.Status.True ? 0 : 1);
    }

    private void passes(int most) {
        for (var i = 0; i < most; i++) {
            pass();
        }
    }

    private int passesUntil(java.util.function.BooleanSupplier holds) {
        for (var i = 0; i < 20; i++) {
            if (holds.getAsBoolean()) {
                return i;
            }
            pass();
        }
        return 20;
    }

    /** Runs what is due next, and never more than a few requests. */
    private void pass() {
        tell();
        if (operator.dueNow().isEmpty()) {
            var next = operator.nextDue();
            assertThat(next).as("another try").isNotNull();
            world.clock.move(Duration.between(world.clock.instant(), next));
        }
        var before = world.cloud.requests().size();
        operator.pass(operator.dueNow().get(0));
        assertThat(world.cloud.requests().size() - before)
                .as("requests of a pass")
                .isLessThanOrEqualTo(30);
    }

    private void tell() {
        operator.tell(objects(ImageShare.class), objects(ImageAcceptance.class), objects(Secret.class));
    }

    private <T extends HasMetadata> List<T> objects(Class<T> kind) {
        return world.api.objects(kind, namespace, new HashMap<>());
    }

    private ImageShare newest() {
        return objects(ImageShare.class).get(0);
    }

    private List<Condition> conditions() {
        var all = new ArrayList<Condition>();
        objects(ImageShare.class).stream()
                .filter(s -> s.getStatus() != null)
                .forEach(s -> all.addAll(s.getStatus().conditions()));
        objects(ImageAcceptance.class).stream()
                .filter(s -> s.getStatus() != null)
                .forEach(s -> all.addAll(s.getStatus().conditions()));
        return all;
    }

    private Condition ready() {
        return Conditions.find(conditions(), Conditions.READY).orElseThrow();
    }

    private static List<String> names(Set<Reason> reasons) {
        Function<Reason, String> name = Reason::name;
        return reasons.stream().map(name).toList();
    }
}
