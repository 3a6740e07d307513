package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.EmbeddedOpenStack.Options;
import dev.imageshare.embedded.Fault;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionTest {
    private static final String LOGIN = "/v3/auth/tokens";

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);
    private final EmbeddedOpenStack lab =
            EmbeddedOpenStack.start(Options.defaults().withTokenSeconds(6));
    private final Clouds clouds = new Clouds(CloudSettings.defaults(), nanos::get);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        clouds.close();
        lab.close();
        threads.shutdownNow();
    }

    private Cloud cloud(String owner, String name) {
        return clouds.cloud("team", owner, name, CloudConfig.parse(lab.cloudsYaml(), name, null));
    }

    private long logins() {
        return lab.requests().stream().filter(call -> call.path().equals(LOGIN)).count();
    }

    @Test
    void a_token_is_fetched_once_for_all_that_wait() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch arrived = new CountDownLatch(1);
        lab.intercept((method, path) -> {
            arrived.countDown();
            return new Fault.Hang(released);
        });
        Cloud cloud = cloud("o", "producer");
        Set<Thread> callers = ConcurrentHashMap.newKeySet();
        List<Future<ProjectScope>> waiting = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            waiting.add(threads.submit(() -> {
                callers.add(Thread.currentThread());
                return cloud.newPass().scope();
            }));
        }
        arrived.await();
        Awaitility.await()
                .until(() -> callers.size() == 16
                        && callers.stream()
                                        .filter(each -> each.getState() == Thread.State.WAITING)
                                        .count()
                                == 15);
        released.countDown();
        for (Future<ProjectScope> each : waiting) {
            assertThat(each.get().projectId()).isEqualTo(lab.projectId("images"));
        }
        assertThat(logins()).isEqualTo(1);
    }

    @Test
    void a_failed_login_is_kept_for_nobody() {
        lab.intercept((method, path) -> Fault.canned(503, "{}"));
        Cloud cloud = cloud("o", "producer");
        OpenStackException e = catchThrowableOfType(
                OpenStackException.class, () -> cloud.newPass().scope());
        assertThat(e.kind()).isEqualTo(Kind.SERVER_ERROR);
        lab.intercept((method, path) -> null);
        assertThat(cloud.newPass().scope().projectId()).isEqualTo(lab.projectId("images"));
    }

    /** A Keystone can be set to lock an account after some refused logins. */
    @Test
    void a_refused_login_is_not_sent_again_for_ten_minutes_whoever_asks() {
        String wrong = lab.cloudsYaml("producer").replace("lab-user-secret", "wrong");
        Cloud cloud = clouds.cloud("team", "o", "producer", CloudConfig.parse(wrong, "producer", null));
        for (int i = 0; i < 20; i++) {
            OpenStackException e = catchThrowableOfType(
                    OpenStackException.class, () -> cloud.newPass().scope());
            assertThat(e.kind()).isEqualTo(Kind.LOGIN_REFUSED);
        }
        assertThat(logins()).isEqualTo(1);

        nanos.addAndGet(Duration.ofMinutes(10).toNanos());
        for (int i = 0; i < 20; i++) {
            catchThrowableOfType(OpenStackException.class, () -> cloud.newPass().scope());
        }
        assertThat(logins()).isEqualTo(2);

        assertThat(cloud("o", "producer").newPass().scope().projectId())
                .as("a corrected entry is tried at once")
                .isEqualTo(lab.projectId("images"));
    }

    @Test
    void a_login_that_gives_nothing_of_use_is_not_sent_again_for_a_minute() {
        Cloud cloud = cloud("o", "no-image");
        for (int i = 0; i < 20; i++) {
            OpenStackException e = catchThrowableOfType(
                    OpenStackException.class, () -> cloud.newPass().scope());
            assertThat(e.kind()).isEqualTo(Kind.NO_IMAGE_SERVICE);
        }
        assertThat(logins()).isEqualTo(1);
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        catchThrowableOfType(OpenStackException.class, () -> cloud.newPass().scope());
        assertThat(logins()).isEqualTo(2);
    }

    @Test
    void a_keystone_that_asks_to_be_left_alone_is_left_alone_by_all() {
        lab.intercept((method, path) -> new Fault.Canned(429, java.util.Map.of("Retry-After", "30"), "{}"));
        Cloud cloud = cloud("o", "producer");
        for (int i = 0; i < 20; i++) {
            catchThrowableOfType(OpenStackException.class, () -> cloud.newPass().scope());
        }
        assertThat(logins()).isEqualTo(1);
        lab.intercept((method, path) -> null);
        nanos.addAndGet(Duration.ofSeconds(30).toNanos());
        assertThat(cloud.newPass().scope().projectId()).isEqualTo(lab.projectId("images"));
    }

    @Test
    void a_token_of_seconds_is_renewed_at_four_fifths_of_its_life_also_when_the_clock_wraps() {
        Cloud cloud = cloud("o", "producer");
        String first = cloud.session().token().value();
        nanos.addAndGet(Duration.ofMillis(4_700).toNanos());
        assertThat(cloud.session().token().value()).isEqualTo(first);
        nanos.addAndGet(Duration.ofMillis(200).toNanos());
        assertThat(cloud.session().token().value()).isNotEqualTo(first);
        nanos.addAndGet(Duration.ofMillis(4_700).toNanos());
        cloud.session().token();
        assertThat(logins()).isEqualTo(2);
    }

    @Test
    void a_refused_token_is_replaced_once_a_pass() {
        String image = lab.createImage("producer", "i", "shared", List.of());
        Cloud cloud = cloud("o", "producer");
        ImageClient pass = cloud.newPass();
        pass.members(image);
        lab.revokeAllTokens();
        assertThat(pass.createMember(image, "m").projectId()).isEqualTo("m");
        assertThat(logins()).isEqualTo(2);
        lab.revokeAllTokens();
        OpenStackException e = catchThrowableOfType(OpenStackException.class, () -> pass.members(image));
        assertThat(e.kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(e.outcomeUnknown()).isFalse();
        assertThat(logins()).isEqualTo(2);
        assertThat(cloud.newPass().members(image)).hasSize(1);
        assertThat(logins()).isEqualTo(3);
    }

    @Test
    void a_pass_takes_the_token_that_another_has_fetched() {
        String image = lab.createImage("producer", "i", "shared", List.of());
        Cloud cloud = cloud("o", "producer");
        AtomicInteger asked = new AtomicInteger();
        cloud.session().token();
        lab.intercept((method, path) -> {
            if (path.endsWith("/members") && asked.getAndIncrement() == 0) {
                cloud.session().tokenAfter(cloud.session().token());
                lab.revokeAllTokens();
                cloud.session().tokenAfter(cloud.session().token());
                return Fault.canned(401, "{}");
            }
            return null;
        });
        cloud.newPass().members(image);
        assertThat(logins()).isEqualTo(3);
        assertThat(asked).hasValue(2);
    }

    @Test
    void with_keystone_down_a_token_goes_on_until_its_end() {
        String image = lab.createImage("producer", "i", "shared", List.of());
        Cloud cloud = cloud("o", "producer");
        cloud.newPass().members(image);
        lab.stopKeystone();
        assertThat(cloud.newPass().members(image)).isEmpty();
        nanos.addAndGet(Duration.ofSeconds(5).toNanos());
        OpenStackException e = catchThrowableOfType(
                OpenStackException.class, () -> cloud.newPass().createMember(image, "m"));
        assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(e.outcomeUnknown()).isFalse();
        lab.startKeystone();
        assertThat(cloud.newPass().members(image)).isEmpty();
    }

    @Test
    void who_waits_for_a_login_can_be_interrupted_alone() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch arrived = new CountDownLatch(1);
        lab.intercept((method, path) -> {
            arrived.countDown();
            return new Fault.Hang(released);
        });
        Cloud cloud = cloud("o", "producer");
        Future<ProjectScope> first = threads.submit(() -> cloud.newPass().scope());
        arrived.await();
        Thread.currentThread().interrupt();
        OpenStackException e = catchThrowableOfType(
                OpenStackException.class, () -> cloud.newPass().scope());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(e.kind()).isEqualTo(Kind.INTERRUPTED);
        released.countDown();
        assertThat(first.get().region()).isEqualTo("RegionOne");
    }

    @Test
    void a_session_is_the_owners_and_the_entrys() {
        CloudConfig config = CloudConfig.parse(lab.cloudsYaml(), "producer", null);
        Cloud mine = clouds.cloud("team", "a", "producer", config);
        assertThat(clouds.cloud("team", "a", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer", null)))
                .isSameAs(mine);
        assertThat(clouds.cloud("team", "b", "producer", config)).isNotSameAs(mine);
        Cloud changed =
                clouds.cloud("team", "a", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer-app", null));
        assertThat(changed).isNotSameAs(mine);
        assertThat(clouds.cloud("team", "a", "producer", config)).isNotSameAs(mine);
        Cloud other = clouds.cloud("team", "b", "producer", config);
        Cloud before = clouds.cloud("team", "a", "producer", config);
        clouds.forget("a");
        assertThat(clouds.cloud("team", "a", "producer", config)).isNotSameAs(before);
        assertThat(clouds.cloud("team", "b", "producer", config)).isSameAs(other);
    }

    @Test
    void sessions_are_bounded_by_namespace_and_its_one_unused_for_longest_goes() {
        CloudConfig config = CloudConfig.parse(lab.cloudsYaml(), "producer", null);
        Cloud used = clouds.cloud("team", "used", "producer", config);
        Cloud unused = clouds.cloud("team", "unused", "producer", config);
        Cloud others = clouds.cloud("others", "unused", "producer", config);
        for (int i = 0; i < 255; i++) {
            clouds.cloud("team", "other" + i, "producer", config);
            assertThat(clouds.cloud("team", "used", "producer", config)).isSameAs(used);
        }
        assertThat(clouds.cloud("team", "unused", "producer", config)).isNotSameAs(unused);
        assertThat(clouds.cloud("others", "unused", "producer", config)).isSameAs(others);
    }

    @Test
    void long_entries_count_for_many_but_the_newest_is_kept() {
        String yaml = lab.cloudsYaml("producer").replace("lab-user-secret", "x".repeat(20_000));
        CloudConfig longOne = CloudConfig.parse(yaml, "producer", null);
        Cloud first = clouds.cloud("team", "0", "producer", longOne);
        for (int i = 1; i < 60; i++) {
            Cloud newest = clouds.cloud("team", Integer.toString(i), "producer", longOne);
            assertThat(clouds.cloud("team", Integer.toString(i), "producer", longOne))
                    .isSameAs(newest);
        }
        assertThat(clouds.cloud("team", "0", "producer", longOne)).isNotSameAs(first);
    }

    /** Else a thousand Secrets, looked at in turn, would make Keystone lock the account of one wrong password. */
    @Test
    void a_refusal_outlives_its_session() {
        CloudConfig wrong = wrong("wrong");
        refuse(clouds.cloud("team", "o", "producer", wrong));
        CloudConfig other = CloudConfig.parse(lab.cloudsYaml(), "producer", null);
        for (int i = 0; i < 1_001; i++) {
            clouds.cloud("team", "other" + i, "producer", other);
        }
        refuse(clouds.cloud("team", "o", "producer", wrong));
        refuse(clouds.cloud("team", "o", "the same under another name", wrong));
        assertThat(logins()).isEqualTo(1);
        assertThat(cloud("o", "producer").newPass().scope().projectId())
                .as("a corrected entry is tried at once")
                .isEqualTo(lab.projectId("images"));
        refuse(clouds.cloud("team", "o", "producer", wrong));
        assertThat(logins()).as("also when it was corrected in between").isEqualTo(2);
        clouds.forget("o");
        refuse(clouds.cloud("team", "o", "producer", wrong));
        assertThat(logins()).as("another Secret").isEqualTo(3);
    }

    @Test
    void a_namespace_with_very_many_refusals_logs_in_nowhere_anew_and_forgets_none_of_them() {
        Cloud good = cloud("good", "producer");
        good.newPass().scope();
        for (int i = 0; i < Refusals.MAX; i++) {
            refuse(clouds.cloud("team", "o" + i, "producer", wrong("wrong")));
        }
        assertThat(logins()).isEqualTo(Refusals.MAX + 1);
        OpenStackException e = catchThrowableOfType(
                OpenStackException.class,
                () -> cloud("new", "producer").newPass().scope());
        assertThat(e.kind()).isEqualTo(Kind.RATE_LIMITED);
        assertThat(e.retryAfter()).isPresent();
        assertThat(e).hasMessageContaining("no login was sent").hasMessageContaining("Secrets");
        refuse(clouds.cloud("team", "o0", "producer", wrong("wrong")));
        assertThat(logins()).isEqualTo(Refusals.MAX + 1);
        assertThat(good.newPass().scope().projectId()).as("a token goes on").isNotEmpty();
        CloudConfig config = CloudConfig.parse(lab.cloudsYaml(), "producer", null);
        assertThat(clouds.cloud("others", "new", "producer", config).newPass().scope())
                .as("another namespace")
                .isNotNull();
        nanos.addAndGet(Duration.ofMinutes(10).toNanos());
        assertThat(cloud("new", "producer").newPass().scope().projectId()).isNotEmpty();
    }

    private CloudConfig wrong(String password) {
        String yaml = lab.cloudsYaml("producer").replace("lab-user-secret", password);
        return CloudConfig.parse(yaml, "producer", null);
    }

    private static void refuse(Cloud cloud) {
        OpenStackException e = catchThrowableOfType(
                OpenStackException.class, () -> cloud.newPass().scope());
        assertThat(e.kind()).isEqualTo(Kind.LOGIN_REFUSED);
    }

    // ------------------------------------------------------------------- scopes

    private static final String TOKEN = """
            {"token": {"issued_at": "2026-11-21T18:00:00.000000Z", "expires_at": "2026-11-21T19:00:00.000000Z",
             "project": {"id": "p1", "name": "images", "domain": {"id": "d1", "name": "Default"}},
             "OS-TRUST:trust": {"id": "t1"}, "roles": [], "catalog": [{"type": "image", "name": "glance", "endpoints": [
              {"interface": "public", "region_id": "R", "region": "R", "url": "http://127.0.0.1:1"}]}]}}""";

    private OpenStackException answered(String scope, String token) {
        lab.intercept((method, path) -> new Fault.Canned(201, java.util.Map.of("X-Subject-Token", "a-token"), token));
        String yaml =
                "clouds: {c: {auth: {auth_url: '" + lab.authUrl() + "', user_id: u, password: x, " + scope + "}}}";
        return catchThrowableOfType(
                OpenStackException.class,
                () -> clouds.cloud("team", scope + token, "c", CloudConfig.parse(yaml, "c", null))
                        .newPass()
                        .scope());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "project_id: p1 | project_id: p2",
                "project_id: P1 | project_id: p",
                "project_id: p1, project_name: renamed | project_id: p11",
                "project_name: images, project_domain_name: Default | project_name: other, project_domain_name: Default",
                "project_name: images, project_domain_id: d1 | project_name: images, project_domain_id: d2",
                "project_name: Images, project_domain_name: default | project_name: images, project_domain_name: Other",
                "trust_id: t1 | trust_id: t2",
            })
    void a_token_of_another_project_or_trust_is_refused(String right, String wrong) {
        assertThat(answered(right, TOKEN)).isNull();
        OpenStackException e = answered(wrong, TOKEN);
        assertThat(e.kind()).isEqualTo(Kind.NOT_SCOPED);
        assertThat(e).hasMessageContaining("the token is not of the");
    }

    @Test
    void a_token_of_no_project_or_no_trust_is_refused() {
        for (String scope : List.of("project_id: p1", "trust_id: t1")) {
            OpenStackException e = answered(scope, TOKEN.replaceAll("\"project\": \\{.*?}},", ""));
            assertThat(e.kind()).isEqualTo(Kind.NOT_SCOPED);
            assertThat(e).hasMessageContaining("the token has no project");
        }
        assertThat(answered("trust_id: t1", TOKEN.replaceAll("\"OS-TRUST:trust\": \\{.*?},", ""))
                        .kind())
                .isEqualTo(Kind.NOT_SCOPED);
        assertThat(answered(
                        "project_name: images, project_domain_id: d1", TOKEN.replaceAll(", \"domain\": \\{.*?}", "")))
                .as("an old Keystone that doesn't tell the domain")
                .isNull();
    }

    /** A password grant of a user with another default project, as in a Keystone that a trust comes from. */
    @Test
    void a_trust_is_honoured() {
        String trust = lab.trust("producer", "consumer-a", "images");
        String yaml = "clouds: {c: {auth: {auth_url: '" + lab.authUrl() + "', username: consumer-a,"
                + " user_domain_name: Default, password: lab-user-secret, trust_id: " + trust + "}}}";
        Cloud trusted = clouds.cloud("team", "trust", "c", CloudConfig.parse(yaml, "c", null));
        assertThat(trusted.newPass().scope().projectId()).isEqualTo(lab.projectId("images"));
        CloudConfig stranger = CloudConfig.parse(yaml.replace("username: consumer-a", "username: stranger"), "c", null);
        refuse(clouds.cloud("team", "stranger", "c", stranger));
    }

    // ------------------------------------------------------- where a token goes

    /** Neither a redirect nor the catalog of an https Keystone gives it away. */
    @Test
    void a_token_is_not_sent_to_where_nobody_named() throws Exception {
        HeldCertificate server = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        var tls = new HandshakeCertificates.Builder()
                .heldCertificate(server)
                .build()
                .sslContext();
        try (EmbeddedOpenStack https =
                EmbeddedOpenStack.start(Options.defaults().withTls(tls))) {
            https.intercept((method, path) -> new Fault.Canned(
                    201,
                    java.util.Map.of("X-Subject-Token", "a-token"),
                    TOKEN.replace("http://127.0.0.1:1", lab.imageUrl())));
            String yaml = "clouds: {c: {auth: {auth_url: '" + https.authUrl()
                    + "', user_id: u, password: x, project_id: p1}}}";
            Cloud cloud = clouds.cloud("team", "https", "c", CloudConfig.parse(yaml, "c", server.certificatePem()));
            OpenStackException e = catchThrowableOfType(
                    OpenStackException.class, () -> cloud.newPass().image("00000000-0000-4000-8000-000000000000"));
            assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
            assertThat(e).hasMessageContaining("image_endpoint_override");
            assertThat(lab.requests()).isEmpty();
            String named = yaml.replace("{c: {", "{c: {image_endpoint_override: '" + lab.imageUrl() + "', ");
            Cloud wanted = clouds.cloud("team", "named", "c", CloudConfig.parse(named, "c", server.certificatePem()));
            assertThat(wanted.newPass().scope().imageEndpoint()).hasToString(lab.imageUrl() + "/");

            lab.intercept((method, path) ->
                    new Fault.Canned(307, java.util.Map.of("Location", https.authUrl() + "/auth/tokens"), ""));
            https.clearRequests();
            OpenStackException moved = catchThrowableOfType(
                    OpenStackException.class,
                    () -> cloud("moved", "producer").newPass().scope());
            assertThat(moved.kind()).isEqualTo(Kind.INVALID_CONFIG);
            assertThat(https.requests()).isEmpty();
        }
    }

    /** A pass sends eight at a time: a token that ends under them costs one login, and none of them fails. */
    @Test
    void a_token_that_ends_under_many_calls_of_one_pass_is_renewed_once_for_all() throws Exception {
        String image = lab.createImage("producer", "ends", "shared", List.of());
        ImageClient pass = cloud("o", "producer").newPass();
        pass.members(image);
        lab.revokeAllTokens();
        CountDownLatch all = new CountDownLatch(8);
        lab.intercept((method, path) -> {
            if (method.equals("POST") && path.endsWith("/members")) {
                all.countDown();
                all.await();
            }
            return null;
        });
        List<Future<Member>> adding = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String project = "p" + i;
            adding.add(threads.submit(() -> pass.createMember(image, project)));
        }
        for (Future<Member> each : adding) {
            assertThat(each.get().status()).isEqualTo(MemberStatus.pending);
        }
        assertThat(logins()).isEqualTo(2);
    }
}
