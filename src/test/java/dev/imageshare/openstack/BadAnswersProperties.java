package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Whatever answers in the place of Keystone and Glance: a right value or a typed failure, which shows neither the password
 * nor a token, and nothing is sent to anybody else.
 */
class BadAnswersProperties {

    private static final String PASSWORD = "m4rk3d-p4ssw0rd";
    private static final String TOKEN = "m4rk3d.t0k3n.0123456789";
    private static final String IMAGE = "1f7c2c2e-0000-4000-8000-000000000000";
    private static final String PROJECT = "0123456789abcdef0123456789abcdef";
    private static final int LONGEST_BODY = 100_000;

    private static final String MEMBER = """
            {"member_id": "%s", "image_id": "%s", "status": "pending", "created_at": "2026-11-21T18:00:08Z",
             "updated_at": "2026-11-21T18:00:08Z", "schema": "/v2/schemas/member"}""".formatted(PROJECT, IMAGE);
    private static final String MEMBERS =
            "{\"members\": [" + MEMBER + "," + MEMBER.replace(PROJECT, "x") + "], \"schema\": \"/v2/schemas/members\"}";
    private static final String IMAGE_JSON = """
            {"id": "%s", "name": "ubuntu", "owner": "%s", "visibility": "shared", "status": "active", "tags": ["golden"],
             "created_at": "2026-11-21T18:00:08Z", "size": 1234567890, "os_hash_value": null, "locations": [{"url": "x"}]}""".formatted(IMAGE, PROJECT);
    private static final String IMAGES =
            "{\"images\": [" + IMAGE_JSON + "], \"first\": \"/v2/images\", \"schema\": \"/v2/schemas/images\"}";
    private static final String ENDLESS = IMAGES.replace("\"first\"", "\"next\": \"/v2/images?marker=x\", \"first\"");
    private static final String GLANCE_ERROR = "{\"message\": \"Not allowed<br /><br />\\n for token " + TOKEN
            + "\", \"code\": \"STATUS\", \"title\": \"x\"}";
    private static final String KEYSTONE_ERROR =
            "{\"error\": {\"code\": STATUS, \"message\": \"no: " + PASSWORD + "\", \"title\": \"Unauthorized\"}}";
    private static final String PROXY =
            "<html><body><h1>Bad gateway</h1><pre>X-Auth-Token: " + TOKEN + "\n" + PASSWORD + "</pre></body></html>";

    /** Answers each connection with what the try has prepared, whatever is asked. */
    private static final class Wire implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
        private final AtomicInteger requests = new AtomicInteger();
        private volatile byte[] login = {};
        private volatile byte[] answer = {};

        Wire() throws IOException {
            Thread thread = new Thread(this::serve, "wire");
            thread.setDaemon(true);
            thread.start();
        }

        String url() {
            return "http://127.0.0.1:" + socket.getLocalPort();
        }

        private void serve() {
            while (!socket.isClosed()) {
                try (Socket connection = socket.accept()) {
                    String request = head(connection.getInputStream());
                    requests.incrementAndGet();
                    connection.getOutputStream().write(request.startsWith("POST /v3/") ? login : answer);
                    connection.shutdownOutput();
                    // what is still on its way here must not make a reset of what is on its way there
                    connection.setSoTimeout(2_000);
                    connection.getInputStream().readAllBytes();
                } catch (SocketException e) {
                    // closed by the client, which is its right
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        private static String head(InputStream in) throws IOException {
            StringBuilder head = new StringBuilder();
            int next;
            while (head.indexOf("\r\n\r\n") < 0 && (next = in.read()) >= 0) {
                head.append((char) next);
            }
            return head.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static Wire wire;
    private static Wire elsewhere;
    private static Clouds clouds;
    private static CloudConfig config;

    @BeforeContainer
    static void start() throws IOException {
        wire = new Wire();
        elsewhere = new Wire();
        clouds = new Clouds(CloudSettings.defaults()
                .withAnswers(new AnswerLimits(LONGEST_BODY, 16_000, LONGEST_BODY, LONGEST_BODY, 1_000_000)));
        config = CloudConfig.parse(
                "clouds: {c: {auth: {auth_url: '" + wire.url() + "/v3', user_id: u, password: " + PASSWORD
                        + ", project_id: " + PROJECT + "}}}",
                "c",
                null);
    }

    @AfterContainer
    static void stop() throws IOException {
        clouds.close();
        wire.close();
        elsewhere.close();
    }

    private static String token() {
        return """
                {"token": {"methods": ["password"], "issued_at": "2026-11-21T18:00:00.000000Z",
                 "expires_at": "2026-11-21T19:00:00.000000Z", "project": {"id": "%s", "name": "images",
                 "domain": {"id": "default"}}, "user": {"id": "u"}, "roles": [{"id": "r", "name": "member"}], "catalog": [
                  {"type": "identity", "name": "keystone", "endpoints": []},
                  {"type": "image", "name": "glance", "endpoints": [
                   {"interface": "admin", "region_id": "R", "region": "R", "url": "%s"},
                   {"interface": "public", "region_id": "R", "region": "R", "url": "%s"}]}]}}""".formatted(PROJECT, wire.url(), wire.url());
    }

    /** One call of the client. */
    private enum Op {
        IMAGE_BY_ID("200 OK", IMAGE_JSON),
        LIST("200 OK", MEMBERS),
        FIND("200 OK", IMAGES),
        FIND_ENDLESSLY("200 OK", ENDLESS),
        SHOW("200 OK", MEMBER),
        ADD("200 OK", MEMBER),
        ANSWER("200 OK", MEMBER),
        REMOVE("204 No Content", "");

        private final String status;
        private final String body;

        Op(String status, String body) {
            this.status = status;
            this.body = body;
        }

        void call(ImageClient client) {
            switch (this) {
                case IMAGE_BY_ID -> assertThat(client.image(IMAGE).id()).isEqualToIgnoringCase(IMAGE);
                case LIST ->
                    assertThat(client.members(IMAGE))
                            .allSatisfy(m -> assertThat(m.projectId()).isNotEmpty());
                case FIND, FIND_ENDLESSLY ->
                    assertThat(client.images(ImageQuery.ownedBy(PROJECT)))
                            .allSatisfy(i -> assertThat(i.owner()).isEqualTo(PROJECT));
                case SHOW ->
                    assertThat(client.member(IMAGE, PROJECT).projectId()).isEqualToIgnoringCase(PROJECT);
                case ADD ->
                    assertThat(client.createMember(IMAGE, PROJECT).projectId()).isEqualToIgnoringCase(PROJECT);
                case ANSWER ->
                    assertThat(client.updateMember(IMAGE, PROJECT, MemberStatus.accepted)
                                    .projectId())
                            .isEqualToIgnoringCase(PROJECT);
                case REMOVE -> client.deleteMember(IMAGE, PROJECT);
            }
        }
    }

    @Property
    void anAnswerIsRightOrATypedFailure(@ForAll Random random, @ForAll Op op) {
        boolean spoilLogin = random.nextInt(3) == 0;
        wire.login =
                spoilLogin ? bad(random, "201 Created", token(), KEYSTONE_ERROR) : good(random, "201 Created", token());
        wire.answer = bad(random, op.status, op.body, GLANCE_ERROR);
        int elsewhereBefore = elsewhere.requests.get();
        int before = wire.requests.get();
        try {
            op.call(clouds.cloud("team", "owner-" + random.nextInt(4), "c-" + random.nextLong(), config)
                    .newPass());
        } catch (OpenStackException e) {
            assertThat(e).hasNoCause();
            assertThat(e.getSuppressed()).isEmpty();
            assertThat(e.getMessage()).doesNotContain(PASSWORD, TOKEN, "\n", "\u0000", "\u001b");
            assertThat(e.getMessage().length()).isLessThan(4_000);
            assertThat(String.valueOf(e.requestId())).doesNotContain(PASSWORD, TOKEN);
            e.retryAfter().ifPresent(wait -> assertThat(wait).isBetween(Duration.ZERO, Duration.ofHours(1)));
        }
        assertThat(elsewhere.requests.get()).as("followed").isEqualTo(elsewhereBefore);
        // a login and a call, each once more after a 401 or a GET whose connection died; a list of endless pages
        assertThat(wire.requests.get() - before).isLessThanOrEqualTo(8);
    }

    private static byte[] good(Random random, String status, String body) {
        return message(
                status,
                "X-Subject-Token: " + TOKEN + "\r\nContent-Type: application/json\r\n",
                framed(random, 0, body));
    }

    private static byte[] bad(Random random, String goodStatus, String goodBody, String errorBody) {
        Spoiled spoiled = new Spoiled(random);
        String status = random.nextInt(3) > 0
                ? goodStatus
                : List.of(
                                "200 OK",
                                "201 Created",
                                "204 No Content",
                                "206 Partial Content",
                                "300 Multiple Choices",
                                "301 Moved Permanently",
                                "302 Found",
                                "304 Not Modified",
                                "307 Temporary Redirect",
                                "308 Permanent Redirect",
                                "400 Bad Request",
                                "401 Unauthorized",
                                "403 Forbidden",
                                "404 Not Found",
                                "407 Proxy Authentication Required",
                                "408 Request Timeout",
                                "409 Conflict",
                                "413 Request Entity Too Large",
                                "421 Misdirected Request",
                                "429 Too Many Requests",
                                "500 Internal Server Error",
                                "502 Bad Gateway",
                                "503 Service Unavailable",
                                "504 Gateway Timeout",
                                "600 What",
                                "0 Zero",
                                "099 Nine",
                                "1000 More",
                                "-1 Less")
                        .get(random.nextInt(29));
        boolean error = !status.equals(goodStatus) && random.nextInt(4) > 0;
        String body = error ? errorBody.replace("STATUS", "" + Integer.parseInt(status.split(" ")[0])) : goodBody;
        body = switch (random.nextInt(6)) {
            case 0 -> body;
            case 1 -> PROXY;
            case 2 -> spoiled.text(body);
            default -> body.isEmpty() ? body : spoiled.json(body);
        };
        String headers = "X-Subject-Token: " + TOKEN + "\r\n";
        for (int odd = random.nextInt(4); odd > 0; odd--) {
            headers += List.of(
                                    "Retry-After: -5",
                                    "Retry-After: 99999999999999999999999",
                                    "Retry-After: 0",
                                    "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT",
                                    "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
                                    "Retry-After: soon",
                                    "Date: never",
                                    "Date: Fri, 31 Dec 9999 23:59:59 GMT",
                                    "Location: " + elsewhere.url() + "/v2/images",
                                    "Content-Location: " + elsewhere.url(),
                                    "Refresh: 0; url=" + elsewhere.url(),
                                    "Content-Type: text/html; charset=utf-16",
                                    "Content-Type: application/json; charset=nonsense",
                                    "Content-Type: \u0000",
                                    "X-Openstack-Request-Id: " + TOKEN,
                                    "X-Openstack-Request-Id: req-" + "a".repeat(5_000),
                                    "X-Subject-Token: a\r\n b",
                                    "X-Subject-Token: \u00fc\u00e9",
                                    "X-Subject-Token:",
                                    "X-Subject-Token: " + "t".repeat(20_000),
                                    "Set-Cookie: " + TOKEN,
                                    "WWW-Authenticate: Basic realm=x",
                                    "Proxy-Authenticate: Basic",
                                    "Connection: upgrade\r\nUpgrade: h2c",
                                    "Content-Encoding: br",
                                    "Content-Encoding: gzip",
                                    ": nothing",
                                    "no colon",
                                    "X-Huge: " + "h".repeat(300_000),
                                    "Trailer: X-Subject-Token",
                                    "Alt-Svc: h2=\"127.0.0.1:1\"")
                            .get(random.nextInt(31))
                    + "\r\n";
        }
        byte[] whole = message(status, headers, framed(random, 9, body));
        return random.nextInt(5) == 0 ? spoiled.bytes(whole) : whole;
    }

    private record Framed(String headers, byte[] body) {}

    /** The body as a server may send it: {@code of} 0 for a right way, else for any. */
    private static Framed framed(Random random, int of, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        return switch (of == 0 ? random.nextInt(3) : random.nextInt(of)) {
            case 0 -> new Framed("Content-Length: " + body.length + "\r\n", body);
            case 1 -> new Framed("Transfer-Encoding: chunked\r\n", chunked(body, "0\r\n\r\n"));
            case 2 -> {
                byte[] zipped = zipped(body);
                yield new Framed("Content-Encoding: gzip\r\nContent-Length: " + zipped.length + "\r\n", zipped);
            }
            case 3 -> new Framed("Content-Length: " + (body.length + 1 + random.nextInt(1_000)) + "\r\n", body);
            case 4 -> new Framed("Content-Length: " + random.nextInt(body.length + 1) + "\r\n", body);
            case 5 ->
                new Framed(
                        "Content-Length: "
                                + List.of("-1", "99999999999999999999", "x", "").get(random.nextInt(4)) + "\r\n",
                        body);
            case 6 ->
                new Framed(
                        "Transfer-Encoding: chunked\r\n",
                        chunked(
                                body,
                                List.of("", "-1\r\n", "ffffffffffffffff\r\nx", "zz\r\n", "0\r\nX-Subject-Token: t\r\n")
                                        .get(random.nextInt(5))));
            case 7 -> {
                // a thousand times its size
                byte[] bomb = zipped(" ".repeat(2 * LONGEST_BODY).getBytes(StandardCharsets.UTF_8));
                yield new Framed("Content-Encoding: gzip\r\nContent-Length: " + bomb.length + "\r\n", bomb);
            }
            default ->
                new Framed("", (text + " ".repeat(random.nextInt(2) * LONGEST_BODY)).getBytes(StandardCharsets.UTF_8));
        };
    }

    private static byte[] chunked(byte[] body, String end) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < body.length; at += 1_000) {
            int length = Math.min(1_000, body.length - at);
            out.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(body, at, length);
            out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(end.getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] zipped(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] message(String status, String headers, Framed body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String head = "HTTP/1.1 " + status + "\r\n" + headers + body.headers() + "Connection: close\r\n\r\n";
        out.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        out.writeBytes(body.body());
        return out.toByteArray();
    }
}
