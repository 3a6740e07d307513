package dev.imageshare.site;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The page of ImageShareSets, and the JSON beside it. */
class RotationPageTest {

    private static final String NEW = "aaaaaaaa-0000-4000-8000-000000000003";
    private static final String OLD = "aaaaaaaa-0000-4000-8000-000000000002";
    private static final String GOING = "aaaaaaaa-0000-4000-8000-000000000001";

    /** One with a region that can't be listed, an image on its way out, and an ImageShare that is held. */
    static ImageShareSet set(String name, String message) {
        return Serialization.unmarshal(
                """
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShareSet
                metadata: {name: monthly, namespace: golden, generation: 1}
                spec:
                  clouds:
                    - {name: north, cloudCredentialsRef: {secretName: s, cloudName: north}}
                    - {name: south, cloudCredentialsRef: {secretName: s, cloudName: south}}
                  images: {filter: {tags: [golden]}, family: {by: Name}, keep: 1, retireAfter: 48h}
                  template: {spec: {}}
                status:
                  observedGeneration: 1
                  lastSyncTime: "2026-11-27T08:00:00Z"
                  clouds:
                    - {name: north, images: 3, complete: true}
                    - {name: south, complete: false, reason: CloudUnreachable, message: MESSAGE}
                  images:
                    - {cloud: north, id: %s, name: NAME, family: NAME, phase: Current, share: monthly-north-3}
                    - {cloud: north, id: %s, name: NAME, family: NAME, phase: Kept, share: monthly-north-2}
                    - {cloud: north, id: %s, family: NAME, phase: Retiring, supersededAt: "2026-11-26T12:00:00Z", share: monthly-north-1}
                  plan: {remove: [monthly-north-0], hash: abc, because: many}
                  conditions:
                    - {type: Ready, status: "False", reason: RemovalHeld, message: MESSAGE, lastTransitionTime: "2026-11-27T08:00:00Z"}
                    - {type: Stalled, status: "True", reason: RemovalHeld, message: x, lastTransitionTime: "2026-11-27T08:00:00Z"}
                """.formatted(NEW, OLD, GOING)
                        .replace("NAME", Serialization.asJson(name))
                        .replace("MESSAGE", Serialization.asJson(message)),
                ImageShareSet.class);
    }

    private static String file(String path, ImageShareSet set) throws IOException {
        var share = Serialization.unmarshal("""
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: monthly-north-3, namespace: golden}
                spec: {image: {id: %1$s}}
                status: {image: {id: %1$s, owner: o, region: north}}
                """.formatted(NEW), ImageShare.class);
        var bytes = new ByteArrayOutputStream();
        var data = new SiteDataBuilder(SampleSite.AS_OF)
                .share(share)
                .imageShareSet(set)
                .build();
        new InternalSite(data, "Ours", false).files().get(path).writeTo(bytes);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void itSaysWhichImageIsCurrentAndWhichOnesGoWhen() throws IOException {
        assertThat(file("rotation.html", set("ubuntu", "why it is so")))
                .contains(
                        "golden/monthly",
                        "<b>north</b>: 3 images",
                        "<b>south</b> <span class=\"kind\">not complete, nothing leaves now",
                        "why it is so",
                        "monthly-north-0",
                        "kubectl annotate --overwrite -n golden imageshareset monthly imageshare.dev/approve-removals=abc",
                        "<a href=\"images/" + NEW + ".html\"><bdi>ubuntu</bdi></a>",
                        "<bdi>" + GOING + "</bdi>", // it has no name, and its ImageShare isn't there
                        "2026-11-28 12:00 UTC at least")
                .doesNotContain("images/" + OLD);
        assertThat(file("index.html", set("ubuntu", "why it is so")))
                .contains("ImageShareSet", "Deletes exactly these ImageShares");
    }

    @Test
    void programsAreToldTheSame() throws IOException {
        JsonNode set = new ObjectMapper()
                .readTree(file("rotation.json", set("ubuntu", "why it is so")))
                .at("/imageShareSets/0");

        assertThat(set.get("health").asText()).isEqualTo("needsPerson");
        assertThat(set.at("/clouds/0/images").asInt()).isEqualTo(3);
        assertThat(set.at("/clouds/1/problem").asText()).isEqualTo("why it is so");
        assertThat(set.at("/images/0/phase").asText()).isEqualTo("Current");
        assertThat(set.at("/images/0/share").asText()).isEqualTo("golden/monthly-north-3");
        assertThat(set.at("/images/2/until").asText()).isEqualTo("2026-11-28T12:00:00Z");
        assertThat(set.at("/held/0").asText()).isEqualTo("monthly-north-0");
        assertThat(set.get("approval").asText()).endsWith("imageshare.dev/approve-removals=abc");
    }

    /** A status that somebody else wrote is shown, but its command could be anything. */
    @Test
    void aCommandIsOnlyMadeOfAHash() throws IOException {
        var set = set("ubuntu", "why it is so");
        var held = set.getStatus().plan();
        var forged = Serialization.clone(set);
        forged.setStatus(Serialization.unmarshal(
                Serialization.asJson(set.getStatus()).replace("\"" + held.hash() + "\"", "\"x; rm -rf ~\""),
                dev.imageshare.api.v1alpha1.ImageShareSetStatus.class));

        assertThat(file("rotation.html", forged)).doesNotContain("rm -rf");
    }
}
