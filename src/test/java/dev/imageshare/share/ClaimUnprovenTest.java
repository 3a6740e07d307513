package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.reconcile.InMemoryCache;
import dev.imageshare.reconcile.MovableClock;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An object that once had a claim to the image, and whose credentials died long ago, loses nobody without a person's word. */
class ClaimUnprovenTest {

    private static final String THEIRS = "a".repeat(32);
    private static final String OURS = "b".repeat(32);

    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final Clouds clouds = new Clouds(CloudSettings.defaults());
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final MovableClock clock = new MovableClock();
    private String image;
    private ImageShare self;
    private ImageShare silent;
    private Claims claims;

    @BeforeEach
    void bothDeclaredTheMember() {
        image = cloud.createImage("producer", "ubuntu", "shared", List.of());
        cloud.addMember("producer", image, THEIRS);
        cloud.addMember("producer", image, OURS);
        self = share("ours", 2, OURS);
        silent = share("theirs", 1, THEIRS);
        self.setStatus(new ImageShareStatus(
                1L,
                new ImageInfo(image, "ubuntu", cloud.projectId("images"), "RegionOne", null, "shared", "active", null),
                null,
                List.of(
                        new MemberInfo(OURS, null, true, true, null, null, null, null),
                        new MemberInfo(THEIRS, null, false, true, null, null, null, null)),
                null,
                null,
                null,
                null));
        claims = ClaimsTest.claims(new InMemoryCache<>(List.of(self, silent)), clock);
        var scope = client().scope();
        claims.prove(silent, claims.at(scope.cloud(), new ImageKey(image, scope.projectId(), scope.region())));
    }

    @AfterEach
    void stop() {
        clouds.close();
        cloud.close();
        executor.shutdownNow();
    }

    @Test
    void whileItsClaimIsProvenWhatItDeclaresStays() {
        var outcome = pass();

        assertThat(outcome.problems()).isEmpty();
        assertThat(cloud.members("producer", image)).containsOnlyKeys(OURS, THEIRS);
    }

    @Test
    void onceItLapsedTheRemovalIsHeldAndAnApprovalOfItReleasesIt() {
        clock.move(Duration.ofHours(2));

        var held = pass();
        assertThat(cloud.members("producer", image)).containsOnlyKeys(OURS, THEIRS);
        assertThat(held.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.ClaimUnproven);
            assertThat(problem.message())
                    .contains(
                            "ImageShare theirs/share declares them",
                            THEIRS,
                            "approve-removals=" + held.plan().hash());
        });

        approve(held.plan().hash());
        assertThat(pass().problems()).isEmpty();
        assertThat(cloud.members("producer", image)).containsOnlyKeys(OURS);
    }

    @Test
    void itsDeletionIsHeldToo() {
        clock.move(Duration.ofHours(2));
        self.getMetadata().setDeletionTimestamp("2026-11-21T20:00:00Z");

        var held = (RevocationResult.AwaitingApproval) revocation().run();
        assertThat(held.problem().reason()).isEqualTo(Reason.ClaimUnproven);
        assertThat(held.problem().message()).contains("ImageShare theirs/share", THEIRS, held.hash());
        assertThat(cloud.members("producer", image)).containsOnlyKeys(OURS, THEIRS);

        approve(held.hash());
        assertThat(revocation().run()).isInstanceOf(RevocationResult.Released.class);
        assertThat(cloud.members("producer", image)).isEmpty();
    }

    private void approve(String hash) {
        self.getMetadata().setAnnotations(Map.of(ImageShare.APPROVE_REMOVALS, hash));
    }

    private ImageClient client() {
        return clouds.cloud("team", "", "producer", CloudConfig.parse(cloud.cloudsYaml(), "producer", null))
                .newPass();
    }

    private ShareOutcome pass() {
        return new SharePass(
                        self,
                        Declaration.withoutReferences(self.getSpec()),
                        client(),
                        new Contention(),
                        Map.of(),
                        plan -> Map.of(),
                        claims,
                        new Alone(),
                        new Alone(),
                        clock.instant())
                .run(true, writer());
    }

    private Revocation revocation() {
        var client = client();
        return new Revocation(
                self,
                () -> client,
                writer(),
                claims,
                new Alone(),
                new Alone(),
                () -> false,
                MassDeletion.DeletionVerdict.Go::new);
    }

    private MemberWriter writer() {
        return new MemberWriter(new MemberCalls(new ParallelCalls(executor, 4), pause -> {}), new MemberQuota());
    }

    private ImageShare share(String namespace, int age, String... projects) {
        var share = ClaimsTest.share(namespace, "share", age);
        var members = new ArrayList<DeclaredMember>();
        for (var project : projects) {
            members.add(new DeclaredMember(project));
        }
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("clouds", "producer"),
                new ImageReference(image, null, null),
                members,
                null,
                MembershipPolicy.Additive,
                ManagementPolicy.managed,
                new ManagedOptions(OnDelete.delete, new IntOrString("100%")),
                "10m"));
        return share;
    }
}
