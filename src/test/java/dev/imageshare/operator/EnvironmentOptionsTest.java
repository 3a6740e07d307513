package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import picocli.CommandLine;

/** Held against picocli, whose stead it takes in a pod. */
class EnvironmentOptionsTest {

    /** Good values, and what somebody may write in their place. */
    private static final Map<String, List<String>> VALUES = new TreeMap<>(Map.ofEntries(
            Map.entry("--namespaces", List.of("team-a", "team-a,team-b", "team-a, team-b", "", ",", "'a'", "${x}")),
            Map.entry("--threads", List.of("1", "40", "0", "-1", "+3", "007", "0x10", "many", "", "99999999999")),
            Map.entry("--threads-per-cloud", List.of("1", "20", "0", "1.5", "", " 3")),
            Map.entry("--threads-per-namespace", List.of("2", "10", "ten", "")),
            Map.entry("--requests-per-endpoint", List.of("4", "16", "", "4 ")),
            Map.entry("--request-timeout", List.of("1m30s", "500ms", "30", "soon", "-1s", "")),
            Map.entry("--ca-file", List.of("pom.xml", "/no/such/file", "a b", "", "a\0b")),
            Map.entry("--mass-deletion-limit", List.of("0", "25", "-5", "")),
            Map.entry("--mass-deletion-total", List.of("0", "250", "-5", "")),
            Map.entry(
                    "--same-cloud", List.of("https://a,http://b:5000", "https://a,http://b:5000 https://c,https://d")),
            Map.entry("--mass-deletion-settle", List.of("0s", "7s", "1h", "7 s")),
            Map.entry("--cloud-hosts", List.of("a.example,b.example", "*.example.org", "")),
            Map.entry("--allow-local-clouds", List.of("true", "false", "TRUE", "yes")),
            Map.entry("--expiry-notice", List.of("168h", "0s", "1d")),
            Map.entry("--smtp-ports", List.of("25", "25,465", "smtp", "")),
            Map.entry("--notify-interval", List.of("10m", "1d", "")),
            Map.entry("--secret-finalizers", List.of("true", "false", "TRUE", "yes", "")),
            Map.entry("--leader-election", List.of("true", "false", "False", "1")),
            Map.entry("--leader-election-namespace", List.of("operators", "Team_A", "")),
            Map.entry("--shutdown-grace", List.of("50s", "1d", "0")),
            Map.entry("--http-address", List.of("127.0.0.1", "::1", "[::]", "localhost", " ", "")),
            Map.entry("--http-port", List.of("0", "-1", "8081", "http", "65536")),
            Map.entry("--log-format", List.of("json", "TEXT", "xml", "")),
            Map.entry("--log-level", List.of("DEBUG", "trace", "LOUD", ""))));

    private static String variable(String option) {
        return "IMAGESHARE_" + option.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Whether it read it; then picocli reads the same, and refuses nothing of it. */
    private static boolean isReadAsByPicocli(Map<String, String> given) {
        var environment = new TreeMap<String, String>();
        given.forEach((option, value) -> environment.put(variable(option), value));
        var options = new OperatorOptions();
        if (!EnvironmentOptions.fill(options, environment)) {
            return false;
        }
        assertThat(options).as("%s", given).usingRecursiveComparison().isEqualTo(byPicocli(given));
        return true;
    }

    /** A variable is a default to picocli, and an argument isn't read in quite the same way: of "--" it makes something else. */
    private static OperatorOptions byPicocli(Map<String, String> given) {
        var options = new OperatorOptions();
        new CommandLine(options)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setDefaultValueProvider(option -> given.get(((CommandLine.Model.OptionSpec) option).longestName()))
                .parseArgs();
        return options;
    }

    @Example
    void eachValueThatItReadsIsReadAsByPicocli() {
        var read = VALUES.entrySet().stream()
                .flatMap(option -> option.getValue().stream().map(value -> Map.of(option.getKey(), value)))
                .filter(EnvironmentOptionsTest::isReadAsByPicocli)
                .count();

        assertThat(read).isGreaterThan(2L * VALUES.size());
    }

    /** One letter is often the difference between a value and none, so few of them, of few letters. */
    @Property(tries = 3_000)
    void anyOtherTextToo(@ForAll("options") String option, @ForAll("texts") String text) {
        isReadAsByPicocli(Map.of(option, text));
    }

    @Provide
    Arbitrary<String> options() {
        return Arbitraries.of(VALUES.keySet());
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withChars("0123456789-+.,:/_smhdtruefalsTRUEjsonDEBUG ${}'\"\\")
                .ofMaxLength(5);
    }

    @Example
    void withoutAnyVariablePicocliIsNotNeeded() {
        assertThat(isReadAsByPicocli(Map.of())).isTrue();
    }

    /** Else each pod's start would take a quarter longer, and nothing would tell. */
    @Example
    void anOrdinaryValueOfEachOptionNeedsNoPicocli() {
        var ordinary = new TreeMap<String, String>();
        VALUES.forEach((option, values) -> ordinary.put(option, values.get(0)));

        assertThat(isReadAsByPicocli(ordinary)).isTrue();
        assertThat(new CommandLine(new OperatorOptions()).getCommandSpec().options())
                .extracting(CommandLine.Model.OptionSpec::longestName)
                .containsExactlyInAnyOrderElementsOf(VALUES.keySet());
    }

    @Example
    void aValueThatCanNotBeReadIsLeftToPicocliToTell() {
        for (var bad : List.of("IMAGESHARE_THREADS=many", "IMAGESHARE_REQUEST_TIMEOUT=soon", "IMAGESHARE_LOG_LEVEL=")) {
            var parts = bad.split("=", 2);
            assertThat(EnvironmentOptions.fill(new OperatorOptions(), Map.of(parts[0], parts[1])))
                    .as(bad)
                    .isFalse();
        }
    }
}
