package dev.imageshare.tryout;

import dev.imageshare.tryout.Screen.Look;
import java.util.Map;
import java.util.TreeSet;

/** A member list of Glance, and what has changed in it. */
final class MemberTable {

    private MemberTable() {}

    /** Prints each project of either list with its answer before and now; a list is project ID to answer. */
    static void print(Screen screen, Projects projects, Map<String, String> before, Map<String, String> now) {
        var all = new TreeSet<>(before.keySet());
        all.addAll(now.keySet());
        all.stream()
                .sorted((a, b) -> projects.name(a).compareTo(projects.name(b)))
                .forEach(id -> printRow(screen, projects.name(id), id, before.get(id), now.get(id)));
    }

    private static void printRow(Screen screen, String name, String id, String before, String now) {
        var look = Look.PLAIN;
        var change = "";
        if (before == null) {
            look = Look.GOOD;
            change = "+ ";
        } else if (now == null) {
            look = Look.BAD;
            change = "- ";
        } else if (!before.equals(now)) {
            look = Look.BOLD;
            change = "~ ";
        }
        var answer = now == null
                ? "removed (was " + before + ")"
                : before == null || before.equals(now) ? now : before + " -> " + now;
        screen.line(look, "%2s%-12s %-34s %s".formatted(change, id.equals(name) ? "" : name, id, answer));
    }
}
