package dev.imageshare.tryout;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** The terminal: headlines, commands and texts, in colour and at a pace that a person can follow. */
final class Screen {

    private static final int WIDTH = 100;
    private static final String INDENT = "   ";

    /** How a line looks on a terminal with colours. */
    enum Look {
        PLAIN(""),
        BOLD("\033[1m"),
        DIM("\033[2m"),
        COMMAND("\033[36m"),
        GOOD("\033[32m"),
        BAD("\033[31m");

        private final String code;

        Look(String code) {
            this.code = code;
        }
    }

    private final PrintStream out;
    private final boolean colours;
    private final long pauseMillis;

    Screen(PrintStream out, boolean colours, long pauseMillis) {
        this.out = out;
        this.colours = colours;
        this.pauseMillis = pauseMillis;
    }

    void headline(String text) {
        out.println();
        out.println(coloured(Look.BOLD, text));
        pause();
    }

    /** A sentence or two, wrapped. */
    void say(String text) {
        wrapped(text).forEach(line -> line(Look.PLAIN, line));
    }

    /** A command, as a person would type it. */
    void command(String command) {
        out.println();
        line(Look.COMMAND, "$ " + command);
        pause();
    }

    void line(Look look, String text) {
        out.println(text.isEmpty() ? "" : INDENT + coloured(look, text));
    }

    void lines(List<String> lines) {
        lines.forEach(line -> line(Look.PLAIN, line));
    }

    void pause() {
        try {
            Thread.sleep(pauseMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String coloured(Look look, String text) {
        return colours && !look.code.isEmpty() ? look.code + text + "\033[0m" : text;
    }

    private static List<String> wrapped(String text) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (var word : text.split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
