package dev.imageshare.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.openqa.selenium.Keys;

/** The pages of the disk in a real browser: usable, accessible, and within their own policy. */
@Execution(ExecutionMode.SAME_THREAD) // one browser
class PagesRealIT {

    private static final List<String> PAGES =
            List.of("index.html", "images.html", "projects.html", "matrix.html", "shares.html", "clouds.html");

    @TempDir
    private static Path folder;

    private static Browser browser;

    @BeforeAll
    static void start() throws IOException {
        browser = Browser.start();
        write("empty", new SampleSite(0, 0).cluster());
        write("ten", new SampleSite(10, 10).both());
        write("large", new SampleSite(500, 200).both());
        write("hostile", PagesTest.hostile());
        new SiteDirectory(folder.resolve("public"))
                .write(
                        new PublicCatalog(
                                        new SampleSite(10, 10).both(),
                                        new PublicCatalog.Publication(
                                                "Our images", "https://git.example.org/shares", true, false))
                                .files(),
                        2);
    }

    private static void write(String name, SiteData data) throws IOException {
        new SiteDirectory(folder.resolve(name)).write(new InternalSite(data, "Golden images", false).files(), 2);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
    }

    private static String anyOf(String site, String kind) {
        return kind + "/" + folder.resolve(site).resolve(kind).toFile().list((dir, name) -> name.endsWith(".html"))[0];
    }

    @Test
    void axeFindsNothingOnAnyPageLightOrDarkWideOrNarrow() {
        for (var scheme : List.of("light", "dark")) {
            for (var width : List.of(1280, 390)) {
                browser.scheme(scheme).size(width, 900);
                for (var site : List.of("empty", "ten", "hostile")) {
                    var pages = new java.util.ArrayList<>(PAGES);
                    if (!site.equals("empty")) {
                        pages.add("sets.html");
                        pages.add("rotation.html");
                        pages.add(anyOf(site, "images"));
                        pages.add(anyOf(site, "projects"));
                    }
                    for (var page : pages) {
                        browser.open(folder.resolve(site).resolve(page));
                        browser.assertClean();
                        assertThat(browser.accessibility())
                                .as("%s of %s, %s, %s wide", page, site, scheme, width)
                                .isEmpty();
                    }
                }
                browser.open(folder.resolve("public/index.html"));
                browser.assertClean();
                assertThat(browser.accessibility()).as("public, %s", scheme).isEmpty();
            }
        }
    }

    @Test
    void noPageIsWiderThanAPhone() {
        browser.size(390, 844);
        for (var site : List.of("empty", "ten", "large", "hostile")) {
            var pages = new java.util.ArrayList<>(PAGES);
            if (!site.equals("empty")) {
                pages.addAll(List.of("sets.html", "rotation.html"));
            }
            for (var page : pages) {
                browser.open(folder.resolve(site).resolve(page));
                assertThat((Long) browser.script("return document.documentElement.scrollWidth"))
                        .as("%s of %s", page, site)
                        .isLessThanOrEqualTo(390);
            }
        }
    }

    @Test
    void aFilterIsInTheUrlAndComesBackWithIt() {
        browser.size(1280, 900).open(folder.resolve("ten/images.html"));
        browser.one("input[name=q]").sendKeys("ubuntu");
        browser.await("document.querySelector('output').value === '2 of 10'");
        assertThat(browser.url()).endsWith("images.html?q=ubuntu");
        browser.one("select[name=family] option[value='ubuntu-22.04']").click();
        assertThat(browser.shown("#images tbody tr")).hasSize(1);
        assertThat(browser.url()).contains("q=ubuntu", "family=ubuntu-22.04");

        browser.open(browser.url());

        assertThat(browser.shown("#images tbody tr")).hasSize(1);
        assertThat(browser.one("input[name=q]").getDomProperty("value")).isEqualTo("ubuntu");
        browser.assertClean();
    }

    @Test
    void aListIsSortedByItsHeadsWithTheKeyboardToo() {
        browser.size(1280, 900).open(folder.resolve("ten/images.html"), "?sort=-age");
        var ages = (List<?>)
                browser.script(
                        "return [...document.querySelectorAll('#images tbody tr')].map(row => Number(row.cells[4].textContent))");
        assertThat(ages.stream().map(age -> -((Long) age)).toList()).isSorted();

        browser.one("th[data-sort=name] button").sendKeys(Keys.ENTER);

        assertThat(browser.url()).endsWith("?sort=name");
        assertThat(browser.one("th[data-sort=name]").getDomAttribute("aria-sort"))
                .isEqualTo("ascending");
    }

    @Test
    void theLargeMatrixIsThereAtOnceAndCanBeNarrowed() {
        browser.size(1280, 900).open(folder.resolve("large/matrix.html"));
        var painted = (Number)
                browser.script("return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1");
        System.out.println("first paint of the matrix of 500 x 200: " + painted + " ms");
        assertThat(browser.shown(".matrix details[open]")).hasSize(1);

        browser.one("input[name=project]").sendKeys("billing");
        browser.await("document.querySelector('output').value.startsWith('500 images, 17 projects')");
        browser.one("input[name=q]").sendKeys("rocky-9-2026");
        browser.await("!document.querySelector('output').value.startsWith('500')");
        assertThat(browser.url()).contains("project=billing", "q=rocky-9-2026");
        // The heads stay where they are, whichever way it is scrolled.
        browser.open(folder.resolve("large/matrix.html"));
        browser.script("const m = document.getElementById('matrix'); m.scrollTop = 300; m.scrollLeft = 900;");
        assertThat(browser.script("const m = document.getElementById('matrix').getBoundingClientRect();"
                        + "const row = [...document.querySelectorAll('.matrix details[open] tbody th[scope=row]')]"
                        + "  .map(th => th.getBoundingClientRect().left - m.left);"
                        + "const head = document.querySelector('.matrix details[open] thead th').getBoundingClientRect().top - m.top;"
                        + "return row.every(left => left >= 0 && left < 3) && head >= 0 && head < 3;"))
                .isEqualTo(true);
        browser.assertClean();
    }

    @Test
    void withoutJavaScriptEverythingIsShown() {
        browser.size(1280, 900);
        browser.blockScripts(true);
        try {
            browser.open(folder.resolve("ten/images.html"));
            assertThat(browser.shown("#images tbody tr")).hasSize(10);
            assertThat(browser.shown("form.filters")).isEmpty();
        } finally {
            browser.blockScripts(false);
        }
    }

    @Test
    void hostileNamesDoNothingAndAreRead() {
        for (var page : PAGES) {
            browser.open(folder.resolve("hostile").resolve(page));
            assertThat(browser.script("return document.querySelectorAll('img, iframe, object').length"))
                    .isEqualTo(0L);
            browser.assertClean();
        }
        browser.open(folder.resolve("hostile/images.html"));
        assertThat(browser.text("#images")).contains("<img src=x onerror=alert(1)>");
    }
}
