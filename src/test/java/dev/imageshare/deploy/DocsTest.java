package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages for users: what they link to is there, and what they say is shown by a test, is. */
class DocsTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|Scenarios|IT|Properties))\\.(\\w+)`");
    private static final Pattern TEST_CLASS = Pattern.compile("`(\\w+(?:Test|IT))`");
    private static final Pattern IMAGE =
            Pattern.compile("(?:imageshare-(?:operator|ci):|image\\.tag=)(\\d+\\.\\d+\\.\\d+)");
    private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\n]*`");

    private static List<Path> pages() throws IOException {
        try (var files = Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "deploy")
                .map(Path::of)
                .flatMap(DocsTest::walk)) {
            return files.filter(file -> file.toString().endsWith(".md")).toList();
        }
    }

    private static Stream<Path> walk(Path root) {
        try {
            return Files.walk(root);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String prose(Path page) throws IOException {
        return CODE.matcher(Files.readString(page)).replaceAll("");
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        var broken = new ArrayList<String>();
        var links = 0;
        for (var page : pages()) {
            for (var link :
                    LINK.matcher(prose(page)).results().map(m -> m.group(1)).toList()) {
                links++;
                if (link.startsWith("https://")) {
                    continue; // nothing outside is asked in a test
                }
                var parts = link.split("#", 2);
                var target = parts[0].isEmpty()
                        ? page
                        : page.resolveSibling(parts[0]).normalize();
                if (!Files.exists(target)
                        || (parts.length == 2 && !anchors(target).contains(parts[1]))) {
                    broken.add(page + ": " + link);
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(40);
    }

    private static List<String> anchors(Path page) throws IOException {
        return Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(java.util.Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @Test
    void everyTestThatAPageNamesIsThere() throws IOException {
        for (var page : pages()) {
            var text = Files.readString(page);
            for (var test : TEST.matcher(text).results().toList()) {
                assertThat(source(test.group(1)))
                        .as("%s: %s", page, test.group())
                        .contains("void " + test.group(2) + "(");
            }
            for (var test : TEST_CLASS.matcher(text).results().toList()) {
                assertThat(source(test.group(1)))
                        .as("%s: %s", page, test.group())
                        .isNotEmpty();
            }
        }
    }

    private static String source(String testClass) throws IOException {
        try (var files = Files.walk(Path.of("src/test/java"))) {
            var file = files.filter(f -> f.getFileName().toString().equals(testClass + ".java"))
                    .findFirst();
            return file.isPresent() ? Files.readString(file.get()) : "";
        }
    }

    @Test
    void theReadmeListsEveryPage() throws IOException {
        try (var pages = Files.list(Path.of("deploy/docs"))) {
            var names = pages.map(page -> page.getFileName().toString())
                    .filter(name -> name.endsWith(".md"))
                    .collect(Collectors.toSet());
            var readme = Files.readString(Path.of("README.md"));
            assertThat(names).allSatisfy(name -> assertThat(readme).contains("(deploy/docs/" + name + ")"));
        }
    }

    /** Who copies a command gets the image that this version builds. */
    @Test
    void everyImageThatIsNamedIsOfThisVersion() throws IOException {
        var pom = Pattern.compile("(?m)^  <version>(\\d+\\.\\d+\\.\\d+)(-SNAPSHOT)?</version>$")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(pom.find()).isTrue();
        var named = 0;
        try (var files = Stream.of(Path.of("README.md"), Path.of("deploy")).flatMap(DocsTest::walk)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                for (var image : IMAGE.matcher(Files.readString(file)).results().toList()) {
                    named++;
                    assertThat(image.group(1)).as("%s: %s", file, image.group()).isEqualTo(pom.group(1));
                }
            }
        }
        assertThat(named).isGreaterThan(5);
    }

    /** What newcomers run first, word for word. */
    @Test
    void theFirstCommandsStayAsTheyAre() throws IOException {
        var commands = Pattern.compile("(?s)```sh\n(.*?)```")
                .matcher(Files.readString(Path.of("README.md")))
                .results()
                .map(m -> m.group(1).strip())
                .toList();
        assertThat(commands.subList(0, 2)).containsExactly("mvn -q test-compile exec:java@try", "mvn verify");
    }
}
