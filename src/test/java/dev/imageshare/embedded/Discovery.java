package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * What tells clients what is served: version, groups, resources, and the OpenAPI v3 documents from which kubectl explains
 * fields and learns that the server validates them.
 */
final class Discovery {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Discovery() {}

    /** The document at a path, if it is one of these. */
    static Optional<ObjectNode> at(String path, Collection<ResourceType> types) {
        if (path.startsWith("/openapi/v3/")) {
            return openApi(path.substring("/openapi/v3".length()), types);
        }
        return switch (path) {
            case "/version" -> Optional.of(version());
            case "/api" -> {
                var versions = JSON.objectNode().put("kind", "APIVersions");
                versions.putArray("versions").add("v1");
                yield Optional.of(versions);
            }
            case "/apis" -> Optional.of(groups(types));
            case "/openapi/v3" -> Optional.of(openApiPaths(types));
            default -> resources(path, types);
        };
    }

    /** CEL rules are in every server from 1.25 on; this one is as new as the kubectl it was tried with. */
    private static ObjectNode version() {
        return JSON.objectNode()
                .put("major", "1")
                .put("minor", "32")
                .put("gitVersion", "v1.32.0+embedded")
                .put("gitCommit", "")
                .put("gitTreeState", "clean")
                .put("platform", "java");
    }

    private static ObjectNode groups(Collection<ResourceType> types) {
        var groups = new LinkedHashMap<String, ObjectNode>();
        for (var type : types) {
            if (!type.group().isEmpty()) {
                groups.computeIfAbsent(type.group(), name -> {
                    var version = JSON.objectNode()
                            .put("groupVersion", type.apiVersion())
                            .put("version", type.version());
                    var group = JSON.objectNode().put("name", name);
                    group.putArray("versions").add(version);
                    group.set("preferredVersion", version);
                    return group;
                });
            }
        }
        var list = JSON.objectNode().put("kind", "APIGroupList").put("apiVersion", "v1");
        list.putArray("groups").addAll(groups.values());
        return list;
    }

    private static Optional<ObjectNode> resources(String path, Collection<ResourceType> types) {
        var list = JSON.objectNode().put("kind", "APIResourceList").put("apiVersion", "v1");
        var resources = list.putArray("resources");
        for (var type : types) {
            if (type.root().equals(path)) {
                list.put("groupVersion", type.apiVersion());
                var entry = resources
                        .addObject()
                        .put("name", type.plural())
                        .put("singularName", type.singular())
                        .put("namespaced", type.namespaced())
                        .put("kind", type.kind());
                List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
                        .forEach(entry.putArray("verbs")::add);
                type.shortNames().forEach(entry.putArray("shortNames")::add);
                type.categories().forEach(entry.putArray("categories")::add);
                if (type.hasStatus()) {
                    var status = resources
                            .addObject()
                            .put("name", type.plural() + "/status")
                            .put("singularName", "")
                            .put("namespaced", type.namespaced())
                            .put("kind", type.kind());
                    List.of("get", "patch", "update").forEach(status.putArray("verbs")::add);
                }
            }
        }
        return resources.isEmpty() ? Optional.empty() : Optional.of(list);
    }

    private static ObjectNode openApiPaths(Collection<ResourceType> types) {
        var document = JSON.objectNode();
        var paths = document.putObject("paths");
        for (var type : types) {
            paths.putObject(type.root().substring(1)).put("serverRelativeURL", "/openapi/v3" + type.root());
        }
        return document;
    }

    private static Optional<ObjectNode> openApi(String root, Collection<ResourceType> types) {
        var document = JSON.objectNode().put("openapi", "3.0.0");
        document.putObject("info").put("title", "Kubernetes").put("version", "v1.32.0");
        var paths = document.putObject("paths");
        var schemas = document.putObject("components").putObject("schemas");
        for (var type : types) {
            if (type.root().equals(root)) {
                var kind = JSON.objectNode()
                        .put("group", type.group())
                        .put("version", type.version())
                        .put("kind", type.kind());
                var operations = paths.putObject(
                        root + (type.namespaced() ? "/namespaces/{namespace}/" : "/") + type.plural() + "/{name}");
                for (var verb : List.of("get", "put", "post", "patch", "delete")) {
                    var operation = operations.putObject(verb);
                    operation.set("x-kubernetes-group-version-kind", kind);
                    for (var parameter : List.of("dryRun", "fieldManager", "fieldValidation")) {
                        operation
                                .withArray("parameters")
                                .addObject()
                                .put("name", parameter)
                                .put("in", "query");
                    }
                }
                schemas.set(type.group() + "." + type.version() + "." + type.kind(), schema(type, kind));
            }
        }
        return paths.isEmpty() ? Optional.empty() : Optional.of(document);
    }

    private static ObjectNode schema(ResourceType type, ObjectNode kind) {
        var schema = type.isCustom()
                ? (ObjectNode) type.crd()
                        .crd()
                        .at("/spec/versions/0/schema/openAPIV3Schema")
                        .deepCopy()
                : JSON.objectNode().put("type", "object").put("x-kubernetes-preserve-unknown-fields", true);
        var properties = schema.withObject("/properties");
        properties.putObject("apiVersion").put("type", "string").put("description", "The API's group and version.");
        properties.putObject("kind").put("type", "string").put("description", "The kind of this object.");
        properties
                .putObject("metadata")
                .put("type", "object")
                .put("description", "Name, namespace, labels, annotations and what else all objects have.");
        schema.putArray("x-kubernetes-group-version-kind").add(kind);
        return schema;
    }
}
