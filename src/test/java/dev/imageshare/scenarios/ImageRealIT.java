package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.embedded.RealOpenStackLab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The container image that {@code -Pimage} builds, as far as it can be tried without a container engine and a registry: what is
 * in it, that it is the same when built again elsewhere, and that it works on real services when unpacked and started.
 */
class ImageRealIT {

    private static final Path TAR = Path.of("target/image.tar");
    private static final ObjectMapper JSON = new ObjectMapper();

    private Path folder;
    private JsonNode manifest;
    private JsonNode config;

    @BeforeEach
    void unpackTar(@TempDir Path temporary) throws IOException {
        assumeTrue(Files.exists(TAR), "no image was built: mvn verify -Preal,image");
        folder = temporary;
        var image = unpacked(TAR, "image");
        manifest = JSON.readTree(image.resolve("manifest.json").toFile()).get(0);
        config = JSON.readTree(image.resolve(manifest.get("Config").asText()).toFile());
    }

    private Path unpacked(Path tar, String name) throws IOException {
        var target = Files.createDirectories(folder.resolve(name));
        run(Path.of("."), "tar", "xf", tar.toString(), "-C", target.toString());
        return target;
    }

    private static String run(Path where, String... command) throws IOException {
        var process = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue())
                .as("%s: %s", List.of(command), out)
                .isZero();
        return out;
    }

    private List<String> layers() {
        return StreamSupport.stream(manifest.get("Layers").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private List<String> files(String layer) throws IOException {
        return run(folder.resolve("image"), "tar", "--warning=no-unknown-keyword", "-tzf", layer)
                .lines()
                .toList();
    }

    // ------------------------------------------------------------ inside

    @Test
    void itsUserIsNotRootAndItSaysWhatItIs() {
        var container = config.get("config");
        assertThat(container.get("User").asText()).isEqualTo("65532:65532");
        assertThat(container.get("ExposedPorts").fieldNames()).toIterable().containsExactly("8080/tcp");
        var labels = container.get("Labels");
        assertThat(labels.get("org.opencontainers.image.title").asText()).isEqualTo("imageshare-operator");
        assertThat(labels.get("org.opencontainers.image.licenses").asText()).isEqualTo("Apache-2.0");
        assertThat(labels.get("org.opencontainers.image.version").asText()).matches("\\d+\\.\\d+.*");
        assertThat(labels.has("org.opencontainers.image.revision")).isTrue();
        assertThat(config.get("created").asText()).startsWith("1970-01-01");
        assertThat(entryPoint())
                .containsExactly(
                        "java", "@/app/jvm.options", "-cp", "@/app/jib-classpath-file", "dev.imageshare.operator.Main");
    }

    private List<String> entryPoint() {
        return StreamSupport.stream(config.at("/config/Entrypoint").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** What changes with each commit is a layer of its own, and a small one. */
    @Test
    void itsLayersAreTheLibrariesTheRuntimeAndTheOperator() throws IOException {
        var ofLibraries = new ArrayList<String>();
        var ofOperator = new ArrayList<String>();
        var ofRuntime = new ArrayList<String>();
        for (var layer : layers()) {
            var files = files(layer);
            if (files.stream().anyMatch(f -> f.startsWith("app/libs/") && f.endsWith(".jar"))) {
                ofLibraries.add(layer);
            }
            if (files.stream().anyMatch(f -> f.startsWith("app/classpath/") && f.endsWith(".jar"))) {
                ofOperator.add(layer);
                assertThat(files).filteredOn(f -> f.endsWith(".jar")).hasSize(1);
                assertThat(Files.size(folder.resolve("image").resolve(layer))).isLessThan(2_000_000);
            }
            if (files.contains("opt/java/bin/java")) {
                ofRuntime.add(layer);
            }
        }
        assertThat(ofLibraries).hasSize(1);
        assertThat(ofOperator).hasSize(1).doesNotContainAnyElementsOf(ofLibraries);
        assertThat(ofRuntime).hasSize(1).doesNotContainAnyElementsOf(ofOperator);
        System.out.printf("image.tar: %d bytes, layers %s%n", Files.size(TAR), layers().size());
    }

    @Test
    void itsBillOfMaterialsNamesEveryLibraryInIt() throws IOException {
        var root = root();
        var inImage = new TreeSet<String>();
        try (var jars = Files.list(root.resolve("app/libs"))) {
            jars.forEach(jar -> inImage.add(jar.getFileName().toString()));
        }
        var listed = new TreeSet<String>();
        try (var jars = Files.list(root.resolve("app/classpath"))) {
            var operator = jars.filter(jar -> jar.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow();
            try (var jar = new JarFile(operator.toFile())) {
                var bom = JSON.readTree(jar.getInputStream(jar.getEntry("META-INF/sbom/imageshare-operator.cdx.json")));
                assertThat(bom.get("bomFormat").asText()).isEqualTo("CycloneDX");
                for (var component : bom.get("components")) {
                    listed.add(component.get("name").asText() + "-"
                            + component.get("version").asText() + ".jar");
                    assertThat(component.has("licenses"))
                            .as("%s", component.get("name"))
                            .isTrue();
                }
            }
        }
        assertThat(inImage).hasSizeGreaterThan(20).isEqualTo(listed);
    }

    // ------------------------------------------------------ reproducible

    /** From a copy of the sources at another place, and later. */
    @Test
    void builtAgainElsewhereItIsTheSame() throws IOException {
        var copy = Files.createDirectory(folder.resolve("copy"));
        run(
                Path.of("."),
                "bash",
                "-c",
                "git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t \"$0\"",
                copy.toString());
        run(
                copy,
                "mvn",
                "-B",
                "-q",
                "package",
                "-Pimage",
                "-DskipTests",
                "-Dimage.jdk=" + System.getProperty("java.home"),
                "-Dimage.revision="
                        + config.at("/config/Labels/org.opencontainers.image.revision")
                                .asText());

        var again = unpacked(copy.resolve(TAR), "again");
        var other = JSON.readTree(again.resolve("manifest.json").toFile()).get(0);
        assertThat(other.get("Layers"))
                .as("the first from clean: mvn clean verify -Preal,image")
                .isEqualTo(manifest.get("Layers"));
        assertThat(JSON.readTree(again.resolve(other.get("Config").asText()).toFile()))
                .isEqualTo(config);
        assertThat(Files.mismatch(TAR, copy.resolve(TAR))).isEqualTo(-1);
    }

    // ----------------------------------------------------------- started

    /** The image's file system. */
    private Path root() throws IOException {
        var root = Files.createDirectories(folder.resolve("root"));
        for (var layer : layers()) {
            run(
                    folder.resolve("image"),
                    "tar",
                    "--warning=no-unknown-keyword",
                    "-xzf",
                    layer,
                    "-C",
                    root.toString(),
                    "--no-same-owner");
        }
        return root;
    }

    /** As an engine does it: the entry point, as the image's user, with nothing but the image to see; all but /tmp is root's. */
    @Test
    void unpackedAndStartedItReconcilesAShare() throws IOException {
        assumeTrue(run(Path.of("."), "id", "-u").strip().equals("0"), "chroot needs root");
        var root = root();
        Files.createDirectories(root.resolve("proc"));
        run(root, "chmod", "1777", "tmp");
        try (var cluster = new RealCluster();
                var openstack = RealOpenStackLab.standard()) {
            var kubeconfig = cluster.serviceAccountKubeconfig();
            assumeTrue(kubeconfig.isPresent(), "needs an API server that signs service accounts' tokens");
            Files.writeString(root.resolve("tmp/kubeconfig"), kubeconfig.get());
            var user = config.at("/config/User").asText();
            var command = new ArrayList<>(List.of(
                    "unshare",
                    "--mount",
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "sh",
                    "-c",
                    "mount -t proc proc \"$0/proc\" && exec chroot --userspec=" + user + " \"$0\" \"$@\"",
                    root.toString()));
            command.addAll(entryPoint());
            try (var operator = new OperatorProcess(
                    command, Path.of("/tmp/kubeconfig"), environment(), "--http-port=0", "--log-format=json")) {
                operator.awaitStarted();
                var team = new Namespace(cluster.admin(), openstack.cloudsYaml());
                var image = openstack.createImage("producer", "image-" + team.name, "shared", List.of());
                var declared = projects(3);
                team.create(team.share("ubuntu", image, declared));
                team.awaitReady("ubuntu");
                assertThat(openstack.members("producer", image)).containsOnlyKeys(declared.toArray(String[]::new));
                team.at("ubuntu").delete();
                team.awaitGone("ubuntu");
                assertThat(openstack.members("producer", image)).isEmpty();
            }
        }
    }

    private Map<String, String> environment() {
        var all = new HashMap<String, String>();
        for (var pair : config.at("/config/Env")) {
            var parts = pair.asText().split("=", 2);
            all.put(parts[0], parts[1] + (parts[0].equals("PATH") ? ":/usr/sbin:/sbin" : ""));
        }
        return all;
    }
}
