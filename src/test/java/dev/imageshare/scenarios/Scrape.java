package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What {@code /metrics} said.
 *
 * @param families the metrics, by the names and types that are declared
 * @param series the value of each series, by its name and labels
 */
record Scrape(Map<String, String> families, Map<String, Double> series) {

    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SERIES = Pattern.compile("([^ {]+(?:\\{.*\\})?) (\\S+)");

    static Scrape of(int port) {
        String text;
        try {
            var answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            text = answer.body();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        var families = new TreeMap<String, String>();
        var series = new TreeMap<String, Double>();
        for (var line : text.lines().toList()) {
            var type = TYPE.matcher(line);
            if (type.matches()) {
                families.put(type.group(1), type.group(2));
            } else if (!line.startsWith("#") && !line.isBlank()) {
                var sample = SERIES.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                series.put(sample.group(1), Double.valueOf(sample.group(2).replace("Inf", "Infinity")));
            }
        }
        return new Scrape(families, series);
    }

    /** The value of a series whose name and labels begin like this; the labels may come in any order otherwise. */
    double value(String name, String... labels) {
        return series.entrySet().stream()
                .filter(s -> s.getKey().split("\\{")[0].equals(name))
                .filter(s -> Set.of(labels).stream().allMatch(s.getKey()::contains))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** The names that a query may have in it. */
    Set<String> names() {
        var names = new TreeSet<String>();
        series.keySet().forEach(s -> names.add(s.split("\\{")[0]));
        return names;
    }
}
