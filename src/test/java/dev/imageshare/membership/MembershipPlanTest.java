package dev.imageshare.membership;

import static dev.imageshare.membership.MembershipPlan.Hold.CLAIM_UNPROVEN;
import static dev.imageshare.membership.MembershipPlan.Hold.CONTENDED;
import static dev.imageshare.membership.MembershipPlan.Hold.LEAVES_NONE;
import static dev.imageshare.membership.MembershipPlan.Hold.NOT_ADOPTED;
import static dev.imageshare.membership.MembershipPlan.Hold.SOURCE_CHANGED;
import static dev.imageshare.membership.MembershipPlan.Hold.TOO_MANY;
import static dev.imageshare.membership.MembershipPlan.Hold.UNRESOLVED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plan by example; {@link MembershipPlanProperties} says what holds for all inputs. */
class MembershipPlanTest {

    private static final String IMAGE = "11111111-2222-3333-4444-555555555555";
    private static final RemovalLimit QUARTER = new RemovalLimit(25, true);
    private static final Memory IN_ORDER = new Memory(true, Set.of(), Set.of(), Set.of(), OptionalInt.empty());

    @Test
    void addsWhatIsMissingInTheOrderDeclaredAndRemovesWhatIsNotDeclared() {
        var plan = plan(List.of("c", "a", "b"), Set.of("a", "x"), guard(null), IN_ORDER);

        assertThat(plan.add()).containsExactly("c", "b");
        assertThat(plan.remove()).containsExactly("x");
        assertThat(plan.held()).isEmpty();
        assertThat(plan.hash()).isEmpty();
    }

    @Test
    void theOwnerIsNeitherAddedNorCounted() {
        assertThat(plan(List.of("owner"), Set.of(), guard(null), IN_ORDER).isEmpty())
                .isTrue();
    }

    @Test
    void aListReplacedByAnotherIsHeldAndItsAdditionsAreMade() {
        var plan = plan(List.of("d", "e", "f"), Set.of("a", "b", "c"), guard(null), IN_ORDER);

        assertThat(plan.add()).containsExactly("d", "e", "f");
        assertThat(plan.remove()).isEmpty();
        assertThat(plan.held()).containsExactly("a", "b", "c");
        assertThat(plan.holds()).containsExactly(TOO_MANY);

        var approved = plan(List.of("d", "e", "f"), Set.of("a", "b", "c"), guard(plan.hash()), IN_ORDER);
        assertThat(approved.remove()).containsExactly("a", "b", "c");
        assertThat(approved.approved()).containsExactly("a", "b", "c");
    }

    @Test
    void whileAReferenceIsUnresolvedMembersAreAddedAndNoneCanBeRemoved() {
        var desired = new Desired(List.of("a", "new"), Policy.AUTHORITATIVE, Set.of("kept"), Set.of(), Set.of(), false);
        var observed = Observed.of(IMAGE, "owner", Set.of("a", "x", "y", "kept"));
        var approvedBefore = new Memory(true, Set.of(), Set.of("x"), Set.of(), OptionalInt.empty());

        var plan = MembershipPlan.of(desired, observed, guard(null), approvedBefore);

        assertThat(plan.add()).containsExactly("new");
        assertThat(plan.remove()).isEmpty();
        assertThat(plan.held()).containsExactly("x", "y");
        assertThat(plan.holds()).containsExactly(UNRESOLVED);
        assertThat(plan.hash()).isEmpty();
        assertThat(plan.approved()).as("an approval outlives the wait").containsExactly("x");
    }

    @Test
    void whatAReferenceStoodForBeforeIsHeldAndAPlainApprovalOfTheSameMemberIsNone() {
        var plain = plan(List.of("b"), Set.of("a", "b"), guard(null), Memory.NONE);
        var desired = new Desired(List.of("b"), Policy.AUTHORITATIVE, Set.of(), Set.of("a"), Set.of(), true);
        var observed = Observed.of(IMAGE, "owner", Set.of("a", "b"));

        var held = MembershipPlan.of(desired, observed, guard(plain.hash()), IN_ORDER);
        assertThat(plain.held()).containsExactly("a");
        assertThat(held.held()).containsExactly("a");
        assertThat(held.holds()).containsExactly(SOURCE_CHANGED);

        var approved = MembershipPlan.of(desired, observed, guard(held.hash()), IN_ORDER);
        assertThat(approved.remove()).containsExactly("a");
    }

    @Test
    void whatASilentObjectDeclaresIsHeldAndAPlainApprovalOfTheSameMemberIsNone() {
        var desired = new Desired(List.of("b"), Policy.AUTHORITATIVE);
        var known = Observed.of(IMAGE, "owner", Set.of("a", "b"));
        var plain = MembershipPlan.of(desired, known, guard(null), Memory.NONE);
        var silent = known.withDeclared(Set.of(), Set.of("a"));

        var held = MembershipPlan.of(desired, silent, guard(plain.hash()), IN_ORDER);
        assertThat(plain.held()).containsExactly("a");
        assertThat(held.held()).containsExactly("a");
        assertThat(held.holds()).containsExactly(CLAIM_UNPROVEN);

        assertThat(MembershipPlan.of(desired, silent, guard(held.hash()), IN_ORDER)
                        .remove())
                .containsExactly("a");
    }

    @Test
    void membersAddedWhileRemovalsAreHeldDoNotReleaseThem() {
        var forty = IntStream.range(0, 40).mapToObj(i -> "n" + i).toList();
        var first = plan(forty, Set.of("a", "b", "c", "d"), guard(null), IN_ORDER);
        assertThat(first.held()).hasSize(4);

        var present = new java.util.HashSet<>(forty);
        present.addAll(Set.of("a", "b", "c", "d"));
        var memory = new Memory(true, Set.copyOf(forty), Set.of(), Set.of(), OptionalInt.of(first.baseline()));
        assertThat(plan(forty, present, guard(null), memory).held()).containsExactly("a", "b", "c", "d");
    }

    @Test
    void aFirstCommitOnAnImageWithMembersMadeByHandTakesNobodyAway() {
        var byHand = IntStream.range(0, 40).mapToObj(i -> "m" + i).toList();
        var plan = plan(byHand.subList(0, 25), Set.copyOf(byHand), guard(null), Memory.NONE);

        assertThat(plan.remove()).isEmpty();
        assertThat(plan.held()).hasSize(15);
        assertThat(plan.holds()).containsExactly(NOT_ADOPTED);
    }

    @Test
    void beforeAdoptionItsOwnAdditionsMayGo() {
        var memory = new Memory(false, Set.of("typo"), Set.of(), Set.of(), OptionalInt.empty());
        var plan = plan(List.of("a"), Set.of("a", "typo", "foreign"), guard(null), memory);

        assertThat(plan.remove()).containsExactly("typo");
        assertThat(plan.held()).containsExactly("foreign");
    }

    @Test
    void theLastMemberIsHeld() {
        var plan = plan(List.of(), Set.of("a"), new Guard(new RemovalLimit(100, true), "u", 1, null, false), IN_ORDER);

        assertThat(plan.held()).containsExactly("a");
        assertThat(plan.holds()).containsExactly(LEAVES_NONE);
    }

    @Test
    void additionsThatFailedDoNotKeepAnImageFromBeingEmptied() {
        var observed = Observed.of(IMAGE, "owner", Set.of("a"));
        var desired = new Desired(List.of("b"), Policy.AUTHORITATIVE);

        assertThat(MembershipPlan.of(desired, observed, guard(null), IN_ORDER).remove())
                .containsExactly("a");
        assertThat(MembershipPlan.of(desired, observed.afterAdditions(Set.of(), Set.of("b")), guard(null), IN_ORDER)
                        .holds())
                .containsExactly(LEAVES_NONE);
    }

    @Test
    void additiveRemovesOnlyWhatItAddedAndNothingThatAnotherDeclares() {
        var observed = Observed.of(IMAGE, "owner", Set.of("foreign", "mine", "alsoTheirs", "kept"))
                .withDeclared(Set.of("alsoTheirs"), Set.of());
        var memory = new Memory(false, Set.of("mine", "alsoTheirs", "kept"), Set.of(), Set.of(), OptionalInt.empty());
        var plan = MembershipPlan.of(new Desired(List.of("kept"), Policy.ADDITIVE), observed, guard(null), memory);

        assertThat(plan.remove()).containsExactly("mine");
        assertThat(plan.held()).isEmpty();
    }

    @Test
    void aMemberThatDiffersOnlyInCaseIsKeptAndReported() {
        var plan = plan(List.of("abc"), Set.of("ABC"), guard(null), IN_ORDER);

        assertThat(plan.add()).containsExactly("abc");
        assertThat(plan.remove()).isEmpty();
        assertThat(plan.caseVariants()).containsExactly("ABC");
    }

    @Test
    void whileContendedNothingIsRemovedNotEvenWhatWasApproved() {
        var memory = new Memory(true, Set.of(), Set.of("x"), Set.of(), OptionalInt.empty());
        var guard = new Guard(QUARTER, "u", 1, null, true);
        var plan = plan(List.of("a"), Set.of("a", "x", "y"), guard, memory);

        assertThat(plan.remove()).isEmpty();
        assertThat(plan.held()).containsExactly("x", "y");
        assertThat(plan.holds()).containsExactly(CONTENDED);
    }

    @Test
    void anApprovedRestNeedsNoSecondApproval() {
        var memory = new Memory(true, Set.of(), Set.of("a", "b", "c"), Set.of(), OptionalInt.of(3));

        assertThat(plan(List.of("d"), Set.of("b", "c", "d"), guard(null), memory)
                        .remove())
                .containsExactly("b", "c");
    }

    @ParameterizedTest
    @CsvSource({"25%, 3, 1", "25%, 4, 1", "25%, 5, 2", "0%, 9, 0", "100%, 7, 7", "5, 100, 5", "0, 100, 0", "1%, 1, 1"})
    void percentagesAreRoundedUp(String limit, int removable, int allowed) {
        assertThat(RemovalLimit.parse(limit).orElseThrow().of(removable)).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"-1", "101%", "''", "%", "5 %", "1.5", "99999999999", "ten"})
    void whatIsNoLimitIsRefused(String text) {
        assertThat(RemovalLimit.parse(text)).isEmpty();
    }

    private static MembershipPlan plan(List<String> declared, Set<String> present, Guard guard, Memory memory) {
        return MembershipPlan.of(
                new Desired(declared, Policy.AUTHORITATIVE), Observed.of(IMAGE, "owner", present), guard, memory);
    }

    private static Guard guard(String approval) {
        return new Guard(QUARTER, "u", 1, approval, false);
    }
}
