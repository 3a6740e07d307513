package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.reconcile.InMemoryCache;
import dev.imageshare.reconcile.MovableClock;
import dev.imageshare.scenarios.Namespace;
import dev.imageshare.share.MassDeletion.DeletionVerdict;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Many deletions at once wait for a person: in one namespace, or in all of them; and nobody has another's held. */
class MassDeletionTest {

    private static final Duration SETTLE = Duration.ofSeconds(5);

    private final MovableClock clock = new MovableClock();
    private final List<ImageShare> all = new ArrayList<>();
    private final AtomicInteger seen = new AtomicInteger();
    private MassDeletion deletions = start();

    /** A new process. */
    private MassDeletion start() {
        return start(new ShareSettings(8, 10, 50, SETTLE, Duration.ZERO));
    }

    private MassDeletion start(ShareSettings settings) {
        var objects = indexed();
        return new MassDeletion(
                new CountingCache(() -> objects, seen),
                settings,
                clock,
                share -> !share.getMetadata().getName().startsWith("renamed"),
                share -> share.getMetadata().getName().startsWith("released"));
    }

    @Test
    void upToTheLimitOfANamespaceDeletionsGoOn() {
        var team = deleted("team", 10);

        assertThat(judge(team)).allMatch(DeletionVerdict.Go.class::isInstance);
    }

    @Test
    void beyondItAllOfThemAreHeldUnderOneHash() {
        var team = deleted("team", 11);

        assertThat(judge(team)).allMatch(DeletionVerdict.Held.class::isInstance).containsOnly(judge(team.get(0)));
    }

    @Test
    void anotherNamespacesHeldDeletionsHoldNobody() {
        var many = deleted("many", 12);
        hold(many);
        var one = deleted("one", 1);
        deletions = start();

        assertThat(judge(one)).containsExactly(new DeletionVerdict.Go());
        assertThat(judge(many)).allMatch(DeletionVerdict.Held.class::isInstance);
    }

    @Test
    void whatWasHeldBeforeIsAnotherOccasion() {
        hold(deleted("team", 12));
        clock.move(Duration.ofMinutes(3));
        var later = deleted("team", 10);
        deletions = start();

        assertThat(judge(later)).allMatch(DeletionVerdict.Go.class::isInstance);
    }

    /** A restart in the middle must not let the rest go. */
    @Test
    void whatWasHeldAtNearlyTheSameTimeCountsAlsoAfterARestart() {
        var team = deleted("team", 12);
        deletions = start();
        var hash = ((DeletionVerdict.Held) judge(team.get(0))).hash();
        hold(team.subList(0, 8), hash);
        deletions = start();

        assertThat(judge(team.subList(8, 12))).containsOnly(new DeletionVerdict.Held(hash, false));
    }

    @Test
    void whatWasCarriedOutWithinAMinuteCounts() {
        var team = deleted("team", 10);
        assertThat(judge(team)).allMatch(DeletionVerdict.Go.class::isInstance);
        team.forEach(deletions::done);
        // A cache may show them for a while: they are not counted twice.
        assertThat(judge(team.get(0))).isEqualTo(new DeletionVerdict.Go());

        all.clear();
        var more = deleted("team", 1);
        var later = sameProcess(10);
        assertThat(later.judge(more.get(0), clock.instant().minus(SETTLE))).isInstanceOf(DeletionVerdict.Held.class);
    }

    @Test
    void aRemovedCrdIsHeldInAllNamespacesTogether() {
        var six = new ArrayList<ImageShare>();
        for (var i = 0; i < 6; i++) {
            six.addAll(deleted("team-" + i, 9));
        }

        assertThat(judge(six)).allMatch(v -> v instanceof DeletionVerdict.Held held && held.ofAll());
    }

    @Test
    void fourNamespacesAreJudgedByTheirOwnLimitsAlone() {
        var few = new ArrayList<ImageShare>();
        for (var i = 0; i < 4; i++) {
            few.addAll(deleted("team-" + i, 10));
        }
        deletions = start(new ShareSettings(8, 10, 30, SETTLE, Duration.ZERO));
        assertThat(judge(few)).allMatch(DeletionVerdict.Go.class::isInstance);

        few.addAll(deleted("fifth", 1));
        deletions = start(new ShareSettings(8, 10, 30, SETTLE, Duration.ZERO));
        assertThat(judge(few)).allMatch(DeletionVerdict.Held.class::isInstance);
    }

    /** One namespace adds no more than its own limit to what holds all. */
    @Test
    void oneNamespaceAloneHoldsNobodyElse() {
        deleted("evil", 500);
        var others = new ArrayList<ImageShare>();
        for (var i = 0; i < 8; i++) {
            others.addAll(deleted("team-" + i, 5));
        }
        deletions = start();

        assertThat(judge(others)).allMatch(DeletionVerdict.Go.class::isInstance);
    }

    @Test
    void deletionsThatTakeNobodysAccessAreNeitherHeldNorCounted() {
        for (var i = 0; i < 12; i++) {
            all.add(deletedNow(share("team", "renamed-" + i)));
            all.add(deletedNow(withReady(share("team", "imageless-" + i), "ImageNotFound")));
        }
        var team = deleted("team", 10);

        assertThat(judge(team)).allMatch(DeletionVerdict.Go.class::isInstance);
        assertThat(judge(all.get(0))).isEqualTo(new DeletionVerdict.Go());
    }

    /** A Glance that answered 404 for a while must not let a mass deletion pass. */
    @Test
    void whatIsOnlySaidToHaveLostItsImageIsCountedWithTheOthersOfWhichTheSameIsSaid() {
        var team = new ArrayList<ImageShare>();
        for (var i = 0; i < 12; i++) {
            team.add(deletedNow(withReady(share("team", "imageless-" + i), "ImageNotFound")));
        }
        all.addAll(team);
        deletions = start();

        assertThat(judge(team)).allMatch(DeletionVerdict.Held.class::isInstance);
    }

    @Test
    void whereThereAreEnoughObjectsEachWaitsForTheOthers() {
        for (var i = 0; i < 11; i++) {
            all.add(share("team", "live-" + i));
        }
        var one = deleted("team", 1).get(0);
        deletions = start();

        assertThat(deletions.judge(one, clock.instant())).isEqualTo(new DeletionVerdict.Wait(SETTLE));
        clock.move(SETTLE);
        assertThat(deletions.judge(one, clock.instant().minus(SETTLE))).isEqualTo(new DeletionVerdict.Go());
    }

    @Test
    void theHashThatIsAnnotatedReleasesAHeldOne() {
        var team = deleted("team", 11);
        hold(team);
        team.get(3).getMetadata().setAnnotations(Map.of(ImageShare.APPROVE_REMOVALS, "delete-0123456789abcdef"));
        deletions = start();

        assertThat(judge(team.get(3))).isEqualTo(new DeletionVerdict.Go());
        assertThat(judge(team.get(4))).isInstanceOf(DeletionVerdict.Held.class);
    }

    /** Another namespace's status could have a hash that somebody approved long ago. */
    @Test
    void noNamespaceGivesAnotherItsHash() {
        var six = new ArrayList<ImageShare>();
        for (var i = 0; i < 6; i++) {
            six.addAll(deleted("team-" + i, 9));
        }
        hold(deleted("evil", 9), "delete-all-0000000000000000");
        deletions = start();

        assertThat(judge(six)).noneMatch(v -> ((DeletionVerdict.Held) v).hash().equals("delete-all-0000000000000000"));
    }

    // ------------------------------------------------------------- what counts

    @Test
    void whatTakesNobodysAccessDoesNotCount() {
        for (var harmless : List.<UnaryOperator<ImageShare>>of(
                share -> with(share, Namespace.suspended(share.getSpec(), true)),
                share -> with(share, Namespace.with(share.getSpec(), ManagementPolicy.unmanaged)),
                share -> with(share, Namespace.with(share.getSpec(), OnDelete.detach)),
                share -> {
                    share.setStatus(null);
                    return share;
                },
                share -> {
                    var image = share.getStatus().image();
                    share.setStatus(new ImageShareStatus(1L, null, true, null, null, null, null, null));
                    assertThat(MassDeletion.revokes(share)).isFalse();
                    share.setStatus(new ImageShareStatus(1L, image, false, List.of(), null, null, null, null));
                    assertThat(MassDeletion.revokes(share)).isFalse();
                    return share;
                })) {
            all.clear();
            var team = deleted("team", 10);
            for (var i = 0; i < 5; i++) {
                all.add(harmless.apply(deletedNow(share("team", "harmless-" + i))));
            }
            deletions = start();

            assertThat(judge(team)).allMatch(DeletionVerdict.Go.class::isInstance);
        }
    }

    @Test
    void whatWasOnceInOrderOrAddedOneTakesAccess() {
        var share = share("team", "one");
        var image = share.getStatus().image();
        assertThat(MassDeletion.revokes(share)).isTrue();
        share.setStatus(new ImageShareStatus(1L, image, true, List.of(), null, null, null, null));
        assertThat(MassDeletion.revokes(share)).isTrue();
        share.setStatus(new ImageShareStatus(
                1L,
                image,
                null,
                List.of(new ImageShareStatus.MemberInfo("a", null, false, true, null, null, null, null)),
                null,
                null,
                null,
                null));
        assertThat(MassDeletion.revokes(share)).isTrue();
    }

    @Test
    void whatWasCarriedOutCountsForAMinute() {
        var one = deletedNow(share("team", "one"));
        all.add(one);
        var process = sameProcess(10);
        clock.move(Duration.ofMinutes(1).plusMillis(1));
        assertThat(process.judge(one, clock.instant().minus(SETTLE))).isEqualTo(new DeletionVerdict.Go());

        process = sameProcess(10);
        clock.move(Duration.ofMinutes(1));
        assertThat(process.judge(one, clock.instant().minus(SETTLE))).isInstanceOf(DeletionVerdict.Held.class);
    }

    @Test
    void whatAPersonApprovedCountsNoMore() {
        var again = sameProcess(0);
        for (var i = 0; i < 10; i++) {
            var approved = share("team", "gone-" + i);
            hold(List.of(approved));
            again.done(approved);
        }
        var one = deletedNow(share("team", "one"));
        all.add(one);

        assertThat(again.judge(one, clock.instant().minus(SETTLE))).isEqualTo(new DeletionVerdict.Go());
    }

    @Test
    void overAllNamespacesMoreThanTheTotalAreHeldAndNotJustSoMany() {
        var some = new ArrayList<ImageShare>();
        for (var i = 0; i < 5; i++) {
            some.addAll(deleted("team-" + i, 6));
        }
        deletions = start(new ShareSettings(8, 10, 30, SETTLE, Duration.ZERO));
        assertThat(judge(some)).allMatch(DeletionVerdict.Go.class::isInstance);

        var one = deleted("team-0", 1);
        deletions = start(new ShareSettings(8, 10, 30, SETTLE, Duration.ZERO));
        assertThat(judge(one)).allMatch(v -> v instanceof DeletionVerdict.Held held && held.ofAll());
    }

    @Test
    void whereThereAreEnoughObjectsInAllNamespacesEachWaitsForTheOthersToo() {
        for (var i = 0; i < 50; i++) {
            all.add(share("team-" + i, "live"));
        }
        deletions = start();
        var one = deleted("team", 1).get(0);
        assertThat(deletions.judge(one, clock.instant().minusSeconds(2)))
                .isEqualTo(new DeletionVerdict.Wait(Duration.ofSeconds(3)));

        all.remove(0);
        deletions = start();
        assertThat(deletions.judge(one, clock.instant())).isEqualTo(new DeletionVerdict.Go());
    }

    /** Counting takes time where there are thousands; a count of few is good for a second. */
    @Test
    void aCountOfFewIsGoodForASecond() {
        var team = deleted("team", 10);
        assertThat(judge(team.get(0))).isEqualTo(new DeletionVerdict.Go());
        seen.set(0);
        assertThat(judge(team.get(1))).isEqualTo(new DeletionVerdict.Go());
        assertThat(seen).hasValue(0);

        clock.move(Duration.ofMillis(999));
        judge(team.get(2));
        assertThat(seen).hasValue(0);
        clock.move(Duration.ofMillis(1));
        judge(team.get(3));
        assertThat(seen).hasPositiveValue();
    }

    @Test
    void eachOccasionHasItsHashAndANamespacesIsNotThatOfAll() {
        var first = (DeletionVerdict.Held) judge(deleted("first", 11)).get(0);
        all.clear();
        var second = (DeletionVerdict.Held) judge(deleted("second", 11)).get(0);
        assertThat(first.hash()).startsWith("delete-").hasSize(23).isNotEqualTo(second.hash());
        assertThat(first.ofAll()).isFalse();

        all.clear();
        var six = new ArrayList<ImageShare>();
        for (var i = 0; i < 6; i++) {
            six.addAll(deleted("team-" + i, 9));
        }
        var ofAll = (DeletionVerdict.Held) judge(six).get(0);
        assertThat(ofAll.hash()).startsWith("delete-all-").hasSize(27);
    }

    @Test
    void whatWasHeldWithinAMinuteIsTheSameOccasionAfterARestart() {
        var team = deleted("team", 8);
        hold(team, "delete-0123456789abcdef");
        clock.move(Duration.ofSeconds(45));
        var later = deleted("team", 4);
        deletions = start();

        assertThat(judge(later)).containsOnly(new DeletionVerdict.Held("delete-0123456789abcdef", false));
    }

    @Test
    void aHashOfAllNamespacesIsNoneOfOneNamespacesOccasion() {
        var team = deleted("team", 12);
        hold(team.subList(0, 8), "delete-all-0123456789abcdef");
        deletions = start();

        assertThat(judge(team.subList(8, 12)))
                .allMatch(v -> v instanceof DeletionVerdict.Held held
                        && !held.ofAll()
                        && !held.hash().equals("delete-all-0123456789abcdef"));
    }

    @Test
    void whatComesAMinuteAfterTheLastIsAnotherOccasion() {
        // One process, whose cache shows what there is now.
        var process = new MassDeletion(
                new CountingCache(this::indexed, seen),
                new ShareSettings(8, 10, 50, SETTLE, Duration.ZERO),
                clock,
                share -> true,
                share -> false);
        var first = (DeletionVerdict.Held) process.judge(deleted("team", 11).get(0), clock.instant());
        all.clear();
        clock.move(Duration.ofSeconds(59));
        assertThat(process.judge(deleted("team", 11).get(0), clock.instant())).isEqualTo(first);

        all.clear();
        clock.move(Duration.ofMinutes(1));
        var later = (DeletionVerdict.Held) process.judge(deleted("team", 11).get(5), clock.instant());
        assertThat(later.hash()).isNotEqualTo(first.hash());
    }

    private InMemoryCache<ImageShare> indexed() {
        var objects = new InMemoryCache<>(all);
        objects.addIndexers(MassDeletion.indexers());
        return objects;
    }

    /** A guard's hash holds members of a live object; its deletion is judged as any other's. */
    @Test
    void aHashOfHeldRemovalsIsNoHeldDeletion() {
        var team = deleted("team", 11);
        hold(team, "0123456789abcdef");
        deletions = start();

        assertThat(judge(team))
                .allMatch(v ->
                        v instanceof DeletionVerdict.Held held && held.hash().startsWith("delete-"));
        all.subList(0, 1).clear();
        deletions = start();
        assertThat(judge(all.get(0))).isEqualTo(new DeletionVerdict.Go());
    }

    @Test
    void whatWasCarriedOutIsCountedAmongThoseThatMayFollow() {
        var one = deletedNow(share("team", "one"));
        all.add(one);

        assertThat(sameProcess(9).judge(one, clock.instant())).isEqualTo(new DeletionVerdict.Go());
        all.add(share("team", "live"));
        assertThat(sameProcess(9).judge(one, clock.instant())).isEqualTo(new DeletionVerdict.Wait(SETTLE));
    }

    /** The deletions of a process that carried out so many of the team's just now. */
    private MassDeletion sameProcess(int carriedOut) {
        var process = new MassDeletion(
                indexed(), new ShareSettings(8, 10, 50, SETTLE, Duration.ZERO), clock, share -> true, share -> false);
        for (var i = 0; i < carriedOut; i++) {
            process.done(share("team", "gone-" + i));
        }
        return process;
    }

    private static ImageShare with(ImageShare share, ImageShareSpec spec) {
        share.setSpec(spec);
        return share;
    }

    /** One judgement looks at no more objects the more there are. */
    @Test
    void aMassDeletionOfManyIsJudgedInLinearTime() {
        for (var count : List.of(1_000, 4_000)) {
            all.clear();
            var team = deleted("team", count);
            seen.set(0);
            assertThat(judge(team)).allMatch(DeletionVerdict.Held.class::isInstance);
            assertThat(seen).as("objects looked at").hasValueLessThan(20 * count);

            all.clear();
            var renamed = new ArrayList<ImageShare>();
            for (var i = 0; i < count; i++) {
                renamed.add(deletedNow(share("team", "renamed-" + i)));
            }
            all.addAll(renamed);
            deletions = start();
            seen.set(0);
            assertThat(judge(renamed)).allMatch(DeletionVerdict.Go.class::isInstance);
            assertThat(seen).as("renamed objects looked at").hasValueLessThan(20 * count);
        }
    }

    /** Counts the objects that it gives. */
    private record CountingCache(Supplier<InMemoryCache<ImageShare>> objects, AtomicInteger seen)
            implements IndexedResourceCache<ImageShare> {
        @Override
        public List<ImageShare> byIndex(String index, String key) {
            var found = objects.get().byIndex(index, key);
            seen.addAndGet(found.size());
            return found;
        }

        @Override
        public Optional<ImageShare> get(ResourceID id) {
            return objects.get().get(id);
        }

        @Override
        public Stream<ResourceID> keys() {
            return objects.get().keys();
        }

        @Override
        public Stream<ImageShare> list(Predicate<ImageShare> predicate) {
            return objects.get().list(predicate).peek(share -> seen.incrementAndGet());
        }

        @Override
        public Stream<ImageShare> list(String namespace, Predicate<ImageShare> predicate) {
            return objects.get().list(namespace, predicate).peek(share -> seen.incrementAndGet());
        }
    }

    private List<ImageShare> deleted(String namespace, int count) {
        var some = new ArrayList<ImageShare>();
        var from = all.size();
        for (var i = 0; i < count; i++) {
            some.add(deletedNow(share(namespace, "share-" + (from + i))));
        }
        all.addAll(some);
        deletions = start();
        return some;
    }

    private List<DeletionVerdict> judge(List<ImageShare> shares) {
        return shares.stream().map(this::judge).toList();
    }

    private DeletionVerdict judge(ImageShare share) {
        return deletions.judge(share, clock.instant().minus(SETTLE));
    }

    private static void hold(List<ImageShare> shares) {
        hold(shares, "delete-0123456789abcdef");
    }

    private static void hold(List<ImageShare> shares, String hash) {
        shares.forEach(share -> share.setStatus(ShareStatus.held(share.getStatus(), hash)));
    }

    private static ImageShare share(String namespace, String name) {
        return ClaimsTest.withStatus(ClaimsTest.share(namespace, name, 1), "https://keystone.example.org:5000");
    }

    private ImageShare deletedNow(ImageShare share) {
        share.getMetadata()
                .setDeletionTimestamp(
                        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        return share;
    }

    private static ImageShare withReady(ImageShare share, String reason) {
        var status = share.getStatus();
        share.setStatus(new ImageShareStatus(
                status.observedGeneration(),
                status.image(),
                status.adopted(),
                status.members(),
                null,
                null,
                null,
                List.of(new Condition("Ready", Condition.Status.False, reason, "", Instant.EPOCH.toString(), 1L))));
        return share;
    }
}
