package dev.imageshare.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Nothing lost, nobody locked out, whatever happens: random sequences of wishes, foreign changes, answers, faults, kills
 * and restarts against the embedded services, judged by a model on every request.
 *
 * <p>{@code -Dmodel.sequences=20000} runs as many; {@code -Dmodel.seed=…} begins with that seed, and each sequence prints
 * its own when it fails. A seed fixes the steps, the requests at which they happen, the order of the passes, the faults and
 * the jitter; not the UUIDs and the times of Glance, which nothing depends on.
 *
 * <p>{@code -Dmodel.digest=FILE} writes a line for each sequence: its seed, its passes, and the digests of what the operator
 * sent, see {@link SentRequests#digests()}; a sequence that fails is only named there. With
 * {@code -Dmodel.digest.full=true} the requests follow each line.
 */
class ModelTest {

    private static final int SEQUENCES = Integer.getInteger("model.sequences", 20);

    /** Fields that a change of words changes, or that a name will change of: no facts. */
    private static final Set<String> WORDING =
            Set.of(System.getProperty("model.digest.wording", "message,outOf,baseline,declaredBy")
                    .split(","));

    private record Played(List<String> violations, List<String> trace, int requests, int passes, SentRequests sent) {}

    @Test
    void nothingIsLostAndNobodyIsLockedOut() throws IOException {
        var first = Long.getLong("model.seed", new Random().nextLong(1L << 40));
        System.out.printf("model: %d sequences from seed %d%n", SEQUENCES, first);
        long requests = 0;
        long passes = 0;
        var violated = 0;
        var begun = System.nanoTime();
        var file = System.getProperty("model.digest");
        try (var world = new ModelWorld();
                var digests = file == null ? null : Files.newBufferedWriter(Path.of(file))) {
            for (var i = 0; i < SEQUENCES; i++) {
                var seed = first + i;
                var played = play(world, seed, Step.of(seed));
                requests += played.requests();
                passes += played.passes();
                if (digests != null) {
                    write(digests, seed, played);
                    violated += played.violations().isEmpty() ? 0 : 1;
                } else if (!played.violations().isEmpty()) {
                    fail(world, seed, i + 1, played);
                }
                if ((i + 1) % 1000 == 0) {
                    System.out.printf("model: %d sequences, %d passes, %d requests%n", i + 1, passes, requests);
                }
            }
        }
        System.out.printf(
                "model: %d sequences, %d passes, %d requests to the cloud, in %d s%n",
                SEQUENCES, passes, requests, (System.nanoTime() - begun) / 1_000_000_000);
        assertThat(violated).as("sequences that the file calls violated").isZero();
    }

    private static Played play(ModelWorld world, long seed, List<Step> steps) {
        var play = new Play(world, seed, steps);
        if (System.getProperty("model.digest") != null) {
            play.keepRequests(WORDING);
        }
        play.run();
        var judge = play.judge();
        return new Played(
                List.copyOf(judge.violations), List.copyOf(judge.trace), judge.requests, play.passes(), play.sent());
    }

    private static void write(Writer digests, long seed, Played played) throws IOException {
        digests.write(seed + "\t" + played.passes() + "\t" + played.sent().digests()
                + (played.violations().isEmpty()
                        ? ""
                        : "\tviolated: " + played.violations().get(0)) + "\n");
        if (Boolean.getBoolean("model.digest.full")) {
            for (var line : played.sent().lines()) {
                digests.write("\t" + line + "\n");
            }
        }
        digests.flush();
    }

    private static void fail(ModelWorld world, long seed, int number, Played played) {
        var steps = new ArrayList<>(Step.of(seed));
        var shortest = shrunk(world, seed, steps, played);
        assertThat(shortest.violations())
                .as(
                        "sequence %d: replay it with -Dmodel.seed=%d -Dmodel.sequences=1; the shortest that fails:%n%s",
                        number, seed, String.join("\n", shortest.trace()))
                .isEmpty();
    }

    /** Leaves out whatever can be left out. */
    private static Played shrunk(ModelWorld world, long seed, List<Step> steps, Played failed) {
        var best = failed;
        for (var size = Math.max(1, steps.size() / 2); size >= 1; size /= 2) {
            for (var at = 0; at + size <= steps.size(); ) {
                var fewer = new ArrayList<>(steps);
                fewer.subList(at, at + size).clear();
                var played = play(world, seed, fewer);
                if (played.violations().isEmpty()) {
                    at += size;
                } else {
                    steps = fewer;
                    best = played;
                }
            }
        }
        return best;
    }
}
