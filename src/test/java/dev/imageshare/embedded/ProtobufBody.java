package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/**
 * Bodies as {@code kubectl create secret}, {@code configmap} and {@code namespace} send them: protobuf in Kubernetes' own
 * envelope. Only what these commands set is read. Numbers of fields: {@code generated.proto} of k8s.io/apimachinery and
 * k8s.io/api/core/v1.
 */
final class ProtobufBody {

    private static final byte[] MAGIC = {'k', '8', 's', 0};

    private enum Form {
        TEXT,
        BYTES,
        TEXTS,
        MAP_OF_TEXT,
        MAP_OF_BYTES,
        METADATA
    }

    private record Field(String name, Form form) {}

    private static final Map<Integer, Field> METADATA = Map.of(
            1, new Field("name", Form.TEXT),
            2, new Field("generateName", Form.TEXT),
            3, new Field("namespace", Form.TEXT),
            11, new Field("labels", Form.MAP_OF_TEXT),
            12, new Field("annotations", Form.MAP_OF_TEXT),
            14, new Field("finalizers", Form.TEXTS));

    private static final Map<String, Map<Integer, Field>> KINDS = Map.of(
            "Namespace", Map.of(1, new Field("metadata", Form.METADATA)),
            "ConfigMap",
                    Map.of(
                            1, new Field("metadata", Form.METADATA),
                            2, new Field("data", Form.MAP_OF_TEXT),
                            3, new Field("binaryData", Form.MAP_OF_BYTES)),
            "Secret",
                    Map.of(
                            1, new Field("metadata", Form.METADATA),
                            2, new Field("data", Form.MAP_OF_BYTES),
                            3, new Field("type", Form.TEXT),
                            4, new Field("stringData", Form.MAP_OF_TEXT)));

    private ProtobufBody() {}

    /** The object as JSON; a kind that isn't known here is answered 415. */
    static ObjectNode read(byte[] body) {
        try {
            if (body.length < MAGIC.length || Arrays.mismatch(MAGIC, Arrays.copyOf(body, MAGIC.length)) >= 0) {
                throw ApiFailure.badRequest("the body is no Kubernetes protobuf");
            }
            var envelope = CodedInputStream.newInstance(body, MAGIC.length, body.length - MAGIC.length);
            var object = ObjectApi.empty();
            byte[] raw = {};
            for (int tag = envelope.readTag(); tag != 0; tag = envelope.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case 1 ->
                        read(
                                envelope.readByteArray(),
                                Map.of(1, new Field("apiVersion", Form.TEXT), 2, new Field("kind", Form.TEXT)),
                                object);
                    case 2 -> raw = envelope.readByteArray();
                    default -> envelope.skipField(tag);
                }
            }
            var fields = KINDS.get(object.path("kind").asText());
            if (fields == null) {
                throw ApiFailure.unsupportedMediaType("this embedded API takes protobuf of a few kinds only: write the "
                        + object.path("kind").asText() + " to a file and use kubectl apply -f");
            }
            read(raw, fields, object);
            return object;
        } catch (IOException e) {
            throw ApiFailure.badRequest("error decoding the body: " + e.getMessage());
        }
    }

    private static void read(byte[] message, Map<Integer, Field> fields, ObjectNode into) throws IOException {
        var in = CodedInputStream.newInstance(message);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            var field = fields.get(WireFormat.getTagFieldNumber(tag));
            if (field == null) {
                in.skipField(tag);
                continue;
            }
            switch (field.form()) {
                case TEXT -> {
                    var text = in.readString();
                    if (!text.isEmpty()) {
                        into.put(field.name(), text);
                    }
                }
                case BYTES -> into.put(field.name(), Base64.getEncoder().encodeToString(in.readByteArray()));
                case TEXTS -> into.withArray("/" + field.name()).add(in.readString());
                case MAP_OF_TEXT -> entry(in.readByteArray(), Form.TEXT, into.withObject("/" + field.name()));
                case MAP_OF_BYTES -> entry(in.readByteArray(), Form.BYTES, into.withObject("/" + field.name()));
                case METADATA -> read(in.readByteArray(), METADATA, into.withObject("/" + field.name()));
            }
        }
    }

    private static void entry(byte[] message, Form form, ObjectNode into) throws IOException {
        var entry = ObjectApi.empty();
        read(message, Map.of(1, new Field("key", Form.TEXT), 2, new Field("value", form)), entry);
        into.put(entry.path("key").asText(), entry.path("value").asText());
    }
}
