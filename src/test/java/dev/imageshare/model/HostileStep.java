package dev.imageshare.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One thing that the people of the hostile namespaces do. Its numbers choose among what there is at that time, so a step
 * keeps a meaning when others are left out.
 *
 * @param moment at which of the moments of everybody else, each pass and each request being one; 0: before all others'
 *     objects
 */
record HostileStep(Kind kind, int moment, int a, int b, int c) {

    /** What they can do, and how often they do it beside the others. */
    enum Kind {
        CREATE_SHARE(8),
        CREATE_ACCEPTANCE(4),
        /** Dozens at once. */
        CREATE_MANY(1),
        /** As many as there are threads, of which each would keep one waiting. */
        CREATE_HANGING(2),
        EDIT(4),
        /** Writes into a status whatever is of use. */
        FORGE_STATUS(10),
        /** Puts strange finalizers on, or takes the operator's off. */
        FORGE_FINALIZER(2),
        ANNOTATE(2),
        SECRET(2),
        DELETE(4),
        DELETE_ALL(2),
        /** Ends what hangs. */
        RELEASE(3);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    /** The steps that a seed stands for, in their order. */
    static List<HostileStep> of(long seed) {
        var random = new Random(seed * 17 + 3);
        var steps = new ArrayList<HostileStep>();
        for (var older = 1 + random.nextInt(3); older > 0; older--) {
            steps.add(step(Kind.CREATE_SHARE, 0, random));
            if (random.nextBoolean()) {
                steps.add(step(Kind.CREATE_ACCEPTANCE, 0, random));
            }
        }
        if (random.nextBoolean()) {
            steps.add(step(Kind.FORGE_STATUS, 0, random));
        }
        var total = 0;
        for (var kind : Kind.values()) {
            total += kind.weight;
        }
        var moment = 0;
        for (var left = 3 + random.nextInt(9); left > 0; left--) {
            moment += random.nextInt(9);
            var at = random.nextInt(total);
            for (var kind : Kind.values()) {
                at -= kind.weight;
                if (at < 0) {
                    steps.add(step(kind, moment, random));
                    break;
                }
            }
        }
        return List.copyOf(steps);
    }

    private static HostileStep step(Kind kind, int moment, Random random) {
        return new HostileStep(kind, moment, random.nextInt(100), random.nextInt(1000), random.nextInt(1000));
    }
}
