package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static dev.imageshare.scenarios.RotationTeam.cloud;
import static dev.imageshare.scenarios.RotationTeam.spec;
import static dev.imageshare.scenarios.RotationTeam.withClouds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.From;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.OfferFilter;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ImagePhase;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.embedded.RealOpenStackLab.Access;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The scenarios on real services, with the rights that the component grants, and a year of rotation on two Glances: each month is
 * some seconds. The year is played with {@code -Drotation.families=4}, or as many as the machine can.
 */
class ImageShareSetRealIT extends ImageShareSetScenarios {

    private static final int MONTHS = 12;
    private static final int KEEP = 3;
    private static final Duration RETIRE_AFTER = Duration.ofSeconds(3);

    @Override
    World newWorld() {
        return new RealWorld(RealOpenStackLab.standard(), EnumSet.of(OptionalKind.ImageShareSet));
    }

    /** One region of the year. */
    private record Region(String name, RealOpenStackLab lab, List<String> consumers) {
        String newImage(String tag, String family, int month) {
            return lab.createImage(
                    "producer",
                    family,
                    "shared",
                    List.of(tag),
                    Map.of("image_family", family, "image_build_date", "2026-%02d-01".formatted(month)));
        }
    }

    @Test
    void twelveMonthsInTwoRegions() {
        var given = Integer.getInteger("rotation.families");
        assumeTrue(given != null, "run with -Drotation.families=4");
        var families = (int) given;
        var tag = "year-" + UUID.randomUUID();
        var standard = RealOpenStackLab.standard();
        var strict = RealOpenStackLab.strict();
        try {
            var regions = List.of(region("north", standard), region("south", strict));
            var team = new RotationTeam(world());
            team.namespace.secret("south", Map.of("clouds.yaml", strict.cloudsYaml()));
            accept(team, "north", "clouds", standard, tag);
            accept(team, "south", "south", strict, tag);
            // By region and family, the months' images.
            var images = new HashMap<String, List<String>>();
            var all = new HashMap<String, Set<String>>();
            newMonth(regions, tag, families, 1, images, all);
            var consumers = new ArrayList<>(regions.get(0).consumers());
            consumers.addAll(regions.get(1).consumers());
            var spec = withClouds(
                    spec(tag, KEEP, RETIRE_AFTER.toSeconds() + "s", consumers),
                    cloud("north", "clouds", "producer"),
                    cloud("south", "south", "producer"));
            team.declare(spec);
            for (var month = 1; month <= MONTHS; month++) {
                if (month > 1) {
                    newMonth(regions, tag, families, month, images, all);
                }
                var begun = Instant.now();
                var newest = month - 1;
                await().atMost(Duration.ofMinutes(5))
                        .pollInterval(Duration.ofMillis(200))
                        .untilAsserted(() -> {
                            var set = team.get();
                            assertThat(set.getStatus()).isNotNull();
                            assertThat(set.getStatus().images()).isNotNull();
                            assertThat(set.getStatus().images().stream()
                                            .filter(image -> image.phase() == ImagePhase.Current)
                                            .map(RotatedImage::id))
                                    .containsExactlyInAnyOrderElementsOf(images.values().stream()
                                            .map(each -> each.get(newest))
                                            .toList());
                            assertThat(set.getStatus().summary().inOrder())
                                    .as(RotationTeam.ready(set).message())
                                    .isEqualTo(set.getStatus().summary().images());
                        });
                var later = month;
                await().atMost(Duration.ofMinutes(5))
                        .pollInterval(Duration.ofMillis(200))
                        .untilAsserted(() -> assertThat(team.get().getStatus().images())
                                .as("those beyond keep are retired")
                                .hasSize(images.size() * Math.min(KEEP, later)));
                System.out.printf(
                        "month %d: %d images in order, retired beyond %d, after %d ms%n",
                        month,
                        images.size(),
                        KEEP,
                        Duration.between(begun, Instant.now()).toMillis());
            }
            team.awaitSynced();
            eventually(() -> images.forEach((family, months) -> {
                var region = regions.get(family.startsWith("north") ? 0 : 1);
                assertThat(region.lab().members("producer", months.get(MONTHS - 1)))
                        .containsEntry(region.consumers().get(0), "accepted");
            }));
            regions.forEach(region -> judge(region, images, all.get(region.name())));
            assertThat(team.namespace
                            .client
                            .v1()
                            .events()
                            .inNamespace(team.namespace.name)
                            .list()
                            .getItems())
                    .as("no retirement was held")
                    .noneMatch(event -> event.getReason().equals(Reason.RemovalHeld.name()));

            // A set that is deleted takes its ImageShares with it, where Kubernetes collects garbage.
            if (((RealWorld) world()).cluster.hasNamespaceController()) {
                team.at().withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
                eventually(() -> assertThat(team.get()).isNull());
                assertThat(team.shares()).hasSize(images.size() * KEEP);
                team.declare(spec);
                team.awaitSynced();
                assertThat(team.shares())
                        .as("a new set adopts what another left")
                        .hasSize(images.size() * KEEP)
                        .allSatisfy(share -> assertThat(share.getMetadata().getOwnerReferences())
                                .extracting(owner -> owner.getUid())
                                .containsExactly(team.get().getMetadata().getUid()));
            }
        } finally {
            strict.close();
            standard.close();
        }
    }

    private static Region region(String name, RealOpenStackLab lab) {
        return new Region(name, lab, List.of(lab.projectId("consumer-a"), lab.projectId("consumer-b")));
    }

    private static void newMonth(
            List<Region> regions,
            String tag,
            int families,
            int month,
            Map<String, List<String>> images,
            Map<String, Set<String>> all) {
        for (var region : regions) {
            for (var i = 0; i < families; i++) {
                var id = region.newImage(tag, "family-" + i, month);
                images.computeIfAbsent(region.name() + "/family-" + i, f -> new ArrayList<>())
                        .add(id);
                all.computeIfAbsent(region.name(), r -> new HashSet<>()).add(id);
            }
        }
    }

    /** The consumer's answers follow by themselves. */
    private static void accept(RotationTeam team, String name, String secret, RealOpenStackLab lab, String tag) {
        var acceptance = new ImageAcceptance();
        acceptance.getMetadata().setNamespace(team.namespace.name);
        acceptance.getMetadata().setName(name);
        acceptance.setSpec(new ImageAcceptanceSpec(
                new CloudCredentialsRef(secret, "consumer-a"),
                null,
                new From(List.of(lab.projectId("images")), new OfferFilter(null, List.of(tag))),
                MemberAnswer.accepted,
                "2s",
                false));
        team.namespace.client.resource(acceptance).create();
    }

    /** What Glance's own record says: who was removed when, and what was shared by then. */
    private static void judge(Region region, Map<String, List<String>> images, Set<String> ids) {
        var writes = region.lab().memberWriteAccesses(ids);
        var shared = new HashMap<String, Map<Integer, Instant>>();
        var counts = new HashMap<String, Integer>();
        for (var access : writes) {
            if (access.method().equals("POST") && access.status() == 200) {
                var id = imageOf(access);
                shared.computeIfAbsent(id, i -> new HashMap<>()).put(counts.merge(id, 1, Integer::sum), access.at());
            }
        }
        var consumers = 4; // those of both regions are declared in both
        var judged = 0;
        for (var access : writes) {
            if (!access.method().equals("DELETE")) {
                continue;
            }
            var id = imageOf(access);
            var months = images.entrySet().stream()
                    .filter(each -> each.getKey().startsWith(region.name() + "/")
                            && each.getValue().contains(id))
                    .findFirst()
                    .orElseThrow()
                    .getValue();
            var successor = months.indexOf(id) + KEEP;
            assertThat(successor)
                    .as("%s had a successor beyond %d when it was removed", id, KEEP)
                    .isLessThan(MONTHS);
            var whole = shared.get(months.get(successor)).get(consumers);
            assertThat(whole).as("the successor of %s was shared with all", id).isNotNull();
            assertThat(access.at())
                    .as("%s was not removed before it was due", id)
                    .isAfterOrEqualTo(whole.truncatedTo(ChronoUnit.SECONDS).plus(RETIRE_AFTER.minusSeconds(1)));
            judged++;
        }
        assertThat(judged)
                .as("each of the months beyond keep was retired, by one removal a member")
                .isEqualTo((images.size() / 2) * (MONTHS - KEEP) * consumers);
        System.out.printf("%s: %d removals judged%n", region.name(), judged);
    }

    private static String imageOf(Access access) {
        return access.path().split("/")[3];
    }

    @Test
    void aSetThatIsDeletedTakesItsSharesWithIt() {
        assumeTrue(
                ((RealWorld) world()).cluster.hasNamespaceController(), "needs a KUBECONFIG with a controller-manager");
        var team = new RotationTeam(world());
        var lab = world().openstack();
        var tag = "deleted-" + UUID.randomUUID();
        var consumer = lab.projectId("consumer-a");
        for (var propagation : List.of(DeletionPropagation.BACKGROUND, DeletionPropagation.FOREGROUND)) {
            var id = lab.createImage(
                    "producer",
                    "ubuntu",
                    "shared",
                    List.of(tag),
                    Map.of("image_family", "ubuntu", "image_build_date", "2026-01-31"));
            team.declare(spec(tag, 1, "720h", List.of(consumer)));
            eventually(() -> assertThat(RotationTeam.ids(team.get())).contains(id));
            team.awaitSynced();
            team.at().withPropagationPolicy(propagation).delete();
            eventually(() -> assertThat(team.get()).isNull());
            eventually(() -> assertThat(team.shares()).isEmpty());
            assertThat(lab.members("producer", id)).isEmpty();
            lab.deleteImage("producer", id);
        }
    }
}
