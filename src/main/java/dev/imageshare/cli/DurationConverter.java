package dev.imageshare.cli;

import dev.imageshare.reconcile.GoDuration;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations in Kubernetes' format, such as {@code 1m30s}. */
public final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
        return GoDuration.parse(value)
                .orElseThrow(() -> new TypeConversionException("'" + value + "' is not a duration such as 30s or 5m"));
    }
}
