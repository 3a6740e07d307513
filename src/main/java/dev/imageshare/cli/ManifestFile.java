package dev.imageshare.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * One file's text.
 *
 * @param name as given, {@code -} for standard input
 * @param badLine the first line with bytes that are invalid in the file's encoding, from 1; 0 if there is none
 */
record ManifestFile(String name, String text, int badLine) {

    private static final char REPLACEMENT = '\uFFFD';

    /** Read as by kubectl: UTF-8, or UTF-16 with a byte order mark; invalid bytes become U+FFFD. */
    static ManifestFile of(String name, byte[] bytes) {
        var encoding = StandardCharsets.UTF_8;
        var mark = 0;
        if (startsWith(bytes, 0xEF, 0xBB, 0xBF)) {
            mark = 3;
        } else if (startsWith(bytes, 0xFF, 0xFE)) {
            encoding = StandardCharsets.UTF_16LE;
            mark = 2;
        } else if (startsWith(bytes, 0xFE, 0xFF)) {
            encoding = StandardCharsets.UTF_16BE;
            mark = 2;
        }
        return decoded(name, ByteBuffer.wrap(bytes, mark, bytes.length - mark), encoding);
    }

    private static boolean startsWith(byte[] bytes, int... mark) {
        if (bytes.length < mark.length) {
            return false;
        }
        for (int i = 0; i < mark.length; i++) {
            if ((bytes[i] & 0xFF) != mark[i]) {
                return false;
            }
        }
        return true;
    }

    private static ManifestFile decoded(String name, ByteBuffer bytes, Charset encoding) {
        var decoder = encoding.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        var text = CharBuffer.allocate(bytes.remaining() + 1);
        var badLine = 0;
        for (var result = decoder.decode(bytes, text, true);
                result.isError();
                result = decoder.decode(bytes, text, true)) {
            if (badLine == 0) {
                badLine = lineAt(text);
            }
            bytes.position(bytes.position() + result.length());
            text.put(REPLACEMENT);
        }
        return new ManifestFile(name, text.flip().toString(), badLine);
    }

    private static int lineAt(CharBuffer text) {
        return 1 + (int) text.duplicate().flip().chars().filter(c -> c == '\n').count();
    }

    boolean isMalformed() {
        return badLine > 0;
    }
}
