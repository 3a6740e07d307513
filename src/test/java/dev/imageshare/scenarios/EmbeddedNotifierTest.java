package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.notifier.NotifierSettings;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.operator.Settings;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A notifier in the whole operator: what happens in the cloud arrives at a receiver. */
class EmbeddedNotifierTest {

    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private EmbeddedWorld world;
    private HttpServer receiver;
    private Namespace team;

    @BeforeEach
    void start() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 10);
        receiver.createContext("/", exchange -> {
            try (exchange) {
                var event = new ObjectMapper().readTree(exchange.getRequestBody());
                var several = event.at("/data/events");
                if (several.isArray()) {
                    several.forEach(events::add);
                } else {
                    events.add(event);
                }
                exchange.sendResponseHeaders(204, -1);
            }
        });
        receiver.start();
        world = new EmbeddedWorld(
                Settings.defaults()
                        .withNotifiers(new NotifierSettings(Set.of(25), Duration.ofSeconds(1), Duration.ZERO)),
                EmbeddedOpenStack.Options.defaults(),
                Set.of(OptionalKind.ImageNotifier));
        team = new Namespace(world.kubernetes(), world.openstack().cloudsYaml());
    }

    @AfterEach
    void stop() {
        world.close();
        receiver.stop(0);
    }

    private void secret(String name, String address) {
        var secret = new SecretBuilder(Namespace.secretOf(team.name, name, Map.of("address", address, "token", "k3y")))
                .withType("imageshare.dev/notification")
                .build();
        world.kubernetes().resource(secret).create();
    }

    private void notifier(String name, String secret) {
        var notifier = new ImageNotifier();
        notifier.setMetadata(
                new ObjectMetaBuilder().withNamespace(team.name).withName(name).build());
        notifier.setSpec(new ImageNotifierSpec(
                ImageNotifierSpec.ReceiverType.cloudevents,
                new ImageNotifierSpec.SecretReference(secret),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                false));
        world.kubernetes().resource(notifier).create();
    }

    private ImageNotifier at(String name) {
        return world.kubernetes()
                .resources(ImageNotifier.class)
                .inNamespace(team.name)
                .withName(name)
                .get();
    }

    private String reason(String name) {
        var status = at(name).getStatus();
        return status == null ? "" : status.conditions().get(0).reason();
    }

    private List<String> told() {
        var all = new ArrayList<String>();
        events.forEach(event -> all.add(event.get("type").asText().replaceAll("dev.imageshare.notice.|.v1", "") + " "
                + event.at("/data/project").asText()));
        return all;
    }

    @Test
    void whatHappensIsTold() {
        var cloud = world.openstack();
        var a = cloud.projectId("consumer-a");
        var b = cloud.projectId("consumer-b");
        secret("receiver", "http://127.0.0.1:" + receiver.getAddress().getPort() + "/");
        notifier("events", "receiver");
        eventually(() -> assertThat(reason("events")).isEqualTo("Synced"));
        var image = cloud.createImage("producer", "ubuntu", "shared", List.of());
        team.create(team.share("ubuntu", image, a, b));

        eventually(() -> assertThat(told()).containsExactlyInAnyOrder("offered " + a, "offered " + b));
        cloud.answer("consumer-a", image, MemberStatus.accepted);
        eventually(() -> assertThat(told()).contains("answered " + a));
        team.declare("ubuntu", Set.of(a));
        eventually(() -> {
            team.approveIfAsked("ubuntu");
            assertThat(told()).contains("withdrawn " + b);
        });
        assertThat(events.get(0).at("/subject").asText()).isEqualTo(image);
        assertThat(at("events").getStatus().failed()).isZero();
        world.restartOperator();
        team.create(team.share("debian", cloud.createImage("producer", "debian", "shared", List.of()), a));
        eventually(() ->
                assertThat(told().stream().filter(("offered " + a)::equals)).hasSize(2));
        assertThat(told().stream().filter(("answered " + a)::equals)).hasSize(1);
    }

    /** As without a notifier: a list of members each, and nothing that the Kubernetes API hears of. */
    @Test
    void aQuietResyncCostsNothingMore() {
        secret("receiver", "http://127.0.0.1:" + receiver.getAddress().getPort() + "/");
        notifier("events", "receiver");
        eventually(() -> assertThat(reason("events")).isEqualTo("Synced"));
        var image = world.openstack().createImage("producer", "ubuntu", "shared", List.of());
        team.create(team.share("ubuntu", image, world.openstack().projectId("consumer-a")));
        eventually(() -> assertThat(told()).hasSize(1));
        // What the interval between two messages needs is forgotten once it is over, which is the last write.
        eventually(() -> {
            world.api.clearRequests();
            world.cloud.clearRequests();
            eventually(() -> assertThat(world.cloud.requests()).hasSizeGreaterThanOrEqualTo(4));
            assertThat(world.api.requests())
                    .filteredOn(request -> request.path().contains("imageshare.dev"))
                    .isEmpty();
        });

        assertThat(world.cloud.requests())
                .extracting(call -> call.method() + " " + call.path())
                .containsOnly("GET /v2/images/" + image + "/members");
        assertThat(events).hasSize(1);
    }

    @Test
    void aSecretThatComesLaterIsWaitedFor() {
        notifier("events", "receiver");
        eventually(() -> assertThat(reason("events")).isEqualTo("CredentialsNotFound"));
        assertThat(Serialization.asYaml(at("events").getStatus())).contains("--type=imageshare.dev/notification");

        secret("receiver", "http://127.0.0.1:" + receiver.getAddress().getPort() + "/");
        eventually(() -> assertThat(reason("events")).isEqualTo("Synced"));
    }

    /** Who writes notifiers must not be able to send any Secret's password anywhere. */
    @Test
    void aSecretOfAnotherTypeIsNotThere() {
        notifier("events", "clouds");

        eventually(() -> assertThat(reason("events")).isEqualTo("CredentialsNotFound"));
    }
}
