package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Names a {@code spec.image} shortly, so that a status can remember which one led to its image. */
final class ReferenceHash {

    private ReferenceHash() {}

    /** 16 hexadecimal digits: the same for all that mean the same, whatever the order of the tags. */
    static String of(ImageReference image) {
        var filter = image.filter();
        var tags = filter == null || filter.tags() == null ? List.<String>of() : filter.tags();
        var parts = Stream.concat(
                Stream.of(image.id(), image.ref(), filter == null ? null : filter.name()),
                tags.stream().distinct().sorted());
        // Each part with its length before it, so that no two references give the same text.
        var text = parts.map(ReferenceHash::counted).collect(Collectors.joining());
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private static String counted(@Nullable String part) {
        return part == null ? "-" : part.length() + ":" + Objects.requireNonNull(part);
    }
}
