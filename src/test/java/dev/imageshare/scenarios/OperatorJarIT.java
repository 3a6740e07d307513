package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.condition;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.Fault;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar as an administrator runs it, and what happens when somebody ends it at a bad moment. */
class OperatorJarIT {

    private final EmbeddedKubernetes api = EmbeddedKubernetes.start(0);
    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final KubernetesClient client = api.client();
    private Path kubeconfig;
    private Namespace team;
    private String image;
    private OperatorProcess operator;

    @BeforeEach
    void prepare(@TempDir Path directory) throws IOException {
        kubeconfig = directory.resolve("kubeconfig");
        Files.writeString(kubeconfig, api.kubeconfig());
        team = new Namespace(client, cloud.cloudsYaml());
        image = cloud.createImage("producer", "ubuntu", "shared", List.of());
    }

    @AfterEach
    void close() {
        if (operator != null) {
            operator.close();
        }
        client.close();
        api.close();
        cloud.close();
    }

    private OperatorProcess run(Map<String, String> environment, String... arguments) {
        operator = new OperatorProcess(kubeconfig, environment, arguments);
        return operator;
    }

    private void start() {
        run(Map.of("IMAGESHARE_HTTP_PORT", "-1", "IMAGESHARE_LOG_LEVEL", "DEBUG"))
                .awaitStarted();
    }

    private Map<String, String> inGlance() {
        return cloud.members("producer", image);
    }

    private long calls(String method) {
        return cloud.requests().stream()
                .filter(c -> c.method().equals(method) && c.path().contains("/members"))
                .count();
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    // -------------------------------------------------------------- as it is run

    @Test
    void helpAndVersionNeedNoCluster() {
        assertThat(run(Map.of(), "--version").awaitExit()).isZero();
        assertThat(operator.lines()).singleElement().asString().matches("imageshare-operator \\d+\\.\\d+.*");
        assertThat(run(Map.of(), "--help").awaitExit()).isZero();
        assertThat(String.join("\n", operator.lines())).contains("--threads", "[IMAGESHARE_THREADS]");
    }

    @Test
    void aShareBecomesReadyAndProbesMetricsAndLogsTellOfIt() throws Exception {
        var port = run(Map.of("IMAGESHARE_HTTP_PORT", "1", "IMAGESHARE_LOG_FORMAT", "json"), "--http-port=0")
                .awaitStarted();
        var declared = projects(3);
        team.create(team.share("ubuntu", image, declared));
        team.awaitReady("ubuntu");

        assertThat(inGlance()).containsOnlyKeys(declared.toArray(String[]::new));
        assertThat(get(port, "/readyz").statusCode()).isEqualTo(200);
        assertThat(get(port, "/livez").statusCode()).isEqualTo(200);
        assertThat(get(port, "/metrics").body()).contains("operator_sdk_");

        operator.terminate();
        assertThat(operator.awaitExit()).isZero();
        var json = new ObjectMapper();
        var told = new HashMap<String, String>();
        for (var line : operator.lines()) {
            var object = json.readTree(line);
            assertThat(object.isObject()).as(line).isTrue();
            if (object.path("message").asText().startsWith("Synced")) {
                object.properties()
                        .forEach(field ->
                                told.put(field.getKey(), field.getValue().asText()));
            }
        }
        assertThat(told)
                .containsEntry("namespace", team.name)
                .containsEntry("name", "ubuntu")
                .containsEntry("image", image)
                .containsEntry("cloud", "producer");
    }

    @Test
    void aBadEnvironmentVariableIsRefusedByItsOption() {
        assertThat(run(Map.of("IMAGESHARE_THREADS", "many")).awaitExit()).isEqualTo(2);
        assertThat(operator.lines())
                .singleElement()
                .asString()
                .contains(" ERROR ", "--threads", "IMAGESHARE_THREADS", "many");
    }

    @Test
    void anApiServerThatIsNotThereIsOneLine() throws Exception {
        int closed;
        try (var socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        Files.writeString(kubeconfig, api.kubeconfig().replace(api.url(), "http://127.0.0.1:" + closed));

        // Fabric8's client tries ten times, for twenty seconds.
        assertThat(run(Map.of("IMAGESHARE_HTTP_PORT", "-1", "KUBERNETES_REQUEST_RETRY_BACKOFFLIMIT", "1"))
                        .awaitExit())
                .isEqualTo(1);
        assertThat(operator.lines())
                .hasSize(2)
                .last()
                .asString()
                .contains(" ERROR ", "Can't reach the API server http://127.0.0.1:" + closed, "Connection refused");
    }

    @Test
    void aStartThatFailsEndsWithOneLineInTheLogsFormat() throws Exception {
        Files.delete(kubeconfig);

        assertThat(run(Map.of("IMAGESHARE_LOG_FORMAT", "json")).awaitExit()).isEqualTo(1);

        var line = new ObjectMapper().readTree(operator.lines().get(0));
        assertThat(operator.lines()).hasSize(1);
        assertThat(line.get("level").asText()).isEqualTo("ERROR");
        assertThat(line.get("message").asText()).contains("KUBECONFIG: " + kubeconfig + " doesn't exist");
    }

    @Test
    void aVariableOfNoOptionIsNamedAndItStartsAllTheSame() {
        run(Map.of("IMAGESHARE_HTTP_PORT", "-1", "IMAGESHARE_THREAD", "3")).awaitStarted();
        operator.terminate();

        assertThat(operator.awaitExit()).isZero();
        assertThat(operator.lines())
                .anyMatch(l -> l.contains(" WARN ") && l.contains("IMAGESHARE_THREAD has no effect"));
        assertThat(operator.lines()).last().asString().contains("Stopped: all work is finished");
    }

    // --------------------------------------------------------------- as it ends

    @Test
    void askedToEndWhileItAddsItEndsEachCallAndTheNextStartFinishes() throws Exception {
        var declared = projects(60);
        var release = new CountDownLatch(1);
        var arrived = new AtomicInteger();
        cloud.intercept(
                (method, path) -> method.equals("POST") && path.endsWith("/members") && arrived.incrementAndGet() > 20
                        ? new Fault.Hang(release)
                        : null);
        start();
        team.create(team.share("ubuntu", image, declared));
        eventually(() -> assertThat(arrived.get()).isGreaterThanOrEqualTo(28));

        operator.terminate();
        eventually(() -> assertThat(operator.lines()).anyMatch(l -> l.contains("Stopping")));
        assertThat(operator.isAlive()).isTrue();
        release.countDown();

        assertThat(operator.awaitExit()).isZero();
        assertThat(calls("POST"))
                .as("no call was left or begun")
                .isEqualTo(arrived.get())
                .isEqualTo(28);
        assertThat(inGlance()).hasSize(28);

        start();
        var share = team.awaitReady("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(declared.toArray(String[]::new));
        assertThat(calls("POST")).as("none twice").isEqualTo(60);
        assertThat(share.getStatus().members()).hasSize(60).allMatch(MemberInfo::added);
    }

    @Test
    void killedBetweenTheJournalAndTheLastAdditionItForgetsNobody() {
        var byHand = projects(2);
        byHand.forEach(p -> cloud.addMember("producer", image, p));
        var declared = java.util.stream.Stream.concat(byHand.stream(), projects(30).stream())
                .toList();
        var never = new CountDownLatch(1);
        var arrived = new AtomicInteger();
        cloud.intercept(
                (method, path) -> method.equals("POST") && path.endsWith("/members") && arrived.incrementAndGet() > 10
                        ? new Fault.Hang(never)
                        : null);
        start();
        team.create(team.share("ubuntu", image, declared));
        eventually(() -> assertThat(arrived.get()).isGreaterThanOrEqualTo(18));
        operator.kill();
        cloud.intercept((method, path) -> null);
        never.countDown();
        eventually(() -> assertThat(inGlance()).hasSize(2 + 18));

        start();
        var share = team.awaitReady("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(declared.toArray(String[]::new));
        assertThat(share.getStatus().members())
                .allSatisfy(m -> assertThat(m.added()).isEqualTo(!byHand.contains(m.projectID())));
    }

    @Test
    void killedBetweenApprovedRemovalsItNeedsNoSecondApproval() {
        var old = projects(20);
        start();
        team.create(team.share("ubuntu", image, old));
        team.awaitReady("ubuntu");
        var fresh = projects(3);
        team.declare("ubuntu", fresh);
        team.awaitReason("ubuntu", Reason.RemovalHeld);

        var never = new CountDownLatch(1);
        var arrived = new AtomicInteger();
        cloud.intercept(
                (method, path) -> method.equals("DELETE") && path.contains("/members/") && arrived.incrementAndGet() > 5
                        ? new Fault.Hang(never)
                        : null);
        team.approve("ubuntu");
        eventually(() -> assertThat(arrived.get()).isGreaterThanOrEqualTo(13));
        operator.kill();
        cloud.intercept((method, path) -> null);
        never.countDown();
        assertThat(condition(team.at("ubuntu").get(), "Ready").reason()).isEqualTo("Progressing");

        start();
        var share = team.awaitReady("ubuntu");
        assertThat(inGlance()).containsOnlyKeys(fresh.toArray(String[]::new));
        assertThat(share.getStatus().plan()).isNull();
        assertThat(share.getStatus().members()).allMatch(MemberInfo::added);
    }
}
