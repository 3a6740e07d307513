package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.orc.Referent;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.InMemoryCache;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Problem;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Given the same status, a preview says what the operator's pass then does. */
class SharePreviewProperties {

    private static final SetReferent NO_SET = new SetReferent.Unusable(SetReferent.SetGap.NOT_SERVED);
    private static final Referent UNKNOWN = new Referent.Unresolved(Referent.Why.NOT_ASKED, "");

    private static final List<String> PROJECTS = Stream.of("a", "b", "c", "d", "e", "f")
            .map(letter -> letter.repeat(32))
            .toList();
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static EmbeddedOpenStack cloud;
    private static Clouds clouds;
    private static ExecutorService executor;

    @BeforeContainer
    static void start() {
        cloud = EmbeddedOpenStack.start();
        clouds = new Clouds(CloudSettings.defaults());
        executor = Executors.newCachedThreadPool();
    }

    @AfterContainer
    static void stop() {
        clouds.close();
        cloud.close();
        executor.shutdownNow();
    }

    private static ImageClient client() {
        return clouds.cloud("team", "", "producer", CloudConfig.parse(cloud.cloudsYaml(), "producer", null))
                .newPass();
    }

    /**
     * @param present the image's members
     * @param remembers whether there is a status
     * @param added those that the status says this object added
     * @param approves whether a person gives the hash of what is held
     */
    record Case(
            Set<String> present,
            Set<String> declared,
            Set<String> added,
            boolean remembers,
            boolean adopted,
            Set<String> approved,
            ImageShareSpec spec,
            boolean approves) {}

    @Provide
    Arbitrary<Case> cases() {
        var some = Arbitraries.of(PROJECTS).set();
        var often = Arbitraries.of(true, true, true, false);
        var managements = Arbitraries.of(
                ManagementPolicy.managed,
                ManagementPolicy.managed,
                ManagementPolicy.managed,
                ManagementPolicy.unmanaged);
        var specs = Combinators.combine(
                        Arbitraries.of(MembershipPolicy.class),
                        managements,
                        Arbitraries.of("0%", "25%", "50%", "100%"),
                        Arbitraries.of(List.<ProjectReference>of(), List.of(new ProjectReference("team-x"))))
                .as((membership, management, limit, refs) -> new ImageShareSpec(
                        new CloudCredentialsRef("s", "producer"),
                        null,
                        null,
                        refs,
                        membership,
                        management,
                        new ManagedOptions(null, new IntOrString(limit)),
                        null));
        return Combinators.combine(some, some, some, often, often, some, specs, Arbitraries.of(true, false))
                .as(Case::new);
    }

    private static ImageShare share(Case c, String image) {
        var share = new ImageShare();
        share.getMetadata().setName("x");
        share.getMetadata().setNamespace("team");
        share.getMetadata().setUid("uid-" + image);
        share.getMetadata().setGeneration(4L);
        share.getMetadata().setCreationTimestamp(NOW.toString());
        share.setSpec(new ImageShareSpec(
                c.spec.cloudCredentialsRef(),
                new ImageReference(image, null, null),
                c.declared.stream().sorted().map(DeclaredMember::new).toList(),
                c.spec.projectRefs(),
                c.spec.membershipPolicy(),
                c.spec.managementPolicy(),
                c.spec.managedOptions(),
                null));
        if (c.remembers) {
            share.setStatus(new ImageShareStatus(
                    4L,
                    new ImageInfo(image, "x", cloud.projectId("images"), "RegionOne", null, "shared", "active", null),
                    c.adopted,
                    c.added.stream()
                            .map(p -> new MemberInfo(p, null, c.declared.contains(p), true, null, null, null, null))
                            .toList(),
                    null,
                    new ImageShareStatus.OpenPlan(null, null, null, List.copyOf(c.approved), null),
                    null,
                    null));
        }
        return Serialization.unmarshal(Serialization.asYaml(share), ImageShare.class);
    }

    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void aPassDoesWhatThePreviewSays(@ForAll("cases") Case c) {
        var image = cloud.createImage("producer", "x", "shared", List.of());
        c.present.forEach(project -> cloud.addMember("producer", image, project));
        var share = share(c, image);
        if (c.approves) {
            var hash = preview(share).plan().hash();
            share.getMetadata().setAnnotations(Map.of(ImageShare.APPROVE_REMOVALS, hash.isEmpty() ? "none" : hash));
        }

        cloud.clearRequests();
        var preview = preview(share);
        assertThat(cloud.requests())
                .allMatch(call -> call.method().equals("GET") || call.path().endsWith("/tokens"));
        var outcome = new SharePass(
                        share,
                        declaration(share),
                        client(),
                        new Contention(),
                        Map.of(),
                        plan -> Map.of(),
                        noClaims(),
                        new Alone(),
                        new Alone(),
                        NOW)
                .run(
                        true,
                        new MemberWriter(
                                new MemberCalls(new ParallelCalls(executor, 4), pause -> {}), new MemberQuota()));

        var plan = preview.plan();
        if (c.spec.managementPolicy() == ManagementPolicy.unmanaged) {
            assertThat(outcome.plan()).isEqualTo(plan);
            assertThat(cloud.members("producer", image).keySet()).isEqualTo(c.present);
            return;
        }
        assertThat(outcome.addedNow()).containsExactlyInAnyOrderElementsOf(plan.add());
        assertThat(outcome.removedNow()).containsExactlyInAnyOrderElementsOf(plan.remove());
        assertThat(outcome.plan().held()).isEqualTo(plan.held());
        assertThat(outcome.plan().hash()).isEqualTo(plan.hash());
        assertThat(outcome.plan().add()).isEmpty();
        assertThat(outcome.plan().remove()).isEmpty();
        assertThat(outcome.problems())
                .extracting(Problem::reason)
                .isEqualTo(preview.problems().stream().map(Problem::reason).toList());
    }

    private static Declaration declaration(ImageShare share) {
        return Declaration.resolve(
                share.getSpec(),
                share.getStatus(),
                "team",
                new ClockCheck.ClockReading(NOW, java.util.Optional::empty),
                (kind, name) -> UNKNOWN,
                name -> NO_SET);
    }

    private static SharePreview.PreviewedShare preview(ImageShare share) {
        var preview = new SharePreview(List.of(share), key -> UNKNOWN, (namespace, name) -> NO_SET, NOW);
        preview.find(share, client());
        return preview.plan(share);
    }

    private static Claims noClaims() {
        return ClaimsTest.claims(new InMemoryCache<ImageShare>(List.of()), Clock.fixed(NOW, ZoneOffset.UTC));
    }
}
