package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The ImageShares of a cluster, and what their status tells. The only class here that knows Fabric8's client. */
final class ClusterShares {

    private final List<ImageShare> shares;

    ClusterShares(List<ImageShare> shares) {
        this.shares = List.copyOf(shares);
    }

    /**
     * Reads them.
     *
     * @param kubeconfig the file, or null for kubectl's
     * @param context of the kubeconfig, or null for its current one
     * @param namespaces empty for all
     */
    static ClusterShares read(@Nullable Path kubeconfig, @Nullable String context, Set<String> namespaces) {
        if (kubeconfig != null && !kubeconfig.toFile().isFile()) {
            throw new CommandFailure("--kubeconfig names " + kubeconfig + ", which is no file");
        }
        var config = kubeconfig == null
                ? Config.autoConfigure(context)
                : Config.fromKubeconfig(context, kubeconfig.toFile());
        if (context != null
                && (config.getCurrentContext() == null
                        || !context.equals(config.getCurrentContext().getName()))) {
            throw new CommandFailure("--context: the kubeconfig has no context " + context);
        }
        // A person waits, and can call again.
        config.setRequestRetryBackoffLimit(1);
        try (var client = new KubernetesClientBuilder().withConfig(config).build()) {
            var resources = client.resources(ImageShare.class);
            var found = new ArrayList<ImageShare>();
            if (namespaces.isEmpty()) {
                found.addAll(resources.inAnyNamespace().list().getItems());
            }
            for (var namespace : namespaces) {
                found.addAll(resources.inNamespace(namespace).list().getItems());
            }
            return new ClusterShares(found);
        } catch (KubernetesClientException e) {
            throw new CommandFailure(
                    switch (e.getCode()) {
                        case 404 ->
                            "the cluster " + config.getMasterUrl()
                                    + " knows no ImageShares: install the CRDs, or name another --context";
                        case 401, 403 ->
                            "the cluster " + config.getMasterUrl()
                                    + " doesn't let you list ImageShares: name your --namespace, or ask for the right";
                        default ->
                            "can't reach the cluster " + config.getMasterUrl()
                                    + ": check KUBECONFIG, --context and the network";
                    });
        }
    }

    private static boolean isOf(ImageShare share, String imageId, @Nullable String owner) {
        var image = share.getStatus() == null ? null : share.getStatus().image();
        if (image != null) {
            return image.id().equals(imageId) && image.owner().equals(owner);
        }
        var reference = share.getSpec() == null ? null : share.getSpec().image();
        return reference != null && imageId.equals(reference.id());
    }

    /** The objects that name this project as a member of this image, as {@code namespace/name}. */
    List<String> declaring(String imageId, @Nullable String owner, String project) {
        return shares.stream()
                .filter(share -> isOf(share, imageId, owner) && declared(share).contains(project))
                .map(ClusterShares::name)
                .sorted()
                .toList();
    }

    private static String name(ImageShare share) {
        return share.getMetadata().getNamespace() + "/" + share.getMetadata().getName();
    }

    private static Set<String> declared(ImageShare share) {
        var all = new TreeSet<String>();
        if (share.getSpec() != null && share.getSpec().members() != null) {
            share.getSpec().members().stream()
                    .map(ImageShareSpec.Member::projectID)
                    .filter(Objects::nonNull)
                    .forEach(all::add);
        }
        if (share.getStatus() != null && share.getStatus().members() != null) {
            // What the spec names in another way than by ID.
            share.getStatus().members().stream()
                    .filter(ImageShareStatus.MemberInfo::declared)
                    .map(ImageShareStatus.MemberInfo::projectID)
                    .forEach(all::add);
        }
        return all;
    }

    /** One row a membership that the objects' status tells; an image that several objects are about is told once. */
    List<Report.Row> rows(List<String> notes) {
        var rows = new ArrayList<Report.Row>();
        var seen = new LinkedHashSet<String>();
        var unknown = new ArrayList<String>();
        String oldest = null;
        for (var share : shares) {
            var status = share.getStatus();
            if (status == null || status.image() == null) {
                unknown.add(name(share));
                continue;
            }
            if (status.lastSyncTime() != null
                    && (oldest == null || status.lastSyncTime().compareTo(oldest) < 0)) {
                oldest = status.lastSyncTime();
            }
            rows(share, status, status.image(), seen, rows);
            var summary = status.summary();
            if (summary != null && status.members() != null && summary.present() > present(status)) {
                notes.add(name(share) + " lists " + present(status) + " of the image's " + summary.present()
                        + " members; --cloud tells all.");
            }
        }
        if (!unknown.isEmpty()) {
            notes.add("Not told, since the operator has found no image for them yet: " + String.join(", ", unknown)
                    + ".");
        }
        if (oldest != null) {
            notes.add("As the operator last saw it; the oldest look is of " + oldest + ".");
        }
        return rows;
    }

    private static int present(ImageShareStatus status) {
        return status.members() == null
                ? 0
                : (int) status.members().stream()
                        .filter(m -> m.status() != null)
                        .count();
    }

    private void rows(
            ImageShare share,
            ImageShareStatus status,
            ImageShareStatus.ImageInfo image,
            Set<String> seen,
            List<Report.Row> rows) {
        var visibility = image.visibility() == null ? "shared" : image.visibility();
        var imageStatus = image.status() == null ? "active" : image.status();
        var isShared = visibility.equals("shared");
        var members = status.members() == null || !isShared
                ? List.<ImageShareStatus.MemberInfo>of()
                : status.members().stream().filter(m -> m.status() != null).toList();
        for (var member : members) {
            if (seen.add(image.id() + " " + image.region() + " " + member.projectID())) {
                var answer = String.valueOf(member.status());
                rows.add(new Report.Row(
                        name(share),
                        image.id(),
                        image.name() == null ? "" : image.name(),
                        image.owner(),
                        visibility,
                        imageStatus,
                        null,
                        false,
                        member.projectID(),
                        null,
                        answer,
                        member.updatedAt(),
                        imageStatus.equals("active") ? Report.Access.member : Report.Access.nobody,
                        declaring(image.id(), image.owner(), member.projectID()),
                        status.lastSyncTime()));
            }
        }
        if (members.isEmpty() && seen.add(image.id() + " " + image.region())) {
            rows.add(new Report.Row(
                    name(share),
                    image.id(),
                    image.name() == null ? "" : image.name(),
                    image.owner(),
                    visibility,
                    imageStatus,
                    null,
                    false,
                    null,
                    null,
                    null,
                    null,
                    ReportCommand.access(visibility, imageStatus),
                    null,
                    status.lastSyncTime()));
        }
    }
}
