package dev.imageshare.site;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
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
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.openstack.Member;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

/** A platform team's images as they could be, of any size; the same for the same size each time. */
public final class SampleSite {

    public static final Instant AS_OF = Instant.parse("2026-11-27T09:00:00Z");

    private static final String OWNER = "5d2f8b1c7a3e4f609b8d1c2e3f405162";
    private static final String KEYSTONE = "https://keystone.example.org:443";
    private static final String[] FAMILIES = {
        "ubuntu-24.04",
        "debian-13",
        "rocky-9",
        "ubuntu-22.04",
        "alma-9",
        "debian-12",
        "fedora-43",
        "flatcar",
        "windows-2025",
        "opensuse-15.6",
        "ubuntu-24.04-gpu",
        "centos-stream-10",
        "k8s-node-1.34",
        "k8s-node-1.33",
        "haproxy",
        "bastion"
    };
    private static final String[] TEAMS = {
        "ci-runners",
        "data-platform",
        "web-shop",
        "billing",
        "machine-learning",
        "search",
        "identity",
        "observability",
        "payments",
        "mobile",
        "storage",
        "sandbox"
    };

    private final Random random = new Random(20261127);
    private final int images;
    private final List<String> projects;
    private final List<ImageShare> shares = new ArrayList<>();
    private final List<ImageAcceptance> acceptances = new ArrayList<>();
    private final List<ImageDetails> details = new ArrayList<>();

    /**
     * @param images how many
     * @param projects how many, each a member of each image or nearly so
     */
    public SampleSite(int images, int projects) {
        this.images = images;
        this.projects =
                IntStream.range(0, projects).mapToObj(SampleSite::projectId).toList();
        for (int i = 0; i < images; i++) {
            add(i);
        }
        for (int i = 0; i < Math.min(3, projects); i++) {
            acceptances.add(acceptance(i));
        }
    }

    public static String projectId(int number) {
        return "%032x".formatted(new java.math.BigInteger(128, new Random(7_000 + number)));
    }

    public static String projectName(int number) {
        return number < TEAMS.length ? TEAMS[number] : TEAMS[number % TEAMS.length] + "-" + (number / TEAMS.length + 1);
    }

    public List<ImageShare> shares() {
        return shares;
    }

    public List<ImageAcceptance> acceptances() {
        return acceptances;
    }

    /** As a cluster and a cloud together tell it. */
    public SiteData both() {
        var builder = new SiteDataBuilder(AS_OF).cloud("producer", "north", KEYSTONE);
        for (int i = 0; i < details.size(); i++) {
            builder.image("producer", "north", KEYSTONE, details.get(i), false, members(shares.get(i)));
        }
        return fill(builder).build();
    }

    /** As a cluster alone tells it. */
    public SiteData cluster() {
        return fill(new SiteDataBuilder(AS_OF)).build();
    }

    private SiteDataBuilder fill(SiteDataBuilder builder) {
        var names = new LinkedHashMap<String, String>();
        for (int i = 0; i < projects.size(); i++) {
            names.put(projects.get(i), projectName(i));
        }
        builder.cluster().projectNames(names);
        shares.forEach(builder::share);
        acceptances.forEach(builder::acceptance);
        if (images > 0) {
            builder.projectSet(SetsPageTest.set("ci-runners", "Held back: 1 project would leave the set."));
            builder.notifier(ObjectsPageTest.notifier("relay", "The receiver refuses: 550."));
            builder.imageShareSet(RotationPageTest.set("ubuntu-24.04", "Held back: 1 ImageShare would be deleted."));
        }
        return builder;
    }

    private static List<Member> members(ImageShare share) {
        return share.getStatus().members().stream()
                .filter(member -> member.status() != null)
                .map(member -> new Member(
                        member.projectID(),
                        dev.imageshare.openstack.MemberStatus.valueOf(
                                member.status().name()),
                        member.createdAt(),
                        member.updatedAt()))
                .toList();
    }

    private void add(int i) {
        var family = FAMILIES[i % FAMILIES.length] + (i < FAMILIES.length * 20 ? "" : "-x");
        var built = LocalDate.of(2026, 11, 20).minusDays(30L * (i / FAMILIES.length) + i % 17);
        var id = new UUID(random.nextLong(), random.nextLong()).toString();
        var name = family + "-" + built.toString().replace("-", "");
        var properties = Map.of(
                "image_family",
                family,
                "os_version",
                family.replaceAll("^[a-z-]*", "").isEmpty() ? "1" : family.replaceAll("^[a-z-]*", ""),
                "image_build_date",
                built.toString(),
                "provided_until",
                i % 9 == 8 ? "none" : built.plusDays(60 + 90L * (i % 5)).toString(),
                "architecture",
                i % 7 == 6 ? "aarch64" : "x86_64",
                "image_description",
                "Hardened " + family + " with cloud-init");
        details.add(new ImageDetails(
                new Image(
                        id,
                        name,
                        OWNER,
                        "shared",
                        "active",
                        List.of("golden"),
                        built.atTime(4, 10).toInstant(ZoneOffset.UTC)),
                properties));
        shares.add(share(i, id, name, built));
    }

    private ImageShare share(int i, String id, String name, LocalDate built) {
        var members = new ArrayList<MemberInfo>();
        int[] counts = new int[4];
        for (var project : projects) {
            var dice = random.nextInt(100);
            if (images < 100 && dice > 85) {
                continue;
            }
            var status = dice < 62
                    ? MemberAnswer.accepted
                    : dice < 80 ? MemberAnswer.pending : dice < 84 ? MemberAnswer.rejected : null;
            if (status == null && images >= 100) {
                status = MemberAnswer.accepted;
            }
            var declared = dice % 25 != 3;
            var added =
                    built.atTime(5, 0).plusMinutes(random.nextInt(60 * 24 * 6)).toInstant(ZoneOffset.UTC);
            var answered =
                    status == MemberAnswer.accepted ? added.plus(random.nextInt(3000), ChronoUnit.MINUTES) : added;
            counts[status == null ? 3 : status.ordinal()]++;
            members.add(new MemberInfo(
                    project,
                    status,
                    status == null || declared,
                    true,
                    null,
                    declared && dice == 60 ? "2027-01-01T00:00:00Z" : null,
                    status == null ? null : added.toString(),
                    status == null ? null : answered.toString()));
        }
        var undeclared = (int) members.stream().filter(m -> !m.declared()).count();
        var held = i % 11 == 4
                ? members.stream()
                        .filter(m -> !m.declared() && m.status() != null)
                        .map(MemberInfo::projectID)
                        .toList()
                : List.<String>of();
        var present = counts[0] + counts[1] + counts[2];
        var share = new ImageShare();
        share.getMetadata().setNamespace(i % 5 == 0 ? "platform" : "golden-images");
        share.getMetadata().setName(name.replace(".", "-"));
        share.getMetadata()
                .setUid(UUID.nameUUIDFromBytes(id.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .toString());
        share.getMetadata().setGeneration(2L);
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("producer-clouds", "producer"),
                new ImageReference(id, null, null),
                members.stream()
                        .filter(MemberInfo::declared)
                        .map(m -> new ImageShareSpec.DeclaredMember(m.projectID()))
                        .toList(),
                null,
                MembershipPolicy.Authoritative,
                i % 13 == 12 ? ManagementPolicy.unmanaged : ManagementPolicy.managed,
                ManagedOptions.DEFAULTS,
                "10m"));
        share.setStatus(new ImageShareStatus(
                2L,
                new ImageInfo(id, name, OWNER, "north", KEYSTONE, "shared", "active", null),
                true,
                members,
                new ImageShareStatus.MemberCounts(
                        members.size() - undeclared, present, counts[1], counts[0], counts[2], undeclared),
                held.isEmpty() ? null : new ImageShareStatus.OpenPlan(null, held, "3f9a0c2b7d41", null, null),
                AS_OF.minus(i % 12, ChronoUnit.MINUTES).toString(),
                conditions(i, share, held)));
        return share;
    }

    private List<Condition> conditions(int i, ImageShare share, List<String> held) {
        if (!held.isEmpty()) {
            return stalled(
                    "RemovalHeld",
                    "Held back: the removal of " + held.size()
                            + " members, because maxRemovals 25% allows fewer in one pass. Who is removed loses access, and"
                            + " must accept again when added back. To keep them, declare them. To remove exactly these:"
                            + " kubectl annotate --overwrite -n "
                            + share.getMetadata().getNamespace() + " imageshare "
                            + share.getMetadata().getName() + " imageshare.dev/approve-removals=3f9a0c2b7d41");
        }
        return switch (i % 17) {
            case 7 ->
                stalled(
                        "QuotaExceeded",
                        "Glance lets the image have 128 members, and it has them all (image_member_quota). 4 more are"
                                + " declared. Have the quota raised, or declare fewer.");
            case 9 ->
                stalled(
                        "Conflict",
                        "ImageShare platform/base-images is about the same image, and older. Only one Authoritative object can"
                                + " have an image: delete one of the two.");
            case 12 ->
                List.of(
                        condition(
                                "Ready",
                                Condition.Status.False,
                                "CloudUnreachable",
                                "keystone.example.org: connection timed"
                                        + " out. The operator tries again on its own."),
                        condition("Reconciling", Condition.Status.True, "CloudUnreachable", "tried again"));
            default -> List.of(condition("Ready", Condition.Status.True, "Synced", "The member list is as declared."));
        };
    }

    private static List<Condition> stalled(String reason, String message) {
        return List.of(
                condition("Ready", Condition.Status.False, reason, message),
                condition("Stalled", Condition.Status.True, reason, message));
    }

    static Condition condition(String type, Condition.Status status, String reason, String message) {
        return new Condition(type, status, reason, message, "2026-11-25T14:03:00Z", 2);
    }

    private static ImageAcceptance acceptance(int i) {
        var acceptance = new ImageAcceptance();
        acceptance.getMetadata().setNamespace(projectName(i));
        acceptance.getMetadata().setName("golden-images");
        acceptance.getMetadata().setGeneration(1L);
        acceptance.setSpec(new ImageAcceptanceSpec(
                new CloudCredentialsRef("clouds", "team"),
                null,
                new ImageAcceptanceSpec.From(List.of(OWNER), null),
                MemberAnswer.accepted,
                "10m"));
        var isBroken = i == 2;
        acceptance.setStatus(new ImageAcceptanceStatus(
                1L,
                new ImageAcceptanceStatus.ProjectInfo(projectId(i), "north", KEYSTONE),
                List.of(),
                new ImageAcceptanceStatus.OfferCounts(9, 8, 1, 0),
                "2026-11-27T08:52:11Z",
                isBroken
                        ? stalled("AuthenticationFailed", "Keystone refuses the password of cloud team.")
                        : List.of(condition("Ready", Condition.Status.True, "Synced", "All offers are answered."))));
        return acceptance;
    }
}
