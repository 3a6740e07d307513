package dev.imageshare.site;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Names of files for what clouds call things. An ID keeps its own name; other texts, and the second thing of one name, get a
 * hash: a file's name must be safe on every disk, also where case doesn't count, and the same for the same thing each time.
 */
final class FileNames {

    private static final Pattern SAFE = Pattern.compile("[0-9a-f][0-9a-f-]{5,63}");

    private final Map<String, String> taken = new HashMap<>();

    /**
     * @param name what people look for
     * @param identity all that tells the thing from others
     */
    String of(String name, String identity) {
        if (SAFE.matcher(name).matches() && identity.equals(taken.computeIfAbsent(name, free -> identity))) {
            return name;
        }
        return "x" + hash(identity);
    }

    private static String hash(String identity) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
