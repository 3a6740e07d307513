package dev.imageshare.operator;

import ch.qos.logback.classic.ClassicConstants;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Properties;
import org.slf4j.Logger;

/**
 * The configuration of Logback unless it is given a file ({@code -Dlogback.configurationFile}). In code, since reading
 * a file would load 600 more classes, including those for XML, and take a tenth of a second at each start.
 *
 * <p>It reads system properties, which the options for log format and level set: {@code imageshare.log.format}, {@code
 * imageshare.log.level} and {@code imageshare.log.target}. Commands other than the operator itself keep standard output
 * for their result.
 */
public final class LogConfiguration extends ContextAwareBase implements Configurator {

    private static final String TEXT = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level %logger{0} - %.-"
            + JsonLines.MAX_MESSAGE + "msg %kvp%n%rEx{" + JsonLines.MAX_FRAMES + "}";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(ClassicConstants.CONFIG_FILE_PROPERTY) != null || isTest()) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        apply(context, System.getProperties());
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static boolean isTest() {
        return LogConfiguration.class.getClassLoader().getResource(ClassicConstants.TEST_AUTOCONFIG_FILE) != null;
    }

    static void apply(LoggerContext context, Properties properties) {
        var console = new ConsoleAppender<ILoggingEvent>();
        console.setContext(context);
        console.setName("console");
        console.setTarget(properties.getProperty("imageshare.log.target", "System.out"));
        console.setEncoder(encoder(context, properties.getProperty("imageshare.log.format", "text")));
        console.start();

        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(console);
        context.getLogger("dev.imageshare")
                .setLevel(Level.toLevel(properties.getProperty("imageshare.log.level"), Level.INFO));
        // Warns at each start that v1alpha1 is unstable, which we know.
        context.getLogger("io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils")
                .setLevel(Level.ERROR);
    }

    private static Encoder<ILoggingEvent> encoder(LoggerContext context, String format) {
        if (format.equals("json")) {
            var json = new JsonLines();
            json.setContext(context);
            json.start();
            return json;
        }
        var text = new PatternLayoutEncoder();
        text.setContext(context);
        text.setPattern(TEXT);
        text.start();
        return text;
    }
}
