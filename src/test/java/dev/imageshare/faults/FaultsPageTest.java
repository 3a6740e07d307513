package dev.imageshare.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The users' page has a row for each fault, and each row names a test that exists. */
class FaultsPageTest {

    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT|Properties|Scenarios))\\.(\\w+)`");

    @Test
    void eachFaultOfTheCloudHasARow() throws IOException {
        assertThat(firstColumns(0))
                .satisfies(text -> Arrays.stream(CloudFault.values())
                        .forEach(fault -> assertThat(text).contains("`" + fault + "`")));
    }

    @Test
    void eachFaultOfTheApiHasARow() throws IOException {
        assertThat(firstColumns(1))
                .satisfies(text -> Arrays.stream(ApiFault.values())
                        .forEach(fault -> assertThat(text).contains("`" + fault + "`")));
    }

    @Test
    void eachRowNamesATestThatExists() throws IOException {
        for (var row : rows(page())) {
            var columns = row.split("\\|");
            var test = TEST.matcher(columns[columns.length - 1]);
            assertThat(test.find()).as(row).isTrue();
            assertThat(source(test.group(1))).as(row).contains("void " + test.group(2) + "(");
        }
    }

    @Test
    void theReadmeLinksToThePage() throws IOException {
        assertThat(Files.readString(Path.of("README.md"))).contains("(deploy/docs/faults.md)");
    }

    private static String firstColumns(int table) throws IOException {
        return String.join(
                "\n",
                rows(page().split("\n## ")[table + 1]).stream()
                        .map(row -> row.split("\\|")[1])
                        .toList());
    }

    private static List<String> rows(String text) {
        return text.lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| What happens"))
                .toList();
    }

    private static String page() throws IOException {
        return Files.readString(Path.of("deploy/docs/faults.md"));
    }

    private static String source(String testClass) throws IOException {
        try (var files = Files.walk(Path.of("src/test/java"))) {
            var file = files.filter(f -> f.endsWith(testClass + ".java")).findFirst();
            assertThat(file).as(testClass).isPresent();
            return Files.readString(file.orElseThrow());
        }
    }
}
