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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The most that an object may do to an image, where it isn't known what the operator remembers of it: it may be in order in
 * the cluster, and have added each of the members. Pure.
 *
 * @param add members that it adds
 * @param remove members that it may remove without an approval
 * @param hold members that it removes only once that is approved
 */
record WorstCase(List<String> add, Set<String> remove, Set<String> hold) {

    /**
     * @param declared the projects that the object is known to declare
     * @param present the image's members
     * @param othersMayDeclare whether it isn't known either which members are declared elsewhere: by references that aren't
     *     resolved, or by other objects. Each that is makes fewer removals of the others, and so may let them pass.
     */
    static WorstCase of(
            ImageShare share, List<String> declared, ImageInfo image, Set<String> present, boolean othersMayDeclare) {
        var spec = share.getSpec();
        var isAdditive = spec.membershipPolicy() == MembershipPolicy.Additive;
        var desired = new Desired(declared, isAdditive ? Policy.ADDITIVE : Policy.AUTHORITATIVE);
        var observed = Observed.of(image.id(), image.owner(), present);
        var metadata = share.getMetadata();
        var guard = new Guard(limit(spec), metadata.getUid(), metadata.getGeneration(), null, false);
        var whole = MembershipPlan.of(desired, observed, guard, inOrder(present));
        var remove = new TreeSet<>(whole.remove());
        var hold = new TreeSet<>(whole.held());
        if (isAdditive) {
            // It never added what it can't declare.
            remove.removeIf(project -> !FieldRules.isProjectId(project));
            hold.removeIf(project -> !FieldRules.isProjectId(project));
        }
        if (othersMayDeclare || isAdditive) {
            var all = new ArrayList<>(remove);
            all.addAll(hold);
            // They differ in nothing that the plan goes by: what is true of one alone is true of each.
            all.stream()
                    .findFirst()
                    .filter(one -> {
                        var rest = new HashSet<>(all);
                        rest.remove(one);
                        var alone = observed.withDeclared(rest, Set.of());
                        return MembershipPlan.of(desired, alone, guard, inOrder(isAdditive ? Set.of(one) : present))
                                .remove()
                                .contains(one);
                    })
                    .ifPresent(one -> remove.addAll(all));
        }
        hold.removeAll(remove);
        return new WorstCase(whole.add(), remove, hold);
    }

    private static Memory inOrder(Set<String> added) {
        return new Memory(true, added, Set.of(), OptionalInt.empty());
    }

    /** The schema has let it pass. */
    private static RemovalLimit limit(ImageShareSpec spec) {
        var value = spec.managedOptions().maxRemovals();
        return Optional.ofNullable(value)
                .map(IntOrString::getStrVal)
                .flatMap(RemovalLimit::parse)
                .or(() -> RemovalLimit.number(value.getIntVal()))
                .orElseThrow();
    }
}
