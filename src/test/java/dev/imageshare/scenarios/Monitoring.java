package dev.imageshare.scenarios;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code deploy/monitoring} has. */
final class Monitoring {

    static final Path RULES = Path.of("deploy/monitoring/alerts.yaml");

    private Monitoring() {}

    static JsonNode dashboard() throws IOException {
        return new ObjectMapper()
                .readTree(Path.of("deploy/monitoring/dashboard.json").toFile());
    }

    /** The panels' queries, by title and letter, as Grafana would send them for all jobs. */
    static Map<String, String> queries() throws IOException {
        var queries = new LinkedHashMap<String, String>();
        for (var panel : dashboard().get("panels")) {
            for (var target : panel.path("targets")) {
                queries.put(
                        panel.get("title").asText() + " " + target.get("refId").asText(),
                        target.get("expr").asText().replace("$job", ".*").replace("$__rate_interval", "1m"));
            }
        }
        return queries;
    }

    static JsonNode rules() throws IOException {
        return new YAMLMapper().readTree(RULES.toFile()).get("spec");
    }

    static List<JsonNode> alerts() throws IOException {
        var alerts = new ArrayList<JsonNode>();
        rules().get("groups").forEach(group -> group.get("rules").forEach(alerts::add));
        return alerts;
    }
}
