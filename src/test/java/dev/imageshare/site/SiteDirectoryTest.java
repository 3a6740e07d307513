package dev.imageshare.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteDirectoryTest {

    @TempDir
    private Path folder;

    private static SiteFile saying(String text) {
        return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatTheSiteNoLongerHasGoesAndWhatIsSomebodysStays() throws IOException {
        var site = new SiteDirectory(folder.resolve("site"));
        assertThat(site.isForeign()).isFalse();
        site.write(Map.of("index.html", saying("one"), "images/a.html", saying("a")), 2);
        Files.writeString(folder.resolve("site/CNAME"), "mine");
        assertThat(site.isForeign()).isFalse();

        site.write(Map.of("index.html", saying("two"), "images/b.html", saying("b")), 2);

        assertThat(folder.resolve("site/index.html")).hasContent("two");
        assertThat(folder.resolve("site/images/a.html")).doesNotExist();
        assertThat(folder.resolve("site/images/b.html")).hasContent("b");
        assertThat(folder.resolve("site/CNAME")).hasContent("mine");
        assertThat(folder.resolve("site/images").toFile().list()).containsExactly("b.html");
    }

    @Test
    void aFolderOfOtherFilesIsForeign() throws IOException {
        Files.writeString(folder.resolve("thesis.txt"), "mine");

        assertThat(new SiteDirectory(folder).isForeign()).isTrue();
    }

    /** Half a page takes no page's place, and a later run takes away what this one has begun. */
    @Test
    void aFileThatFailsLeavesTheFormerOne() throws IOException {
        var site = new SiteDirectory(folder);
        site.write(Map.of("index.html", saying("one")), 1);

        assertThatThrownBy(() -> site.write(
                        Map.of("index.html", out -> {
                            out.write('h');
                            throw new IOException("disk full");
                        }),
                        1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("disk full");
        assertThat(folder.resolve("index.html")).hasContent("one");
    }

    /** The list is a file that somebody could edit. */
    @Test
    void theListLeadsOutOfTheFolderNowhere() throws IOException {
        var outside = Files.writeString(folder.resolve("outside.html"), "mine");
        var site = new SiteDirectory(folder.resolve("site"));
        site.write(Map.of("index.html", saying("one")), 1);
        Files.writeString(folder.resolve("site/.imageshare-site"), "../outside.html\n" + outside + "\nindex.html\n");

        site.write(Map.of("index.html", saying("two")), 1);

        assertThat(outside).hasContent("mine");
        assertThatThrownBy(() -> site.write(Map.of("../outside.html", saying("x")), 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
