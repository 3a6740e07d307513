package dev.imageshare.reconcile;

/**
 * A pattern for names in which {@code *} stands for any characters or none, {@code ?} for one, and nothing else is
 * special. Characters are Unicode's, and case counts. It never goes back further than to the last {@code *}, so a name
 * takes at most its length times the pattern's: no pattern of 255 characters can keep a thread busy.
 */
public final class NamePattern {

    private final int[] pattern;

    public NamePattern(String pattern) {
        this.pattern = pattern.codePoints().toArray();
    }

    /** Whether the whole name matches. */
    public boolean matches(String name) {
        var text = name.codePoints().toArray();
        int p = 0;
        int t = 0;
        int star = -1;
        int afterStar = 0;
        while (t < text.length) {
            if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                afterStar = t;
            } else if (p < pattern.length && (pattern[p] == '?' || pattern[p] == text[t])) {
                p++;
                t++;
            } else if (star >= 0) {
                // The last * takes one more; an earlier one never needs to.
                p = star + 1;
                t = ++afterStar;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }
}
