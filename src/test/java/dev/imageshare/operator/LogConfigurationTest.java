package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.KeyValuePair;

class LogConfigurationTest {

    private final LoggerContext context = new LoggerContext();
    private final Properties properties = new Properties();

    private String written(KeyValuePair... pairs) {
        return written("Not {}", pairs);
    }

    /** A warning with an exception, as it is written. */
    private String written(String message, KeyValuePair... pairs) {
        context.setMDCAdapter(new LogbackMDCAdapter());
        LogConfiguration.apply(context, properties);
        var event = new LoggingEvent(
                getClass().getName(),
                context.getLogger("dev.imageshare.share.X"),
                Level.WARN,
                message,
                new IllegalStateException("broken", deep(200)),
                new Object[] {"well"});
        event.setInstant(Instant.parse("2026-11-27T05:00:00.010Z"));
        event.setKeyValuePairs(List.of(pairs));
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        var console = (ConsoleAppender<ILoggingEvent>) root.getAppender("console");
        assertThat(console.getTarget()).isEqualTo("System.out");
        return new String(console.getEncoder().encode(event), StandardCharsets.UTF_8);
    }

    /** An exception from so many calls down. */
    private static Exception deep(int calls) {
        return calls == 0 ? new IllegalArgumentException("the root") : deep(calls - 1);
    }

    private static JsonNode json(String line) {
        assertThat(line).endsWith("\n").containsOnlyOnce("\n");
        try {
            return new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }

    @Test
    void textHasTheKeysAndTheExceptionItsRootFirst() {
        var text = written(new KeyValuePair("name", "ubuntu"));

        assertThat(text).startsWith("2026-11-27T05:00:00.010Z WARN  X - Not well name=\"ubuntu\"\n");
        assertThat(text.lines().skip(1).findFirst())
                .hasValueSatisfying(line -> assertThat(line).contains("IllegalArgumentException: the root"));
        assertThat(text).contains("java.lang.IllegalStateException: broken", "\tat ");
    }

    @Test
    void jsonIsOneObjectALineWithThePairsAsFields() {
        properties.setProperty("imageshare.log.format", "json");

        var json = json(written(
                new KeyValuePair("name", "ubuntu"),
                new KeyValuePair("added", 3),
                new KeyValuePair("again", true),
                new KeyValuePair("nothing", null)));

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "time",
                        "level",
                        "logger",
                        "thread",
                        "message",
                        "name",
                        "added",
                        "again",
                        "nothing",
                        "exception");
        assertThat(json.get("time").asText()).isEqualTo("2026-11-27T05:00:00.010Z");
        assertThat(json.get("level").asText()).isEqualTo("WARN");
        assertThat(json.get("logger").asText()).isEqualTo("dev.imageshare.share.X");
        assertThat(json.get("message").asText()).isEqualTo("Not well");
        assertThat(json.get("name").asText()).isEqualTo("ubuntu");
        assertThat(json.get("added").isInt()).isTrue();
        assertThat(json.get("again").isBoolean()).isTrue();
        assertThat(json.get("nothing").isNull()).isTrue();
        assertThat(json.get("exception").asText())
                .startsWith("java.lang.IllegalArgumentException: the root")
                .contains("IllegalStateException: broken");
    }

    @Test
    void aPairWithTheNameOfALinesOwnFieldTakesItNothing() {
        properties.setProperty("imageshare.log.format", "json");

        var json = json(written(new KeyValuePair("message", "quoted"), new KeyValuePair("level", 7)));

        assertThat(json.get("message").asText()).isEqualTo("Not well");
        assertThat(json.get("message_").asText()).isEqualTo("quoted");
        assertThat(json.get("level_").asInt()).isEqualTo(7);
    }

    /** Fabric8 and the SDK quote whole objects, and their stack traces go through twenty futures. */
    @ParameterizedTest
    @ValueSource(strings = {"text", "json"})
    void aLineIsBoundedWhateverALibrarySays(String format) {
        properties.setProperty("imageshare.log.format", format);

        var line = written("x".repeat(50_000));

        assertThat(line).hasSizeLessThan(JsonLines.MAX_MESSAGE + JsonLines.MAX_TRACE + 500);
        assertThat(line).contains("the root", "IllegalStateException: broken");
    }

    @Test
    void whatAReaderMayTakeForTheEndOfALineIsEscaped() {
        properties.setProperty("imageshare.log.format", "json");

        var line = written("a\u2028b\nc\u202ed");

        assertThat(line.chars()).allMatch(c -> c >= ' ' && c < 127 || c == '\n');
        assertThat(json(line).get("message").asText()).isEqualTo("a\u2028b\nc\u202ed");
    }

    @Test
    void onlyTheOperatorsOwnLevelIsSet() {
        properties.setProperty("imageshare.log.level", "DEBUG");

        LogConfiguration.apply(context, properties);

        assertThat(context.getLogger("dev.imageshare.share.X").isDebugEnabled()).isTrue();
        assertThat(context.getLogger("io.fabric8.X").isInfoEnabled()).isFalse();
        assertThat(context.getLogger("io.fabric8.X").isWarnEnabled()).isTrue();
    }

    @Test
    void logbackFindsItAndItLeavesTestsTheirOwnFile() {
        var found = ServiceLoader.load(Configurator.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();

        assertThat(found).singleElement().isInstanceOf(LogConfiguration.class);
        assertThat(found.get(0).configure(context)).isEqualTo(Configurator.ExecutionStatus.INVOKE_NEXT_IF_ANY);
        assertThat(context.getLogger("dev.imageshare").getLevel()).isNull();
    }
}
