package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.reconcile.CreationOrder;
import dev.imageshare.reconcile.InMemoryCache;
import dev.imageshare.reconcile.MovableClock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Two objects for one image: with an Authoritative in a pair, the older works and the younger doesn't. */
class ClaimsProperties {

    private static final String IMAGE = "1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88";
    private static final String ORIGIN = "https://keystone.example.org:5000";
    private static final CloudImage KEY = new CloudImage(ORIGIN, new ImageKey(IMAGE, "images", "RegionOne"));

    private record Model(int age, String namespace, boolean authoritative, boolean managed, boolean deleted, int key) {
        ImageShare at(int index) {
            var share = new ImageShare();
            var metadata = share.getMetadata();
            metadata.setNamespace(namespace);
            metadata.setName("share-" + index);
            metadata.setUid("uid-" + index);
            metadata.setCreationTimestamp("2026-11-21T18:00:0" + age + "Z");
            if (deleted) {
                metadata.setDeletionTimestamp("2026-11-21T19:00:00Z");
            }
            share.setSpec(new ImageShareSpec(
                    null,
                    null,
                    List.of(),
                    null,
                    authoritative ? MembershipPolicy.Authoritative : MembershipPolicy.Additive,
                    managed ? ManagementPolicy.managed : ManagementPolicy.unmanaged,
                    null,
                    null));
            // 0: this image. 1: the same ID of another cloud's project. 2: not proven to be owned.
            share.setStatus(
                    key == 2
                            ? null
                            : new ImageShareStatus(
                                    1L,
                                    new ImageInfo(
                                            IMAGE,
                                            null,
                                            key == 0 ? "images" : "elsewhere",
                                            "RegionOne",
                                            ORIGIN,
                                            null,
                                            null,
                                            null),
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    null));
            return share;
        }
    }

    @Property
    void neverDoTwoWorkOfWhichOneIsAuthoritative(@ForAll("shares") List<ImageShare> shares) {
        var working = working(shares);

        for (var a : working) {
            for (var b : working) {
                assertThat(a != b && (isAuthoritative(a) || isAuthoritative(b))).isFalse();
            }
        }
    }

    @Property
    void theOldestAlwaysWorks(@ForAll("shares") List<ImageShare> shares) {
        var claiming = claiming(shares);

        claiming.stream()
                .min(byAge())
                .ifPresent(oldest ->
                        assertThat(claims(shares).conflict(oldest, KEY)).isEmpty());
    }

    /** Who doesn't work is told who keeps it from working: an older one that does work. */
    @Property
    void whoDoesNotWorkHasAnOlderRivalThatDoes(@ForAll("shares") List<ImageShare> shares) {
        var working = working(shares);

        for (var share : claiming(shares)) {
            claims(shares).conflict(share, KEY).ifPresent(rival -> {
                assertThat(working).contains(rival);
                assertThat(byAge().compare(rival, share)).isNegative();
                assertThat(isAuthoritative(rival) || isAuthoritative(share)).isTrue();
            });
        }
    }

    @Property
    void additivesAloneAllWork(@ForAll("shares") List<ImageShare> shares) {
        var additives = shares.stream().filter(s -> !isAuthoritative(s)).toList();

        assertThat(working(additives)).containsExactlyInAnyOrderElementsOf(claiming(additives));
    }

    /** Caches list in any order, and two processes must come to one mind. */
    @Property
    void theOrderInWhichTheyAreListedDoesNotCount(@ForAll("shares") List<ImageShare> shares, @ForAll long seed) {
        var shuffled = new ArrayList<>(shares);
        Collections.shuffle(shuffled, new Random(seed));

        assertThat(working(shuffled)).containsExactlyInAnyOrderElementsOf(working(shares));
    }

    private static List<ImageShare> working(List<ImageShare> shares) {
        var claims = claims(shares);
        return claiming(shares).stream()
                .filter(s -> claims.conflict(s, KEY).isEmpty())
                .toList();
    }

    private static List<ImageShare> claiming(List<ImageShare> shares) {
        return shares.stream()
                .filter(s -> !s.isMarkedForDeletion())
                .filter(s -> s.getSpec().managementPolicy() == ManagementPolicy.managed)
                .filter(s ->
                        s.getStatus() != null && s.getStatus().image().owner().equals("images"))
                .toList();
    }

    private static boolean isAuthoritative(ImageShare share) {
        return share.getSpec().membershipPolicy() == MembershipPolicy.Authoritative;
    }

    private static Comparator<ImageShare> byAge() {
        return Comparator.comparing((ImageShare s) -> s.getMetadata().getCreationTimestamp())
                .thenComparing(CreationOrder::name);
    }

    private static Claims claims(List<ImageShare> shares) {
        var claims = ClaimsTest.claims(new InMemoryCache<>(shares), new MovableClock());
        // What a status says counts within its namespace only; between namespaces a pass must have seen it.
        shares.stream()
                .filter(share -> share.getStatus() != null)
                .forEach(share -> claims.prove(
                        share,
                        new CloudImage(ORIGIN, ImageKey.of(share.getStatus().image()))));
        return claims;
    }

    @Provide
    Arbitrary<List<ImageShare>> shares() {
        var yes = Arbitraries.frequency(net.jqwik.api.Tuple.of(5, true), net.jqwik.api.Tuple.of(1, false));
        return Combinators.combine(
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.of("team-a", "team-b"),
                        Arbitraries.of(true, false),
                        yes,
                        yes.map(b -> !b),
                        Arbitraries.frequency(
                                net.jqwik.api.Tuple.of(6, 0),
                                net.jqwik.api.Tuple.of(1, 1),
                                net.jqwik.api.Tuple.of(1, 2)))
                .as(Model::new)
                .list()
                .ofMaxSize(7)
                .map(models -> {
                    var shares = new ArrayList<ImageShare>();
                    models.forEach(m -> shares.add(m.at(shares.size())));
                    return shares;
                });
    }
}
