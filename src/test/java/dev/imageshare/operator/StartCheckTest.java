package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.imageshare.deploy.Right;
import dev.imageshare.openstack.ServerClock;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of each thing that is missing, by a server that answers nothing but what is asked here. */
class StartCheckTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BOTH = "{\"resources\":[{\"name\":\"imageshares\"},{\"name\":\"imageacceptances\"}]}";

    private HttpServer server;
    private int discovery = 200;
    private String crds = BOTH;
    private Predicate<Right> granted = right -> true;
    private final Set<String> asked = new TreeSet<>();

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    private String start(HttpServer made) {
        server = made;
        server.createContext("/apis/imageshare.dev/v1alpha1", exchange -> answer(exchange, discovery, crds));
        server.createContext("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", this::review);
        server.start();
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private String start() throws IOException {
        return "http://" + start(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    private void review(HttpExchange exchange) throws IOException {
        var review = JSON.readTree(exchange.getRequestBody()).at("/spec/resourceAttributes");
        var sub = review.get("subresource").asText();
        var right = new Right(
                review.get("group").asText(),
                review.get("resource").asText() + (sub.isEmpty() ? "" : "/" + sub),
                review.get("verb").asText());
        asked.add(right + " in '" + review.get("namespace").asText() + "'");
        answer(exchange, 201, "{\"status\":{\"allowed\":" + granted.test(right) + "}}");
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static Set<OptionalKind> check(String url, Settings settings) {
        var config = new ConfigBuilder(Config.empty())
                .withMasterUrl(url)
                .withRequestRetryBackoffLimit(0)
                .build();
        try (var client = ApiClient.create(config, ApiSerialization.create(), new ServerClock(System::nanoTime))) {
            return new StartCheck(client, settings).run();
        }
    }

    private void isRefused(String url, String... words) {
        assertThatThrownBy(() -> check(url, Settings.defaults()))
                .isInstanceOf(StartException.class)
                .message()
                .contains(words)
                .doesNotContain("Status(", "\n");
    }

    @Test
    void whereAllIsThereNothingIsSaid() throws IOException {
        var url = start();
        assertThatCode(() -> check(url, Settings.defaults())).doesNotThrowAnyException();
    }

    @Test
    void crdsThatAreMissingAreNamedWithTheCommand() throws IOException {
        discovery = 404;
        isRefused(
                start(),
                "CRDs are missing: imageacceptances.imageshare.dev, imageshares.imageshare.dev",
                "kubectl apply -k crds");
    }

    @Test
    void oneCrdThatIsMissingIsNamedAlone() throws IOException {
        crds = "{\"resources\":[{\"name\":\"imageshares\"},{\"name\":\"imageshares/status\"}]}";
        isRefused(start(), "CRDs are missing: imageacceptances.imageshare.dev. Install");
    }

    @ParameterizedTest
    @CsvSource({
        "401, were refused (401)",
        "403, kubectl apply -k deploy/base",
        "500, which answered 500",
        "503, which answered 503",
    })
    void anApiServerThatRefusesIsNamedWithWhatItSaid(int status, String words) throws IOException {
        discovery = status;
        crds = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"message\":\"said so\",\"code\":" + status + "}";
        var url = start();
        isRefused(url, url, words);
    }

    @Test
    void nothingThatListensIsNamed() {
        isRefused("http://127.0.0.1:1", "Can't reach the API server http://127.0.0.1:1", "refused");
    }

    @Test
    void aCertificateOfAnotherAuthorityIsCalledThat() throws IOException {
        var https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var own = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        https.setHttpsConfigurator(new HttpsConfigurator(
                new HandshakeCertificates.Builder().heldCertificate(own).build().sslContext()));
        isRefused("https://" + start(https), "isn't trusted", "certificate-authority-data");
    }

    // ------------------------------------------------------------ rights

    @Test
    void rightsThatAreMissingAreNamedByResource() throws IOException {
        granted = right -> !right.resource().equals("secrets") && !right.verb().equals("watch");
        isRefused(
                start(),
                "lacks permissions: watch imageshares.imageshare.dev; watch imageacceptances.imageshare.dev;"
                        + " list, watch secrets. Grant them with: kubectl apply -k deploy/base");
    }

    @Test
    void inSomeNamespacesEachIsAskedForAndNamed() throws IOException {
        granted = right -> !right.resource().equals("secrets");
        var url = start();
        var settings = Settings.defaults().withNamespaces(Set.of("team-a", "team-b"));

        assertThatThrownBy(() -> check(url, settings))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("list, watch secrets in team-a; list, watch secrets in team-b.");
        assertThat(asked).contains("list secrets in 'team-b'").noneMatch(question -> question.endsWith("in ''"));
    }

    /** A right that this doesn't know would be missed first by a user. */
    @Test
    void itAsksForWhatTheDeploymentGrantsButForOrc() {
        var known = Stream.of(
                        StartCheck.TO_START,
                        StartCheck.TO_WORK,
                        StartCheck.TO_LEAD,
                        List.of(StartCheck.TO_KEEP_SECRETS))
                .flatMap(List::stream)
                .map(right -> new Right(right.group(), right.resource(), right.verb()));
        assertThat(known)
                .containsExactlyInAnyOrderElementsOf(Right.granted().stream()
                        .filter(right -> !right.group().equals("openstack.k-orc.cloud"))
                        .toList());
    }

    // ------------------------------------------------------ optional kinds

    @Test
    void ofAKindThatIsNotServedNothingIsAsked() throws IOException {
        assertThat(check(start(), Settings.defaults())).isEmpty();
        assertThat(asked).isNotEmpty().noneMatch(question -> question.contains("projectsets"));
    }

    @Test
    void aKindThatIsServedIsFound() throws IOException {
        crds = BOTH.replace("]}", ",{\"name\":\"projectsets\"},{\"name\":\"projectsets/status\"}]}");
        assertThat(check(start(), Settings.defaults())).containsExactly(OptionalKind.ProjectSet);
        assertThat(asked).contains("list projectsets.imageshare.dev in ''", "watch projectsets.imageshare.dev in ''");
    }

    @Test
    void aKindThatIsServedWithoutRightsIsNamedWithItsComponent() throws IOException {
        crds = BOTH.replace("]}", ",{\"name\":\"projectsets\"}]}");
        granted = right -> !right.resource().equals("projectsets");
        isRefused(
                start(),
                "serves ProjectSet, but the operator's account lacks permissions for it: list, watch"
                        + " projectsets.imageshare.dev. Grant them with the component deploy/components/project-sets");
    }

    @Test
    void itAsksForWhatAComponentGrants() {
        assertThat(asked(OptionalKind.ProjectSet)).containsExactlyInAnyOrderElementsOf(Right.grantedBy("project-sets"));
        assertThat(asked(OptionalKind.ImageAccessRequest))
                .containsExactlyInAnyOrderElementsOf(Right.grantedBy("access-requests"));
    }

    private static List<Right> asked(OptionalKind kind) {
        return Stream.of(kind.toStart(true), kind.toWork())
                .flatMap(List::stream)
                .map(right -> new Right(right.group(), right.resource(), right.verb()))
                .toList();
    }

    /** Labels of namespaces can't be read with rights in some namespaces only. */
    @Test
    void inSomeNamespacesItDoesNotAskForLabels() {
        assertThat(OptionalKind.ImageAccessRequest.toStart(false))
                .noneMatch(right -> right.resource().equals("namespaces"));
    }

    @Test
    void anApiServerThatDoesNotSayIsTakenAtItsCalls() throws IOException {
        var url = start();
        server.removeContext("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
        assertThatCode(() -> check(url, Settings.defaults())).doesNotThrowAnyException();
    }
}
