package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.scenarios.Namespace;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A test message goes out once, and what became of it is said. */
class NotifyCommandTest {

    private final List<JsonNode> got = new ArrayList<>();
    private int status = 204;

    @TempDir
    private Path folder;

    private CommandCluster cluster;
    private HttpServer receiver;

    @BeforeEach
    void start() throws IOException {
        cluster = new CommandCluster(folder);
        cluster.api.installCrds(Path.of("crds/image-notifiers"));
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 5);
        receiver.createContext("/hook-of-the-team", exchange -> {
            try (exchange) {
                got.add(new ObjectMapper().readTree(exchange.getRequestBody()));
                exchange.sendResponseHeaders(status, -1);
            }
        });
        receiver.start();
        cluster.create("""
                apiVersion: imageshare.dev/v1alpha1
                kind: ImageNotifier
                metadata: {name: events, namespace: golden-images}
                spec: {type: cloudevents, secretRef: {name: receiver}}
                """, ImageNotifier.class);
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
        cluster.close();
    }

    private void secret(String type) {
        var address = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook-of-the-team";
        var secret = Namespace.secretOf("golden-images", "receiver", Map.of("address", address));
        cluster.client
                .resource(new SecretBuilder(secret).withType(type).build())
                .create();
    }

    private CommandRun run(String... more) {
        var all = new ArrayList<Object>(
                List.of("notify", "--test", "golden-images/events", "--kubeconfig", cluster.kubeconfig));
        all.addAll(List.of(more));
        return CommandRun.of(all.toArray());
    }

    @Test
    void oneMessageArrivesAndSaysThatItIsATest() {
        secret("imageshare.dev/notification");

        var run = run();
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("The message was taken");
        assertThat(got)
                .singleElement()
                .satisfies(
                        event -> assertThat(event.at("/data/message").asText()).contains("This is a test"));
    }

    @Test
    void aRefusalIsSaidWithoutTheDestination() {
        secret("imageshare.dev/notification");
        status = 410;

        var run = run();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("the message was not taken", "410").doesNotContain("hook-of-the-team");
        assertThat(got).hasSize(1);
    }

    /** What the operator would not read is not sent anywhere by this command either. */
    @Test
    void aSecretOfAnotherTypeIsRefused() {
        secret("Opaque");

        var run = run();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("is of type Opaque", "--type=imageshare.dev/notification");
        assertThat(got).isEmpty();
    }

    @Test
    void aRecipientIsForMailsOnly() {
        secret("imageshare.dev/notification");

        assertThat(run("--to", "me@example.org").err()).contains("--to is a mail address");
        assertThat(got).isEmpty();
    }
}
