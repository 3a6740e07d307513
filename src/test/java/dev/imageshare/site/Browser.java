package dev.imageshare.site;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.results.Results;
import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Debian's Chromium without a window. It counts what the pages' policy forbids, and what the pages complain of. */
public final class Browser implements AutoCloseable {

    private static final String COUNT_VIOLATIONS = """
            window.violations = [];
            document.addEventListener("securitypolicyviolation", e => window.violations.push(e.violatedDirective + " " + e.blockedURI));
            """;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Begins; the programs are those of {@code src/test/browser/install.sh}. */
    public static Browser start() {
        var logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        var options = new ChromeOptions()
                .setBinary("/usr/bin/chromium")
                .addArguments(
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--hide-scrollbars");
        options.setCapability("goog:loggingPrefs", logs);
        var service = new ChromeDriverService.Builder()
                .usingDriverExecutable(Path.of("/usr/bin/chromedriver").toFile())
                .usingAnyFreePort()
                .build();
        var driver = new ChromeDriver(service, options);
        driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", COUNT_VIOLATIONS));
        driver.executeCdpCommand(
                "Browser.grantPermissions",
                Map.of("permissions", List.of("clipboardReadWrite", "clipboardSanitizedWrite")));
        return new Browser(driver);
    }

    public Browser size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        return this;
    }

    public Browser scheme(String lightOrDark) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", lightOrDark))));
        return this;
    }

    public Browser open(String url) {
        var unused = driver.manage().logs().get(LogType.BROWSER); // of other pages, and of axe
        driver.get(url);
        return this;
    }

    public Browser open(Path file) {
        return open(file, "");
    }

    /** @param query with its question mark, or empty */
    public Browser open(Path file, String query) {
        return open(file.toUri() + query);
    }

    /** As with scripts switched off. */
    public void blockScripts(boolean blocked) {
        driver.executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", blocked));
    }

    public Object script(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    public WebElement one(String css) {
        return driver.findElement(By.cssSelector(css));
    }

    /** Those that can be seen. */
    public List<WebElement> shown(String css) {
        return driver.findElements(By.cssSelector(css)).stream()
                .filter(WebElement::isDisplayed)
                .toList();
    }

    public String text(String css) {
        return one(css).getText();
    }

    public String url() {
        return driver.getCurrentUrl();
    }

    /** Waits until a script says true. */
    public void await(String script, Object... arguments) {
        new WebDriverWait(driver, PATIENCE).until(unused -> Boolean.TRUE.equals(script("return " + script, arguments)));
    }

    /** What axe finds, each with its place; best none. */
    @SuppressWarnings(
            "deprecation") // the mode that replaces it opens a second window, which a page of the disk can't fill
    public List<String> accessibility() {
        Results results = new AxeBuilder().setLegacyMode(true).analyze(driver);
        var unused = driver.manage()
                .logs()
                .get(LogType.BROWSER); // axe asks for style sheets, which a page of the disk may not
        return results.getViolations().stream().map(Browser::described).toList();
    }

    private static String described(Rule rule) {
        return rule.getId() + ": " + rule.getHelp() + " at "
                + rule.getNodes().stream()
                        .limit(3)
                        .map(node -> node.getTarget() + " " + node.getHtml())
                        .toList();
    }

    /** Nothing was forbidden by the policy, and no script failed. */
    public void assertClean() {
        assertThat(script("return window.violations")).as(url()).isEqualTo(List.of());
        assertThat(driver.manage().logs().get(LogType.BROWSER).getAll())
                .as(url())
                .noneMatch(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue());
    }

    public void screenshot(Path png) {
        try {
            Files.createDirectories(png.toAbsolutePath().getParent());
            Files.write(png, driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
