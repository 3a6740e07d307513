package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.condition;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.ReceiverType;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.notifier.ScriptedMailServer;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packaged operator at its most talkative, with credentials and addresses that are marked, and clouds and receivers that
 * repeat them: no log line, event, status or metric holds a mark or a token.
 */
class SecretsIT {

    /** Every entry's secret begins so; so does what is beside it in the Secret. */
    private static final String MARK = "m4rk3d-";

    /** The passwords of the embedded OpenStack. */
    private static final String PASSWORD = "lab-user-secret";

    /** What every token of the embedded OpenStack, as every Fernet token, begins with. */
    private static final String TOKEN = "gAAAA";

    /** A project whose contacts are marked. */
    private static final String TOLD = "%032x".formatted(7);

    private static final HeldCertificate MAIL_CA =
            new HeldCertificate.Builder().certificateAuthority(0).build();

    /** Somebody who repeats what he is sent, in all the ways in which it could get into a message. */
    private static HttpServer echo() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            try (exchange) {
                var said = exchange.getRequestHeaders().entrySet() + " "
                        + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                var token = exchange.getRequestHeaders().getFirst("X-Auth-Token");
                var parts = exchange.getRequestURI().getPath().split("/");
                var status = Integer.parseInt(parts[2]);
                var text = Serialization.asJson(said).strip();
                var body = switch (parts[1]) {
                    case "keystone" ->
                        "{\"error\":{\"code\":%d,\"message\":%s,\"title\":\"x\"}}".formatted(status, text);
                    case "glance" -> "{\"code\":\"%d x\",\"message\":%s,\"title\":\"x\"}".formatted(status, text);
                    case "escaped" ->
                        "{\"code\":\"%d x\",\"message\":%s}"
                                .formatted(
                                        status, Serialization.asJson(text + java.net.URLEncoder.encode(said, "UTF-8")));
                    default -> "<html><body><h1>Bad gateway</h1><pre>" + said + "</pre></body></html>";
                };
                var headers = exchange.getResponseHeaders();
                headers.set("Content-Type", parts[1].equals("html") ? "text/html" : "application/json");
                headers.set("Location", "http://127.0.0.1:1/" + token);
                headers.set("X-Openstack-Request-Id", token == null ? PASSWORD : token);
                headers.set("Set-Cookie", token == null ? PASSWORD : token);
                headers.set("Retry-After", "3600");
                var bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.start();
        return server;
    }

    private static String entry(String authUrl, String secret, String more) {
        return """
                clouds:
                  producer:
                    region_name: RegionOne
                    auth: {auth_url: "%s", username: producer, password: "%s", project_name: images,
                           user_domain_name: Default, project_domain_name: Default}
                %s""".formatted(authUrl, secret, more);
    }

    /** A clouds.yaml by the name of its object, and the reason that it leads to. */
    private static Map<String, Map.Entry<String, Reason>> scenarios(EmbeddedOpenStack cloud, String echo) {
        var good = cloud.authUrl();
        var all = new LinkedHashMap<String, Map.Entry<String, Reason>>();
        all.put("good", Map.entry(entry(good, PASSWORD, "#" + MARK + "comment"), Reason.Synced));
        all.put("wrong-password", Map.entry(entry(good, MARK + "p\\\"w\u00e9\\\\d", ""), Reason.AuthenticationFailed));
        all.put(
                "credential",
                Map.entry(cloud.cloudsYaml("producer-app").replace("producer-app:", "producer:"), Reason.Synced));
        all.put("credential-refused", Map.entry("""
                        clouds: {producer: {auth_type: v3applicationcredential, auth: {auth_url: "%s",
                          application_credential_id: 0123456789abcdef0123456789abcdef,
                          application_credential_secret: %scredential}}}""".formatted(good, MARK), Reason.AuthenticationFailed));
        all.put(
                "token-refused",
                Map.entry(
                        "clouds: {producer: {auth_type: v3token, auth: {auth_url: \"%s\", token: %stoken, project_id: p}}}"
                                .formatted(good, MARK),
                        Reason.AuthenticationFailed));
        all.put(
                "userinfo",
                Map.entry(
                        entry(good.replace("//", "//u:" + MARK + "userinfo@"), PASSWORD, ""),
                        Reason.CredentialsInvalid));
        all.put("not-yaml", Map.entry("clouds: {producer: " + MARK + "x: [\n", Reason.CredentialsInvalid));
        all.put("one-line", Map.entry("clouds: {? {password: " + MARK + "key} : {}}", Reason.CredentialsInvalid));
        all.put("no-tls", Map.entry(entry(good.replace("http:", "https:"), MARK + "tls", ""), Reason.CloudUnreachable));
        for (var form : List.of("keystone", "glance", "escaped", "html")) {
            for (var status : List.of(200, 302, 400, 401, 500)) {
                all.put(
                        "login-" + form + "-" + status,
                        Map.entry(
                                entry(echo + "/" + form + "/" + status, MARK + "\\\"lo&gin", ""), Reason.Progressing));
                all.put(
                        "call-" + form + "-" + status,
                        Map.entry(
                                entry(
                                        good,
                                        PASSWORD,
                                        "    image_endpoint_override: " + echo + "/" + form + "/" + status + "\n"),
                                Reason.Progressing));
            }
        }
        return all;
    }

    /** Where messages go, by the name of their notifier. */
    private record Mailbox(ReceiverType type, Map<String, String> receiver, String contacts) {}

    private static Map<String, Mailbox> mailboxes(String echo, ScriptedMailServer mail) {
        var all = new LinkedHashMap<String, Mailbox>();
        for (var status : List.of(200, 302, 400, 401, 410, 500)) {
            for (var type : List.of(ReceiverType.cloudevents, ReceiverType.slack)) {
                all.put(
                        type + "-" + status,
                        new Mailbox(
                                type,
                                Map.of(
                                        "address", echo + "/html/" + status + "/" + MARK + "path?" + MARK + "query",
                                        "token", MARK + "token",
                                        "headers", "Authorization: Bearer " + MARK + "bearer"),
                                null));
            }
        }
        all.put(
                "hook-nowhere",
                new Mailbox(ReceiverType.slack, Map.of("address", "http://127.0.0.1:1/" + MARK + "path"), null));
        all.put("hook-broken", new Mailbox(ReceiverType.slack, Map.of("address", MARK + "address: x"), null));
        all.put(
                "hook-headers",
                new Mailbox(
                        ReceiverType.cloudevents,
                        Map.of("address", echo + "/html/200", "headers", MARK + "header without a value"),
                        null));
        var receiver = Map.of(
                "address", "smtp://localhost:" + mail.port(),
                "username", MARK + "user",
                "password", MARK + "password",
                "cacert", MAIL_CA.certificatePem());
        var told = "\"" + TOLD + "\": " + MARK + "team@example.org\n";
        all.put("mail", new Mailbox(ReceiverType.smtp, receiver, told));
        all.put("mail-refused", new Mailbox(ReceiverType.smtp, receiver, told.replace(MARK + "team", MARK + "nobody")));
        all.put(
                "mail-address",
                new Mailbox(ReceiverType.smtp, receiver, told.replace("@example.org", " and somebody else")));
        all.put("mail-not-yaml", new Mailbox(ReceiverType.smtp, receiver, "{" + MARK + "contact: ["));
        var other = new HashMap<>(receiver);
        other.put("address", "smtp://" + MARK + "host:" + mail.port());
        all.put("mail-nowhere", new Mailbox(ReceiverType.smtp, other, told));
        return all;
    }

    private static ScriptedMailServer mailServer() throws IOException {
        var certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .signedBy(MAIL_CA)
                .build();
        var server = new ScriptedMailServer(
                new HandshakeCertificates.Builder()
                        .heldCertificate(certificate)
                        .build()
                        .sslContext(),
                false);
        server.replies.put(
                "RCPT TO:<" + MARK.toUpperCase(Locale.ROOT) + "NOBODY", "550 5.1.1 <" + MARK + "nobody@example.org>");
        server.replies.put(".", "250 2.0.0 queued for " + MARK + "team@example.org");
        return server;
    }

    private static void notifiers(Namespace team, Map<String, Mailbox> mailboxes) {
        mailboxes.forEach((name, mailbox) -> {
            secret(team, name, "notification", mailbox.receiver);
            if (mailbox.contacts != null) {
                secret(team, name + "-contacts", "contacts", Map.of("contacts.yaml", mailbox.contacts));
            }
            var notifier = new ImageNotifier();
            notifier.setMetadata(new ObjectMetaBuilder()
                    .withNamespace(team.name)
                    .withName(name)
                    .build());
            notifier.setSpec(new ImageNotifierSpec(
                    mailbox.type,
                    new ImageNotifierSpec.SecretReference(name),
                    mailbox.type == ReceiverType.smtp ? "images@example.org" : null,
                    null,
                    null,
                    mailbox.contacts == null
                            ? null
                            : new ImageNotifierSpec.ContactsRef(
                                    new ImageNotifierSpec.SecretReference(name + "-contacts")),
                    null,
                    null,
                    null,
                    false));
            team.client.resource(notifier).create();
        });
        mailboxes
                .keySet()
                .forEach(name -> eventually(() ->
                        assertThat(notifier(team, name).getStatus()).as(name).isNotNull()));
    }

    private static void secret(Namespace team, String name, String type, Map<String, String> texts) {
        team.client
                .resource(new SecretBuilder(Namespace.secretOf(team.name, name, texts))
                        .withType("imageshare.dev/" + type)
                        .build())
                .create();
    }

    private static ImageNotifier notifier(Namespace team, String name) {
        return team.client
                .resources(ImageNotifier.class)
                .inNamespace(team.name)
                .withName(name)
                .get();
    }

    private static final String ALL_AT_TRACE = """
            <configuration>
              <appender name="all" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d %level [%thread] %logger %mdc - %msg %kvp%n%ex{full}</pattern></encoder>
              </appender>
              <root level="TRACE"><appender-ref ref="all"/></root>
            </configuration>
            """;

    @ParameterizedTest
    @ValueSource(strings = {"shipped", "custom"})
    void noMarkIsAnywhere(String logging, @TempDir Path directory) throws Exception {
        var echo = echo();
        try (var api = EmbeddedKubernetes.start(0);
                var cloud = EmbeddedOpenStack.start();
                var mail = mailServer();
                KubernetesClient client = api.client()) {
            api.installCrds(Path.of("crds/image-notifiers"));
            var kubeconfig = Files.writeString(directory.resolve("kubeconfig"), api.kubeconfig());
            var environment = new HashMap<>(Map.of(
                    "IMAGESHARE_HTTP_PORT", "0",
                    "IMAGESHARE_HTTP_ADDRESS", "127.0.0.1",
                    "IMAGESHARE_NOTIFY_INTERVAL", "1s",
                    "IMAGESHARE_SMTP_PORTS", Integer.toString(mail.port()),
                    "IMAGESHARE_LOG_LEVEL", "TRACE",
                    "IMAGESHARE_LOG_FORMAT", "json"));
            if (logging.equals("custom")) {
                // an administrator who wants to see everything
                var file = Files.writeString(directory.resolve("logback.xml"), ALL_AT_TRACE);
                environment.put("JAVA_TOOL_OPTIONS", "-Dlogback.configurationFile=" + file);
            }
            var shown = new ArrayList<String>();
            try (var operator = new OperatorProcess(kubeconfig, environment)) {
                var port = operator.awaitStarted();
                shown.addAll(run(
                        client, cloud, "http://127.0.0.1:" + echo.getAddress().getPort(), mail));
                shown.add(HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body());
                operator.terminate();
                assertThat(operator.awaitExit()).isZero();
                assertThat(operator.lines()).hasSizeGreaterThan(50).anyMatch(line -> line.contains("OpenStack call"));
                shown.addAll(operator.lines());
            }
            for (var text : shown) {
                for (var mark : marks()) {
                    assertThat(text).as(mark).doesNotContain(mark);
                }
            }
        } finally {
            echo.stop(0);
        }
    }

    /** Also the marks as they are in a Secret's base64, wherever in it they begin. */
    private static List<String> marks() {
        var marks = new ArrayList<>(List.of(MARK, PASSWORD, TOKEN));
        for (var mark : List.of(MARK, PASSWORD)) {
            for (var before = 0; before < 3; before++) {
                var encoded = Base64.getEncoder()
                        .encodeToString((" ".repeat(before) + mark).getBytes(StandardCharsets.UTF_8));
                marks.add(encoded.substring(before == 0 ? 0 : 4, (before + mark.length()) / 3 * 4));
            }
        }
        return marks;
    }

    /** Gives what people are shown. */
    private static List<String> run(
            KubernetesClient client, EmbeddedOpenStack cloud, String echo, ScriptedMailServer mail) {
        var team = new Namespace(client, cloud.cloudsYaml());
        var mailboxes = mailboxes(echo, mail);
        notifiers(team, mailboxes);
        team.create(team.share("told", cloud.createImage("producer", "told", "shared", List.of()), TOLD));
        var scenarios = scenarios(cloud, echo);
        scenarios.forEach((name, scenario) -> {
            team.secret(name, Map.of("clouds.yaml", scenario.getKey(), "other", MARK + "other"));
            var image = cloud.createImage("producer", name, "shared", List.of());
            team.create(
                    changed(team.share(name, image, projects(2)), spec -> Namespace.withCloud(spec, name, "producer")));
        });
        scenarios.forEach((name, scenario) -> eventually(() -> {
            var ready = condition(team.at(name).get(), "Ready");
            if (scenario.getValue() == Reason.Progressing) {
                assertThat(ready.reason()).as(name).isNotIn("Progressing", "Synced");
            } else {
                assertThat(ready.reason())
                        .as(name + " " + ready.message())
                        .isEqualTo(scenario.getValue().name());
            }
        }));
        // what was told, or why it wasn't
        mailboxes
                .keySet()
                .forEach(name -> eventually(() -> {
                    var status = notifier(team, name).getStatus();
                    var isTold = Set.of("mail", "cloudevents-200", "slack-200").contains(name);
                    assertThat(
                                    isTold
                                            ? status.sent() > 0
                                            : status.failed() > 0
                                                    || !Conditions.has(
                                                            status.conditions(), Conditions.READY, Reason.Synced))
                            .as(name + " " + status)
                            .isTrue();
                }));
        assertThat(mail.commands)
                .as("who was told, and who was refused")
                .contains("RCPT TO:<" + MARK + "team@example.org>", "RCPT TO:<" + MARK + "nobody@example.org>");

        // tokens that end in use, a Secret that changes, an acceptance, and a deletion that can't be carried out
        cloud.revokeAllTokens();
        team.secret(
                "credential-refused",
                Map.of("clouds.yaml", scenarios.get("good").getKey()));
        team.awaitReady("credential-refused");
        team.secret(
                "good", Map.of("clouds.yaml", scenarios.get("wrong-password").getKey()));
        team.awaitReason("good", Reason.AuthenticationFailed);
        team.at("good").delete();
        eventually(() ->
                assertThat(condition(team.at("good").get(), "Ready").message()).contains("detach"));
        var offered = cloud.createImage("producer", "offered", "shared", List.of());
        cloud.addMember("producer", offered, cloud.projectId("consumer-a"));
        var consumer = new Consumer(client, cloud, "consumer-a");
        consumer.create(consumer.named("offered", offered, MemberAnswer.accepted));
        consumer.awaitReason("offered", Reason.Synced);

        var shown = new ArrayList<String>();
        client.resources(ImageShare.class)
                .inAnyNamespace()
                .list()
                .getItems()
                .forEach(o -> shown.add(Serialization.asYaml(o)));
        client.resources(ImageAcceptance.class)
                .inAnyNamespace()
                .list()
                .getItems()
                .forEach(o -> shown.add(Serialization.asYaml(o)));
        client.resources(ImageNotifier.class)
                .inAnyNamespace()
                .list()
                .getItems()
                .forEach(o -> shown.add(Serialization.asYaml(o)));
        client.v1().events().inAnyNamespace().list().getItems().forEach(o -> shown.add(Serialization.asYaml(o)));
        assertThat(shown).hasSizeGreaterThan(2 * scenarios.size());
        return shown;
    }
}
