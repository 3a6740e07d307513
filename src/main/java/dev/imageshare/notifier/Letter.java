package dev.imageshare.notifier;

import java.util.List;

/**
 * A mail's text.
 *
 * @param id the same for the same notices
 * @param subject one line
 * @param text lines that end with a line feed
 * @param events the IDs of what it tells
 */
record Letter(String id, String subject, String text, List<String> events) {

    private static final int PER_LINE = 4;

    Letter {
        events = List.copyOf(events);
    }

    /** The IDs as a header has them: some a line. */
    String folded() {
        var folded = new StringBuilder();
        for (var i = 0; i < events.size(); i++) {
            folded.append(i == 0 ? "" : i % PER_LINE == 0 ? "\r\n " : " ").append(events.get(i));
        }
        return folded.toString();
    }
}
