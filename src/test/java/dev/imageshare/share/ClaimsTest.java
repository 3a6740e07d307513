package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.openstack.SameClouds;
import dev.imageshare.reconcile.InMemoryCache;
import dev.imageshare.reconcile.MovableClock;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.scenarios.Namespace;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Between namespaces a claim is what this process saw, in one cloud, and not long ago. */
class ClaimsTest {

    private static final String CLOUD = "https://keystone.example.org:5000";
    private static final String FORGED = "http://203.0.113.7:5000";
    private static final String IMAGE = "1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88";
    private static final String PROJECT = "8a4d0f3c2b1e4d5f9a6b7c8d9e0f1a2b";
    private static final ImageKey KEY = new ImageKey(IMAGE, "images", "RegionOne");
    private static final CloudImage REAL = new CloudImage(CLOUD, KEY);

    private final MovableClock clock = new MovableClock();

    static Claims claims(InMemoryCache<ImageShare> objects, Clock clock) {
        return claims(objects, SameClouds.none(), clock);
    }

    private static Claims claims(InMemoryCache<ImageShare> objects, SameClouds sameClouds, Clock clock) {
        objects.addIndexers(Claims.indexers());
        return new Claims(
                objects,
                share -> Declaration.withoutReferences(share.getSpec()),
                share -> Optional.empty(),
                sameClouds,
                clock);
    }

    private Claims claims(ImageShare... shares) {
        return claims(new InMemoryCache<>(Arrays.asList(shares)), clock);
    }

    /** The forged cloud answers as the victim's, with its image, owner and region. */
    @Test
    void aCloudThatClaimsAnothersImageStandsInNobodysWay() {
        for (var age : List.of("older", "younger")) {
            var victim = share("victims", "images", 5);
            var evil = share("evil", age, age.equals("older") ? 1 : 9);
            var claims = claims(victim, evil);
            claims.prove(evil, claims.at(FORGED, KEY));
            claims.prove(victim, claims.at(CLOUD, KEY));

            assertThat(claims.conflict(victim, REAL)).as(age).isEmpty();
            assertThat(claims.others(victim, REAL)).as(age).isEmpty();
            assertThat(claims.isElsewhere(victim, REAL)).as(age).isTrue();
        }
    }

    @Test
    void twoThatProvedTheSameCloudsImageCountForEachOther() {
        var older = share("a", "older", 1);
        var younger = share("b", "younger", 2);
        var claims = claims(older, younger);
        claims.prove(older, REAL);
        claims.prove(younger, REAL);

        assertThat(claims.conflict(younger, REAL)).contains(older);
        assertThat(claims.conflict(older, REAL)).isEmpty();
        assertThat(claims.isElsewhere(older, REAL)).isFalse();
    }

    @Test
    void anotherNamespacesStatusAloneClaimsNothing() {
        var victim = share("victims", "images", 5);
        var forged = withStatus(share("evil", "older", 1), CLOUD);
        var claims = claims(victim, forged);
        claims.prove(victim, REAL);

        assertThat(claims.conflict(victim, REAL)).isEmpty();
        assertThat(claims.others(victim, REAL)).isEmpty();
        assertThat(claims.awaited(victim, REAL)).as("it came after the start").isEmpty();
        assertThat(claims.imageOf(forged)
                        .map(image -> claims.others(forged, image))
                        .orElseThrow())
                .as("nor does it name anybody, or have them looked at")
                .isEmpty();
    }

    @Test
    void withinANamespaceAStatusCountsWhateverTheUrl() {
        var older = withStatus(share("team", "older", 1), FORGED);
        var oldest = withStatus(share("team", "oldest", 0), null);
        var younger = share("team", "younger", 2);
        var claims = claims(older, oldest, younger);
        claims.prove(younger, REAL);

        assertThat(claims.others(younger, REAL)).containsExactly(oldest, older);
        assertThat(claims.conflict(younger, REAL)).contains(oldest);
    }

    @Test
    void urlsThatAnAdministratorCallsOneCloudAreOne() {
        var older = share("a", "older", 1);
        var younger = share("b", "younger", 2);
        var claims = claims(
                new InMemoryCache<>(List.of(older, younger)),
                SameClouds.of(List.of(List.of(CLOUD + "/v3", "https://10.0.0.5:5000"))),
                clock);
        claims.prove(older, claims.at("https://10.0.0.5:5000", KEY));
        claims.prove(younger, claims.at(CLOUD, KEY));

        assertThat(claims.conflict(younger, claims.at(CLOUD, KEY))).contains(older);
        assertThat(claims.isElsewhere(younger, claims.at(CLOUD, KEY))).isFalse();
    }

    /** Its credentials are dead, or its owner is another one by now. */
    @Test
    void aClaimThatIsNotProvenAgainLapsesAndWhatItDeclaresStaysProtected() {
        var older = share("a", "older", 1);
        var younger = share("b", "younger", 2);
        var claims = claims(older, younger);
        claims.prove(older, REAL);
        clock.move(Duration.ofMinutes(59));
        claims.prove(younger, REAL);
        assertThat(claims.conflict(younger, REAL)).contains(older);
        assertThat(claims.silent(younger, REAL)).isEmpty();

        clock.move(Duration.ofMinutes(1));
        assertThat(claims.conflict(younger, REAL)).isEmpty();
        assertThat(claims.silent(younger, REAL)).containsExactly(older);
        assertThat(claims.silent(older, REAL))
                .as("it never stood before the older")
                .isEmpty();

        claims.prove(older, REAL);
        assertThat(claims.conflict(younger, REAL)).contains(older);
        assertThat(claims.silent(younger, REAL)).isEmpty();
    }

    @Test
    void aClaimIsGoodForThreeOfItsPeriodsWhereTheyAreLonger() {
        var hourly = share("a", "hourly", 1, "0s");
        var slow = share("a", "slow", 2, "50m");
        var younger = share("b", "younger", 3);
        for (var older : List.of(hourly, slow)) {
            var claims = claims(older, younger);
            claims.prove(older, REAL);
            clock.move(Duration.ofMinutes(149));
            assertThat(claims.others(younger, REAL)).containsExactly(older);
            clock.move(Duration.ofMinutes(31));
            assertThat(claims.others(younger, REAL)).isEmpty();
        }
    }

    @Test
    void whoTurnsOutNotToBeTheOwnerClaimsNothingAtOnce() {
        var older = share("a", "older", 1);
        var younger = share("b", "younger", 2);
        var claims = claims(older, younger);
        claims.prove(older, REAL);
        claims.withdraw(older);

        assertThat(claims.others(younger, REAL)).isEmpty();
        assertThat(claims.silent(younger, REAL)).isEmpty();
    }

    /** After a restart nothing is proven; what other statuses say is waited for, but not for ever. */
    @Test
    void aProcessThatHasStartedWaitsForTheFirstPassOfOthersFiveMinutesAtMost() {
        var older = withStatus(share("a", "older", 1), CLOUD);
        var younger = withStatus(share("b", "younger", 2), CLOUD);
        var claims = claims(older, younger);
        claims.start(List.of(older, younger).stream());

        assertThat(claims.awaitedRival(younger, REAL)).contains(older);
        assertThat(claims.awaitedRival(older, REAL))
                .as("the older waits for nobody")
                .isEmpty();
        assertThat(claims.awaited(older, REAL)).as("but removes nobody yet").containsExactly(younger);

        assertThat(claims.looked(older)).containsExactly(ResourceID.fromResource(younger));
        assertThat(claims.awaitedRival(younger, REAL)).isEmpty();
        assertThat(claims.awaited(younger, REAL)).isEmpty();

        clock.move(Duration.ofMinutes(5));
        assertThat(claims.awaited(older, REAL)).isEmpty();
    }

    @Test
    void aNewObjectOfTheNamespaceIsNamedUntilItWasLookedAt() {
        var old = withStatus(share("team", "old", 1), CLOUD);
        var fresh = share("team", "fresh", 2);
        var elsewhere = share("other", "fresh", 2);
        var claims = claims(old, fresh, elsewhere);

        assertThat(claims.unseen(old)).containsExactly(fresh);
        assertThat(claims.likely(old, KEY)).containsExactly(fresh);
        assertThat(claims.looked(fresh)).as("who waited is called").containsExactly(ResourceID.fromResource(old));
        assertThat(claims.looked(fresh)).isEmpty();
        claims.prove(fresh, REAL);
        assertThat(claims.unseen(old)).isEmpty();
        assertThat(claims.likely(old, KEY)).isEmpty();
        assertThat(claims.others(old, REAL)).containsExactly(fresh);
    }

    // ------------------------------------------------------------ who counts

    @Test
    void onlyLiveManagedObjectsCount() {
        var self = share("b", "self", 9);
        for (var spoil : List.<Consumer<ImageShare>>of(
                share -> share.getMetadata().setDeletionTimestamp("2026-11-21T19:00:00Z"),
                share -> share.setSpec(Namespace.with(share.getSpec(), ManagementPolicy.unmanaged)),
                share -> share.setSpec(null))) {
            var other = share("a", "other", 1);
            var claims = claims(self, other);
            claims.prove(other, REAL);
            assertThat(claims.others(self, REAL)).containsExactly(other);

            spoil.accept(other);
            assertThat(claims.others(self, REAL)).isEmpty();
            assertThat(claims.conflict(self, REAL)).isEmpty();
        }
    }

    @Test
    void whatIsGoneClaimsNothing() {
        var other = share("a", "other", 1);
        var self = share("b", "self", 2);
        var claims = claims(self, other);
        claims.prove(other, REAL);
        claims.forget(other.getMetadata().getUid());

        assertThat(claims.others(self, REAL)).isEmpty();
    }

    /** One team may write its cloud in two ways: within a namespace the URL doesn't count. */
    @Test
    void withinANamespaceAProofCountsInWhicheverCloud() {
        var other = share("a", "other", 1);
        var self = share("a", "self", 2);
        var claims = claims(self, other);
        claims.prove(other, claims.at(FORGED, KEY));
        assertThat(claims.others(self, REAL)).containsExactly(other);

        claims.withdraw(other);
        assertThat(claims.others(self, REAL)).isEmpty();
    }

    @Test
    void anObjectThatTookTheNameOfAProvenOneIsAnother() {
        var self = share("b", "self", 9);
        var proven = share("a", "other", 1);
        var successor = share("a", "other", 3);
        successor.getMetadata().setUid("another");
        var claims = claims(self, successor);
        claims.prove(proven, REAL);

        assertThat(claims.others(self, REAL)).isEmpty();
    }

    @Test
    void amongAdditivesAllWorkAndCountForEachOther() {
        var older = additive(share("a", "older", 1));
        var younger = additive(share("b", "younger", 2));
        var claims = claims(older, younger);
        claims.prove(older, REAL);
        claims.prove(younger, REAL);

        assertThat(claims.conflict(younger, REAL)).isEmpty();
        assertThat(claims.standing(younger, REAL).declaredByOthers().projects()).containsExactly(PROJECT);
        assertThat(claims.standing(younger, REAL).declaredByOthers().mayName(PROJECT))
                .isTrue();
        assertThat(claims.standing(younger, REAL).declaredByOthers().mayName("x"))
                .isFalse();
    }

    @Test
    void besideAnAuthoritativeInChargeNobodyElsesDeclarationCounts() {
        var self = share("a", "self", 1);
        var younger = additive(share("b", "younger", 2));
        var claims = claims(self, younger);
        claims.prove(younger, REAL);

        assertThat(claims.standing(self, REAL).others()).containsExactly(younger);
        assertThat(claims.standing(self, REAL).declaredByOthers().projects()).isEmpty();
        assertThat(claims.conflict(younger, REAL)).as("the older isn't proven").isEmpty();
        claims.prove(self, REAL);
        assertThat(claims.conflict(younger, REAL)).contains(self);
    }

    /** A status of self's namespace says that it is the image's, which no login has seen: to others it is nothing. */
    @Test
    void twoThatHaveNothingInCommonWithEachOtherDoNotStandInEachOthersWay() {
        var byStatus = additive(withStatus(share("b", "oldest", 0), FORGED));
        var proven = share("c", "older", 1);
        var self = additive(share("b", "self", 2));
        var claims = claims(byStatus, proven, self);
        claims.prove(proven, REAL);
        claims.prove(self, REAL);
        assertThat(claims.conflict(self, REAL)).contains(proven);

        claims.prove(byStatus, REAL);
        assertThat(claims.conflict(self, REAL))
                .as("now the oldest keeps it from working")
                .isEmpty();
    }

    @Test
    void whatASilentObjectDeclaresIsProtectedOnlyWhereItWouldHaveASay() {
        var older = share("a", "older", 1);
        var additive = additive(share("c", "additive", 3));
        var younger = share("d", "younger", 5);
        var self = additive(share("b", "self", 4));
        var claims = claims(older, additive, younger, self);
        List.of(older, additive, younger).forEach(share -> claims.prove(share, REAL));
        clock.move(Duration.ofHours(1));
        claims.prove(self, REAL);

        assertThat(claims.others(self, REAL)).isEmpty();
        assertThat(claims.silent(self, REAL)).containsExactly(older, additive);
        assertThat(claims.standing(self, REAL).declaredBySilent().projects()).containsExactly(PROJECT);
        assertThat(claims.standing(self, REAL).declaredByOthers().projects()).isEmpty();
    }

    @Test
    void whoseReferencesAreUnknownMayNameAnybody() {
        var doubtful = new Claims.OthersDeclare(Set.of(), List.of("a/other"));

        assertThat(doubtful.mayName(PROJECT)).isTrue();
        assertThat(doubtful.waiting().reason()).isEqualTo(Reason.WaitingForReference);
        assertThat(doubtful.waiting().message()).contains("a/other");
    }

    // ---------------------------------------------------------- what is known of an image

    @Test
    void theImageIsThatOfTheStatusInTheCloudInWhichThisProcessSawIt() {
        var share = share("a", "self", 1);
        var claims = claims(share);
        assertThat(claims.imageOf(share)).isEmpty();

        withStatus(share, CLOUD);
        assertThat(claims.imageOf(share)).contains(new CloudImage("", KEY));
        claims.prove(share, REAL);
        assertThat(claims.imageOf(share)).contains(REAL);
        claims.prove(share, new CloudImage(CLOUD, new ImageKey(IMAGE, "images", "RegionTwo")));
        assertThat(claims.imageOf(share)).contains(new CloudImage("", KEY));
    }

    @Test
    void anImageIsElsewhereAsLongAsAnotherNamespaceProvesIt() {
        var self = share("a", "self", 1);
        var same = share("a", "same", 2);
        var other = share("b", "other", 3);
        var claims = claims(self, same, other);
        var forged = claims.at(FORGED, KEY);
        assertThat(claims.isElsewhere(self)).as("nothing is proven").isFalse();
        claims.prove(self, REAL);
        claims.prove(same, forged);
        assertThat(claims.isElsewhere(self)).as("of one namespace").isFalse();

        claims.prove(other, forged);
        assertThat(claims.isElsewhere(self)).isTrue();
        claims.prove(other, REAL);
        assertThat(claims.isElsewhere(self)).as("it has moved").isFalse();
        claims.prove(other, forged);
        clock.move(Duration.ofMinutes(59));
        assertThat(claims.isElsewhere(self)).isTrue();
        clock.move(Duration.ofMinutes(1));
        assertThat(claims.isElsewhere(self)).isFalse();

        claims.prove(other, forged);
        claims.prove(self, REAL);
        assertThat(claims.isElsewhere(self)).isTrue();
        claims.withdraw(other);
        assertThat(claims.isElsewhere(self)).isFalse();
    }

    // --------------------------------------------------------------- who is waited for

    @Test
    void whatNamesTheImageInTheSameWordsIsLikelyToTakeItOver() {
        var self = withStatus(share("team", "self", 1), CLOUD);
        self.setSpec(Namespace.withFilter(self.getSpec(), "ubuntu", List.of()));
        var byId = share("team", "by-id", 2);
        var byFilter = share("team", "by-filter", 3);
        byFilter.setSpec(Namespace.withFilter(byFilter.getSpec(), "ubuntu", List.of()));
        var another = share("team", "another", 4);
        another.setSpec(Namespace.withFilter(another.getSpec(), "debian", List.of()));
        var disowned = share("team", "disowned", 5);
        disowned.setStatus(new ImageShareStatus(
                1L, null, null, null, null, null, null, List.of(condition("Ready", Reason.NotImageOwner))));
        var referring = share("team", "referring", 6);
        referring.setSpec(Namespace.withImageRef(referring.getSpec(), "ubuntu"));
        var nothing = share("team", "nothing", 7);
        nothing.setSpec(new ImageShareSpec(null, null, List.of(), null, null, null, null, null));
        var failed = share("team", "failed", 8);
        failed.setStatus(ready(Reason.CloudUnreachable, "Ready"));
        var claims = claims(self, byId, byFilter, another, disowned, referring, nothing, failed);

        assertThat(claims.likely(self, KEY)).containsExactlyInAnyOrder(byId, byFilter, failed);
    }

    @Test
    void whatNobodyCouldLookAtYetIsWaitedFor() {
        var self = withStatus(share("team", "self", 0), CLOUD);
        var fresh = share("team", "fresh", 1);
        var neverObserved = share("team", "never-observed", 2);
        neverObserved.setStatus(new ImageShareStatus(null, null, null, null, null, null, null, null));
        var refused = share("team", "refused", 3);
        refused.setStatus(ready(Reason.KubernetesRefused, "Ready"));
        var referring = share("team", "referring", 4);
        referring.setStatus(ready(Reason.WaitingForReference, "Reconciling"));
        var toldToAPerson = share("team", "told", 5);
        toldToAPerson.setStatus(ready(Reason.WaitingForReference, "Stalled"));
        var imageless = share("team", "imageless", 6);
        imageless.setStatus(ready(Reason.ImageNotFound, "Ready"));
        var claims = claims(self, fresh, neverObserved, refused, referring, toldToAPerson, imageless);

        assertThat(claims.unseen(self)).containsExactlyInAnyOrder(fresh, neverObserved, refused, referring);
        assertThat(claims.forget(fresh.getMetadata().getUid()))
                .as("who waited is called when it goes")
                .containsExactly(ResourceID.fromResource(self));
    }

    @Test
    void ofManyThatNobodyLookedAtTwentyAreNamed() {
        var self = withStatus(share("team", "self", 0), CLOUD);
        var all = new ArrayList<ImageShare>(List.of(self));
        IntStream.range(0, 25).forEach(i -> all.add(share("team", "fresh-" + i, 1)));

        assertThat(claims(all.toArray(ImageShare[]::new)).unseen(self)).hasSize(20);
    }

    @Test
    void afterAStartOnlyAnOlderRivalKeepsAnObjectFromWorking() {
        var older = additive(withStatus(share("a", "older", 1), CLOUD));
        var rival = withStatus(share("c", "rival", 3), CLOUD);
        var self = additive(withStatus(share("b", "self", 2), CLOUD));
        var claims = claims(older, rival, self);
        claims.start(List.of(older, rival, self).stream());

        assertThat(claims.awaited(self, REAL)).containsExactlyInAnyOrder(older, rival);
        assertThat(claims.awaitedRival(self, REAL)).isEmpty();
        assertThat(claims.awaitedRival(rival, REAL)).contains(older);
        older.setStatus(null);
        assertThat(claims.awaited(self, REAL))
                .as("its status says so no longer")
                .containsExactly(rival);
    }

    private static ImageShareStatus ready(Reason reason, String type) {
        return new ImageShareStatus(1L, null, null, null, null, null, null, List.of(condition(type, reason)));
    }

    private static Condition condition(String type, Reason reason) {
        return new Condition(type, Condition.Status.False, reason.name(), "", "2026-11-21T18:00:00Z", 1L);
    }

    private static ImageShare additive(ImageShare share) {
        share.setSpec(Namespace.with(share.getSpec(), MembershipPolicy.Additive));
        return share;
    }

    static ImageShare share(String namespace, String name, int age) {
        return share(namespace, name, age, "10m");
    }

    private static ImageShare share(String namespace, String name, int age, String period) {
        var share = new ImageShare();
        var metadata = share.getMetadata();
        metadata.setNamespace(namespace);
        metadata.setName(name);
        metadata.setUid("uid of " + namespace + "/" + name);
        metadata.setGeneration(1L);
        metadata.setCreationTimestamp("2026-11-21T18:00:0" + age + "Z");
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("clouds", "producer"),
                new ImageReference(IMAGE, null, null),
                List.of(new DeclaredMember(PROJECT)),
                null,
                MembershipPolicy.Authoritative,
                ManagementPolicy.managed,
                null,
                period));
        return share;
    }

    static ImageShare withStatus(ImageShare share, String cloud) {
        share.setStatus(new ImageShareStatus(
                1L,
                new ImageInfo(IMAGE, "ubuntu", "images", "RegionOne", cloud, "shared", "active", null),
                true,
                List.of(new ImageShareStatus.MemberInfo(PROJECT, null, true, true, null, null, null, null)),
                null,
                null,
                null,
                null));
        return share;
    }
}
