package dev.imageshare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.share.ShareSettings;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Access that ends, on a clock that is moved; by less than what the embedded Glance's, which is the machine's, may differ. */
class ExpiryTest {

    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);
    private static final String C = "c".repeat(32);
    private static final Duration SOON = Duration.ofSeconds(30);

    private final ModelWorld world = new ModelWorld();
    private final Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private DrivenOperator operator = operator(1);
    private String image = "";

    @BeforeEach
    void namespace() {
        world.clock.move(Duration.between(world.clock.instant(), begin));
        world.client
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("golden")
                        .endMetadata()
                        .build())
                .create();
        world.client
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("clouds")
                        .withNamespace("golden")
                        .endMetadata()
                        .withStringData(Map.of("clouds.yaml", world.cloud.cloudsYaml()))
                        .build())
                .create();
        image = world.cloud.createImage("producer", "ubuntu", "shared", List.of());
    }

    @AfterEach
    void close() {
        operator.close();
        world.close();
    }

    @Test
    void accessEndsAtItsTimeWithoutApprovalWhateverTheLimit() {
        apply("0", member(A, null), member(B, begin.plus(SOON)));
        runUntil(begin.plus(SOON).minusSeconds(1));
        assertThat(world.cloud.members("producer", image)).containsOnlyKeys(A, B);
        assertThat(share().getStatus().nextExpiry()).isEqualTo(begin.plus(SOON).toString());

        runUntil(begin.plus(SOON));

        assertThat(world.cloud.members("producer", image)).containsOnlyKeys(A);
        assertThat(ready().reason()).isEqualTo("Synced");
        assertThat(share().getStatus().nextExpiry()).isNull();
        assertThat(events("AccessEnding"))
                .singleElement()
                .satisfies(message -> assertThat(message)
                        .isEqualTo("Access ends soon: " + B + " at " + begin.plus(SOON)
                                + ". To extend it, set a later expiresAt."));
        assertThat(events("AccessEnded")).containsExactly("Access has ended as declared by expiresAt: " + B);
    }

    /** The last member too: who wrote the date meant it. A kill between the due time and the removal changes nothing. */
    @Test
    void anotherProcessKnowsThatTheEndWasSeen() {
        apply("25%", member(A, begin.plus(SOON)));
        runUntil(begin.plus(SOON).minusSeconds(1));
        operator.close();
        world.clock.move(Duration.ofSeconds(5));
        operator = operator(2);

        runUntil(begin.plus(SOON).plusSeconds(30));

        assertThat(world.cloud.members("producer", image)).isEmpty();
    }

    /** A year typed wrongly must not revoke a fleet. */
    @Test
    void anEndThatWasFirstSeenInThePastIsAnOrdinaryRemoval() {
        apply("25%", member(A, null), member(B, null), member(C, null));
        runUntil(begin.plusSeconds(10));

        apply("25%", member(A, null), member(B, begin.minus(SOON)), member(C, begin.minus(SOON)));
        runUntil(begin.plus(SOON));

        assertThat(world.cloud.members("producer", image)).containsOnlyKeys(A, B, C);
        assertThat(ready().reason()).isEqualTo("RemovalHeld");
    }

    @Test
    void extendedInTimeTheMemberAndItsAnswerStay() {
        var consumer = world.cloud.projectId("consumer-a");
        apply("25%", member(consumer, begin.plus(SOON)));
        runUntil(begin.plus(SOON).minusSeconds(10));
        world.cloud.answer("consumer-a", image, MemberStatus.accepted);
        apply("25%", member(consumer, begin.plus(SOON).plus(SOON)));

        runUntil(begin.plus(SOON).plusSeconds(10));

        assertThat(world.cloud.members("producer", image)).containsEntry(consumer, "accepted");
        runUntil(begin.plus(SOON).plus(SOON));
        assertThat(world.cloud.members("producer", image)).isEmpty();
    }

    /** Restored without its status, the object knows no end that it saw coming. */
    @Test
    void withoutItsStatusNothingEnds() {
        apply("25%", member(A, begin.plus(SOON)));
        runUntil(begin.plus(SOON).minusSeconds(1));
        var share = share();
        share.setStatus(null);
        world.client.resource(share).updateStatus();
        operator.close();
        world.clock.move(SOON);
        operator = operator(3);

        runUntil(begin.plus(SOON).plus(SOON).plus(SOON));

        assertThat(world.cloud.members("producer", image)).containsOnlyKeys(A);
    }

    /** The operator's node is an hour ahead: by its clock the access is over, by the API server's it isn't. */
    @Test
    void byAClockThatTheApiServerContradictsNothingEnds() {
        apply("25%", member(A, begin.plus(SOON)));
        runUntil(begin.plus(SOON).minusSeconds(10));
        operator.apiServer.answered(date(begin.minusSeconds(3_600)));

        runUntil(begin.plus(SOON).plusSeconds(10));

        assertThat(world.cloud.members("producer", image)).containsOnlyKeys(A);
        assertThat(ready().reason()).isEqualTo("ClockSkew");
        assertThat(ready().message())
                .contains(
                        "the clock of the Kubernetes API server is 60 minutes behind the operator's. Set the clocks (NTP)");

        operator.apiServer.answered(date(world.clock.instant()));
        runUntil(begin.plus(SOON).plusSeconds(60));
        assertThat(world.cloud.members("producer", image)).isEmpty();
        assertThat(ready().reason()).isEqualTo("Synced");
    }

    private static String date(Instant time) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atOffset(ZoneOffset.UTC));
    }

    private DrivenOperator operator(long seed) {
        return new DrivenOperator(
                world.client, world.clock, seed, CloudSettings.defaults(), ShareSettings.defaults(), () -> true);
    }

    private static String member(String project, Instant end) {
        return "{\"projectID\": \"" + project + "\"" + (end == null ? "" : ", \"expiresAt\": \"" + end + "\"") + "}";
    }

    private void apply(String maxRemovals, String... members) {
        var share = world.client
                .getKubernetesSerialization()
                .unmarshal(
                        """
                {"apiVersion": "imageshare.dev/v1alpha1", "kind": "ImageShare",
                 "metadata": {"name": "ubuntu", "namespace": "golden"},
                 "spec": {"cloudCredentialsRef": {"secretName": "clouds", "cloudName": "producer"},
                   "managedOptions": {"maxRemovals": %s},
                   "resyncPeriod": "10s", "image": {"id": "%s"}, "members": [%s]}}""".formatted(
                                        maxRemovals.endsWith("%") ? "\"" + maxRemovals + "\"" : maxRemovals,
                                        image,
                                        String.join(", ", members)),
                        ImageShare.class);
        var known = share();
        if (known == null) {
            world.client.resource(share).create();
        } else {
            known.setSpec(share.getSpec());
            world.client.resource(known).update();
        }
    }

    private ImageShare share() {
        return world.client
                .resources(ImageShare.class)
                .inNamespace("golden")
                .withName("ubuntu")
                .get();
    }

    private Condition ready() {
        return Conditions.find(share().getStatus().conditions(), Conditions.READY)
                .orElseThrow();
    }

    private List<String> events(String reason) {
        return world.client.resources(Event.class).inNamespace("golden").list().getItems().stream()
                .filter(event -> event.getReason().equals(reason))
                .map(Event::getMessage)
                .toList();
    }

    private void tell() {
        operator.tell(
                world.client
                        .resources(ImageShare.class)
                        .inNamespace("golden")
                        .list()
                        .getItems(),
                world.client
                        .resources(ImageAcceptance.class)
                        .inNamespace("golden")
                        .list()
                        .getItems(),
                world.client
                        .resources(Secret.class)
                        .inNamespace("golden")
                        .list()
                        .getItems());
    }

    /** Runs all passes that are due until then, each at its time. */
    private void runUntil(Instant until) {
        tell();
        while (operator.nextDue() != null && !operator.nextDue().isAfter(until)) {
            var wait = Duration.between(world.clock.instant(), operator.nextDue());
            world.clock.move(wait.isNegative() ? Duration.ZERO : wait);
            operator.dueNow().forEach(operator::pass);
            tell();
        }
        var left = Duration.between(world.clock.instant(), until);
        world.clock.move(left.isNegative() ? Duration.ZERO : left);
    }
}
