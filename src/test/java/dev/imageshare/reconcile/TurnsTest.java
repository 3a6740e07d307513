package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.imageshare.reconcile.Turns.NotYetException;
import dev.imageshare.reconcile.Turns.Turn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * Three at once for a namespace, three for a cloud, four for a Keystone; two for a namespace at either. An object's name begins
 * with its namespace, and a cloud's with its Keystone, unless it is its only one.
 */
class TurnsTest {

    private final Turns turns = new Turns(3, 4, 3);
    private final List<String> called = new ArrayList<>();

    private Turn begin(String uid) {
        return turns.begin(uid, uid.substring(0, 1), () -> called.add(uid));
    }

    private static String keystone(String cloud) {
        return cloud.split("/", 2)[0];
    }

    private Turn use(String uid, String cloud) {
        var turn = begin(uid);
        turn.use(keystone(cloud), cloud);
        return turn;
    }

    private void mustWait(String uid) {
        assertThatThrownBy(() -> begin(uid)).isInstanceOf(NotYetException.class);
        assertThat(turns.isWaiting(uid)).isTrue();
    }

    private void mustWaitFor(String uid, String cloud) {
        try (var turn = begin(uid)) {
            assertThatThrownBy(() -> turn.use(keystone(cloud), cloud)).isInstanceOf(NotYetException.class);
        }
        assertThat(turns.isWaiting(uid)).isTrue();
    }

    @Test
    void aNamespaceHasThreeTurnsAndItsObjectsGoInTheirOrder() {
        begin("a1");
        var first = begin("a2");
        var second = begin("a3");
        mustWait("a4");
        mustWait("a5");
        mustWait("a6");
        begin("b1").close();
        assertThat(turns.waiting()).isEqualTo(3);

        second.close();
        assertThat(called).containsExactly("a4");
        var third = begin("a4");
        first.close();
        third.close();
        assertThat(called).containsExactly("a4", "a5", "a6");
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void aCloudHasThreeAndWhoWaitsForItKeepsNothingFromOthers() {
        use("a1", "hangs");
        use("b1", "hangs");
        var third = use("c1", "hangs");
        mustWaitFor("a2", "hangs");
        mustWaitFor("a3", "hangs");
        use("a4", "well").close();
        use("d1", "well").close();
        begin("a5").close();
        assertThat(called).isEmpty();

        third.close();
        assertThat(called).containsExactly("a2");
        mustWaitFor("d2", "hangs");
        use("a2", "hangs").close();
        assertThat(called).containsExactly("a2", "a3");
    }

    @Test
    void oneNamespaceLeavesACloudToOthersAndItselfToItsOtherClouds() {
        use("a1", "slow");
        use("a2", "slow");
        mustWaitFor("a3", "slow");
        use("a4", "well").close();
        use("b1", "slow");
    }

    @Test
    void namespacesTakeTurnsAtACloudHoweverManyObjectsOneHas() {
        use("x1", "one");
        use("y1", "one");
        var last = use("z1", "one");
        for (var i = 1; i <= 9; i++) {
            mustWaitFor("a" + i, "one");
        }
        mustWaitFor("b1", "one");
        mustWaitFor("b2", "one");

        for (var i = 0; i < 4; i++) {
            last.close();
            var uid = called.get(called.size() - 1);
            last = use(uid, "one");
        }
        assertThat(called).containsExactly("a1", "b1", "a2", "b2");
    }

    @Test
    void manyRegionsOfOneKeystoneThatHangsHaveFourTogether() {
        use("a1", "hangs/one");
        use("b1", "hangs/two");
        use("c1", "hangs/three");
        var fourth = use("d1", "hangs/four");
        mustWaitFor("e1", "hangs/five");
        mustWaitFor("f1", "hangs/one");
        use("e2", "well/one").close();
        assertThat(called).isEmpty();

        fourth.close();
        assertThat(called).containsExactly("e1");
        mustWaitFor("g1", "hangs/six");
        use("e1", "hangs/five").close();
        assertThat(called).containsExactly("e1", "f1");
    }

    @Test
    void oneNamespaceLeavesAKeystoneToOthersWhateverRegionsItNames() {
        use("a1", "hangs/one");
        use("a2", "hangs/two");
        mustWaitFor("a3", "hangs/three");
        use("b1", "hangs/three");
        use("a4", "well/one").close();
    }

    @Test
    void whatMovesToAnotherRegionOfItsKeystoneTakesTheOldTurnWithIt() {
        use("a1", "one/north");
        var moving = use("a2", "one/north");
        moving.use("one", "one/south");
        moving.use("one", "one/south");
        mustWaitFor("a3", "one/south");
        moving.close();
        assertThat(called).containsExactly("a3");
    }

    @Test
    void manyInventedCloudsHelpANamespaceNothing() {
        use("a1", "invented-1");
        use("a2", "invented-2");
        var third = use("a3", "invented-3");
        mustWait("a4");
        third.close();
        use("a4", "invented-4");
        mustWait("a5");
        use("b1", "real");
    }

    @Test
    void whoIsLookedAtInBetweenKeepsItsPlace() {
        use("a1", "one");
        use("b1", "one");
        var last = use("c1", "one");
        mustWaitFor("d1", "one");
        mustWaitFor("d2", "one");
        mustWaitFor("d1", "one"); // it was edited, for example

        last.close();
        assertThat(called).containsExactly("d1");
    }

    @Test
    void whatNowNamesAnotherCloudDoesNotWaitForTheOld() {
        use("a1", "one");
        use("b1", "one");
        var last = use("c1", "one");
        mustWaitFor("d1", "one");
        use("d1", "other").close();

        mustWaitFor("d1", "one");
        last.close();
        use("d1", "other").close(); // called for the one, and asks for the other
        assertThat(called).containsExactly("d1");
        use("e1", "one");
    }

    @Test
    void whatIsGoneNeitherWaitsNorHasATurn() {
        begin("a1");
        begin("a2");
        var third = begin("a3");
        mustWait("a4");
        mustWait("a5");
        turns.forget("a4");
        third.close();
        assertThat(called).containsExactly("a5");
        mustWait("a6");
        turns.forget("a5"); // was called, and never came
        assertThat(called).containsExactly("a5", "a6");
    }

    @Test
    void oneAtOnceIsTheLeastThatMakesSense() {
        var narrow = new Turns(1, 1, 1);
        var first = narrow.begin("a1", "a", () -> {});
        assertThat(narrow.isWaiting("a1")).isFalse();
        assertThatThrownBy(() -> narrow.begin("a2", "a", () -> {})).isInstanceOf(NotYetException.class);
        assertThat(narrow.isWaiting("a2")).isTrue();
        first.close();
        assertThat(narrow.isWaiting("a2")).as("it was called").isFalse();

        assertThatThrownBy(() -> new Turns(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Turns(1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Turns(1, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Nobody waits for what is free, no limit is passed, and everybody has a turn in the end. */
    @Property(tries = 200)
    void nobodyIsForgotten(@ForAll long seed) {
        var random = new Random(seed);
        var many = new Turns(3, 4, 3);
        var pending = new ArrayList<String>();
        Map<String, String> cloudOf = new HashMap<>();
        for (var i = 0; i < 60; i++) {
            var uid = "abcde".charAt(random.nextInt(5)) + "-" + i;
            pending.add(uid);
            cloudOf.put(uid, random.nextInt(4) == 0 ? "" : "cloud-" + random.nextInt(2) + "/" + random.nextInt(3));
        }
        var all = new TreeSet<>(pending);
        var done = new TreeSet<String>();
        Map<String, Turn> running = new HashMap<>();
        while (!pending.isEmpty() || !running.isEmpty()) {
            if (!pending.isEmpty() && (running.isEmpty() || random.nextBoolean())) {
                var uid = pending.remove(random.nextInt(pending.size()));
                try {
                    var turn = many.begin(uid, uid.substring(0, 1), () -> pending.add(uid));
                    if (!cloudOf.get(uid).isEmpty()) {
                        turn.use(keystone(cloudOf.get(uid)), cloudOf.get(uid));
                    }
                    running.put(uid, turn);
                } catch (NotYetException e) {
                    assertThat(many.isWaiting(uid)).isTrue();
                }
            } else {
                var uid = new ArrayList<>(running.keySet()).get(random.nextInt(running.size()));
                running.remove(uid).close();
                done.add(uid);
            }
            assertThat(count(running, uid -> uid.substring(0, 1)))
                    .allSatisfy((n, used) -> assertThat(used).isLessThanOrEqualTo(3));
            assertThat(count(running, uid -> keystone(cloudOf.get(uid))))
                    .allSatisfy((keystone, used) ->
                            assertThat(used).isLessThanOrEqualTo(keystone.isEmpty() ? Integer.MAX_VALUE : 4));
            assertThat(count(running, uid -> uid.charAt(0) + " " + keystone(cloudOf.get(uid))))
                    .allSatisfy((both, used) -> assertThat(used).isLessThanOrEqualTo(both.endsWith(" ") ? 3 : 2));
            assertThat(count(running, cloudOf::get))
                    .allSatisfy((cloud, used) ->
                            assertThat(used).isLessThanOrEqualTo(cloud.isEmpty() ? Integer.MAX_VALUE : 3));
        }
        assertThat(done).isEqualTo(all);
        assertThat(many.waiting()).isZero();
    }

    private static Map<String, Integer> count(
            Map<String, Turn> running, java.util.function.UnaryOperator<String> group) {
        Map<String, Integer> counts = new HashMap<>();
        running.keySet().forEach(uid -> counts.merge(group.apply(uid), 1, Integer::sum));
        return counts;
    }
}
