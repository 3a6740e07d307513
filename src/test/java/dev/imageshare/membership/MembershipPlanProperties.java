package dev.imageshare.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every plan. Few, short project IDs, so that the sets overlap often. */
class MembershipPlanProperties {

    record Case(Desired desired, Observed observed, Guard guard, Memory memory) {
        MembershipPlan plan() {
            return MembershipPlan.of(desired, observed, guard, memory);
        }

        Case approving(String hash) {
            return new Case(
                    desired,
                    observed,
                    new Guard(guard.maxRemovals(), guard.uid(), guard.generation(), hash, guard.contended()),
                    memory);
        }
    }

    @Property
    void noDeclaredMemberIsEverRemovedOrHeld(@ForAll("cases") Case c) {
        var plan = c.plan();
        assertThat(plan.remove())
                .allSatisfy(p -> assertThat(c.desired.projects()).doesNotContain(p));
        assertThat(plan.held()).allSatisfy(p -> assertThat(c.desired.projects()).doesNotContain(p));
        assertThat(plan.remove()).noneMatch(c.desired.kept()::contains);
        assertThat(plan.held()).noneMatch(c.desired.kept()::contains);
    }

    /** Whatever was approved, and whatever hash somebody gives. */
    @Property
    void whileAReferenceIsUnresolvedNothingIsRemoved(@ForAll("cases") Case c) {
        var resolved = new Case(
                new Desired(
                        c.desired.projects(),
                        c.desired.policy(),
                        c.desired.kept(),
                        c.desired.changed(),
                        c.desired.released(),
                        true),
                c.observed,
                c.guard,
                c.memory);
        var waiting = new Case(
                new Desired(
                        c.desired.projects(),
                        c.desired.policy(),
                        c.desired.kept(),
                        c.desired.changed(),
                        c.desired.released(),
                        false),
                c.observed,
                c.guard,
                c.memory);

        var plan = waiting.approving(resolved.plan().hash()).plan();

        assertThat(plan.remove()).isEmpty();
        assertThat(plan.hash()).isEmpty();
        assertThat(plan.add()).isEqualTo(resolved.plan().add());
        assertThat(waiting.approving("").plan()).isEqualTo(plan);
    }

    @Property
    void whatAReferenceStoodForGoesOnlyIfApproved(@ForAll("cases") Case c) {
        var plan = c.plan();
        var unapproved = new ArrayList<>(plan.remove());
        unapproved.removeAll(plan.approved());
        assertThat(unapproved).noneMatch(c.desired.changed()::contains);
    }

    @Property
    void exactlyTheMissingAreAddedAndNeverTheOwner(@ForAll("cases") Case c) {
        var missing = new ArrayList<>(c.desired.projects());
        missing.removeAll(c.observed.members());
        missing.remove(c.observed.owner());
        assertThat(c.plan().add()).isEqualTo(missing);
    }

    @Property
    void onlyPresentMembersGoAndNoneIsBothRemovedAndHeld(@ForAll("cases") Case c) {
        var plan = c.plan();
        assertThat(c.observed.members()).containsAll(plan.remove()).containsAll(plan.held());
        assertThat(plan.remove()).allSatisfy(p -> assertThat(plan.held()).doesNotContain(p));
    }

    @Property
    void unapprovedRemovalsStayWithinTheLimit(@ForAll("cases") Case c) {
        var plan = c.plan();
        var counted = new ArrayList<>(plan.remove());
        counted.removeAll(plan.approved());
        counted.removeAll(c.memory.ended());
        if (c.guard.maxRemovals().holdsAll()) {
            assertThat(counted).isEmpty();
        }
        counted.removeAll(c.desired.released());
        assertThat(counted.size()).isLessThanOrEqualTo(plan.limit());
    }

    /** Whoever wrote the end down has approved it; the set that let it go has judged it. */
    @Property
    void whatEndedOrWasReleasedHoldsNobodyElseAndIsNotHeldByTheLimit(@ForAll("cases") Case c) {
        var plan = c.plan();
        if (c.desired.complete() && !c.guard.contended()) {
            assertThat(plan.held().stream().filter(c.memory.ended()::contains))
                    .allMatch(p -> c.observed.declaredBySilent().contains(p)
                            || c.desired.changed().contains(p));
            if (plan.holds().equals(Set.of(MembershipPlan.Hold.TOO_MANY))
                    && !c.guard.maxRemovals().holdsAll()) {
                assertThat(plan.held()).noneMatch(c.desired.released()::contains);
            }
        }
    }

    @Property
    void beforeAdoptionNoForeignMemberGoesUnapproved(@ForAll("cases") Case c) {
        var plan = c.plan();
        if (!c.memory.adopted()) {
            var unapproved = new ArrayList<>(plan.remove());
            unapproved.removeAll(plan.approved());
            unapproved.removeAll(c.memory.ended());
            assertThat(c.memory.added()).containsAll(unapproved);
        }
    }

    @Property
    void additiveNeverTouchesWhatItDidNotAdd(@ForAll("cases") Case c) {
        if (c.desired.policy() == Policy.ADDITIVE) {
            assertThat(c.memory.added())
                    .containsAll(c.plan().remove())
                    .containsAll(c.plan().held());
        }
    }

    @Property
    void whatAnotherDeclaresStays(@ForAll("cases") Case c) {
        assertThat(c.plan().remove())
                .allSatisfy(p -> assertThat(c.observed.declaredByOthers()).doesNotContain(p));
    }

    @Property
    void anImageIsNotEmptiedUnlessEachRemovalIsApproved(@ForAll("cases") Case c) {
        var plan = c.plan();
        var left = new HashSet<>(c.observed.members());
        left.removeAll(plan.remove());
        var added = new HashSet<>(plan.add());
        added.removeAll(c.observed.failedAdditions());
        if (!c.observed.members().isEmpty() && left.isEmpty() && added.isEmpty()) {
            assertThat(plan.remove())
                    .allMatch(
                            p -> plan.approved().contains(p) || c.memory.ended().contains(p));
        }
    }

    @Property
    void whileContendedNothingIsRemoved(@ForAll("cases") Case c) {
        if (c.guard.contended()) {
            assertThat(c.plan().remove()).isEmpty();
        }
    }

    @Property
    void nothingRememberedAndNothingApprovedRemovesNothing(@ForAll("cases") Case c) {
        var plan = new Case(c.desired, c.observed, c.guard, Memory.NONE)
                .approving(null)
                .plan();
        assertThat(plan.remove()).isEmpty();
    }

    @Property
    void whatASilentObjectDeclaresIsRemovedOnlyOnceApproved(@ForAll("cases") Case c) {
        var plan = c.approving(null).plan();
        assertThat(plan.remove().stream().filter(c.observed.declaredBySilent()::contains))
                .allMatch(c.memory.approved()::contains);
    }

    @Property
    void theOrderOfTheInputDoesNotMatter(@ForAll("cases") Case c, @ForAll Random random) {
        var members = new ArrayList<>(c.observed.members());
        Collections.shuffle(members, random);
        var observed = new Observed(
                c.observed.imageId(),
                c.observed.owner(),
                new java.util.LinkedHashSet<>(members),
                c.observed.declaredByOthers(),
                c.observed.declaredBySilent(),
                c.observed.failedAdditions());
        assertThat(MembershipPlan.of(c.desired, observed, c.guard, c.memory)).isEqualTo(c.plan());
    }

    @Property
    void approvingWhatIsHeldReleasesAllOfItAndNothingElse(@ForAll("cases") Case c) {
        var plan = c.plan();
        if (!plan.held().isEmpty() && !c.guard.contended() && c.desired.complete()) {
            var approved = c.approving(plan.hash()).plan();
            assertThat(approved.approved()).containsAll(plan.held());
            var named = new HashSet<>(plan.remove());
            named.addAll(plan.held());
            assertThat(named).containsAll(approved.remove()).containsAll(approved.held());
        }
    }

    @Property
    void anApprovalIsForOneObjectOneGenerationOneImageAndOneSetOfRemovals(
            @ForAll("cases") Case a, @ForAll("cases") Case b) {
        var hash = a.plan().hash();
        if (!hash.isEmpty() && hash.equals(b.plan().hash())) {
            assertThat(b.plan().held()).isEqualTo(a.plan().held());
            assertThat(b.guard.uid()).isEqualTo(a.guard.uid());
            assertThat(b.guard.generation()).isEqualTo(a.guard.generation());
            assertThat(b.observed.imageId()).isEqualTo(a.observed.imageId());
            assertThat(b.plan().held().stream().filter(b.desired.changed()::contains))
                    .containsExactlyElementsOf(a.plan().held().stream()
                            .filter(a.desired.changed()::contains)
                            .toList());
            assertThat(b.plan().held().stream().filter(b.observed.declaredBySilent()::contains))
                    .containsExactlyElementsOf(a.plan().held().stream()
                            .filter(a.observed.declaredBySilent()::contains)
                            .toList());
        }
    }

    @Property
    void approvedAndCarriedOutAnAuthoritativePlanLeadsToTheDeclaration(@ForAll("cases") Case c) {
        if (c.desired.policy() == Policy.AUTHORITATIVE && !c.guard.contended() && c.desired.complete()) {
            var now = c;
            // Twice: what the first approval lets go may leave the image without members, which needs a second one.
            for (var i = 0; i < 2; i++) {
                var plan = now.approving(now.plan().hash()).plan();
                var members = new HashSet<>(now.observed.members());
                members.addAll(plan.add());
                plan.remove().forEach(members::remove);
                now = new Case(
                        c.desired,
                        new Observed(
                                c.observed.imageId(),
                                c.observed.owner(),
                                members,
                                c.observed.declaredByOthers(),
                                c.observed.declaredBySilent(),
                                Set.of()),
                        c.guard,
                        c.memory);
            }
            var plan = now.plan();
            assertThat(plan.isEmpty()).as(plan.toString()).isTrue();
        }
    }

    /** A kill between any two steps of a pass: what is left to do is what was planned, never more. */
    @Property
    void halfCarriedOutTheRestIsTheRest(@ForAll("cases") Case c, @ForAll Random random) {
        var plan = c.approving(c.plan().hash()).plan();
        var done = plan.remove().stream().filter(p -> random.nextBoolean()).toList();
        var present = new HashSet<>(c.observed.members());
        done.forEach(present::remove);
        plan.add().stream()
                .filter(p -> !c.observed.failedAdditions().contains(p))
                .forEach(present::add);
        var rest = MembershipPlan.of(
                c.desired,
                new Observed(
                        c.observed.imageId(),
                        c.observed.owner(),
                        present,
                        c.observed.declaredByOthers(),
                        c.observed.declaredBySilent(),
                        c.observed.failedAdditions()),
                c.guard,
                new Memory(
                        c.memory.adopted(),
                        c.memory.added(),
                        Set.copyOf(plan.approved()),
                        c.memory.ended(),
                        OptionalInt.of(plan.baseline())));
        assertThat(plan.remove()).containsAll(rest.remove());
        assertThat(rest.remove())
                .containsAll(plan.approved().stream()
                        .filter(p -> present.contains(p) && !c.guard.contended() && c.desired.complete())
                        .toList());
    }

    @Provide
    Arbitrary<Case> cases() {
        var ids = Arbitraries.of("a", "b", "c", "d", "e", "f", "A", "owner");
        var set = ids.set().ofMaxSize(8);
        var plain = Combinators.combine(ids.list().ofMaxSize(8), Arbitraries.of(Policy.class))
                .as(Desired::new);
        var byReference = Combinators.combine(
                        ids.list().ofMaxSize(8),
                        Arbitraries.of(Policy.class),
                        ids.set().ofMaxSize(2),
                        ids.set().ofMaxSize(3),
                        ids.set().ofMaxSize(3),
                        Arbitraries.of(true, false))
                .as((projects, policy, kept, changed, released, complete) -> {
                    // As sources give it: what is declared is neither kept nor changed, and complete ones keep nothing.
                    kept.removeAll(projects);
                    for (var left : List.of(changed, released)) {
                        left.removeAll(projects);
                        left.removeAll(kept);
                    }
                    released.removeAll(changed);
                    return new Desired(projects, policy, complete ? Set.of() : kept, changed, released, complete);
                });
        var desired = Arbitraries.oneOf(plain, byReference);
        var observed = Combinators.combine(
                        Arbitraries.of("image-1", "image-2"),
                        set,
                        ids.set().ofMaxSize(2),
                        ids.set().ofMaxSize(2),
                        ids.set().ofMaxSize(2))
                .as((image, members, others, silent, failed) ->
                        new Observed(image, "owner", members, others, silent, failed));
        var limit = Combinators.combine(Arbitraries.of(0, 1, 2, 25, 50, 100), Arbitraries.of(true, false))
                .as(RemovalLimit::new);
        var guard = Combinators.combine(
                        limit,
                        Arbitraries.of("u", "v"),
                        Arbitraries.of(1L, 2L),
                        Arbitraries.frequency(net.jqwik.api.Tuple.of(9, false), net.jqwik.api.Tuple.of(1, true)))
                .as((l, uid, generation, contended) -> new Guard(l, uid, generation, null, contended));
        var memory = Combinators.combine(
                        Arbitraries.of(true, false),
                        set,
                        ids.set().ofMaxSize(2),
                        ids.set().ofMaxSize(2),
                        Arbitraries.integers().between(0, 8).injectNull(0.7))
                .as((adopted, added, approved, ended, baseline) -> new Memory(
                        adopted,
                        added,
                        approved,
                        ended,
                        baseline == null ? OptionalInt.empty() : OptionalInt.of(baseline)));
        return Combinators.combine(desired, observed, guard, memory).as(Case::new);
    }
}
