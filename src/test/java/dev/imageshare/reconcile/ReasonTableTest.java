package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page's table says for each reason which kind has it, what is beside it, and what to do; and for nothing else. */
class ReasonTableTest {

    private static final Path MAIN = Path.of("src/main/java/dev/imageshare");

    private static Map<String, List<String>> table() throws IOException {
        var rows = new LinkedHashMap<String, List<String>>();
        var page = Files.readString(Path.of("deploy/docs/troubleshooting.md"));
        page.substring(page.indexOf("| reason |"), page.indexOf("Members that haven't"))
                .lines()
                .filter(line -> line.startsWith("| `"))
                .forEach(line -> {
                    var columns =
                            Arrays.stream(line.split("\\|")).map(String::strip).toList();
                    assertThat(rows.put(columns.get(1).replace("`", ""), columns.subList(2, 5)))
                            .as("twice: " + line)
                            .isNull();
                });
        return rows;
    }

    @Test
    void thePageAndTheCodeKnowTheSameReasonsInTheSameOrder() throws IOException {
        assertThat(table().keySet())
                .containsExactlyElementsOf(
                        Arrays.stream(Reason.values()).map(Enum::name).toList());
    }

    @Test
    void thePageSaysWhatIsBesideReadyAndWhatToDo() throws IOException {
        table().forEach((reason, columns) -> {
            assertThat(columns.get(1))
                    .as(reason)
                    .isEqualTo(
                            switch (Reason.valueOf(reason).kind()) {
                                case READY -> "";
                                case RECONCILING -> "Reconciling";
                                case STALLED_AFTER_GRACE -> "Reconciling, after five minutes Stalled";
                                case STALLED -> "Stalled";
                            });
            assertThat(columns.get(2)).as(reason).isNotBlank();
        });
    }

    /** Whose code gives a reason: what neither the consumer's side nor the shared part does is the producer's alone. */
    @Test
    void thePageSaysWhichKindHasTheReason() throws IOException {
        var shared = sources("acceptance") + sources("reconcile");
        var shares = sources("share") + shared;
        var sets = sources("projectset");
        var rotations = sources("rotation");
        var requests = sources("access");
        var notifiers = sources("notifier");
        for (var row : table().entrySet()) {
            // Only additions are refused for the quota, so the shared translation of 413 serves one kind.
            var both = !row.getKey().equals("QuotaExceeded") && shared.contains("Reason." + row.getKey());
            var ofShares = shares.contains("Reason." + row.getKey());
            var ofSets = sets.contains("Reason." + row.getKey());
            var ofRotations = rotations.contains("Reason." + row.getKey());
            // Only a notifier has receivers; what else it says, others say too.
            var ofNotifiers = row.getKey().equals("NotDelivered") && notifiers.contains("Reason.NotDelivered");
            var kinds = new ArrayList<String>();
            if (ofShares) {
                kinds.add("ImageShare");
            }
            if (ofSets) {
                kinds.add("ProjectSet");
            }
            if (ofRotations) {
                kinds.add("ImageShareSet");
            }
            if (requests.contains("Reason." + row.getKey())) {
                kinds.add("ImageAccessRequest");
            }
            assertThat(row.getValue().get(0))
                    .as(row.getKey())
                    .isEqualTo(both ? "both" : ofNotifiers ? "ImageNotifier" : String.join(", ", kinds));
            assertThat(ofNotifiers || !kinds.isEmpty()).as(row.getKey()).isTrue();
        }
    }

    @Test
    void theOtherConditionsReasonsAreThereToo() throws IOException {
        var page = Files.readString(Path.of("deploy/docs/troubleshooting.md"));
        var code = Files.readString(MAIN.resolve("share/ShareStatus.java"));
        for (var reason : List.of("AllAccepted", "AnswersOutstanding")) {
            assertThat(page).contains("| `" + reason + "` |");
            assertThat(code).contains("\"" + reason + "\"");
        }
    }

    private static String sources(String folder) throws IOException {
        try (var files = Files.walk(MAIN.resolve(folder))) {
            return files.filter(f -> f.toString().endsWith(".java") && !f.endsWith("Reason.java"))
                    .map(ReasonTableTest::read)
                    .collect(Collectors.joining());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
