package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.imageshare.embedded.KeystoneAdmin;
import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is made of Keystone's lists of projects. It runs on the embedded Keystone as two releases answer always, and on the
 * real ones with {@code -Preal}, so that the embedded one stays like the real.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ProjectDirectoryContract {
    private static final int MANY = 1_206;
    private static final int FIRST_THAT_PAGES = 27;

    private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
    private final Clouds clouds = new Clouds(
            CloudSettings.defaults(),
            System::nanoTime,
            request -> requests.add(request.call() + " " + request.outcome()));
    private OpenStackLab lab;
    private KeystoneAdmin admin;
    private String domain;
    private List<String> projects;
    private String reader;

    abstract OpenStackLab lab();

    @BeforeAll
    void start() {
        lab = lab();
        admin = lab.keystone();
        domain = admin.createDomain("contract");
        projects = admin.createProjects(domain, "team", MANY);
        admin.createProjects(admin.createDomain("others"), "other", 40);
        // the first, the last, and some between, so that each page has one
        Stream.of(0, 1, 400, 499, 500, 501, 900, 999, 1_000, 1_001, 1_204, 1_205)
                .forEach(i -> admin.setTags(projects.get(i), List.of("golden", "n" + i)));
        reader = admin.domainReader(domain);
    }

    @AfterAll
    void stop() {
        clouds.close();
        lab.close();
    }

    @BeforeEach
    void forgetRequests() {
        requests.clear();
    }

    private ProjectDirectory directory(String yaml) {
        return directory(yaml, "directory");
    }

    private ProjectDirectory directory(String yaml, String entry) {
        return clouds.cloud("team", yaml, entry, CloudConfig.parse(yaml, entry, null, Purpose.PROJECTS))
                .newDirectory();
    }

    private static ProjectList all(ProjectDirectory directory, ProjectSource source) {
        return directory.list(source, project -> true, Duration.ZERO);
    }

    private static List<String> ids(ProjectList list) {
        return list.projects().stream().map(DirectoryProject::id).sorted().toList();
    }

    private static void assertFails(ThrowingCallable call, Kind kind, int status, String... gist) {
        OpenStackException e = catchThrowableOfType(OpenStackException.class, call);
        assertThat(e).isNotNull();
        assertThat(e.kind()).describedAs(e.getMessage()).isEqualTo(kind);
        assertThat(e.status()).describedAs(e.getMessage()).isEqualTo(status);
        assertThat(e.getMessage()).contains(gist).doesNotContain("lab-user-secret", "\n");
    }

    private long asked(String call) {
        return requests.stream().filter(each -> each.startsWith(call)).count();
    }

    // ------------------------------------------------------------------- domain

    /** Asked for without a limit, Keystone 27 and later give 1,000 of these and say nothing. */
    @Test
    void a_domain_of_1206_projects_is_read_whole_by_a_reader_of_the_domain() {
        ProjectList list = all(directory(reader), new ProjectSource.Domain(domain));
        assertThat(list.incompleteness()).isNull();
        assertThat(ids(list)).isEqualTo(projects);
        assertThat(list.total()).isEqualTo(MANY);
        assertThat(list.projects())
                .allSatisfy(project -> assertThat(project.domainId()).isEqualTo(domain))
                .allSatisfy(project -> assertThat(project.name()).startsWith("team-"))
                .allSatisfy(project -> assertThat(project.enabled()).isTrue());
        assertThat(asked("GET /v3/projects 200")).isEqualTo(admin.release() < FIRST_THAT_PAGES ? 1 : 3);
    }

    @Test
    void so_it_is_by_a_reader_of_the_system() {
        ProjectList list = all(directory(admin.systemReader()), new ProjectSource.Domain(domain));
        assertThat(list.incompleteness()).isNull();
        assertThat(ids(list)).isEqualTo(projects);
    }

    /** Keystone looks at tags when the page has been cut, and so would find half of them. */
    @Test
    void all_projects_with_a_tag_are_found_wherever_they_are() {
        ProjectList list = directory(reader)
                .list(
                        new ProjectSource.Domain(domain),
                        project -> project.tags().contains("golden"),
                        Duration.ZERO);
        assertThat(list.incompleteness()).isNull();
        assertThat(list.matched()).isEqualTo(12);
        assertThat(list.total()).isEqualTo(MANY);
        assertThat(list.projects())
                .filteredOn(project -> project.id().equals(projects.get(999)))
                .extracting(DirectoryProject::tags)
                .containsExactly(Set.of("golden", "n999"));
    }

    /** Pages that are just full, and just not, on either side of what is asked for. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 499, 500, 501, 999, 1_000, 1_001})
    void a_domain_of_any_size_is_read_whole(int count) {
        String its = admin.createDomain("sized");
        List<String> created = count == 0 ? List.of() : admin.createProjects(its, "p", count);
        ProjectList list = all(directory(admin.domainReader(its)), new ProjectSource.Domain(its));
        assertThat(list.incompleteness()).isNull();
        assertThat(ids(list)).isEqualTo(created);
    }

    @Test
    void a_project_that_comes_changes_and_goes_is_seen_so() {
        String its = admin.createDomain("moving");
        String stays = admin.createProject(its, null, "stays", List.of("golden"));
        ProjectSource source = new ProjectSource.Domain(its);
        String yaml = admin.domainReader(its);
        assertThat(ids(all(directory(yaml), source))).containsExactly(stays);

        String comes = admin.createProject(its, null, "comes", List.of());
        assertThat(ids(all(directory(yaml), source))).containsExactlyInAnyOrder(stays, comes);

        admin.setTags(stays, List.of("old"));
        admin.setEnabled(stays, false);
        DirectoryProject changed = all(directory(yaml), source).projects().stream()
                .filter(project -> project.id().equals(stays))
                .findFirst()
                .orElseThrow();
        assertThat(changed).isEqualTo(new DirectoryProject(stays, "stays", its, false, Set.of("old")));
        assertThat(directory(yaml).project(stays)).isEqualTo(new ProjectAnswer.Found(changed));

        admin.deleteProject(stays);
        assertThat(ids(all(directory(yaml), source))).containsExactly(comes);
        assertThat(directory(yaml).project(stays))
                .as("to a reader of the domain")
                .isEqualTo(new ProjectAnswer.Forbidden());
        assertThat(directory(yaml).project(comes)).isInstanceOf(ProjectAnswer.Found.class);
        assertThat(directory(admin.systemReader()).project(stays))
                .as("to a reader of the system")
                .isEqualTo(new ProjectAnswer.NotFound());
    }

    @Test
    void a_project_that_never_was_is_as_one_that_is_gone() {
        String never = UUID.randomUUID().toString().replace("-", "");
        assertThat(directory(reader).project(never)).isEqualTo(new ProjectAnswer.Forbidden());
        assertThat(directory(admin.systemReader()).project(never)).isEqualTo(new ProjectAnswer.NotFound());
        String others = lab.projectId("stranger");
        assertThat(directory(reader).project(others))
                .as("one of another domain")
                .isEqualTo(new ProjectAnswer.Forbidden());
    }

    /** Keystone shows it an empty list, with 200. */
    @Test
    void a_reader_of_another_domain_is_refused() {
        String other = admin.createDomain("foreign");
        String yaml = admin.domainReader(other);
        assertFails(
                () -> all(directory(yaml), new ProjectSource.Domain(domain)),
                Kind.FORBIDDEN,
                0,
                "for a domain other than",
                domain);
        assertThat(all(directory(yaml), new ProjectSource.Domain(other)).total())
                .isZero();
    }

    @Test
    void a_domain_that_is_not_there_has_no_projects_for_a_reader_of_the_system() {
        ProjectList list = all(directory(admin.systemReader()), new ProjectSource.Domain("nowhere"));
        assertThat(list.total()).isZero();
    }

    @Test
    void a_member_of_one_project_may_list_no_domain() {
        String yaml = admin.member(projects.get(3));
        assertFails(
                () -> all(directory(yaml), new ProjectSource.Domain(domain)),
                Kind.FORBIDDEN,
                403,
                "GET projects of a domain at ",
                "identity:list_projects",
                "needs the role reader in that domain");
        assertThat(directory(yaml).project(projects.get(3))).isInstanceOf(ProjectAnswer.Found.class);
    }

    @Test
    void a_reader_whose_role_was_taken_is_refused() {
        String its = admin.createDomain("taken");
        admin.createProjects(its, "p", 3);
        String yaml = admin.domainReader(its);
        assertThat(all(directory(yaml), new ProjectSource.Domain(its)).total()).isEqualTo(3);
        admin.takeRoles(yaml);
        assertFails(
                () -> all(directory(yaml), new ProjectSource.Domain(its)), Kind.LOGIN_REFUSED, 401, "check the entry");
    }

    // ------------------------------------------------------------ parent, assigned

    @Test
    void all_projects_below_one_are_seen_by_its_own_application_credential() {
        String its = admin.createDomain("tree");
        String top = admin.createProject(its, null, "top", List.of());
        String left = admin.createProject(its, top, "left", List.of("golden"));
        String right = admin.createProject(its, top, "right", List.of());
        String leaf = admin.createProject(its, left, "leaf", List.of());
        admin.createProject(its, null, "beside", List.of());
        String yaml = admin.applicationCredential(top);
        ProjectSource below = new ProjectSource.Parent(top);

        ProjectList list = all(directory(yaml), below);
        assertThat(list.incompleteness()).isNull();
        assertThat(list.projects())
                .containsExactlyInAnyOrder(
                        DirectoryProject.ofId(left), DirectoryProject.ofId(right), DirectoryProject.ofId(leaf));

        admin.setEnabled(right, false);
        assertThat(ids(all(directory(yaml), below))).as("a disabled one too").hasSize(3);
        admin.deleteProject(leaf);
        assertThat(ids(all(directory(yaml), below))).containsExactlyInAnyOrder(left, right);
        admin.deleteProject(left);
        admin.deleteProject(right);
        ProjectList none = all(directory(yaml), below);
        assertThat(none.total()).isZero();
        assertThat(none.incompleteness()).isNull();

        assertFails(
                () -> all(directory(yaml), new ProjectSource.Parent(projects.get(0))),
                Kind.FORBIDDEN,
                403,
                "projects below project " + projects.get(0),
                "the project's own credentials");
    }

    @Test
    void the_projects_of_a_user_are_listed() {
        String yaml = admin.member(projects.get(7));
        ProjectList list = all(directory(yaml), new ProjectSource.Assigned());
        assertThat(list.incompleteness()).isNull();
        assertThat(list.projects())
                .extracting(DirectoryProject::id, DirectoryProject::domainId)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(projects.get(7), domain));
    }

    // -------------------------------------------------------------------- reader

    @Test
    void a_reader_is_the_same_after_another_login_and_differs_from_others() {
        String first = directory(reader).reader();
        assertThat(first).matches("[0-9a-f]{32}");
        assertThat(directory(reader + "\n").reader()).isEqualTo(first);
        assertThat(directory(admin.domainReader(domain)).reader()).isNotEqualTo(first);
        assertThat(directory(admin.systemReader()).reader()).isNotEqualTo(first);
        assertThat(directory(lab.cloudsYaml(), "producer").reader())
                .as("the application credential of the same user, with the same roles")
                .isEqualTo(directory(lab.cloudsYaml(), "producer-app").reader());
    }

    @Test
    void images_are_not_shown_to_a_domain_or_the_system() {
        assertFails(
                () -> CloudConfig.parse(reader, "directory", null),
                Kind.INVALID_CONFIG,
                0,
                "auth.domain_id without a project");
        assertFails(
                () -> CloudConfig.parse(admin.systemReader(), "directory", null),
                Kind.INVALID_CONFIG,
                0,
                "auth.system_scope requests a token without a project");
    }

    /** It needs no catalog, and an entry of the producer's serves both ends. */
    @Test
    void a_project_without_an_image_service_reads_projects_all_the_same() {
        ProjectList list = all(directory(lab.cloudsYaml(), "no-image"), new ProjectSource.Assigned());
        assertThat(ids(list)).containsExactly(lab.projectId("no-image"));
    }

    @Test
    void a_wrong_password_is_a_refused_login() {
        String yaml = reader.replace("lab-user-secret", "wrong-secret");
        assertFails(
                () -> all(directory(yaml), new ProjectSource.Domain(domain)),
                Kind.LOGIN_REFUSED,
                401,
                "check the entry");
    }
}
