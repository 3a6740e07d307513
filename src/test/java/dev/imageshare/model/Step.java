package dev.imageshare.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One thing that happens. Its numbers choose among what there is at that time, so a step keeps a meaning when others are
 * left out.
 *
 * @param moment 0: between two passes; else at the operator's so-manieth request from now, before it is carried out
 */
record Step(Kind kind, int moment, int a, int b, int c) {

    /** What can happen, and how often it does beside the others. */
    enum Kind {
        RUN(30, false),
        CREATE_SHARE(14, true),
        EDIT_MEMBERS(16, true),
        EDIT_POLICY(3, true),
        EDIT_MANAGEMENT(4, true),
        EDIT_MAX_REMOVALS(3, true),
        EDIT_ON_DELETE(3, true),
        SUSPEND(3, true),
        DELETE_SHARE(6, true),
        CREATE_TEAMS(1, true),
        /** Only after {@link #CREATE_TEAMS}. */
        DELETE_ALL(0, true),
        APPROVE(10, true),
        CREATE_ACCEPTANCE(5, true),
        EDIT_ACCEPTANCE(2, true),
        DELETE_ACCEPTANCE(2, true),
        ANSWER(6, true),
        FOREIGN_ADD(7, true),
        FOREIGN_REMOVE(5, true),
        SECOND_ROW(1, true),
        VISIBILITY(3, true),
        DELETE_IMAGE(1, true),
        NEW_IMAGE(1, true),
        SECRET(4, true),
        CLOUD_FAULT(12, true),
        API_FAULT(6, true),
        TOKENS_END(2, true),
        KILL(6, true),
        LEAD_LOST(2, true),
        WATCH_STALLS(3, true),
        WATCHDOG(2, false);

        private final int weight;
        private final boolean atAMoment;

        Kind(int weight, boolean atAMoment) {
            this.weight = weight;
            this.atAMoment = atAMoment;
        }
    }

    /** The steps that a seed stands for. */
    static List<Step> of(long seed) {
        var random = new Random(seed);
        var steps = new ArrayList<Step>();
        steps.add(new Step(Kind.CREATE_SHARE, 0, random.nextInt(100), random.nextInt(1000), random.nextInt(1000)));
        steps.add(new Step(Kind.RUN, 0, 3, 0, 0));
        var length = 6 + random.nextInt(22);
        var total = 0;
        for (var kind : Kind.values()) {
            total += kind.weight;
        }
        while (steps.size() < length) {
            var at = random.nextInt(total);
            var kind = Kind.RUN;
            for (var each : Kind.values()) {
                at -= each.weight;
                if (at < 0) {
                    kind = each;
                    break;
                }
            }
            if (kind == Kind.WATCH_STALLS) {
                stale(steps, random);
                continue;
            }
            if (kind == Kind.CREATE_TEAMS) {
                mass(steps, random);
                continue;
            }
            var moment = kind.atAMoment && random.nextInt(10) < 4 ? 1 + random.nextInt(9) : 0;
            steps.add(new Step(kind, moment, random.nextInt(100), random.nextInt(1000), random.nextInt(1000)));
        }
        return List.copyOf(steps);
    }

    /** Two edits of one object, of which the operator knows the first only when it works next. */
    private static void stale(List<Step> steps, Random random) {
        var object = random.nextInt(100);
        steps.add(new Step(Kind.EDIT_MEMBERS, 0, object, random.nextInt(1000), 0));
        steps.add(new Step(Kind.WATCH_STALLS, 0, 0, random.nextInt(1000), 0));
        steps.add(new Step(Kind.EDIT_MEMBERS, 0, object, random.nextInt(1000), 0));
        steps.add(new Step(Kind.RUN, 0, 1 + random.nextInt(3), 0, 0));
    }

    /** Several objects that are in order, and then are deleted at once. */
    private static void mass(List<Step> steps, Random random) {
        steps.add(new Step(Kind.CREATE_TEAMS, 0, 0, random.nextInt(2), 0));
        steps.add(new Step(Kind.RUN, 0, 8 + random.nextInt(8), 0, 0));
        steps.add(new Step(Kind.DELETE_ALL, random.nextInt(4), 0, 0, 0));
        steps.add(new Step(Kind.RUN, 0, 1 + random.nextInt(8), 0, 0));
    }
}
