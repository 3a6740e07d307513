package dev.imageshare.tryout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The README's first command shows what it says, or fails. */
class TryOutTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void theShowHappens() {
        assertThat(TryOut.run(new String[] {"--once"}, out)).isZero();

        assertThat(shown())
                .contains("RemovalHeld", "kubectl annotate --overwrite -n golden-images imageshare ubuntu-24-04")
                .containsPattern("ubuntu-24-04 +ubuntu-24.04 +3 +3 +1 +True +Synced")
                .containsPattern("ubuntu-24-04 +ubuntu-24.04 +3 +6 +1 +False +RemovalHeld")
                .containsPattern("ubuntu-24-04 +ubuntu-24.04 +3 +3 +0 +True +Synced")
                .containsPattern("OFFERED +ACCEPTED +PENDING +REJECTED +READY +REASON")
                .containsPattern("ubuntu-24-04 +1 +1 +0 +0 +True +Synced")
                .containsPattern("~ consumer-a +\\p{XDigit}{32} +pending -> accepted")
                .containsPattern("http://(127\\.0\\.0\\.1|\\[::1\\]):\\d+/[0-9a-f]{48}/")
                .containsPattern("- stranger +\\p{XDigit}{32} +removed")
                .containsPattern("PROJECTS +ABSENT +HELD +WAITING +NEXT EXPIRY +READY +REASON")
                .containsPattern("partners +1 +0 +0 +True +Synced")
                .containsPattern("\\+ team-a +\\p{XDigit}{32} +pending")
                .containsPattern("\\+ team-b +\\p{XDigit}{32} +pending")
                .containsPattern("- team-a +\\p{XDigit}{32} +removed")
                .doesNotContain("\033[");
    }

    @Test
    void aStepThatIsNotSeenEndsTheShow() {
        try (var openStack = EmbeddedOpenStack.start();
                var kubernetes = EmbeddedKubernetes.start(0);
                var client = kubernetes.client()) {
            var withoutOperator = new Show(
                    new Screen(out, false, 0),
                    new Cluster(kubernetes.url(), client),
                    openStack,
                    TryOut.projects(openStack),
                    Duration.ofSeconds(1));

            assertThatThrownBy(withoutOperator::play)
                    .isInstanceOf(Show.NotSeen.class)
                    .hasMessageContaining("expected Ready with 3 members within 1 s, saw NAME")
                    .hasMessageContaining("members in Glance: {}");
        }
    }

    @Test
    void anUnknownOptionIsNamed() {
        assertThat(TryOut.run(new String[] {"--twice"}, out)).isEqualTo(2);

        assertThat(shown()).contains("unknown: --twice", "exec:java@try");
    }

    private String shown() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
