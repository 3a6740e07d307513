package dev.imageshare.notifier;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imageshare.notifier.Outbox.Parcel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes CloudEvents 1.0 in structured mode: one of its own for a single notice, one digest of several. */
final class EventText {

    static final String CONTENT_TYPE = "application/cloudevents+json; charset=utf-8";

    /** A digest has at most so many, but for those of one project, which are never parted. */
    static final int MOST = 1_000;

    private static final String TYPE = "dev.imageshare.notice.";
    private static final String VERSION = ".v1";

    private static final JsonMapper JSON = new JsonMapper();

    private final String source;

    /** @param source the notifier's path in the Kubernetes API */
    EventText(String source) {
        this.source = source;
    }

    byte[] body(Parcel parcel) {
        var notices = parcel.notices();
        if (notices.size() == 1) {
            return bytes(event(notices.get(0)));
        }
        var digest = envelope(Wording.id(notices), "digest");
        var events = digest.putObject("data").putArray("events");
        notices.forEach(notice -> events.add(event(notice)));
        return bytes(digest);
    }

    /** An event that only shows that events arrive. */
    byte[] test() {
        var event = envelope("test", "test");
        event.putObject("data").put("message", "This is a test. There is nothing to do.");
        return bytes(event);
    }

    private ObjectNode event(Notice notice) {
        var event = envelope(notice.id(), notice.event().name().toLowerCase(Locale.ROOT));
        event.put("subject", notice.image().id());
        var data = event.putObject("data");
        data.put("project", notice.project());
        data.put("message", Wording.sentence(notice));
        var image = data.putObject("image");
        image.put("id", notice.image().id());
        put(image, "name", notice.image().name());
        image.put("owner", notice.image().owner());
        image.put("region", notice.image().region());
        put(image, "cloud", notice.image().cloud());
        data.putObject("imageShare")
                .put("namespace", notice.share().namespace())
                .put("name", notice.share().name());
        put(data, "answer", notice.answer() == null ? null : notice.answer().name());
        put(data, "until", notice.end().map(Object::toString).orElse(null));
        switch (notice.event()) {
            case Reminder -> data.put("reminder", notice.number());
            case RemovalHeld -> data.put("removals", notice.number()).put("approve", Wording.approve(notice));
            case Offered, Answered, Withdrawn, Expiring -> {}
        }
        if (Wording.isOpen(notice)) {
            data.put("accept", Wording.accept(notice));
        }
        return event;
    }

    private ObjectNode envelope(String id, String type) {
        return JSON.createObjectNode()
                .put("specversion", "1.0")
                .put("id", id)
                .put("source", source)
                .put("type", TYPE + type + VERSION)
                .put("datacontenttype", "application/json");
    }

    private static void put(ObjectNode node, String name, @Nullable String value) {
        if (value != null) {
            node.put(name, value);
        }
    }

    private static byte[] bytes(ObjectNode node) {
        try {
            return JSON.writeValueAsString(node).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is JSON", e);
        }
    }
}
