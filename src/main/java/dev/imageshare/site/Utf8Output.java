package dev.imageshare.site;

import gg.jte.TemplateOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What a template writes, as UTF-8; for texts that are ASCII nearly always a copy. To be flushed at the end. */
final class Utf8Output implements TemplateOutput {

    private final OutputStream out;
    private final byte[] buffer = new byte[1 << 14];
    private int used;

    Utf8Output(OutputStream out) {
        this.out = out;
    }

    @Override
    public void writeContent(String value) {
        writeBinaryContent(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void writeContent(String value, int begin, int end) {
        writeContent(value.substring(begin, end));
    }

    @Override
    public void writeBinaryContent(byte[] bytes) {
        if (bytes.length > buffer.length - used) {
            flush();
        }
        if (bytes.length > buffer.length) {
            write(bytes, bytes.length);
        } else {
            System.arraycopy(bytes, 0, buffer, used, bytes.length);
            used += bytes.length;
        }
    }

    /** Hands on what was written; doesn't flush the stream. */
    void flush() {
        write(buffer, used);
        used = 0;
    }

    private void write(byte[] bytes, int length) {
        try {
            out.write(bytes, 0, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
