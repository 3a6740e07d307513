package dev.imageshare.operator;

import ch.qos.logback.classic.pattern.RootCauseFirstThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object per line, as {@code deploy/docs/logs.md} describes it: the key-value pairs of an event are fields
 * next to those of every line. Logback's own JsonEncoder makes an array of them, an object of each stack frame, and a
 * number of the time.
 */
final class JsonLines extends EncoderBase<ILoggingEvent> {

    /** Of a message, in characters; libraries sometimes quote whole objects. */
    static final int MAX_MESSAGE = 2_000;

    /** Of each exception of a chain. */
    static final int MAX_FRAMES = 12;

    /** Of a stack trace, in characters. */
    static final int MAX_TRACE = 5_000;

    /** The fields that every line may have; a pair with such a key gets a trailing underscore. */
    private static final Set<String> OWN = Set.of("time", "level", "logger", "thread", "message", "exception");

    /** RFC 3339, always with milliseconds: lines sort by their text. */
    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

    private final JsonFactory json = JsonFactory.builder()
            // Some readers end a line at U+2028, and direction marks reorder one on a terminal.
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();
    private final RootCauseFirstThrowableProxyConverter traces = new RootCauseFirstThrowableProxyConverter();

    @Override
    public void start() {
        traces.setOptionList(List.of(Integer.toString(MAX_FRAMES)));
        traces.start();
        super.start();
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        var bytes = new ByteArrayOutputStream(512);
        try (var line = json.createGenerator(bytes)) {
            line.writeStartObject();
            line.writeStringField("time", MILLIS.format(event.getInstant()));
            line.writeStringField("level", event.getLevel().toString());
            line.writeStringField("logger", event.getLoggerName());
            line.writeStringField("thread", event.getThreadName());
            line.writeStringField("message", cut(event.getFormattedMessage(), MAX_MESSAGE));
            if (event.getKeyValuePairs() != null) {
                for (var pair : event.getKeyValuePairs()) {
                    write(line, OWN.contains(pair.key) ? pair.key + "_" : pair.key, pair.value);
                }
            }
            if (event.getThrowableProxy() != null) {
                line.writeStringField("exception", cut(traces.convert(event), MAX_TRACE));
            }
            line.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // writing to an array in memory can't fail
        }
        bytes.writeBytes("\n".getBytes(StandardCharsets.US_ASCII));
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator line, String key, @Nullable Object value) throws IOException {
        line.writeFieldName(key);
        if (value instanceof Integer || value instanceof Long) {
            line.writeNumber(((Number) value).longValue());
        } else if (value instanceof Boolean bool) {
            line.writeBoolean(bool);
        } else if (value == null) {
            line.writeNull();
        } else {
            line.writeString(cut(value.toString(), MAX_MESSAGE));
        }
    }

    private static String cut(String text, int max) {
        return text.length() <= max
                ? text
                : text.substring(0, max) + "… (" + (text.length() - max) + " more characters)";
    }
}
