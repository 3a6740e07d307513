package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
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
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Between namespaces a claim is what this process saw, in one cloud, and not long ago. */
class ClaimsTest {

    private static final String CLOUD = "https://keystone.example.org:5000";
    private static final String FORGED = "http://203.0.113.7:5000";
    private static final String IMAGE = "1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88";
    private static final ImageKey KEY = new ImageKey(IMAGE, "images", "RegionOne");
    private static final CloudImage REAL = new CloudImage(CLOUD, KEY);

    private final MovableClock clock = new MovableClock();

    static Claims claims(InMemoryCache<ImageShare> objects, Clock clock) {
        return claims(objects, SameClouds.none(), clock);
    }

    private static Claims claims(InMemoryCache<ImageShare> objects, SameClouds sameClouds, Clock clock) {
        objects.addIndexers(Claims.indexers());
        return new Claims(objects, share -> Declaration.withoutReferences(share.getSpec()), sameClouds, clock);
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
                List.of(new DeclaredMember("8a4d0f3c2b1e4d5f9a6b7c8d9e0f1a2b")),
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
                List.of(new ImageShareStatus.MemberInfo(
                        "8a4d0f3c2b1e4d5f9a6b7c8d9e0f1a2b", null, true, true, null, null, null, null)),
                null,
                null,
                null,
                null));
        return share;
    }
}
