package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.openstack.CloudHosts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.OptionSpec;

/** The command line itself; that environment variables are read, {@code OperatorJarIT} shows on a process. */
class OperatorMainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return OperatorMain.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    private static Settings settings(String... args) {
        var line = OperatorMain.commandLine();
        line.parseArgs(args);
        return line.<OperatorMain>getCommand().settings();
    }

    static Stream<OptionSpec> options() {
        Predicate<OptionSpec> standard = o -> o.usageHelp() || o.versionHelp();
        return OperatorMain.commandLine().getCommandSpec().options().stream().filter(standard.negate());
    }

    private static String variable(OptionSpec option) {
        return "IMAGESHARE_"
                + option.longestName().substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Before variables are put in. */
    private static String declaredDefault(OptionSpec option) {
        return ((Field) option.userObject())
                .getAnnotation(picocli.CommandLine.Option.class)
                .defaultValue();
    }

    @ParameterizedTest
    @MethodSource("options")
    void everyOptionHasAnEnvironmentVariableNamedAfterItAndTold(OptionSpec option) {
        assertThat(declaredDefault(option)).matches("\\$\\{env:" + variable(option) + "(:-[^}]+)?}");
        assertThat(String.join(" ", option.description())).endsWith("[" + variable(option) + "]");
    }

    @ParameterizedTest
    @MethodSource("options")
    void aDefaultIsTold(OptionSpec option) {
        var value = declaredDefault(option).replaceFirst(".*?:-(.*)}", "$1");
        if (!value.startsWith("${env:")) {
            assertThat(String.join(" ", option.description())).contains("default " + value + ")");
        }
    }

    @Test
    void helpListsEveryOptionWithItsEnvironmentVariable() {
        assertThat(run("--help")).isZero();

        assertThat(options())
                .hasSizeGreaterThan(10)
                .allSatisfy(option ->
                        assertThat(out.toString()).contains(option.longestName(), "[" + variable(option) + "]"));
        assertThat(out.toString()).contains("--help", "--version", "KUBECONFIG").doesNotContain("${");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void versionIsOneLine() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("imageshare-operator ").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({
        "--threads, 0",
        "--threads, many",
        "--threads-per-cloud, 0",
        "--threads-per-namespace, 21",
        "--requests-per-endpoint, 0",
        "--requests-per-endpoint, 1.5",
        "--request-timeout, 0s",
        "--request-timeout, 30",
        "--request-timeout, 9000000000000000s",
        "--mass-deletion-limit, -1",
        "--mass-deletion-limit, none",
        "--mass-deletion-total, -1",
        "--same-cloud, https://keystone.example.org",
        "--same-cloud, 'https://keystone.example.org,keystone'",
        "--mass-deletion-settle, soon",
        "--secret-finalizers, perhaps",
        "--leader-election, 1",
        "--shutdown-grace, 25",
        "--http-port, 65536",
        "--http-port, -2",
        "--http-port, http",
        "--log-format, xml",
        "--log-level, LOUD",
        "--namespaces, Team_A",
        "--cloud-hosts, https://keystone",
        "--cloud-hosts, *",
        "--cloud-hosts, k*.example.org",
        "--allow-local-clouds, perhaps",
        "--leader-election-namespace, not/a/namespace",
        "--http-address, ''",
        "--ca-file, nowhere.pem",
        "--ca-file, pom.xml",
        "--ca-file, /dev/null",
    })
    void aBadValueIsOneLineThatNamesTheOption(String option, String value) {
        assertThat(run(option + "=" + value)).isEqualTo(2);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("imageshare-operator: ")
                .contains(option);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void anUnknownOptionIsRefused() {
        assertThat(run("--thread", "3")).isEqualTo(2);
        assertThat(err.toString().lines()).singleElement().asString().contains("--thread", "did you mean --threads?");
    }

    @Test
    void aVariableThatSetsNothingIsFoundAndThoseOfServicesAreNot() {
        var all = options().map(OperatorMainTest::variable).collect(Collectors.toCollection(HashSet::new));
        assertThat(OperatorOptions.unknownVariables(all)).isEmpty();
        assertThat(OperatorOptions.unknownVariables(Set.of(
                        "IMAGESHARE_THREAD",
                        "IMAGESHARE_LOGFORMAT",
                        "IMAGESHARE_JAR",
                        "PATH",
                        "IMAGESHARE_OPERATOR_SERVICE_HOST",
                        "IMAGESHARE_OPERATOR_SERVICE_PORT",
                        "IMAGESHARE_OPERATOR_SERVICE_PORT_HTTP",
                        "IMAGESHARE_OPERATOR_PORT",
                        "IMAGESHARE_OPERATOR_PORT_8080_TCP",
                        "IMAGESHARE_OPERATOR_PORT_8080_TCP_ADDR")))
                .containsExactly("IMAGESHARE_LOGFORMAT", "IMAGESHARE_THREAD");
    }

    @Test
    void withoutOptionsTheDefaultsHold() {
        var settings = settings();
        var defaults = Settings.defaults().withManagement("0.0.0.0", 8080);

        var guarded = defaults.clouds().withHosts(new CloudHosts(Set.of(), false, Set.of()));
        assertThat(settings).as("no local clouds").isEqualTo(defaults.withClouds(guarded));
    }

    @Test
    void oneCloudAndOneNamespaceLeaveThreadsToOthersHoweverManyThereAre() {
        var two = settings("--threads=2");
        assertThat(two.threadsPerCloud()).isEqualTo(1);
        assertThat(two.threadsPerNamespace()).isEqualTo(1);
        var many = settings("--threads=100");
        assertThat(many.threadsPerCloud()).isEqualTo(25);
        assertThat(many.threadsPerNamespace()).isEqualTo(50);
    }

    @Test
    void everyOptionHasItsEffect() {
        var settings = settings(
                "--namespaces=team-a, team-b,",
                "--threads=9",
                "--threads-per-cloud=3",
                "--threads-per-namespace=5",
                "--requests-per-endpoint=4",
                "--request-timeout=1m30s",
                "--cloud-hosts=Keystone.example.org, *.example.com",
                "--allow-local-clouds=true",
                "--mass-deletion-limit=0",
                "--mass-deletion-total=7",
                "--same-cloud=https://Keystone.example.org/v3,https://10.0.0.5:5000",
                "--same-cloud=http://a,http://b http://c,http://d",
                "--mass-deletion-settle=7s",
                "--secret-finalizers=false",
                "--leader-election=true",
                "--leader-election-namespace=operators",
                "--shutdown-grace=50s",
                "--http-address=127.0.0.1",
                "--http-port=-1",
                "--log-format=JSON",
                "--log-level=debug");

        assertThat(settings.namespaces()).isEqualTo(Set.of("team-a", "team-b"));
        assertThat(settings.threads()).isEqualTo(9);
        assertThat(settings.threadsPerCloud()).isEqualTo(3);
        assertThat(settings.threadsPerNamespace()).isEqualTo(5);
        assertThat(settings.clouds().maxInFlightPerEndpoint()).isEqualTo(4);
        assertThat(settings.clouds().callTimeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(settings.clouds().hosts())
                .isEqualTo(new CloudHosts(Set.of("keystone.example.org", "*.example.com"), true, Set.of()));
        assertThat(settings.shares().parallelism()).isEqualTo(4);
        assertThat(settings.shares().massDeletionLimit()).isZero();
        assertThat(settings.shares().massDeletionTotal()).isEqualTo(7);
        assertThat(settings.sameClouds().cloud("https://10.0.0.5:5000"))
                .isEqualTo("https://keystone.example.org:443")
                .isEqualTo(settings.sameClouds().cloud("https://keystone.example.org:443"));
        assertThat(settings.sameClouds().cloud("http://d:80")).isEqualTo("http://c:80");
        assertThat(settings.shares().massDeletionSettle()).isEqualTo(Duration.ofSeconds(7));
        assertThat(settings.secretFinalizers()).isFalse();
        assertThat(settings.leaderElection())
                .hasValueSatisfying(e -> assertThat(e.namespace()).isEqualTo("operators"));
        assertThat(settings.shutdownGrace()).isEqualTo(Duration.ofSeconds(50));
        assertThat(settings.managementAddress()).isEqualTo("127.0.0.1");
        assertThat(settings.managementPort()).isEqualTo(-1);
    }
}
