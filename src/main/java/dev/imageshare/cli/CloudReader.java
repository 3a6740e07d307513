package dev.imageshare.cli;

import dev.imageshare.cli.CloudImages.FoundImage;
import dev.imageshare.cli.CloudImages.Owned;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.openstack.ImageQuery;
import dev.imageshare.openstack.Member;
import dev.imageshare.site.SiteDataBuilder;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads the data of the pages from clouds. */
final class CloudReader {

    private final CloudOptions.Access access;
    private final Set<String> properties;
    private final PrintWriter err;

    /**
     * @param properties the names of the image properties that the pages show
     */
    CloudReader(CloudOptions.Access access, Set<String> properties, PrintWriter err) {
        this.access = access;
        this.properties = properties;
        this.err = err;
    }

    private record FoundDetails(String cloud, ImageClient client, ImageDetails details, boolean hidden) {}

    /** All images of these clouds, and their members. */
    void readAll(Collection<String> clouds, SiteDataBuilder into) {
        var found = new ArrayList<FoundDetails>();
        var projects = new MemberProjects(access);
        for (var cloud : clouds) {
            var client = begin(cloud, into);
            found.addAll(images(cloud, client, false));
            found.addAll(images(cloud, client, true));
            projects.read(cloud, client);
        }
        into.projectNames(projects.names());
        if (projects.isSilent()) {
            into.note("Projects are shown by ID only, since Keystone returns names only to administrators; add an"
                    + " administrator's entry with --cloud.");
        }
        record Read(FoundDetails found, Owned owned) {}
        var members = new HashMap<String, Set<String>>();
        try (var progress = new Progress(err, "Reading members", found.size())) {
            Parallel.map(
                            found,
                            progress,
                            each -> new FoundImage(each.client, each.details.image(), each.hidden)
                                    .read()
                                    .map(owned -> new Read(each, owned)))
                    .stream()
                    .flatMap(Optional::stream)
                    .forEach(read -> {
                        add(
                                read.found,
                                new ImageDetails(read.owned.image(), read.found.details.properties()),
                                read.owned.members(),
                                into);
                        var its = members.computeIfAbsent(
                                read.found.client.scope().cloud(), keystone -> new HashSet<>());
                        Objects.requireNonNullElse(read.owned.members(), List.<Member>of())
                                .forEach(member -> its.add(member.projectId()));
                    });
        }
        projects.missing(members, err).forEach(into::notInKeystone);
    }

    /** The listed images of these clouds that are for the catalog; doesn't read members. */
    void readMarked(Collection<String> clouds, Predicate<ImageDetails> marked, SiteDataBuilder into) {
        for (var cloud : clouds) {
            images(cloud, begin(cloud, into), false).stream()
                    .filter(each -> marked.test(each.details))
                    .forEach(each -> add(each, each.details, null, into));
        }
    }

    private ImageClient begin(String cloud, SiteDataBuilder into) {
        var client = access.client(cloud);
        into.cloud(cloud, client.scope().region(), client.scope().cloud());
        return client;
    }

    private List<FoundDetails> images(String cloud, ImageClient client, boolean hidden) {
        var owner = client.scope().projectId();
        var query = ImageQuery.ownedBy(owner);
        return client.imageDetails(hidden ? query.onlyHidden() : query, properties).stream()
                .filter(details -> owner.equals(details.image().owner()))
                .map(details -> new FoundDetails(cloud, client, details, hidden))
                .toList();
    }

    private static void add(
            FoundDetails found, ImageDetails details, @Nullable List<Member> members, SiteDataBuilder into) {
        var scope = found.client.scope();
        into.image(found.cloud, scope.region(), scope.cloud(), details, found.hidden, members);
    }
}
