package dev.imageshare.operator;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.operator.OptionalController.KindCensus;
import dev.imageshare.rotation.ImageShareSetReconciler;
import dev.imageshare.share.ImageShareReconciler;
import dev.imageshare.share.ShareSets;
import java.util.List;
import java.util.Optional;

/** Makes what looks after ImageShareSets. */
final class ImageShareSetController {

    private ImageShareSetController() {}

    static OptionalController<ImageShareSet> of(Wiring wiring) {
        var sets = new ImageShareSetReconciler(
                wiring.client(),
                wiring.clouds(),
                wiring.events(),
                wiring.shares()::ofSet,
                wiring.started(),
                ImageShareReconciler::violation,
                wiring.turns(),
                wiring.lead(),
                () -> wiring.time().read().doubt().get().isEmpty(),
                wiring.clock(),
                wiring.backoff());
        wiring.shares().follow(new ShareSets() {
            @Override
            public Optional<ImageShareSpec> wanted(ImageShare share) {
                return sets.wanted(share);
            }

            @Override
            public boolean isUndecided(ImageShare share) {
                return sets.isUndecided(share);
            }

            @Override
            public boolean hasReleased(ImageShare share) {
                return sets.hasReleased(share);
            }

            @Override
            public void looked(ImageShare share, boolean gone) {
                sets.looked(share, gone);
            }
        });
        return new OptionalController<>(
                "ImageShareSet",
                ImageShareSetReconciler.NAME,
                sets,
                ImageShareSetReconciler::configure,
                sets::watch,
                sets::forgotten,
                sets::names,
                sets.counters(),
                () -> census(sets),
                () -> {});
    }

    private static KindCensus census(ImageShareSetReconciler sets) {
        var census = sets.census();
        return new KindCensus(
                census.states(),
                census.lateness(),
                List.of(
                        ObjectMetrics.gauge(
                                "imageshare_imageshareset_images_current",
                                "Images of ImageShareSets that are the newest of their families",
                                census.current()),
                        ObjectMetrics.gauge(
                                "imageshare_imageshareset_images_kept",
                                "Older images that ImageShareSets keep",
                                census.kept()),
                        ObjectMetrics.gauge(
                                "imageshare_imageshareset_images_retiring",
                                "Images of ImageShareSets that stay shared for a while more",
                                census.retiring()),
                        ObjectMetrics.gauge(
                                "imageshare_imageshareset_removals_held",
                                "ImageShares of ImageShareSets that are deleted once a person approves it",
                                census.held()),
                        ObjectMetrics.gauge(
                                "imageshare_imagesharesets_incomplete",
                                "ImageShareSets of which the images of a cloud could not be listed, so that nothing leaves there",
                                census.incomplete())));
    }
}
