package dev.imageshare.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShareSetStatus.ImagePhase;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus.RotatedImage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What holds in any life of a set, whatever its images, its clouds, its people and its status do. */
class RotationPlanProperties {

    private static final Duration RETIRE_AFTER = Duration.ofHours(10);

    private final class Life {
        final RotationHistory set = new RotationHistory();
        final Random random;
        final int keep;
        final Map<String, Instant> inOrderSince = new HashMap<>();
        final Set<String> approvedNow = new HashSet<>();
        int built;

        Life(long seed) {
            random = new Random(seed);
            keep = 1 + random.nextInt(3);
            set.declare(RotationHistory.spec(
                    keep, "10h", List.of("0%", "25%", "100%").get(random.nextInt(3))));
            set.declare(set.withClouds("north", "south"));
            for (var i = 0; i < 3; i++) {
                newImage();
            }
        }

        void newImage() {
            set.image(random.nextBoolean() ? "north" : "south", "family-" + random.nextInt(3), ++built);
        }

        String any() {
            var all = new TreeSet<String>();
            set.clouds.values().forEach(images -> all.addAll(images.keySet()));
            return all.isEmpty() ? null : List.copyOf(all).get(random.nextInt(all.size()));
        }

        void change() {
            var id = any();
            if (id == null) {
                return;
            }
            set.clouds.forEach((cloud, images) -> {
                var image = images.get(id);
                if (image != null) {
                    var family = image.properties().get("family");
                    var order = image.properties().get("built");
                    set.put(
                            cloud,
                            id,
                            random.nextInt(8) == 0 ? null : family == null ? "family-0" : family,
                            random.nextInt(8) == 0 ? "x" : order == null ? "1" : order,
                            List.of("shared", "shared", "shared", "private", "public")
                                    .get(random.nextInt(5)),
                            List.of("active", "active", "deactivated").get(random.nextInt(3)),
                            random.nextInt(4) == 0 ? "other" : "golden");
                }
            });
        }

        void step() {
            switch (random.nextInt(16)) {
                case 0, 1, 2 -> newImage();
                case 3, 4 -> change();
                case 5 -> {
                    var id = any();
                    set.clouds.values().forEach(images -> images.remove(String.valueOf(id)));
                }
                case 6 -> set.failing.add(random.nextBoolean() ? "north" : "south");
                case 7 -> set.failing.clear();
                case 8 -> {
                    var id = any();
                    if (id != null) {
                        set.unlisted.add(id);
                    }
                }
                case 9 -> set.unlisted.clear();
                case 10 -> {
                    var id = any();
                    if (id != null) {
                        set.stuck.add(id);
                    }
                }
                case 11 -> set.stuck.clear();
                case 12 -> set.status = random.nextInt(4) == 0 ? null : set.status;
                case 13 ->
                    set.approval = set.status == null || set.status.plan() == null
                            ? null
                            : set.status.plan().hash();
                case 14 -> set.shares.keySet().removeIf(name -> random.nextInt(10) == 0);
                default ->
                    set.declare(
                            random.nextInt(3) == 0 ? set.with(set.filter("other")) : set.with(set.filter("golden")));
            }
            set.after(Duration.ofMinutes(random.nextInt(400)));
        }
    }

    @Property(tries = 150)
    void nothingThatIsWantedGoesAndNothingGoesBeforeItIsDueOrApproved(@ForAll long seed) {
        var life = new Life(seed);
        var set = life.set;
        for (var i = 0; i < 40; i++) {
            life.step();
            var before = set.status;
            var sharesBefore = new HashMap<>(set.shares);
            var plan = set.pass();

            var listed = new HashSet<String>();
            plan.images().forEach(image -> assertThat(listed.add(image.share())).isTrue());
            plan.create().forEach(image -> assertThat(listed).contains(image.share()));
            plan.delete().forEach(share -> {
                var name = share.getMetadata().getName();
                assertThat(listed).as("what goes isn't wanted any more").doesNotContain(name);
                assertThat(plan.release()).anyMatch(released -> released.name().equals(name));
                var cloud =
                        ShareNames.read(RotationHistory.SET, name).orElseThrow().cloud();
                assertThat(set.failing).doesNotContain(cloud);
            });
            for (var name : plan.retired()) {
                var entry = before.images().stream()
                        .filter(image -> image.share().equals(name))
                        .findFirst()
                        .orElseThrow();
                assertThat(entry.phase()).isEqualTo(ImagePhase.Retiring);
                assertThat(Instant.parse(entry.supersededAt()).plus(RETIRE_AFTER))
                        .isBeforeOrEqualTo(set.now);
                assertThat(plan.images().stream()
                                .filter(image -> image.cloud().equals(entry.cloud()))
                                .filter(image ->
                                        image.family() != null && image.family().equals(entry.family()))
                                .filter(image -> image.phase() != ImagePhase.Retiring)
                                .filter(image -> isInOrder(sharesBefore, image)))
                        .as("its successors are in order")
                        .hasSizeGreaterThanOrEqualTo(life.keep);
            }
            for (var name : plan.gone()) {
                var id = ShareNames.read(RotationHistory.SET, name).orElseThrow();
                assertThat(set.clouds.get(id.cloud())).doesNotContainKey(id.imageId());
            }
            if (plan.held() != null && !plan.held().hash().equals(set.approval)) {
                assertThat(plan.left()).as("either all or none").isEmpty();
                assertThat(plan.images())
                        .extracting(RotatedImage::share)
                        .containsAll(plan.held().remove());
            }
            if (!plan.left().isEmpty() && set.approval == null) {
                var had = sharesBefore.size();
                assertThat(plan.left().size())
                        .isLessThanOrEqualTo(
                                ImageShareSetRules.limit(set.spec).orElseThrow().of(had));
            }
            assertThat(set.look()).as("the same input gives the same plan").isEqualTo(set.look());
            set.settle();
        }
    }

    private static boolean isInOrder(Map<String, dev.imageshare.api.v1alpha1.ImageShare> shares, RotatedImage image) {
        var share = shares.get(image.share());
        return share != null
                && share.getStatus() != null
                && share.getStatus().conditions().get(0).reason().equals("Synced");
    }

    @Property(tries = 100)
    void onceAllIsWellTheNewestAreSharedAndNothingElseButWhatIsHeld(@ForAll long seed) {
        var life = new Life(seed);
        var set = life.set;
        for (var i = 0; i < 25; i++) {
            life.step();
            set.pass();
            set.settle();
        }
        set.failing.clear();
        set.unlisted.clear();
        set.stuck.clear();
        set.clouds.forEach((cloud, images) -> List.copyOf(images.keySet())
                .forEach(id -> set.put(
                        cloud,
                        id,
                        "family",
                        Integer.toString(1 + Math.floorMod(id.hashCode(), 100_000)),
                        "shared",
                        "active",
                        "golden")));
        set.declare(set.with(set.filter("golden")));
        for (var i = 0; i < 6; i++) {
            set.passes();
            set.after(Duration.ofHours(11));
            set.approval = set.status.plan() == null ? null : set.status.plan().hash();
        }
        var plan = set.passes();

        set.clouds.forEach((cloud, images) -> assertThat(
                        plan.images().stream().filter(image -> image.cloud().equals(cloud)))
                .as(cloud)
                .hasSize(Math.min(life.keep, images.size())));
        assertThat(plan.isSettled()).isTrue();
        assertThat(set.shares.keySet())
                .isEqualTo(new TreeSet<>(
                        plan.images().stream().map(RotatedImage::share).toList()));
    }
}
