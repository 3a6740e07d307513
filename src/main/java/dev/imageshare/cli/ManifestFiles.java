package dev.imageshare.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** The files that a command is given, each on its own, so that one that can't be read doesn't affect the others. */
final class ManifestFiles {

    private static final Path STANDARD_INPUT = Path.of("-");

    private final InputStream standardInput;

    ManifestFiles(InputStream standardInput) {
        this.standardInput = standardInput;
    }

    /**
     * Reads files, directories (all YAML and JSON in them, at any depth) and {@code -}.
     *
     * @param read receives each file
     * @param unreadable receives what can't be read
     */
    void read(List<Path> sources, Consumer<ManifestFile> read, Consumer<Fault> unreadable) {
        for (var source : sources) {
            for (var file : filesOf(source)) {
                try {
                    read.accept(ManifestFile.of(file.toString(), bytes(file)));
                } catch (IOException e) {
                    unreadable.accept(new Fault(new Fault.Place(file.toString(), 0), "", "can't be read: " + e));
                }
            }
        }
    }

    private byte[] bytes(Path file) throws IOException {
        return file.equals(STANDARD_INPUT) ? standardInput.readAllBytes() : Files.readAllBytes(file);
    }

    private static List<Path> filesOf(Path source) {
        if (source.equals(STANDARD_INPUT)) {
            return List.of(source);
        }
        if (!Files.exists(source)) {
            throw new CommandFailure(source + " doesn't exist");
        }
        return Files.isDirectory(source) ? filesIn(source) : List.of(source);
    }

    private static List<Path> filesIn(Path directory) {
        try (var walk = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
            return walk.filter(Files::isRegularFile)
                    .filter(file -> file.toString().matches(".*\\.(yaml|yml|json)"))
                    .filter(file -> !isHidden(directory.relativize(file)))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailure("can't read " + directory + ": " + e);
        }
    }

    /** The content of {@code .git} and the like isn't read. */
    private static boolean isHidden(Path file) {
        for (var part : file) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }
}
