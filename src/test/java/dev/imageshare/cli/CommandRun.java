package dev.imageshare.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One command as a person calls it, in this process. */
record CommandRun(int exitCode, String out, String err) {

    static CommandRun of(Object... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        var texts = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            texts[i] = String.valueOf(args[i]);
        }
        var exitCode = Commands.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(texts);
        return new CommandRun(exitCode, out.toString(), err.toString());
    }

    /** The last line of the standard output. */
    String lastLine() {
        return out.strip().lines().reduce((a, b) -> b).orElse("");
    }

    static Path write(Path file, String text) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
