package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.membership.MembershipPlan.Hold;
import dev.imageshare.reconcile.Approval;
import dev.imageshare.reconcile.CreationOrder;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProjectText;
import dev.imageshare.reconcile.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Says why a plan holds removals back, and how a person approves them. */
final class HeldRemovals {

    /** References of which a message names each that changed. */
    private static final int MOST_NAMED = 20;

    private final ImageShare share;
    private final Declaration declaration;
    private final Supplier<List<ImageShare>> silent;
    private final Function<MembershipPlan, Map<String, String>> names;

    /**
     * @param silent the objects whose claim to the image has lapsed; asked only if the plan holds something due to them
     * @param names of projects, by ID, as far as they are known; asked only if the plan holds something
     */
    HeldRemovals(
            ImageShare share,
            Declaration declaration,
            Supplier<List<ImageShare>> silent,
            Function<MembershipPlan, Map<String, String>> names) {
        this.share = share;
        this.declaration = declaration;
        this.silent = silent;
        this.names = names;
    }

    /** What an approval would change; empty if nothing is held, or what holds it can't be approved. */
    Optional<Problem> problem(MembershipPlan plan) {
        if (plan.held().isEmpty()
                || plan.holds().contains(Hold.CONTENDED)
                || plan.holds().contains(Hold.UNRESOLVED)) {
            return Optional.empty();
        }
        return Optional.of(Problem.of(
                plan.holds().equals(Set.of(Hold.CLAIM_UNPROVEN)) ? Reason.ClaimUnproven : Reason.RemovalHeld,
                "Held back: the removal of " + plan.held().size()
                        + (plan.held().size() == 1 ? " member (" : " members (")
                        + EventRecorder.names(named(plan)) + "), because " + because(plan)
                        + ". Who is removed loses access, and must accept again when added back. To keep them, declare"
                        + " them. To remove exactly these: " + Approval.command(share, plan.hash())
                        + Approval.remark(share, plan.hash())));
    }

    private List<String> named(MembershipPlan plan) {
        var known = names.apply(plan);
        return plan.held().stream().map(id -> ProjectText.of(id, known)).toList();
    }

    /** Why the plan's removals are held, for people. */
    String because(MembershipPlan plan) {
        var why = new ArrayList<String>();
        if (plan.holds().contains(Hold.CONTENDED)) {
            why.add("somebody else changes this image's members");
        }
        if (plan.holds().contains(Hold.NOT_ADOPTED)) {
            why.add("the image already had these members before this object was first in sync with it");
        }
        if (plan.holds().contains(Hold.SOURCE_CHANGED)) {
            why.add(plan.held().stream()
                    .filter(declaration.changed()::contains)
                    .map(p -> "ORC "
                            + declaration.declaredBy().getOrDefault(p, List.of()).stream()
                                    .filter(OrcSources::isOne)
                                    .collect(Collectors.joining(", "))
                                    .replace('/', ' ')
                            + " stood for " + p + " and now stands for another project")
                    .limit(MOST_NAMED)
                    .collect(Collectors.joining(", and ")));
        }
        if (plan.holds().contains(Hold.CLAIM_UNPROVEN)) {
            why.add("ImageShare "
                    + EventRecorder.names(
                            silent.get().stream().map(CreationOrder::name).toList())
                    + " declares them, but its last pass that could read the image's members was too long ago; see its own"
                    + " message");
        }
        if (plan.holds().contains(Hold.TOO_MANY)) {
            why.add("maxRemovals " + ShareRules.limit(share.getSpec()).orElseThrow() + " allows " + plan.limit()
                    + " of " + plan.baseline() + " members in one pass");
        }
        if (plan.holds().contains(Hold.LEAVES_NONE)) {
            why.add("the image would be left without any member");
        }
        return String.join(", and ", why);
    }
}
