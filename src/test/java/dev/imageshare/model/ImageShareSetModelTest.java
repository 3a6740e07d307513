package dev.imageshare.model;

import static dev.imageshare.scenarios.Namespace.secretOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.FamilyBy;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageCloud;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageFamily;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageOrder;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageSelection;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.OrderType;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.SetFilter;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.SetOptions;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ShareTemplate;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.TemplateSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.faults.CloudCall;
import dev.imageshare.faults.CloudFault;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.scenarios.Namespace;
import dev.imageshare.share.ShareSettings;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Random lives of a set and its ImageShares over the real HTTP of an embedded Keystone, Glance and Kubernetes API, on one thread
 * with a clock of its own: images come, change and go, in two clouds; people edit and delete sets and shares; calls fail, lists
 * lie, statuses are lost, the process is killed. No member that the template declares loses an image that the set wants, and
 * none loses one before the newer ones of its family are shared with it; and once all is well again just what is wanted is shared.
 * It prints its first seed; a sequence that fails names its own: {@code -Drotation.seed=… -Drotation.sequences=1}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageShareSetModelTest {

    private static final String SET = "golden";
    private static final Duration RETIRE_AFTER = Duration.ofHours(10);

    private ModelWorld world;

    @BeforeAll
    void start() {
        world = new ModelWorld();
        world.api.installCrds(Path.of("crds/image-share-sets"));
    }

    @AfterAll
    void stop() {
        world.close();
    }

    @Test
    void nobodyLosesWhatIsWantedAndThereIsNoGap() {
        // A seed doesn't fix the UUIDs, by which equal things are ordered; some seconds each.
        assumeTrue(System.getProperty("rotation.sequences") != null, "run with -Drotation.sequences=100");
        var given = Long.getLong("rotation.seed");
        var first = given == null ? new Random().nextLong(1_000_000) : given;
        System.out.println("ImageShareSetModelTest: rotation.seed=" + first);
        for (var i = 0; i < Integer.getInteger("rotation.sequences", 2); i++) {
            var life = new Life(first + i);
            try {
                life.play();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "rotation.seed=" + (first + i) + ": " + e + "\n" + String.join("\n", life.story), e);
            } finally {
                life.end();
            }
        }
    }

    /**
     * The set let an ImageShare go whose image is private for a while, and is edited back before the image is shared again: the
     * ImageShare must not leave its members to a set that may not want the image any more.
     */
    @Test
    void whoseDeletionWaitsIsLookedAtByTheSetAgainBeforeItsMembersAreKept() {
        var life = new Life(7);
        try {
            for (var i = 0; i < 4; i++) {
                life.newImage();
            }
            life.passes(60);
            var known = life.shares().stream()
                    .map(share -> share.getSpec().image().id())
                    .toList();
            var hidden = known.get(0);
            var owner = life.images.get(hidden).owner;
            world.cloud.setVisibility(owner, hidden, "private");
            life.images.get(hidden).visibility = "private";
            life.typo();
            life.passes(20);
            life.approve();
            life.passes(60);
            var waiting = life.shares();
            assertThat(waiting)
                    .extracting(share -> share.getSpec().image().id())
                    .containsExactly(hidden);
            assertThat(waiting).allMatch(ImageShare::isMarkedForDeletion);

            // Newer ones of its family came meanwhile, so the set has no use for it.
            for (var i = 0; i < 12; i++) {
                life.newImage();
            }
            world.cloud.setVisibility(owner, hidden, "shared");
            life.images.get(hidden).visibility = "shared";
            life.typo();
            life.tell();
            life.operator.pass(new DrivenOperator.Ref(
                    "ImageShare",
                    life.namespace + "/" + waiting.get(0).getMetadata().getName()));

            assertThat(life.shares()).as("it waits for its set").hasSize(1);
            assertThat(world.cloud.members(owner, hidden)).isNotEmpty();
            life.heal();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(e + "\n" + String.join("\n", life.story), e);
        } finally {
            life.end();
        }
    }

    /** An image, as this test knows it. */
    private static final class Known {
        final String owner;
        String family;
        int built;
        String visibility = "shared";
        boolean active = true;
        boolean tagged = true;

        Known(String owner, String family, int built) {
            this.owner = owner;
            this.family = family;
            this.built = built;
        }
    }

    private final class Life {
        final List<String> story = new ArrayList<>();
        private final Random random;
        private final String namespace;
        private final String tag;
        private final long seed;
        private final CountDownLatch end = new CountDownLatch(1);
        private final Map<String, Known> images = new LinkedHashMap<>();
        private final Set<String> template = new TreeSet<>();

        /** Images whose ImageShare lost its status, and hasn't seen their members since. */
        private final Set<String> forgotten = new TreeSet<>();

        /**
         * Images whose ImageShare went without knowing what it had added, or while Glance said that there is no such image: what a
         * new one doesn't know to be its own, it leaves alone.
         */
        private final Set<String> left = new TreeSet<>();

        /** Whether Glance says of each image that there is none. */
        private boolean deniesImages;

        private final List<String> projects;
        private final int keep;
        private String filterTag;
        private DrivenOperator operator;
        private int built;

        Life(long seed) {
            this.seed = seed;
            random = new Random(seed);
            world.begin();
            namespace = world.next("rotation");
            tag = "golden-" + namespace;
            filterTag = tag;
            keep = 1 + random.nextInt(2);
            projects =
                    List.of(world.cloud.projectId("consumer-a"), world.cloud.projectId("consumer-b"), "c".repeat(32));
            template.addAll(projects.subList(0, 2));
            world.api.create(
                    Secret.class, secretOf(namespace, "clouds", Map.of("clouds.yaml", world.cloud.cloudsYaml())));
            for (var i = 0; i < 3; i++) {
                newImage();
            }
            var set = new ImageShareSet();
            set.getMetadata().setNamespace(namespace);
            set.getMetadata().setName(SET);
            set.setSpec(spec());
            world.api.create(ImageShareSet.class, set);
            restart();
        }

        void play() {
            passes(30);
            for (var i = 0; i < 25; i++) {
                story.add(world.clock.instant() + " " + step());
                passes(random.nextInt(12));
            }
            heal();
        }

        void end() {
            endFaults();
            operator.close();
            images.forEach((id, image) -> world.cloud.deleteImage(image.owner, id));
        }

        // -------------------------------------------------------------- steps

        private String step() {
            return switch (random.nextInt(24)) {
                case 0, 1, 2, 3 -> newImage();
                case 4 -> rename();
                case 5 -> activity();
                case 6 -> visibility();
                case 7 -> delete();
                case 8 -> editShare();
                case 9, 10 -> deleteShare();
                case 11 -> typo();
                case 12 -> approve();
                case 13 -> loseStatus();
                case 14, 15 -> {
                    restart();
                    yield "killed";
                }
                case 16, 17, 18 -> failingCall();
                case 19 -> failingApi();
                case 20 -> editMembers();
                case 21 -> {
                    var time = Duration.ofMinutes(random.nextInt(30, 900));
                    world.clock.move(time);
                    yield "time passes: " + time;
                }
                default -> {
                    endFaults();
                    yield "faults end";
                }
            };
        }

        private String newImage() {
            var owner = random.nextInt(3) == 0 ? "stranger" : "producer";
            var image = new Known(owner, "family-" + random.nextInt(2), ++built);
            var id = world.cloud.createImage(
                    owner,
                    image.family + "-" + built,
                    "shared",
                    List.of(tag),
                    Map.of("image_family", image.family, "built", Integer.toString(built)));
            images.put(id, image);
            return "new image " + id + " of " + image.family + " of " + owner;
        }

        private String any() {
            return images.isEmpty() ? null : List.copyOf(images.keySet()).get(random.nextInt(images.size()));
        }

        private String rename() {
            var id = any();
            if (id == null) {
                return "nothing";
            }
            var image = images.get(id);
            image.built = -1;
            world.cloud.setProperty(image.owner, id, "built", "soon");
            return id + " can't be put in order";
        }

        private String activity() {
            var id = any();
            if (id == null) {
                return "nothing";
            }
            var image = images.get(id);
            image.active = !image.active;
            if (image.active) {
                world.cloud.reactivate(id);
            } else {
                world.cloud.deactivate(id);
            }
            return id + " active: " + image.active;
        }

        private String visibility() {
            var id = any();
            if (id == null) {
                return "nothing";
            }
            var image = images.get(id);
            image.visibility = image.visibility.equals("shared") ? "private" : "shared";
            world.cloud.setVisibility(image.owner, id, image.visibility);
            return id + " is " + image.visibility;
        }

        private String delete() {
            var id = any();
            if (id == null) {
                return "nothing";
            }
            world.cloud.deleteImage(images.remove(id).owner, id);
            return id + " deleted";
        }

        /** By when their images came, so that a seed means the same each time. */
        private List<ImageShare> shares() {
            var order = List.copyOf(images.keySet());
            return world.api.objects(ImageShare.class, namespace, new HashMap<>()).stream()
                    .sorted(Comparator.comparing(
                            share -> order.indexOf(share.getSpec().image().id())))
                    .toList();
        }

        private List<String> sharesOf(String image) {
            return shares().stream()
                    .filter(share -> share.getSpec().image().id().equals(image))
                    .map(Serialization::asYaml)
                    .toList();
        }

        private ImageShare anyShare() {
            var all = shares();
            return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
        }

        private String editShare() {
            var share = anyShare();
            if (share == null) {
                return "nothing";
            }
            share.setSpec(Namespace.with(share.getSpec(), List.of(new DeclaredMember(projects.get(0)))));
            world.api.replace(ImageShare.class, share);
            return "somebody edits " + share.getMetadata().getName();
        }

        private String deleteShare() {
            var share = anyShare();
            if (share == null) {
                return "nothing";
            }
            world.api.delete(ImageShare.class, share);
            return "somebody deletes " + share.getMetadata().getName();
        }

        private String typo() {
            filterTag = filterTag.equals(tag) ? tag + "x" : tag;
            edit();
            return "the filter is " + filterTag;
        }

        private String approve() {
            var set = set();
            if (set.getStatus() == null || set.getStatus().plan() == null) {
                return "nothing to approve";
            }
            set.getMetadata()
                    .setAnnotations(new HashMap<>(Map.of(
                            ImageShare.APPROVE_REMOVALS, set.getStatus().plan().hash())));
            world.api.replace(ImageShareSet.class, set);
            return "approved: " + set.getStatus().plan().remove();
        }

        private String loseStatus() {
            if (random.nextInt(2) == 0) {
                var share = anyShare();
                if (share == null || share.isMarkedForDeletion()) {
                    return "nothing";
                }
                share.setStatus(null);
                world.api.replaceStatus(ImageShare.class, share);
                forgotten.add(share.getSpec().image().id());
                restart();
                return share.getMetadata().getName() + " lost its status";
            }
            var set = set();
            set.setStatus(null);
            world.api.replaceStatus(ImageShareSet.class, set);
            restart();
            return "the set lost its status";
        }

        private String editMembers() {
            if (!template.add(projects.get(2))) {
                template.remove(projects.get(2));
            }
            edit();
            return "the template has " + template.size() + " members";
        }

        private String failingCall() {
            var calls = List.of(
                    CloudCall.LOGIN,
                    CloudCall.IMAGE_LIST,
                    CloudCall.IMAGE_LIST,
                    CloudCall.IMAGE_SHOW,
                    CloudCall.MEMBER_LIST,
                    CloudCall.MEMBER_CREATE,
                    CloudCall.MEMBER_DELETE);
            var call = calls.get(random.nextInt(calls.size()));
            var faults = Arrays.stream(CloudFault.values())
                    .filter(fault -> fault.fits(call) && !fault.takesTime() && fault != CloudFault.REFUSED)
                    .toList();
            var fault = faults.get(random.nextInt(faults.size()));
            deniesImages = call == CloudCall.IMAGE_SHOW && fault == CloudFault.NOT_FOUND_404;
            world.cloud.intercept((method, path) ->
                    CloudCall.of(method, path).filter(call::equals).isPresent() ? fault.on(call, end) : null);
            return call + " " + fault;
        }

        /** The first writes of ImageShares, or of statuses, end without an answer: before they are done, or after. */
        private String failingApi() {
            var done = random.nextBoolean();
            var what = random.nextBoolean() ? "imageshares" : "status";
            var left = new int[] {1 + random.nextInt(3)};
            world.api.intercept((method, path) ->
                    !method.equals("GET") && !method.equals("WATCH") && path.contains(what) && left[0]-- > 0
                            ? new dev.imageshare.embedded.Fault.Drop(done)
                            : null);
            return "writes to " + what + " fail, done: " + done;
        }

        private void endFaults() {
            deniesImages = false;
            world.cloud.intercept((method, path) -> null);
            world.api.intercept((method, path) -> null);
        }

        // ------------------------------------------------------------- objects

        private ImageShareSetSpec spec() {
            return new ImageShareSetSpec(
                    List.of(
                            new ImageCloud("north", new CloudCredentialsRef("clouds", "producer")),
                            new ImageCloud("south", new CloudCredentialsRef("clouds", "stranger"))),
                    new ImageSelection(
                            new SetFilter(null, null, List.of(filterTag), null),
                            new ImageFamily(FamilyBy.Property, "image_family"),
                            new ImageOrder("built", OrderType.Number),
                            keep,
                            "10h"),
                    new SetOptions(new IntOrString("25%")),
                    new ShareTemplate(
                            null,
                            new TemplateSpec(
                                    template.stream().map(DeclaredMember::new).toList(),
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    "10m",
                                    false)),
                    "10m",
                    false);
        }

        private void edit() {
            var set = set();
            set.setSpec(spec());
            world.api.replace(ImageShareSet.class, set);
        }

        private ImageShareSet set() {
            return world.api
                    .objects(ImageShareSet.class, namespace, new HashMap<>())
                    .get(0);
        }

        private void restart() {
            if (operator != null) {
                operator.close();
            }
            operator = new DrivenOperator(
                    world.client, world.clock, seed, CloudSettings.defaults(), ShareSettings.defaults(), () -> true);
        }

        private void tell() {
            operator.tell(
                    shares(),
                    world.api.objects(ImageAcceptance.class, namespace, new HashMap<>()),
                    world.api.objects(Secret.class, namespace, new HashMap<>()));
            operator.tellRotations(name -> true, world.api.objects(ImageShareSet.class, namespace, new HashMap<>()));
        }

        // -------------------------------------------------------------- judging

        /** The images that the set wants: of each cloud and family the newest that can be used, as things really are. */
        private Set<String> wanted() {
            var wanted = new TreeSet<String>();
            if (!filterTag.equals(tag)) {
                return wanted;
            }
            for (var owner : List.of("producer", "stranger")) {
                for (var family : List.of("family-0", "family-1")) {
                    wanted.addAll(newest(owner, family).stream().limit(keep).toList());
                }
            }
            return wanted;
        }

        private List<String> newest(String owner, String family) {
            return images.entrySet().stream()
                    .filter(each -> each.getValue().owner.equals(owner))
                    .filter(each -> each.getValue().family.equals(family))
                    .filter(each -> each.getValue().active
                            && each.getValue().visibility.equals("shared")
                            && each.getValue().built >= 0)
                    .sorted(Comparator.comparing(each -> -each.getValue().built))
                    .map(Map.Entry::getKey)
                    .toList();
        }

        private Map<String, Set<String>> membersNow() {
            var all = new TreeMap<String, Set<String>>();
            images.forEach((id, image) -> {
                if (image.visibility.equals("shared")) {
                    all.put(
                            id,
                            new TreeSet<>(world.cloud.members(image.owner, id).keySet()));
                }
            });
            return all;
        }

        private void passes(int most) {
            for (var i = 0; i < most; i++) {
                tell();
                var refs = operator.dueNow();
                if (refs.isEmpty()) {
                    var next = operator.nextDue();
                    if (next == null) {
                        return;
                    }
                    world.clock.move(Duration.between(world.clock.instant(), next));
                    refs = operator.dueNow();
                }
                var before = membersNow();
                var ref = refs.get(random.nextInt(refs.size()));
                var sharedBefore = shared();
                operator.pass(ref);
                remember(sharedBefore);
                judge(before, ref);
            }
        }

        private void remember(Set<String> sharedBefore) {
            var shares = new HashMap<String, ImageShare>();
            shares().forEach(share -> shares.put(share.getSpec().image().id(), share));
            for (var id : sharedBefore) {
                if (!shares.containsKey(id) && (deniesImages || forgotten.contains(id))) {
                    left.add(id);
                }
            }
            forgotten.removeIf(id -> !shares.containsKey(id)
                    || (shares.get(id).getStatus() != null
                            && shares.get(id).getStatus().members() != null));
        }

        private Set<String> shared() {
            return shares().stream().map(share -> share.getSpec().image().id()).collect(Collectors.toSet());
        }

        private void judge(Map<String, Set<String>> before, DrivenOperator.Ref ref) {
            var now = membersNow();
            var wanted = wanted();
            now.forEach((id, members) -> {
                var removed = new TreeSet<>(before.getOrDefault(id, Set.of()));
                removed.removeAll(members);
                if (removed.isEmpty()) {
                    return;
                }
                story.add(world.clock.instant() + "   removed from " + id + ": " + removed + " by " + ref);
                removed.retainAll(template);
                if (removed.isEmpty()) {
                    return; // the template's own wish
                }
                assertThat(wanted)
                        .as("an image that is wanted lost %s", removed)
                        .doesNotContain(id);
                var image = images.get(id);
                if (filterTag.equals(tag) && image.built >= 0) {
                    // What came since the set's last look is nothing that it can have waited for.
                    var newer = newest(image.owner, image.family).stream()
                            .filter(other -> images.get(other).built > image.built && shared().contains(other))
                            .toList();
                    assertThat(newer)
                            .as("newer ones that are shared with %s", removed)
                            .filteredOn(other -> now.get(other).containsAll(removed))
                            .hasSizeGreaterThanOrEqualTo(Math.min(keep, newer.size()));
                }
            });
        }

        private void heal() {
            endFaults();
            story.add(world.clock.instant() + " all is well");
            filterTag = tag;
            edit();
            for (var image : List.copyOf(images.entrySet())) {
                var id = image.getKey();
                var known = image.getValue();
                if (!known.active) {
                    world.cloud.reactivate(id);
                    known.active = true;
                }
                if (!known.visibility.equals("shared")) {
                    world.cloud.setVisibility(known.owner, id, "shared");
                    known.visibility = "shared";
                }
                if (known.built < 0) {
                    known.built = ++built;
                    world.cloud.setProperty(known.owner, id, "built", Integer.toString(built));
                }
            }
            for (var round = 0; round < 8; round++) {
                world.clock.move(RETIRE_AFTER.plusHours(1));
                for (var i = 0; i < 40; i++) {
                    passes(3);
                    operator.watchdog();
                }
                approve();
                shares().forEach(share -> {
                    if (share.getStatus() != null
                            && share.getStatus().plan() != null
                            && share.getStatus().plan().hash() != null) {
                        share.getMetadata()
                                .setAnnotations(new HashMap<>(Map.of(
                                        ImageShare.APPROVE_REMOVALS,
                                        share.getStatus().plan().hash())));
                        world.api.replace(ImageShare.class, share);
                    }
                });
            }
            var wanted = wanted();
            var now = membersNow();
            for (var id : images.keySet()) {
                if (wanted.contains(id)) {
                    assertThat(now.get(id)).as("%s is wanted", id).containsAll(template);
                } else if (!left.contains(id)) {
                    assertThat(now.get(id))
                            .as("%s has retired, of %s by %s", id, set().getStatus(), sharesOf(id))
                            .doesNotContainAnyElementsOf(template);
                }
            }
            assertThat(shares()).as("%s", set().getStatus()).hasSize(wanted.size());
        }
    }
}
