package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.imageshare.embedded.EmbeddedKeystoneAdmin;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.Fault;
import dev.imageshare.embedded.KeystoneAdmin.ListFault;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong with lists of projects, and what they cost. */
class ProjectDirectoryTest {
    private static final int MANY = 1_206;
    private static final Duration NONE = Duration.ZERO;

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);
    private final EmbeddedOpenStack lab = EmbeddedOpenStack.start();
    private final EmbeddedKeystoneAdmin admin = lab.keystone();
    private final String domain = admin.createDomain("d");
    private final ProjectSource source = new ProjectSource.Domain(domain);
    private final String reader = admin.domainReader(domain);
    private final Clouds clouds = new Clouds(CloudSettings.defaults(), nanos::get);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        clouds.close();
        lab.close();
        threads.shutdownNow();
    }

    private ProjectDirectory directory() {
        return directory("secret-1");
    }

    private ProjectDirectory directory(String owner) {
        return directory(owner, reader);
    }

    private ProjectDirectory directory(String owner, String yaml) {
        return clouds.cloud("team", owner, "directory", CloudConfig.parse(yaml, "directory", null, Purpose.PROJECTS))
                .newDirectory();
    }

    private ProjectList all(ProjectDirectory directory) {
        return directory.list(source, project -> true, NONE);
    }

    private OpenStackException failure(ProjectDirectory directory, ProjectSource of) {
        return catchThrowableOfType(OpenStackException.class, () -> directory.list(of, project -> true, NONE));
    }

    private long lists() {
        return lab.requests().stream()
                .filter(call -> call.path().equals("/v3/projects"))
                .count();
    }

    private long logins() {
        return lab.requests().stream()
                .filter(call -> call.path().equals("/v3/auth/tokens"))
                .count();
    }

    // ------------------------------------------------------------------- faults

    /** What can be told from the pages. A list that ends after 1,000, and says nothing of it, can't be. */
    @ParameterizedTest
    @CsvSource({
        "EMPTY_PAGE, a page said that there are more projects and the next one is empty, 500",
        "SHRINKING_PAGE, a page has 498 projects and says that there are more although 499 were requested, 1203",
        "REPEATED_MARKER, the same page came twice, 500"
    })
    void a_list_that_is_not_sound_says_so(ListFault fault, String gist, int total) {
        admin.createProjects(domain, "p", MANY);
        admin.spoil(fault);
        ProjectList list = all(directory());
        assertThat(list.isComplete()).isFalse();
        assertThat(list.incompleteness().replace(",", "")).contains(gist.replace(",", ""));
        assertThat(list.total()).isEqualTo(total);
        assertThat(list.projects())
                .extracting(DirectoryProject::id)
                .doesNotHaveDuplicates()
                .hasSize(total);

        admin.spoil(ListFault.NONE);
        assertThat(all(directory()).incompleteness()).as("healed").isNull();
        assertThat(all(directory()).total()).isEqualTo(MANY);
    }

    @Test
    void a_list_that_is_cut_without_a_sign_is_shorter_and_its_projects_are_still_there() {
        List<String> projects = admin.createProjects(domain, "p", MANY);
        admin.spoil(ListFault.CUT_WITHOUT_A_SIGN);
        ProjectList list = all(directory());
        assertThat(list.total()).isEqualTo(1_000);
        assertThat(directory().project(projects.get(1_100))).isInstanceOf(ProjectAnswer.Found.class);
    }

    @Test
    void a_list_that_is_refused_in_the_middle_is_refused() {
        admin.createProjects(domain, "p", MANY);
        admin.spoil(ListFault.FORBIDDEN_IN_THE_MIDDLE);
        OpenStackException e = failure(directory(), source);
        assertThat(e.kind()).isEqualTo(Kind.FORBIDDEN);
        assertThat(lists()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404})
    void a_marker_that_is_gone_is_asked_for_again(int status) {
        admin.createProjects(domain, "p", 600);
        AtomicInteger pages = new AtomicInteger();
        lab.intercept((method, path) -> path.equals("/v3/projects") && pages.incrementAndGet() == 2
                ? Fault.canned(
                        status, "{\"error\":{\"code\":" + status + ",\"message\":\"No marker.\",\"title\":\"t\"}}")
                : null);
        OpenStackException e = failure(directory(), source);
        assertThat(e.kind()).isEqualTo(Kind.MALFORMED_ANSWER);
        assertThat(e.retryable()).isTrue();
        assertThat(e).hasMessageContaining("list again");
    }

    @Test
    void projects_of_another_domain_are_left_out_and_doubted() {
        String other = admin.createProject("default", null, "other", List.of());
        lab.intercept((method, path) -> path.equals("/v3/projects")
                ? Fault.canned(200, projects(project(other, "default", "\"n\"", "true", "[]")))
                : null);
        ProjectList list = all(directory());
        assertThat(list.projects()).isEmpty();
        assertThat(list.incompleteness()).contains("projects of other domains");
    }

    private static String projects(String... objects) {
        return "{\"projects\":[" + String.join(",", objects) + "],\"links\":{\"next\":null}}";
    }

    private static String project(String id, String domainId, String name, String enabled, String tags) {
        return "{\"id\":\"%s\",\"domain_id\":\"%s\",\"name\":%s,\"enabled\":%s,\"tags\":%s}"
                .formatted(id, domainId, name, enabled, tags);
    }

    /** Each has one thing that a project can't have; whoever may make a project chooses its name and tags. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "p1 | \"n\" | \"yes\" | [] | enabled is neither true nor false",
                "p1 | \"n\" | 1 | [] | enabled is neither true nor false",
                "p1 | \"n\" | null | [] | enabled is neither true nor false",
                "p1 | null | true | [] | name is missing",
                "p1 | 7 | true | [] | name is not a string",
                "p1 | \"n\" | true | {} | tags are not a list",
                "p1 | \"n\" | true | [7] | tag is not a string",
                ".. | \"n\" | true | [] | ID has a character other than",
                "a/b | \"n\" | true | [] | ID has a character other than",
                "a b | \"n\" | true | [] | ID has a character other than",
            })
    void a_project_that_can_not_be_one_is_no_answer(String id, String name, String enabled, String tags, String gist) {
        lab.intercept((method, path) -> path.equals("/v3/projects")
                ? Fault.canned(200, projects(project(id, domain, name, enabled, tags)))
                : null);
        OpenStackException e = failure(directory(), source);
        assertThat(e.kind()).isEqualTo(Kind.MALFORMED_ANSWER);
        assertThat(e).hasMessageContaining(gist);
    }

    @Test
    void a_name_with_control_characters_takes_no_list_away() {
        admin.createProject(domain, null, "two\nlines\u001b[31m", List.of());
        assertThat(all(directory()).projects())
                .extracting(DirectoryProject::name)
                .containsExactly("two?lines?[31m");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"projects\":[],\"truncated\":true} | says more",
                "{\"projects\":[],\"links\":{\"next\":\"http://x\"}} | says more",
            })
    void an_empty_page_that_says_more_is_doubted(String body, String why) {
        lab.intercept((method, path) -> path.equals("/v3/projects") ? Fault.canned(200, body) : null);
        assertThat(all(directory()).incompleteness()).as(why).contains("left out of it");
    }

    @Test
    void a_refusal_that_is_not_keystones_proves_nothing() {
        lab.intercept((method, path) -> path.startsWith("/v3/projects/")
                ? new Fault.Canned(403, Map.of("Content-Type", "text/html"), "<h1>Blocked by the firewall</h1>")
                : null);
        OpenStackException forbidden =
                catchThrowableOfType(OpenStackException.class, () -> directory().project("p1"));
        assertThat(forbidden.kind()).isEqualTo(Kind.FORBIDDEN);
        lab.intercept(
                (method, path) -> path.startsWith("/v3/projects/") ? new Fault.Canned(404, Map.of(), "no") : null);
        OpenStackException notFound =
                catchThrowableOfType(OpenStackException.class, () -> directory().project("p1"));
        assertThat(notFound.kind()).isEqualTo(Kind.MALFORMED_ANSWER);
    }

    @Test
    void another_project_than_was_asked_for_is_no_answer() {
        String id = admin.createProject(domain, null, "p", List.of());
        lab.intercept((method, path) -> path.startsWith("/v3/projects/")
                ? Fault.canned(200, "{\"project\":" + project(id, domain, "\"n\"", "true", "[]") + "}")
                : null);
        assertThat(directory().project(id)).isInstanceOf(ProjectAnswer.Found.class);
        OpenStackException e =
                catchThrowableOfType(OpenStackException.class, () -> directory().project("other"));
        assertThat(e).hasMessageContaining("it is another project");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a b", "ä"})
    void an_id_that_can_not_be_one_is_not_sent(String id) {
        OpenStackException one =
                catchThrowableOfType(OpenStackException.class, () -> directory().project(id));
        assertThat(one.kind()).isEqualTo(Kind.BAD_REQUEST);
        assertThat(failure(directory(), new ProjectSource.Parent(id)).kind()).isEqualTo(Kind.BAD_REQUEST);
        assertThat(lab.requests()).noneMatch(call -> call.path().startsWith("/v3/projects"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"project\":{\"id\":\"p1\"}} | subtree is missing",
                "{\"project\":{\"id\":\"p1\",\"subtree\":[]}} | subtree is not an object",
                "{\"project\":{\"id\":\"p1\",\"subtree\":{\"a\":true}}} | subtree contains something other than",
                "{\"project\":{\"id\":\"p2\",\"subtree\":{}}} | it is another project",
                "{\"project\":{\"subtree\":{}}} | id is missing",
                "{\"project\":{\"id\":\"p1\",\"subtree\":{\"a b\":null}}} | ID has a character other than",
                "{\"project\":[]} | project is not an object",
                "{} | project is missing",
            })
    void a_tree_that_can_not_be_one_is_no_answer(String body, String gist) {
        lab.intercept((method, path) -> path.equals("/v3/projects/p1") ? Fault.canned(200, body) : null);
        OpenStackException e = failure(directory(), new ProjectSource.Parent("p1"));
        assertThat(e.kind()).isEqualTo(Kind.MALFORMED_ANSWER);
        assertThat(e).hasMessageContaining(gist);
    }

    @Test
    void a_tree_is_read_to_any_depth_that_keystone_allows_and_named_twice_it_is_doubted() {
        String body = "{\"project\":{\"id\":\"p1\",\"subtree\":"
                + "{\"a\":{\"b\":{\"c\":{\"d\":null}}},\"e\":{\"b\":null}}" + "}}";
        lab.intercept((method, path) -> path.equals("/v3/projects/p1") ? Fault.canned(200, body) : null);
        ProjectList list = directory().list(new ProjectSource.Parent("p1"), project -> true, NONE);
        assertThat(list.projects()).extracting(DirectoryProject::id).containsExactly("a", "b", "c", "d", "e");
        assertThat(list.incompleteness()).contains("twice");

        String deep = "{\"project\":{\"id\":\"p1\",\"subtree\":" + "{\"a\":".repeat(100_000);
        lab.intercept((method, path) -> path.equals("/v3/projects/p1") ? Fault.canned(200, deep) : null);
        assertThat(failure(directory(), new ProjectSource.Parent("p1")).kind()).isEqualTo(Kind.MALFORMED_ANSWER);
    }

    @Test
    void the_projects_of_a_user_are_doubted_where_keystone_says_more() {
        lab.intercept((method, path) ->
                path.equals("/v3/auth/projects") ? Fault.canned(200, "{\"projects\":[],\"truncated\":true}") : null);
        ProjectList list = directory().list(new ProjectSource.Assigned(), project -> true, NONE);
        assertThat(list.incompleteness()).contains("doesn't support requesting them");
    }

    /** Each page is quick, and there is always another. */
    @Test
    void a_list_that_takes_too_long_is_given_up() {
        admin.createProjects(domain, "p", MANY);
        lab.intercept((method, path) -> {
            nanos.addAndGet(Duration.ofSeconds(61).toNanos());
            return null;
        });
        OpenStackException e = failure(directory(), source);
        assertThat(e.kind()).isEqualTo(Kind.TIMEOUT);
        assertThat(e).hasMessageContaining("within 2 minutes");
        assertThat(e.retryable()).isTrue();
    }

    /** The token is good for more than one pass, and Keystone may end it. */
    @Test
    void a_token_that_ended_is_fetched_once_more() {
        admin.createProjects(domain, "p", 3);
        assertThat(all(directory()).total()).isEqualTo(3);
        lab.revokeAllTokens();
        nanos.incrementAndGet();
        assertThat(all(directory()).total()).isEqualTo(3);
        assertThat(logins()).isEqualTo(2);
    }

    /** What the token is for is what the entry says, or nothing is asked with it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"domain\":{\"id\":\"other\",\"name\":\"o\"} | not of the domain that the entry names",
                "\"project\":{\"id\":\"p\",\"name\":\"o\"} | not of the domain that the entry names",
                "\"system\":{\"all\":true} | not of the domain that the entry names",
                "\"system\":{\"all\":false} | the token is unscoped",
                "\"x\":1 | the token is unscoped",
            })
    void a_token_of_another_scope_is_refused(String scope, String gist) {
        String token =
                "{\"token\":{\"issued_at\":\"2026-01-01T00:00:00.000000Z\",\"expires_at\":\"2026-01-01T01:00:00.000000Z\","
                        + "\"user\":{\"id\":\"u\"},\"roles\":[{\"id\":\"r\"}]," + scope + "}}";
        lab.intercept((method, path) -> path.equals("/v3/auth/tokens")
                ? new Fault.Canned(201, Map.of("Content-Type", "application/json", "X-Subject-Token", "gAAAA-t"), token)
                : null);
        OpenStackException e = failure(directory(), source);
        assertThat(e.kind()).isEqualTo(Kind.NOT_SCOPED);
        assertThat(e).hasMessageContaining(gist);
        assertThat(lists()).isZero();
    }

    /** An image's use of an entry that finds no Image service must not keep the list from being read, nor cost it a login. */
    @Test
    void what_an_entry_is_no_good_for_says_nothing_of_its_other_use() {
        String yaml = lab.cloudsYaml("no-image");
        Cloud images = clouds.cloud("team", "s", "no-image", CloudConfig.parse(yaml, "no-image", null));
        OpenStackException e = catchThrowableOfType(
                OpenStackException.class, () -> images.newPass().scope());
        assertThat(e.kind()).isEqualTo(Kind.NO_IMAGE_SERVICE);
        ProjectDirectory projects = clouds.cloud(
                        "team", "s", "no-image", CloudConfig.parse(yaml, "no-image", null, Purpose.PROJECTS))
                .newDirectory();
        assertThat(projects.list(new ProjectSource.Assigned(), project -> true, NONE)
                        .total())
                .isEqualTo(1);

        String wrong = yaml.replace("lab-user-secret", "wrong");
        lab.clearRequests();
        Cloud refused = clouds.cloud("team", "w", "no-image", CloudConfig.parse(wrong, "no-image", null));
        catchThrowableOfType(OpenStackException.class, () -> refused.newPass().scope());
        ProjectDirectory too = clouds.cloud(
                        "team", "w", "no-image", CloudConfig.parse(wrong, "no-image", null, Purpose.PROJECTS))
                .newDirectory();
        OpenStackException again = catchThrowableOfType(OpenStackException.class, too::reader);
        assertThat(again.kind()).isEqualTo(Kind.LOGIN_REFUSED);
        assertThat(logins()).as("a refused password is sent once, whatever for").isEqualTo(1);
    }

    // -------------------------------------------------------------------- costs

    @Test
    void one_reading_serves_all_who_ask_the_same_at_about_the_same_time() {
        admin.createProjects(domain, "p", MANY);
        admin.createProject(domain, null, "golden", List.of("golden"));
        Duration age = Duration.ofMinutes(3);
        ProjectDirectory first = directory();
        assertThat(first.list(source, project -> true, age).total()).isEqualTo(MANY + 1);
        assertThat(first.list(source, project -> project.tags().contains("golden"), NONE)
                        .matched())
                .as("another selector of the same pass")
                .isEqualTo(1);
        assertThat(lists()).as("pages").isEqualTo(3);

        admin.createProject(domain, null, "new", List.of());
        nanos.addAndGet(Duration.ofMinutes(2).toNanos());
        ProjectDirectory second = directory();
        ProjectList shared = second.list(source, project -> "p-7".equals(project.name()), age);
        assertThat(shared.projects()).extracting(DirectoryProject::name).containsExactly("p-7");
        assertThat(shared.total()).isEqualTo(MANY + 1);
        assertThat(lists()).as("another set's pass, two minutes later").isEqualTo(3);

        assertThat(second.list(source, project -> true, NONE).total())
                .as("somebody who wants to know it now")
                .isEqualTo(MANY + 2);
        assertThat(lists()).isEqualTo(6);
        assertThat(directory().list(source, project -> true, age).total()).isEqualTo(MANY + 2);
        assertThat(lists()).isEqualTo(6);

        nanos.addAndGet(Duration.ofMinutes(4).toNanos());
        all(directory());
        assertThat(lists()).as("too old").isEqualTo(9);
        assertThat(logins()).isEqualTo(1);
    }

    @Test
    void nothing_is_shared_with_other_credentials_or_sources() {
        admin.createProjects(domain, "p", 3);
        Duration age = Duration.ofMinutes(3);
        directory("secret-1").list(source, project -> true, age);
        directory("secret-2").list(source, project -> true, age);
        assertThat(lists()).isEqualTo(2);
        String system = admin.systemReader();
        directory("secret-3", system).list(source, project -> true, age);
        directory("secret-3", system).list(new ProjectSource.Domain("default"), project -> true, age);
        assertThat(lists()).isEqualTo(4);
        clouds.forget("secret-1");
        directory("secret-1").list(source, project -> true, age);
        assertThat(lists()).as("its Secret was deleted meanwhile").isEqualTo(5);
    }

    @Test
    void a_list_that_may_lack_something_is_kept_for_nobody() {
        admin.createProjects(domain, "p", MANY);
        admin.spoil(ListFault.EMPTY_PAGE);
        Duration age = Duration.ofMinutes(3);
        assertThat(directory().list(source, project -> true, age).isComplete()).isFalse();
        admin.spoil(ListFault.NONE);
        assertThat(directory().list(source, project -> true, age).isComplete()).isTrue();
    }

    @Test
    void those_who_ask_meanwhile_wait_for_the_same_reading() throws Exception {
        admin.createProjects(domain, "p", 3);
        directory().reader();
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch arrived = new CountDownLatch(1);
        lab.intercept((method, path) -> {
            arrived.countDown();
            return new Fault.Hang(released);
        });
        List<Thread> callers = Collections.synchronizedList(new ArrayList<>());
        List<Future<ProjectList>> waiting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String name = "p-" + i % 3;
            waiting.add(threads.submit(() -> {
                callers.add(Thread.currentThread());
                return directory().list(source, project -> name.equals(project.name()), Duration.ofMinutes(1));
            }));
        }
        arrived.await();
        Awaitility.await()
                .until(() -> callers.size() == 8
                        && callers.stream()
                                        .filter(each -> each.getState() == Thread.State.WAITING)
                                        .count()
                                == 7);
        released.countDown();
        for (int i = 0; i < 8; i++) {
            assertThat(waiting.get(i).get().projects())
                    .extracting(DirectoryProject::name)
                    .containsExactly("p-" + i % 3);
        }
        assertThat(lists()).isEqualTo(1);
    }

    /** What is too long to be kept is read by each for itself; it doesn't fail, and takes no memory. */
    @Test
    void a_very_long_list_is_read_by_each() {
        String tag = "t".repeat(255);
        for (int i = 0; i < 3_000; i++) {
            admin.createProject(domain, null, "p-" + i, List.of(tag));
        }
        Duration age = Duration.ofMinutes(3);
        for (int i = 0; i < 2; i++) {
            ProjectList list = directory().list(source, project -> "p-7".equals(project.name()), age);
            assertThat(list.incompleteness()).isNull();
            assertThat(list.total()).isEqualTo(3_000);
            assertThat(list.matched()).isEqualTo(1);
        }
        assertThat(lists()).isEqualTo(14);
        ProjectList all = directory().list(source, project -> true, age);
        assertThat(all.matched()).isEqualTo(3_000);
        assertThat(all.isComplete()).isEqualTo(all.projects().size() == 3_000);
        assertThat(clouds.answersInFlight()).isZero();
    }
}
