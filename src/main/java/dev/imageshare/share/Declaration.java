package dev.imageshare.share;

import static java.util.Objects.requireNonNullElse;

import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.orc.OrcKind;
import dev.imageshare.orc.Referent;
import dev.imageshare.orc.Referent.Resolved;
import dev.imageshare.orc.Referent.Unresolved;
import dev.imageshare.orc.Referent.Why;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a spec declares, its references resolved as far as they can be. Pure.
 *
 * @param projects the projects that shall be members, in order: those of spec.members, then those of spec.projectRefs
 * @param kept what references that can't be resolved now stood for last, by the status
 * @param replaced what references stood for before they changed, and is declared no longer
 * @param refs the name of the reference that stands, or stood, for a project
 * @param image what spec.image.ref stands for; null without one
 * @param waiting the names of the project references that can't be resolved, by the reason
 * @param unknown how many of those aren't known to have stood for anything
 */
record Declaration(
        List<String> projects,
        Set<String> kept,
        Set<String> replaced,
        Map<String, String> refs,
        @Nullable Referent image,
        Map<Unresolved, List<String>> waiting,
        int unknown) {

    /** What a spec declares by itself. */
    static Declaration withoutReferences(ImageShareSpec spec) {
        return new Declaration(ShareStatus.declared(spec), Set.of(), Set.of(), Map.of(), null, Map.of(), 0);
    }

    /**
     * @param spec has passed {@link ShareRules}
     * @param status remembers what the references stood for
     * @param look what an object of that kind and name stands for now
     */
    static Declaration of(
            ImageShareSpec spec, @Nullable ImageShareStatus status, BiFunction<OrcKind, String, Referent> look) {
        var imageRef = spec.image() == null ? null : spec.image().ref();
        var image = imageRef == null ? null : checked(OrcKind.Image, look.apply(OrcKind.Image, imageRef));

        var projects = new LinkedHashSet<>(ShareStatus.declared(spec));
        var kept = new LinkedHashSet<String>();
        var replaced = new LinkedHashSet<String>();
        var refs = new LinkedHashMap<String, String>();
        var waiting = new LinkedHashMap<Unresolved, List<String>>();
        var unknown = 0;
        var memory = memory(status);
        for (var name : names(spec)) {
            var referent = checked(OrcKind.Project, look.apply(OrcKind.Project, name));
            if (referent instanceof Resolved resolved) {
                projects.add(resolved.id());
                refs.putIfAbsent(resolved.id(), name);
            } else if (referent instanceof Unresolved unresolved) {
                waiting.computeIfAbsent(unresolved, u -> new ArrayList<>()).add(name);
                var last = memory.getOrDefault(name, List.of()).stream()
                        .filter(MemberInfo::declared)
                        .toList();
                last.forEach(m -> kept.add(m.projectID()));
                unknown += last.isEmpty() ? 1 : 0;
            }
        }
        for (var name : names(spec)) {
            for (var before : memory.getOrDefault(name, List.of())) {
                refs.putIfAbsent(before.projectID(), name);
                replaced.add(before.projectID());
            }
        }
        kept.removeAll(projects);
        replaced.removeAll(projects);
        replaced.removeAll(kept);
        return new Declaration(
                List.copyOf(projects),
                Set.copyOf(kept),
                Set.copyOf(replaced),
                Map.copyOf(refs),
                image,
                Collections.unmodifiableMap(waiting),
                unknown);
    }

    /** The ORC Projects that a spec names. */
    static List<String> names(ImageShareSpec spec) {
        return requireNonNullElse(spec.projectRefs(), List.<ProjectReference>of()).stream()
                .map(ProjectReference::name)
                .filter(Objects::nonNull)
                .toList();
    }

    private static Map<String, List<MemberInfo>> memory(@Nullable ImageShareStatus status) {
        var memory = new LinkedHashMap<String, List<MemberInfo>>();
        if (status != null && status.members() != null) {
            for (var member : status.members()) {
                if (member.projectRef() != null) {
                    memory.computeIfAbsent(member.projectRef(), n -> new ArrayList<>())
                            .add(member);
                }
            }
        }
        return memory;
    }

    /** What ORC says is from outside: an ID that can't be one stands for nothing. */
    private static Referent checked(OrcKind kind, Referent referent) {
        if (referent instanceof Resolved resolved) {
            var good = kind == OrcKind.Image
                    ? FieldRules.imageId(resolved.id()).isEmpty()
                    : FieldRules.isProjectId(resolved.id());
            return good ? referent : new Unresolved(Why.NO_ID, "");
        }
        return referent;
    }

    /** Whether anything is declared by reference. */
    static boolean hasReferences(ImageShareSpec spec) {
        return !names(spec).isEmpty() || (spec.image() != null && spec.image().ref() != null);
    }

    /** Whether every reference is resolved; while one isn't, nothing is removed. */
    boolean isComplete() {
        return waiting.isEmpty() && !(image instanceof Unresolved);
    }

    /** What is declared, or was when a reference could last be resolved. */
    Set<String> all() {
        var all = new LinkedHashSet<>(projects);
        all.addAll(new TreeSet<>(kept));
        return all;
    }

    /** What can't be resolved, why, and what to do; empty if all is. */
    Optional<Problem> problem(ImageShareSpec spec, String namespace) {
        if (isComplete()) {
            return Optional.empty();
        }
        var parts = new ArrayList<String>();
        if (image instanceof Unresolved unresolved) {
            parts.add(say(
                    OrcKind.Image,
                    List.of(String.valueOf(Objects.requireNonNull(spec.image()).ref())),
                    unresolved,
                    namespace));
        }
        var byWhy = new EnumMap<Why, String>(Why.class);
        waiting.forEach((unresolved, names) -> byWhy.merge(
                unresolved.why(), say(OrcKind.Project, names, unresolved, namespace), (a, b) -> a + " " + b));
        parts.addAll(byWhy.values());
        parts.add("No member is removed until then.");
        return Optional.of(Problem.of(Reason.WaitingForReference, String.join(" ", parts)));
    }

    private static String say(OrcKind kind, List<String> names, Unresolved unresolved, String namespace) {
        var who = "ORC " + kind + " " + EventRecorder.names(names);
        var field = kind == OrcKind.Image ? "spec.image.ref" : "spec.projectRefs";
        return "Waiting for " + who + ": "
                + switch (unresolved.why()) {
                    case NOT_INSTALLED ->
                        "the CRD " + kind.resource()
                                + " is not installed. Install openstack-resource-controller (ORC), or declare"
                                + (kind == OrcKind.Image
                                        ? " the image by spec.image.id in a new ImageShare."
                                        : " the IDs in spec.members.");
                    case FORBIDDEN ->
                        "the operator may not list and watch " + kind.resource()
                                + ". Give it the ClusterRole imageshare-operator-orc (deploy/base/cluster-role-orc.yaml).";
                    case UNREADABLE ->
                        kind.resource() + " can't be read from the API server (" + unresolved.detail()
                                + "). It is tried again.";
                    case NOT_ASKED ->
                        "only the cluster knows what it stands for, and it isn't asked here. Give the object with its"
                                + " status.id in the files or the cluster's state (kubectl get " + kind.resource()
                                + " -A -o yaml).";
                    case ABSENT ->
                        "not in namespace " + namespace + ". Create it"
                                + (kind == OrcKind.Image ? " (" + field + ")." : ", or take it out of " + field + ".");
                    case GOING ->
                        "being deleted, so what it stands for is neither added nor removed."
                                + (kind == OrcKind.Image ? "" : " To remove the member, take it out of " + field + ".");
                    case NO_ID ->
                        "without a usable status.id yet. What keeps ORC: kubectl describe -n " + namespace + " "
                                + kind.resource() + " " + names.get(0) + ".";
                };
    }
}
