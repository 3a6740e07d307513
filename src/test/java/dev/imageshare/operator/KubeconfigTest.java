package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a kubeconfig that can't be used; {@code OperatorJarIT} has one that can. */
class KubeconfigTest {

    @TempDir
    Path folder;

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("kubeconfig"), content);
    }

    private void isRefused(String named, String... words) {
        assertThatThrownBy(() -> Kubeconfig.read(named, folder.resolve("no-token")))
                .isInstanceOf(StartException.class)
                .message()
                .contains(words)
                .satisfies(message ->
                        org.assertj.core.api.Assertions.assertThat(message).hasLineCount(1));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        isRefused(folder.resolve("none").toString(), "KUBECONFIG: " + folder.resolve("none") + " doesn't exist");
    }

    @Test
    void aDirectoryIsNamed() {
        isRefused(folder.toString(), "KUBECONFIG: " + folder + " is a directory");
    }

    @Test
    void ofSeveralFilesAllThatAreMissingAreNamed() {
        isRefused(
                folder.resolve("a") + File.pathSeparator + folder.resolve("b"),
                folder.resolve("a") + " doesn't exist",
                folder.resolve("b") + " doesn't exist");
    }

    /** A SnakeYAML message quotes the file, in which a token may be on that line. */
    @Test
    void aFileThatCannotBeParsedIsNotQuoted() throws IOException {
        var bad = file("users: [{token: s3cret");
        var before = System.getProperty("kubeconfig");
        System.setProperty("kubeconfig", bad.toString());
        try {
            assertThatThrownBy(Kubeconfig::read)
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining(bad + " can't be parsed")
                    .hasMessageNotContaining("s3cret");
        } finally {
            restore(before);
        }
    }

    @Test
    void aFileWithoutAClusterNamesNoApiServer() throws IOException {
        var empty = file("apiVersion: v1\nkind: Config\n");
        var before = System.getProperty("kubeconfig");
        System.setProperty("kubeconfig", empty.toString());
        try {
            isRefused(empty.toString(), "No API server is configured", empty.toString(), "kubectl cluster-info");
        } finally {
            restore(before);
        }
    }

    private static void restore(String kubeconfig) {
        if (kubeconfig == null) {
            System.clearProperty("kubeconfig");
        } else {
            System.setProperty("kubeconfig", kubeconfig);
        }
    }
}
