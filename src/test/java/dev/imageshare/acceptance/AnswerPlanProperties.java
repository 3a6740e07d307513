package dev.imageshare.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.acceptance.AnswerPlan.Senior;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.From;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.OfferFilter;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.MemberStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What an ImageAcceptance with from can and can't do, whatever is offered and whoever else answers. */
class AnswerPlanProperties {

    private static final String OWN = "own";
    private static final List<String> PROJECTS = List.of("images", "partner", "stranger", OWN);

    @Property
    void onlyPendingOffersOfTrustedOwnersAreAnswered(
            @ForAll("offers") List<Offer> offers,
            @ForAll("froms") From from,
            @ForAll MemberStatus wish,
            @ForAll("seniors") List<Senior> seniors) {
        var plan = AnswerPlan.of(offers, from, wish, OWN, seniors);

        assertThat(plan.answer()).isSubsetOf(plan.offers()).allSatisfy(offer -> {
            assertThat(offer.answer()).isEqualTo(MemberStatus.pending);
            assertThat(from.owners()).contains(offer.image().owner());
            assertThat(offer.image().owner()).isNotEqualTo(OWN);
        });
        assertThat(plan.offers())
                .isSubsetOf(offers)
                .allSatisfy(offer ->
                        assertThat(from.owners()).contains(offer.image().owner()));
    }

    @Property
    void pendingOnlyObserves(
            @ForAll("offers") List<Offer> offers, @ForAll("froms") From from, @ForAll("seniors") List<Senior> seniors) {
        assertThat(AnswerPlan.of(offers, from, MemberStatus.pending, OWN, seniors)
                        .answer())
                .isEmpty();
    }

    @Property
    void onceAnsweredThereIsNothingToDo(
            @ForAll("offers") List<Offer> offers, @ForAll("froms") From from, @ForAll("answers") MemberStatus wish) {
        var plan = AnswerPlan.of(offers, from, wish, OWN, List.of());
        var after = offers.stream()
                .map(offer -> plan.answer().contains(offer) ? new Offer(offer.image(), wish) : offer)
                .toList();

        var again = AnswerPlan.of(after, from, wish, OWN, List.of());

        assertThat(again.answer()).isEmpty();
        assertThat(again.offers()).hasSameSizeAs(plan.offers());
    }

    @Property
    void anImageThatAnotherNamesIsLeftToItAndSaidSo(
            @ForAll("offers") List<Offer> offers,
            @ForAll("froms") From from,
            @ForAll("answers") MemberStatus wish,
            @ForAll("seniors") List<Senior> seniors) {
        var plan = AnswerPlan.of(offers, from, wish, OWN, seniors);

        var named = seniors.stream().map(Senior::imageId).toList();
        assertThat(plan.answer())
                .noneMatch(offer -> named.contains(offer.image().id()));

        var handled = new HashSet<String>();
        plan.answer().forEach(offer -> handled.add(offer.image().id()));
        plan.left().values().forEach(handled::addAll);
        assertThat(plan.offers().stream()
                        .filter(offer -> offer.answer() == MemberStatus.pending)
                        .map(offer -> offer.image().id()))
                .allMatch(handled::contains);
    }

    @Property
    void ofTwoThatMatchTheSameOnlyTheOlderAnswers(
            @ForAll("offers") List<Offer> offers,
            @ForAll("froms") From from,
            @ForAll("answers") MemberStatus wish,
            @ForAll("answers") MemberStatus other) {
        var older = AnswerPlan.of(offers, from, wish, OWN, List.of());
        var younger = AnswerPlan.of(offers, from, other, OWN, List.of(new Senior("ns/older", null, from)));

        assertThat(younger.answer()).isEmpty();
        assertThat(younger.left().values().stream().flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(
                        older.answer().stream().map(o -> o.image().id()).toList());
    }

    /** The whole of it once more, in other words. */
    @Property
    void whatMatchesIsReportedAndWhatIsPendingIsAnsweredByOne(
            @ForAll("offers") List<Offer> offers,
            @ForAll("froms") From from,
            @ForAll("answers") MemberStatus wish,
            @ForAll("seniors") List<Senior> seniors) {
        var plan = AnswerPlan.of(offers, from, wish, OWN, seniors);

        var matching = offers.stream().filter(offer -> isMatching(from, offer)).toList();
        var answered = new ArrayList<Offer>();
        var left = new TreeMap<String, List<String>>();
        for (var offer : matching) {
            if (offer.answer() != MemberStatus.pending) {
                continue;
            }
            var senior = seniors.stream()
                    .filter(s ->
                            offer.image().id().equals(s.imageId()) || (s.from() != null && isMatching(s.from(), offer)))
                    .findFirst();
            if (senior.isEmpty()) {
                answered.add(offer);
            } else {
                left.computeIfAbsent(senior.get().name(), name -> new ArrayList<>())
                        .add(offer.image().id());
            }
        }
        assertThat(plan.offers()).isEqualTo(matching);
        assertThat(plan.answer()).isEqualTo(answered);
        assertThat(plan.left()).isEqualTo(left);
    }

    private static boolean isMatching(From from, Offer offer) {
        var image = offer.image();
        if (OWN.equals(image.owner()) || !from.owners().stream().anyMatch(owner -> owner.equals(image.owner()))) {
            return false;
        }
        var filter = from.filter();
        var pattern = filter == null || filter.namePattern() == null ? "*" : filter.namePattern();
        var tags = filter == null || filter.tags() == null ? List.<String>of() : filter.tags();
        var isNamed = pattern.equals("*")
                || (pattern.equals("ubuntu-*") ? image.name().startsWith("ubuntu-") : pattern.equals(image.name()));
        return isNamed && tags.stream().allMatch(image.tags()::contains);
    }

    @Provide
    Arbitrary<MemberStatus> answers() {
        return Arbitraries.of(MemberStatus.accepted, MemberStatus.rejected);
    }

    @Provide
    Arbitrary<List<Offer>> offers() {
        var one = Combinators.combine(
                        Arbitraries.of("ubuntu-24", "ubuntu-22", "debian", ""),
                        Arbitraries.of(PROJECTS).injectNull(0.1),
                        Arbitraries.of("golden", "lts").set().ofMaxSize(2),
                        Arbitraries.of(MemberStatus.class))
                .as((name, owner, tags, answer) ->
                        new Offer(new Image("", name, owner, "shared", "active", List.copyOf(tags), null), answer));
        return one.list().ofMaxSize(12).map(AnswerPlanProperties::numbered);
    }

    private static List<Offer> numbered(List<Offer> offers) {
        var numbered = new ArrayList<Offer>();
        for (var offer : offers) {
            var i = offer.image();
            var id = "image-" + numbered.size();
            numbered.add(new Offer(
                    new Image(id, i.name(), i.owner(), i.visibility(), i.status(), i.tags(), null), offer.answer()));
        }
        return numbered;
    }

    @Provide
    Arbitrary<From> froms() {
        var filters = Combinators.combine(
                        Arbitraries.of("*", "ubuntu-*", "debian").injectNull(0.3),
                        Arbitraries.of("golden", "lts").list().uniqueElements().ofMaxSize(2))
                .as(OfferFilter::new)
                .injectNull(0.3);
        return Combinators.combine(
                        Arbitraries.of(PROJECTS).list().uniqueElements().ofMinSize(1), filters)
                .as(From::new);
    }

    @Provide
    Arbitrary<List<Senior>> seniors() {
        var naming = Arbitraries.integers().between(0, 12).map(i -> new Senior("ns/names-" + i, "image-" + i, null));
        var matching = froms().map(from -> new Senior("ns/matches", null, from));
        return Arbitraries.oneOf(naming, matching).list().ofMaxSize(3);
    }
}
