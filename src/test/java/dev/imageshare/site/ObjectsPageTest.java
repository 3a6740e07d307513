package dev.imageshare.site;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** ImageNotifiers on the pages; the other objects are in {@link SiteDataTest} and {@link PagesTest}. */
class ObjectsPageTest {

    /** One whose receiver takes nothing. */
    static ImageNotifier notifier(String name, String message) {
        return Serialization.unmarshal(
                """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageNotifier
                metadata: {name: NAME, namespace: golden, generation: 1}
                spec: {}
                status:
                  observedGeneration: 1
                  sent: 12
                  failed: 3
                  lastSentTime: "2026-11-27T08:00:00Z"
                  conditions:
                    - {type: Ready, status: "False", reason: NotDelivered, message: MESSAGE, lastTransitionTime: "2026-11-27T08:30:00Z"}
                    - {type: Stalled, status: "True", reason: NotDelivered, message: x, lastTransitionTime: "2026-11-27T08:30:00Z"}
                """.replace("NAME", name).replace("MESSAGE", Serialization.asJson(message)), ImageNotifier.class);
    }

    private static String file(String path) throws IOException {
        var data = new SiteDataBuilder(SampleSite.AS_OF)
                .notifier(notifier("relay", "why it is so"))
                .build();
        var bytes = new ByteArrayOutputStream();
        new InternalSite(data, "Ours", false).files().get(path).writeTo(bytes);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aNotifierThatDeliversNothingNeedsAPerson() throws IOException {
        assertThat(file("shares.html"))
                .contains("golden/relay", "why it is so", "12 sent, 3 given up", "2026-11-27 08:00 UTC");
        assertThat(file("index.html"))
                .contains("ImageNotifier", "why it is so", "kubectl describe -n golden imagenotifier relay");
    }

    @Test
    void programsAreToldTheSame() throws IOException {
        var notifier = new ObjectMapper().readTree(file("shares.json")).at("/imageNotifiers/0");

        assertThat(notifier.get("health").asText()).isEqualTo("needsPerson");
        assertThat(notifier.get("failed").asInt()).isEqualTo(3);
        assertThat(new ObjectMapper()
                        .readTree(file("index.json"))
                        .at("/objects/needsPerson")
                        .asInt())
                .isEqualTo(1);
    }
}
