package dev.imageshare.projectset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.access.AccessHistory;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ApprovalMode;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestOrigin;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Requests, decisions and policies come and go in any order, credentials fail and change, and processes end: who is valid stays,
 * who isn't leaves or is held, and nobody joins without a proof. Who is valid is said here anew, not by the code under test.
 */
class RequestedPlaceProperties {

    private static final List<String> NAMES = List.of("team-a", "team-b", "team-c", "team-d");

    private final SetHistory set = new SetHistory();
    private final AccessHistory access = new AccessHistory();

    /** The project that each name's credentials are of now. */
    private final Map<String, String> credentials = new TreeMap<>();

    private boolean unknown;

    @Property(tries = 80)
    void whoIsValidStaysAndNobodyElse(@ForAll long seed) {
        var random = new Random(seed);
        set.maxRemovals = new IntOrString(List.of("0%", "25%", "100%").get(random.nextInt(3)));
        set.byHand("p-hand");
        NAMES.forEach(name -> credentials.put(name, "p-" + name));
        policy(random);
        for (var step = 0; step < 40; step++) {
            change(random);
            look(random);
        }
    }

    private void policy(Random random) {
        set.requests = random.nextInt(8) == 0
                ? null
                : new RequestPolicy(
                        NAMES.stream()
                                .filter(name -> random.nextInt(5) != 0)
                                .map(name -> new RequestOrigin(name, null))
                                .toList(),
                        random.nextInt(3) == 0 ? ApprovalMode.Automatic : ApprovalMode.Manual,
                        random.nextInt(3) == 0 ? "200h" : null);
        set.edited();
    }

    private void change(Random random) {
        set.after(Duration.ofMinutes(random.nextInt(1, 600)));
        var name = NAMES.get(random.nextInt(NAMES.size()));
        switch (random.nextInt(14)) {
            case 0, 1, 2 -> {
                if (!access.isAsked(name)) {
                    access.ask(set.set, name, random.nextBoolean() ? "100h" : null, set.now);
                }
            }
            case 3 -> access.withdraw(name);
            case 4, 5, 6 ->
                access.decide(
                        set.set,
                        name,
                        true,
                        random.nextInt(4) == 0 ? "p-other" : "p-" + name,
                        random.nextBoolean()
                                ? set.now
                                        .plus(Duration.ofHours(random.nextInt(80) - 5))
                                        .toString()
                                : null,
                        set.now);
            case 7 -> access.decide(set.set, name, false, random.nextBoolean() ? null : "p-" + name, null, set.now);
            case 8, 9 -> {
                if (!access.decisions().isEmpty()) {
                    access.decisions().remove(random.nextInt(access.decisions().size()));
                }
            }
            case 10 -> policy(random);
            case 11 -> credentials.put(name, random.nextInt(3) == 0 ? "p-other" : "p-" + name);
            case 12 -> access.restart();
            default -> {
                if (set.set.getStatus() != null && set.set.getStatus().plan() != null) {
                    set.approveHeld();
                }
            }
        }
        if (random.nextInt(60) == 0) {
            set.set.setStatus(null); // restored without it
        }
        NAMES.stream()
                .filter(each -> access.isAsked(each) && random.nextInt(3) != 0) // the others' credentials fail
                .forEach(each -> access.prove(each, credentials.get(each)));
        unknown = random.nextInt(12) == 0;
    }

    private void look(Random random) {
        set.clockTrusted = random.nextInt(12) != 0;
        var before = sources();
        set.applications = unknown || set.requests == null ? null : access.applications(set.set, set.now);
        var valid = new TreeMap<String, String>();
        before.forEach((project, sources) -> sources.stream()
                .filter(source -> isValid(source.substring(source.indexOf('/') + 1), project))
                .forEach(source -> valid.put(project, source)));
        var plan = set.pass();

        assertThat(plan.left()).as("valid: %s", valid).noneMatch(valid::containsKey);
        assertThat(plan.joined())
                .filteredOn(project -> !project.equals("p-hand"))
                .allSatisfy(project -> assertThat(NAMES)
                        .as("%s joined", project)
                        .anyMatch(name -> isValid(name, project)
                                && access.isProven(name, project)
                                // The first project stays the request's.
                                && before.values().stream()
                                        .noneMatch(sources -> sources.contains(Applications.source(name, name)))));
        if (unknown && set.requests != null) {
            assertThat(plan.left()).isEmpty();
            return;
        }
        var held = plan.held() == null ? List.<String>of() : plan.held().remove();
        var overdue = new TreeSet<>(sources().keySet());
        overdue.removeIf(project -> NAMES.stream().anyMatch(name -> isValid(name, project)));
        overdue.removeIf(project -> held.contains(project)
                // A held plan is frozen, and later leavers wait for the next.
                || (!held.isEmpty() && set.project(project).absentSince() != null));
        if (set.clockTrusted) {
            assertThat(overdue).as("neither valid nor held").isEmpty();
            assertThat(sources().keySet())
                    .as("denied, and in the set by nothing else")
                    .noneMatch(project -> isOnlyDenied(project, before));
        }
    }

    /** The requests that each project is in the set by, or was. */
    private Map<String, List<String>> sources() {
        return set.set.getStatus() == null
                ? Map.of()
                : set.set.getStatus().projects().stream()
                        .filter(project -> !project.projectID().equals("p-hand"))
                        .collect(Collectors.toMap(
                                project -> project.projectID(),
                                project -> Stream.concat(
                                                project.sources().stream(),
                                                project.absences() == null
                                                        ? Stream.of()
                                                        : project.absences().stream()
                                                                .map(absence -> absence.source()))
                                        .toList(),
                                (one, other) -> one,
                                HashMap::new));
    }

    private boolean isOnlyDenied(String project, Map<String, List<String>> before) {
        var sources = before.getOrDefault(project, List.of());
        return !sources.isEmpty()
                && sources.stream()
                        .map(source -> source.substring(source.indexOf('/') + 1))
                        .allMatch(name -> set.requests != null && access.isAsked(name) && isDenied(name, project))
                && NAMES.stream().noneMatch(name -> isValid(name, project));
    }

    private boolean isDenied(String name, String project) {
        return access.decisions().stream()
                .map(decision -> decision.getSpec())
                .anyMatch(spec -> spec.requestRef().name().equals(name)
                        && spec.decision() == DecisionType.Denied
                        && (spec.projectID() == null || spec.projectID().equals(project)));
    }

    /** Whether a request may have a project in the set now. */
    private boolean isValid(String name, String project) {
        if (set.requests == null
                || !access.isAsked(name)
                || set.requests.from().stream().noneMatch(origin -> name.equals(origin.namespace()))
                || isDenied(name, project)) {
            return false;
        }
        var approvals = access.decisions().stream()
                .filter(decision -> decision.getSpec().requestRef().name().equals(name)
                        && decision.getSpec().decision() == DecisionType.Approved
                        && project.equals(decision.getSpec().projectID()))
                .map(decision -> new Approval(
                        Instant.parse(decision.getMetadata().getCreationTimestamp()),
                        decision.getSpec().expiresAt()))
                .collect(Collectors.toList());
        if (set.requests.approval() == ApprovalMode.Automatic) {
            approvals.add(new Approval(access.askedAt(name), null));
        }
        return approvals.stream().anyMatch(approval -> isOn(approval, name));
    }

    private record Approval(Instant from, String until) {}

    private boolean isOn(Approval approval, String name) {
        return (approval.until() == null || set.now.isBefore(Instant.parse(approval.until())))
                && (access.duration(name) == null
                        || set.now.isBefore(approval.from().plus(Duration.ofHours(100))))
                && (set.requests.maxDuration() == null
                        || set.now.isBefore(approval.from().plus(Duration.ofHours(200))));
    }
}
