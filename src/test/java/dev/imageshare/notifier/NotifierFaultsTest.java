package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.faults.ApiCall;
import dev.imageshare.faults.ApiFault;
import dev.imageshare.faults.FaultCells;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each fault of the Kubernetes API at each of a notifier's calls, for as long as three projects are to be told, and a kill at its
 * end: that nobody is forgotten, that at most the one message without a note is sent again, and that it has the same ID.
 */
class NotifierFaultsTest {

    private static EmbeddedKubernetes api;
    private static KubernetesClient client;
    private static int namespaces;

    @BeforeAll
    static void start() {
        api = EmbeddedKubernetes.start(0);
        api.installCrds(Path.of("crds/image-notifiers"));
        client = api.client(config -> config.withRequestRetryBackoffLimit(0));
    }

    @AfterAll
    static void stop() {
        client.close();
        api.close();
    }

    @AfterEach
    void endFault() {
        api.intercept((method, path) -> null);
        api.comeBack();
    }

    private static long writes() {
        return api.requests().stream().filter(r -> !r.method().equals("GET")).count();
    }

    static Stream<Arguments> cells() {
        return FaultCells.ofApi(List.of(ApiCall.STATUS_PATCH, ApiCall.EVENT), 0);
    }

    @ParameterizedTest
    @MethodSource("cells")
    void aFaultOfTheApiForgetsNobodyAndRepeatsAtMostOne(ApiCall call, ApiFault fault) {
        var driven = new DrivenNotifier(api, client, "faults-" + ++namespaces, 1, NotifierFlowTest.mail());
        driven.contacts(NotifierFlowTest.contacts(3));
        driven.run(Duration.ofMinutes(1));
        var share = new Shares("ubuntu", driven.clock.instant());
        for (var i = 0; i < 3; i++) {
            share.added(Shares.project(i), driven.clock.instant());
        }
        driven.shares.put("ubuntu", share);
        var asked = writes();
        api.intercept((method, path) -> ApiCall.of(method, path)
                .filter(call::equals)
                .map(c -> fault.get())
                .orElse(null));

        driven.run(Duration.ofMinutes(30));

        // What was carried out though its answer was lost is a note all the same.
        if (call == ApiCall.STATUS_PATCH && fault != ApiFault.RESET_AFTER) {
            assertThat(driven.deliveries).as("sent without a note").isEmpty();
        }
        assertThat(writes() - asked).as("writes tried in half an hour").isLessThan(60);
        api.intercept((method, path) -> null);
        api.comeBack();
        driven.kill();
        driven.run(Duration.ofHours(2));

        assertThat(driven.deliveries).hasSizeLessThanOrEqualTo(4);
        for (var i = 0; i < 3; i++) {
            var address = "p" + i + "@example.org";
            assertThat(driven.deliveries.stream()
                            .filter(delivery -> delivery.address().equals(address))
                            .flatMap(delivery -> delivery.notices().stream())
                            .map(Notice::id)
                            .distinct())
                    .as(address)
                    .hasSize(1);
        }
        assertThat(driven.object().getStatus().failed()).isZero();
    }
}
