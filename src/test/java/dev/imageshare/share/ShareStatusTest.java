package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberCounts;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.OpenPlan;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.membership.Desired;
import dev.imageshare.membership.Guard;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.membership.Memory;
import dev.imageshare.membership.Observed;
import dev.imageshare.membership.Policy;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import dev.imageshare.scenarios.Namespace;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShareStatusTest {

    private static final Instant NOW = Instant.parse("2026-11-21T18:00:08.123Z");
    private static final String ID = "1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88";
    private static final ImageInfo IMAGE =
            new ImageInfo(ID, "ubuntu", "images", "RegionOne", null, "shared", "active", null);
    private static final ImageKey KEY = ImageKey.of(IMAGE);

    private MembershipPolicy policy = MembershipPolicy.Authoritative;
    private ManagementPolicy management = ManagementPolicy.managed;

    private ImageShare share(long generation, ImageShareStatus status, List<String> declared) {
        var share = new ImageShare();
        share.getMetadata().setGeneration(generation);
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("clouds", "producer"),
                new ImageReference(ID, null, null),
                declared.stream().map(ImageShareSpec.DeclaredMember::new).toList(),
                null,
                policy,
                management,
                null,
                null));
        share.setStatus(status);
        return share;
    }

    private static List<String> projects(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    }

    private static Member member(String project, MemberStatus status) {
        return new Member(project, status, NOW.toString(), NOW.toString());
    }

    private static ShareOutcome listed(List<Member> members) {
        return listed(members, Set.of(), null);
    }

    private static ShareOutcome listed(List<Member> members, Set<String> added, MembershipPlan plan) {
        return outcome(IMAGE, members, added, false, plan);
    }

    private static ShareOutcome failed(Problem... more) {
        return outcome(null, null, Set.of(), false, null, more);
    }

    private static ShareOutcome outcome(
            ImageInfo image,
            List<Member> members,
            Set<String> added,
            boolean adopted,
            MembershipPlan plan,
            Problem... more) {
        var problems = new ArrayList<Problem>();
        if (members == null) {
            problems.add(Problem.of(Reason.CloudUnreachable, "no connection"));
        }
        problems.addAll(List.of(more));
        return new ShareOutcome(
                null,
                image != null,
                image,
                members,
                added,
                adopted,
                plan,
                ShareOutcome.Drift.NONE,
                Set.of(),
                Set.of(),
                problems,
                List.of(),
                List.of());
    }

    private static ImageShareStatus of(ImageShare share, ShareOutcome outcome) {
        return ShareStatus.of(share, outcome, false, null, NOW);
    }

    private static ImageShareStatus remembering(Boolean adopted, OpenPlan plan) {
        return new ImageShareStatus(
                3L,
                IMAGE,
                adopted,
                List.of(
                        new MemberInfo("a", null, true, true, null, null, null, null),
                        new MemberInfo("b", null, true, false, null, null, null, null)),
                new MemberCounts(2, 2, 0, 2, 0, 0),
                plan,
                "2026-11-21T17:00:00Z",
                null);
    }

    // ---------------------------------------------------------------- the list

    @Test
    void aListIsCutToAThousandOfWhichTheDeclaredComeFirstThenTheAddedAndTheSummaryCountsAll() {
        var declared = projects("declared", 900);
        var members = new ArrayList<Member>();
        projects("foreign", 200).forEach(p -> members.add(member(p, MemberStatus.rejected)));
        projects("added", 60).forEach(p -> members.add(member(p, MemberStatus.accepted)));
        declared.forEach(p -> members.add(member(p, MemberStatus.pending)));
        var outcome = listed(members, Set.copyOf(projects("added", 60)), null);

        var status = of(share(1, null, declared), outcome);

        assertThat(status.members()).hasSize(1_000);
        assertThat(status.members().subList(0, 900))
                .extracting(MemberInfo::projectID)
                .containsExactlyElementsOf(declared);
        assertThat(status.members().subList(900, 960))
                .allMatch(m -> m.projectID().startsWith("added") && m.added() && !m.declared());
        assertThat(status.members().subList(960, 1_000))
                .allMatch(m -> m.projectID().startsWith("foreign") && !m.added());
        assertThat(status.summary()).isEqualTo(new MemberCounts(900, 1_160, 60, 900, 200, 260));
    }

    @Test
    void aDeclaredProjectThatIsNoMemberYetIsListedWithoutAnAnswerButNotTheOwner() {
        var status =
                of(share(1, null, List.of("a", "images", "b")), listed(List.of(member("a", MemberStatus.accepted))));

        assertThat(status.members())
                .extracting(MemberInfo::projectID, m -> String.valueOf(m.status()))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", "accepted"),
                        org.assertj.core.groups.Tuple.tuple("b", "null"));
        assertThat(status.summary().desired()).isEqualTo(2);
    }

    /** An empty list would say that nobody is a member. */
    @Test
    void withoutAGoodListWhatWasKnownStays() {
        var before = remembering(true, null);

        var status = of(share(3, before, List.of("a", "b")), failed());

        assertThat(status.members()).isEqualTo(before.members());
        assertThat(status.summary()).isEqualTo(before.summary());
        assertThat(status.image()).isEqualTo(IMAGE);
        assertThat(status.adopted()).isTrue();
        assertThat(status.lastSyncTime()).isEqualTo("2026-11-21T17:00:00Z");
    }

    // ---------------------------------------------------------------- adoption

    @Test
    void onceInOrderIsRememberedAndASwitchToAdditiveOrUnmanagedStartsThatAnew() {
        var inOrder = outcome(IMAGE, List.of(), Set.of(), true, null);
        var before = remembering(true, null);
        assertThat(of(share(3, before, List.of()), inOrder).adopted()).isTrue();

        policy = MembershipPolicy.Additive;
        assertThat(of(share(4, before, List.of()), inOrder).adopted()).isNull();
        assertThat(of(share(4, before, List.of()), failed()).adopted()).isNull();

        policy = MembershipPolicy.Authoritative;
        management = ManagementPolicy.unmanaged;
        assertThat(of(share(4, before, List.of()), inOrder).adopted()).isNull();
        assertThat(of(share(4, before, List.of()), failed()).adopted()).isNull();
    }

    @Test
    void nothingThatWasFoundForOneImageIsSaidOfAnother() {
        var other =
                new ImageInfo("2" + ID.substring(1), "ubuntu", "images", "RegionOne", null, "shared", "active", null);
        var outcome = outcome(other, null, Set.of(), false, null);
        var before = remembering(true, new OpenPlan(null, null, "hash", List.of("x"), 8));

        var status = of(share(3, before, List.of()), outcome);

        assertThat(status.image()).isEqualTo(other);
        assertThat(status.adopted()).isNull();
        assertThat(status.members()).isNull();
        assertThat(status.summary()).isNull();
        assertThat(status.plan()).isNull();
    }

    // ---------------------------------------------------------------- approval

    @Test
    void anApprovalIsRememberedForItsGenerationOnly() {
        var plan = new OpenPlan(null, null, "hash", List.of("x"), 8);
        var before = remembering(true, plan);

        assertThat(ShareStatus.memory(before, KEY, 3, Set.of()).approved()).containsExactly("x");
        assertThat(ShareStatus.memory(before, KEY, 4, Set.of()).approved()).isEmpty();
        assertThat(of(share(3, before, List.of()), failed()).plan()).isEqualTo(plan);
        assertThat(of(share(4, before, List.of()), failed()).plan()).isEqualTo(new OpenPlan(null, null, null, null, 8));
    }

    /** Who would go can't be told; what a person approved, and what a percentage is of, stays. */
    @Test
    void whileAReferenceIsUnresolvedThePlanNamesNobodyToRemoveAndForgetsNothing() {
        var before = remembering(true, new OpenPlan(null, List.of("y"), "hash", List.of("x"), 3));
        var plan = MembershipPlan.of(
                new Desired(List.of("a", "new"), Policy.AUTHORITATIVE, Set.of(), Set.of(), Set.of(), false),
                Observed.of(ID, "images", List.of("a", "w", "x", "y")),
                new Guard(new RemovalLimit(25, true), "uid", 3, null, false),
                ShareStatus.memory(before, KEY, 3, Set.of()));
        var outcome =
                listed(List.of(member("a", MemberStatus.pending), member("x", MemberStatus.pending)), Set.of(), plan);

        assertThat(of(share(3, before, List.of("a", "new")), outcome).plan())
                .isEqualTo(new OpenPlan(null, null, null, List.of("x"), 3));

        management = ManagementPolicy.unmanaged;
        assertThat(of(share(3, null, List.of("a", "new")), outcome).plan())
                .isEqualTo(new OpenPlan(List.of("new"), null, null, null, null));
    }

    @Test
    void whatIsRememberedOfOneImageIsNothingToAnother() {
        var before = remembering(true, new OpenPlan(null, null, "hash", List.of("x"), 8));

        assertThat(ShareStatus.memory(before, KEY, 3, Set.of()).added()).containsExactly("a");
        for (var other : List.of(
                new ImageKey("2" + ID.substring(1), "images", "RegionOne"),
                new ImageKey(ID, "others", "RegionOne"),
                new ImageKey(ID, "images", "RegionTwo"))) {
            assertThat(ShareStatus.memory(before, other, 3, Set.of())).isEqualTo(Memory.NONE);
        }
        assertThat(ShareStatus.memory(null, KEY, 3, Set.of())).isEqualTo(Memory.NONE);
    }

    // -------------------------------------------------------------- conditions

    @Test
    void theTimeOfTheLastComparisonIsKeptUntilItIsGivenAnew() {
        var share = share(3, remembering(true, null), List.of());

        assertThat(of(share, listed(List.of())).lastSyncTime()).isEqualTo("2026-11-21T17:00:00Z");
        assertThat(ShareStatus.of(share, listed(List.of()), false, NOW, NOW).lastSyncTime())
                .isEqualTo("2026-11-21T18:00:08Z");
    }

    @Test
    void ofSeveralProblemsTheFirstReasonIsReadysAndTheOthersAreTold() {
        var outcome = failed(Problem.of(Reason.QuotaExceeded, "full"));

        var ready = of(share(3, null, List.of()), outcome).conditions().get(0);

        assertThat(ready.reason()).isEqualTo("QuotaExceeded");
        assertThat(ready.message()).startsWith("full").contains("Also CloudUnreachable: no connection");
    }

    @Test
    void aStatusComputedAgainFromTheSameIsTheSame() {
        var declared = projects("p", 5);
        var members =
                declared.stream().map(p -> member(p, MemberStatus.pending)).toList();
        var first = of(share(1, null, declared), listed(members));
        var again = ShareStatus.of(share(1, first, declared), listed(members), false, null, NOW.plusSeconds(600));

        assertThat(again).isEqualTo(first);
    }

    @Test
    void declaredMembersDecideWhetherAllHaveAccepted() {
        var outcome = listed(List.of(member("a", MemberStatus.accepted), member("x", MemberStatus.rejected)));

        var status = of(share(1, null, List.of("a", "images")), outcome);

        assertThat(status.conditions().get(1).type()).isEqualTo("AllAccepted");
        assertThat(status.conditions().get(1).status().name()).isEqualTo("True");
        assertThat(status.summary()).isEqualTo(new MemberCounts(1, 2, 1, 0, 1, 1));
    }

    /** An upgrade must forget neither a held plan's base nor what a reference stood for. */
    @Test
    void fieldsOfVersion02AreReadAndNeverWritten() {
        var former = "{\"members\": [{\"projectID\": \"a\", \"projectRef\": \"team-a\"}], \"plan\": {\"outOf\": 40}}";

        var status = Serialization.unmarshal(former, ImageShareStatus.class);

        assertThat(status.members().get(0).sources()).containsExactly("Project/team-a");
        assertThat(status.plan().baseline()).isEqualTo(40);
        assertThat(Serialization.asJson(status)).doesNotContain("outOf", "projectRef");
    }

    // ------------------------------------------------------------ what Ready says

    private static MembershipPlan plan(List<String> declared, List<String> present, Memory memory) {
        return MembershipPlan.of(
                new Desired(declared, Policy.AUTHORITATIVE),
                Observed.of(ID, "images", present),
                new Guard(new RemovalLimit(25, true), "uid", 3, null, false),
                memory);
    }

    private static String ready(ImageShareStatus status) {
        var ready = status.conditions().get(0);
        return ready.status() + " " + ready.reason() + ": " + ready.message();
    }

    private static ShareOutcome planned(List<Member> members, List<String> declared, Memory memory) {
        return listed(
                members,
                Set.of(),
                plan(declared, members.stream().map(Member::projectId).toList(), memory));
    }

    @Test
    void inOrderReadyCountsTheAnswers() {
        var members = List.of(member("a", MemberStatus.accepted), member("b", MemberStatus.rejected));

        assertThat(ready(of(share(1, null, List.of("a", "b")), listed(members))))
                .isEqualTo("True Synced: 2 members as declared: 1 accepted, 0 pending, 1 rejected.");
        assertThat(ready(of(share(1, null, List.of("a")), listed(List.of(member("a", MemberStatus.pending))))))
                .isEqualTo("True Synced: 1 member as declared: 0 accepted, 1 pending, 0 rejected.");
    }

    @Test
    void whatOnlyLooksSaysWhatWouldBeDone() {
        var members = List.of(member("x", MemberStatus.accepted), member("y", MemberStatus.rejected));
        var outcome =
                planned(members, List.of("a"), new Memory(true, Set.of("x"), Set.of(), Set.of(), OptionalInt.empty()));
        management = ManagementPolicy.unmanaged;
        var unmanaged = of(share(1, null, List.of("a")), outcome);
        assertThat(ready(unmanaged))
                .isEqualTo("True Observed: Only looked at: managed would add 1 and remove 2 (2 of them only once"
                        + " approved); see status.plan.");
        assertThat(unmanaged.plan()).isEqualTo(new OpenPlan(List.of("a"), List.of("x", "y"), null, null, null));

        var inOrder = planned(members, List.of("x", "y"), Memory.NONE);
        assertThat(ready(of(share(1, null, List.of("x", "y")), inOrder)))
                .isEqualTo("True Observed: Only looked at: the members are as declared.");
        assertThat(of(share(1, null, List.of("x", "y")), inOrder).plan()).isNull();
    }

    @Test
    void suspendedItSaysWhatWouldBeDoneAndApprovesNothing() {
        var members = List.of(
                member("a", MemberStatus.accepted),
                member("b", MemberStatus.accepted),
                member("c", MemberStatus.accepted),
                member("x", MemberStatus.accepted));
        var declared = List.of("a", "b", "c", "new");
        var adds = planned(members, declared, new Memory(true, Set.of(), Set.of(), Set.of(), OptionalInt.empty()));
        var suspended = suspended(share(3, null, declared));
        assertThat(ready(of(suspended, adds)))
                .isEqualTo("True Suspended: Suspended, so nothing is written to OpenStack: the operator would add 1 and"
                        + " remove 1; see status.plan. To resume, set spec.suspend to false.");
        assertThat(of(suspended, adds).plan()).isEqualTo(new OpenPlan(List.of("new"), List.of("x"), null, null, null));

        var holds = planned(members, List.of("a"), new Memory(true, Set.of(), Set.of(), Set.of(), OptionalInt.empty()));
        assertThat(of(suspended(share(3, null, List.of("a"))), holds).plan())
                .isEqualTo(new OpenPlan(null, List.of("b", "c", "x"), null, null, 4));
        assertThat(of(suspended, planned(members, List.of("a", "b", "c", "x"), Memory.NONE))
                        .plan())
                .isNull();
    }

    private ImageShare suspended(ImageShare share) {
        share.setSpec(Namespace.suspended(share.getSpec(), true));
        return share;
    }

    // ------------------------------------------------------------------ the plan

    @Test
    void whatIsHeldIsNamedWithItsHashAndWhatIsCarriedOutIsNot() {
        var members = List.of(
                member("a", MemberStatus.accepted),
                member("b", MemberStatus.accepted),
                member("c", MemberStatus.accepted));
        var held = planned(
                members, List.of("a", "new"), new Memory(true, Set.of(), Set.of(), Set.of(), OptionalInt.empty()));
        assertThat(of(share(3, null, List.of("a", "new")), held).plan())
                .isEqualTo(new OpenPlan(null, List.of("b", "c"), held.plan().hash(), null, 3));
        assertThat(held.plan().hash()).isNotEmpty();

        var passes = planned(
                members, List.of("a", "b"), new Memory(true, Set.of(), Set.of(), Set.of(), OptionalInt.empty()));
        assertThat(passes.plan().remove()).containsExactly("c");
        assertThat(of(share(3, null, List.of("a", "b")), passes).plan()).isNull();
    }

    @Test
    void whatWasApprovedIsRememberedWhileItIsCarriedOut() {
        var members = List.of(
                member("a", MemberStatus.accepted),
                member("b", MemberStatus.accepted),
                member("c", MemberStatus.accepted));
        var outcome = planned(
                members, List.of("a"), new Memory(true, Set.of(), Set.of("b", "c"), Set.of(), OptionalInt.of(3)));

        assertThat(of(share(3, null, List.of("a")), outcome).plan())
                .isEqualTo(new OpenPlan(null, null, null, List.of("b", "c"), null));
    }

    @Test
    void aPassThatMadeNoPlanForgetsNothingWithinAGeneration() {
        assertThat(of(share(4, remembering(true, null), List.of()), failed()).plan())
                .isNull();
        assertThat(of(
                                share(
                                        4,
                                        remembering(true, new OpenPlan(null, List.of("x"), "hash", null, null)),
                                        List.of()),
                                failed())
                        .plan())
                .isNull();
        assertThat(of(share(1, null, List.of()), failed()).plan()).isNull();
    }

    // ----------------------------------------------------------------- the bounds

    /** Glance on SQLite stores longer ones than the CRD allows. */
    @Test
    void whatIsTooLongForTheListIsCountedAllTheSame() {
        var longest = "x".repeat(255);
        var members = List.of(member(longest, MemberStatus.accepted), member(longest + "x", MemberStatus.accepted));
        var outcome = planned(members, List.of(), new Memory(true, Set.of(), Set.of(), Set.of(), OptionalInt.empty()));
        var status = of(share(3, null, List.of()), outcome);

        assertThat(status.members()).extracting(MemberInfo::projectID).containsExactly(longest);
        assertThat(status.plan().remove()).containsExactly(longest);
        assertThat(status.summary().undeclared()).isEqualTo(2);
    }

    /** etcd takes objects of 1.5 MiB, and a status has several lists. */
    @Test
    void eachListEndsWhereItWouldTakeMoreThanItsPart() {
        var longOnes = projects("\u0001".repeat(240), 1_000);
        var members =
                longOnes.stream().map(p -> member(p, MemberStatus.pending)).toList();
        var outcome = planned(members, List.of(), new Memory(true, Set.of(), Set.of(), Set.of(), OptionalInt.empty()));
        var status = of(share(3, null, List.of()), outcome);

        assertThat(status.members()).hasSizeBetween(250, 350);
        assertThat(status.plan().remove()).hasSizeBetween(100, 150);
        assertThat(status.summary().present()).isEqualTo(1_000);
    }

    // ----------------------------------------------------------------- the answers

    @Test
    void whileAnswersAreOutstandingTheyAreCounted() {
        var status = of(
                share(1, null, List.of("a", "b")),
                listed(List.of(member("a", MemberStatus.accepted), member("b", MemberStatus.pending))));

        var answers = status.conditions().get(1);
        assertThat(answers.status().name()).isEqualTo("False");
        assertThat(answers.reason()).isEqualTo("AnswersOutstanding");
        assertThat(answers.message()).isEqualTo("1 of 2 declared members have accepted the image.");
    }

    @Test
    void withoutAListTheAnswersStayAsTheyWere() {
        var before = of(share(1, null, List.of("a")), listed(List.of(member("a", MemberStatus.accepted))));
        var status = of(share(2, before, List.of("a", "b")), failed());

        assertThat(status.conditions()).extracting(c -> c.type()).contains("AllAccepted");
        assertThat(status.conditions().get(0).reason()).isEqualTo("CloudUnreachable");
    }

    @Test
    void theOwnerIsListedOnlyIfItIsAMember() {
        var declared = List.of("images", "a");
        assertThat(of(share(1, null, declared), listed(List.of(member("images", MemberStatus.pending))))
                        .members())
                .extracting(MemberInfo::projectID)
                .containsExactly("images", "a");
    }

    // ----------------------------------------------------------------- what is kept

    @Test
    void aStatusWithoutAnImageIsNothingToOneThatHasIt() {
        var imageless = new ImageShareStatus(
                3L,
                null,
                true,
                List.of(new MemberInfo("a", null, true, true, null, null, null, null)),
                new MemberCounts(1, 1, 0, 1, 0, 0),
                null,
                null,
                null);
        var found = outcome(IMAGE, null, Set.of(), false, null);

        assertThat(of(share(3, imageless, List.of("a")), found).members()).isNull();
        assertThat(of(share(3, imageless, List.of("a")), failed()).members()).isEqualTo(imageless.members());
    }

    @Test
    void onceAdoptedItStaysSoThroughAFailureAndAListSaysItAnew() {
        var before = remembering(true, null);
        assertThat(of(share(3, before, List.of()), failed()).adopted()).isTrue();
        assertThat(of(share(3, before, List.of()), listed(List.of())).adopted()).isFalse();
        assertThat(of(share(3, null, List.of()), failed()).adopted()).isNull();
    }

    @Test
    void aHeldDeletionHasItsHashAndKeepsTheRest() {
        var before = remembering(true, new OpenPlan(List.of("n"), null, null, null, 8));
        var held = ShareStatus.held(before, "delete-1");

        assertThat(held.plan()).isEqualTo(new OpenPlan(null, null, "delete-1", null, null));
        assertThat(held.members()).isEqualTo(before.members());
        assertThat(held.summary()).isEqualTo(before.summary());
        assertThat(held.adopted()).isTrue();
        assertThat(held.image()).isEqualTo(IMAGE);
        assertThat(held.observedGeneration()).isEqualTo(3);
        assertThat(held.lastSyncTime()).isEqualTo(before.lastSyncTime());
    }

    @Test
    void whatAPercentageIsOfIsRememberedOverGenerations() {
        var plan = new OpenPlan(null, null, null, null, 8);
        assertThat(ShareStatus.memory(remembering(true, plan), KEY, 9, Set.of()).heldBaseline())
                .hasValue(8);
        assertThat(ShareStatus.memory(remembering(true, null), KEY, 3, Set.of()).heldBaseline())
                .isEmpty();
        assertThat(ShareStatus.memory(remembering(null, null), KEY, 3, Set.of()).adopted())
                .isFalse();
        assertThat(ShareStatus.memory(remembering(true, null), KEY, 3, Set.of()).adopted())
                .isTrue();
    }
}
