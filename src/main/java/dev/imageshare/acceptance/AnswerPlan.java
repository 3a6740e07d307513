package dev.imageshare.acceptance;

import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.From;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.OfferFilter;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.reconcile.NamePattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an ImageAcceptance with {@code from} does about the offers to its project. A pure function, like the producer's
 * plan.
 *
 * @param offers the offers that the spec matches
 * @param answer those of them that it answers: pending ones that nobody else is for
 * @param left the pending ones that another object is for, by that object's name
 */
record AnswerPlan(List<Offer> offers, List<Offer> answer, Map<String, List<String>> left) {

    /**
     * Another object for the same project that goes first.
     *
     * @param name its namespace and name
     * @param imageId the image that it names, or null
     * @param from what it matches, or null
     */
    record Senior(
            String name,
            @org.jspecify.annotations.Nullable String imageId,
            @org.jspecify.annotations.Nullable From from) {

        private boolean isFor(Image image, String project) {
            return imageId != null
                    ? imageId.equals(image.id())
                    : from != null && AnswerPlan.matches(from, image, project);
        }
    }

    /**
     * The plan.
     *
     * @param all what is offered to the project; its own shared images may be among it
     * @param from the spec's, which has passed {@link AcceptanceRules}
     * @param wish the answer; pending answers nothing
     * @param project the project that answers
     * @param seniors objects that name an image, and older ones that match images
     */
    static AnswerPlan of(
            Collection<Offer> all, From from, MemberStatus wish, String project, Collection<Senior> seniors) {
        var offers = all.stream()
                .filter(offer -> matches(from, offer.image(), project))
                .toList();
        var answer = new ArrayList<Offer>();
        var left = new TreeMap<String, List<String>>();
        for (var offer : offers) {
            if (wish == MemberStatus.pending || offer.answer() != MemberStatus.pending) {
                continue;
            }
            var senior = seniors.stream()
                    .filter(s -> s.isFor(offer.image(), project))
                    .findFirst();
            if (senior.isPresent()) {
                left.computeIfAbsent(senior.get().name(), name -> new ArrayList<>())
                        .add(offer.image().id());
            } else {
                answer.add(offer);
            }
        }
        return new AnswerPlan(offers, List.copyOf(answer), left);
    }

    private static boolean matches(From from, Image image, String project) {
        return image.owner() != null
                && !image.owner().equals(project)
                && from.owners() != null
                && from.owners().contains(image.owner())
                && (from.filter() == null || matches(from.filter(), image));
    }

    private static boolean matches(OfferFilter filter, Image image) {
        return (filter.namePattern() == null || new NamePattern(filter.namePattern()).matches(image.name()))
                && (filter.tags() == null || image.tags().containsAll(filter.tags()));
    }
}
