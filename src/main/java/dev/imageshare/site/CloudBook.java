package dev.imageshare.site;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.reconcile.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Collects what is seen of each region of each cloud. */
final class CloudBook {

    /** The cloud of objects that haven't seen theirs yet. */
    static final String UNKNOWN = "not known yet";

    /** What an object says that has to do with its cloud, and not with its image or its spec. */
    private static final Set<Reason> OF_THE_CLOUD = Set.of(
            Reason.CloudUnreachable,
            Reason.RateLimited,
            Reason.AuthenticationFailed,
            Reason.Forbidden,
            Reason.CredentialsInvalid,
            Reason.CredentialsNotFound,
            Reason.PartiallySynced);

    private record CloudRegion(String cloud, String region) {}

    private static final class CloudNotes {
        boolean asked;
        int images;
        int objects;

        @Nullable
        String newest;

        @Nullable
        String oldest;

        final Map<Reason, ErrorCount> errors = new EnumMap<>(Reason.class);
    }

    private static final class ErrorCount {
        final String example;
        final String object;
        int count;

        @Nullable
        String since;

        ErrorCount(String example, String object) {
            this.example = example;
            this.object = object;
        }
    }

    /** The entry that was asked, by its Keystone. */
    private final Map<CloudRegion, String> entries = new HashMap<>();

    private final Map<CloudRegion, CloudNotes> pages =
            new TreeMap<>(Comparator.comparing(CloudRegion::cloud).thenComparing(CloudRegion::region));

    /** @param keystone as objects call the cloud: they count for the entry */
    void asked(String entry, String region, String keystone) {
        entries.put(new CloudRegion(keystone, region), entry);
        page(entry, region).asked = true;
    }

    /** Counts an image, and gives the cloud's name. */
    String image(String cloud, String region) {
        page(cloud, region).images++;
        return name(cloud, region);
    }

    /**
     * Counts an object.
     *
     * @param cloud empty if the object hasn't seen its cloud yet
     */
    void object(String cloud, String region, String object, @Nullable Condition ready, @Nullable String lastLook) {
        var page = page(cloud, region);
        page.objects++;
        if (lastLook != null) {
            page.newest = page.newest == null || lastLook.compareTo(page.newest) > 0 ? lastLook : page.newest;
            page.oldest = page.oldest == null || lastLook.compareTo(page.oldest) < 0 ? lastLook : page.oldest;
        }
        if (ready != null) {
            error(ready).ifPresent(reason -> {
                var errors = page.errors.computeIfAbsent(reason, key -> new ErrorCount(ready.message(), object));
                errors.count++;
                var since = ready.lastTransitionTime();
                errors.since = errors.since == null || since.compareTo(errors.since) < 0 ? since : errors.since;
            });
        }
    }

    private static Optional<Reason> error(Condition ready) {
        return OF_THE_CLOUD.stream()
                .filter(reason -> reason.name().equals(ready.reason()))
                .findFirst();
    }

    private CloudNotes page(String cloud, String region) {
        return pages.computeIfAbsent(new CloudRegion(name(cloud, region), region), place -> new CloudNotes());
    }

    private String name(String cloud, String region) {
        return cloud.isEmpty() ? UNKNOWN : entries.getOrDefault(new CloudRegion(cloud, region), cloud);
    }

    List<SiteCloud> all() {
        var all = new ArrayList<SiteCloud>();
        pages.forEach((place, page) -> {
            var errors = new ArrayList<SiteCloud.CloudError>();
            page.errors.forEach((reason, its) ->
                    errors.add(new SiteCloud.CloudError(reason.name(), its.count, its.example, its.object, its.since)));
            all.add(new SiteCloud(
                    place.cloud,
                    place.region,
                    page.asked,
                    page.images,
                    page.objects,
                    page.newest,
                    page.oldest,
                    errors));
        });
        return all;
    }
}
