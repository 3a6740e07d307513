package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** The events of one watch, one JSON object a line, each flushed; as tables where kubectl wants to print them. */
final class WatchStream {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final OutputStream out;
    private final ResourceType type;
    private final boolean table;
    private final String includeObject;
    private boolean columnsSent;

    WatchStream(OutputStream out, ResourceType type, boolean table, String includeObject) {
        this.out = out;
        this.type = type;
        this.table = table;
        this.includeObject = includeObject;
    }

    void send(String event, ObjectNode object) throws IOException {
        if (table) {
            write(event, Tables.of(type, List.of(object), includeObject, !columnsSent));
            columnsSent = true;
        } else {
            write(event, object);
        }
    }

    /** Tells how far the watch is; {@code initialEnd} marks the end of the objects that were there at its start. */
    void bookmark(long version, boolean initialEnd) throws IOException {
        var object = ObjectApi.empty().put("kind", type.kind()).put("apiVersion", type.apiVersion());
        var metadata = object.putObject("metadata").put("resourceVersion", Long.toString(version));
        if (initialEnd) {
            metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
        }
        if (!table) {
            write("BOOKMARK", object);
        }
    }

    private void write(String event, JsonNode object) throws IOException {
        out.write(JSON.writeValueAsBytes(ObjectApi.empty().put("type", event).set("object", object)));
        out.write('\n');
        out.flush();
    }
}
