package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.openstack.MemberStatus;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code imageshare site}, from clouds, from a cluster and from both. */
class SiteCommandTest {

    private static final String A = "a".repeat(32);

    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();

    @TempDir
    private Path folder;

    private Path clouds;
    private String image;

    @BeforeEach
    void start() {
        clouds = CommandRun.write(folder.resolve("clouds.yaml"), cloud.cloudsYaml());
        image = cloud.createImage("producer", "ubuntu-24.04", "shared", List.of("imageshare-catalog"));
        cloud.addMember("producer", image, A);
        cloud.addMember("producer", image, cloud.projectId("consumer-a"));
        cloud.answer("consumer-a", image, MemberStatus.accepted);
        cloud.createImage("producer", "internal-base", "shared", List.of("other"));
    }

    @AfterEach
    void readsOnly() {
        assertThat(cloud.requests())
                .allMatch(call -> call.method().equals("GET") || call.path().equals("/v3/auth/tokens"));
        cloud.close();
    }

    private CommandRun site(Path out, Object... more) {
        var args = new ArrayList<Object>(List.of("site", "--clouds", clouds, "--output-dir", out));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private static Map<String, String> files(Path out) throws IOException {
        var texts = new TreeMap<String, String>();
        try (var files = Files.walk(out)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                texts.put(out.relativize(file).toString(), Files.readString(file));
            }
        }
        return texts;
    }

    @Test
    void thePublicPageHasWhatCarriesTheTagAlone() throws IOException {
        var out = folder.resolve("catalog");
        var run = site(
                out,
                "--audience",
                "public",
                "--cloud",
                "producer",
                "--request-url",
                "https://ask.example.org/?a=1&b=2");

        assertThat(run.exitCode()).as(run.err()).isZero();
        var files = files(out);
        assertThat(files.keySet()).contains("index.html", "catalog.json", "site.css", "site.js", "icon.svg");
        var all = String.join("\n", files.values());
        assertThat(all)
                .contains("ubuntu-24.04", "https://ask.example.org/?a=1&amp;b=2")
                .doesNotContain("internal-base", image, A, cloud.projectId("consumer-a"), cloud.projectId("images"));
        assertThat(cloud.requests()).noneMatch(call -> call.path().endsWith("/members"));
    }

    @Test
    void builtTwiceItIsTheSameToTheByteAndWhatIsGoneIsTakenAway() throws IOException {
        var run = site(
                folder.resolve("one"), "--audience", "internal", "--cloud", "producer,admin", "--as-of", "2027-01-31");
        assertThat(run.exitCode()).as(run.err()).isZero();
        site(folder.resolve("two"), "--audience", "internal", "--cloud", "producer,admin", "--as-of", "2027-01-31");

        var first = files(folder.resolve("one"));
        assertThat(files(folder.resolve("two"))).isEqualTo(first);
        assertThat(first).containsKey("images/" + image + ".html");
        assertThat(first.get("projects.html")).contains("consumer-a", A);
        assertThat(first.get("images/" + image + ".html"))
                .contains("As of <time>2027-01-31 00:00:00 UTC</time>", "consumer-a", "accepted");

        cloud.deleteImage("producer", image);
        site(folder.resolve("one"), "--audience", "internal", "--cloud", "producer", "--as-of", "2027-01-31");
        assertThat(files(folder.resolve("one"))).doesNotContainKey("images/" + image + ".html");
    }

    @Test
    void aClusterTellsWhoDeclaresWhat() throws IOException {
        try (var api = EmbeddedKubernetes.start(0);
                var client = api.client()) {
            var kubeconfig = CommandRun.write(folder.resolve("kubeconfig"), api.kubeconfig());
            share(client, "golden", "ubuntu");
            share(client, "secret", "other");

            var both = site(
                    folder.resolve("both"),
                    "--audience",
                    "internal",
                    "--cloud",
                    "producer",
                    "--from-cluster",
                    "--kubeconfig",
                    kubeconfig);
            var part = site(
                    folder.resolve("part"),
                    "--audience",
                    "internal",
                    "--cloud",
                    "",
                    "--from-cluster",
                    "--kubeconfig",
                    kubeconfig,
                    "-n",
                    "golden");

            assertThat(both.exitCode()).as(both.err()).isZero();
            assertThat(files(folder.resolve("both")).get("shares.html")).contains("golden/ubuntu", "not looked at yet");
            assertThat(files(folder.resolve("both")).get("index.html")).contains("Declared by nobody");
            assertThat(part.exitCode()).as(part.err()).isZero();
            assertThat(String.join("", files(folder.resolve("part")).values()))
                    .contains("golden/ubuntu")
                    .doesNotContain("secret/other");
        }
    }

    private void share(KubernetesClient client, String namespace, String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        client.resource(Serialization.unmarshal("""
                        apiVersion: imageshare.dev/v1alpha1
                        kind: ImageShare
                        metadata: {name: %s, namespace: %s}
                        spec:
                          cloudCredentialsRef: {secretName: s, cloudName: producer}
                          image: {id: %s}
                          members: [{projectID: %s}]
                        """.formatted(name, namespace, image, A), ImageShare.class))
                .create();
    }

    @Test
    void badOptionsAreOneLineAndWriteNothing() throws IOException {
        Files.createDirectories(folder.resolve("mine"));
        Files.writeString(folder.resolve("mine/thesis"), "mine");
        var out = folder.resolve("out");
        for (var run : List.of(
                site(folder.resolve("mine"), "--audience", "internal", "--cloud", "producer"),
                site(out, "--audience", "public", "--cloud", "producer", "--from-cluster"),
                site(out, "--audience", "everybody", "--cloud", "producer"),
                site(out, "--cloud", "producer"),
                site(out, "--audience", "public", "--cloud", "producer", "--request-url", "javascript:alert(1)"),
                site(out, "--audience", "public", "--cloud", "producer", "--request-url", "https:"),
                site(out, "--audience", "public", "--cloud", "producer", "--request-by-pull-request"),
                site(out, "--audience", "public", "--cloud", "producer", "--catalog-property", "=x"),
                site(out, "--audience", "internal", "--cloud", "none"),
                site(out, "--audience", "internal", "--cloud", "producer", "--as-of", "yesterday"),
                site(out, "--audience", "internal", "--cloud", "producer", "--property", "colour=red"))) {
            assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
            assertThat(run.err()).hasLineCount(1).doesNotContain("Exception", " at dev.");
        }
        assertThat(out).doesNotExist();
        assertThat(folder.resolve("mine").toFile().list()).containsExactly("thesis");
    }
}
