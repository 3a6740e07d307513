package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.embedded.Fault;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okio.ByteString;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract can't reach: answers that no Glance gives, broken connections, limits. */
class ImageClientTest {
    private static final String ABSENT = "00000000-0000-4000-8000-000000000000";
    private static final String ROW = "{'member_id':'abc','image_id':'IMAGE','status':'pending',"
            + "'created_at':'2026-11-21T18:00:08Z','updated_at':'2026-11-21T18:00:08Z'}";

    private final EmbeddedOpenStack lab = EmbeddedOpenStack.start();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private static final CloudSettings SETTINGS =
            CloudSettings.defaults().withAnswers(new AnswerLimits(20_000, 16_000, 20_000, 1_000_000, 1_000_000));

    private Clouds clouds = new Clouds(SETTINGS);
    private String image;
    private ImageClient client;

    @BeforeEach
    void logIn() {
        image = lab.createImage("producer", "i", "shared", List.of());
        client = pass();
        lab.clearRequests();
    }

    @AfterEach
    void close() {
        clouds.close();
        lab.close();
        threads.shutdownNow();
    }

    private ImageClient pass() {
        ImageClient pass = clouds.cloud("team", "o", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
                .newPass();
        pass.scope();
        return pass;
    }

    private static OpenStackException failure(ThrowingCallable call) {
        OpenStackException e = catchThrowableOfType(OpenStackException.class, call);
        assertThat(e).isNotNull().hasNoCause();
        return e;
    }

    private void answer(Fault fault) {
        lab.intercept((method, path) -> fault);
    }

    private String filled(String text) {
        return text.replace("ROW", ROW).replace('\'', '"').replace("IMAGE", image);
    }

    @Test
    void anImagesPropertiesAreKeptOnlyIfTheyAreAskedFor() {
        var owner = lab.projectId("images");
        answer(Fault.canned(
                200,
                filled("{'images': [{'id': 'IMAGE', 'name': 'i', 'owner': '" + owner + "', 'visibility': 'shared',"
                        + " 'status': 'active', 'tags': ['golden'], 'os_version': '24.04', 'image_family': null,"
                        + " 'min_disk': 5, 'description': '" + "x".repeat(3_000) + "', 'password': 'p'}]}")));

        var details = client.imageDetails(
                ImageQuery.ownedBy(owner), Set.of("os_version", "image_family", "min_disk", "description", "none"));

        assertThat(details).hasSize(1);
        assertThat(details.get(0).image().tags()).containsExactly("golden");
        assertThat(details.get(0).properties()).containsOnlyKeys("os_version", "description");
        assertThat(details.get(0).properties().get("os_version")).isEqualTo("24.04");
        assertThat(details.get(0).properties().get("description")).hasSize(2_048);
    }

    // ------------------------------------------------------- malformed answers

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "<html>",
                "null",
                "[]",
                "{}",
                "{'members': null}",
                "{'members': {}}",
                "{'members': 'xyz'}",
                "{'members': [null]}",
                "{'members': ['xyz']}",
                "{'members': [{}]}",
                "{'members': [ROW], 'members': []}",
                "{'members': [ROW]} x",
                "{'members': [ROW]",
                "{'images': []}"
            })
    void a_list_of_members_that_is_not_one_is_malformed_and_never_empty(String body) {
        answer(Fault.canned(200, filled(body)));
        OpenStackException e = failure(() -> client.members(image));
        assertThat(e.kind()).isEqualTo(Kind.MALFORMED_ANSWER);
        assertThat(e.status()).isEqualTo(200);
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).doesNotContain("html", "xyz");
    }

    @ParameterizedTest
    @CsvSource({
        "'pending', 'unheard-of'",
        "'pending', 'ACCEPTED'",
        "'pending', 5",
        "'pending', null",
        "'abc', ''",
        "'abc', 7",
        "'IMAGE', '00000000-0000-4000-8000-000000000000'",
        "'IMAGE', null",
        "'2026-11-21T18:00:08Z', 'yesterday'",
        "'2026-11-21T18:00:08Z', null",
        "'2026-11-21T18:00:08Z', '2026-02-30T18:00:08Z'",
        "'2026-11-21T18:00:08Z', '0000-11-21T18:00:08Z'",
    })
    void a_member_that_lacks_something_is_malformed(String good, String bad) {
        answer(Fault.canned(200, filled("{'members': [ROW, " + ROW.replace("'" + good + "'", quoted(bad)) + "]}")));
        assertThat(failure(() -> client.members(image)).kind()).isEqualTo(Kind.MALFORMED_ANSWER);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-21T18:00:08Z, 2026-11-21T18:00:08Z",
        "2026-11-21T18:00:08.250Z, 2026-11-21T18:00:08.250Z",
        "2026-11-21T18:00:08.250000, 2026-11-21T18:00:08.250Z",
        "2026-11-21T24:00:00Z, 2026-11-22T00:00:00Z",
    })
    void a_members_times_are_rfc_3339_in_utc(String given, String expected) {
        answer(Fault.canned(200, filled("{'members': [" + ROW.replace("2026-11-21T18:00:08Z", given) + "]}")));
        assertThat(client.members(image)).singleElement().satisfies(member -> {
            assertThat(member.createdAt()).isEqualTo(expected);
            assertThat(member.updatedAt()).isEqualTo(expected);
        });
    }

    private static String quoted(String value) {
        return value.matches("\\d|null") ? value : "'" + value + "'";
    }

    static Stream<Arguments> images() {
        String good = "{'id':'IMAGE','name':'n','owner':'o','visibility':'shared','status':'active','tags':['a']}";
        return Stream.of(
                Arguments.of(good.replace("IMAGE", ABSENT)),
                Arguments.of(good.replace("IMAGE", "no-uuid")),
                Arguments.of(good.replace("'IMAGE'", "null")),
                Arguments.of(good.replace("'n'", "{}")),
                Arguments.of(good.replace("'o'", "1")),
                Arguments.of(good.replace("'shared'", "null")),
                Arguments.of(good.replace("'active'", "[]")),
                Arguments.of(good.replace("['a']", "null")),
                Arguments.of(good.replace("['a']", "[1]")),
                Arguments.of(good.replace("'owner'", "'created_at':'x','owner'")),
                Arguments.of("[" + good + "]"));
    }

    @ParameterizedTest
    @MethodSource("images")
    void an_image_that_lacks_something_or_is_another_is_malformed(String body) {
        answer(Fault.canned(200, filled(body)));
        assertThat(failure(() -> client.image(image)).kind()).isEqualTo(Kind.MALFORMED_ANSWER);
    }

    /** A login, a wait for a place or a pause may lie between the decision and the moment when a write leaves. */
    @Test
    void a_write_that_is_no_longer_wanted_when_its_turn_comes_does_not_leave() {
        AtomicBoolean wanted = new AtomicBoolean(true);
        lab.intercept((method, path) -> {
            if (path.endsWith("/auth/tokens")) {
                wanted.set(false);
            }
            return null;
        });
        ImageClient pass = clouds.cloud(
                        "team", "another", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
                .newPass(wanted::get);
        OpenStackException e = failure(() -> pass.createMember(image, "m"));
        assertThat(e.kind()).isEqualTo(Kind.INTERRUPTED);
        assertThat(e.outcomeUnknown()).isFalse();
        assertThat(e).hasMessageContaining("was not sent");
        assertThat(pass.members(image)).as("who reads changes nothing").isEmpty();
        wanted.set(true);
        assertThat(pass.createMember(image, "m").projectId()).isEqualTo("m");
    }

    @Test
    void unknown_fields_and_nulls_are_fine() {
        answer(Fault.canned(
                200,
                filled("{'id':'IMAGE','name':null,'owner':null,'visibility':'shared','status':'active','tags':[],"
                        + "'created_at':null,'new':{'a':[1]}}")));
        assertThat(client.image(image)).isEqualTo(new Image(image, "", null, "shared", "active", List.of(), null));
    }

    @Test
    void deep_JSON_is_malformed() {
        answer(Fault.canned(200, "{\"members\":" + "[".repeat(9_000)));
        assertThat(failure(() -> client.members(image)).kind()).isEqualTo(Kind.MALFORMED_ANSWER);
    }

    @ParameterizedTest
    @CsvSource({
        "300, MALFORMED_ANSWER",
        "302, MALFORMED_ANSWER",
        "204, MALFORMED_ANSWER",
        "206, MALFORMED_ANSWER",
        "404, MALFORMED_ANSWER",
        "400, BAD_REQUEST",
        "405, BAD_REQUEST",
        "418, BAD_REQUEST",
        "403, FORBIDDEN",
        "409, CONFLICT",
        "413, QUOTA_EXCEEDED",
        "429, RATE_LIMITED",
        "500, SERVER_ERROR",
        "502, SERVER_ERROR",
        "503, SERVER_ERROR",
        "599, SERVER_ERROR",
        "408, TIMEOUT"
    })
    void a_status_has_one_meaning_and_another_servers_text_is_not_quoted(int status, Kind kind) {
        String html = status == 204 ? "" : "<html><body>nginx says no</body></html>";
        answer(new Fault.Canned(status, Map.of("Location", "http://127.0.0.1:1/x", "Content-Type", "text/html"), html));
        OpenStackException read = failure(() -> client.members(image));
        assertThat(read.kind()).isEqualTo(kind);
        assertThat(read.status()).isEqualTo(status);
        assertThat(read.getMessage()).doesNotContain("nginx");
        assertThat(read.outcomeUnknown()).isFalse();
        OpenStackException write = failure(() -> client.createMember(image, "m"));
        assertThat(write.kind()).isEqualTo(kind);
        assertThat(write.outcomeUnknown())
                .isEqualTo(kind == Kind.SERVER_ERROR || kind == Kind.MALFORMED_ANSWER || kind == Kind.TIMEOUT);
    }

    @Test
    void a_404_of_a_route_that_is_not_there_does_not_mean_a_gone_image() {
        answer(
                Fault.canned(
                        404,
                        "{\"message\": \"The resource could not be found.<br /><br />\\n\\n\\n\", \"code\": \"404 Not Found\", \"title\": \"Not Found\"}"));
        assertThat(failure(() -> client.image(image)).kind()).isEqualTo(Kind.MALFORMED_ANSWER);
        assertThat(failure(() -> client.members(image)).kind()).isEqualTo(Kind.MALFORMED_ANSWER);
    }

    @Test
    void an_answer_to_a_write_that_is_for_something_else_is_malformed_and_its_outcome_unknown() {
        answer(Fault.canned(200, filled(ROW)));
        OpenStackException e = failure(() -> client.createMember(image, "xyz"));
        assertThat(e.kind()).isEqualTo(Kind.MALFORMED_ANSWER);
        assertThat(e.outcomeUnknown()).isTrue();
        answer(Fault.canned(200, "{}"));
        assertThat(failure(() -> client.deleteMember(image, "abc")).outcomeUnknown())
                .isTrue();
    }

    // ------------------------------------------------------------------- texts

    @Test
    void the_services_text_is_one_line_without_markup_and_cut() {
        answer(Fault.canned(
                409,
                "{\"code\": \"409 Conflict\", \"title\": \"Conflict\", \"message\": \"a &lt;b&gt; &amp;amp; \\n\\u001b[31m<br />\\tc"
                        + "x".repeat(900) + "\"}"));
        OpenStackException e = failure(() -> client.createMember(image, "m"));
        assertThat(e.getMessage())
                .contains(
                        "answered 409: a <b> &amp; [31m cxxx",
                        "POST",
                        "127.0.0.1:" + lab.imageUrl().replaceAll(".*:", ""))
                .contains(image, "…")
                .doesNotContain("\n", "\u001b")
                .hasSizeLessThan(512 + 300);
    }

    @Test
    void a_request_ID_is_told_where_a_log_has_it() {
        answer(new Fault.Canned(500, Map.of("X-Openstack-Request-Id", "req-of-glance"), ""));
        assertThat(failure(() -> client.members(image)).requestId()).isEqualTo("req-of-glance");
        answer(new Fault.Canned(500, Map.of("X-Openstack-Request-Id", "<b> not one"), ""));
        OpenStackException none = failure(() -> client.members(image));
        assertThat(none.requestId()).isNull();
        assertThat(none).hasMessageNotContaining("[request");
        answer(new Fault.Drop(false));
        OpenStackException e = failure(() -> client.createMember(image, "m"));
        assertThat(e.requestId()).as("Glance takes the one sent").matches("req-[0-9a-f-]{36}");
        assertThat(e.getMessage()).contains(e.requestId());
        lab.stopGlance();
        OpenStackException unsent = failure(() -> client.createMember(image, "m"));
        assertThat(unsent.requestId()).as("it never left").isNull();
        assertThat(unsent).hasMessageNotContaining("[request").hasMessageStartingWith("entry producer: ");
    }

    /** That a service was content is not what is wrong. */
    @Test
    void no_status_of_success_is_in_an_error() {
        String yaml = lab.cloudsYaml("producer").replace("RegionOne", "RegionTwo");
        OpenStackException e =
                failure(() -> clouds.cloud("team", "two", "producer", CloudConfig.parse(yaml, "producer", null))
                        .newPass()
                        .scope());
        assertThat(e.status()).isEqualTo(201);
        assertThat(e)
                .hasMessageStartingWith("entry producer: POST login at 127.0.0.1:")
                .hasMessageContaining(": the catalog has no service of type image");
        // the port and the request's ID are random
        assertThat(e.getMessage().replaceAll(":\\d+:|\\[request .*]", "")).doesNotContain("201");
        answer(Fault.canned(200, "[]"));
        assertThat(failure(() -> client.members(image))).hasMessageNotContaining("answered 200");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "429 | 7 | PT7S",
                "503 | 120 | PT2M",
                "503 | 0 | PT0S",
                "429 | 999999999999 | PT1H",
                "429 | 5000 | PT1H",
                "429 | Sat, 21 Nov 2026 18:00:30 GMT | PT30S",
                "429 | Sat, 21 Nov 2026 17:00:00 GMT | PT0S",
                "429 | Mon, 21 Nov 2061 18:00:00 GMT | PT1H",
                "429 | soon | none",
                "429 | -5 | none",
            })
    void retry_after_is_seconds_or_a_date_and_bounded(int status, String value, Duration expected) {
        Ask ask = new Ask(
                "",
                Ask.Service.GLANCE,
                "GET",
                HttpUrl.get("http://glance:9292/"),
                "members",
                "/",
                "req-1",
                false,
                null,
                null,
                null,
                List.of());
        Headers headers = Headers.of("Retry-After", value, "Date", "Sat, 21 Nov 2026 18:00:00 GMT");
        OpenStackException e = new HttpAnswer(ask, status, headers, ByteString.EMPTY).failure(Kind.RATE_LIMITED, "");
        assertThat(e.retryAfter().orElse(null)).isEqualTo(expected);
    }

    @Test
    void retry_after_of_a_429_arrives() {
        answer(new Fault.Canned(429, Map.of("Retry-After", "7"), ""));
        OpenStackException e = failure(() -> client.createMember(image, "m"));
        assertThat(e.kind()).isEqualTo(Kind.RATE_LIMITED);
        assertThat(e.retryAfter()).contains(Duration.ofSeconds(7));
        assertThat(e.retryable()).isTrue();
        assertThat(e.outcomeUnknown()).isFalse();
    }

    @Test
    void no_secret_is_in_any_message_even_if_the_service_repeats_it() {
        String password = "lab-user-secret";
        String token = clouds.cloud("team", "o", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
                .session()
                .token()
                .value();
        for (int status : List.of(400, 401, 403, 404, 409, 413, 429, 500, 503)) {
            String text = "token " + token + " password " + password;
            for (String body : List.of(
                    "{\"message\": \"" + text + "\", \"code\": \"" + status + " X\", \"title\": \"X\"}",
                    "{\"error\": {\"message\": \"" + text + "\", \"code\": " + status + ", \"title\": \"X\"}}",
                    text)) {
                lab.intercept((method, path) -> path.contains("auth") ? null : Fault.canned(status, body));
                assertNoSecret(failure(() -> pass().createMember(image, "m")), password, token);
                lab.intercept((method, path) -> Fault.canned(status, body));
                assertNoSecret(
                        failure(() -> clouds.cloud(
                                        "team", "x", "p", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
                                .newPass()
                                .scope()),
                        password,
                        token);
            }
        }
        // a token that HTTP can't carry
        lab.intercept((method, path) -> new Fault.Canned(201, Map.of("X-Subject-Token", "tok en"), "{}"));
        OpenStackException e =
                failure(() -> clouds.cloud("team", "y", "p", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
                        .newPass()
                        .scope());
        assertNoSecret(e, password, "tok en");
        assertThat(e.kind()).isEqualTo(Kind.MALFORMED_ANSWER);
        lab.intercept((method, path) -> new Fault.Drop(true));
        assertNoSecret(failure(() -> client.createMember(image, "m")), password, token);
    }

    private static void assertNoSecret(OpenStackException e, String... secrets) {
        StringWriter all = new StringWriter();
        e.printStackTrace(new PrintWriter(all, true));
        assertThat(all.toString()).doesNotContain(secrets);
    }

    // -------------------------------------------------------------- connections

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 40})
    void a_cut_off_body_is_never_a_short_list(int bytes) {
        lab.addMember("producer", image, "m");
        answer(new Fault.CutBody(bytes));
        OpenStackException e = failure(() -> client.members(image));
        assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(e.retryable()).isTrue();
        OpenStackException write = failure(() -> client.createMember(image, "n"));
        assertThat(write.outcomeUnknown()).isTrue();
        assertThat(lab.members("producer", image)).containsOnlyKeys("m", "n");
    }

    @Test
    void a_cut_off_chunked_body_is_never_a_short_list() throws Exception {
        try (ServerSocket server =
                raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n{\"members\":[]}\r\n")) {
            assertThat(failure(() -> at(server).members(image)).kind()).isEqualTo(Kind.UNREACHABLE);
        }
        try (ServerSocket server = raw("SSH-2.0-x\r\n")) {
            OpenStackException e = failure(() -> at(server).members(image));
            assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(e.getMessage()).doesNotContain("SSH");
        }
    }

    /** Whatever is asked, these bytes and then the end. */
    private ServerSocket raw(String answer) throws IOException {
        ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        threads.submit(() -> {
            while (true) {
                try (Socket socket = server.accept()) {
                    InputStream in = socket.getInputStream();
                    for (int matched = 0, next; matched < 4 && (next = in.read()) >= 0; ) {
                        matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
                    }
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    socket.getOutputStream().flush();
                }
            }
        });
        return server;
    }

    private ImageClient at(ServerSocket server) {
        String yaml = lab.cloudsYaml()
                .replace(
                        "    region_name",
                        "    image_endpoint_override: http://127.0.0.1:" + server.getLocalPort() + "\n    region_name");
        return clouds.cloud("team", "raw", "producer", CloudConfig.parse(yaml, "producer", null))
                .newPass();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_write_is_sent_once_when_the_connection_dies_and_its_outcome_is_unknown(boolean carriedOut) {
        // so that the connection is one that was kept
        client.members(image);
        lab.clearRequests();
        answer(new Fault.Drop(carriedOut));
        OpenStackException added = failure(() -> client.createMember(image, "m"));
        assertThat(added.getMessage()).contains("POST member m of image " + image);
        assertThat(added.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(added.outcomeUnknown()).isTrue();
        assertThat(failure(() -> client.deleteMember(image, "m")).outcomeUnknown())
                .isTrue();
        assertThat(lab.requests()).extracting(Call::method).containsExactly("POST", "DELETE");
    }

    @Test
    void a_read_is_sent_once_more_when_the_connection_dies() {
        AtomicInteger asked = new AtomicInteger();
        lab.intercept((method, path) -> asked.getAndIncrement() == 0 ? new Fault.Drop(false) : null);
        assertThat(client.members(image)).isEmpty();
        assertThat(lab.requests()).hasSize(2);
        answer(new Fault.Drop(false));
        lab.clearRequests();
        assertThat(failure(() -> client.members(image)).outcomeUnknown()).isFalse();
        assertThat(lab.requests()).hasSize(2);
    }

    @Test
    void a_write_is_sent_once_also_after_a_503_with_retry_after_0_or_a_redirect() {
        answer(new Fault.Canned(503, Map.of("Retry-After", "0"), ""));
        OpenStackException e = failure(() -> client.createMember(image, "m"));
        assertThat(e.kind()).isEqualTo(Kind.SERVER_ERROR);
        assertThat(e.retryAfter()).contains(Duration.ZERO);
        answer(new Fault.Canned(307, Map.of("Location", lab.imageUrl() + "/v2/images/" + image + "/members"), ""));
        failure(() -> client.createMember(image, "m"));
        answer(new Fault.Canned(408, Map.of(), ""));
        failure(() -> client.createMember(image, "m"));
        assertThat(lab.requests()).hasSize(3);
    }

    @Test
    void an_answer_that_is_too_long_is_not_read() {
        answer(Fault.canned(200, filled("{'members': [], 'x': '" + "y".repeat(20_000) + "'}")));
        assertThat(failure(() -> client.members(image)).kind()).isEqualTo(Kind.ANSWER_TOO_LARGE);
        assertThat(failure(() -> client.createMember(image, "m")).outcomeUnknown())
                .isTrue();
    }

    @Test
    void a_service_that_does_not_answer_is_a_time_out() {
        clouds.close();
        clouds = new Clouds(SETTINGS.withCallTimeout(Duration.ofSeconds(2)));
        ImageClient hasty = pass();
        CountDownLatch released = new CountDownLatch(1);
        answer(new Fault.Hang(released));
        OpenStackException e = failure(() -> hasty.createMember(image, "m"));
        assertThat(e.kind()).isEqualTo(Kind.TIMEOUT);
        assertThat(e.outcomeUnknown()).isTrue();
        assertThat(e.retryable()).isTrue();
        assertThat(e.status()).isZero();
        released.countDown();
    }

    @Test
    void eight_calls_at_once_to_one_endpoint_whoever_asks_and_the_ninth_can_be_interrupted() throws Exception {
        ImageClient other = clouds.cloud(
                        "team", "another", "stranger", CloudConfig.parse(lab.cloudsYaml(), "stranger", null))
                .newPass();
        other.scope();
        lab.clearRequests();
        CountDownLatch released = new CountDownLatch(1);
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        lab.intercept((method, path) -> {
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            try {
                released.await();
            } finally {
                underWay.decrementAndGet();
            }
            return null;
        });
        List<Future<?>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(threads.submit(() -> client.image(image)));
        }
        Awaitility.await().until(() -> underWay.get() == 8);
        Thread.currentThread().interrupt();
        OpenStackException e = failure(() -> other.createMember(image, "m"));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(e.kind()).isEqualTo(Kind.INTERRUPTED);
        assertThat(e.outcomeUnknown()).isFalse();
        for (int i = 0; i < 8; i++) {
            calls.add(threads.submit(() -> client.image(image)));
        }
        released.countDown();
        for (Future<?> each : calls) {
            each.get();
        }
        assertThat(most).hasValueLessThanOrEqualTo(8);
        assertThat(lab.requests()).hasSize(16);
    }

    // -------------------------------------------------------------------- lists

    @Test
    void a_list_that_fits_in_a_page_is_one_request() {
        assertThat(client.images(ImageQuery.ownedBy(lab.projectId("images")))).hasSize(1);
        assertThat(lab.requests())
                .extracting(Call::query)
                .containsExactly("owner=" + lab.projectId("images") + "&limit=1000");
    }

    @Test
    void a_list_that_goes_round_in_circles_ends() {
        answer(Fault.canned(
                200,
                filled(
                        "{'images': [{'id':'IMAGE','name':'n','owner':'o','visibility':'shared','status':'active','tags':[]}],"
                                + "'next': '/v2/images?marker=IMAGE'}")));
        OpenStackException e = failure(() -> client.images(ImageQuery.sharedWithMe()));
        assertThat(e.kind()).isEqualTo(Kind.MALFORMED_ANSWER);
        assertThat(lab.requests()).hasSize(2);
    }

    @Test
    void a_list_of_very_many_pages_ends() {
        AtomicInteger page = new AtomicInteger();
        lab.intercept((method, path) -> Fault.canned(
                200,
                "{\"images\": [{\"id\":\"" + new UUID(0, page.incrementAndGet()) + "\",\"visibility\":\"shared\","
                        + "\"status\":\"active\",\"tags\":[]}],\"next\": \"/v2/images\"}"));
        assertThat(failure(() -> client.images(ImageQuery.sharedWithMe())).kind())
                .isEqualTo(Kind.ANSWER_TOO_LARGE);
        assertThat(page).hasValue(100);
    }

    @Test
    void an_image_that_goes_while_pages_are_read_is_not_an_absent_one() {
        AtomicInteger page = new AtomicInteger();
        lab.createImage("producer", "j", "shared", List.of());
        lab.intercept((method, path) -> page.incrementAndGet() == 2
                ? Fault.canned(
                        400,
                        "{\"message\": \"No image found with ID x\", \"code\": \"400 Bad Request\", \"title\": \"Bad Request\"}")
                : null);
        OpenStackException e = failure(() -> client.images(ImageQuery.ownedBy(lab.projectId("images")), 100, 1));
        assertThat(e.kind()).isEqualTo(Kind.MALFORMED_ANSWER);
        assertThat(e.retryable()).isTrue();
    }

    @Test
    void what_a_filter_does_not_want_is_left_out_also_when_the_service_sends_it() {
        answer(
                Fault.canned(
                        200,
                        filled(
                                "{'images': [{'id':'IMAGE','name':'N','owner':'o','visibility':'shared','status':'active','tags':['a']}]}")));
        assertThat(client.images(ImageQuery.ownedBy("o").named("N").tagged(List.of("a"))))
                .hasSize(1);
        assertThat(client.images(ImageQuery.ownedBy("o").named("n"))).isEmpty();
        assertThat(client.images(ImageQuery.ownedBy("x"))).isEmpty();
        assertThat(client.images(ImageQuery.ownedBy("o").tagged(List.of("a", "b"))))
                .isEmpty();
    }

    /** Seen on a real Glance whose process was killed in the middle of a deletion. */
    @Test
    void an_image_whose_deletion_did_not_end_is_not_listed() {
        answer(
                Fault.canned(
                        200,
                        filled(
                                "{'images': [{'id':'IMAGE','name':'N','owner':'o','visibility':'shared','status':'deleted','tags':[]}]}")));
        assertThat(client.images(ImageQuery.ownedBy("o"))).isEmpty();
    }

    // ------------------------------------------------------------------- memory

    private static String row(int number) {
        return ROW.replace("abc", "p" + number);
    }

    private ImageClient with(AnswerLimits limits) {
        clouds.close();
        clouds = new Clouds(SETTINGS.withAnswers(limits));
        return pass();
    }

    private static AnswerLimits list(long bytes) {
        return new AnswerLimits(20_000, 16_000, bytes, 1_000_000, 10_000_000);
    }

    private static String zipped(String text) {
        try (var out = new ByteArrayOutputStream()) {
            try (var zip = new GZIPOutputStream(out)) {
                zip.write(text.getBytes(StandardCharsets.UTF_8));
            }
            return out.toString(StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What nobody asks for, most of a real image, takes no memory however much there is of it. */
    @Test
    void a_long_list_is_read_as_a_stream_and_what_is_not_needed_is_skipped() {
        client = with(list(8L << 20));
        StringBuilder body = new StringBuilder("{'x': ['" + "y".repeat(2 << 20) + "'], 'members': [");
        for (int i = 0; i < 2_000; i++) {
            body.append(i == 0 ? "" : ",")
                    .append(row(i).replace("}", ",'" + i + "': {'a': ['" + "z".repeat(500) + "']}}"));
        }
        answer(Fault.canned(200, filled(body + "], 'z': {}}")));
        assertThat(client.members(image)).hasSize(2_000);
    }

    @Test
    void what_is_kept_of_a_list_is_bounded_and_what_comes_of_it_too() {
        client = with(new AnswerLimits(20_000, 16_000, 8L << 20, 100_000, 10_000_000));
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            rows.add(row(i));
        }
        answer(Fault.canned(200, filled("{'members': [" + String.join(",", rows) + "]}")));
        OpenStackException e = failure(() -> client.members(image));
        assertThat(e.kind()).isEqualTo(Kind.ANSWER_TOO_LARGE);
        assertThat(e).hasMessageContaining("100000 bytes");
        // one that is no element yet
        answer(Fault.canned(200, filled("{'members': [{'status': [" + "{},".repeat(10_000) + "1]}]}")));
        assertThat(failure(() -> client.members(image)).kind()).isEqualTo(Kind.ANSWER_TOO_LARGE);
        answer(Fault.canned(200, filled("{'id': [" + "[],".repeat(5_000) + "1]}")));
        assertThat(failure(() -> client.image(image)).kind()).isEqualTo(Kind.ANSWER_TOO_LARGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'members': [ROW", "{'members': [ROW]", "{'members': [ROW]}", ""})
    void a_connection_that_ends_in_a_list_is_one_that_was_lost(String part) throws Exception {
        String head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
        try (ServerSocket server = raw(head + filled(part))) {
            assertThat(failure(() -> at(server).members(image)).kind()).isEqualTo(Kind.UNREACHABLE);
        }
    }

    @Test
    void a_gzipped_list_that_is_cut_off_or_broken_is_never_a_short_list() throws Exception {
        String whole = zipped(filled("{'members': [ROW]}"));
        for (String part :
                List.of(whole.substring(0, whole.length() / 2), whole.substring(0, whole.length() - 4), "x" + whole)) {
            String head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + part.length() + "\r\n\r\n";
            try (ServerSocket server = raw(head + part)) {
                assertThat(failure(() -> at(server).members(image)).kind()).isEqualTo(Kind.UNREACHABLE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'members': [],'x':'FILL'}", "{'members': [], FILL}", "{'members': FILL[]}"})
    void a_gzip_bomb_in_a_list_is_read_to_its_bound(String body) throws Exception {
        client = with(list(1 << 20));
        String bomb = zipped(filled(body).replace("FILL", " ".repeat(4 << 20)));
        String head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + bomb.length() + "\r\n\r\n";
        try (ServerSocket server = raw(head + bomb)) {
            assertThat(failure(() -> at(server).members(image)).kind()).isEqualTo(Kind.ANSWER_TOO_LARGE);
        }
    }

    @Test
    void a_list_that_comes_too_slowly_is_a_time_out() throws Exception {
        clouds.close();
        clouds = new Clouds(SETTINGS.withCallTimeout(Duration.ofSeconds(2)));
        client = pass();
        CountDownLatch released = new CountDownLatch(1);
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            threads.submit(() -> {
                try (Socket socket = server.accept()) {
                    String head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + filled("{'members': [ROW,");
                    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                    released.await();
                }
                return null;
            });
            assertThat(failure(() -> at(server).members(image)).kind()).isEqualTo(Kind.TIMEOUT);
            released.countDown();
        }
    }

    @Test
    void an_error_that_is_longer_than_errors_are_counts_by_its_status() {
        answer(Fault.canned(503, "x".repeat(20_000)));
        assertThat(failure(() -> client.members(image)).kind()).isEqualTo(Kind.SERVER_ERROR);
        answer(Fault.canned(
                404,
                "{\"message\": \"" + "x".repeat(20_000)
                        + "\", \"code\": \"404 Not Found\", \"title\": \"Not Found\"}"));
        assertThat(failure(() -> client.image(image)).kind())
                .as("nobody knows whose it is")
                .isEqualTo(Kind.MALFORMED_ANSWER);
    }

    /** A namespace that fills its part fails with what is large of its own, and with nothing of another's. */
    @Test
    void large_answers_of_one_namespace_leave_room_for_those_of_another() throws Exception {
        client = with(new AnswerLimits(20_000, 16_000, 8L << 20, 1_000_000, 1_000_000));
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            rows.add(row(i));
        }
        String part = filled("{'members': [" + String.join(",", rows) + ",");
        CountDownLatch released = new CountDownLatch(1);
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            // Else the read is tried again, and nobody answers until it is timed out.
            Closeable noMore = server::close;
            threads.submit(() -> {
                Socket socket = server.accept();
                String head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + part;
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                released.await();
                noMore.close();
                socket.close();
                return null;
            });
            Future<OpenStackException> hanging =
                    threads.submit(() -> failure(() -> at(server).members(image)));
            Awaitility.await().until(() -> clouds.answersInFlight() > 100_000);
            answer(Fault.canned(200, part.replaceFirst(",$", "]}")));
            OpenStackException e = failure(() -> pass().members(image));
            assertThat(e.kind()).isEqualTo(Kind.OVERLOADED);
            assertThat(e.retryable()).isTrue();
            assertThat(e).hasMessageContaining("the operator retries later");
            CloudConfig config = CloudConfig.parse(lab.cloudsYaml(), "producer", null);
            lab.intercept(
                    (method, path) -> path.contains("auth") ? null : Fault.canned(200, part.replaceFirst(",$", "]}")));
            assertThat(clouds.cloud("others", "o", "producer", config).newPass().members(image))
                    .hasSize(700);
            released.countDown();
            hanging.get();
        }
        assertThat(clouds.answersInFlight()).isZero();
    }

    private String images(int from, int count, String more) {
        List<String> all = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            all.add("{'id':'" + new UUID(0, i + 1) + "','name':'n','owner':'o','visibility':'shared','status':'active',"
                    + "'tags':[" + more + "]}");
        }
        return filled("{'images': [" + String.join(",", all) + "],'next':'/v2/images'}");
    }

    /** A stranger in the same cloud can offer a hundred thousand images. */
    @Test
    void a_list_of_images_is_cut_where_the_caller_says_or_memory_ends() {
        client = with(list(1 << 20));
        AtomicInteger page = new AtomicInteger();
        lab.intercept((method, path) -> Fault.canned(200, images(100 * page.getAndIncrement(), 100, "")));
        ImageList cut = client.images(ImageQuery.sharedWithMe(), 250);
        assertThat(cut.images()).hasSize(250);
        assertThat(cut.complete()).isFalse();
        assertThat(page).hasValue(3);

        page.set(0);
        ImageList kept = client.images(ImageQuery.sharedWithMe(), 10_000);
        assertThat(kept.complete()).isFalse();
        assertThat(kept.images()).hasSizeBetween(500, 1_500);
        page.set(0);
        assertThat(failure(() -> client.images(ImageQuery.sharedWithMe())).kind())
                .isEqualTo(Kind.ANSWER_TOO_LARGE);
    }

    @Test
    void a_list_of_just_so_many_images_is_complete() {
        answer(Fault.canned(200, images(0, 3, "").replace("next", "first")));
        assertThat(client.images(ImageQuery.ownedBy("o"), 3).complete()).isTrue();
        assertThat(client.images(ImageQuery.ownedBy("o"), 2).complete()).isFalse();
        assertThat(client.images(ImageQuery.ownedBy("o"), 2).images()).hasSize(2);
        assertThat(client.images(ImageQuery.ownedBy("nobody"), 1).complete()).isTrue();
    }

    /** Properties can have 64 KiB each, and a stranger's image must not hide all others. */
    @Test
    void images_that_are_very_large_are_asked_for_by_fewer() {
        client = with(list(50_000));
        lab.intercept((method, path) -> null);
        List<String> limits = new ArrayList<>();
        lab.witness((call, question, body, fault) ->
                limits.add(String.valueOf(call.query()).replaceAll(".*limit=(\\d+).*", "$1")));
        AtomicInteger asked = new AtomicInteger();
        lab.intercept((method, path) -> Fault.canned(
                200,
                asked.incrementAndGet() == 1
                        ? "{\"images\": [], \"x\": \"" + "y".repeat(60_000) + "\"}"
                        : images(0, 2, "").replace("next", "first")));
        assertThat(client.images(ImageQuery.ownedBy("o"))).hasSize(2);
        assertThat(limits).containsExactly("1000", "100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'name':'n'", "'tags':['a']", "'owner':'o'"})
    void a_text_that_is_too_long_is_none_of_glances(String field) {
        String good = "{'id':'IMAGE','name':'n','owner':'o','visibility':'shared','status':'active','tags':['a']}";
        String bad = field.replaceFirst("'(n|a|o)'(]?)$", "'" + "x".repeat(3_000) + "'$2");
        answer(Fault.canned(200, filled(good.replace(field, bad))));
        assertThat(failure(() -> client.image(image)).kind()).isEqualTo(Kind.MALFORMED_ANSWER);
    }

    @Test
    void text_that_is_not_UTF_8_is_malformed() throws Exception {
        String body = filled("{'members': [ROW]}").replace("abc", "a\u00e9c");
        String head = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n";
        try (ServerSocket server = raw(head + body)) {
            assertThat(failure(() -> at(server).members(image)).kind()).isEqualTo(Kind.MALFORMED_ANSWER);
        }
    }

    // ------------------------------------------------------------- whose words

    /** Kubernetes' API server, and other services with nearly the same shape, may say what isn't for everybody. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':'MARK','code':403}",
                "{'message':'MARK','code':403}",
                "{'message':'MARK','code':403,'title':'Forbidden'}",
                "{'message':'MARK','code':'403 Forbidden'}",
                "{'message':'MARK','code':'403 Forbidden','title':'Forbidden','more':1}",
                "{'message':'MARK','code':'4030','title':'Forbidden'}",
                "{'error':{'message':'MARK','code':'403','title':'Forbidden'}}",
                "{'error':{'message':'MARK','code':403}}",
                "{'error':{'message':'MARK','code':404,'title':'Forbidden'}}",
                "{'error':{'message':'MARK','code':403,'title':'Forbidden','status':'PERMISSION_DENIED'}}",
                "{'error':{'message':'MARK','code':403,'title':'Forbidden'},'more':1}",
            })
    void what_is_not_keystones_or_glances_error_is_not_quoted(String body) {
        answer(Fault.canned(403, filled(body)));
        assertThat(failure(() -> client.members(image))).hasMessageNotContaining("MARK");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'message':'MARK','code':'403 Forbidden','title':'Forbidden'}",
                "{'error':{'message':'MARK','code':403,'title':'Forbidden'}}",
                "{'error':{'message':'MARK','code':403,'title':'Forbidden','identity':{'methods':['password']}}}",
            })
    void keystones_and_glances_error_is_quoted(String body) {
        answer(Fault.canned(403, filled(body)));
        assertThat(failure(() -> client.members(image))).hasMessageContaining("answered 403: MARK");
    }

    /** Blotted out, they would be told by the gaps. */
    @ParameterizedTest
    @ValueSource(strings = {"wrong", "e", "admin", "password", "Keystone", "project"})
    void our_own_words_are_never_changed_by_a_password_and_the_services_are_left_out_whole(String password) {
        String yaml = lab.cloudsYaml("producer").replace("lab-user-secret", password);
        lab.intercept((method, path) -> Fault.canned(
                401,
                "{\"error\": {\"message\": \"The " + password
                        + " is bad.\", \"code\": 401, \"title\": \"Unauthorized\"}}"));
        OpenStackException e =
                failure(() -> clouds.cloud("team", "short", "producer", CloudConfig.parse(yaml, "producer", null))
                        .newPass()
                        .scope());
        assertThat(e.getMessage())
                .startsWith("entry producer: POST login at 127.0.0.1:")
                .contains(
                        "answered 401: (its own words repeat a secret) (Keystone gives the same answer for a wrong password or secret,")
                .doesNotContain("***", "is bad");
        lab.intercept((method, path) -> new Fault.Canned(
                201,
                Map.of("X-Subject-Token", "t0k3n"),
                "{\"token\": {\"issued_at\": \"2026-11-21T18:00:00Z\", \"expires_at\": \"2026-11-21T19:00:00Z\", \"project\":"
                        + " {\"id\": \"p\"}, \"catalog\": [{\"type\": \"x-" + password + "\", \"endpoints\": []}]}}"));
        OpenStackException none =
                failure(() -> clouds.cloud("team", "catalog", "producer", CloudConfig.parse(yaml, "producer", null))
                        .newPass()
                        .scope());
        assertThat(none.kind()).isEqualTo(Kind.NO_IMAGE_SERVICE);
        assertThat(none)
                .hasMessageContaining("the catalog has no service of type image, interface public")
                .hasMessageContaining("it has: (its own words repeat a secret)");
    }

    @Test
    void a_404_of_a_route_that_is_not_there_is_known_whatever_the_password_is() {
        String yaml = lab.cloudsYaml("producer").replace("lab-user-secret", "e");
        lab.intercept((method, path) -> path.contains("auth")
                ? new Fault.Canned(
                        201,
                        Map.of("X-Subject-Token", "t0k3n"),
                        "{\"token\": {\"issued_at\": \"2026-11-21T18:00:00Z\", \"expires_at\": \"2026-11-21T19:00:00Z\","
                                + " \"project\": {\"id\": \"p\"}, \"catalog\": [{\"type\": \"image\", \"endpoints\": ["
                                + "{\"interface\": \"public\", \"region_id\": \"RegionOne\", \"url\": \""
                                + lab.imageUrl()
                                + "\"}]}]}}")
                : Fault.canned(
                        404,
                        "{\"message\": \"The resource could not be found.<br />\", \"code\": \"404 Not Found\", \"title\":"
                                + " \"Not Found\"}"));
        assertThat(failure(() -> clouds.cloud("team", "e", "producer", CloudConfig.parse(yaml, "producer", null))
                                .newPass()
                                .image(image))
                        .kind())
                .isEqualTo(Kind.MALFORMED_ANSWER);
    }

    @Test
    void a_request_ID_that_repeats_a_secret_is_not_told() {
        answer(new Fault.Canned(500, Map.of("X-Openstack-Request-Id", "req-lab-user-secret"), ""));
        assertThat(failure(() -> client.members(image)))
                .hasMessageNotContaining("lab-user-secret")
                .extracting(OpenStackException::requestId)
                .isNull();
    }
}
