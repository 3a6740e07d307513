package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The users' reference, made of the CRDs: every field, its type, default, rules and description. */
final class ReferencePage {

    private static final String HEAD = """
            # Reference

            Generated from [`crds/`](../../crds) by `mvn -q test-compile exec:java@crds`. Don't edit. `kubectl explain imageshare.spec` shows the
            same. Fields in **bold** are required. Rules with a message are CEL rules: Kubernetes 1.25 and newer reject the object with that message;
            on older versions the operator reports `InvalidSpec` with the same message.
            """;

    private ReferencePage() {}

    /** @param crds the directory with the generated files */
    static String of(Path crds) throws IOException {
        var page = new StringBuilder(HEAD);
        for (var name : List.of(
                "imageshares",
                "imageacceptances",
                "project-sets/projectsets",
                "image-share-sets/imagesharesets",
                "image-notifiers/imagenotifiers",
                "access-requests/imageaccessrequests",
                "access-requests/imageaccessdecisions")) {
            var crd = new YAMLMapper()
                    .readTree(crds.resolve(name + ".imageshare.dev-v1.yml").toFile());
            kind(page, crd.get("spec"));
        }
        return page.toString();
    }

    static void write(Path crds, Path page) throws IOException {
        Files.writeString(page, of(crds));
    }

    private static void kind(StringBuilder page, JsonNode spec) {
        var version = spec.get("versions").get(0);
        var root = version.at("/schema/openAPIV3Schema");
        var names = spec.get("names");
        page.append("\n## ").append(names.get("kind").asText()).append("\n\n");
        page.append(root.get("description").asText()).append("\n\n");
        page.append("`apiVersion: %s/%s`, %s; `kubectl get %s`. Columns: "
                .formatted(
                        spec.get("group").asText(),
                        version.get("name").asText(),
                        spec.get("scope").asText().equals("Namespaced") ? "namespaced" : "for the whole cluster",
                        names.at("/shortNames/0").asText()));
        var columns = new ArrayList<String>();
        for (var column : version.get("additionalPrinterColumns")) {
            columns.add(column.get("name").asText() + (column.path("priority").asInt() > 0 ? " (`-o wide`)" : ""));
        }
        page.append(String.join(", ", columns)).append(".\n");
        for (var part : List.of("spec", "status")) {
            page.append("\n### ")
                    .append(names.get("kind").asText())
                    .append(' ')
                    .append(part)
                    .append("\n\n");
            page.append(root.at("/properties/" + part + "/description").asText())
                    .append("\n\n");
            page.append("| field | type | default | rules | description |\n|---|---|---|---|---|\n");
            var schema = root.at("/properties/" + part);
            if (schema.has("x-kubernetes-validations")) {
                row(page, "`" + part + "`", schema, schema, false);
            }
            fields(page, part, schema);
        }
    }

    private static void fields(StringBuilder page, String path, JsonNode schema) {
        var required = new ArrayList<String>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        schema.path("properties").properties().forEach(field -> {
            var name = path + "." + field.getKey();
            var type = field.getValue();
            var element = type.has("items") ? type.get("items") : type;
            if (type.has("items")) {
                name += "[]";
            }
            row(page, "`" + name + "`", type, element, required.contains(field.getKey()));
            fields(page, name, element);
        });
    }

    private static void row(StringBuilder page, String name, JsonNode type, JsonNode element, boolean required) {
        page.append("| ")
                .append(required ? "**" + name + "**" : name)
                .append(" | ")
                .append(type.has("items") ? "list of " + type(element) : type(type))
                .append(" | ")
                .append(
                        type.has("default")
                                ? "`" + type.get("default").toString().replace("\"", "") + "`"
                                : "")
                .append(" | ")
                .append(cell(String.join("; ", rules(type, element))))
                .append(" | ")
                .append(cell(type.path("description").asText()))
                .append(" |\n");
    }

    private static String type(JsonNode schema) {
        return schema.path("x-kubernetes-int-or-string").asBoolean()
                ? "integer or string"
                : schema.path("type").asText();
    }

    private static List<String> rules(JsonNode type, JsonNode element) {
        var rules = new ArrayList<String>();
        if (type.has("maxItems")) {
            rules.add("at most " + type.get("maxItems").asText() + " entries");
        }
        type.path("x-kubernetes-list-map-keys").forEach(key -> rules.add("each `" + key.asText() + "` once"));
        if (type.path("x-kubernetes-list-type").asText().equals("set")) {
            rules.add("each once");
        }
        if (type.has("minItems")) {
            rules.add("at least " + type.get("minItems").asText());
        }
        if (element.has("enum")) {
            var values = new ArrayList<String>();
            element.get("enum").forEach(value -> values.add("`" + value.asText() + "`"));
            rules.add(String.join(", ", values));
        }
        if (element.has("maxLength")) {
            var least = element.path("minLength").asInt();
            var most = element.get("maxLength").asInt();
            rules.add((least == most ? "" + most : least == 0 ? "at most " + most : least + " to " + most)
                    + " characters");
        }
        if (element.has("pattern")) {
            rules.add("`" + element.get("pattern").asText() + "`");
        }
        for (var bound : List.of("minimum", "maximum")) {
            if (element.has(bound)) {
                rules.add(bound + " " + element.get(bound).asText());
            }
        }
        type.path("x-kubernetes-validations")
                .forEach(rule -> rules.add("“" + rule.get("message").asText() + "”"));
        if (element != type) {
            element.path("x-kubernetes-validations")
                    .forEach(rule -> rules.add("“" + rule.get("message").asText() + "”"));
        }
        return rules;
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
