package dev.imageshare.site;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The page of ProjectSets, and the JSON beside it. */
class SetsPageTest {

    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);
    private static final String C = "c".repeat(32);
    private static final String D = "d".repeat(32);

    /** One with a selector that is not complete; somebody expires, is absent, is held, and asks for a place. */
    static ProjectSet set(String name, String message) {
        return Serialization.unmarshal(
                """
                apiVersion: imageshare.dev/v1alpha1
                kind: ProjectSet
                metadata: {name: consumers, namespace: golden, generation: 1}
                spec:
                  cloudCredentialsRef: {secretName: s, cloudName: c}
                  projects: [{projectID: %1$s, name: NAME}]
                  selectors:
                    - {name: ci, domain: {id: d1}, filter: {enabled: true, tags: [x, y]}}
                    - {name: below, parent: {projectID: p1}}
                status:
                  observedGeneration: 1
                  complete: false
                  lastSyncTime: "2026-11-27T08:00:00Z"
                  projects:
                    - {projectID: %1$s, sources: [spec.projects], expiresAt: "2026-12-01T00:00:00Z"}
                    - {projectID: %2$s, absentSince: "2026-11-26T12:00:00Z"}
                    - {projectID: %3$s, name: team-c}
                  selectors:
                    - {name: ci, matched: 7, complete: false, reason: ListIncomplete, message: MESSAGE}
                    - {name: below, matched: 1, complete: true}
                  plan: {remove: [%3$s], hash: abc, because: many}
                  requests:
                    - {namespace: team-d, name: ci, uid: u-1, projectID: %4$s, projectName: NAME, since: "2026-11-26T10:00:00Z", reason: MESSAGE}
                  conditions:
                    - {type: Ready, status: "False", reason: RemovalHeld, message: MESSAGE, lastTransitionTime: "2026-11-27T08:00:00Z"}
                    - {type: Stalled, status: "True", reason: RemovalHeld, message: x, lastTransitionTime: "2026-11-27T08:00:00Z"}
                """.formatted(A, B, C, D).replace("NAME", quoted(name)).replace("MESSAGE", quoted(message)),
                ProjectSet.class);
    }

    private static String quoted(String text) {
        return Serialization.asJson(text);
    }

    private static SiteData data() {
        var share = Serialization.unmarshal("""
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: ubuntu, namespace: golden}
                spec: {image: {id: i}, projectSetRefs: [{name: consumers}]}
                """, ImageShare.class);
        var elsewhere = Serialization.unmarshal("""
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: theirs, namespace: other}
                spec: {image: {id: i}, projectSetRefs: [{name: consumers}]}
                """, ImageShare.class);
        return new SiteDataBuilder(SampleSite.AS_OF)
                .share(share)
                .share(elsewhere)
                .projectSet(set("Team A", "why it is so"))
                .build();
    }

    private static String file(String name) throws IOException {
        var bytes = new ByteArrayOutputStream();
        new InternalSite(data(), "Ours", false).files().get(name).writeTo(bytes);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void itSaysWhoIsInItByWhatAndWhoLeavesWhen() throws IOException {
        assertThat(file("sets.html"))
                .contains(
                        "golden/consumers",
                        "<b>ci</b>: domain d1, enabled: true, tags: x y",
                        "7 matched, not complete",
                        "<b>below</b>: all below p1",
                        "nobody leaves now",
                        "why it is so",
                        "kubectl annotate --overwrite -n golden projectset consumers imageshare.dev/approve-removals=abc",
                        "1 held",
                        "2 by time",
                        "Team A</bdi>",
                        "team-c</bdi>",
                        "golden/ubuntu")
                .doesNotContain("other/theirs");
        assertThat(file("index.html")).contains("ProjectSet", "Lets exactly these leave");
    }

    @Test
    void itSaysWhoAsksAndHowToApprove() throws IOException {
        var approval = "imageshare approve -n golden team-d/ci --project " + D;

        assertThat(file("sets.html")).contains("by team-d/ci since 2026-11-26 10:00 UTC", approval);
        assertThat(file("index.html"))
                .contains("Requests wait for a decision", "asks for a place in ProjectSet golden/consumers", approval);
        assertThat(new ObjectMapper()
                        .readTree(file("sets.json"))
                        .at("/projectSets/0/asking/0/approval")
                        .asText())
                .isEqualTo(approval);
        var asked = new ObjectMapper().readTree(file("index.json")).at("/needPerson/1");
        assertThat(asked.get("kind").asText()).isEqualTo("ImageAccessRequest");
        assertThat(asked.get("namespace").asText()).isEqualTo("team-d");
        assertThat(asked.get("name").asText()).isEqualTo("ci");
        assertThat(asked.get("message").asText()).contains("asks for a place in ProjectSet golden/consumers");
    }

    @Test
    void programsAreToldTheSame() throws IOException {
        JsonNode set = new ObjectMapper().readTree(file("sets.json")).at("/projectSets/0");

        assertThat(set.get("health").asText()).isEqualTo("needsPerson");
        assertThat(set.get("projects").asInt()).isEqualTo(3);
        assertThat(set.get("complete").asBoolean()).isFalse();
        assertThat(set.at("/selectors/0/problem").asText()).isEqualTo("why it is so");
        assertThat(set.at("/selectors/1").has("problem")).isFalse();
        assertThat(set.at("/leaving/0/project").asText()).isEqualTo(B);
        assertThat(set.at("/leaving/0/absentUntil").asText()).isEqualTo("2026-11-27T12:00:00Z");
        assertThat(set.at("/leaving/1/expiresAt").asText()).isEqualTo("2026-12-01T00:00:00Z");
        assertThat(set.at("/held/0/projectName").asText()).isEqualTo("team-c");
        assertThat(set.at("/shares/0").asText()).isEqualTo("golden/ubuntu");
        assertThat(set.get("shares")).hasSize(1);
    }

    /** What a cluster without the kind looks like. */
    @Test
    void withoutASetThereIsNoPage() {
        assertThat(new InternalSite(
                                new SiteDataBuilder(SampleSite.AS_OF).cluster().build(), "Ours", false)
                        .files())
                .doesNotContainKeys("sets.html", "sets.json");
    }
}
