package dev.imageshare.model;

import static dev.imageshare.scenarios.Namespace.secretOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.LocalSetReference;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.RequestReference;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec.ProjectSetAddress;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ApprovalMode;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.LeaveOptions;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestOrigin;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.faults.ApiCall;
import dev.imageshare.faults.ApiFault;
import dev.imageshare.faults.CloudCall;
import dev.imageshare.faults.CloudFault;
import dev.imageshare.openstack.CloudSettings;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Requests, decisions and policies come and go, credentials change, logins and the API fail, processes are killed and statuses
 * lost: nobody with a valid approval leaves, nobody joins without one and a proof, and once all is well again just those who are
 * valid are in the set, besides those whom a held plan names. It prints its first seed; a sequence that fails names its own:
 * {@code -Daccess.seed=… -Daccess.sequences=1}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageAccessModelTest {

    private static final String SET = "consumers";
    private static final String STAYS = "0123456789abcdef0123456789abcdef";
    private static final List<String> USERS = List.of("consumer-a", "consumer-b", "stranger");

    private ModelWorld world;

    @BeforeAll
    void start() {
        world = new ModelWorld();
        world.api.installCrds(Path.of("crds/project-sets"));
        world.api.installCrds(Path.of("crds/access-requests"));
    }

    @AfterAll
    void stop() {
        world.close();
    }

    @Test
    void whoIsValidStaysAndNobodyElse() {
        var given = Long.getLong("access.seed");
        var first = given == null ? new Random().nextLong(1_000_000) : given;
        System.out.println("ImageAccessModelTest: access.seed=" + first);
        for (var i = 0; i < Integer.getInteger("access.sequences", 4); i++) {
            var life = new AccessLife(first + i);
            try {
                life.play();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("access.seed=" + (first + i) + "\n" + String.join("\n", life.story), e);
            } finally {
                life.end();
            }
        }
    }

    private final class AccessLife {
        final List<String> story = new ArrayList<>();
        private final Random random;
        private final long seed;
        private final String producer;
        private final List<String> teams = new ArrayList<>();

        /** Whose credentials each team's Secret has; missing: those of nobody. */
        private final Map<String, String> credentials = new TreeMap<>();

        /** The projects whose credentials a request had at any time, by UID. */
        private final Map<String, Set<String>> couldProve = new HashMap<>();

        private final Set<String> approved = new HashSet<>();
        private final CountDownLatch end = new CountDownLatch(1);
        private RequestPolicy policy;
        private String maxRemovals = "25%";
        private DrivenSets sets;
        private DrivenRequests requests;
        private int made;

        AccessLife(long seed) {
            this.seed = seed;
            random = new Random(seed);
            world.begin();
            producer = world.next("access");
            world.api.create(
                    Secret.class,
                    secretOf(producer, "clouds", Map.of("clouds.yaml", world.yaml("producer", "producer"))));
            for (var user : USERS) {
                var team = producer + "-" + user;
                teams.add(team);
                credentials.put(team, user);
                world.api.create(
                        Secret.class, secretOf(team, "clouds", Map.of("clouds.yaml", world.yaml(user, "team"))));
            }
            policy = new RequestPolicy(origins(teams), ApprovalMode.Manual, null);
            var set = new ProjectSet();
            set.getMetadata().setNamespace(producer);
            set.getMetadata().setName(SET);
            set.setSpec(spec());
            world.api.create(ProjectSet.class, set);
            restart();
        }

        private static List<RequestOrigin> origins(List<String> namespaces) {
            return namespaces.stream()
                    .map(namespace -> new RequestOrigin(namespace, null))
                    .toList();
        }

        private ProjectSetSpec spec() {
            return new ProjectSetSpec(
                    new CloudCredentialsRef("clouds", "producer"),
                    List.of(new ProjectEntry(STAYS, null, null)),
                    null,
                    null,
                    new LeaveOptions("24h", new IntOrString(maxRemovals)),
                    policy,
                    "30m",
                    false);
        }

        void play() {
            passes(4);
            for (var i = 0; i < 40; i++) {
                story.add(world.clock.instant() + " " + step());
                passes(1 + random.nextInt(5));
            }
            heal();
        }

        void end() {
            endFaults();
            sets.close();
            requests.close();
        }

        // -------------------------------------------------------------- steps

        private String step() {
            return switch (random.nextInt(24)) {
                case 0, 1, 2, 3 -> ask();
                case 4 -> withdraw();
                case 5, 6, 7, 8 -> approve();
                case 9 -> deny();
                case 10, 11 -> undecide();
                case 12 -> changePolicy();
                case 13, 14 -> changeCredentials();
                case 15 -> kill();
                case 16 -> loseStatus();
                case 17 -> failingLogin();
                case 18 -> failingApi();
                case 19 -> approveHeld();
                case 20, 21 -> wait(Duration.ofMinutes(random.nextInt(60, 3_000)));
                default -> {
                    endFaults();
                    yield "faults end";
                }
            };
        }

        private String team() {
            return teams.get(random.nextInt(teams.size()));
        }

        private String ask() {
            var team = team();
            if (request(team).isPresent()) {
                return "nothing";
            }
            var request = new ImageAccessRequest();
            request.getMetadata().setNamespace(team);
            request.getMetadata().setName("ci");
            request.setSpec(new ImageAccessRequestSpec(
                    new ProjectSetAddress(producer, SET),
                    new CloudCredentialsRef("clouds", "team"),
                    null,
                    random.nextBoolean() ? "100h" : null));
            world.api.create(ImageAccessRequest.class, request);
            return team + " asks";
        }

        private String withdraw() {
            var request = request(team());
            request.ifPresent(each -> world.api.delete(ImageAccessRequest.class, each));
            return request.map(each -> each.getMetadata().getNamespace() + " withdraws")
                    .orElse("nothing");
        }

        private String approve() {
            var team = team();
            var user = random.nextInt(4) == 0 ? USERS.get(random.nextInt(3)) : team.substring(producer.length() + 1);
            var until = random.nextBoolean()
                    ? world.clock
                            .instant()
                            .plus(Duration.ofHours(random.nextInt(80) - 4))
                            .toString()
                    : null;
            decide(team, DecisionType.Approved, project(user), until);
            return team + " is approved for " + user + " until " + until;
        }

        private String deny() {
            var team = team();
            decide(team, DecisionType.Denied, null, null);
            return team + " is denied";
        }

        private void decide(String team, DecisionType type, String project, String until) {
            var uid = random.nextBoolean()
                    ? request(team).map(r -> r.getMetadata().getUid()).orElse(null)
                    : null;
            var decision = new ImageAccessDecision();
            decision.getMetadata().setNamespace(producer);
            decision.getMetadata().setName("decision-" + made++);
            decision.setSpec(new ImageAccessDecisionSpec(
                    new RequestReference(team, "ci", uid), new LocalSetReference(SET), project, type, until, null));
            world.api.create(ImageAccessDecision.class, decision);
        }

        private String undecide() {
            var all = decisions();
            if (all.isEmpty()) {
                return "nothing";
            }
            var decision = all.get(random.nextInt(all.size()));
            world.api.delete(ImageAccessDecision.class, decision);
            return decision.getMetadata().getName() + " is deleted";
        }

        private String changePolicy() {
            maxRemovals = List.of("0%", "25%", "100%").get(random.nextInt(3));
            policy = random.nextInt(6) == 0
                    ? null
                    : new RequestPolicy(
                            origins(teams.stream()
                                    .filter(team -> random.nextInt(5) != 0)
                                    .collect(Collectors.collectingAndThen(
                                            Collectors.toList(), some -> some.isEmpty() ? teams : some))),
                            random.nextInt(3) == 0 ? ApprovalMode.Automatic : ApprovalMode.Manual,
                            random.nextInt(3) == 0 ? "200h" : null);
            var set = set();
            set.setSpec(spec());
            world.api.replace(ProjectSet.class, set);
            return "policy " + policy + ", maxRemovals " + maxRemovals;
        }

        private String changeCredentials() {
            var team = team();
            var user = random.nextInt(3) == 0
                    ? null
                    : random.nextInt(3) == 0 ? USERS.get(random.nextInt(3)) : team.substring(producer.length() + 1);
            credentials(team, user);
            return team + " has the credentials of " + user;
        }

        private void credentials(String team, String user) {
            var secret = world.api.objects(Secret.class, team, new HashMap<>()).get(0);
            var changed = secretOf(
                    team, "clouds", Map.of("clouds.yaml", user == null ? "clouds: {}" : world.yaml(user, "team")));
            changed.setMetadata(secret.getMetadata());
            world.api.replace(Secret.class, changed);
            if (user == null) {
                credentials.remove(team);
            } else {
                credentials.put(team, user);
            }
        }

        private String kill() {
            restart();
            return "killed";
        }

        private void restart() {
            if (sets != null) {
                sets.close();
                requests.close();
            }
            sets = new DrivenSets(
                    world.api,
                    world.client,
                    world.clock,
                    producer,
                    seed,
                    CloudSettings.defaults(),
                    (set, released) -> Set.of(),
                    () -> true);
            requests =
                    new DrivenRequests(world.api, world.client, world.clock, producer, teams, seed, sets.reconciler());
        }

        private String loseStatus() {
            if (random.nextInt(3) != 0) {
                var request = request(team());
                request.ifPresent(each -> {
                    each.setStatus(null);
                    world.api.replaceStatus(ImageAccessRequest.class, each);
                });
                restart();
                return "a request is restored without status";
            }
            var set = set();
            set.setStatus(null);
            world.api.replaceStatus(ProjectSet.class, set);
            restart();
            return "the set is restored without status";
        }

        private String failingLogin() {
            var faults = Arrays.stream(CloudFault.values())
                    .filter(fault -> fault.fits(CloudCall.LOGIN) && !fault.takesTime() && fault != CloudFault.REFUSED)
                    .toList();
            var fault = faults.get(random.nextInt(faults.size()));
            world.cloud.intercept((method, path) ->
                    CloudCall.of(method, path).filter(CloudCall.LOGIN::equals).isPresent()
                            ? fault.on(CloudCall.LOGIN, end)
                            : null);
            return "logins: " + fault;
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
            return "writing statuses: " + fault;
        }

        private void endFaults() {
            world.cloud.intercept((method, path) -> null);
            world.api.intercept((method, path) -> null);
        }

        private String approveHeld() {
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

        private String wait(Duration time) {
            world.clock.move(time);
            return "time passes: " + time;
        }

        // ------------------------------------------------------------- objects

        private String project(String user) {
            return world.cloud.projectId(user);
        }

        private ProjectSet set() {
            return world.api
                    .objects(ProjectSet.class, producer, new HashMap<>())
                    .get(0);
        }

        private Optional<ImageAccessRequest> request(String team) {
            return world.api.objects(ImageAccessRequest.class, team, new HashMap<>()).stream()
                    .findFirst();
        }

        private List<ImageAccessDecision> decisions() {
            return world.api.objects(ImageAccessDecision.class, producer, new HashMap<>());
        }

        private Map<String, SetProject> members() {
            var status = set().getStatus();
            return status == null || status.projects() == null
                    ? Map.of()
                    : status.projects().stream()
                            .filter(project -> !project.projectID().equals(STAYS))
                            .collect(Collectors.toMap(SetProject::projectID, project -> project));
        }

        // -------------------------------------------------------------- judging

        private void passes(int most) {
            for (var i = 0; i < most; i++) {
                rememberCredentials();
                var before = members();
                sets.tell();
                requests.tell();
                var due = Stream.of(sets.due(), requests.due())
                        .filter(Objects::nonNull)
                        .min(Instant::compareTo);
                if (due.isEmpty()) {
                    return;
                }
                if (due.get().isAfter(world.clock.instant())) {
                    world.clock.move(Duration.between(world.clock.instant(), due.get()));
                }
                requests.pass();
                sets.tell();
                if (sets.isDue()) {
                    sets.pass();
                }
                judge(before);
            }
        }

        private void rememberCredentials() {
            for (var team : teams) {
                request(team).ifPresent(request -> {
                    var user = credentials.get(team);
                    if (user != null) {
                        couldProve
                                .computeIfAbsent(request.getMetadata().getUid(), uid -> new HashSet<>())
                                .add(project(user));
                    }
                });
            }
        }

        private void judge(Map<String, SetProject> before) {
            var now = members();
            for (var left : before.keySet()) {
                if (!now.containsKey(left) && !approved.contains(left)) {
                    story.add(world.clock.instant() + "   left: " + left);
                    var sources = Objects.requireNonNullElse(before.get(left).sources(), List.<String>of());
                    assertThat(teams)
                            .as("%s left with a valid approval", left)
                            .noneMatch(team -> sources.contains("request " + team + "/ci") && isValid(team, left));
                }
            }
            for (var joined : now.keySet()) {
                if (!before.containsKey(joined)) {
                    story.add(world.clock.instant() + "   joined: " + joined);
                    assertThat(teams)
                            .as("%s joined", joined)
                            .anyMatch(team -> isValid(team, joined)
                                    && couldProve
                                            .getOrDefault(
                                                    request(team)
                                                            .orElseThrow()
                                                            .getMetadata()
                                                            .getUid(),
                                                    Set.of())
                                            .contains(joined));
                }
            }
        }

        /** Whether a team's request may have a project in the set now, said anew. */
        private boolean isValid(String team, String project) {
            var request = request(team);
            if (request.isEmpty()
                    || policy == null
                    || policy.from().stream().noneMatch(origin -> team.equals(origin.namespace()))) {
                return false;
            }
            var uid = request.get().getMetadata().getUid();
            var about = decisions().stream()
                    .filter(decision ->
                            decision.getSpec().requestRef().namespace().equals(team))
                    .filter(decision -> decision.getSpec().requestRef().uid() == null
                            || decision.getSpec().requestRef().uid().equals(uid))
                    .filter(decision -> decision.getSpec().projectID() == null
                            || decision.getSpec().projectID().equals(project))
                    .toList();
            if (about.stream().anyMatch(decision -> decision.getSpec().decision() == DecisionType.Denied)) {
                return false;
            }
            var isAutomatic = policy.approval() == ApprovalMode.Automatic
                    && isOn(request.get(), request.get().getMetadata().getCreationTimestamp(), null);
            return isAutomatic
                    || about.stream()
                            .anyMatch(decision -> isOn(
                                    request.get(),
                                    decision.getMetadata().getCreationTimestamp(),
                                    decision.getSpec().expiresAt()));
        }

        private boolean isOn(ImageAccessRequest request, String from, String until) {
            var now = world.clock.instant();
            var begin = Instant.parse(from);
            return (until == null || now.isBefore(Instant.parse(until)))
                    && (request.getSpec().duration() == null || now.isBefore(begin.plus(Duration.ofHours(100))))
                    && (policy.maxDuration() == null || now.isBefore(begin.plus(Duration.ofHours(200))));
        }

        /** All is well again: each team's own credentials, no faults. */
        private void heal() {
            story.add(world.clock.instant() + " all is well");
            endFaults();
            teams.forEach(team -> credentials(team, team.substring(producer.length() + 1)));
            var until = world.clock.instant().plus(Duration.ofMinutes(90));
            while (world.clock.instant().isBefore(until)) {
                passes(1);
            }
            var members = members();
            var held = set().getStatus().plan() == null
                    ? Set.<String>of()
                    : Set.copyOf(set().getStatus().plan().remove());
            for (var project : members.keySet()) {
                assertThat(held.contains(project)
                                // A held plan is frozen, and later leavers wait for the next.
                                || (!held.isEmpty() && members.get(project).absentSince() != null)
                                || teams.stream().anyMatch(team -> isValid(team, project)))
                        .as("%s is valid, or held", project)
                        .isTrue();
            }
            var missing = new TreeSet<String>();
            for (var team : teams) {
                var project = project(team.substring(producer.length() + 1));
                var request = request(team);
                // One whose first project was another stays of that one.
                if (request.isPresent()
                        && isValid(team, project)
                        && request.get().getStatus() != null
                        && project.equals(request.get().getStatus().projectID())
                        && !isInSetByAnother(team, project)) {
                    missing.add(project);
                }
            }
            missing.removeAll(members.keySet());
            assertThat(missing).as("valid, and not in the set").isEmpty();
        }

        private boolean isInSetByAnother(String team, String project) {
            return members().values().stream()
                    .anyMatch(member -> !member.projectID().equals(project)
                            && (Objects.requireNonNullElse(member.sources(), List.<String>of())
                                            .contains("request " + team + "/ci")
                                    || (member.absences() != null
                                            && member.absences().stream()
                                                    .anyMatch(absence ->
                                                            absence.source().equals("request " + team + "/ci")))));
        }
    }
}
