package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.cli.LiveDashboard;
import dev.imageshare.deploy.KubeTool;
import dev.imageshare.operator.Settings;
import dev.imageshare.site.Browser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard in a real browser, beside the operator and the real kubectl. */
class DashboardRealIT {

    @TempDir
    private Path folder;

    private static String manifest(String image, List<String> members) {
        return """
                apiVersion: v1
                kind: Namespace
                metadata: {name: golden-images}
                ---
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageShare
                metadata: {name: ubuntu-24-04, namespace: golden-images}
                spec:
                  cloudCredentialsRef: {secretName: producer-clouds, cloudName: producer}
                  image: {id: %s}
                  resyncPeriod: 2s
                  members: [%s]
                """.formatted(
                image,
                String.join(
                        ", ",
                        members.stream().map(id -> "{projectID: " + id + "}").toList()));
    }

    @Test
    void whatIsAppliedIsSeenAndAHeldRemovalIsApprovedByWhatThePageHasCopied() throws IOException {
        var first = List.of("a".repeat(32), "b".repeat(32), "c".repeat(32));
        var second = List.of("d".repeat(32), "e".repeat(32), "f".repeat(32));
        try (var world = new EmbeddedWorld(Settings.defaults());
                var browser = Browser.start()) {
            var kubeconfig = Files.writeString(folder.resolve("kubeconfig"), world.api.kubeconfig());
            var kubectl = KubeTool.kubectl(kubeconfig);
            var image = world.openstack().createImage("producer", "ubuntu-24.04", "shared", List.of());
            try (var dashboard = LiveDashboard.open(kubeconfig, "Golden images", 0)) {
                browser.size(1280, 900).open(dashboard.url());
                browser.await("document.getElementById('live').textContent.startsWith('Live')");
                assertThat(browser.text("main")).contains("Nothing is shared yet");

                kubectl.withInput(manifest(image, first), "apply", "-f", "-");
                Files.writeString(
                        folder.resolve("clouds.yaml"), world.openstack().cloudsYaml("producer"));
                kubectl.run(
                        "create",
                        "secret",
                        "generic",
                        "producer-clouds",
                        "-n",
                        "golden-images",
                        "--from-file=clouds.yaml=" + folder.resolve("clouds.yaml"));
                browser.await("/1 in order/.test(document.querySelector('main').textContent)");
                assertThat(browser.accessibility()).isEmpty();

                browser.script("window.kept = document.querySelector('h1')");
                kubectl.withInput(manifest(image, second), "apply", "-f", "-");
                browser.await("/Removals are held/.test(document.querySelector('main').textContent)");
                assertThat(browser.script("return window.kept === document.querySelector('h1')"))
                        .as("the page is changed, not loaded anew")
                        .isEqualTo(true);

                browser.one("#needs .copy").click();
                browser.await("/Copied/.test(document.querySelector('#needs .copy').textContent)");
                var pasted = (String) browser.script("return navigator.clipboard.readText()");
                assertThat(pasted).startsWith("kubectl annotate --overwrite -n golden-images imageshare ubuntu-24-04 ");
                shell(pasted, kubeconfig);
                browser.await("/Nothing. Every object is in order/.test(document.querySelector('main').textContent)");
                assertThat(world.openstack().members("producer", image).keySet())
                        .containsExactlyInAnyOrderElementsOf(second);
                browser.assertClean();
            }
        }
    }

    private static void shell(String command, Path kubeconfig) throws IOException {
        var builder = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true);
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        builder.environment().merge("PATH", KubeTool.folder(), (path, tools) -> tools + ":" + path);
        var process = builder.start();
        var out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue()).as(out).isZero();
    }
}
