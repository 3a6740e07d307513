package dev.imageshare.site;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.openstack.Member;
import dev.imageshare.scenarios.Namespace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the pages say is what clouds and objects said. */
class SiteDataTest {

    private static final Instant NOW = Instant.parse("2026-11-27T09:00:00Z");
    private static final String ID = "11111111-2222-3333-4444-555555555555";
    private static final String OWNER = "0".repeat(32);
    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);
    private static final String C = "c".repeat(32);
    private static final String KEYSTONE = "https://keystone:443";

    private static ImageShare share(String name, List<String> declared, List<MemberInfo> members, String reason) {
        return share(name, declared, members, reason, KEYSTONE, null);
    }

    private static ImageShare share(
            String name,
            List<String> declared,
            List<MemberInfo> members,
            String reason,
            String cloud,
            ImageShareStatus.OpenPlan plan) {
        var share = new ImageShare();
        share.getMetadata().setNamespace("images");
        share.getMetadata().setName(name);
        share.getMetadata().setGeneration(1L);
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("s", "producer"),
                new ImageReference(ID, null, null),
                declared.stream().map(ImageShareSpec.DeclaredMember::new).toList(),
                null,
                MembershipPolicy.Authoritative,
                ManagementPolicy.managed,
                ManagedOptions.DEFAULTS,
                "10m"));
        var isReady = reason.equals("Synced");
        var conditions = new ArrayList<Condition>();
        conditions.add(SampleSite.condition(
                "Ready", isReady ? Condition.Status.True : Condition.Status.False, reason, "message of " + name));
        if (!isReady) {
            conditions.add(SampleSite.condition("Stalled", Condition.Status.True, reason, "message"));
        }
        share.setStatus(new ImageShareStatus(
                1L,
                new ImageInfo(ID, "ubuntu", OWNER, "north", cloud, "shared", "active", null),
                true,
                members,
                null,
                plan,
                "2026-11-27T08:00:00Z",
                conditions));
        return share;
    }

    private static MemberInfo member(String project, MemberAnswer status, boolean declared) {
        return member(project, status, declared, null);
    }

    private static MemberInfo member(String project, MemberAnswer status, boolean declared, String expiresAt) {
        return new MemberInfo(project, status, declared, true, null, expiresAt, null, "2026-11-01T00:00:00Z");
    }

    private static ImageDetails ubuntu() {
        return new ImageDetails(
                new Image(ID, "ubuntu", OWNER, "shared", "active", List.of(), Instant.parse("2026-10-01T00:00:00Z")),
                Map.of("image_family", "ubuntu-24.04", "provided_until", "2026-12-31"));
    }

    @Test
    void aClusterTellsMembersWhoDeclaresThemAndWhoIsToBecomeOne() {
        var data = new SiteDataBuilder(NOW)
                .share(share(
                        "one",
                        List.of(A, C, OWNER),
                        List.of(member(A, MemberAnswer.accepted, true), member(B, MemberAnswer.pending, false)),
                        "Synced"))
                .share(share("two", List.of(A), List.of(), "Synced"))
                .build();

        assertThat(data.images()).hasSize(1);
        var image = data.images().get(0);
        assertThat(image.file()).isEqualTo(ID);
        assertThat(image.members())
                .containsExactly(
                        new SiteMember(
                                A,
                                MemberAnswer.accepted,
                                "2026-11-01T00:00:00Z",
                                List.of("images/one", "images/two"),
                                false,
                                null,
                                false),
                        new SiteMember(B, MemberAnswer.pending, "2026-11-01T00:00:00Z", List.of(), false, null, false),
                        new SiteMember(C, null, null, List.of("images/one"), false, null, false));
        assertThat(image.answers()).isEqualTo(new Answers(1, 1, 0, 1, 1));
        assertThat(image.asOf()).isEqualTo("2026-11-27T08:00:00Z");
        assertThat(data.projects()).extracting(SiteProject::id).containsExactly(A, B, C);
        assertThat(data.projects().get(1).memberships().get(0).image()).isSameAs(image);
        assertThat(data.clouds())
                .extracting(SiteCloud::name, SiteCloud::objects, SiteCloud::images)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(KEYSTONE, 2, 1));
    }

    /** Whether the operator has looked since or not, unless it says that something declares the project still. */
    @Test
    void aMemberWhoseTimeHasComeIsNotDeclared() {
        var share = share("one", List.of(A, B, C), List.of(member(C, MemberAnswer.accepted, true)), "Synced");
        share.setSpec(Namespace.with(
                share.getSpec(),
                List.of(
                        new ImageShareSpec.DeclaredMember(A, "2026-11-27T09:00:00Z"),
                        new ImageShareSpec.DeclaredMember(B, "2026-11-27T10:00:01+01:00"),
                        new ImageShareSpec.DeclaredMember(C, "2026-11-27T08:59:00Z"))));
        var members =
                new SiteDataBuilder(NOW).share(share).build().images().get(0).members();

        assertThat(members).extracting(SiteMember::project).containsExactly(B, C);
        assertThat(members.get(1).isUndeclared()).isFalse();
    }

    /** A status lists what the operator saw; Glance's list is newer, and whole. */
    @Test
    void glanceWinsOverAStatusWhateverUrlItIsKnownBy() {
        var inGlance = List.of(
                new Member(B, dev.imageshare.openstack.MemberStatus.accepted, NOW.toString(), "2026-11-20T00:00:00Z"));
        var data = new SiteDataBuilder(NOW)
                .cloud("producer", "north", "https://other:5000")
                .image("producer", "north", "https://other:5000", ubuntu(), false, inGlance)
                .share(share("one", List.of(A), List.of(member(A, MemberAnswer.accepted, true)), "Synced"))
                .build();

        assertThat(data.images()).hasSize(1);
        var image = data.images().get(0);
        assertThat(image.asOf()).isNull();
        assertThat(image.facts().family()).isEqualTo("ubuntu-24.04");
        assertThat(image.members())
                .containsExactly(
                        new SiteMember(A, null, null, List.of("images/one"), false, null, false),
                        new SiteMember(
                                B, MemberAnswer.accepted, "2026-11-20T00:00:00Z", List.of(), false, null, false));
        assertThat(image.shares().get(0).imageFile()).isEqualTo(image.file());
    }

    /** As Keystone says itself, of this cloud, or a ProjectSet beside an ImageShare of the image does. */
    @Test
    void whomKeystoneNoLongerHasIsToldAsSuch() {
        var members = List.of(member(A, MemberAnswer.accepted, true), member(B, MemberAnswer.pending, true));
        var bySets = new SiteDataBuilder(NOW)
                .share(share("one", List.of(A, B), members, "Synced"))
                .projectSet(set("images", KEYSTONE, A))
                .projectSet(set("other", KEYSTONE, B))
                .projectSet(set("images", "https://other:5000", B))
                .build();
        assertThat(bySets.images().get(0).members())
                .extracting(SiteMember::gone)
                .containsExactly(true, false);
        assertThat(PageText.label(bySets.images().get(0).members().get(0))).isEqualTo("accepted, not in Keystone");
        assertThat(PageText.css(bySets.images().get(0).members().get(0))).isEqualTo("accepted gone");

        var asked = new SiteDataBuilder(NOW)
                .cloud("producer", "north", KEYSTONE)
                .image(
                        "producer",
                        "north",
                        KEYSTONE,
                        ubuntu(),
                        false,
                        List.of(
                                new Member(
                                        A,
                                        dev.imageshare.openstack.MemberStatus.pending,
                                        NOW.toString(),
                                        NOW.toString()),
                                new Member(
                                        B,
                                        dev.imageshare.openstack.MemberStatus.pending,
                                        NOW.toString(),
                                        NOW.toString())))
                .notInKeystone("https://other:5000", Set.of(A))
                .notInKeystone(KEYSTONE, Set.of(B))
                .build();
        assertThat(asked.images().get(0).members()).extracting(SiteMember::gone).containsExactly(false, true);
    }

    private static ProjectSet set(String namespace, String keystone, String gone) {
        var set = new ProjectSet();
        set.getMetadata().setNamespace(namespace);
        set.getMetadata().setName("consumers");
        set.setStatus(new ProjectSetStatus(
                1L,
                keystone,
                null,
                true,
                List.of(new ProjectSetStatus.SetProject(gone, null, null, null, null, null, null, true)),
                null,
                null,
                null,
                null,
                null,
                null,
                null));
        return set;
    }

    @Test
    void withoutAClusterNobodyIsCalledUndeclared() {
        var data = new SiteDataBuilder(NOW)
                .cloud("producer", "north", KEYSTONE)
                .image(
                        "producer",
                        "north",
                        KEYSTONE,
                        ubuntu(),
                        false,
                        List.of(new Member(
                                A, dev.imageshare.openstack.MemberStatus.pending, NOW.toString(), NOW.toString())))
                .build();

        assertThat(data.clusterAsked()).isFalse();
        assertThat(data.images().get(0).members().get(0).declaredBy()).isNull();
        assertThat(data.images().get(0).answers().undeclared()).isZero();
    }

    @Test
    void heldRemovalsComeWithTheCommandThatApprovesThem() {
        var held = new ImageShareStatus.OpenPlan(null, List.of(B), "0a1b2c", null, null);
        var members = List.of(member(A, MemberAnswer.accepted, true), member(B, MemberAnswer.accepted, false));

        var data = new SiteDataBuilder(NOW)
                .share(share("one", List.of(A), members, "RemovalHeld", KEYSTONE, held))
                .build();

        var share = data.shares().get(0);
        assertThat(share.health()).isEqualTo(Health.needsPerson);
        assertThat(share.approval())
                .isEqualTo(
                        "kubectl annotate --overwrite -n images imageshare one imageshare.dev/approve-removals=0a1b2c");
        assertThat(data.images().get(0).members()).extracting(SiteMember::held).containsExactly(false, true);
        // A plan of what managed would do isn't held, and what is no hash is in no command.
        assertThat(new SiteDataBuilder(NOW)
                        .share(share("one", List.of(A), members, "Synced", KEYSTONE, held))
                        .build()
                        .shares()
                        .get(0)
                        .approval())
                .isNull();
        assertThat(new SiteDataBuilder(NOW)
                        .share(share(
                                "one",
                                List.of(A),
                                members,
                                "RemovalHeld",
                                KEYSTONE,
                                new ImageShareStatus.OpenPlan(null, List.of(B), "x; rm -rf /", null, null)))
                        .build()
                        .shares()
                        .get(0)
                        .approval())
                .isNull();
    }

    /** Of two that declare one project the later end counts, and none beats all; one that has come declares nothing. */
    @Test
    void accessThatEndsByItselfIsToldWithItsEnd() {
        var soon = "2026-12-01T00:00:00Z";
        var later = "2027-03-01T00:00:00Z";
        var one = share(
                "one",
                List.of(A, B, C),
                List.of(
                        member(A, MemberAnswer.accepted, true, soon),
                        member(B, MemberAnswer.accepted, true, soon),
                        member(C, MemberAnswer.accepted, false, "2026-11-01T00:00:00Z")),
                "Synced");
        var two = share(
                "two",
                List.of(A, B),
                List.of(member(A, MemberAnswer.accepted, true, later), member(B, null, true)),
                "Synced");

        var members = new SiteDataBuilder(NOW)
                .share(one)
                .share(two)
                .build()
                .images()
                .get(0)
                .members();

        assertThat(members).extracting(SiteMember::expiresAt).containsExactly(later, null, null);
        assertThat(members.get(2).isUndeclared()).isTrue();
    }

    @Test
    void oneImageOfTwoCloudsIsTwoWithPagesOfTheirOwn() {
        var data = new SiteDataBuilder(NOW)
                .share(share("one", List.of(A), List.of(), "Synced", "https://k1:443", null))
                .share(share("two", List.of(B), List.of(), "Synced", "https://k2:443", null))
                .build();

        assertThat(data.images()).hasSize(2);
        assertThat(data.images())
                .extracting(SiteImage::file)
                .doesNotHaveDuplicates()
                .contains(ID);
    }

    @Test
    void theOrderInWhichObjectsComeSaysNothing() {
        var sample = new SampleSite(12, 8);
        var forward = new SiteDataBuilder(NOW);
        sample.shares().forEach(forward::share);
        sample.acceptances().forEach(forward::acceptance);
        var shares = new ArrayList<>(sample.shares());
        var acceptances = new ArrayList<>(sample.acceptances());
        Collections.reverse(shares);
        Collections.reverse(acceptances);
        var backward = new SiteDataBuilder(NOW);
        acceptances.forEach(backward::acceptance);
        shares.forEach(backward::share);

        var one = forward.build();
        var other = backward.build();

        assertThat(other.images()).isEqualTo(one.images());
        assertThat(other.projects()).isEqualTo(one.projects());
        assertThat(other.shares()).isEqualTo(one.shares());
        assertThat(other.acceptances()).isEqualTo(one.acceptances());
    }

    @Test
    void anObjectThatWasNotLookedAtSinceItsChangeIsNotCalledInOrder() {
        var share = share("one", List.of(A), List.of(), "Synced");
        share.getMetadata().setGeneration(2L);
        var fresh = new ImageShare();
        fresh.getMetadata().setNamespace("images");
        fresh.getMetadata().setName("fresh");

        var data = new SiteDataBuilder(NOW).share(share).share(fresh).build();

        assertThat(data.shares()).extracting(SiteShare::health).containsExactly(Health.notLookedAt, Health.notLookedAt);
        assertThat(data.clouds()).extracting(SiteCloud::name).containsExactly(KEYSTONE, CloudBook.UNKNOWN);
    }

    @Test
    void aCloudThatNoObjectReachesIsCalledSo() {
        var unreachable = share("one", List.of(A), List.of(), "CloudUnreachable");
        var alone = new SiteDataBuilder(NOW).share(unreachable).build();
        var beside = new SiteDataBuilder(NOW)
                .share(unreachable)
                .share(share("two", List.of(A), List.of(), "Synced"))
                .build();

        assertThat(alone.clouds().get(0).reach()).isEqualTo(SiteCloud.Reach.unreachable);
        assertThat(beside.clouds().get(0).reach()).isEqualTo(SiteCloud.Reach.partly);
        assertThat(beside.clouds().get(0).errors().get(0).example()).isEqualTo("message of one");
    }
}
