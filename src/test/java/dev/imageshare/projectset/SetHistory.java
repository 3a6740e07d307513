package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.AssignedSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.DomainSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.LeaveOptions;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A set through its passes, as the reconciler would bring it: what one pass writes the next one reads. */
final class SetHistory {

    final ProjectSet set = new ProjectSet();
    final List<ProjectEntry> projects = new ArrayList<>();
    final List<ProjectSelector> selectors = new ArrayList<>();
    final List<String> exclude = new ArrayList<>();
    String absentFor = "24h";
    IntOrString maxRemovals = new IntOrString("25%");
    boolean suspend;

    @Nullable
    RequestPolicy requests;

    @Nullable
    Applications applications = Applications.NONE;

    boolean clockTrusted = true;
    Instant now = Instant.parse("2026-11-27T08:00:00Z");
    Set<String> followed = Set.of();

    SetHistory() {
        set.getMetadata().setNamespace("golden-images");
        set.getMetadata().setName("consumers");
        set.getMetadata().setUid("0c1d");
        set.getMetadata().setGeneration(0L);
        edited();
    }

    /** The spec as the fields above say. */
    SetHistory edited() {
        set.setSpec(new ProjectSetSpec(
                new CloudCredentialsRef("keystone-reader", "reader"),
                projects,
                selectors,
                exclude,
                new LeaveOptions(absentFor, maxRemovals),
                requests,
                "30m",
                suspend));
        set.getMetadata().setGeneration(set.getMetadata().getGeneration() + 1);
        return this;
    }

    SetHistory byHand(String... ids) {
        Stream.of(ids).forEach(id -> projects.add(new ProjectEntry(id, null, null)));
        return edited();
    }

    SetHistory until(String id, String expiresAt) {
        projects.removeIf(entry -> id.equals(entry.projectID()));
        projects.add(new ProjectEntry(id, null, expiresAt));
        return edited();
    }

    SetHistory withoutByHand(String... ids) {
        projects.removeIf(entry -> Set.of(ids).contains(entry.projectID()));
        return edited();
    }

    SetHistory domain(String name) {
        selectors.add(new ProjectSelector(name, new DomainSelector("default"), null, null, null, null));
        return edited();
    }

    SetHistory assigned(String name) {
        selectors.add(new ProjectSelector(name, null, null, new AssignedSelector(), null, null));
        return edited();
    }

    SetHistory after(Duration time) {
        now = now.plus(time);
        return this;
    }

    void approve(String hash) {
        set.getMetadata().setAnnotations(new HashMap<>(Map.of(ImageShare.APPROVE_REMOVALS, hash)));
    }

    void approveHeld() {
        approve(set.getStatus().plan().hash());
    }

    SetPlan pass(SelectorReading... readings) {
        var released = new TreeSet<String>();
        if (set.getStatus() != null && set.getStatus().released() != null) {
            released.addAll(set.getStatus().released());
        }
        released.removeAll(followed);
        var annotations = set.getMetadata().getAnnotations();
        var plan = SetPlan.of(new SetInput(
                set.getMetadata().getUid(),
                set.getMetadata().getGeneration(),
                set.getSpec(),
                set.getStatus(),
                List.of(readings),
                applications,
                released,
                annotations == null ? null : annotations.get(ImageShare.APPROVE_REMOVALS),
                clockTrusted,
                now));
        var problems = new ArrayList<>(plan.problems());
        if (plan.held() != null) {
            problems.add(HeldText.problem(set, plan, plan.held()));
        }
        var outcome = new SetOutcome("https://keystone.example.com:5000", plan, applications, problems);
        set.setStatus(SetStatus.of(set, outcome, false, null, now));
        return plan;
    }

    // ------------------------------------------------------------- readings

    static SelectorReading list(String selector, String... ids) {
        return listBy("reader-1", selector, ids);
    }

    static SelectorReading listBy(String reader, String selector, String... ids) {
        var projects = new TreeMap<String, String>();
        Stream.of(ids).forEach(id -> projects.put(id, "name-of-" + id));
        return SelectorReading.of(selector, projects, projects.size(), reader, null);
    }

    static SelectorReading partOf(String selector, String... ids) {
        return list(selector, ids).doubted(Problem.of(Reason.ListIncomplete, "a page has a project twice."));
    }

    static SelectorReading failed(String selector) {
        return SelectorReading.failed(selector, Problem.of(Reason.CloudUnreachable, "Keystone is away."));
    }

    // --------------------------------------------------------------- status

    List<String> ids() {
        return set.getStatus().projects().stream().map(SetProject::projectID).toList();
    }

    SetProject project(String id) {
        return set.getStatus().projects().stream()
                .filter(project -> project.projectID().equals(id))
                .findFirst()
                .orElseThrow();
    }

    List<String> released() {
        var released = set.getStatus().released();
        return released == null ? List.of() : released;
    }

    List<String> held() {
        var plan = set.getStatus().plan();
        return plan == null ? List.of() : plan.remove();
    }

    String ready() {
        var ready = set.getStatus().conditions().get(0);
        return ready.reason() + ": " + ready.message();
    }
}
