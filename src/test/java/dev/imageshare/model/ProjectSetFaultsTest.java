package dev.imageshare.model;

import static dev.imageshare.scenarios.Namespace.secretOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.AssignedSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.DomainSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.LeaveOptions;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ParentSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.embedded.KeystoneAdmin.ListFault;
import dev.imageshare.faults.ApiCall;
import dev.imageshare.faults.ApiFault;
import dev.imageshare.faults.CloudCall;
import dev.imageshare.faults.CloudFault;
import dev.imageshare.faults.FaultCells;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each fault at each kind of call that a ProjectSet makes, for longer than {@code absentFor}: that it is told, that nobody
 * leaves by it, and that the set comes to be as Keystone has it once the fault has ended.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProjectSetFaultsTest {

    private static final Duration PATIENCE = Duration.ofMillis(200);

    private ModelWorld world;
    private String namespace;
    private String domain;
    private List<String> projects;
    private DrivenSets operator;
    private CountDownLatch end;

    @BeforeAll
    void startWorld() {
        world = new ModelWorld();
        world.api.installCrds(Path.of("crds/project-sets"));
    }

    @AfterAll
    void closeWorld() {
        world.close();
    }

    @BeforeEach
    void newTeam() {
        world.begin();
        end = new CountDownLatch(1);
        namespace = world.next("faults");
        var keystone = world.cloud.keystone();
        domain = keystone.createDomain(namespace);
        projects = new ArrayList<>();
        for (var i = 0; i < 8; i++) {
            projects.add(keystone.createProject(domain, null, "team-" + i, List.of("golden")));
        }
    }

    @AfterEach
    void endFault() {
        endFaults();
        operator.close();
    }

    private void endFaults() {
        end.countDown();
        world.cloud.intercept((method, path) -> null);
        world.cloud.keystone().spoil(ListFault.NONE);
        world.cloud.startKeystone();
        world.api.intercept((method, path) -> null);
        world.api.comeBack();
    }

    private void start(String yaml, ProjectSelector selector, CloudSettings settings) {
        world.api.create(Secret.class, secretOf(namespace, "clouds", java.util.Map.of("clouds.yaml", yaml)));
        var set = new ProjectSet();
        set.getMetadata().setNamespace(namespace);
        set.getMetadata().setName("consumers");
        set.setSpec(new ProjectSetSpec(
                new CloudCredentialsRef("clouds", "directory"),
                null,
                List.of(selector),
                null,
                new LeaveOptions("24h", new IntOrString("100%")),
                "30m",
                false));
        world.api.create(ProjectSet.class, set);
        operator = new DrivenSets(
                world.api, world.client, world.clock, namespace, 1, settings, (s, released) -> Set.of(), () -> true);
        passes(2);
        // On a busy machine an answer can take longer than a little patience lasts.
        for (var more = 0; more < 20 && !isSynced(); more++) {
            passes(1);
        }
        assertThat(ready().reason()).as(ready().message()).isEqualTo("Synced");
    }

    private void startWithDomain(CloudSettings settings) {
        start(
                world.cloud.keystone().domainReader(domain),
                new ProjectSelector("all", new DomainSelector(domain), null, null, null, null),
                settings);
    }

    /** Each as soon as it is due. */
    private void passes(int count) {
        for (var i = 0; i < count; i++) {
            operator.tell();
            if (!operator.isDue() && operator.due() != null) {
                world.clock.move(Duration.between(world.clock.instant(), operator.due()));
            }
            operator.pass();
        }
    }

    /** Longer than absentFor: what is absent then may leave. */
    private void twoDays(boolean takesTime) {
        for (var i = 0; i < (takesTime ? 2 : 4); i++) {
            passes(1);
            world.clock.move(Duration.ofHours(i == 0 ? 0 : 17));
        }
    }

    private ProjectSet set() {
        return world.api.objects(ProjectSet.class, namespace, new HashMap<>()).get(0);
    }

    private List<String> ids() {
        return set().getStatus().projects().stream().map(SetProject::projectID).toList();
    }

    private Condition ready() {
        return Conditions.find(set().getStatus().conditions(), Conditions.READY).orElseThrow();
    }

    private static CloudSettings patienceFor(CloudFault fault) {
        var settings = CloudSettings.defaults();
        return fault.takesTime() ? settings.withCallTimeout(PATIENCE) : settings;
    }

    private void spoil(CloudCall call, CloudFault fault) {
        world.cloud.intercept((method, path) ->
                CloudCall.of(method, path).filter(call::equals).isPresent() ? fault.on(call, end) : null);
    }

    private void comesToBeAsKeystoneHasIt(List<String> wanted) {
        endFaults();
        for (var i = 0; i < 60 && !(ids().equals(wanted.stream().sorted().toList()) && isSynced()); i++) {
            passes(1);
            world.clock.move(Duration.ofHours(2));
        }
        assertThat(ids()).as(ready().message()).containsExactlyInAnyOrderElementsOf(wanted);
        assertThat(ready().reason()).as(ready().message()).isEqualTo("Synced");
    }

    private boolean isSynced() {
        return ready().reason().equals("Synced");
    }

    // ---------------------------------------------------------------- Keystone

    static Stream<Arguments> cloudCells() {
        return FaultCells.ofCloud(List.of(CloudCall.LOGIN, CloudCall.PROJECT_LIST, CloudCall.PROJECT_SHOW), 0);
    }

    @ParameterizedTest
    @MethodSource("cloudCells")
    void nobodyLeavesByAFault(CloudCall call, CloudFault fault) {
        startWithDomain(patienceFor(fault));
        var gone = projects.get(0);
        if (call == CloudCall.PROJECT_SHOW) {
            // Only who is about to leave is asked about.
            world.cloud.keystone().deleteProject(gone);
            passes(1);
            world.clock.move(Duration.ofHours(25));
        }
        if (call == CloudCall.LOGIN) {
            world.cloud.revokeAllTokens();
        }
        var others = projects.subList(call == CloudCall.PROJECT_SHOW ? 1 : 0, 8);
        spoil(call, fault);

        twoDays(fault.takesTime());

        assertThat(ids()).containsAll(others);
        if (call == CloudCall.PROJECT_LIST && fault != CloudFault.STALE_LIST && fault != CloudFault.TOKEN_ENDS) {
            assertThat(isSynced() && set().getStatus().summary().absent() == 0)
                    .as(ready().message())
                    .isFalse();
        }
        comesToBeAsKeystoneHasIt(others);
    }

    static Stream<Arguments> otherCells() {
        return FaultCells.ofCloud(List.of(CloudCall.ASSIGNED_PROJECT_LIST, CloudCall.PROJECT_SHOW), 1)
                .filter(cell -> !((CloudFault) cell.get()[1]).takesTime());
    }

    /** Lists of the selectors {@code assigned}, and {@code parent} which reads one project. */
    @ParameterizedTest
    @MethodSource("otherCells")
    void nobodyLeavesByAFaultOfAnotherSelector(CloudCall call, CloudFault fault) {
        var keystone = world.cloud.keystone();
        var parent = projects.get(0);
        var child = keystone.createProject(domain, parent, "child", List.of());
        var ofParent = call == CloudCall.PROJECT_SHOW;
        start(
                ofParent ? keystone.applicationCredential(parent) : keystone.member(parent),
                ofParent
                        ? new ProjectSelector("below", null, new ParentSelector(parent), null, null, null)
                        : new ProjectSelector("mine", null, null, new AssignedSelector(), null, null),
                CloudSettings.defaults());
        var wanted = List.of(ofParent ? child : parent);
        assertThat(ids()).isEqualTo(wanted);
        spoil(call, fault);

        twoDays(false);

        assertThat(ids()).isEqualTo(wanted);
        comesToBeAsKeystoneHasIt(wanted);
    }

    /** What Keystone itself was seen to do with a domain of more projects than it gives at once. */
    @ParameterizedTest
    @EnumSource(ListFault.class)
    void nobodyLeavesByAListThatIsNotWhole(ListFault fault) {
        var many = world.cloud.keystone().createProjects(domain, "many", 999 - projects.size());
        startWithDomain(CloudSettings.defaults());
        assertThat(ids()).hasSize(999);
        world.cloud.keystone().spoil(fault);

        twoDays(false);

        assertThat(ids()).hasSize(999).containsAll(many);
        endFaults();
        passes(2);
        assertThat(ids()).hasSize(999);
    }

    @Test
    void nobodyLeavesByADirectoryThatLosesAll() {
        startWithDomain(CloudSettings.defaults());
        projects.forEach(world.cloud.keystone()::deleteProject);

        twoDays(false);

        assertThat(ids()).containsExactlyInAnyOrderElementsOf(projects);
        assertThat(ready().reason()).isEqualTo(Reason.RemovalHeld.name());
    }

    // --------------------------------------------------------- Kubernetes' API

    static Stream<Arguments> apiCells() {
        return FaultCells.ofApi(List.of(ApiCall.STATUS_PATCH, ApiCall.EVENT), 0);
    }

    @ParameterizedTest
    @MethodSource("apiCells")
    void aFaultOfTheApiLosesNothing(ApiCall call, ApiFault fault) {
        startWithDomain(CloudSettings.defaults());
        var another = world.cloud.keystone().createProject(domain, null, "another", List.of());
        world.api.intercept((method, path) -> ApiCall.of(method, path)
                .filter(call::equals)
                .map(c -> fault.get())
                .orElse(null));

        twoDays(false);

        assertThat(ids()).containsAll(projects);
        var wanted = new ArrayList<>(projects);
        wanted.add(another);
        comesToBeAsKeystoneHasIt(wanted);
    }
}
