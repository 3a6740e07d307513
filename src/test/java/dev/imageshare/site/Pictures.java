package dev.imageshare.site;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Pictures of the pages, made with the browser of {@code src/test/browser/install.sh}: {@code screenshots FOLDER} of all of them
 * at three sizes, to be looked at, and {@code picture FILE} for the README.
 */
public final class Pictures {

    private static final int WIDTH = 1200;
    private static final int HEIGHT = 760;

    private static final List<String> PAGES =
            List.of("index.html", "images.html", "projects.html", "matrix.html", "shares.html", "clouds.html");

    private Pictures() {}

    public static void main(String[] args) throws IOException {
        var usage = "screenshots FOLDER, or picture FILE";
        if (args.length != 2) {
            throw new IllegalArgumentException(usage);
        }
        try (var browser = Browser.start()) {
            switch (args[0]) {
                case "screenshots" -> screenshots(browser, Path.of(args[1]));
                case "picture" -> picture(browser, Path.of(args[1]));
                default -> throw new IllegalArgumentException(usage);
            }
        }
    }

    private static void screenshots(Browser browser, Path folder) throws IOException {
        var sizes =
                Map.of("empty", new SampleSite(0, 0), "ten", new SampleSite(10, 10), "large", new SampleSite(500, 200));
        for (var size : sizes.entrySet()) {
            var data = size.getKey().equals("empty")
                    ? size.getValue().cluster()
                    : size.getValue().both();
            var site = folder.resolve(size.getKey());
            new SiteDirectory(site).write(new InternalSite(data, "Golden images", false).files(), 2);
            var pages = new java.util.ArrayList<>(PAGES);
            if (!data.images().isEmpty()) {
                pages.add("images/" + data.images().get(0).file() + ".html");
                pages.add("projects/" + data.projects().get(0).file() + ".html");
            }
            var catalog = folder.resolve(size.getKey() + "-public");
            new SiteDirectory(catalog)
                    .write(
                            new PublicCatalog(
                                            data,
                                            new PublicCatalog.Publication(
                                                    "Images of the platform team",
                                                    "https://git.example.org/shares",
                                                    true,
                                                    false))
                                    .files(),
                            2);
            for (var page : pages) {
                shoot(
                        browser,
                        site.resolve(page),
                        folder,
                        size.getKey() + "-" + page.replaceFirst("s/.*", "").replaceFirst("\\.html$", ""));
            }
            shoot(browser, catalog.resolve("index.html"), folder, size.getKey() + "-public");
        }
    }

    private static void shoot(Browser browser, Path page, Path folder, String name) {
        for (var scheme : List.of("light", "dark")) {
            browser.scheme(scheme).size(1280, 900).open(page).screenshot(folder.resolve(name + "-" + scheme + ".png"));
        }
        browser.scheme("light").size(390, 844).open(page).screenshot(folder.resolve(name + "-phone.png"));
    }

    private static void picture(Browser browser, Path file) throws IOException {
        var folder = Files.createTempDirectory("picture");
        new SiteDirectory(folder)
                .write(new InternalSite(new SampleSite(24, 12).both(), "Golden images", false).files(), 2);
        browser.scheme("light").size(WIDTH, HEIGHT).open(folder.resolve("index.html"));
        String script;
        try (var in = Objects.requireNonNull(Pictures.class.getResourceAsStream("/picture.js"))) {
            script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Files.writeString(file, (String) browser.script(script, WIDTH, HEIGHT));
    }
}
