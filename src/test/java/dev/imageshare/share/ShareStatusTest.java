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
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
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
        return new Member(project, status, NOW, NOW);
    }

    private static ShareOutcome listed(List<Member> members) {
        var outcome = new ShareOutcome();
        outcome.image = IMAGE;
        outcome.members = members;
        return outcome;
    }

    private static ShareOutcome failed() {
        var outcome = new ShareOutcome();
        outcome.problems.add(Problem.of(Reason.CloudUnreachable, "no connection"));
        return outcome;
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

    @Property
    void timesAreWrittenAsJavaWritesThem(
            @ForAll @LongRange(min = -70_000_000_000L, max = 300_000_000_000L) long second,
            @ForAll @IntRange(max = 2) int nanos) {
        var time = Instant.ofEpochSecond(second, Math.max(0, nanos - 1));

        assertThat(ShareStatus.text(time)).isEqualTo(time.toString());
    }

    @Test
    void aListIsCutToAThousandOfWhichTheDeclaredComeFirstThenTheAddedAndTheSummaryCountsAll() {
        var declared = projects("declared", 900);
        var members = new ArrayList<Member>();
        projects("foreign", 200).forEach(p -> members.add(member(p, MemberStatus.rejected)));
        projects("added", 60).forEach(p -> members.add(member(p, MemberStatus.accepted)));
        declared.forEach(p -> members.add(member(p, MemberStatus.pending)));
        var outcome = listed(members);
        outcome.added.addAll(projects("added", 60));

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
        var inOrder = listed(List.of());
        inOrder.adopted = true;
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
        var outcome = failed();
        outcome.image =
                new ImageInfo("2" + ID.substring(1), "ubuntu", "images", "RegionOne", null, "shared", "active", null);
        var before = remembering(true, new OpenPlan(null, null, "hash", List.of("x"), 8));

        var status = of(share(3, before, List.of()), outcome);

        assertThat(status.image()).isEqualTo(outcome.image);
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
        var outcome = listed(List.of(member("a", MemberStatus.pending), member("x", MemberStatus.pending)));
        outcome.plan = MembershipPlan.of(
                new Desired(List.of("a", "new"), Policy.AUTHORITATIVE, Set.of(), Set.of(), Set.of(), false),
                Observed.of(ID, "images", List.of("a", "w", "x", "y")),
                new Guard(new RemovalLimit(25, true), "uid", 3, null, false),
                ShareStatus.memory(before, KEY, 3, Set.of()));

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
        var outcome = failed();
        outcome.problems.add(Problem.of(Reason.QuotaExceeded, "full"));

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
}
