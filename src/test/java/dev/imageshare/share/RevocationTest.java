package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.Fault;
import dev.imageshare.faults.CloudCall;
import dev.imageshare.faults.CloudFault;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.reconcile.InMemoryCache;
import dev.imageshare.reconcile.MovableClock;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.scenarios.Namespace;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose access ends with an object, whose doesn't, and what the object waits for. */
class RevocationTest {

    private static final String DECLARED = "a".repeat(32);
    private static final String ADDED = "b".repeat(32);
    private static final String FOREIGN = "c".repeat(32);
    private static final String REMEMBERED = "d".repeat(32);

    private static EmbeddedOpenStack cloud;
    private static Clouds clouds;
    private static ExecutorService executor;

    private final MovableClock clock = new MovableClock();
    private final List<ImageShare> all = new ArrayList<>();
    private final Set<String> proven = new HashSet<>();
    private final Here here = new Here();
    private String user = "producer";
    private String image;
    private ImageShare self;

    /** What became of it. */
    private record Ended(
            Optional<Problem> problem,
            Set<String> revoked,
            Set<String> kept,
            String keptBecause,
            String hash,
            Optional<Duration> settling) {

        static Ended of(RevocationResult result) {
            var released = result instanceof RevocationResult.Released its ? its : null;
            return new Ended(
                    result instanceof RevocationResult.Unfinished its ? Optional.of(its.problem()) : Optional.empty(),
                    result.revoked(),
                    released == null ? Set.of() : released.kept(),
                    released == null ? "" : released.keptBecause(),
                    result instanceof RevocationResult.AwaitingApproval its ? its.hash() : "",
                    result instanceof RevocationResult.Settling its ? Optional.of(its.period()) : Optional.empty());
        }

        Reason reason() {
            return problem.orElseThrow().reason();
        }

        String message() {
            return problem.orElseThrow().message();
        }
    }

    /** What the pass asks around itself. */
    private static final class Here implements RemovalMandate, Securing {
        private MassDeletion.DeletionVerdict verdict = new MassDeletion.DeletionVerdict.Go();
        private boolean current = true;
        private boolean confirmed = true;
        private boolean setUndecided;
        private final List<CloudImage> entered = new ArrayList<>();

        @Override
        public void enter(CloudImage entering) {
            entered.add(entering);
        }

        @Override
        public void holdSecret() {}

        @Override
        public boolean holds() {
            return current;
        }

        @Override
        public boolean leads() {
            return true;
        }

        @Override
        public boolean isConfirmed() {
            return confirmed;
        }

        @Override
        public void journal(ShareOutcome outcome) {}

        MassDeletion.DeletionVerdict massDeletion() {
            return verdict;
        }
    }

    @BeforeAll
    static void startCloud() {
        cloud = EmbeddedOpenStack.start();
        clouds = new Clouds(CloudSettings.defaults());
        executor = Executors.newCachedThreadPool();
    }

    @AfterAll
    static void stopCloud() {
        clouds.close();
        cloud.close();
        executor.shutdownNow();
    }

    /** It declares one member, added another one, and a third one is somebody else's. */
    @BeforeEach
    void anObjectInOrder() {
        image = cloud.createImage("producer", "ubuntu", "shared", List.of());
        List.of(DECLARED, ADDED, FOREIGN).forEach(project -> cloud.addMember("producer", image, project));
        self = share("team", "self", 2, DECLARED);
        self.setStatus(status(true, member(DECLARED, true, false), member(ADDED, false, true)));
        self.getMetadata().setDeletionTimestamp("2026-11-21T20:00:00Z");
        all.add(self);
    }

    @AfterEach
    void endFaults() {
        cloud.intercept((method, path) -> null);
    }

    // ------------------------------------------------------------------ what goes

    @Test
    void whatItDeclaresOrAddedGoesAndNothingElse() {
        var ended = revoke();

        assertThat(ended.problem).isEmpty();
        assertThat(ended.revoked).containsExactly(DECLARED, ADDED);
        assertThat(ended.kept).isEmpty();
        assertThat(members()).containsExactly(FOREIGN);
        assertThat(here.entered).as("for this pass alone").hasSize(1);
    }

    /** What the set wants is kept; who else would take it away later, if the set turns out not to want it? */
    @Test
    void itWaitsForASetThatHasNotLookedAtItsEditedSpec() {
        here.setUndecided = true;
        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.Progressing);
        assertThat(ended.message()).contains("Waiting for the ImageShareSet that made this object");
        assertThat(members()).containsExactly(DECLARED, ADDED, FOREIGN);

        here.setUndecided = false;
        assertThat(revoke().revoked).containsExactly(DECLARED, ADDED);
    }

    @Test
    void ofAnAdditiveOnlyWhatItAddedGoes() {
        change(MembershipPolicy.Additive, OnDelete.delete);

        assertThat(revoke().revoked).containsExactly(ADDED);
        assertThat(members()).containsExactly(DECLARED, FOREIGN);
    }

    /** A reference isn't resolved again: nothing new is given or taken by it. */
    @Test
    void whatAReferenceStoodForGoesAsLongAsTheSpecHasTheReference() {
        cloud.addMember("producer", image, REMEMBERED);
        var standsFor = new MemberInfo(
                REMEMBERED, MemberAnswer.pending, true, false, List.of("Project/team-d"), null, null, null);
        self.setStatus(status(true, member(DECLARED, true, false), standsFor));
        assertThat(revoke().revoked).doesNotContain(REMEMBERED);

        cloud.addMember("producer", image, DECLARED);
        self.setSpec(Namespace.withProjectRefs(self.getSpec(), "team-d"));
        assertThat(revoke().revoked).contains(REMEMBERED);
    }

    /** The list may be older than the last addition. */
    @Test
    void whatTheStatusKnowsToBeThereIsAskedForAlsoIfTheListDoesNotShowIt() {
        self.setStatus(status(
                true,
                member(DECLARED, true, false),
                member(ADDED, false, true),
                new MemberInfo(REMEMBERED, null, false, true, null, null, null, null)));
        var lists = new ArrayList<String>();
        cloud.intercept((method, path) -> {
            if (CloudCall.of(method, path).orElseThrow() != CloudCall.MEMBER_LIST) {
                return null;
            }
            lists.add(path);
            return lists.size() > 1 ? null : Fault.canned(200, "{\"members\": []}");
        });

        assertThat(revoke().revoked).containsExactly(DECLARED, ADDED);
        assertThat(cloud.requests())
                .as("it may never have been added")
                .noneMatch(call ->
                        call.method().equals("DELETE") && call.path().endsWith(image + "/members/" + REMEMBERED));
    }

    @Test
    void aListThatThenShowsMoreOfItsOwnIsLookedAtAgain() {
        self.setStatus(status(
                true, member(DECLARED, true, false), new MemberInfo(ADDED, null, false, true, null, null, null, null)));
        var lists = new ArrayList<String>();
        cloud.intercept((method, path) -> {
            if (CloudCall.of(method, path).orElseThrow() != CloudCall.MEMBER_LIST) {
                return null;
            }
            lists.add(path);
            return lists.size() > 1 ? null : Fault.canned(200, "{\"members\": []}");
        });

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.Progressing);
        assertThat(ended.message()).contains(ADDED).doesNotContain(FOREIGN);
        assertThat(ended.revoked).containsExactly(DECLARED);
    }

    // -------------------------------------------------------- what goes at once

    @Test
    void whatNeverHadToDoWithAnImageIsReleasedWithoutALogin() {
        user = "nobody";
        self.setStatus(null);
        assertThat(revoke().problem).isEmpty();

        self.setStatus(new ImageShareStatus(1L, null, null, null, null, null, null, null));
        assertThat(revoke().problem).isEmpty();

        self.setStatus(status(true, member(DECLARED, true, true)));
        self.setSpec(Namespace.with(self.getSpec(), ManagementPolicy.unmanaged));
        var unmanaged = revoke();
        assertThat(unmanaged.problem).isEmpty();
        assertThat(unmanaged.kept).isEmpty();
        assertThat(members()).containsExactly(DECLARED, ADDED, FOREIGN);
    }

    @Test
    void detachedItKeepsAllAndSaysWho() {
        user = "nobody";
        change(MembershipPolicy.Authoritative, OnDelete.detach);

        var ended = revoke();
        assertThat(ended.problem).isEmpty();
        assertThat(ended.kept).containsExactly(DECLARED, ADDED);
        assertThat(ended.keptBecause).isEqualTo("onDelete is detach");
    }

    @Test
    void neverInOrderAndWithNothingAddedItTakesNobodysAccess() {
        user = "nobody";
        self.setStatus(status(false, member(DECLARED, true, false)));

        var ended = revoke();
        assertThat(ended.problem).isEmpty();
        assertThat(ended.kept).containsExactly(DECLARED);
        assertThat(ended.keptBecause).contains("never in order");
        assertThat(members()).contains(DECLARED);

        user = "producer";
        self.setStatus(status(false, member(DECLARED, true, true)));
        assertThat(revoke().revoked).as("added one").containsExactly(DECLARED);
    }

    @Test
    void anotherInChargeOfTheImageKeepsAll() {
        var older = share("team", "older", 1, FOREIGN);
        older.setStatus(status(true));
        all.add(older);
        user = "nobody";

        var ended = revoke();
        assertThat(ended.problem).isEmpty();
        assertThat(ended.kept).containsExactly(DECLARED, ADDED);
        assertThat(ended.keptBecause).isEqualTo("ImageShare team/older is in charge of the image");
        assertThat(members()).containsExactly(DECLARED, ADDED, FOREIGN);
    }

    /** Only a login says that it is the same cloud's. */
    @Test
    void anotherNamespacesObjectInChargeKeepsAllOnceTheCloudIsKnown() {
        var older = share("others", "older", 1, FOREIGN);
        all.add(older);
        proven.add(older.getMetadata().getUid());

        var ended = revoke();
        assertThat(ended.problem).isEmpty();
        assertThat(ended.kept).containsExactly(DECLARED, ADDED);
        assertThat(ended.keptBecause).isEqualTo("ImageShare others/older is in charge of the image");
    }

    @Test
    void anImageThatIsGoneHoldsNothingUp() {
        self.setStatus(withReady(self.getStatus(), Reason.ImageNotFound));
        here.verdict = new MassDeletion.DeletionVerdict.Held("delete-1", false);
        assertThat(revoke().reason()).as("it is there all the same").isEqualTo(Reason.RemovalHeld);

        cloud.deleteImage("producer", image);
        assertThat(revoke().problem).isEmpty();

        self.setStatus(status(true, member(DECLARED, true, true)));
        assertThat(revoke().reason()).as("nobody has seen yet that it is gone").isEqualTo(Reason.RemovalHeld);
        here.verdict = new MassDeletion.DeletionVerdict.Go();
        assertThat(revoke().problem).isEmpty();
    }

    // ------------------------------------------------------------- what others want

    @Test
    void whatAnotherObjectDeclaresIsKept() {
        var other = additive(share("team", "other", 3, DECLARED));
        other.setStatus(status(true, member(DECLARED, true, false)));
        additive(self);
        self.setStatus(status(null, member(DECLARED, true, true), member(ADDED, false, true)));
        all.add(other);

        var ended = revoke();
        assertThat(ended.problem).isEmpty();
        assertThat(ended.revoked).containsExactly(ADDED);
        assertThat(ended.kept).containsExactly(DECLARED);
        assertThat(ended.keptBecause).isEqualTo("other ImageShares declare them");
    }

    @Test
    void whatASuccessorDeclaresIsKept() {
        var successor = share("team", "renamed", 3, DECLARED, ADDED);
        successor.setStatus(new ImageShareStatus(1L, null, null, null, null, null, null, null));
        all.add(successor);

        var ended = revoke();
        assertThat(ended.problem).isEmpty();
        assertThat(ended.revoked).isEmpty();
        assertThat(ended.kept).containsExactly(DECLARED, ADDED);
    }

    @Test
    void aNewObjectThatNobodyLookedAtIsWaitedFor() {
        all.add(share("team", "renamed", 3, DECLARED));
        user = "nobody";

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.Progressing);
        assertThat(ended.message()).contains("ImageShare team/renamed").endsWith(Revocation.WAY_OUT);
    }

    @Test
    void anotherNamespacesObjectThatNobodyLookedAtSinceTheStartIsWaitedFor() {
        var older = share("others", "older", 1, DECLARED);
        older.setStatus(status(true, member(DECLARED, true, true)));
        all.add(older);
        var claims = claims();
        claims.start(List.of(self, older).stream());

        var ended = revoke(claims);
        assertThat(ended.reason()).isEqualTo(Reason.Progressing);
        assertThat(ended.message()).contains("others/older");
        assertThat(members()).containsExactly(DECLARED, ADDED, FOREIGN);
    }

    @Test
    void whatIsWantedByTheTimeOfItsRemovalIsNotRemoved() {
        var other = additive(share("others", "other", 3, ADDED));
        additive(self);
        self.setStatus(status(null, member(DECLARED, true, true), member(ADDED, false, true)));
        all.add(other);
        var claims = claims();
        var scope = client().scope();
        var claimed = claims.at(scope.cloud(), new ImageKey(image, scope.projectId(), scope.region()));
        cloud.intercept((method, path) -> {
            if (CloudCall.of(method, path).orElseThrow() == CloudCall.MEMBER_DELETE) {
                claims.prove(other, claimed);
            }
            return null;
        });

        var ended = revoke(claims);
        assertThat(ended.revoked).containsExactly(DECLARED);
        assertThat(ended.reason()).isEqualTo(Reason.PartiallySynced);
        assertThat(ended.message()).startsWith("Not removed yet: " + ADDED);
        assertThat(members()).containsExactly(ADDED, FOREIGN);
    }

    // ------------------------------------------------------------- what is held

    @Test
    void suspendedItWaitsAndNothingIsTaken() {
        user = "nobody";
        self.setSpec(Namespace.suspended(self.getSpec(), true));

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.DeletionSuspended);
        assertThat(members()).containsExactly(DECLARED, ADDED, FOREIGN);
    }

    @Test
    void oneOfAMassDeletionIsHeldAndSaysHowToApproveIt() {
        user = "nobody";
        here.verdict = new MassDeletion.DeletionVerdict.Held("delete-0123", false);

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.RemovalHeld);
        assertThat(ended.hash).isEqualTo("delete-0123");
        assertThat(ended.message())
                .contains(
                        "--mass-deletion-limit",
                        "-n team imageshare self imageshare.dev/approve-removals=delete-0123",
                        "-n team imageshares --all imageshare.dev/approve-removals=delete-0123")
                .endsWith(Revocation.WAY_OUT);

        here.verdict = new MassDeletion.DeletionVerdict.Held("delete-all-0123", true);
        assertThat(revoke().message()).contains("--mass-deletion-total");
    }

    @Test
    void whereOthersMayFollowItWaitsForThem() {
        here.verdict = new MassDeletion.DeletionVerdict.Wait(Duration.ofSeconds(3));

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.Progressing);
        assertThat(ended.settling).contains(Duration.ofSeconds(3));
        assertThat(ended.hash).isEmpty();
        assertThat(members()).containsExactly(DECLARED, ADDED, FOREIGN);
    }

    @Test
    void whatASilentObjectDeclaresIsHeldUntilExactlyThatIsApproved() {
        var silent = share("others", "older", 1, ADDED);
        all.add(silent);
        proven.add(silent.getMetadata().getUid());
        var claims = claims();
        clock.move(Duration.ofHours(4));

        var held = revoke(claims);
        assertThat(held.reason()).isEqualTo(Reason.ClaimUnproven);
        assertThat(held.hash).startsWith("unproven-");
        assertThat(held.message()).contains(ADDED, "others/older", held.hash).doesNotContain(DECLARED);
        assertThat(members()).contains(ADDED, DECLARED);

        self.getMetadata().setAnnotations(Map.of(ImageShare.APPROVE_REMOVALS, "unproven-other"));
        assertThat(revoke(claims).message()).contains("approves nothing here");

        self.getMetadata().setAnnotations(Map.of(ImageShare.APPROVE_REMOVALS, held.hash));
        assertThat(revoke(claims).revoked).containsExactly(DECLARED, ADDED);
    }

    // ------------------------------------------------------------ what goes wrong

    @Test
    void anotherProjectsCredentialsRevokeNothing() {
        user = "stranger";

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.NotImageOwner);
        assertThat(ended.message()).endsWith(Revocation.WAY_OUT);
        assertThat(members()).containsExactly(DECLARED, ADDED, FOREIGN);
    }

    @Test
    void anImageThatIsNotSharedHasNobodyToRevoke() {
        cloud.setVisibility("producer", image, "private");

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.ImageNotShared);
        assertThat(ended.message()).endsWith(Revocation.WAY_OUT);
    }

    @Test
    void withoutALoginItWaits() {
        spoil(CloudCall.LOGIN, CloudFault.UNAUTHORIZED_401);
        user = "consumer-b";

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.AuthenticationFailed);
        assertThat(ended.message()).endsWith(Revocation.WAY_OUT);
    }

    @Test
    void whatIsRefusedIsNamedAndTheOthersGo() {
        cloud.intercept((method, path) -> path.endsWith("/members/" + ADDED)
                ? CloudFault.SERVER_ERROR_500.on(CloudCall.MEMBER_DELETE, new CountDownLatch(0))
                : null);

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.CloudUnreachable);
        assertThat(ended.message()).startsWith("Not removed yet: " + ADDED).contains("Spoiled for a test.");
        assertThat(ended.revoked).containsExactly(DECLARED);
    }

    @Test
    void howLongTheCloudAskedToBeLeftAloneIsPassedOn() {
        spoil(CloudCall.MEMBER_DELETE, CloudFault.RATE_LIMITED_429_RETRY_AFTER);

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.RateLimited);
        assertThat(ended.problem.orElseThrow().retryAfter()).contains(Duration.ofSeconds(2));
    }

    @Test
    void aListThatFailsAfterwardsTellsWhatWasRemoved() {
        var lists = new ArrayList<String>();
        cloud.intercept((method, path) -> {
            if (CloudCall.of(method, path).orElseThrow() != CloudCall.MEMBER_LIST) {
                return null;
            }
            lists.add(path);
            return lists.size() < 2
                    ? null
                    : CloudFault.UNAVAILABLE_503.on(CloudCall.MEMBER_LIST, new CountDownLatch(0));
        });

        var ended = revoke();
        assertThat(ended.reason()).isEqualTo(Reason.CloudUnreachable);
        assertThat(ended.revoked).containsExactly(DECLARED, ADDED);
    }

    @Test
    void whatIsNoLongerThisPassesObjectLosesNobody() {
        here.current = false;
        assertThat(revoke().reason()).isEqualTo(Reason.PartiallySynced);
        assertThat(members()).containsExactly(DECLARED, ADDED, FOREIGN);
    }

    @Test
    void whereTheApiServerDoesNotConfirmItNobodyLosesAccess() {
        here.confirmed = false;

        var ended = revoke();
        assertThat(ended.problem.orElseThrow().message())
                .startsWith(PlanExecution.UNCONFIRMED.message())
                .endsWith(Revocation.WAY_OUT);
        assertThat(members()).containsExactly(DECLARED, ADDED, FOREIGN);
    }

    // ------------------------------------------------- what counts as taking access

    @Test
    void aDeletionTakesAccessOnlyIfSomeOfItsMembersAreNobodyElses() {
        assertThat(Revocation.takesAccess(self, claims())).isTrue();

        var successor = share("team", "renamed", 3, DECLARED);
        all.add(successor);
        assertThat(Revocation.takesAccess(self, claims())).as("one is its own").isTrue();
        successor.setSpec(share("team", "renamed", 3, DECLARED, ADDED).getSpec());
        assertThat(Revocation.takesAccess(self, claims())).isFalse();

        successor.setStatus(status(true));
        assertThat(Revocation.takesAccess(self, claims()))
                .as("proven by its status")
                .isFalse();
        all.remove(successor);

        self.setStatus(status(false, member(DECLARED, true, false)));
        assertThat(Revocation.takesAccess(self, claims())).as("never in order").isFalse();
        change(MembershipPolicy.Authoritative, OnDelete.detach);
        assertThat(Revocation.takesAccess(self, claims())).isFalse();
    }

    // ------------------------------------------------------------------- helpers

    private Ended revoke() {
        return revoke(claims());
    }

    private Ended revoke(Claims claims) {
        var writer = new MemberWriter(new MemberCalls(new ParallelCalls(executor, 1), pause -> {}), new MemberQuota());
        return Ended.of(new Revocation(
                        self, this::client, writer, claims, here, here, () -> here.setUndecided, here::massDeletion)
                .run());
    }

    private Claims claims() {
        var objects = new InMemoryCache<>(all);
        var claims = ClaimsTest.claims(objects, clock);
        if (!proven.isEmpty()) {
            var scope = client().scope();
            var key = new ImageKey(image, scope.projectId(), scope.region());
            all.stream()
                    .filter(share -> proven.contains(share.getMetadata().getUid()))
                    .forEach(share -> claims.prove(share, claims.at(scope.cloud(), key)));
        }
        return claims;
    }

    private ImageClient client() {
        if (user.equals("nobody")) {
            throw new AssertionError("this takes no login");
        }
        return clouds.cloud("team", "", user, CloudConfig.parse(cloud.cloudsYaml(), user, null))
                .newPass();
    }

    private static void spoil(CloudCall call, CloudFault fault) {
        cloud.intercept((method, path) ->
                CloudCall.of(method, path).orElseThrow() == call ? fault.on(call, new CountDownLatch(0)) : null);
    }

    private Set<String> members() {
        return cloud.membersOf(image).keySet();
    }

    private ImageShare share(String namespace, String name, int age, String... projects) {
        var share = ClaimsTest.share(namespace, name, age);
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("clouds", "producer"),
                new ImageReference(image, null, null),
                Arrays.stream(projects).map(DeclaredMember::new).toList(),
                null,
                MembershipPolicy.Authoritative,
                ManagementPolicy.managed,
                new ManagedOptions(OnDelete.delete, new IntOrString("100%")),
                "10m"));
        return share;
    }

    private void change(MembershipPolicy policy, OnDelete onDelete) {
        self.setSpec(Namespace.with(Namespace.with(self.getSpec(), policy), onDelete));
    }

    private static ImageShare additive(ImageShare share) {
        share.setSpec(Namespace.with(share.getSpec(), MembershipPolicy.Additive));
        return share;
    }

    private ImageShareStatus status(Boolean adopted, MemberInfo... members) {
        return new ImageShareStatus(
                1L,
                new ImageInfo(image, "ubuntu", cloud.projectId("images"), "RegionOne", null, "shared", "active", null),
                adopted,
                List.of(members),
                null,
                null,
                null,
                null);
    }

    private static MemberInfo member(String project, boolean declared, boolean added) {
        return new MemberInfo(project, MemberAnswer.pending, declared, added, null, null, null, null);
    }

    private static ImageShareStatus withReady(ImageShareStatus status, Reason reason) {
        return new ImageShareStatus(
                status.observedGeneration(),
                status.image(),
                status.adopted(),
                status.members(),
                null,
                null,
                null,
                List.of(new Condition("Ready", Condition.Status.False, reason.name(), "", "2026-11-21T18:00:00Z", 1L)));
    }
}
