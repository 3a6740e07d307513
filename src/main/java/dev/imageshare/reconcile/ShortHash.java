package dev.imageshare.reconcile;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A name for a sequence of texts that is short enough to be copied: 16 hexadecimal digits. */
public final class ShortHash {

    private ShortHash() {}

    /** Other texts, or the same in another order, have another hash. */
    public static String of(Stream<String> parts) {
        // Each part with its length before it, so that no two sequences give the same text.
        var text = parts.map(part -> part.length() + ":" + part).collect(Collectors.joining());
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
