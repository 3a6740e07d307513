package dev.imageshare.site;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.OpenPlan;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.openstack.Member;
import dev.imageshare.reconcile.Approval;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings together what clouds and a cluster's objects say. Where Glance was asked, its list of members is the truth, and
 * objects only say who declared them; of other images the objects' statuses tell. Keeps nothing of the objects, so that many
 * can be read one after the other.
 */
public final class SiteDataBuilder {

    private static final Pattern HASH = Pattern.compile("[0-9a-z-]{1,64}");

    private final Instant asOf;
    private final Map<ImageFacts.ImageFact, String> properties;
    private final Map<SiteImageKey, ImageDraft> images = new LinkedHashMap<>();
    private final List<ShareDraft> shares = new ArrayList<>();
    private final List<SiteAcceptance> acceptances = new ArrayList<>();
    private final Map<String, String> projectNames = new HashMap<>();
    private final Map<String, Set<String>> notInKeystone = new HashMap<>();
    private final Map<PlaceOfSet, Set<String>> goneBySets = new HashMap<>();
    private final SetDrafts sets = new SetDrafts();
    private final List<SiteRotation> rotations = new ArrayList<>();
    private final List<SiteNotifier> notifiers = new ArrayList<>();
    private final CloudBook clouds = new CloudBook();
    private final List<String> notes = new ArrayList<>();
    /** One text for what many objects say: a thousand images have the same projects. */
    private final Map<String, String> texts = new HashMap<>();

    private boolean clusterAsked;

    /** What a ProjectSet says of a cloud's projects counts for images of that cloud that are shared from its namespace. */
    private record PlaceOfSet(String namespace, String cloud) {}

    /**
     * An image's identity; of two clouds that have the same one in all this, the region's names tell nothing either.
     *
     * @param cloud the Keystone; empty where an older operator's status doesn't say
     */
    private record SiteImageKey(String id, String owner, String region, String cloud) {

        private boolean isOf(SiteImageKey other) {
            return id.equals(other.id) && owner.equals(other.owner) && region.equals(other.region);
        }
    }

    private static final class ImageDraft {
        final String name;
        final String cloud;
        final String visibility;
        final String status;
        final boolean hidden;
        final ImageFacts facts;
        final Map<String, SiteMember> members = new LinkedHashMap<>();
        final List<ShareDraft> shares = new ArrayList<>();
        /** Null: Glance was asked. */
        @Nullable
        String asOf;

        ImageDraft(
                String name,
                String cloud,
                String visibility,
                String status,
                boolean hidden,
                ImageFacts facts,
                @Nullable String asOf) {
            this.name = name;
            this.cloud = cloud;
            this.visibility = visibility;
            this.status = status;
            this.hidden = hidden;
            this.facts = facts;
            this.asOf = asOf;
        }
    }

    /**
     * An ImageShare whose image's page has no name yet.
     *
     * @param declared the projects that it names, whatever became of them
     * @param expiries when it will no longer declare them, of those that end
     */
    private record ShareDraft(
            SiteShare share, @Nullable SiteImageKey image, Set<String> declared, Map<String, String> expiries) {

        boolean declares(String project) {
            return declared.contains(project);
        }
    }

    /** @param asOf the moment that the pages are about */
    public SiteDataBuilder(Instant asOf) {
        this(asOf, Map.of());
    }

    /** @param properties the names of images' properties, where they aren't the usual ones */
    public SiteDataBuilder(Instant asOf, Map<ImageFacts.ImageFact, String> properties) {
        this.asOf = asOf;
        this.properties = Map.copyOf(properties);
    }

    /** Says that a cluster was asked, also if it has no object. */
    public SiteDataBuilder cluster() {
        clusterAsked = true;
        return this;
    }

    public SiteDataBuilder note(String note) {
        notes.add(note);
        return this;
    }

    /** Names of projects by ID. */
    public SiteDataBuilder projectNames(Map<String, String> names) {
        projectNames.putAll(names);
        return this;
    }

    /** Members that a Keystone, as in an ImageShare's status, says it doesn't have as projects. */
    public SiteDataBuilder notInKeystone(String keystone, Set<String> projects) {
        notInKeystone.computeIfAbsent(keystone, same -> new HashSet<>()).addAll(projects);
        return this;
    }

    /**
     * A cloud that was asked now.
     *
     * @param keystone its Keystone, as in an ImageShare's status
     */
    public SiteDataBuilder cloud(String entry, String region, String keystone) {
        clouds.asked(entry, region, keystone);
        return this;
    }

    /**
     * One image as Glance tells it, before the objects that are about it.
     *
     * @param entry the cloud's, as given to {@link #cloud}
     * @param keystone the cloud's Keystone, as in an ImageShare's status
     * @param members null for an image that isn't shared
     */
    public SiteDataBuilder image(
            String entry,
            String region,
            String keystone,
            ImageDetails details,
            boolean hidden,
            @Nullable List<Member> members) {
        var image = details.image();
        var draft = new ImageDraft(
                image.name(),
                clouds.image(entry, region),
                image.visibility(),
                image.status(),
                hidden,
                ImageFacts.of(properties, details.properties(), image.createdAt(), image.tags()),
                null);
        if (members != null) {
            for (var member : members) {
                var project = text(member.projectId());
                draft.members.put(
                        project,
                        new SiteMember(
                                project,
                                MemberAnswer.valueOf(member.status().name()),
                                member.updatedAt(),
                                null,
                                false,
                                null,
                                false));
            }
        }
        images.put(
                new SiteImageKey(image.id(), Objects.requireNonNullElse(image.owner(), ""), region, keystone), draft);
        return this;
    }

    /** One ImageShare, and what its status tells. */
    public SiteDataBuilder share(ImageShare share) {
        clusterAsked = true;
        sets.add(share);
        var metadata = share.getMetadata();
        var spec = share.getSpec();
        var status = share.getStatus();
        var conditions = status == null ? null : status.conditions();
        var ready = Conditions.find(conditions, Conditions.READY);
        var reason = ready.map(Condition::reason).orElse("");
        var health =
                Health.of(conditions, status == null ? null : status.observedGeneration(), metadata.getGeneration());
        var image = status == null ? null : status.image();
        var declared = DeclaredProjects.of(share, asOf).stream().map(this::text).collect(Collectors.toSet());
        var plan = status == null ? null : status.plan();
        var hash = heldHash(health, reason, plan);
        var site = new SiteShare(
                metadata.getNamespace(),
                metadata.getName(),
                null,
                named(spec, image),
                health,
                reason,
                ready.map(Condition::message).orElse(""),
                ready.map(Condition::lastTransitionTime).orElse(null),
                status == null ? null : status.lastSyncTime(),
                answers(status),
                status == null || status.summary() == null
                        ? declared.size()
                        : status.summary().desired(),
                spec == null || spec.managementPolicy() == ManagementPolicy.managed,
                share.isMarkedForDeletion(),
                hash == null || plan == null || plan.remove() == null
                        ? List.of()
                        : plan.remove().stream().map(this::text).toList(),
                hash == null ? null : Approval.command(share, hash));
        var key = image == null ? null : key(image);
        shares.add(new ShareDraft(site, key, declared, expiries(status)));
        clouds.object(
                image == null || image.cloud() == null ? "" : image.cloud(),
                image == null ? "" : image.region(),
                site.title(),
                ready.orElse(null),
                site.lastLook());
        if (image != null && key != null && status != null) {
            image(key, image, status);
        }
        return this;
    }

    /** By what the removals that wait for a person are approved; null if none do. A plan of what would be done has a hash too. */
    private static @Nullable String heldHash(Health health, String reason, @Nullable OpenPlan plan) {
        var isHeld = reason.equals(Reason.RemovalHeld.name()) || reason.equals(Reason.ClaimUnproven.name());
        if (health != Health.needsPerson || !isHeld || plan == null) {
            return null;
        }
        var hash = plan.hash();
        return hash != null && HASH.matcher(hash).matches() ? hash : null;
    }

    private static SiteImageKey key(ImageShareStatus.ImageInfo image) {
        return new SiteImageKey(
                image.id(), image.owner(), image.region(), Objects.requireNonNullElse(image.cloud(), ""));
    }

    private void image(SiteImageKey key, ImageShareStatus.ImageInfo image, ImageShareStatus status) {
        var draft = known(key);
        if (draft == null) {
            draft = new ImageDraft(
                    Objects.requireNonNullElse(image.name(), ""),
                    clouds.image(key.cloud, key.region),
                    Objects.requireNonNullElse(image.visibility(), "shared"),
                    Objects.requireNonNullElse(image.status(), "active"),
                    false,
                    ImageFacts.NONE,
                    Objects.requireNonNullElse(status.lastSyncTime(), ""));
            images.put(key, draft);
        }
        if (draft.asOf == null) {
            return; // Glance's own list is there
        }
        if (status.lastSyncTime() != null && status.lastSyncTime().compareTo(draft.asOf) > 0) {
            draft.asOf = status.lastSyncTime();
        }
        if (status.members() != null && draft.visibility.equals("shared")) {
            for (var member : status.members()) {
                if (member.status() != null) {
                    var project = text(member.projectID());
                    draft.members.putIfAbsent(
                            project,
                            new SiteMember(project, member.status(), member.updatedAt(), null, false, null, false));
                }
            }
        }
    }

    /** The draft of this image; one that Glance told of at whatever URL of its Keystone. */
    private @Nullable ImageDraft known(SiteImageKey key) {
        var exactly = images.get(key);
        if (exactly != null) {
            return exactly;
        }
        for (var each : images.entrySet()) {
            if (each.getValue().asOf == null && each.getKey().isOf(key)) {
                return each.getValue();
            }
        }
        return null;
    }

    private Map<String, String> expiries(@Nullable ImageShareStatus status) {
        var expiries = new HashMap<String, String>();
        if (status != null && status.members() != null) {
            for (var member : status.members()) {
                if (member.declared() && member.expiresAt() != null) {
                    expiries.put(text(member.projectID()), member.expiresAt());
                }
            }
        }
        return Map.copyOf(expiries);
    }

    private static String named(@Nullable ImageShareSpec spec, ImageShareStatus.@Nullable ImageInfo image) {
        if (image != null) {
            return image.name() == null || image.name().isEmpty() ? image.id() : image.name();
        }
        var reference = spec == null ? null : spec.image();
        if (reference == null) {
            return "";
        }
        if (reference.id() != null) {
            return reference.id();
        }
        if (reference.ref() != null) {
            return reference.ref();
        }
        var filter = reference.filter();
        if (filter == null) {
            return "";
        }
        return filter.name() != null
                ? filter.name()
                : String.join(", ", Objects.requireNonNullElse(filter.tags(), List.of()));
    }

    private static Answers answers(@Nullable ImageShareStatus status) {
        var summary = status == null ? null : status.summary();
        if (summary == null) {
            return Answers.of(List.of());
        }
        var declaredPresent = summary.present() - summary.undeclared();
        return new Answers(
                summary.accepted(),
                summary.pending(),
                summary.rejected(),
                Math.max(0, summary.desired() - declaredPresent),
                summary.undeclared());
    }

    /** One ImageAcceptance, and what its status tells. */
    public SiteDataBuilder acceptance(ImageAcceptance acceptance) {
        clusterAsked = true;
        var metadata = acceptance.getMetadata();
        var spec = acceptance.getSpec();
        var status = acceptance.getStatus();
        var conditions = status == null ? null : status.conditions();
        var ready = Conditions.find(conditions, Conditions.READY);
        var project = status == null ? null : status.project();
        var summary = status == null ? null : status.summary();
        var site = new SiteAcceptance(
                metadata.getNamespace(),
                metadata.getName(),
                project == null ? null : text(project.id()),
                spec == null || spec.memberStatus() == null
                        ? ""
                        : spec.memberStatus().name(),
                Health.of(conditions, status == null ? null : status.observedGeneration(), metadata.getGeneration()),
                ready.map(Condition::reason).orElse(""),
                ready.map(Condition::message).orElse(""),
                ready.map(Condition::lastTransitionTime).orElse(null),
                status == null ? null : status.lastSyncTime(),
                summary == null ? 0 : summary.offered(),
                summary == null
                        ? Answers.of(List.of())
                        : new Answers(summary.accepted(), summary.pending(), summary.rejected(), 0, 0));
        acceptances.add(site);
        clouds.object(
                project == null || project.cloud() == null ? "" : project.cloud(),
                project == null ? "" : project.region(),
                site.title(),
                ready.orElse(null),
                site.lastLook());
        return this;
    }

    /** One ProjectSet, and what its status tells; projects are called as it says. */
    public SiteDataBuilder projectSet(ProjectSet set) {
        clusterAsked = true;
        sets.add(set);
        var gone = set.goneProjects();
        var cloud =
                gone.isEmpty() ? null : Objects.requireNonNull(set.getStatus()).cloud();
        if (cloud != null) {
            goneBySets
                    .computeIfAbsent(new PlaceOfSet(set.getMetadata().getNamespace(), cloud), place -> new HashSet<>())
                    .addAll(gone);
        }
        return projectNames(set.projectNames());
    }

    /** One ImageShareSet, and what its status tells. */
    public SiteDataBuilder imageShareSet(ImageShareSet set) {
        clusterAsked = true;
        rotations.add(SiteRotation.of(set));
        return this;
    }

    /** One ImageNotifier, and what its status tells. */
    public SiteDataBuilder notifier(ImageNotifier notifier) {
        clusterAsked = true;
        notifiers.add(SiteNotifier.of(notifier));
        return this;
    }

    private String text(String text) {
        return texts.computeIfAbsent(text, same -> same);
    }

    /** All of it, in an order that doesn't depend on the one in which it came. */
    public SiteData build() {
        for (var share : shares) {
            var draft = share.image == null ? null : known(share.image);
            if (draft != null) {
                draft.shares.add(share);
            }
        }
        var files = new HashMap<ImageDraft, String>();
        var names = new FileNames();
        images.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.comparing(SiteImageKey::toString)))
                .forEach(each -> files.put(
                        each.getValue(),
                        names.of(each.getKey().id, each.getKey().toString())));
        var linked = new HashMap<ShareDraft, SiteShare>();
        for (var share : shares) {
            var draft = share.image == null ? null : known(share.image);
            linked.put(share, linked(share.share, draft == null ? null : files.get(draft)));
        }
        var allImages = new ArrayList<SiteImage>();
        images.forEach(
                (key, draft) -> allImages.add(image(key, draft, Objects.requireNonNull(files.get(draft)), linked)));
        allImages.sort(Comparator.comparing((SiteImage image) -> image.title(), String.CASE_INSENSITIVE_ORDER)
                .thenComparing(SiteImage::id)
                .thenComparing(SiteImage::file));
        return new SiteData(
                asOf,
                allImages,
                projects(allImages),
                linked.values().stream()
                        .sorted(Comparator.comparing(SiteShare::title))
                        .toList(),
                acceptances.stream()
                        .sorted(Comparator.comparing(SiteAcceptance::title))
                        .toList(),
                sets.build(),
                rotations.stream()
                        .sorted(Comparator.comparing(SiteRotation::title))
                        .toList(),
                notifiers.stream()
                        .sorted(Comparator.comparing(SiteNotifier::title))
                        .toList(),
                clouds.all(),
                clusterAsked,
                notes);
    }

    private static SiteShare linked(SiteShare share, @Nullable String file) {
        return new SiteShare(
                share.namespace(),
                share.name(),
                file,
                share.image(),
                share.health(),
                share.reason(),
                share.message(),
                share.since(),
                share.lastLook(),
                share.answers(),
                share.desired(),
                share.managed(),
                share.deleting(),
                share.held(),
                share.approval());
    }

    private SiteImage image(SiteImageKey key, ImageDraft draft, String file, Map<ShareDraft, SiteShare> linked) {
        var held = new HashSet<String>();
        var gone = gone(key, draft);
        var members = new ArrayList<SiteMember>(draft.members.size());
        var absent = new HashSet<String>();
        var declarers = new DeclarerLists(draft.shares);
        for (var share : draft.shares) {
            held.addAll(share.share.held());
            for (var project : share.declared) {
                if (!draft.members.containsKey(project) && !project.equals(key.owner) && absent.add(project)) {
                    members.add(new SiteMember(
                            project,
                            null,
                            null,
                            declarers.of(project),
                            false,
                            declarers.expiry(project),
                            gone.contains(project)));
                }
            }
        }
        draft.members.forEach((project, member) -> members.add(new SiteMember(
                project,
                member.answer(),
                member.since(),
                clusterAsked ? declarers.of(project) : null,
                held.contains(project),
                declarers.expiry(project),
                gone.contains(project))));
        members.sort(Comparator.comparing(SiteMember::project));
        return new SiteImage(
                file,
                key.id,
                draft.name,
                key.owner.isEmpty() ? null : key.owner,
                draft.cloud,
                key.region,
                draft.visibility,
                draft.status,
                draft.hidden,
                draft.facts,
                draft.asOf == null || !draft.asOf.isEmpty() ? draft.asOf : null,
                draft.shares.stream()
                        .map(linked::get)
                        .filter(Objects::nonNull)
                        .sorted(Comparator.comparing(SiteShare::title))
                        .toList(),
                members);
    }

    /** The projects that the image's Keystone doesn't have, as far as it was asked, or a ProjectSet beside an ImageShare says so. */
    private Set<String> gone(SiteImageKey key, ImageDraft draft) {
        var gone = new HashSet<String>();
        if (draft.asOf == null) {
            gone.addAll(notInKeystone.getOrDefault(key.cloud, Set.of()));
        }
        for (var share : draft.shares) {
            var cloud = share.image == null ? "" : share.image.cloud;
            gone.addAll(goneBySets.getOrDefault(new PlaceOfSet(share.share.namespace(), cloud), Set.of()));
        }
        return gone;
    }

    /** One list for all projects that the same objects declare. */
    private static final class DeclarerLists {
        private final List<ShareDraft> shares;
        private final Map<List<String>, List<String>> same = new HashMap<>();

        DeclarerLists(List<ShareDraft> shares) {
            this.shares = shares;
        }

        List<String> of(String project) {
            var names = new ArrayList<String>(shares.size());
            for (var share : shares) {
                if (share.declares(project)) {
                    names.add(share.share.title());
                }
            }
            return same.computeIfAbsent(
                    names, all -> List.copyOf(all.stream().sorted().toList()));
        }

        /** The latest end; null if one of them declares the project for good, or none does. */
        @Nullable
        String expiry(String project) {
            String latest = null;
            for (var share : shares) {
                if (share.declares(project)) {
                    var its = share.expiries.get(project);
                    if (its == null) {
                        return null;
                    }
                    latest = latest == null || its.compareTo(latest) > 0 ? its : latest;
                }
            }
            return latest;
        }
    }

    private List<SiteProject> projects(List<SiteImage> all) {
        var memberships = new HashMap<String, List<SiteProject.Membership>>();
        for (var image : all) {
            for (var member : image.members()) {
                memberships
                        .computeIfAbsent(member.project(), project -> new ArrayList<>())
                        .add(new SiteProject.Membership(image, member));
            }
        }
        var answering = new HashMap<String, List<SiteAcceptance>>();
        for (var acceptance : acceptances) {
            if (acceptance.project() != null) {
                memberships.computeIfAbsent(acceptance.project(), project -> new ArrayList<>());
                answering
                        .computeIfAbsent(acceptance.project(), project -> new ArrayList<>())
                        .add(acceptance);
            }
        }
        var files = new FileNames();
        var projects = new ArrayList<SiteProject>();
        memberships.forEach((id, its) -> projects.add(new SiteProject(
                files.of(id, id), id, projectNames.get(id), its, answering.getOrDefault(id, List.of()))));
        projects.sort(SiteProject.ORDER);
        return projects;
    }
}
