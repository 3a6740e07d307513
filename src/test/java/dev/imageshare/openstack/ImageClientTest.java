package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.embedded.Fault;
import dev.imageshare.openstack.OpenStackException.Kind;
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
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
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
    private Clouds clouds = new Clouds(new CloudSettings(Duration.ofSeconds(5), Duration.ofSeconds(30), 8, 20_000));
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
        ImageClient pass = clouds.cloud("o", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
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
    })
    void a_member_that_lacks_something_is_malformed(String good, String bad) {
        answer(Fault.canned(200, filled("{'members': [ROW, " + ROW.replace("'" + good + "'", quoted(bad)) + "]}")));
        assertThat(failure(() -> client.members(image)).kind()).isEqualTo(Kind.MALFORMED_ANSWER);
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
        ImageClient pass = clouds.cloud("another", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
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
                        "{\"message\": \"The resource could not be found.<br /><br />\\n\\n\\n\", \"code\": \"404 Not Found\"}"));
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
    void the_request_ID_is_the_services_own_or_the_one_sent() {
        answer(new Fault.Canned(500, Map.of("X-Openstack-Request-Id", "req-of-glance"), ""));
        assertThat(failure(() -> client.members(image)).requestId()).isEqualTo("req-of-glance");
        answer(new Fault.Canned(500, Map.of("X-Openstack-Request-Id", "<b> not one"), ""));
        assertThat(failure(() -> client.members(image)).requestId()).matches("req-[0-9a-f-]{36}");
        answer(new Fault.Drop(false));
        OpenStackException e = failure(() -> client.createMember(image, "m"));
        assertThat(e.requestId()).matches("req-[0-9a-f-]{36}");
        assertThat(e.getMessage()).contains(e.requestId());
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
                "GET", HttpUrl.get("http://glance:9292/"), "members", "/", "req-1", false, null, null, List.of());
        Headers headers = Headers.of("Retry-After", value, "Date", "Sat, 21 Nov 2026 18:00:00 GMT");
        OpenStackException e = new Answer(ask, status, headers, ByteString.EMPTY).failure(Kind.RATE_LIMITED, "");
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
        String token = clouds.cloud("o", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
                .session()
                .token()
                .value();
        for (int status : List.of(400, 401, 403, 404, 409, 413, 429, 500, 503)) {
            String text = "token " + token + " password " + password;
            for (String body : List.of(
                    "{\"message\": \"" + text + "\", \"code\": \"" + status + " X\"}",
                    "{\"error\": {\"message\": \"" + text + "\", \"code\": " + status + "}}",
                    text)) {
                lab.intercept((method, path) -> path.contains("auth") ? null : Fault.canned(status, body));
                assertNoSecret(failure(() -> pass().createMember(image, "m")), password, token);
                lab.intercept((method, path) -> Fault.canned(status, body));
                assertNoSecret(
                        failure(() -> clouds.cloud("x", "p", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
                                .newPass()
                                .scope()),
                        password,
                        token);
            }
        }
        // a token that HTTP can't carry
        lab.intercept((method, path) -> new Fault.Canned(201, Map.of("X-Subject-Token", "tok en"), "{}"));
        OpenStackException e =
                failure(() -> clouds.cloud("y", "p", CloudConfig.parse(lab.cloudsYaml(), "producer", null))
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
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
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
        return clouds.cloud("raw", "producer", CloudConfig.parse(yaml, "producer", null))
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
        clouds = new Clouds(new CloudSettings(Duration.ofSeconds(5), Duration.ofSeconds(2), 8, 20_000));
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
        ImageClient other = clouds.cloud("another", "stranger", CloudConfig.parse(lab.cloudsYaml(), "stranger", null))
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
                ? Fault.canned(400, "{\"message\": \"No image found with ID x\", \"code\": \"400 Bad Request\"}")
                : null);
        OpenStackException e = failure(() -> client.images(ImageQuery.ownedBy(lab.projectId("images")), 1));
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
}
