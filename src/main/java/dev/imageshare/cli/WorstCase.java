package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.membership.Desired;
import dev.imageshare.membership.Guard;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.membership.Memory;
import dev.imageshare.membership.Observed;
import dev.imageshare.membership.Policy;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.reconcile.FieldRules;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The most that an object may do to an image if the operator's record of it isn't known: it may be in sync in the
 * cluster, and have added each of the members. Pure.
 *
 * @param add members that it adds
 * @param remove members that it removes without an approval if it is in sync
 * @param removeIfAdded members that it removes without an approval if it added them, whether it was in sync or not
 * @param hold members that it removes only after an approval
 */
record WorstCase(List<String> add, Set<String> remove, Set<String> removeIfAdded, Set<String> hold) {

    /**
     * @param declared the projects that the object is known to declare
     * @param present the image's members
     * @param othersMayDeclare whether it isn't known either which members are declared elsewhere: by references that
     *     aren't resolved, or by other objects. Each one that is leaves fewer removals of the others, and so may bring
     *     them below the limit.
     */
    static WorstCase of(
            ImageShare share, List<String> declared, ImageInfo image, Set<String> present, boolean othersMayDeclare) {
        var spec = share.getSpec();
        var isAdditive = spec.membershipPolicy() == MembershipPolicy.Additive;
        var desired = new Desired(declared, isAdditive ? Policy.ADDITIVE : Policy.AUTHORITATIVE);
        var observed = Observed.of(image.id(), image.owner(), present);
        var metadata = share.getMetadata();
        var guard = new Guard(limit(spec), metadata.getUid(), metadata.getGeneration(), null, false);
        // Whatever an Additive object removes it has added.
        var whole = MembershipPlan.of(desired, observed, guard, memory(true, isAdditive ? present : Set.of()));
        var all = new TreeSet<>(whole.remove());
        all.addAll(whole.held());
        var remove = isAdditive ? new TreeSet<String>() : new TreeSet<>(whole.remove());
        // They are the same for the plan: what is true of one is true of each.
        var one = all.stream().filter(FieldRules::isProjectId).findFirst();
        if (!isAdditive && othersMayDeclare && one.isPresent()) {
            var rest = new HashSet<>(all);
            rest.remove(one.get());
            if (removes(one.get(), desired, observed.withDeclared(rest, Set.of()), guard, memory(true, Set.of()))) {
                remove.addAll(all);
            }
        }
        var removeIfAdded = new TreeSet<String>();
        if (one.isPresent() && removes(one.get(), desired, observed, guard, memory(false, Set.of(one.get())))) {
            all.stream()
                    .filter(FieldRules::isProjectId) // it never added what it can't declare
                    .filter(project -> !remove.contains(project))
                    .forEach(removeIfAdded::add);
        }
        var hold = all.stream()
                .filter(project -> !remove.contains(project) && !removeIfAdded.contains(project))
                .filter(project -> !isAdditive || FieldRules.isProjectId(project))
                .collect(Collectors.toSet());
        return new WorstCase(whole.add(), remove, removeIfAdded, hold);
    }

    private static boolean removes(String project, Desired desired, Observed observed, Guard guard, Memory memory) {
        return MembershipPlan.of(desired, observed, guard, memory).remove().contains(project);
    }

    /** Whether it may be removed without an approval. */
    boolean mayRemove(String project) {
        return remove.contains(project) || removeIfAdded.contains(project);
    }

    private static Memory memory(boolean adopted, Set<String> added) {
        return new Memory(adopted, added, Set.of(), Set.of(), OptionalInt.empty());
    }

    /** The schema has accepted it. */
    private static RemovalLimit limit(ImageShareSpec spec) {
        var value = spec.managedOptions().maxRemovals();
        return Optional.ofNullable(value)
                .map(IntOrString::getStrVal)
                .flatMap(RemovalLimit::parse)
                .or(() -> RemovalLimit.number(value.getIntVal()))
                .orElseThrow();
    }
}
