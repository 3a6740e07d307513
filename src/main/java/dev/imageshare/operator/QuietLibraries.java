package dev.imageshare.operator;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggerContextListener;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Keeps libraries from logging below INFO, whatever the configuration says: there they print what they send and
 * receive, including whole Secrets. The operator's own DEBUG and TRACE lines contain none.
 */
final class QuietLibraries extends TurboFilter {

    private static final String OWN = "dev.imageshare";

    static void install() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            var filter = new QuietLibraries();
            context.addTurboFilter(filter);
            context.addListener(new Again(filter));
        }
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] params,
            @Nullable Throwable cause) {
        return level.isGreaterOrEqual(Level.INFO) || logger.getName().startsWith(OWN)
                ? FilterReply.NEUTRAL
                : FilterReply.DENY;
    }

    /** A configuration that is read again drops all filters. */
    private record Again(QuietLibraries filter) implements LoggerContextListener {
        @Override
        public boolean isResetResistant() {
            return true;
        }

        @Override
        public void onReset(LoggerContext context) {
            context.addTurboFilter(filter);
        }

        @Override
        public void onStart(LoggerContext context) {}

        @Override
        public void onStop(LoggerContext context) {}

        @Override
        public void onLevelChange(Logger logger, Level level) {}
    }
}
