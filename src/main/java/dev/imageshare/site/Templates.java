package dev.imageshare.site;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.WriterOutput;
import java.io.BufferedWriter;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The templates of {@code src/main/jte}, and the files that their pages need. */
final class Templates {

    /** Of the pages' style, script and icon. */
    static final List<String> ASSETS = List.of("site.css", "site.js", "icon.svg");

    private final TemplateEngine engine =
            TemplateEngine.createPrecompiled(null, ContentType.Html, null, "dev.imageshare.site.html");

    /**
     * A page.
     *
     * @param template the template's name without its ending
     * @param page its parameter
     */
    SiteFile page(String template, Object page) {
        return out -> {
            var writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            engine.render(template + ".jte", page, new WriterOutput(writer));
            writer.flush();
        };
    }

    static SiteFile asset(String name) {
        return out -> {
            try (InputStream in = Objects.requireNonNull(Templates.class.getResourceAsStream(name), name)) {
                in.transferTo(out);
            }
        };
    }
}
