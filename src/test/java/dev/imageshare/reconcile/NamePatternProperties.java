package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

class NamePatternProperties {

    @Property(tries = 5_000)
    void saysWhatTheDefinitionSays(
            @ForAll @Chars({'a', 'b', '*', '?'}) @StringLength(max = 8) String pattern,
            @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 8) String name) {
        assertThat(new NamePattern(pattern).matches(name)).isEqualTo(naive(pattern, name));
    }

    private static boolean naive(String pattern, String name) {
        if (pattern.isEmpty()) {
            return name.isEmpty();
        }
        if (pattern.charAt(0) == '*') {
            return naive(pattern.substring(1), name) || (!name.isEmpty() && naive(pattern, name.substring(1)));
        }
        return !name.isEmpty()
                && (pattern.charAt(0) == '?' || pattern.charAt(0) == name.charAt(0))
                && naive(pattern.substring(1), name.substring(1));
    }

    @Property
    void withoutStarsAndQuestionMarksANameMatchesItselfOnly(@ForAll String one, @ForAll String other) {
        var pattern = one.replaceAll("[*?]", "");
        assertThat(new NamePattern(pattern).matches(pattern)).isTrue();
        assertThat(new NamePattern(pattern).matches(other)).isEqualTo(pattern.equals(other));
    }

    @Example
    void caseCountsAndNothingElseIsSpecial() {
        assertThat(new NamePattern("Ubuntu-*").matches("ubuntu-24.04")).isFalse();
        assertThat(new NamePattern("ubuntu-[0-9].").matches("ubuntu-24")).isFalse();
        assertThat(new NamePattern("ubuntu-??.04").matches("ubuntu-24.04")).isTrue();
        assertThat(new NamePattern("disk-?").matches("disk-\uD83D\uDCBF")).isTrue();
        assertThat(new NamePattern("*").matches("")).isTrue();
    }

    /** With a backtracking matcher this takes longer than anybody waits. */
    @Example
    void thePatternThatKeepsABacktrackingMatcherBusyIsDoneAtOnce() {
        assertThat(new NamePattern("*a".repeat(127)).matches("a".repeat(126) + "b".repeat(129)))
                .isFalse();
    }
}
