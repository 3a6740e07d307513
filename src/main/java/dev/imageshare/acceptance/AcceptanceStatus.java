package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferCounts;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Listing;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Derives a status from a pass's outcome and the status before. Pure. */
final class AcceptanceStatus {

    private static final int OFFERS_BYTES = 1_000_000;

    /** What a listed offer has beside its texts. */
    private static final int OFFER_BYTES = 100;

    /** What waits comes first, then what was answered last: these are remembered where there are too many. */
    private static final Comparator<OfferInfo> ORDER = Comparator.comparing(
                    (OfferInfo offer) -> offer.memberStatus() != MemberAnswer.pending)
            .thenComparing(OfferInfo::updatedAt, Comparator.nullsLast(Comparator.reverseOrder()))
            .thenComparing(OfferInfo::id);

    private static final ImageAcceptanceStatus EMPTY = new ImageAcceptanceStatus(null, null, null, null, null, null);

    private AcceptanceStatus() {}

    /** The object's status; an empty one if it has none. */
    static ImageAcceptanceStatus before(ImageAcceptance acceptance) {
        return acceptance.getStatus() == null ? EMPTY : acceptance.getStatus();
    }

    /**
     * The status after a pass.
     *
     * @param stalled whether a reason that gets some grace has had it
     * @param lastSyncTime when Glance was last looked at, or null to keep what the status says
     */
    static ImageAcceptanceStatus of(
            ImageAcceptance acceptance,
            AcceptanceOutcome outcome,
            boolean stalled,
            @Nullable Instant lastSyncTime,
            Instant now) {
        var spec = acceptance.getSpec();
        var before = acceptance.getStatus();
        long generation = acceptance.getMetadata().getGeneration();
        var offers = outcome.offers();
        var notes = outcome.notes().stream().map(AcceptanceOutcome.Note::text).toList();
        var conditions = new Conditions(before == null ? null : before.conditions(), generation, now)
                .ready(outcome.problems(), readyReason(spec), () -> inOrder(spec, outcome), notes, stalled)
                .build();
        return new ImageAcceptanceStatus(
                generation,
                outcome.project() != null ? outcome.project() : before == null ? null : before.project(),
                offers != null
                        ? Listing.of(offers.stream().sorted(ORDER), OFFERS_BYTES, AcceptanceStatus::bytes)
                        : before == null ? null : before.images(),
                offers != null ? summary(offers) : before == null ? null : before.summary(),
                lastSyncTime != null
                        ? lastSyncTime.truncatedTo(ChronoUnit.SECONDS).toString()
                        : before == null ? null : before.lastSyncTime(),
                conditions);
    }

    private static int bytes(OfferInfo offer) {
        return OFFER_BYTES
                + Listing.bytes(offer.id())
                + Listing.bytes(offer.name())
                + Listing.bytes(offer.owner())
                + Listing.bytes(offer.updatedAt());
    }

    private static Reason readyReason(ImageAcceptanceSpec spec) {
        if (spec.suspend()) {
            return Reason.Suspended;
        }
        return onlyObserves(spec) ? Reason.Observed : Reason.Synced;
    }

    private static boolean onlyObserves(ImageAcceptanceSpec spec) {
        return spec.from() != null && spec.memberStatus() == MemberAnswer.pending;
    }

    private static String inOrder(ImageAcceptanceSpec spec, AcceptanceOutcome outcome) {
        if (spec.suspend()) {
            var open = outcome.toAnswer().size();
            return "Suspended, so no answer is given: "
                    + (open == 0
                            ? "the answers are as declared."
                            : open + (open == 1 ? " image" : " images") + " would be " + spec.memberStatus() + ".")
                    + " To resume, set spec.suspend to false.";
        }
        if (spec.image() != null) {
            return "The image is " + spec.memberStatus() + ", as declared.";
        }
        var summary = summary(outcome.offers() == null ? List.of() : outcome.offers());
        return (onlyObserves(spec) ? "Only looked at: " : "") + summary.offered()
                + (summary.offered() == 1 ? " image" : " images") + " offered: " + summary.accepted() + " accepted, "
                + summary.pending() + " pending, " + summary.rejected() + " rejected.";
    }

    private static OfferCounts summary(List<OfferInfo> offers) {
        return new OfferCounts(
                (int) offers.stream().filter(o -> o.memberStatus() != null).count(),
                count(offers, MemberAnswer.accepted),
                count(offers, MemberAnswer.pending),
                count(offers, MemberAnswer.rejected));
    }

    private static int count(List<OfferInfo> offers, MemberAnswer status) {
        return (int) offers.stream().filter(o -> o.memberStatus() == status).count();
    }
}
