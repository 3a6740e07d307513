package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What an API server does with one object: create, update, patch and delete with their rules about versions, generations,
 * the status, finalizers, dry runs and the life of namespaces and CRDs. Knows nothing of HTTP.
 *
 * <p>Two liberties: a namespace comes into being with its first object, and nobody is refused for lack of rights.
 */
final class ObjectApi {

    /** RFC 1123 subdomains; Kubernetes asks them of the names of all kinds served here. */
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    /** What only the server writes; a request's values are not looked at. */
    private static final List<String> OWN_METADATA = List.of(
            "name",
            "namespace",
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generation");

    /**
     * How a request wants to be treated.
     *
     * @param fieldValidation {@code Strict}: refuse unknown fields; {@code Ignore}; else warn
     * @param warnings where warnings for the client are put
     */
    record Options(boolean dryRun, String fieldValidation, String fieldManager, List<String> warnings) {}

    private final ObjectMapper json = new ObjectMapper();
    private final ObjectMapper yaml = new YAMLMapper();
    private final ObjectStore store;
    private final Clock clock;
    private final Function<String, UUID> uids;
    private final Map<String, ResourceType> types = new LinkedHashMap<>();
    private final Map<String, ObjectNode> lastApplied = new HashMap<>();

    /** @param uids gives a new object's UID, by its kind, namespace and name */
    ObjectApi(ObjectStore store, Clock clock, Function<String, UUID> uids) {
        this.store = store;
        this.clock = clock;
        this.uids = uids;
        ResourceType.BUILT_IN.forEach(this::serve);
        ensureNamespace("default");
    }

    Collection<ResourceType> types() {
        synchronized (store) {
            return List.copyOf(types.values());
        }
    }

    Optional<ResourceType> type(String root, String plural) {
        synchronized (store) {
            return Optional.ofNullable(types.get(root + "/" + plural));
        }
    }

    ObjectNode create(ResourceType type, String namespace, ObjectNode body, Options options) {
        synchronized (store) {
            var object = body.deepCopy();
            var metadata = named(type, namespace, object);
            var name = metadata.path("name").asText();
            if (store.get(type, namespace, name).isPresent()) {
                throw ApiFailure.alreadyExists(type, name);
            }
            if (type.hasStatus()) {
                object.remove("status");
            }
            metadata.remove(List.of("deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink"));
            metadata.put(
                    "uid",
                    uids.apply(type.kind() + " " + namespace + "/" + name).toString());
            metadata.put("creationTimestamp", now());
            if (type.isCustom() || type.equals(ResourceType.CRDS)) {
                metadata.put("generation", 1);
            }
            admit(type, object, null, options);
            if (type.namespaced()) {
                refuseInTerminatingNamespace(namespace);
            }
            if (!options.dryRun()) {
                if (type.namespaced()) {
                    ensureNamespace(namespace);
                }
                save(type, object);
            }
            return object;
        }
    }

    ObjectNode update(
            ResourceType type, String namespace, String name, boolean status, ObjectNode body, Options options) {
        synchronized (store) {
            var current = require(type, namespace, name);
            var version = body.at("/metadata/resourceVersion").asText();
            if (version.isEmpty() && type.isCustom()) {
                throw ApiFailure.invalid(
                        type,
                        name,
                        List.of(FieldError.invalid(
                                "metadata.resourceVersion", "0x0", "must be specified for an update")));
            }
            return replace(type, current, body.deepCopy(), status, options);
        }
    }

    /** A patch of any of the four kinds, by its content type; only server-side apply makes an object that is absent. */
    ObjectNode patch(
            ResourceType type,
            String namespace,
            String name,
            boolean status,
            String contentType,
            byte[] body,
            Options options) {
        synchronized (store) {
            var current = store.get(type, namespace, name).orElse(null);
            if (contentType.startsWith("application/apply-patch")) {
                return apply(type, namespace, name, status, current, object(parse(body)), options);
            }
            if (current == null) {
                throw ApiFailure.notFound(type, name);
            }
            var patched = switch (contentType.replaceFirst(";.*", "")) {
                case "application/json-patch+json" -> Patches.json(current, parse(body));
                case "application/merge-patch+json" -> Patches.merge(current, object(parse(body)));
                case "application/strategic-merge-patch+json" -> {
                    if (type.isCustom()) {
                        throw ApiFailure.unsupportedMediaType(
                                "the body of the request was in an unknown format - accepted media types include:"
                                        + " application/json-patch+json, application/merge-patch+json,"
                                        + " application/apply-patch+yaml");
                    }
                    yield Patches.strategicMerge(current, object(parse(body)));
                }
                default ->
                    throw ApiFailure.unsupportedMediaType(
                            "the body of the request was in an unknown format: " + contentType);
            };
            return replace(type, current, patched, status, options);
        }
    }

    private ObjectNode apply(
            ResourceType type,
            String namespace,
            String name,
            boolean status,
            ObjectNode current,
            ObjectNode body,
            Options options) {
        var wanted = body.deepCopy();
        if (wanted.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(List.of("resourceVersion", "managedFields", "uid", "creationTimestamp"));
        }
        ObjectNode result;
        if (current == null) {
            if (status) {
                throw ApiFailure.notFound(type, name);
            }
            result = create(type, namespace, wanted.deepCopy(), options);
        } else {
            var last = lastApplied.getOrDefault(owner(current, status, options), json.createObjectNode());
            var schema = type.isCustom()
                    ? type.crd().crd().at("/spec/versions/0/schema/openAPIV3Schema")
                    : json.createObjectNode();
            result = replace(type, current, Patches.apply(current, last, wanted.deepCopy(), schema), status, options);
        }
        if (!options.dryRun()) {
            lastApplied.put(owner(result, status, options), wanted);
        }
        return result;
    }

    private static String owner(ObjectNode object, boolean status, Options options) {
        return object.at("/metadata/uid").asText() + "/" + status + "/" + options.fieldManager();
    }

    /**
     * Deletes an object, or marks it as being deleted while something holds it.
     *
     * @return the object where it is held, else a Status
     */
    ObjectNode delete(ResourceType type, String namespace, String name, JsonNode deleteOptions, Options options) {
        synchronized (store) {
            var current = require(type, namespace, name);
            var uid = deleteOptions.at("/preconditions/uid").asText();
            if (!uid.isEmpty() && !uid.equals(current.at("/metadata/uid").asText())) {
                throw ApiFailure.conflict(type, name, "the UID in the precondition (" + uid + ") does not match");
            }
            var version = deleteOptions.at("/preconditions/resourceVersion").asText();
            if (!version.isEmpty()) {
                refuseStale(type, name, version, current);
            }
            var dryRun =
                    options.dryRun() || deleteOptions.path("dryRun").toString().contains("All");
            if (isHeld(type, current)) {
                return dryRun ? current : markDeleted(type, current, options);
            }
            if (!dryRun) {
                remove(type, current);
            }
            var status = json.createObjectNode().put("kind", "Status").put("apiVersion", "v1");
            status.putObject("metadata");
            status.put("status", "Success");
            status.putObject("details")
                    .put("name", name)
                    .put("group", type.group())
                    .put("kind", type.plural())
                    .put("uid", current.at("/metadata/uid").asText());
            return status;
        }
    }

    /** Stamps an object that something holds, and what it contains; the object may be gone by the end of that. */
    private ObjectNode markDeleted(ResourceType type, ObjectNode current, Options options) {
        if (current.at("/metadata/deletionTimestamp").isTextual()) {
            return current;
        }
        var marked = current.deepCopy();
        var metadata = marked.withObject("/metadata");
        metadata.put("deletionTimestamp", now()).put("deletionGracePeriodSeconds", 0);
        if (metadata.has("generation")) {
            metadata.put("generation", metadata.path("generation").asInt() + 1);
        }
        if (type.equals(ResourceType.NAMESPACES)) {
            marked.withObject("/status").put("phase", "Terminating");
        }
        store.put(type, marked);
        deleteContent(type, marked, options);
        return marked;
    }

    /** Puts {@code proposed} in the place of {@code current}, of which it keeps what the request may not change. */
    private ObjectNode replace(
            ResourceType type, ObjectNode current, ObjectNode proposed, boolean status, Options options) {
        var before = current.path("metadata");
        var name = before.path("name").asText();
        for (var field : List.of("name", "namespace")) {
            var value = proposed.path("metadata").path(field).asText();
            if (!value.isEmpty() && !value.equals(before.path(field).asText())) {
                throw ApiFailure.badRequest("the %s of the object (%s) does not match the %s on the URL (%s)"
                        .formatted(field, value, field, before.path(field).asText()));
            }
        }
        refuseStale(type, name, proposed.at("/metadata/resourceVersion").asText(), current);
        ObjectNode result;
        if (status) {
            result = current.deepCopy();
            setOrRemove(result, "status", proposed.path("status"));
        } else {
            result = proposed;
            if (type.hasStatus()) {
                setOrRemove(result, "status", current.path("status"));
            }
        }
        var metadata = result.withObject("/metadata");
        metadata.remove("managedFields");
        metadata.set("resourceVersion", before.path("resourceVersion"));
        OWN_METADATA.forEach(field -> setOrRemove(metadata, field, before.path(field)));
        admit(type, result, current, options);
        if (metadata.has("deletionTimestamp")) {
            refuseNewFinalizers(type, name, before, metadata);
        }
        if (metadata.has("generation") && !declaration(result).equals(declaration(current))) {
            metadata.put("generation", metadata.path("generation").asInt() + 1);
        }
        if (!options.dryRun() && !result.equals(current)) {
            if (metadata.has("deletionTimestamp") && !isHeld(type, result)) {
                remove(type, result);
            } else {
                save(type, result);
            }
        }
        return result;
    }

    private void save(ResourceType type, ObjectNode object) {
        if (type.equals(ResourceType.CRDS)) {
            serve(ResourceType.declaredBy(object));
            establish(object);
        }
        store.put(type, object);
    }

    /** Makes of a request's object what is stored: the rules of its CRD, and what the built-in kinds do by themselves. */
    private void admit(ResourceType type, ObjectNode object, ObjectNode current, Options options) {
        if (!object.path("kind").asText(type.kind()).equals(type.kind())
                || !object.path("apiVersion").asText(type.apiVersion()).equals(type.apiVersion())) {
            throw ApiFailure.badRequest(object.path("kind") + " in version " + object.path("apiVersion")
                    + " cannot be handled as a " + type.kind());
        }
        object.put("apiVersion", type.apiVersion()).put("kind", type.kind());
        if (type.isCustom()) {
            admitCustom(type, object, current, options);
        } else if (type.equals(ResourceType.SECRETS)) {
            admitSecret(object);
        } else if (type.equals(ResourceType.NAMESPACES) && current == null) {
            object.withObject("/status").put("phase", "Active");
            object.withObject("/metadata/labels")
                    .put(
                            "kubernetes.io/metadata.name",
                            object.at("/metadata/name").asText());
        }
    }

    private static void admitCustom(ResourceType type, ObjectNode object, ObjectNode current, Options options) {
        var unknown = type.crd().prune(object).stream()
                .map(path -> "unknown field \"" + path + "\"")
                .toList();
        if (!unknown.isEmpty() && options.fieldValidation().equals("Strict")) {
            throw ApiFailure.badRequest("%s in version \"%s\" cannot be handled as a %s: strict decoding error: %s"
                    .formatted(type.kind(), type.version(), type.kind(), String.join(", ", unknown)));
        }
        if (!options.fieldValidation().equals("Ignore")) {
            options.warnings().addAll(unknown);
        }
        type.crd().applyDefaults(object);
        var errors = type.crd().validate(object, current);
        if (!errors.isEmpty()) {
            throw ApiFailure.invalid(type, object.at("/metadata/name").asText(), errors);
        }
    }

    private static void admitSecret(ObjectNode secret) {
        if (secret.remove("stringData") instanceof ObjectNode texts) {
            var data = secret.withObject("/data");
            texts.properties()
                    .forEach(text -> data.put(
                            text.getKey(),
                            Base64.getEncoder()
                                    .encodeToString(text.getValue().asText().getBytes(StandardCharsets.UTF_8))));
        }
        if (!secret.has("type")) {
            secret.put("type", "Opaque");
        }
    }

    /** Gives the new object its name and namespace, or refuses them. */
    private ObjectNode named(ResourceType type, String namespace, ObjectNode object) {
        var metadata = object.withObject("/metadata");
        if (!metadata.has("name") && metadata.has("generateName")) {
            metadata.put("name", metadata.path("generateName").asText() + Long.toString(System.nanoTime(), 36));
        }
        var name = metadata.path("name").asText();
        if (name.length() > 253 || !NAME.matcher(name).matches()) {
            throw ApiFailure.invalid(
                    type,
                    name,
                    List.of(
                            name.isEmpty()
                                    ? FieldError.required("metadata.name")
                                    : FieldError.invalid(
                                            "metadata.name",
                                            '"' + name + '"',
                                            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
                                                    + " characters, '-' or '.', and must start and end with an alphanumeric"
                                                    + " character")));
        }
        if (type.namespaced()) {
            if (!metadata.path("namespace").asText(namespace).equals(namespace)) {
                throw ApiFailure.badRequest(
                        "the namespace of the provided object does not match the namespace sent on the" + " request");
            }
            metadata.put("namespace", namespace);
        }
        return metadata;
    }

    private ObjectNode require(ResourceType type, String namespace, String name) {
        return store.get(type, namespace, name).orElseThrow(() -> ApiFailure.notFound(type, name));
    }

    private static void refuseStale(ResourceType type, String name, String version, ObjectNode current) {
        if (!version.isEmpty()
                && !version.equals(current.at("/metadata/resourceVersion").asText())) {
            throw ApiFailure.conflict(
                    type,
                    name,
                    "the object has been modified; please apply your changes to the latest version and try again");
        }
    }

    private static void refuseNewFinalizers(ResourceType type, String name, JsonNode before, JsonNode after) {
        Set<String> added = new TreeSet<>();
        after.path("finalizers").forEach(f -> added.add('"' + f.asText() + '"'));
        before.path("finalizers").forEach(f -> added.remove('"' + f.asText() + '"'));
        if (!added.isEmpty()) {
            throw ApiFailure.invalid(
                    type,
                    name,
                    List.of(FieldError.forbidden(
                            "metadata.finalizers",
                            "no new finalizers can be added if the object is being deleted, found new finalizers "
                                    + "[]string{" + String.join(", ", added) + "}")));
        }
    }

    private void refuseInTerminatingNamespace(String namespace) {
        var terminating = store.get(ResourceType.NAMESPACES, "", namespace)
                .filter(n -> n.at("/metadata/deletionTimestamp").isTextual());
        if (terminating.isPresent()) {
            throw ApiFailure.forbidden(
                    "unable to create new content in namespace " + namespace + " because it is being terminated");
        }
    }

    private void ensureNamespace(String name) {
        if (store.get(ResourceType.NAMESPACES, "", name).isEmpty()) {
            var namespace = json.createObjectNode();
            namespace.putObject("metadata").put("name", name);
            create(ResourceType.NAMESPACES, "", namespace, new Options(false, "Ignore", "", new ArrayList<>()));
        }
    }

    /** A namespace takes its objects with it, and a CRD those of its kind. */
    private void deleteContent(ResourceType type, ObjectNode object, Options options) {
        var name = object.at("/metadata/name").asText();
        for (var content : types()) {
            if (contains(type, name, content)) {
                for (var inner : content(type, name, content)) {
                    delete(
                            content,
                            inner.at("/metadata/namespace").asText(),
                            inner.at("/metadata/name").asText(),
                            json.createObjectNode(),
                            options);
                }
            }
        }
    }

    /** Removes an object that is being deleted, if nothing holds it any more. */
    private void removeIfFree(ResourceType type, String namespace, String name) {
        store.get(type, namespace, name)
                .filter(object -> object.at("/metadata/deletionTimestamp").isTextual() && !isHeld(type, object))
                .ifPresent(object -> remove(type, object));
    }

    /** Whether an object has finalizers, or contains others. */
    private boolean isHeld(ResourceType type, ObjectNode object) {
        var name = object.at("/metadata/name").asText();
        return !object.at("/metadata/finalizers").isEmpty()
                || types().stream()
                        .filter(content -> contains(type, name, content))
                        .anyMatch(content -> !content(type, name, content).isEmpty());
    }

    /** Removes an object, and then what waited for that. */
    private void remove(ResourceType type, ObjectNode object) {
        store.remove(type, object);
        if (type.equals(ResourceType.CRDS)) {
            var name = object.at("/metadata/name").asText();
            var ended = types.values().stream()
                    .filter(t -> t.isCustom() && t.qualifiedPlural().equals(name))
                    .toList();
            types.values().removeAll(ended);
            ended.forEach(store::wakeUp);
        }
        if (type.namespaced()) {
            removeIfFree(
                    ResourceType.NAMESPACES,
                    "",
                    object.at("/metadata/namespace").asText());
        }
        if (type.isCustom()) {
            removeIfFree(ResourceType.CRDS, "", type.qualifiedPlural());
        }
    }

    private static boolean contains(ResourceType type, String name, ResourceType content) {
        return type.equals(ResourceType.NAMESPACES) && content.namespaced()
                || type.equals(ResourceType.CRDS)
                        && content.isCustom()
                        && content.qualifiedPlural().equals(name);
    }

    private List<ObjectNode> content(ResourceType type, String name, ResourceType content) {
        return store.list(content, type.equals(ResourceType.NAMESPACES) ? name : null)
                .objects();
    }

    private void serve(ResourceType type) {
        types.put(type.root() + "/" + type.plural(), type);
    }

    /** kubectl waits for this after it has applied a CRD. */
    private void establish(ObjectNode crd) {
        if (!crd.has("status")) {
            var status = crd.putObject("status");
            status.set("acceptedNames", crd.at("/spec/names"));
            status.putArray("storedVersions")
                    .add(crd.at("/spec/versions/0/name").asText());
            for (var type : List.of("NamesAccepted", "Established")) {
                status.withArray("conditions")
                        .addObject()
                        .put("type", type)
                        .put("status", "True")
                        .put("reason", "NoConflicts")
                        .put("message", "")
                        .put("lastTransitionTime", now());
            }
        }
    }

    /** The part of an object that its generation counts. */
    private static ObjectNode declaration(ObjectNode object) {
        var declaration = object.deepCopy();
        declaration.remove(List.of("metadata", "status"));
        return declaration;
    }

    private JsonNode parse(byte[] body) {
        try {
            var isJson = body.length > 0 && (body[0] == '{' || body[0] == '[');
            return isJson ? json.readTree(body) : yaml.readTree(body);
        } catch (IOException e) {
            throw ApiFailure.badRequest("error decoding the body: " + e.getMessage());
        }
    }

    private static ObjectNode object(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw ApiFailure.badRequest("the body of the request is no object");
    }

    private static void setOrRemove(ObjectNode object, String field, JsonNode value) {
        if (value.isMissingNode()) {
            object.remove(field);
        } else {
            object.set(field, value);
        }
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** An object of a request's body. */
    ObjectNode read(byte[] body) {
        return object(parse(body));
    }

    /** An empty object, to be filled. */
    static ObjectNode empty() {
        return JsonNodeFactory.instance.objectNode();
    }
}
