package dev.imageshare.model;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.MemberStatus;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What must be so when all is at rest: Glance is as wished, and each status tells the truth. */
final class Verdict {

    private final Judge judge;
    private final Judge.DrivenOperatorView view;
    private final String producer;
    private final Map<String, String> visibility;
    private final Map<String, String> names;
    private final List<ImageShare> shares;
    private final List<ImageAcceptance> acceptances;

    Verdict(
            Judge judge,
            Judge.DrivenOperatorView view,
            String producer,
            Map<String, String> visibility,
            Map<String, String> names,
            List<ImageShare> shares,
            List<ImageAcceptance> acceptances) {
        this.judge = judge;
        this.view = view;
        this.producer = producer;
        this.visibility = visibility;
        this.names = names;
        this.shares = shares;
        this.acceptances = acceptances;
    }

    void check() {
        for (var share : shares) {
            if (share.isMarkedForDeletion()) {
                going(share);
            } else {
                living(share);
            }
        }
        acceptances.forEach(this::answering);
    }

    private void require(boolean holds, Object about, String what) {
        if (!holds) {
            judge.violations.add(
                    "at the end, " + Judge.name((io.fabric8.kubernetes.api.model.HasMetadata) about) + ": " + what);
        }
    }

    private void living(ImageShare share) {
        var status = share.getStatus();
        if (status == null) {
            require(false, share, "no status");
            return;
        }
        var ready = Conditions.find(status.conditions(), Conditions.READY).orElseThrow();
        var image = image(share);
        if (image == null) {
            require(
                    ready.reason().equals(Reason.ImageNotFound.name())
                            || ready.reason().equals(Reason.ImageAmbiguous.name()),
                    share,
                    "its image can't be found, but Ready says " + ready.reason());
            return;
        }
        require(
                status.image() != null && status.image().id().equals(image),
                share,
                "image " + status.image() + ", not " + image);
        if (!"shared".equals(visibility.get(image))) {
            require(
                    ready.reason().equals(Reason.ImageNotShared.name()),
                    share,
                    "not shared, but Ready says " + ready.reason());
            return;
        }
        var present = new TreeMap<>(view.members(image));
        tellsTheTruth(share, present);
        if (Judge.isManaged(share) && judge.conflict(share, image)) {
            require(
                    ready.reason().equals(Reason.Conflict.name()),
                    share,
                    "in conflict, but Ready says " + ready.reason());
            return;
        }
        var missing = new TreeSet<>(Judge.declared(share));
        missing.remove(producer);
        missing.removeAll(present.keySet());
        var surplus = new TreeSet<>(present.keySet());
        surplus.removeAll(Judge.declared(share));
        if (!Judge.isAuthoritative(share)) {
            surplus.retainAll(Judge.isManaged(share) ? Judge.added(status) : Set.of());
            surplus.removeAll(judge.declaredByOthers(share, image, false, true));
        }
        var plan = status.plan();
        if (!Judge.isManaged(share)) {
            require(
                    ready.reason().equals(Reason.Observed.name()),
                    share,
                    "unmanaged, but Ready says " + ready.reason());
            var add = plan == null || plan.add() == null ? List.of() : plan.add();
            var remove = plan == null || plan.remove() == null ? List.of() : plan.remove();
            require(
                    missing.equals(new TreeSet<Object>(add)),
                    share,
                    "would add " + missing + ", but the plan says " + add);
            require(
                    surplus.equals(new TreeSet<Object>(remove)),
                    share,
                    "would remove " + surplus + ", but the plan says " + remove);
            return;
        }
        if (share.getSpec().suspend()) {
            require(
                    ready.reason().equals(Reason.Suspended.name())
                            || ready.reason().equals(Reason.Contended.name()),
                    share,
                    "suspended, but Ready says " + ready.reason());
            return;
        }
        require(missing.isEmpty(), share, "missing are " + missing);
        if (surplus.isEmpty()) {
            require(
                    ready.status() == Condition.Status.True || ready.reason().equals(Reason.Contended.name()),
                    share,
                    "all is as declared, but Ready says " + ready.reason() + ": " + ready.message());
            return;
        }
        if (ready.reason().equals(Reason.Contended.name())) {
            return;
        }
        require(
                ready.reason().equals(Reason.RemovalHeld.name()),
                share,
                "surplus are " + surplus + ", but Ready says " + ready.reason());
        var held = plan == null || plan.remove() == null ? Set.of() : new TreeSet<>(plan.remove());
        require(surplus.equals(held), share, "surplus are " + surplus + ", but held are " + held);
        var foreign = new TreeSet<>(surplus);
        foreign.removeAll(Judge.added(status));
        var outOf = Judge.isAuthoritative(share)
                ? present.size()
                : Judge.added(status).size();
        var frozen = plan == null || plan.outOf() == null ? outOf : Math.min(outOf, plan.outOf());
        var why = (!Boolean.TRUE.equals(status.adopted()) && !foreign.isEmpty())
                || surplus.size() > Play.limit(share, frozen)
                || present.size() == surplus.size();
        require(why, share, "held without a reason: " + surplus);
    }

    /** The image that the object is about, by what there is; null if there is none, or no single one. */
    private String image(ImageShare share) {
        var reference = share.getSpec().image();
        if (reference.id() != null) {
            return visibility.containsKey(reference.id()) ? reference.id() : null;
        }
        var known = share.getStatus().image();
        if (known != null && visibility.containsKey(known.id())) {
            return known.id();
        }
        var matches = visibility.keySet().stream()
                .filter(id -> names.get(id).equals(reference.filter().name()))
                .toList();
        return matches.size() == 1 ? matches.get(0) : null;
    }

    private void tellsTheTruth(ImageShare share, Map<String, String> present) {
        var status = share.getStatus();
        var told = new TreeMap<String, String>();
        if (status.members() != null) {
            status.members().stream()
                    .filter(m -> m.status() != null)
                    .forEach(m -> told.put(m.projectID(), m.status().name()));
        }
        require(told.equals(present), share, "the members are " + present + ", but the status says " + told);
        var summary = status.summary();
        require(
                summary != null
                        && summary.present() == present.size()
                        && summary.accepted()
                                == present.values().stream()
                                        .filter("accepted"::equals)
                                        .count()
                        && summary.undeclared()
                                == present.keySet().stream()
                                        .filter(p -> !Judge.declared(share).contains(p))
                                        .count(),
                share,
                "the members are " + present + ", but the summary says " + summary);
    }

    /** Who waits to be deleted has a reason for it. */
    private void going(ImageShare share) {
        var status = share.getStatus();
        var ready = status == null
                ? null
                : Conditions.find(status.conditions(), Conditions.READY).orElse(null);
        var isHeld = status != null
                && status.plan() != null
                && status.plan().hash() != null
                && status.plan().hash().startsWith("delete-")
                && ready.reason().equals(Reason.RemovalHeld.name());
        var isUnshared = status != null
                && status.image() != null
                && !"shared".equals(visibility.getOrDefault(status.image().id(), "shared"))
                && ready.reason().equals(Reason.ImageNotShared.name());
        var isSuspended = share.getSpec().suspend() && ready.reason().equals(Reason.DeletionSuspended.name());
        require(
                isHeld || isUnshared || isSuspended,
                share,
                "waits to be deleted: " + (ready == null ? "no Ready" : ready.reason() + ": " + ready.message()));
    }

    private void answering(ImageAcceptance acceptance) {
        var status = acceptance.getStatus();
        if (status == null || status.project() == null) {
            require(false, acceptance, "no status");
            return;
        }
        var project = status.project().id();
        var ready = Conditions.find(status.conditions(), Conditions.READY).orElseThrow();
        var wish = acceptance.getSpec().memberStatus();
        var isSuspended = acceptance.getSpec().suspend();
        if (acceptance.getSpec().image() != null) {
            var image = acceptance.getSpec().image().id();
            var members = view.members(image);
            var answer = "shared".equals(visibility.get(image)) ? members.get(project) : null;
            if (ready.reason().equals(Reason.Conflict.name())) {
                return;
            }
            if (answer == null) {
                require(
                        ready.status() == Condition.Status.False,
                        acceptance,
                        "nothing is offered, but Ready says " + ready.reason());
            } else {
                require(isSuspended || answer.equals(wish.name()), acceptance, "the answer is " + answer);
                require(
                        isSuspended
                                ? ready.reason().equals(Reason.Suspended.name())
                                : ready.status() == Condition.Status.True,
                        acceptance,
                        "all is as declared, but Ready says " + ready.reason());
                require(
                        status.images() != null
                                && status.images().size() == 1
                                && status.images().get(0).memberStatus() == MemberStatus.valueOf(answer),
                        acceptance,
                        "the status says " + status.images());
            }
            return;
        }
        var offers = new TreeMap<String, String>();
        visibility.forEach((image, seen) -> {
            if (seen.equals("shared") && view.members(image).containsKey(project)) {
                offers.put(image, view.members(image).get(project));
            }
        });
        var told = new TreeMap<String, String>();
        if (status.images() != null) {
            status.images().forEach(i -> told.put(i.id(), i.memberStatus().name()));
        }
        require(told.equals(offers), acceptance, "the offers are " + offers + ", but the status says " + told);
        if (wish != MemberStatus.pending && !isSuspended) {
            var named = acceptances.stream()
                    .filter(a -> a.getSpec().image() != null
                            && a.getMetadata()
                                    .getNamespace()
                                    .equals(acceptance.getMetadata().getNamespace()))
                    .map(a -> a.getSpec().image().id())
                    .toList();
            offers.forEach((image, answer) -> require(
                    !answer.equals("pending") || named.contains(image), acceptance, "still pending is " + image));
        }
    }
}
