package dev.imageshare.site;

import java.io.IOException;
import java.io.OutputStream;

/** One file of a site, made when it is asked for; the same bytes each time. */
@FunctionalInterface
public interface SiteFile {

    /** Writes it in large pieces; doesn't close the stream. */
    void writeTo(OutputStream out) throws IOException;
}
