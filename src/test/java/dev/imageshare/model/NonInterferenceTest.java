package dev.imageshare.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Nothing that the people of one namespace do, with a cloud of their own, changes what another namespace sees of the
 * operator. Each sequence of {@link ModelTest} is played twice, without hostile namespaces and beside them.
 *
 * <p>{@code -Dinterference.sequences=20000} runs as many; {@code -Dinterference.seed=…} begins with that seed, and each
 * sequence prints its own when it fails.
 */
@Execution(ExecutionMode.CONCURRENT)
class NonInterferenceTest {

    private static final int SEQUENCES = Integer.getInteger("interference.sequences", 15);
    private static final int LATE_SEQUENCES = Integer.getInteger("interference.sequences", 5);

    /** Of a sequence's steps: short sequences find as much in less time. */
    private static final int STEPS = Integer.getInteger("interference.steps", 5);

    /** Names all sequences that fail instead of stopping at the first. */
    private static final boolean GO_ON = Boolean.getBoolean("interference.goOn");

    private record Played(List<String> violations, List<String> account, List<String> trace, int passes, int hostile) {}

    /** What is wrong with it, if anything is. */
    private record Result(List<String> violations, List<String> trace, int passes, int hostile) {}

    /**
     * The operator makes the same requests for everybody else, each in the same pass and at the same time to the
     * millisecond, whoever else there is, and all is the same at the end.
     */
    @Test
    void everybodyElseSeesTheSame() {
        run("interference", SEQUENCES, (world, sequence) -> compared(world, sequence));
    }

    /**
     * After a start nothing is proven, so an object whose status claims an image can hold others back until its first pass
     * has ended. Here these passes come late or hang. What must hold for everybody else holds all the same, and all is as
     * they wish six minutes of the operator's clock after the last start and the last fault, when each object has been
     * looked at twice: of these six the wait may take five.
     */
    @Test
    void othersNeedNotWaitLongAfterAStart() {
        run("interference after starts", LATE_SEQUENCES, (world, sequence) -> {
            var beside = play(world, sequence, sequence.hostile, true);
            return new Result(beside.violations, beside.trace, beside.passes, beside.hostile);
        });
    }

    private record Sequence(long seed, List<Step> steps, List<HostileStep> hostile) {}

    private static void run(String what, int sequences, BiFunction<ModelWorld, Sequence, Result> judged) {
        var first = Long.getLong("interference.seed", new Random().nextLong(1L << 40));
        System.out.printf("%s: %d sequences from seed %d%n", what, sequences, first);
        var begun = System.nanoTime();
        long passes = 0;
        long hostile = 0;
        var failed = new ArrayList<Long>();
        try (var world = new ModelWorld()) {
            for (var i = 0; i < sequences; i++) {
                var seed = first + i;
                var sequence = new Sequence(seed, shortened(Step.of(seed)), HostileStep.of(seed));
                var result = judged.apply(world, sequence);
                passes += result.passes;
                hostile += result.hostile;
                if (!result.violations.isEmpty()) {
                    if (!GO_ON) {
                        fail(world, i + 1, sequence, result, judged);
                    }
                    System.out.printf("%s: %d: %s%n", what, seed, result.violations.get(0));
                    failed.add(seed);
                }
                if ((i + 1) % 1000 == 0) {
                    System.out.printf("%s: %d sequences%n", what, i + 1);
                }
            }
        }
        System.out.printf(
                "%s: %d sequences, %d passes beside %d hostile ones, in %d s%n",
                what, sequences, passes, hostile, (System.nanoTime() - begun) / 1_000_000_000);
        assertThat(failed).isEmpty();
    }

    private static List<Step> shortened(List<Step> steps) {
        return steps.subList(0, Math.min(steps.size(), STEPS));
    }

    private static Result compared(ModelWorld world, Sequence sequence) {
        var alone = play(world, sequence, List.of(), false);
        var beside = play(world, sequence, sequence.hostile, false);
        var violations = new ArrayList<>(alone.violations);
        violations.addAll(beside.violations);
        var trace = new ArrayList<>(beside.trace);
        var a = alone.account;
        var b = beside.account;
        var same = 0;
        while (same < a.size() && same < b.size() && a.get(same).equals(b.get(same))) {
            same++;
        }
        if (same < a.size() || same < b.size()) {
            violations.add("line " + (same + 1) + " of what they see is, alone, <" + line(a, same)
                    + ">, but beside hostile namespaces <" + line(b, same) + ">");
            trace.add("=== what they see, alone, up to there and on:");
            trace.addAll(a.subList(Math.max(0, same - 15), Math.min(a.size(), same + 15)));
            trace.add("=== beside hostile namespaces:");
            trace.addAll(b.subList(Math.max(0, same - 15), Math.min(b.size(), same + 15)));
        }
        return new Result(violations, trace, beside.passes, beside.hostile);
    }

    private static String line(List<String> lines, int at) {
        return at < lines.size() ? lines.get(at) : "nothing";
    }

    private static Played play(ModelWorld world, Sequence sequence, List<HostileStep> hostile, boolean late) {
        var play = new Play(world, sequence.seed, sequence.steps, hostile, late);
        play.run();
        var judge = play.judge();
        return new Played(
                List.copyOf(judge.violations),
                List.copyOf(play.account()),
                List.copyOf(judge.trace),
                play.passes(),
                play.hostilePasses());
    }

    private static void fail(
            ModelWorld world,
            int number,
            Sequence sequence,
            Result result,
            BiFunction<ModelWorld, Sequence, Result> judged) {
        var shortest = shrunk(world, sequence, result, judged);
        assertThat(shortest.violations)
                .as(
                        "sequence %d: replay it with -Dinterference.seed=%d -Dinterference.sequences=1; the shortest that"
                                + " fails:%n%s",
                        number, sequence.seed, String.join("\n", shortest.trace))
                .isEmpty();
    }

    /** Leaves out whatever can be left out, first of the others' steps and then of the hostile ones. */
    private static Result shrunk(
            ModelWorld world, Sequence sequence, Result failed, BiFunction<ModelWorld, Sequence, Result> judged) {
        var best = failed;
        var left = sequence;
        for (var size = Math.max(1, sequence.steps.size() / 2); size >= 1; size /= 2) {
            for (var at = 0; at + size <= left.steps.size(); ) {
                var fewer = new Sequence(left.seed, without(left.steps, at, size), left.hostile);
                var result = judged.apply(world, fewer);
                if (result.violations.isEmpty()) {
                    at += size;
                } else {
                    left = fewer;
                    best = result;
                }
            }
        }
        for (var size = Math.max(1, sequence.hostile.size() / 2); size >= 1; size /= 2) {
            for (var at = 0; at + size <= left.hostile.size(); ) {
                var fewer = new Sequence(left.seed, left.steps, without(left.hostile, at, size));
                var result = judged.apply(world, fewer);
                if (result.violations.isEmpty()) {
                    at += size;
                } else {
                    left = fewer;
                    best = result;
                }
            }
        }
        return best;
    }

    private static <T> List<T> without(List<T> steps, int at, int size) {
        var fewer = new ArrayList<>(steps);
        fewer.subList(at, at + size).clear();
        return List.copyOf(fewer);
    }
}
