package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;

/** A request that the API refuses, with the {@code Status} that it answers. */
final class ApiFailure extends RuntimeException {

    private final transient ObjectNode status;

    ApiFailure(int code, String reason, String message) {
        super(message, null, false, false);
        status = JsonNodeFactory.instance.objectNode();
        status.put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Failure").put("message", message).put("reason", reason);
        status.put("code", code);
    }

    static ApiFailure badRequest(String message) {
        return new ApiFailure(400, "BadRequest", message);
    }

    static ApiFailure forbidden(String message) {
        return new ApiFailure(403, "Forbidden", message);
    }

    static ApiFailure noSuchPath() {
        return new ApiFailure(404, "NotFound", "the server could not find the requested resource");
    }

    static ApiFailure notFound(ResourceType type, String name) {
        return new ApiFailure(404, "NotFound", type.qualifiedPlural() + " \"" + name + "\" not found")
                .about(type, type.plural(), name);
    }

    static ApiFailure methodNotAllowed() {
        return new ApiFailure(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    }

    static ApiFailure alreadyExists(ResourceType type, String name) {
        return new ApiFailure(409, "AlreadyExists", type.qualifiedPlural() + " \"" + name + "\" already exists")
                .about(type, type.plural(), name);
    }

    static ApiFailure conflict(ResourceType type, String name, String why) {
        return new ApiFailure(
                        409,
                        "Conflict",
                        "Operation cannot be fulfilled on " + type.qualifiedPlural() + " \"" + name + "\": " + why)
                .about(type, type.plural(), name);
    }

    static ApiFailure gone(long version, long oldest) {
        return new ApiFailure(410, "Expired", "too old resource version: " + version + " (" + oldest + ")");
    }

    static ApiFailure unsupportedMediaType(String message) {
        return new ApiFailure(415, "UnsupportedMediaType", message);
    }

    static ApiFailure unprocessable(String message) {
        return new ApiFailure(422, "Invalid", message);
    }

    static ApiFailure invalid(ResourceType type, String name, List<FieldError> errors) {
        var list = errors.stream().map(FieldError::toString).collect(Collectors.joining(", "));
        var kind = type.group().isEmpty() ? type.kind() : type.kind() + "." + type.group();
        var failure = new ApiFailure(
                        422,
                        "Invalid",
                        kind + " \"" + name + "\" is invalid: " + (errors.size() == 1 ? list : "[" + list + "]"))
                .about(type, type.kind(), name);
        var causes = failure.status.withObject("/details").putArray("causes");
        for (var error : errors) {
            causes.addObject()
                    .put("reason", error.reason())
                    .put("message", error.detail())
                    .put("field", error.field());
        }
        return failure;
    }

    int code() {
        return status.path("code").asInt();
    }

    ObjectNode status() {
        return status;
    }

    private ApiFailure about(ResourceType type, String kind, String name) {
        status.putObject("details").put("name", name).put("group", type.group()).put("kind", kind);
        return this;
    }
}
