package dev.imageshare.model;

import static dev.imageshare.scenarios.Namespace.secretOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.DomainSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.LeaveOptions;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.SelectorFilter;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.Fault;
import dev.imageshare.faults.ApiCall;
import dev.imageshare.faults.ApiFault;
import dev.imageshare.faults.CloudCall;
import dev.imageshare.faults.CloudFault;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.reconcile.Conditions;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Random lives of a set over the real HTTP of an embedded Keystone and Kubernetes API: projects come, change and go, lists lie,
 * calls fail, readers change, statuses are lost, the process is killed. Nobody leaves whom the spec and Keystone want, but by a
 * person's approval; and once all is well again the set comes to be as wanted. It prints its first seed; a sequence that fails names
 * its own: {@code -Dsets.seed=… -Dsets.sequences=1}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProjectSetModelTest {

    private static final String TAG = "golden";
    private static final String SET = "consumers";
    private static final String SELECTOR = "ci";

    private ModelWorld world;

    @BeforeAll
    void start() {
        world = new ModelWorld();
        world.api.installCrds(Path.of("crds/project-sets"));
    }

    @AfterAll
    void stop() {
        world.close();
    }

    @Test
    void nobodyWhoIsWantedLeavesAndTheSetComesToBeAsWanted() {
        var given = Long.getLong("sets.seed");
        var first = given == null ? new Random().nextLong(1_000_000) : given;
        System.out.println("ProjectSetModelTest: sets.seed=" + first);
        for (var i = 0; i < Integer.getInteger("sets.sequences", 4); i++) {
            var life = new Life(first + i);
            try {
                life.play();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("sets.seed=" + (first + i) + "\n" + String.join("\n", life.story), e);
            } finally {
                life.end();
            }
        }
    }

    /** One project of the directory, as this test knows it. */
    private static final class Known {
        boolean tagged;
        boolean enabled = true;
        boolean gone;
    }

    private final class Life {
        final List<String> story = new ArrayList<>();
        private final Random random;
        private final String namespace;
        private final String domain;
        private final String reader;
        private final String systemReader;
        private final Map<String, Known> projects = new LinkedHashMap<>();
        private final Map<String, ProjectEntry> byHand = new TreeMap<>();
        private final Set<String> exclude = new TreeSet<>();
        private final Set<String> approved = new HashSet<>();

        /** Whom a list has shown to the set, as its status knows. Of others it knows only that they are in it by hand. */
        private final Set<String> shown = new HashSet<>();

        private final CountDownLatch end = new CountDownLatch(1);
        private final long seed;
        private DrivenSets operator;
        private boolean roleTaken;

        Life(long seed) {
            this.seed = seed;
            random = new Random(seed);
            world.begin();
            namespace = world.next("sets");
            var keystone = world.cloud.keystone();
            domain = keystone.createDomain(namespace);
            reader = keystone.domainReader(domain);
            systemReader = keystone.systemReader();
            for (var i = 0; i < 4 + random.nextInt(6); i++) {
                newProject(true);
            }
            world.api.create(Secret.class, secretOf(namespace, "clouds", Map.of("clouds.yaml", reader)));
            var set = new ProjectSet();
            set.getMetadata().setNamespace(namespace);
            set.getMetadata().setName(SET);
            set.setSpec(spec());
            world.api.create(ProjectSet.class, set);
            restart();
        }

        void play() {
            passes(3);
            for (var i = 0; i < 30; i++) {
                var step = step();
                story.add(world.clock.instant() + " " + step);
                passes(1 + random.nextInt(4));
            }
            heal();
        }

        void end() {
            endFaults();
            operator.close();
        }

        // -------------------------------------------------------------- steps

        private String step() {
            return switch (random.nextInt(22)) {
                case 0, 1 -> newProject(random.nextBoolean());
                case 2, 3 -> retag();
                case 4 -> toggle();
                case 5 -> delete();
                case 6 -> addByHand(null);
                case 7 ->
                    addByHand(world.clock
                            .instant()
                            .plus(Duration.ofMinutes(random.nextInt(4_000) - 600))
                            .toString());
                case 8 -> removeByHand();
                case 9 -> toggleExclusion();
                case 10 -> approve();
                case 11 -> anotherReader();
                case 12 -> loseStatus();
                case 13 -> kill();
                case 14 -> takeRole();
                case 15, 16 -> lie();
                case 17 -> failingCall();
                case 18 -> failingApi();
                case 19, 20 -> wait(Duration.ofMinutes(random.nextInt(60, 3_000)));
                default -> {
                    endFaults();
                    yield "faults end";
                }
            };
        }

        private String newProject(boolean tagged) {
            var id = world.cloud
                    .keystone()
                    .createProject(
                            domain, null, "team-" + projects.size(), tagged ? List.of(TAG, "other") : List.of("other"));
            var known = new Known();
            known.tagged = tagged;
            projects.put(id, known);
            return "project " + id + (tagged ? " with" : " without") + " the tag";
        }

        private String any() {
            var living = projects.keySet().stream()
                    .filter(id -> !projects.get(id).gone)
                    .toList();
            return living.isEmpty() ? null : living.get(random.nextInt(living.size()));
        }

        private String retag() {
            var id = any();
            if (id == null) {
                return "nothing";
            }
            var known = projects.get(id);
            known.tagged = !known.tagged;
            world.cloud.keystone().setTags(id, known.tagged ? List.of(TAG) : List.of());
            return id + (known.tagged ? " is tagged" : " loses its tag");
        }

        private String toggle() {
            var id = any();
            if (id == null) {
                return "nothing";
            }
            var known = projects.get(id);
            known.enabled = !known.enabled;
            world.cloud.keystone().setEnabled(id, known.enabled);
            return id + (known.enabled ? " is enabled" : " is disabled");
        }

        private String delete() {
            var id = any();
            if (id == null) {
                return "nothing";
            }
            projects.get(id).gone = true;
            world.cloud.keystone().deleteProject(id);
            return id + " is deleted";
        }

        private String addByHand(String expiresAt) {
            var id = random.nextInt(3) == 0 && any() != null ? any() : "%032x".formatted(random.nextInt(12));
            byHand.put(id, new ProjectEntry(id, null, expiresAt));
            edit();
            return id + " by hand" + (expiresAt == null ? "" : " until " + expiresAt);
        }

        private String removeByHand() {
            if (byHand.isEmpty()) {
                return "nothing";
            }
            var id = List.copyOf(byHand.keySet()).get(random.nextInt(byHand.size()));
            byHand.remove(id);
            edit();
            return id + " no longer by hand";
        }

        private String toggleExclusion() {
            var id = any();
            if (id == null) {
                return "nothing";
            }
            if (!exclude.remove(id)) {
                exclude.add(id);
            }
            edit();
            return id + (exclude.contains(id) ? " is excluded" : " is no longer excluded");
        }

        /** As somebody who doesn't look. */
        private String approve() {
            var set = set();
            if (set.getStatus() == null || set.getStatus().plan() == null) {
                return "nothing";
            }
            approved.addAll(set.getStatus().plan().remove());
            set.getMetadata()
                    .setAnnotations(new HashMap<>(Map.of(
                            ImageShare.APPROVE_REMOVALS, set.getStatus().plan().hash())));
            world.api.replace(ProjectSet.class, set);
            return "approved: " + set.getStatus().plan().remove();
        }

        private String anotherReader() {
            var system = random.nextBoolean();
            secret(system ? systemReader : reader);
            return "read by the reader of the " + (system ? "system" : "domain");
        }

        private void secret(String yaml) {
            var secret =
                    world.api.objects(Secret.class, namespace, new HashMap<>()).get(0);
            var changed = secretOf(namespace, "clouds", Map.of("clouds.yaml", yaml));
            changed.setMetadata(secret.getMetadata());
            world.api.replace(Secret.class, changed);
        }

        private String takeRole() {
            if (roleTaken || random.nextInt(3) != 0) {
                return "nothing";
            }
            roleTaken = true;
            world.cloud.keystone().takeRoles(reader);
            return "the reader of the domain has no role any more";
        }

        private String loseStatus() {
            if (random.nextInt(3) != 0) {
                return "nothing";
            }
            var set = set();
            set.setStatus(null);
            world.api.replaceStatus(ProjectSet.class, set);
            shown.clear();
            restart();
            return "restored without status";
        }

        private String kill() {
            restart();
            return "killed";
        }

        /** The list lacks some, and says nothing; a project that is asked for by its ID is shown. */
        private String lie() {
            var shown = projects.keySet().stream()
                    .filter(id -> !projects.get(id).gone && random.nextInt(3) != 0)
                    .collect(Collectors.toCollection(TreeSet::new));
            var body = shown.stream()
                    .map(id -> "{\"id\":\"%s\",\"name\":\"n\",\"domain_id\":\"%s\",\"enabled\":%s,\"tags\":[%s]}"
                            .formatted(
                                    id,
                                    domain,
                                    projects.get(id).enabled,
                                    projects.get(id).tagged ? "\"" + TAG + "\"" : ""))
                    .collect(Collectors.joining(",", "{\"projects\":[", "],\"links\":{}}"));
            world.cloud.intercept((method, path) -> CloudCall.of(method, path)
                            .filter(CloudCall.PROJECT_LIST::equals)
                            .isPresent()
                    ? Fault.canned(200, body)
                    : null);
            return "the list shows only " + shown;
        }

        private String failingCall() {
            var calls = List.of(CloudCall.LOGIN, CloudCall.PROJECT_LIST, CloudCall.PROJECT_SHOW);
            var call = calls.get(random.nextInt(calls.size()));
            var faults = Arrays.stream(CloudFault.values())
                    .filter(fault -> fault.fits(call) && !fault.takesTime() && fault != CloudFault.REFUSED)
                    .toList();
            var fault = faults.get(random.nextInt(faults.size()));
            world.cloud.intercept((method, path) ->
                    CloudCall.of(method, path).filter(call::equals).isPresent() ? fault.on(call, end) : null);
            return call + " " + fault;
        }

        private String failingApi() {
            var faults = Arrays.stream(ApiFault.values())
                    .filter(fault -> fault.fits(ApiCall.STATUS_PATCH) && fault != ApiFault.AWAY)
                    .toList();
            var fault = faults.get(random.nextInt(faults.size()));
            world.api.intercept((method, path) -> ApiCall.of(method, path)
                            .filter(ApiCall.STATUS_PATCH::equals)
                            .isPresent()
                    ? fault.get()
                    : null);
            return "writing the status: " + fault;
        }

        private void endFaults() {
            world.cloud.intercept((method, path) -> null);
            world.api.intercept((method, path) -> null);
        }

        private String wait(Duration time) {
            world.clock.move(time);
            return "time passes: " + time;
        }

        // ------------------------------------------------------------- objects

        private ProjectSetSpec spec() {
            return new ProjectSetSpec(
                    new CloudCredentialsRef("clouds", "directory"),
                    List.copyOf(byHand.values()),
                    List.of(new ProjectSelector(
                            SELECTOR,
                            new DomainSelector(domain),
                            null,
                            null,
                            new SelectorFilter(true, List.of(TAG), null, null, null, null),
                            null)),
                    List.copyOf(exclude),
                    new LeaveOptions("24h", new IntOrString(random.nextInt(4) == 0 ? "100%" : "25%")),
                    "30m",
                    random.nextInt(12) == 0);
        }

        private void edit() {
            var set = set();
            set.setSpec(spec());
            world.api.replace(ProjectSet.class, set);
        }

        private ProjectSet set() {
            return world.api
                    .objects(ProjectSet.class, namespace, new HashMap<>())
                    .get(0);
        }

        private void restart() {
            if (operator != null) {
                operator.close();
            }
            operator = new DrivenSets(
                    world.api,
                    world.client,
                    world.clock,
                    namespace,
                    seed,
                    CloudSettings.defaults(),
                    (set, released) -> Set.of(),
                    () -> true);
        }

        // -------------------------------------------------------------- judging

        /** Whom the spec and Keystone, as they really are, want in the set now. */
        private Set<String> wanted() {
            var wanted = new TreeSet<String>();
            projects.forEach((id, known) -> {
                if (known.tagged && known.enabled && !known.gone) {
                    wanted.add(id);
                }
            });
            byHand.forEach((id, entry) -> {
                if (entry.expiresAt() == null || world.clock.instant().isBefore(Instant.parse(entry.expiresAt()))) {
                    wanted.add(id);
                }
            });
            wanted.removeAll(exclude);
            return wanted;
        }

        private Set<String> ids() {
            var status = set().getStatus();
            return status == null || status.projects() == null
                    ? Set.of()
                    : status.projects().stream().map(SetProject::projectID).collect(Collectors.toSet());
        }

        private void passes(int most) {
            for (var i = 0; i < most; i++) {
                operator.tell();
                if (!operator.isDue()) {
                    var due = operator.due();
                    if (due == null) {
                        return;
                    }
                    world.clock.move(Duration.between(world.clock.instant(), due));
                }
                var known = ids();
                operator.pass();
                judge(known);
            }
        }

        private void judge(Set<String> known) {
            var now = ids();
            var left = new TreeSet<>(known);
            left.removeAll(now);
            var wanted = wanted();
            for (var id : left) {
                story.add(world.clock.instant() + "   left: " + id);
                if (!approved.contains(id) && shown.contains(id)) {
                    assertThat(wanted).as("left without approval").doesNotContain(id);
                }
            }
            var status = set().getStatus();
            if (status != null && status.projects() != null) {
                status.projects().stream()
                        .filter(project -> project.sources().contains(SELECTOR))
                        .map(SetProject::projectID)
                        .forEach(shown::add);
            }
            shown.retainAll(now);
            if (status != null && !Boolean.TRUE.equals(status.complete())) {
                assertThat(left).as("by a set that wasn't read whole").isEmpty();
            }
            if (status != null && status.released() != null) {
                assertThat(now).noneMatch(status.released()::contains);
            }
        }

        /** All is well again, for long enough; what is held is approved. */
        private void heal() {
            endFaults();
            secret(systemReader);
            story.add(world.clock.instant() + " all is well");
            var set = set();
            var s = spec();
            set.setSpec(new ProjectSetSpec(
                    s.cloudCredentialsRef(),
                    s.projects(),
                    s.selectors(),
                    s.exclude(),
                    s.managedOptions(),
                    s.resyncPeriod(),
                    false));
            world.api.replace(ProjectSet.class, set);
            for (var i = 0; i < 12 && !isAsWanted(); i++) {
                passes(4);
                approve();
                passes(4);
                world.clock.move(Duration.ofHours(13));
            }
            assertThat(ids()).as("%s", set().getStatus()).isEqualTo(wanted());
            passes(2);
            var ready = Conditions.find(set().getStatus().conditions(), Conditions.READY)
                    .orElseThrow();
            assertThat(ready.reason()).as(ready.message()).isEqualTo("Synced");
            isQuiet();
        }

        private boolean isAsWanted() {
            var status = set().getStatus();
            return status != null && ids().equals(wanted()) && status.plan() == null;
        }

        private void isQuiet() {
            if (byHand.values().stream().anyMatch(entry -> entry.expiresAt() != null)) {
                return; // an end may come while it is looked at
            }
            passes(3); // the hourly time
            var version = set().getMetadata().getResourceVersion();
            world.api.clearRequests();
            operator.tell();
            operator.pass();
            assertThat(world.api.requests().stream()
                            .filter(request -> request.method().equals("PATCH"))
                            .map(EmbeddedKubernetes.Request::path))
                    .as("a quiet pass")
                    .isEmpty();
            assertThat(set().getMetadata().getResourceVersion()).isEqualTo(version);
        }
    }
}
