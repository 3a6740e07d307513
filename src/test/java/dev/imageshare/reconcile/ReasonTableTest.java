package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The README's table says for each reason what to do, and for nothing else. */
class ReasonTableTest {

    @Test
    void theReadmeAndTheCodeKnowTheSameReasons() throws IOException {
        var readme = Files.readString(Path.of("README.md"));
        var table = readme.substring(readme.indexOf("| reason |"), readme.indexOf("## Deleting"));
        var told = Pattern.compile("`([A-Z][A-Za-z]+)`")
                .matcher(table.lines()
                        .filter(line -> line.startsWith("| `"))
                        .map(line -> line.split("\\|")[1])
                        .collect(Collectors.joining(" ")))
                .results()
                .map(m -> m.group(1))
                .toList();

        assertThat(told)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Reason.values()).map(Enum::name).toList());
    }
}
