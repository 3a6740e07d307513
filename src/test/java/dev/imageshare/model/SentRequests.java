package dev.imageshare.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.embedded.Fault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What the operator sent in one sequence: each request to the cloud, and each write to the Kubernetes API. In words that
 * are the same in each run of the sequence's seed: UUIDs, hashes and ports are left out, images are numbered, times count
 * from the sequence's beginning, and fields are in alphabetical order.
 */
final class SentRequests {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
    private static final Pattern PORT = Pattern.compile("127\\.0\\.0\\.1:\\d+");
    /** They count all writes to the API server, also those of earlier sequences. */
    private static final String VERSION = "resourceVersion";

    private final Set<String> wording;
    private final Instant begin;
    private final Account.Words words;
    private final List<String> cloud = new ArrayList<>();
    private final List<String> api = new ArrayList<>();
    private final List<String> facts = new ArrayList<>();

    /**
     * @param images the sequence's, in the order in which they came
     * @param wording names of fields that are no facts: texts for people, and names that may change
     */
    SentRequests(Instant begin, List<String> images, Set<String> wording) {
        this.begin = begin;
        this.words = new Account.Words(images);
        this.wording = wording;
    }

    /** A request to Keystone or Glance. */
    void toCloud(Call call, String body, Fault fault) {
        cloud.add(plain(call.method() + " " + call.path() + (call.query() == null ? "" : "?" + call.query()) + " "
                        + call.projectId() + " " + call.status() + spoiled(fault))
                + " " + body(body, Set.of()));
    }

    /** A write to the Kubernetes API. */
    void toApi(String method, String path, String body, Fault fault) {
        var line = plain(method + " " + path) + spoiled(fault) + " ";
        api.add(line + body(body, Set.of()));
        facts.add(line + body(body, wording));
    }

    /**
     * One line, its parts set apart by tabs: how many requests went to the cloud and their digest, how many writes to the
     * Kubernetes API and their digest, and the digest of these without what is only wording.
     */
    String digests() {
        return String.join(
                "\t",
                Integer.toString(cloud.size()),
                digest(cloud),
                Integer.toString(api.size()),
                digest(api),
                digest(facts));
    }

    /** All of them, to be read. */
    List<String> lines() {
        var lines = new ArrayList<>(cloud);
        lines.addAll(api);
        return lines;
    }

    private static String spoiled(Fault fault) {
        return fault == null ? "" : " " + fault.getClass().getSimpleName();
    }

    private String body(String body, Set<String> without) {
        if (body.isEmpty()) {
            return "";
        }
        try {
            return JSON.writeValueAsString(plain(JSON.readTree(body), without));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not JSON: " + body, e);
        }
    }

    private Object plain(JsonNode node, Set<String> without) {
        if (node.isObject()) {
            var fields = new TreeMap<String, Object>();
            var isVersion = node.path("path").asText().endsWith("/" + VERSION);
            node.properties().forEach(field -> {
                var name = field.getKey();
                if (!without.contains(name) && !name.equals(VERSION) && !(isVersion && name.equals("value"))) {
                    fields.put(name, plain(field.getValue(), without));
                }
            });
            return fields;
        }
        if (node.isArray()) {
            var elements = new ArrayList<Object>();
            node.forEach(element -> elements.add(plain(element, without)));
            return elements;
        }
        return node.isTextual() ? plain(node.asText()) : node;
    }

    private String plain(String text) {
        var plain = words.plain(text);
        plain = UUID.matcher(plain).replaceAll("uuid");
        plain = PORT.matcher(plain).replaceAll("127.0.0.1:port");
        return TIME.matcher(plain)
                .replaceAll(time ->
                        Duration.between(begin, Instant.parse(time.group())).toString());
    }

    private static String digest(List<String> lines) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            lines.forEach(line -> digest.update((line + "\n").getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
