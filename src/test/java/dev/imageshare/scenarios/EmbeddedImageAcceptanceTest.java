package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Consumer.ready;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.OfferCounts;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.embedded.Fault;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The scenarios on embedded services, and what only their record of every request shows. */
class EmbeddedImageAcceptanceTest extends ImageAcceptanceScenarios {

    private EmbeddedWorld world;

    @Override
    World newWorld() {
        world = new EmbeddedWorld(Settings.defaults());
        return world;
    }

    @AfterEach
    void noFaults() {
        world.cloud.intercept((method, path) -> null);
    }

    private List<Call> glanceCalls() {
        return world.cloud.requests().stream()
                .filter(call -> call.path().startsWith("/v2/"))
                .toList();
    }

    /** What this test's own object asks for, after all that it had to do was done. */
    private void awaitQuiet(String name) {
        team().awaitReason(name, Reason.Synced);
        eventually(() -> assertThat(team().namespace.events(name)).contains("ImagesAnswered"));
        world.cloud.clearRequests();
        world.api.clearRequests();
    }

    private void assertNoWrites() {
        assertThat(world.api.requests())
                .filteredOn(r -> r.userAgent() != null && !r.method().equals("GET"))
                .extracting(EmbeddedKubernetes.Request::path)
                .filteredOn(path -> path.contains(team().namespace.name))
                .isEmpty();
    }

    @Test
    void aResyncOfANamedImageIsOneRequestAndNoWrite() {
        team().create(team().named("ubuntu", image(), MemberAnswer.accepted));
        awaitQuiet("ubuntu");

        eventually(() -> assertThat(glanceCalls()).hasSizeGreaterThanOrEqualTo(3));

        var member = "/v2/images/" + image() + "/members/" + world.cloud.projectId("consumer-a");
        assertThat(glanceCalls()).filteredOn(c -> c.path().contains(image())).allSatisfy(call -> {
            assertThat(call.method()).isEqualTo("GET");
            assertThat(call.path()).isEqualTo(member);
        });
        assertNoWrites();
    }

    @Test
    void aResyncOfTrustedOwnersIsThreeRequestsAndNoWrite() {
        team().create(team().from("golden", producer(), prefix() + "*", MemberAnswer.accepted));
        awaitQuiet("golden");

        eventually(() -> assertThat(glanceCalls()).hasSizeGreaterThanOrEqualTo(9));

        assertThat(glanceCalls()).allSatisfy(call -> {
            assertThat(call.method()).isEqualTo("GET");
            assertThat(call.path()).isEqualTo("/v2/images");
            assertThat(call.query()).contains("visibility=shared");
        });
        var statuses = glanceCalls().stream()
                .map(call -> call.query().replaceFirst(".*member_status=(\\w+).*", "$1"))
                .toList();
        assertThat(String.join(" ", statuses.subList(statuses.indexOf("pending"), statuses.size())))
                .startsWith("pending accepted rejected pending accepted rejected");
        assertNoWrites();
    }

    /** Anybody can offer anything to any project. */
    @Test
    void strangersOffersAreNotEvenListedWhereFewOwnersAreTrusted() {
        team().create(team().from("golden", producer(), prefix() + "*", MemberAnswer.accepted));
        awaitQuiet("golden");

        eventually(() -> assertThat(glanceCalls()).hasSizeGreaterThanOrEqualTo(3));

        assertThat(glanceCalls()).allSatisfy(call -> assertThat(call.query()).contains("owner=" + producer()));
    }

    @Test
    void strangersOffersHideNobodysWhereManyOwnersAreTrusted() {
        var consumer = world.cloud.projectId("consumer-b");
        var trusted = world.cloud.createImage("producer", prefix() + "hidden", "shared", List.of());
        world.cloud.addMember("producer", trusted, consumer);
        for (var i = 0; i <= 1_000; i++) {
            world.cloud.addMember(
                    "stranger", world.cloud.createImage("stranger", "junk-" + i, "shared", List.of()), consumer);
        }
        var team = new Consumer(world, "consumer-b");
        var owners = new ArrayList<>(IntStream.range(0, 4)
                .mapToObj(i -> Integer.toString(i).repeat(32))
                .toList());
        owners.add(producer());
        world.cloud.clearRequests();
        team.create(Consumer.trusting(team.from("golden", producer(), prefix() + "*", MemberAnswer.accepted), owners));

        team.awaitReason("golden", Reason.Synced);
        eventually(() -> assertThat(team.answers("golden")).containsEntry(trusted, "accepted"));
        assertThat(world.cloud.requests())
                .filteredOn(
                        call -> "/v2/images".equals(call.path()) && call.query().contains("member_status=pending"))
                .extracting(Call::query)
                .anySatisfy(query -> assertThat(query).doesNotContain("owner="))
                .anySatisfy(query -> assertThat(query).contains("owner=" + producer()));
        team.deleteAll();
    }

    @Test
    void neitherSideUsesTheOthersCalls() {
        var producers = new Namespace(world.kubernetes(), world.cloud.cloudsYaml("producer"));
        var consumerA = world.cloud.projectId("consumer-a");
        var shared = world.cloud.createImage("producer", prefix() + "workflow", "shared", List.of());
        world.cloud.clearRequests();
        producers.create(producers.share("ubuntu", shared, consumerA));
        team().create(team().named("ubuntu", shared, MemberAnswer.rejected));
        team().awaitReason("ubuntu", Reason.Synced);
        eventually(() -> assertThat(producers.answers("ubuntu")).containsEntry(consumerA, "rejected"));
        producers.at("ubuntu").delete();
        producers.awaitGone("ubuntu");

        assertThat(glanceCalls())
                .filteredOn(call -> producer().equals(call.projectId()))
                .extracting(Call::method)
                .contains("GET", "POST", "DELETE")
                .doesNotContain("PUT", "PATCH");
        assertThat(glanceCalls())
                .filteredOn(call -> consumerA.equals(call.projectId()))
                .extracting(Call::method)
                .contains("GET", "PUT")
                .doesNotContain("POST", "DELETE", "PATCH");
        assertThat(glanceCalls()).extracting(Call::projectId).containsOnly(producer(), consumerA);
    }

    @Test
    void oneThatFailsIsNamedAndDoesNotStopTheOthers() {
        var more = IntStream.range(0, 9).mapToObj(i -> offered("more-" + i)).toList();
        world.cloud.intercept(
                (method, path) -> method.equals("PUT") && path.contains(image()) ? Fault.canned(500, "{}") : null);
        team().create(team().from("golden", producer(), prefix() + "*", MemberAnswer.accepted));

        var partial = team().awaitReason("golden", Reason.PartiallySynced);
        assertThat(ready(partial).message()).contains("Not answered: " + image() + ".");
        assertThat(partial.getStatus().summary()).isEqualTo(new OfferCounts(10, 9, 1, 0));
        assertThat(team().answers("golden")).containsEntry(more.get(8), "accepted");

        world.cloud.intercept((method, path) -> null);
        team().awaitReason("golden", Reason.Synced);
        assertThat(team().answers("golden")).containsEntry(image(), "accepted");
    }

    @Test
    void anAnswerGivenAfterTheListsWereReadIsLeft() {
        var listed = new CountDownLatch(1);
        var answered = new CountDownLatch(1);
        world.cloud.intercept((method, path) -> {
            if (method.equals("GET") && path.contains(image() + "/members/")) {
                listed.countDown();
                answered.await();
            }
            return null;
        });
        team().create(team().from("golden", producer(), prefix() + "*", MemberAnswer.accepted));
        eventually(() -> assertThat(listed.getCount()).isZero());
        world.cloud.answer("consumer-a", image(), dev.imageshare.openstack.MemberStatus.rejected);
        answered.countDown();

        team().awaitReason("golden", Reason.Synced);
        assertThat(team().answers("golden")).containsEntry(image(), "rejected");
        assertThat(glanceCalls())
                .filteredOn(c -> c.path().contains(image()))
                .extracting(Call::method)
                .doesNotContain("PUT");
    }

    @Test
    void aWishThatChangesWhileAnOfferIsReadIsNotAnsweredByTheOldOne() {
        var listed = new CountDownLatch(1);
        var changed = new CountDownLatch(1);
        world.cloud.intercept((method, path) -> {
            if (method.equals("GET") && path.contains(image() + "/members/")) {
                listed.countDown();
                changed.await();
            }
            return null;
        });
        team().create(team().from("golden", producer(), prefix() + "*", MemberAnswer.accepted));
        eventually(() -> assertThat(listed.getCount()).isZero());
        team().edit("golden", spec -> Consumer.answering(spec, MemberAnswer.pending));
        // What comes after it in the same watch is seen after it: this one says so without asking the cloud.
        var marker = team().named("marker", image(), MemberAnswer.accepted);
        var s = marker.getSpec();
        marker.setSpec(new dev.imageshare.api.v1alpha1.ImageAcceptanceSpec(
                new dev.imageshare.api.v1alpha1.CloudCredentialsRef("none", "consumer-a"),
                s.image(),
                null,
                s.memberStatus(),
                "1s"));
        team().create(marker);
        team().awaitReason("marker", Reason.CredentialsNotFound);
        changed.countDown();

        team().awaitReason("golden", Reason.Observed);
        assertThat(team().answers("golden")).containsEntry(image(), "pending");
        assertThat(glanceCalls())
                .filteredOn(c -> c.path().contains(image()))
                .extracting(Call::method)
                .doesNotContain("PUT");
    }

    @Test
    void twoThousandOffersAreAnsweredCountedAndListedUpToAThousand() {
        IntStream.range(0, 1_999).forEach(i -> offered("many-" + i));
        team().create(team().from("golden", producer(), prefix() + "*", MemberAnswer.accepted));

        var all = team().awaitReason("golden", Reason.Synced);
        assertThat(all.getStatus().summary()).isEqualTo(new OfferCounts(2_000, 2_000, 0, 0));
        assertThat(all.getStatus().images()).hasSize(1_000);
        awaitQuiet("golden");
        eventually(() -> assertThat(glanceCalls()).hasSizeGreaterThanOrEqualTo(10));
        assertNoWrites();
    }
}
