package dev.imageshare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.share.ShareSettings;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What many objects that are in order cost after a start, by the hour: exact, on a clock that is moved. */
class QuietHoursTest {

    private static final int OBJECTS = 40;
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

    private final ModelWorld world = new ModelWorld();
    private final EmbeddedKubernetes api = world.api;
    private final EmbeddedOpenStack cloud = world.cloud;
    private final KubernetesClient client = world.client;

    /** A request and when it was made. */
    private record Sent(Instant at, String method, String path) {
        boolean isImageRead() {
            return method.equals("GET") && path.matches("/v2/images/[^/]+");
        }
    }

    private final List<Sent> toCloud = new ArrayList<>();
    private final List<Sent> writes = new ArrayList<>();

    @BeforeEach
    void objectsInOrder() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("quiet")
                        .endMetadata()
                        .build())
                .create();
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("clouds")
                        .withNamespace("quiet")
                        .endMetadata()
                        .withStringData(Map.of("clouds.yaml", cloud.cloudsYaml()))
                        .build())
                .create();
        for (var i = 0; i < OBJECTS; i++) {
            var image = cloud.createImage("producer", "quiet-" + i, "shared", List.of());
            client.resource(client.getKubernetesSerialization().unmarshal("""
                            {"apiVersion": "imageshare.dev/v1alpha1", "kind": "ImageShare",
                             "metadata": {"name": "quiet-%d", "namespace": "quiet"},
                             "spec": {"cloudCredentialsRef": {"secretName": "clouds", "cloudName": "producer"},
                               "image": {"id": "%s"}, "members": [{"projectID": "%032x"}]}}""".formatted(i, image, i), ImageShare.class))
                    .create();
        }
        try (var operator = operator(1)) {
            run(operator, world.clock.instant());
        }
        assertThat(shares())
                .allSatisfy(share ->
                        assertThat(share.getStatus().summary().present()).isOne());
    }

    @AfterEach
    void close() {
        world.close();
    }

    private DrivenOperator operator(long seed) {
        return new DrivenOperator(
                client, world.clock, seed, CloudSettings.defaults(), ShareSettings.defaults(), () -> true);
    }

    private List<ImageShare> shares() {
        return client.resources(ImageShare.class).inNamespace("quiet").list().getItems();
    }

    private void tell(DrivenOperator operator) {
        operator.tell(
                shares(),
                client.resources(ImageAcceptance.class)
                        .inNamespace("quiet")
                        .list()
                        .getItems(),
                client.resources(Secret.class).inNamespace("quiet").list().getItems());
    }

    /** Runs all passes that are due until then, each at its time. */
    private void run(DrivenOperator operator, Instant until) {
        toCloud.clear();
        writes.clear();
        tell(operator);
        while (operator.nextDue() != null && !operator.nextDue().isAfter(until)) {
            var wait = Duration.between(world.clock.instant(), operator.nextDue());
            world.clock.move(wait.isNegative() ? Duration.ZERO : wait);
            var hasWritten = false;
            for (var ref : operator.dueNow()) {
                cloud.clearRequests();
                api.clearRequests();
                operator.pass(ref);
                var now = world.clock.instant();
                cloud.requests().forEach(call -> toCloud.add(new Sent(now, call.method(), call.path())));
                var written = api.requests().stream()
                        .filter(request -> !request.method().equals("GET"))
                        .map(request -> new Sent(now, request.method(), request.path()))
                        .toList();
                writes.addAll(written);
                hasWritten |= !written.isEmpty();
            }
            if (hasWritten) {
                tell(operator);
            }
        }
    }

    private static Map<String, Long> byPath(List<Sent> sent) {
        return sent.stream().collect(Collectors.groupingBy(Sent::path, Collectors.counting()));
    }

    /** The most that are within any ten minutes. */
    private static long most(List<Sent> sent) {
        return sent.stream()
                .mapToLong(first -> sent.stream()
                        .filter(other -> !other.at.isBefore(first.at) && other.at.isBefore(first.at.plus(TEN_MINUTES)))
                        .count())
                .max()
                .orElse(0);
    }

    @Test
    void aStartIsOneRequestAnObjectAndOneLoginAndNoWrite() {
        world.clock.move(Duration.ofMinutes(5));
        try (var operator = operator(2)) {
            run(operator, world.clock.instant());
        }

        assertThat(writes).isEmpty();
        var logins = toCloud.stream().filter(s -> s.path.endsWith("/auth/tokens"));
        assertThat(logins).hasSize(1);
        var others = toCloud.stream().filter(s -> s.path.startsWith("/v2/")).toList();
        assertThat(others).hasSize(OBJECTS).allSatisfy(s -> {
            assertThat(s.method).isEqualTo("GET");
            assertThat(s.path).endsWith("/members");
        });
        assertThat(byPath(others).values()).as("none twice").containsOnly(1L);
    }

    @Test
    void whatIsDueOnceAnHourIsDoneOnceAnHourAndNeverByAllAtOnce() {
        world.clock.move(Duration.ofDays(1)); // nobody worked for a day: all of it is due
        try (var operator = operator(3)) {
            run(operator, world.clock.instant().plus(Duration.ofMinutes(75)));
            var reads = toCloud.stream().filter(Sent::isImageRead).toList();
            assertThat(byPath(reads)).as("each image").hasSize(OBJECTS);
            assertThat(byPath(reads).values())
                    .as("an hour or more between two")
                    .allSatisfy(times -> assertThat(times).isBetween(1L, 2L));
            assertThat(most(reads)).as("image reads in ten minutes").isLessThan(OBJECTS / 2);

            assertThat(writes).allSatisfy(s -> {
                assertThat(s.method).isEqualTo("PATCH");
                assertThat(s.path).endsWith("/status");
            });
            assertThat(byPath(writes)).as("each lastSyncTime").hasSize(OBJECTS);
            assertThat(byPath(writes).values())
                    .allSatisfy(times -> assertThat(times).isBetween(1L, 2L));
            assertThat(most(writes)).as("writes in ten minutes").isLessThan(OBJECTS / 2);

            run(operator, world.clock.instant().plus(Duration.ofHours(2)));
            var looks = new HashMap<>(byPath(
                    toCloud.stream().filter(s -> s.path.endsWith("/members")).toList()));
            assertThat(looks).hasSize(OBJECTS);
            assertThat(looks.values())
                    .as("looks in two hours, each 10 to 12 minutes after the one before")
                    .allSatisfy(times -> assertThat(times).isBetween(9L, 13L));
            assertThat(byPath(writes).values())
                    .as("writes in two hours")
                    .allSatisfy(times -> assertThat(times).isBetween(1L, 3L));
            assertThat(byPath(toCloud.stream().filter(Sent::isImageRead).toList())
                            .values())
                    .as("image reads in two hours")
                    .allSatisfy(times -> assertThat(times).isBetween(1L, 3L));
        }
    }
}
