package dev.imageshare.operator;

import dev.imageshare.access.ImageAccessRequestReconciler;
import dev.imageshare.access.ImageAccessRequestReconciler.GrantedShare;
import dev.imageshare.access.ImageAccessRequestReconciler.SetLookup;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus.GrantedImage;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.operator.OptionalController.KindCensus;
import dev.imageshare.projectset.ProjectSetReconciler;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Creates the controller of ImageAccessRequests. */
final class ImageAccessRequestController {

    private ImageAccessRequestController() {}

    static OptionalController<ImageAccessRequest> of(Wiring wiring) {
        var sets = wiring.sets().get();
        var requests = new ImageAccessRequestReconciler(
                wiring.client(),
                wiring.clouds(),
                lookup(sets),
                set -> shares(wiring, set),
                wiring.started(),
                wiring.settings().namespaces().isEmpty(),
                wiring.settings().clouds().hosts().local(),
                wiring.events(),
                wiring.turns(),
                wiring.lead(),
                wiring.clock(),
                wiring.backoff());
        if (sets != null) {
            sets.follow(requests);
        }
        wiring.shares().onLook((share, gone) -> looked(requests, share, gone));
        return new OptionalController<>(
                "ImageAccessRequest",
                ImageAccessRequestReconciler.NAME,
                requests,
                ImageAccessRequestReconciler::configure,
                requests::watch,
                requests::forgotten,
                requests::names,
                requests.counters(),
                () -> census(requests),
                () -> {});
    }

    private static SetLookup lookup(@Nullable ProjectSetReconciler sets) {
        return new SetLookup() {
            @Override
            public Optional<ProjectSet> find(ResourceID name) {
                return sets == null ? Optional.empty() : sets.find(name);
            }

            @Override
            public void onChange(Consumer<ResourceID> listener) {
                if (sets != null) {
                    sets.onChange(listener);
                }
            }
        };
    }

    /** What is shared by a set; nothing as long as not all ImageShares are known. */
    private static List<GrantedShare> shares(Wiring wiring, ResourceID set) {
        return wiring.started().getAsBoolean()
                ? wiring.shares()
                        .inNamespace(set.getNamespace().orElseThrow())
                        .filter(share -> names(share, set.getName()))
                        .flatMap(share -> granted(share).stream())
                        .toList()
                : List.of();
    }

    private static void looked(ImageAccessRequestReconciler requests, ImageShare share, boolean gone) {
        var refs = share.getSpec() == null ? null : share.getSpec().projectSetRefs();
        if (refs == null) {
            return;
        }
        granted(share)
                .map(granted -> gone ? new GrantedShare(granted.image(), Set.of()) : granted)
                .ifPresent(granted -> refs.stream()
                        .map(ref -> new ResourceID(
                                String.valueOf(ref.name()), share.getMetadata().getNamespace()))
                        .forEach(set -> requests.looked(set, granted)));
    }

    private static boolean names(ImageShare share, String set) {
        return share.getSpec() != null
                && share.getSpec().projectSetRefs() != null
                && share.getSpec().projectSetRefs().stream().anyMatch(ref -> set.equals(ref.name()));
    }

    private static Optional<GrantedShare> granted(ImageShare share) {
        var status = share.getStatus();
        if (status == null || status.image() == null || status.members() == null) {
            return Optional.empty();
        }
        var image = status.image();
        return Optional.of(new GrantedShare(
                new GrantedImage(image.id(), image.name(), image.owner(), image.region()),
                status.members().stream()
                        .filter(member -> member.status() != null)
                        .map(MemberInfo::projectID)
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet())));
    }

    private static KindCensus census(ImageAccessRequestReconciler requests) {
        var census = requests.census();
        return new KindCensus(
                census.states(),
                census.lateness(),
                List.of(ObjectMetrics.gauge(
                        "imageshare_accessrequests_waiting",
                        "ImageAccessRequests that wait for a decision",
                        census.waiting())));
    }
}
