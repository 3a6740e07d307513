package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.openstack.FinishedRequest;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who writes Secrets names the hosts, and who serves them chooses the answers: neither makes the metrics large. */
class RequestMetricsTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RequestMetrics metrics = new RequestMetrics(registry);

    private void request(String host, String outcome) {
        metrics.accept(new FinishedRequest(host, "GET /v2/images/{image}", outcome, Duration.ofMillis(3)));
    }

    private TreeSet<String> values(String tag) {
        var values = new TreeSet<String>();
        registry.find("imageshare.openstack.requests")
                .counters()
                .forEach(c -> values.add(c.getId().getTag(tag)));
        return values;
    }

    @Test
    void onlyTheFirstHostsThatAnswerHaveALabel() {
        IntStream.range(0, 100).forEach(i -> request("invented-" + i + ":443", "UNREACHABLE"));
        assertThat(values("cloud")).containsExactly(RequestMetrics.OTHER);

        IntStream.range(0, 100).forEach(i -> request("glance-" + i + ":9292", "200"));
        assertThat(values("cloud")).hasSize(RequestMetrics.MOST_CLOUDS + 1).contains("glance-0:9292", "glance-19:9292");

        request("glance-0:9292", "TIMEOUT");
        assertThat(registry.get("imageshare.openstack.requests")
                        .tags("cloud", "glance-0:9292", "outcome", "timeout")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.find("imageshare.openstack.requests").counters().stream()
                        .mapToDouble(Counter::count)
                        .sum())
                .isEqualTo(201);
    }

    @Test
    void anyStatusIsOneOfAFew() {
        IntStream.range(100, 1_000).forEach(status -> request("glance:9292", Integer.toString(status)));

        assertThat(values("outcome"))
                .hasSizeLessThan(25)
                .contains("200", "204", "404", "413", "1xx", "2xx", "3xx", "4xx", "5xx", RequestMetrics.OTHER);
    }
}
