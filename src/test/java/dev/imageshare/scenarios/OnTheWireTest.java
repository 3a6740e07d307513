package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.condition;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageFilter;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.embedded.Fault;
import dev.imageshare.embedded.Interceptor;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked of Glance and of Kubernetes, by the record of every request; and what is not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OnTheWireTest {

    private EmbeddedWorld world;
    private EmbeddedOpenStack cloud;
    private Namespace team;
    private String image;

    @BeforeAll
    void start() {
        world = new EmbeddedWorld(Settings.defaults());
        cloud = world.cloud;
    }

    @AfterAll
    void stop() {
        world.close();
    }

    @BeforeEach
    void newTeam() {
        team = new Namespace(world);
        image = cloud.createImage("producer", "wire", "shared", List.of());
        cloud.clearRequests();
    }

    /** Nothing of one test may disturb the counts of the next. */
    @AfterEach
    void end() {
        cloud.intercept((method, path) -> null);
        for (var share : team.client
                .resources(ImageShare.class)
                .inNamespace(team.name)
                .list()
                .getItems()) {
            team.edit(
                    share.getMetadata().getName(),
                    spec -> Namespace.with(spec, dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete.detach));
            team.at(share.getMetadata().getName()).delete();
            team.awaitGone(share.getMetadata().getName());
        }
    }

    private String membersPath() {
        return "/v2/images/" + image + "/members";
    }

    private List<Call> calls(String method) {
        return cloud.requests().stream()
                .filter(c -> c.method().equals(method) && c.path().startsWith("/v2/images/" + image))
                .toList();
    }

    private static List<String> projects(int count) {
        return ImageShareScenarios.projects(count);
    }

    @Test
    void aPassWithNothingToDoIsOneRequestAndNoWrite() {
        var images = IntStream.range(0, 5)
                .mapToObj(i -> cloud.createImage("producer", "quiet-" + i, "shared", List.of()))
                .toList();
        for (var i = 0; i < 5; i++) {
            team.create(team.share("quiet-" + i, images.get(i), projects(3)));
        }
        for (var i = 0; i < 5; i++) {
            team.awaitReady("quiet-" + i);
        }
        // The last that a first pass does is to tell of it.
        eventually(() -> assertThat(world.api.requests())
                .filteredOn(r -> r.method().equals("POST") && r.path().endsWith(team.name + "/events"))
                .hasSize(5));
        cloud.clearRequests();
        world.api.clearRequests();

        eventually(() -> assertThat(cloud.requests()).hasSizeGreaterThanOrEqualTo(20));

        assertThat(cloud.requests()).allSatisfy(call -> {
            assertThat(call.method()).isEqualTo("GET");
            assertThat(call.path()).endsWith("/members");
        });
        assertThat(world.api.requests())
                .filteredOn(r -> r.userAgent() != null && !r.method().equals("GET"))
                .isEmpty();
    }

    @Test
    void aHundredMembersOnAFreshImageAreOneShowOneListAndAHundredCreatesAtMostEightAtOnce() {
        var inFlight = new AtomicInteger();
        var most = new AtomicInteger();
        var gate = new CountDownLatch(8);
        cloud.intercept((method, path) -> {
            if (method.equals("POST") && path.endsWith("/members")) {
                most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                gate.countDown();
                gate.await(); // until eight are there at once
                inFlight.decrementAndGet();
            }
            return null;
        });
        team.create(changed(team.share("hundred", image, projects(100)), spec -> Namespace.withResync(spec, "1h")));
        team.awaitReady("hundred");

        assertThat(calls("POST")).hasSize(100);
        assertThat(calls("GET")).extracting(Call::path).containsExactly("/v2/images/" + image, membersPath());
        assertThat(most.get()).isEqualTo(8);
        var writes = world.api.requests().stream()
                .filter(r -> r.path().endsWith("/imageshares/hundred/status"))
                .count();
        assertThat(writes).as("the journal and the result").isEqualTo(2);
    }

    @Test
    void aRemovalEndsOnlyWhenTheMemberIsReallyGone() {
        var declared = projects(4);
        team.create(team.share("rows", image, declared));
        team.awaitReady("rows");
        var goes = declared.get(0);
        cloud.duplicateMember(image, goes);
        assertThat(team.awaitReady("rows").getStatus().summary().present()).isEqualTo(4);
        cloud.clearRequests();

        team.declare("rows", declared.subList(1, 4));
        eventually(() -> assertThat(cloud.members("producer", image)).doesNotContainKey(goes));

        team.awaitReady("rows");
        assertThat(calls("DELETE"))
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(c -> assertThat(c.path()).endsWith(goes));
    }

    static Stream<Fault> badLists() {
        return Stream.of(
                Fault.canned(500, "{}"),
                Fault.canned(200, "{}"),
                Fault.canned(200, "{\"members\":null}"),
                Fault.canned(200, "{\"members\":[{\"member_id\":\"x\"}]}"),
                Fault.canned(200, "[]"),
                new Fault.Canned(200, Map.of("Content-Type", "text/html"), "<html>proxy</html>"),
                new Fault.CutBody(30),
                new Fault.Drop(true));
    }

    @ParameterizedTest
    @MethodSource("badLists")
    void nothingIsRemovedInAPassWithoutAGoodList(Fault fault) {
        var declared = projects(4);
        team.create(team.share("doubt", image, declared));
        team.awaitReady("doubt");
        cloud.intercept((method, path) -> method.equals("GET") && path.endsWith("/members") ? fault : null);
        cloud.clearRequests();

        team.declare("doubt", declared.subList(0, 3));
        team.awaitReason("doubt", Reason.CloudUnreachable);

        assertThat(calls("DELETE")).isEmpty();
        assertThat(calls("POST")).isEmpty();
        assertThat(team.at("doubt").get().getStatus().members()).hasSize(4);
        cloud.intercept((method, path) -> null);
        team.awaitReady("doubt");
        assertThat(cloud.members("producer", image)).hasSize(3);
    }

    @Test
    void anEmptyListRemovesNobodyAndWhatIsThereAlreadyIsNotClaimedAsAdded() {
        var declared = projects(3);
        declared.forEach(p -> cloud.addMember("producer", image, p));
        team.create(team.share("empty", image, declared));
        team.awaitReady("empty");
        var lies = new AtomicInteger(1);
        cloud.intercept(
                (method, path) -> method.equals("GET") && path.endsWith("/members") && lies.getAndDecrement() > 0
                        ? Fault.canned(200, "{\"members\":[],\"schema\":\"/v2/schemas/members\"}")
                        : null);
        eventually(() -> assertThat(lies.get()).isNotPositive());
        eventually(() -> assertThat(calls("POST")).hasSize(3));
        var share = team.awaitReady("empty");

        assertThat(calls("DELETE")).isEmpty();
        assertThat(share.getStatus().members()).noneMatch(MemberInfo::added);
        assertThat(cloud.members("producer", image)).hasSize(3);
    }

    @Test
    void aDeletionDoesNotTakeAnEmptyListForEverybodyGone() {
        var declared = projects(3);
        team.create(team.share("old-list", image, declared));
        team.awaitReady("old-list");
        var deleting = new AtomicBoolean();
        var lies = new AtomicInteger(1);
        cloud.intercept((method, path) ->
                method.equals("GET") && path.endsWith("/members") && deleting.get() && lies.getAndDecrement() > 0
                        ? Fault.canned(200, "{\"members\":[],\"schema\":\"/v2/schemas/members\"}")
                        : null);
        deleting.set(true);
        team.at("old-list").delete();
        team.awaitGone("old-list");

        assertThat(cloud.members("producer", image)).isEmpty();
    }

    @Test
    void anAdditionIsSentOnceAlsoWhenItsOutcomeIsUnknown() {
        var dropped = new AtomicInteger(1);
        cloud.intercept(
                (method, path) -> method.equals("POST") && path.endsWith("/members") && dropped.getAndDecrement() > 0
                        ? new Fault.Drop(true)
                        : null);
        var declared = projects(3);
        team.create(team.share("once", image, declared));
        var share = team.awaitReady("once");

        assertThat(calls("POST")).hasSizeLessThanOrEqualTo(3);
        assertThat(cloud.members("producer", image)).hasSize(3);
        assertThat(share.getStatus().members()).allMatch(MemberInfo::added);
    }

    @Test
    void oneRefusedMemberDoesNotStopTheOthersAndIsNamed() {
        var refusals = new AtomicInteger(1);
        var seen = new CountDownLatch(1);
        cloud.intercept((method, path) -> {
            if (method.equals("POST") && path.endsWith("/members") && refusals.getAndDecrement() > 0) {
                return Fault.canned(500, "{\"message\":\"The server is having a bad day.\"}");
            }
            if (refusals.get() < 0 && path.endsWith("/members") && method.equals("GET")) {
                seen.await(); // the next pass, once the test has seen the result of this one
            }
            return null;
        });
        var declared = projects(12);
        team.create(team.share("partly", image, declared));

        var share = team.awaitReason("partly", Reason.PartiallySynced);
        var missing = new ArrayList<>(declared);
        missing.removeAll(cloud.members("producer", image).keySet());
        assertThat(missing).hasSize(1);
        assertThat(condition(share, "Ready").message()).contains(missing.get(0));
        assertThat(condition(share, "Reconciling").status()).isEqualTo(Condition.Status.True);
        seen.countDown();
        team.awaitReady("partly");
    }

    @Test
    void removalsComeFirstOnlyWhereTheQuotaNeedsTheRoom() {
        try (var small = new EmbeddedWorld(
                Settings.defaults(), EmbeddedOpenStack.Options.defaults().withMemberQuota(4))) {
            var there = new Namespace(small);
            var full = small.cloud.createImage("producer", "full", "shared", List.of());
            var declared = projects(4);
            there.create(there.share("full", full, declared));
            there.awaitReady("full");

            var rotated = new ArrayList<>(declared.subList(1, 4));
            rotated.add(projects(1).get(0));
            there.declare("full", rotated);
            there.awaitReady("full");
            assertThat(small.cloud.members("producer", full)).containsOnlyKeys(rotated.toArray(String[]::new));

            rotated.add(projects(1).get(0));
            there.declare("full", rotated);
            var share = there.awaitReason("full", Reason.QuotaExceeded);
            assertThat(condition(share, "Ready").message())
                    .contains(rotated.get(4))
                    .contains("image_member_quota");
            assertThat(small.cloud.members("producer", full)).hasSize(4);
        }
    }

    /** Kubernetes before 1.25 doesn't know the CRD's rule. */
    @Test
    void aFilterThatIsChangedIsRefusedWhereTheApiServerDoesNot() {
        try (var old = new EmbeddedWorld(Settings.defaults())) {
            var crds = old.kubernetes().apiextensions().v1().customResourceDefinitions();
            crds.withName("imageshares.imageshare.dev").edit(crd -> {
                var spec = crd.getSpec().getVersions().get(0).getSchema().getOpenAPIV3Schema();
                spec.getProperties().get("spec").getProperties().get("image").setXKubernetesValidations(List.of());
                return crd;
            });
            var there = new Namespace(old);
            var first = old.cloud.createImage("producer", "ubuntu", "shared", List.of());
            var second = old.cloud.createImage("producer", "debian", "shared", List.of());
            var declared = projects(2);
            there.create(byName(there.share("filtered", first, declared), "ubuntu"));
            there.awaitReady("filtered");

            there.at("filtered").edit(share -> byName(share, "debian"));

            var share = there.awaitReason("filtered", Reason.InvalidSpec);
            assertThat(condition(share, "Ready").message()).contains("spec.image can't be changed", first);
            assertThat(old.cloud.members("producer", first)).hasSize(2);
            assertThat(old.cloud.members("producer", second)).isEmpty();
            there.at("filtered").edit(changed -> byName(changed, "ubuntu"));
            there.awaitReady("filtered");
        }
    }

    private static ImageShare byName(ImageShare share, String imageName) {
        return changed(
                share,
                s -> new ImageShareSpec(
                        s.cloudCredentialsRef(),
                        new ImageReference(null, new ImageFilter(imageName, null), null),
                        s.members(),
                        s.projectRefs(),
                        s.membershipPolicy(),
                        s.managementPolicy(),
                        s.managedOptions(),
                        s.resyncPeriod()));
    }

    /** Glance looks at the quota, then inserts: of eight additions at once near it, some go in that don't fit. */
    @Test
    void additionsThatTheQuotaEndsAreAsManyAsFitAndTheOthersAreNamed() {
        try (var racing = new EmbeddedWorld(
                Settings.defaults(), EmbeddedOpenStack.Options.defaults().withDuplicates())) {
            var there = new Namespace(racing);
            var full = racing.cloud.createImage("producer", "full", "shared", List.of());
            var declared = projects(140);
            there.create(there.share("full", full, declared));

            var share = there.awaitReason("full", Reason.QuotaExceeded);
            assertThat(racing.cloud.members("producer", full))
                    .containsOnlyKeys(declared.subList(0, 128).toArray(String[]::new));
            assertThat(condition(share, "Ready").message()).contains(declared.subList(128, 140));
            assertThat(refusedForTheQuota(racing)).as("sent in vain").isEqualTo(1);
        }
    }

    @Test
    void anotherQuotaIsLearntByItsFirstRefusal() {
        try (var small = new EmbeddedWorld(
                Settings.defaults(),
                EmbeddedOpenStack.Options.defaults().withDuplicates().withMemberQuota(20))) {
            var there = new Namespace(small);
            var full = small.cloud.createImage("producer", "full", "shared", List.of());
            var declared = projects(30);
            there.create(there.share("full", full, declared));
            there.awaitReason("full", Reason.QuotaExceeded);
            assertThat(small.cloud.members("producer", full)).hasSizeBetween(20, 27);

            there.declare("full", declared.subList(0, 5));
            there.awaitReason("full", Reason.RemovalHeld);
            there.approve("full");
            there.awaitReady("full");
            var before = refusedForTheQuota(small);
            there.declare("full", declared);
            var share = there.awaitReason("full", Reason.QuotaExceeded);
            assertThat(small.cloud.members("producer", full))
                    .containsOnlyKeys(declared.subList(0, 20).toArray(String[]::new));
            assertThat(condition(share, "Ready").message()).contains(declared.subList(20, 30));
            assertThat(refusedForTheQuota(small) - before).isEqualTo(1);
        }
    }

    private static long refusedForTheQuota(EmbeddedWorld world) {
        return world.cloud.requests().stream()
                .filter(call -> call.status() == 413)
                .count();
    }

    @Test
    void aChangedSpecEndsTheRemovalsOfAnOlderOne() {
        var declared = projects(20);
        team.create(changed(
                team.share("reverted", image, declared),
                spec -> Namespace.withMaxRemovals(spec, new IntOrString(100))));
        team.awaitReady("reverted");
        var release = new CountDownLatch(1);
        var deletes = new AtomicInteger();
        cloud.intercept((method, path) -> {
            if (method.equals("DELETE")) {
                deletes.incrementAndGet();
                return new Fault.Hang(release);
            }
            return null;
        });
        team.declare("reverted", declared.subList(0, 1));
        eventually(() -> assertThat(deletes.get()).isEqualTo(8));

        team.declare("reverted", declared); // git revert
        // What comes after it in the same watch is seen after it: this one says so without asking the cloud.
        team.create(changed(
                team.share("marker", image, projects(1)), spec -> Namespace.withCloud(spec, "none", "producer")));
        team.awaitReason("marker", Reason.CredentialsNotFound);
        release.countDown();

        team.awaitReady("reverted");
        assertThat(deletes.get()).isEqualTo(8);
        assertThat(cloud.members("producer", image)).hasSize(20);
    }

    @Test
    void anObjectThatComesDuringARevocationKeepsWhatItDeclares() {
        var declared = projects(20);
        team.create(team.share("renamed", image, declared));
        team.awaitReady("renamed");
        var release = new CountDownLatch(1);
        var deletes = new AtomicInteger();
        cloud.intercept((method, path) -> {
            if (method.equals("DELETE")) {
                deletes.incrementAndGet();
                return new Fault.Hang(release);
            }
            return null;
        });
        team.at("renamed").delete();
        eventually(() -> assertThat(deletes.get()).isEqualTo(8));

        team.create(team.share("successor", image, declared));
        // What comes after it in the same watch is seen after it: this one says so without asking the cloud.
        team.create(changed(
                team.share("marker", image, projects(1)), spec -> Namespace.withCloud(spec, "none", "producer")));
        team.awaitReason("marker", Reason.CredentialsNotFound);
        release.countDown();

        team.awaitGone("renamed");
        team.awaitReady("successor");
        assertThat(deletes.get()).as("those that were under way").isEqualTo(8);
        assertThat(cloud.members("producer", image)).hasSize(20);
    }

    @Test
    void somebodyWhoUndoesWhatIsDoneHereIsContendedUntilTheSpecChanges() {
        var declared = projects(8);
        var foreign = projects(1).get(0);
        team.create(team.share("contended", image, declared));
        team.awaitReady("contended");
        for (var i = 0; i < 3; i++) {
            cloud.addMember("producer", image, foreign);
            var times = i + 1;
            // Told at the end of the pass that removed it, so the next one finds it back.
            eventually(() ->
                    assertThat(team.eventCount("contended", "MembersRemoved")).isEqualTo(times));
        }
        cloud.addMember("producer", image, foreign);

        var share = team.awaitReason("contended", Reason.Contended);
        assertThat(condition(share, "Ready").message()).contains(foreign);
        world.restartOperator();
        cloud.clearRequests();
        eventually(() -> assertThat(calls("GET")).hasSizeGreaterThanOrEqualTo(4));
        assertThat(cloud.members("producer", image)).containsKey(foreign);

        team.edit("contended", spec -> Namespace.withResync(spec, "2s"));
        team.awaitReady("contended");
        assertThat(cloud.members("producer", image)).doesNotContainKey(foreign);
    }

    @Test
    void twoObjectsOfOneImageNeverSendEqualAdditions() {
        var declared = projects(30);
        for (var name : List.of("a", "b")) {
            team.create(changed(
                    team.share(name, image, declared), spec -> Namespace.with(spec, MembershipPolicy.Additive)));
        }
        team.awaitReady("a");
        team.awaitReady("b");

        assertThat(calls("POST")).hasSize(30);
    }

    @Test
    void aCallThatAccessRulesForbidIsReportedAfterOneMoreLogin() {
        team.secret(
                "rules",
                Map.of(
                        "clouds.yaml",
                        cloud.applicationCredential(List.of("GET /v2/images/*", "GET /v2/images/*/members"))));
        cloud.clearRequests();
        team.create(changed(
                team.share("rules", image, projects(1)),
                spec -> Namespace.withResync(Namespace.withCloud(spec, "rules", "credential"), "1h")));

        var share = team.awaitReason("rules", Reason.AuthenticationFailed);
        assertThat(condition(share, "Ready").message()).contains("access rules");
        assertThat(cloud.requests().stream().filter(c -> c.path().endsWith("/auth/tokens")))
                .hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void retryAfterIsObeyed() {
        cloud.intercept((method, path) -> path.startsWith("/v2/images/" + image)
                ? new Fault.Canned(429, Map.of("Retry-After", "3600"), "")
                : null);
        team.create(team.share("limited", image, projects(1)));
        team.awaitReason("limited", Reason.RateLimited);
        cloud.intercept((method, path) -> null);
        cloud.clearRequests();

        // Another object of the same cloud goes on and is looked at again and again; this one isn't.
        var other = cloud.createImage("producer", "other", "shared", List.of());
        team.create(team.share("other", other, projects(1)));
        team.awaitReady("other");
        eventually(() -> assertThat(cloud.requests().stream()
                        .filter(c -> c.path().contains(other) && c.method().equals("GET")))
                .hasSizeGreaterThanOrEqualTo(4));
        assertThat(calls("GET")).isEmpty();
    }

    @Test
    void aFailureThatRepeatsIsWrittenOnce() {
        cloud.intercept((method, path) -> path.startsWith("/v2/images/" + image) ? Fault.canned(503, "") : null);
        team.create(team.share("repeats", image, projects(1)));
        team.awaitReason("repeats", Reason.CloudUnreachable);
        world.api.clearRequests();
        cloud.clearRequests();

        eventually(() -> assertThat(calls("GET")).hasSizeGreaterThanOrEqualTo(2));

        assertThat(world.api.requests())
                .filteredOn(r -> r.method().equals("PATCH") && r.path().contains("/repeats"))
                .isEmpty();
    }

    @Test
    void keystoneDownIsReportedAndHeals() {
        cloud.stopKeystone();
        team.create(team.share("down", image, projects(1)));
        var share = team.awaitReason("down", Reason.CloudUnreachable);
        assertThat(condition(share, "Reconciling").status()).isEqualTo(Condition.Status.True);

        cloud.startKeystone();
        team.awaitReady("down");
    }

    @Test
    void theProducersTokenNeverSetsAStatusAndNoSecretIsShownAnywhere() {
        var consumer = cloud.projectId("consumer-a");
        team.create(team.share("consent", image, consumer));
        team.awaitReady("consent");
        cloud.answer("consumer-a", image, MemberStatus.rejected);
        eventually(() -> assertThat(team.answers("consent")).containsEntry(consumer, "rejected"));

        assertThat(calls("PUT")).isEmpty();
        assertThat(calls("PATCH")).isEmpty();
        var shown = Serialization.asYaml(team.at("consent").get())
                + Serialization.asYaml(
                        team.client.v1().events().inNamespace(team.name).list());
        assertThat(shown).doesNotContain("password").doesNotContain("gAAAA");
    }

    @Test
    void aRenameOfManyObjectsRevokesNobodyAndIsNotHeld() {
        var images = IntStream.range(0, 12)
                .mapToObj(i -> cloud.createImage("producer", "rename-" + i, "shared", List.of()))
                .toList();
        var declared = projects(2);
        for (var i = 0; i < 12; i++) {
            team.create(team.share("old-" + i, images.get(i), declared));
        }
        for (var i = 0; i < 12; i++) {
            team.awaitReady("old-" + i);
        }
        for (var i = 0; i < 12; i++) {
            team.create(team.share("new-" + i, images.get(i), declared));
        }
        for (var i = 0; i < 12; i++) {
            team.at("old-" + i).delete();
        }
        for (var i = 0; i < 12; i++) {
            team.awaitGone("old-" + i);
            team.awaitReady("new-" + i);
        }
        assertThat(cloud.requests()).noneMatch(c -> c.method().equals("DELETE"));
    }

    @Test
    void aPassOfAnotherWorldsFaultsIsNeverARequestStorm() {
        Interceptor refuseAll = (method, path) -> path.startsWith("/v2/images/" + image) ? Fault.canned(500, "") : null;
        cloud.intercept(refuseAll);
        team.create(team.share("storm", image, projects(50)));
        team.awaitReason("storm", Reason.CloudUnreachable);
        // 1, 2, 4 … seconds lie between the tries: by the third, at most three requests were sent.
        eventually(() -> assertThat(calls("GET")).hasSizeGreaterThanOrEqualTo(3));
        assertThat(calls("GET")).hasSizeLessThanOrEqualTo(4);
        assertThat(new HashSet<>(cloud.requests().stream().map(Call::method).toList()))
                .isSubsetOf("GET", "POST");
        assertThat(Collections.frequency(calls("POST").stream().map(Call::path).toList(), membersPath()))
                .isZero();
    }
}
