package dev.imageshare.site;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectSetReference;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.SelectorFilter;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SelectorInfo;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.reconcile.Approval;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.GoDuration;
import dev.imageshare.site.SiteSet.AskingProject;
import dev.imageshare.site.SiteSet.CalledProject;
import dev.imageshare.site.SiteSet.LeavingProject;
import dev.imageshare.site.SiteSet.SiteSelector;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Brings together what ProjectSets say, and who names them. Keeps nothing of the objects. */
final class SetDrafts {

    private static final Pattern HASH = Pattern.compile("[0-9a-z-]{1,64}");

    private final List<SiteSet> sets = new ArrayList<>();
    /** The ImageShares that name a set, by its title. */
    private final Map<String, TreeSet<String>> followers = new HashMap<>();

    void add(ImageShare share) {
        if (share.getSpec() == null) {
            return;
        }
        var namespace = share.getMetadata().getNamespace();
        for (var ref : requireNonNullElse(share.getSpec().projectSetRefs(), List.<ProjectSetReference>of())) {
            if (ref.name() != null) {
                followers
                        .computeIfAbsent(namespace + "/" + ref.name(), set -> new TreeSet<>())
                        .add(namespace + "/" + share.getMetadata().getName());
            }
        }
    }

    void add(ProjectSet set) {
        var status = set.getStatus();
        var conditions = status == null ? null : status.conditions();
        var ready = Conditions.find(conditions, Conditions.READY);
        var held = status == null || status.plan() == null ? null : status.plan();
        var hash = held == null ? null : held.hash();
        sets.add(new SiteSet(
                set.getMetadata().getNamespace(),
                set.getMetadata().getName(),
                Health.of(
                        conditions,
                        status == null ? null : status.observedGeneration(),
                        set.getMetadata().getGeneration()),
                ready.map(Condition::reason).orElse(""),
                ready.map(Condition::message).orElse(""),
                status == null ? null : status.lastSyncTime(),
                projects(status).size(),
                status != null && Boolean.TRUE.equals(status.complete()),
                selectors(set),
                leaving(set),
                held == null ? List.of() : held(set, requireNonNullElse(held.remove(), List.of())),
                approval(set, hash),
                asking(set),
                List.of()));
    }

    private static List<SetProject> projects(@Nullable ProjectSetStatus status) {
        return status == null ? List.of() : requireNonNullElse(status.projects(), List.of());
    }

    private static List<SiteSelector> selectors(ProjectSet set) {
        if (set.getSpec() == null || set.getSpec().selectors() == null) {
            return List.of();
        }
        var seen = new HashMap<String, SelectorInfo>();
        if (set.getStatus() != null && set.getStatus().selectors() != null) {
            set.getStatus().selectors().forEach(info -> seen.put(info.name(), info));
        }
        return set.getSpec().selectors().stream()
                .map(selector -> {
                    var info = seen.get(selector.name());
                    return new SiteSelector(
                            requireNonNullElse(selector.name(), ""),
                            source(selector),
                            filter(selector.filter()),
                            info == null ? null : info.matched(),
                            info == null || info.complete()
                                    ? null
                                    : requireNonNullElse(info.message(), requireNonNullElse(info.reason(), "")));
                })
                .toList();
    }

    private static String source(ProjectSelector selector) {
        if (selector.domain() != null) {
            return "domain " + selector.domain().id();
        }
        return selector.parent() != null
                ? "all below " + selector.parent().projectID()
                : "all that its user has a role on";
    }

    private static String filter(@Nullable SelectorFilter filter) {
        if (filter == null) {
            return "";
        }
        var all = new ArrayList<String>();
        if (filter.enabled() != null) {
            all.add("enabled: " + filter.enabled());
        }
        tags(all, "tags", filter.tags());
        tags(all, "tagsAny", filter.tagsAny());
        tags(all, "notTags", filter.notTags());
        tags(all, "notTagsAny", filter.notTagsAny());
        if (filter.namePattern() != null) {
            all.add("namePattern: " + filter.namePattern());
        }
        return String.join(", ", all);
    }

    private static void tags(List<String> all, String what, @Nullable List<String> tags) {
        if (tags != null && !tags.isEmpty()) {
            all.add(what + ": " + String.join(" ", tags));
        }
    }

    private static List<LeavingProject> leaving(ProjectSet set) {
        var absentFor = Optional.ofNullable(set.getSpec())
                .flatMap(spec -> GoDuration.parse(spec.managedOptions().absentFor()))
                .orElse(Duration.ZERO);
        var names = set.projectNames();
        var leaving = new ArrayList<LeavingProject>();
        for (var project : projects(set.getStatus())) {
            var called = new CalledProject(project.projectID(), names.get(project.projectID()));
            if (project.expiresAt() != null) {
                leaving.add(new LeavingProject(called, project.expiresAt(), true));
            } else if (project.absentSince() != null) {
                leaving.add(new LeavingProject(called, later(project.absentSince(), absentFor), false));
            }
        }
        leaving.sort(Comparator.comparing(LeavingProject::from)
                .thenComparing(each -> each.project().id()));
        return leaving;
    }

    /** A status that somebody else wrote may hold any text. */
    static String later(String time, Duration by) {
        try {
            return OffsetDateTime.parse(time).toInstant().plus(by).toString();
        } catch (DateTimeException | ArithmeticException e) {
            return time;
        }
    }

    /** The command that approves what is held; null if there is none: a status that somebody else wrote may hold any text. */
    static @Nullable String approval(HasMetadata object, @Nullable String hash) {
        return hash == null || !HASH.matcher(hash).matches() ? null : Approval.command(object, hash);
    }

    private static List<AskingProject> asking(ProjectSet set) {
        return set.getStatus() == null || set.getStatus().requests() == null
                ? List.of()
                : set.getStatus().requests().stream()
                        .map(request -> {
                            var name = request.namespace() + "/" + request.name();
                            return new AskingProject(
                                    request.namespace(),
                                    request.name(),
                                    new CalledProject(request.projectID(), request.projectName()),
                                    request.since(),
                                    request.reason(),
                                    // A status that somebody else wrote may hold any text.
                                    "imageshare approve -n " + set.getMetadata().getNamespace() + " "
                                            + PageText.quoted(name) + " --project "
                                            + PageText.quoted(request.projectID()));
                        })
                        .toList();
    }

    private static List<CalledProject> held(ProjectSet set, List<String> ids) {
        var names = set.projectNames();
        return ids.stream().map(id -> new CalledProject(id, names.get(id))).toList();
    }

    /** By namespace and name. */
    List<SiteSet> build() {
        return sets.stream()
                .map(set -> new SiteSet(
                        set.namespace(),
                        set.name(),
                        set.health(),
                        set.reason(),
                        set.message(),
                        set.lastLook(),
                        set.projects(),
                        set.complete(),
                        set.selectors(),
                        set.leaving(),
                        set.held(),
                        set.approval(),
                        set.asking(),
                        List.copyOf(followers.getOrDefault(set.title(), new TreeSet<>()))))
                .sorted(Comparator.comparing(SiteSet::title))
                .toList();
    }
}
