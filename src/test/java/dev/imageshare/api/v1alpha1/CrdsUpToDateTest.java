package dev.imageshare.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrdsUpToDateTest {

    @Test
    void crdsAreWhatTheTypesSay(@TempDir Path generated) throws IOException {
        CrdGenerator.generate(generated.toFile());

        assertThat(fileNames(Path.of("crds"))).isEqualTo(fileNames(generated));
        for (var name : fileNames(generated)) {
            assertThat(Path.of("crds", name))
                    .as("out of date: run  mvn -q test-compile exec:java@crds  and commit crds/")
                    .hasSameTextualContentAs(generated.resolve(name));
        }
    }

    @Test
    void theReferenceIsWhatTheCrdsSay() throws IOException {
        assertThat(Files.readString(Path.of("deploy/docs/reference.md")))
                .as("out of date: run  mvn -q test-compile exec:java@crds  and commit deploy/docs/reference.md")
                .isEqualTo(ReferencePage.of(Path.of("crds")));
    }

    private static Iterable<String> fileNames(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            return files.map(f -> directory.relativize(f).toString())
                    .filter(name -> name.endsWith(".yml")) // not the kustomization
                    .sorted()
                    .toList();
        }
    }
}
