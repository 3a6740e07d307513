package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.embedded.RealOpenStackLab;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The operator's image in a container engine, restricted as the Deployment asks for, and by way of a registry. The image is
 * {@code target/image.tar}, or the one of {@code -Dimage.tar=}; that for CI {@code target/ci-image.tar}, or {@code -Dimage.ci.tar=}.
 */
class ContainerRealIT {

    private static final Path TAR = Path.of(System.getProperty("image.tar", "target/image.tar"));
    private static final Path CI_TAR = Path.of(System.getProperty("image.ci.tar", "target/ci-image.tar"));
    private static final long LIMIT = 256L << 20;

    @TempDir
    private Path folder;

    private Podman podman;

    @BeforeEach
    void start() {
        assumeTrue(
                List.of("podman", "runc", "docker-registry").stream().allMatch(ContainerRealIT::isInstalled),
                "needs podman, runc and docker-registry: src/test/container/install.sh");
        podman = new Podman(folder);
    }

    @AfterEach
    void stop() {
        if (podman != null) {
            podman.close();
        }
    }

    private static boolean isInstalled(String program) {
        return List.of("/usr/bin", "/usr/sbin").stream().anyMatch(at -> Files.isExecutable(Path.of(at, program)));
    }

    private String load(Path tar) {
        assumeTrue(Files.exists(tar), () -> tar + " was not built: deploy/docs/image.md");
        return podman.load(tar);
    }

    @Test
    void restrictedAsTheDeploymentAsksItReconcilesAShareAndStops() throws IOException {
        var image = load(TAR);
        try (var cluster = new RealCluster();
                var openstack = RealOpenStackLab.standard()) {
            var kubeconfig = cluster.serviceAccountKubeconfig();
            assumeTrue(kubeconfig.isPresent(), "needs an API server that signs service accounts' tokens");
            var file = Files.writeString(folder.resolve("kubeconfig"), kubeconfig.get());
            var command = podman.restricted(
                    "operator",
                    image,
                    List.of(
                            "--volume=" + file + ":/etc/imageshare/kubeconfig:ro",
                            "--env=KUBECONFIG=/etc/imageshare/kubeconfig",
                            "--env=IMAGESHARE_ALLOW_LOCAL_CLOUDS=true",
                            "--env=IMAGESHARE_LOG_FORMAT=json"));
            try (var operator = new OperatorProcess(command, file, Map.of(), "--http-port=0")) {
                operator.awaitStarted();
                var pid = podman.pid("operator");
                assertThat(status(pid))
                        .containsEntry("Uid", "65532 65532 65532 65532")
                        .containsEntry("Gid", "65532 65532 65532 65532")
                        .containsEntry("CapEff", "0000000000000000")
                        .containsEntry("CapBnd", "0000000000000000")
                        .containsEntry("NoNewPrivs", "1");
                assertThat(Files.readString(Path.of("/proc", Long.toString(pid), "mounts")))
                        .containsPattern("(?m)^\\S+ / \\S+ ro,");
                assertThat(Long.parseLong(memory(pid, "memory.max", "memory.limit_in_bytes")))
                        .isEqualTo(LIMIT);

                var team = new Namespace(cluster.admin(), openstack.cloudsYaml());
                var shared = openstack.createImage("producer", "container-" + team.name, "shared", List.of());
                var declared = projects(100);
                team.create(team.share("ubuntu", shared, declared));
                team.awaitReady("ubuntu");
                assertThat(openstack.members("producer", shared)).containsOnlyKeys(declared.toArray(String[]::new));
                team.at("ubuntu").delete();
                team.awaitGone("ubuntu");
                assertThat(openstack.members("producer", shared)).isEmpty();
                System.out.printf(
                        "peak of the container's memory: %d MiB of 256%n",
                        Long.parseLong(memory(pid, "memory.peak", "memory.max_usage_in_bytes")) >> 20);

                // What a kubelet sends; within terminationGracePeriodSeconds it is gone by itself.
                podman.run("stop", "--time=40", "operator");
                assertThat(operator.awaitExit())
                        .as("%s", operator.lines())
                        .isEqualTo(Integer.parseInt(podman.run("inspect", "--format={{.State.ExitCode}}", "operator")))
                        .isZero();
                assertThat(podman.run("inspect", "--format={{.State.OOMKilled}}", "operator"))
                        .isEqualTo("false");
            }
        }
    }

    static Stream<Arguments> images() {
        return Stream.of(
                Arguments.of(TAR, List.of("--version")), // the operator's, whose entry point it is
                Arguments.of(CI_TAR, List.of("imageshare", "--version")));
    }

    @ParameterizedTest
    @MethodSource("images")
    void pushedAndPulledItIsTheSameAndStarts(Path tar, List<String> command) throws IOException {
        var image = load(tar);
        var port = freePort();
        var settings =
                Files.writeString(folder.resolve("registry.yml"), """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s}}
                http: {addr: "127.0.0.1:%d"}
                """.formatted(folder.resolve("registry"), port));
        var registry = new ProcessBuilder("docker-registry", "serve", settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("registry.log").toFile())
                .start();
        try {
            await().atMost(Duration.ofMinutes(1)).until(() -> listens(port));
            var name = "127.0.0.1:" + port + "/team/imageshare-operator:try";
            podman.run("push", "--quiet", "--tls-verify=false", image, "docker://" + name);
            podman.run("rmi", "--all", "--force");
            assertThat(podman.run("images", "--quiet")).isEmpty();

            podman.run("pull", "--quiet", "--tls-verify=false", name);
            assertThat(podman.run("images", "--quiet", "--no-trunc")).isEqualTo(image);
            var all = podman.restricted("version", name, List.of("--rm"));
            all.addAll(command);
            try (var container = new OperatorProcess(all, Path.of("none"), Map.of())) {
                assertThat(container.awaitExit()).as("%s", container.lines()).isZero();
                assertThat(container.lines()).singleElement().asString().matches("imageshare\\S* \\d+\\.\\d+.*");
            }
        } finally {
            registry.destroy();
            registry.onExit().join();
        }
    }

    private static int freePort() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static boolean listens(int port) {
        try (var connection = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return connection.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** {@code /proc/PID/status}, blanks as one. */
    private static Map<String, String> status(long pid) throws IOException {
        var fields = new TreeMap<String, String>();
        for (var line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
            var field = line.split(":", 2);
            fields.put(field[0], field[1].strip().replaceAll("\\s+", " "));
        }
        return fields;
    }

    /** A file of the process's memory cgroup, by its name in version 2 and in version 1. */
    private static String memory(long pid, String unified, String legacy) throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "cgroup"))) {
            var field = line.split(":", 3);
            if (field[1].equals("memory")) {
                return Files.readString(Path.of("/sys/fs/cgroup/memory" + field[2], legacy))
                        .strip();
            }
            var file = Path.of("/sys/fs/cgroup" + field[2], unified);
            if (field[1].isEmpty() && Files.exists(file)) {
                return Files.readString(file).strip();
            }
        }
        throw new AssertionError("no memory cgroup of " + pid);
    }
}
