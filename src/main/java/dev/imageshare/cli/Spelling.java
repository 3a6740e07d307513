package dev.imageshare.cli;

import java.util.Optional;
import java.util.stream.Stream;

/** Finds what was probably meant. */
final class Spelling {

    private static final int MOST_TYPOS = 2;

    private Spelling() {}

    /** The first one that equals the given word except for case and up to two typos. */
    static Optional<String> meant(String given, Stream<String> known) {
        return known.filter(word -> isNear(given, word)).findFirst();
    }

    static boolean isNear(String given, String known) {
        return known.equalsIgnoreCase(given) || typos(known, given) <= MOST_TYPOS;
    }

    /** How many letters have to be inserted, removed or changed. */
    private static int typos(String a, String b) {
        var before = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            var row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                var change = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(before[j], row[j - 1]) + 1);
            }
            before = row;
        }
        return before[b.length()];
    }
}
