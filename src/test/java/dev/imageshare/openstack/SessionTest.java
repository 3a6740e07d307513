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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
        return clouds.cloud(owner, name, CloudConfig.parse(lab.cloudsYaml(), name, null));
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
        Cloud cloud = clouds.cloud("o", "producer", CloudConfig.parse(wrong, "producer", null));
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
        Cloud mine = clouds.cloud("a", "producer", config);
        assertThat(clouds.cloud("a", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer", null)))
                .isSameAs(mine);
        assertThat(clouds.cloud("b", "producer", config)).isNotSameAs(mine);
        Cloud changed = clouds.cloud("a", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer-app", null));
        assertThat(changed).isNotSameAs(mine);
        assertThat(clouds.cloud("a", "producer", config)).isNotSameAs(mine);
        Cloud other = clouds.cloud("b", "producer", config);
        Cloud before = clouds.cloud("a", "producer", config);
        clouds.forget("a");
        assertThat(clouds.cloud("a", "producer", config)).isNotSameAs(before);
        assertThat(clouds.cloud("b", "producer", config)).isSameAs(other);
    }

    @Test
    void sessions_are_bounded_and_the_one_unused_for_longest_goes() {
        CloudConfig config = CloudConfig.parse(lab.cloudsYaml(), "producer", null);
        Cloud used = clouds.cloud("used", "producer", config);
        Cloud unused = clouds.cloud("unused", "producer", config);
        for (int i = 0; i < 999; i++) {
            clouds.cloud("other" + i, "producer", config);
            assertThat(clouds.cloud("used", "producer", config)).isSameAs(used);
        }
        assertThat(clouds.cloud("unused", "producer", config)).isNotSameAs(unused);
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
