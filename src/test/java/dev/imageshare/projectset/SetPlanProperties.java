package dev.imageshare.projectset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Long random lives of a set, whose directory shows more, less or nothing, under one reader or another, and whose people edit and
 * approve. This test keeps a memory of its own of every list there ever was, and judges each leave by it.
 */
class SetPlanProperties {

    private static final Duration ABSENT_FOR = Duration.ofHours(24);
    private static final List<String> SELECTORS = List.of("ci", "mine");

    /** @param ids who was in it then as far as can be known; of an incomplete list, with those of the last one */
    private record Seen(Instant when, String selector, String reader, Set<String> shown, Set<String> ids) {}

    private final SetHistory set = new SetHistory();
    private final List<Seen> seen = new ArrayList<>();
    private final Map<String, String> endSeen = new HashMap<>();
    private final Map<Instant, Integer> unexplained = new TreeMap<>();

    @Property(tries = 100)
    void nobodyLeavesOnDoubt(@ForAll long seed) {
        var random = new Random(seed);
        var limit = List.of("25%", "10%", "0%", "100%", "2").get(random.nextInt(5));
        set.maxRemovals = limit.endsWith("%") ? new IntOrString(limit) : new IntOrString(Integer.valueOf(limit));
        set.domain("ci").assigned("mine");
        var world = new TreeMap<String, Set<String>>();
        SELECTORS.forEach(selector -> world.put(selector, new TreeSet<>(ids(random, 12))));
        for (var step = 0; step < 25; step++) {
            change(random, world);
            look(random, world, RemovalLimit.parse(limit).orElseThrow());
        }
    }

    private static Set<String> ids(Random random, int most) {
        return random.ints(random.nextInt(most + 1), 0, 30)
                .mapToObj("p%02d"::formatted)
                .collect(Collectors.toSet());
    }

    private void change(Random random, Map<String, Set<String>> world) {
        set.after(Duration.ofMinutes(random.nextInt(1, random.nextInt(10) == 0 ? 3000 : 700)));
        var selector = SELECTORS.get(random.nextInt(2));
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> world.get(selector).addAll(ids(random, 3));
            case 3, 4, 5 -> world.get(selector).removeAll(ids(random, 8));
            case 6 -> set.byHand(fresh(random));
            case 7 -> {
                if (!set.projects.isEmpty()) {
                    set.withoutByHand(set.projects
                            .get(random.nextInt(set.projects.size()))
                            .projectID());
                }
            }
            case 8 ->
                set.until(
                        fresh(random),
                        set.now.plus(Duration.ofHours(random.nextInt(60) - 10)).toString());
            case 9 -> {
                set.exclude.clear();
                set.exclude.addAll(ids(random, 2));
                set.edited();
            }
            case 10 -> {
                if (set.set.getStatus() != null && set.set.getStatus().plan() != null && random.nextBoolean()) {
                    set.approveHeld();
                }
            }
            default -> {
                if (random.nextInt(4) == 0) {
                    set.set.setStatus(null);
                    endSeen.clear();
                    unexplained.clear();
                }
            }
        }
    }

    private String fresh(Random random) {
        var id = "p%02d".formatted(random.nextInt(30));
        set.projects.removeIf(entry -> id.equals(entry.projectID()));
        return id;
    }

    private void look(Random random, Map<String, Set<String>> world, RemovalLimit limit) {
        set.clockTrusted = random.nextInt(12) != 0;
        var readings = new ArrayList<SelectorReading>();
        var asked = set.set.getMetadata().getAnnotations();
        var held = set.set.getStatus() == null ? null : set.set.getStatus().plan();
        var isApproved = held != null
                && asked != null
                && asked.containsValue(held.hash())
                && Long.valueOf(set.set.getMetadata().getGeneration())
                        .equals(set.set.getStatus().observedGeneration());
        var before = set.set.getStatus();
        for (var selector : SELECTORS) {
            readings.add(reading(random, selector, world.get(selector)));
        }

        var plan = set.pass(readings.toArray(SelectorReading[]::new));

        judge(plan, readings, before, isApproved, limit);
        remember(plan, readings);
        if (isApproved) {
            return; // whom the approval isn't about may leave by the next pass
        }
        var first = set.set.getStatus();
        var again = set.pass(readings.toArray(SelectorReading[]::new));
        assertThat(again.left()).as("the same once more").isEmpty();
        assertThat(set.set.getStatus().projects()).isEqualTo(first.projects());
    }

    private SelectorReading reading(Random random, String selector, Set<String> ids) {
        var kind = random.nextInt(10);
        if (kind == 0) {
            return SetHistory.failed(selector);
        }
        var reader = random.nextInt(15) == 0 ? "reader-2" : "reader-1";
        var shown = new TreeSet<>(ids);
        if (kind == 1) {
            shown.removeAll(ids(random, 30));
        }
        var list = SetHistory.listBy(reader, selector, shown.toArray(String[]::new));
        if (kind == 1 && random.nextBoolean()) {
            return list.doubted(Problem.of(Reason.ListIncomplete, "it is cut."));
        }
        return random.nextBoolean() && selector.equals("ci") ? list.withExplained(ids(random, 30)) : list;
    }

    private void judge(
            SetPlan plan,
            List<SelectorReading> readings,
            ProjectSetStatus before,
            boolean isApproved,
            RemovalLimit limit) {
        var known = new TreeMap<String, SetProject>();
        if (before != null) {
            before.projects().forEach(project -> known.put(project.projectID(), project));
        }
        assertThat(known.keySet()).containsAll(plan.left());
        assertThat(plan.projects())
                .extracting(SetProject::projectID)
                .isSorted()
                .noneMatch(plan.left()::contains)
                .containsAll(known.keySet().stream()
                        .filter(id -> !plan.left().contains(id))
                        .toList());
        assertThat(plan.released()).containsAll(plan.left());
        if (plan.left().isEmpty()) {
            return;
        }
        assertThat(readings).as("nobody leaves by what wasn't read whole").allMatch(SelectorReading::isComplete);
        var ordinary = new TreeSet<>(plan.left());
        ordinary.removeAll(plan.expired());
        for (var id : plan.expired()) {
            assertThat(set.clockTrusted).isTrue();
            var entry = entry(id);
            assertThat(endSeen.get(id))
                    .as("an end that was seen while it was to come")
                    .isEqualTo(entry.expiresAt());
            assertThat(Instant.parse(entry.expiresAt())).isBeforeOrEqualTo(set.now);
        }
        for (var id : ordinary) {
            mayLeave(id, readings, known.get(id), isApproved);
        }
        if (!isApproved) {
            assertThat(ordinary).hasSizeLessThanOrEqualTo(limit.of(known.size()));
            withinTheWindow(ordinary, readings, known, limit);
        }
    }

    private void mayLeave(String id, List<SelectorReading> readings, SetProject project, boolean isApproved) {
        if (set.exclude.contains(id)) {
            return;
        }
        var entry = entry(id);
        assertThat(entry == null
                        || (entry.expiresAt() != null
                                && !Instant.parse(entry.expiresAt()).isAfter(set.now)))
                .as("%s is no longer there by hand", id)
                .isTrue();
        for (var reading : readings) {
            assertThat(reading.projects())
                    .as("%s isn't shown by %s", id, reading.selector())
                    .doesNotContainKey(id);
            if (!sources(project).contains(reading.selector())) {
                continue;
            }
            var lists = seen.stream()
                    .filter(list -> list.selector().equals(reading.selector()))
                    .toList();
            var last = lists.stream().filter(list -> list.ids().contains(id)).reduce((a, b) -> b);
            assertThat(last).as("%s was in %s before", id, reading.selector()).isPresent();
            var since = lists.stream()
                    .filter(list -> list.when().isAfter(last.get().when()))
                    .findFirst();
            assertThat(since).as("two lists").isPresent();
            if (!isApproved) {
                assertThat(Duration.between(since.get().when(), set.now))
                        .as("%s was absent from %s for long", id, reading.selector())
                        .isGreaterThanOrEqualTo(ABSENT_FOR.minusSeconds(1));
                assertThat(lists)
                        .as("%s was shown to this reader", id)
                        .anyMatch(list -> list.reader().equals(reading.reader())
                                && list.shown().contains(id));
                assertThat(reading.matched()).as("not all at once").isPositive();
            }
        }
    }

    private static Set<String> sources(SetProject project) {
        var all = new HashSet<>(project.sources() == null ? List.<String>of() : project.sources());
        if (project.absences() != null) {
            project.absences().forEach(absence -> all.add(absence.source()));
        }
        return all;
    }

    private void withinTheWindow(
            Set<String> left, List<SelectorReading> readings, Map<String, SetProject> known, RemovalLimit limit) {
        var now = (int) left.stream()
                .filter(id -> !set.exclude.contains(id))
                .filter(id -> readings.stream()
                        .anyMatch(reading -> sources(known.get(id)).contains(reading.selector())
                                && !reading.explained().contains(id)))
                .count();
        var begin = set.now.minus(ABSENT_FOR);
        var recent = unexplained.entrySet().stream()
                .filter(leave -> leave.getKey().isAfter(begin))
                .mapToInt(Map.Entry::getValue)
                .sum();
        var had = recent
                + (int) known.values().stream()
                        .filter(project -> !Instant.parse(project.since()).isAfter(begin))
                        .count();
        if (now > 0) {
            assertThat(recent + now).isLessThanOrEqualTo(limit.of(had));
            unexplained.put(set.now, now);
        }
    }

    private void remember(SetPlan plan, List<SelectorReading> readings) {
        readings.stream().filter(reading -> reading.matched() >= 0).forEach(reading -> {
            var shown = reading.projects().keySet();
            var ids = new TreeSet<>(shown);
            if (!reading.isComplete()) {
                seen.stream()
                        .filter(list -> list.selector().equals(reading.selector()))
                        .reduce((a, b) -> b)
                        .ifPresent(list -> ids.addAll(list.ids()));
            }
            seen.add(new Seen(set.now, reading.selector(), reading.reader(), shown, ids));
        });
        plan.projects().forEach(project -> {
            var entry = entry(project.projectID());
            if (entry != null
                    && entry.expiresAt() != null
                    && set.clockTrusted
                    && Instant.parse(entry.expiresAt()).isAfter(set.now)) {
                endSeen.put(project.projectID(), entry.expiresAt());
            }
        });
    }

    private ProjectEntry entry(String id) {
        return set.projects.stream()
                .filter(entry -> id.equals(entry.projectID()))
                .findFirst()
                .orElse(null);
    }
}
