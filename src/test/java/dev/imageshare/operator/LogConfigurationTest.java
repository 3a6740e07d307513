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
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LogConfigurationTest {

    private final LoggerContext context = new LoggerContext();
    private final Properties properties = new Properties();

    /** A warning with an exception, as it is written. */
    private String written() {
        context.setMDCAdapter(new LogbackMDCAdapter());
        LogConfiguration.apply(context, properties);
        var event = new LoggingEvent(
                getClass().getName(),
                context.getLogger("dev.imageshare.share.X"),
                Level.WARN,
                "Not {}",
                new IllegalStateException("broken"),
                new Object[] {"well"});
        event.setKeyValuePairs(List.of(new KeyValuePair("name", "ubuntu")));
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        var console = (ConsoleAppender<ILoggingEvent>) root.getAppender("console");
        assertThat(console.getTarget()).isEqualTo("System.out");
        return new String(console.getEncoder().encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void textHasTheKeysAndTheWholeException() {
        assertThat(written())
                .containsPattern(
                        "(?m)^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z WARN  X - Not well name=\"ubuntu\"$")
                .contains("java.lang.IllegalStateException: broken", "at dev.imageshare.operator.LogConfigurationTest");
    }

    @Test
    void jsonIsOneObjectALine() throws Exception {
        properties.setProperty("imageshare.log.format", "json");

        var line = written();

        var json = new ObjectMapper().readTree(line);
        assertThat(json.path("level").asText()).isEqualTo("WARN");
        assertThat(json.path("formattedMessage").asText()).isEqualTo("Not well");
        assertThat(json.path("kvpList").toString()).contains("ubuntu");
        assertThat(json.path("throwable").path("message").asText()).isEqualTo("broken");
        assertThat(line.strip()).doesNotContain("\n");
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
