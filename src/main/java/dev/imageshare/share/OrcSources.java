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
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.share.Source.Wish;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a spec refers to of openstack-resource-controller (ORC): the Projects as {@link Source}s, and the Image. Pure. */
final class OrcSources {

    private OrcSources() {}

    /** The ORC Projects that a spec names. */
    static List<String> names(ImageShareSpec spec) {
        return requireNonNullElse(spec.projectRefs(), List.<ProjectReference>of()).stream()
                .map(ProjectReference::name)
                .filter(Objects::nonNull)
                .toList();
    }

    /** The name of the source that this ORC Project is. */
    static String sourceName(String project) {
        return OrcKind.Project.name() + "/" + project;
    }

    /** Whether this is the name of a source that is an ORC Project. */
    static boolean isOne(String source) {
        return source.startsWith(sourceName(""));
    }

    /**
     * @param name of an ORC Project
     * @param status remembers what it stood for
     * @param referent what it stands for now
     */
    static Source source(String name, @Nullable ImageShareStatus status, String namespace, Referent referent) {
        return project(name, status, namespace, checked(OrcKind.Project, referent));
    }

    /** What an ORC Image stands for, if it is an image's ID. */
    static Referent image(Referent referent) {
        return checked(OrcKind.Image, referent);
    }

    private static Source project(String name, @Nullable ImageShareStatus status, String namespace, Referent referent) {
        var source = sourceName(name);
        var before = ShareStatus.projects(status, m -> isOf(m, source));
        if (referent instanceof Resolved resolved) {
            return new Source(
                    source,
                    List.of(Wish.forGood(resolved.id())),
                    before,
                    Set.of(),
                    Source.Changes.HOLD,
                    Set.of(),
                    null,
                    null);
        }
        var kept = ShareStatus.projects(status, m -> m.declared() && isOf(m, source));
        var unresolved = (Unresolved) referent;
        var gap = new Source.Gap(
                "ORC Project",
                name,
                unresolved.why().name(),
                because(OrcKind.Project, name, unresolved, namespace),
                kept.isEmpty());
        return new Source(source, List.of(), before, kept, Source.Changes.HOLD, Set.of(), null, gap);
    }

    private static boolean isOf(MemberInfo member, String source) {
        return member.sources() != null && member.sources().contains(source);
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

    /** Says that an object waits for this ORC Image, why, and what to do. */
    static String waitingForImage(String name, Unresolved unresolved, String namespace) {
        return "Waiting for ORC Image " + name + ": " + because(OrcKind.Image, name, unresolved, namespace);
    }

    private static String because(OrcKind kind, String name, Unresolved unresolved, String namespace) {
        var field = kind == OrcKind.Image ? "spec.image.ref" : "spec.projectRefs";
        return switch (unresolved.why()) {
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
                        + kind.resource() + " " + name + ".";
        };
    }
}
