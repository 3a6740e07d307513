package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.notifier.Receipt.Result;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Counters.Counted;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people get, pass for pass, on the reconciler as it ships. */
class NotifierFlowTest {

    private static EmbeddedKubernetes api;
    private static KubernetesClient client;
    private static int namespaces;

    private DrivenNotifier driven;

    @BeforeAll
    static void start() {
        api = EmbeddedKubernetes.start(0);
        api.installCrds(Path.of("crds/image-notifiers"));
        client = api.client();
    }

    @AfterAll
    static void stop() {
        client.close();
        api.close();
    }

    @BeforeEach
    void create() {
        driven = new DrivenNotifier(api, client, "flow-" + ++namespaces, 1, mail());
        driven.contacts(contacts(3));
    }

    static ImageNotifierSpec mail() {
        return new ImageNotifierSpec(
                ImageNotifierSpec.ReceiverType.smtp,
                new ImageNotifierSpec.SecretReference("mail"),
                "images@example.org",
                null,
                null,
                new ImageNotifierSpec.ContactsRef(new ImageNotifierSpec.SecretReference("contacts")),
                null,
                null,
                null,
                false);
    }

    static String contacts(int projects) {
        var text = new StringBuilder(Shares.OWNER + ": owner@example.org\n");
        for (var i = 0; i < projects; i++) {
            text.append("\"%s\": [p%d@example.org]\n".formatted(Shares.project(i), i));
        }
        return text.toString();
    }

    private Instant now() {
        return driven.clock.instant();
    }

    private Shares share(String name) {
        return driven.shares.computeIfAbsent(name, n -> new Shares(n, now()));
    }

    private List<String> told() {
        return driven.deliveries.stream()
                .map(d -> d.address().replace("@example.org", "") + ": "
                        + d.notices().stream()
                                .map(n -> n.event() + (n.number() == 0 ? "" : " " + n.number()))
                                .collect(Collectors.joining(", ")))
                .toList();
    }

    @Test
    void theStoryOfTheIssue() {
        driven.run(Duration.ofMinutes(1));
        share("ubuntu")
                .added(Shares.project(0), now())
                .added(Shares.project(1), now())
                .added(Shares.project(2), now());
        driven.run(Duration.ofMinutes(2));
        assertThat(told()).containsExactlyInAnyOrder("p0: Offered", "p1: Offered", "p2: Offered");
        driven.deliveries.clear();

        share("ubuntu").answered(Shares.project(0), MemberAnswer.accepted, now());
        driven.run(Duration.ofMinutes(30));
        share("ubuntu").answered(Shares.project(1), MemberAnswer.rejected, now());
        driven.run(Duration.ofMinutes(30));
        assertThat(told()).containsExactly("owner: Answered", "owner: Answered");
        driven.deliveries.clear();

        driven.run(Duration.ofDays(100));
        assertThat(told()).containsExactly("p2: Reminder 1", "p2: Reminder 2", "p2: Reminder 3");
    }

    @Test
    void nothingForWhatWasThereBefore() {
        share("ubuntu")
                .added(Shares.project(0), now().minusSeconds(60))
                .found(Shares.project(1), MemberAnswer.accepted, now());
        driven.run(Duration.ofMinutes(30));
        share("debian").found(Shares.project(0), MemberAnswer.pending, now().minusSeconds(90_000));
        driven.run(Duration.ofMinutes(30));

        assertThat(told()).isEmpty();
    }

    /** A quiet look writes nothing. */
    @Test
    void aQuietHourWritesNothing() {
        driven.run(Duration.ofMinutes(1));
        share("ubuntu").added(Shares.project(0), now());
        driven.run(Duration.ofMinutes(30));
        var version = driven.object().getMetadata().getResourceVersion();

        driven.run(Duration.ofHours(5));
        assertThat(driven.object().getMetadata().getResourceVersion()).isEqualTo(version);
        driven.kill();
        driven.run(Duration.ofHours(1));
        assertThat(driven.object().getMetadata().getResourceVersion()).isEqualTo(version);
        assertThat(driven.deliveries).hasSize(1);
    }

    @Test
    void manyImagesAtOnceAreOneMailEach() {
        driven.contacts(contacts(20));
        driven.run(Duration.ofMinutes(1));
        for (var i = 0; i < 50; i++) {
            for (var p = 0; p < 20; p++) {
                share("image-" + i).added(Shares.project(p), now());
            }
        }
        driven.run(Duration.ofMinutes(10));
        assertThat(driven.deliveries).hasSize(20).allMatch(d -> d.notices().size() == 50);

        share("one-more").added(Shares.project(0), now()).added(Shares.project(1), now());
        driven.run(Duration.ofMinutes(20));
        assertThat(driven.deliveries).hasSize(22);
        assertThat(betweenMails())
                .allMatch(d -> d.compareTo(NotifierSettings.defaults().interval()) >= 0);
    }

    private List<Duration> betweenMails() {
        return driven.deliveries.stream()
                .collect(Collectors.groupingBy(DrivenNotifier.Delivery::address))
                .values()
                .stream()
                .map(each ->
                        each.stream().map(DrivenNotifier.Delivery::at).sorted().toList())
                .flatMap(at -> IntStream.range(1, at.size()).mapToObj(i -> Duration.between(at.get(i - 1), at.get(i))))
                .toList();
    }

    @Test
    void aDigestListsImagesByName() {
        driven.run(Duration.ofMinutes(1));
        var names = List.of("ubuntu-24.04", "alma-9", "debian-13", "rocky-9", "fedora-43");
        names.forEach(name -> share(name).added(Shares.project(0), now()));
        driven.run(Duration.ofMinutes(2));

        assertThat(driven.deliveries)
                .singleElement()
                .satisfies(delivery -> assertThat(delivery.notices())
                        .extracting(Wording::title)
                        .containsExactlyElementsOf(names.stream().sorted().toList()));
    }

    @Test
    void aKillBetweenSendAndNoteRepeatsOneMessageWithItsId() {
        driven.contacts(contacts(5));
        driven.run(Duration.ofMinutes(1));
        for (var p = 0; p < 5; p++) {
            share("ubuntu").added(Shares.project(p), now());
        }
        driven.look();
        driven.clock.move(Duration.ofSeconds(20));
        for (var killed = 0; killed < 3; killed++) {
            while (!driven.isUnderWay()) {
                driven.clock.move(Duration.ofSeconds(20));
                driven.look();
            }
            driven.killAfterSend();
        }
        driven.run(Duration.ofMinutes(40));

        var ids = driven.deliveries.stream()
                .flatMap(d -> d.notices().stream().map(n -> d.address() + " " + n.id()))
                .toList();
        assertThat(new HashSet<>(ids)).hasSize(5);
        assertThat(ids.size()).isBetween(5, 8);
    }

    /** Also if it was told for another project. */
    @Test
    void whoWasToldBeforeAKillIsLeftAloneAfterIt() {
        driven.contacts(
                "\"%s\": [a@example.org]%n\"%s\": [a@example.org]%n".formatted(Shares.project(0), Shares.project(1)));
        driven.run(Duration.ofMinutes(1));
        share("ubuntu").added(Shares.project(0), now());
        driven.run(Duration.ofMinutes(2));
        driven.kill();
        share("ubuntu").added(Shares.project(1), now());
        driven.run(Duration.ofMinutes(30));

        assertThat(told()).containsExactly("a: Offered", "a: Offered");
        assertThat(betweenMails())
                .allMatch(d ->
                        d.plusSeconds(1).compareTo(NotifierSettings.defaults().interval()) >= 0);
    }

    @Test
    void aReceiverThatIsDownIsTriedForAnHourAndThenGivenUp() {
        driven.run(Duration.ofMinutes(1));
        driven.answer = parcel -> Receipt.of(Result.LATER, "The mail server can't be reached.");
        share("ubuntu").added(Shares.project(0), now());
        driven.run(Duration.ofMinutes(20));

        assertThat(Conditions.find(driven.object().getStatus().conditions(), "Stalled"))
                .hasValueSatisfying(c -> {
                    assertThat(c.reason()).isEqualTo("NotDelivered");
                    assertThat(c.message()).contains("can't be reached", "an hour");
                });
        assertThat(driven.count(Counted.MESSAGE_NOT_TAKEN)).isBetween(5L, 20L);
        driven.run(Duration.ofMinutes(50));
        assertThat(driven.object().getStatus().failed()).isEqualTo(1);
        assertThat(driven.count(Counted.MESSAGE_GIVEN_UP)).isEqualTo(1);

        driven.answer = parcel -> Receipt.taken("");
        share("debian").added(Shares.project(0), now());
        driven.run(Duration.ofMinutes(20));
        assertThat(told()).containsExactly("p0: Offered");
        assertThat(Conditions.find(driven.object().getStatus().conditions(), "Ready")
                        .orElseThrow()
                        .reason())
                .isEqualTo("Synced");
    }

    @Test
    void aMailboxThatIsRefusedStopsNoOther() {
        driven.contacts("\"%s\": [a@example.org, b@example.org, c@example.org]".formatted(Shares.project(0)));
        driven.run(Duration.ofMinutes(1));
        driven.answer = parcel -> parcel.recipient().address().startsWith("b")
                ? Receipt.of(Result.REFUSED, "The mail server rejects an address (550).")
                : parcel.recipient().address().startsWith("c") && now().isBefore(Instant.parse("2026-11-21T18:30:00Z"))
                        ? Receipt.of(Result.RECIPIENT_LATER, "Not now (450).")
                        : Receipt.taken("");
        share("ubuntu").added(Shares.project(0), now());
        driven.run(Duration.ofMinutes(5));
        assertThat(told()).containsExactly("a: Offered");
        assertThat(driven.object().getStatus().failed()).isEqualTo(1);

        driven.kill();
        driven.run(Duration.ofHours(1));
        assertThat(told()).containsExactly("a: Offered", "c: Offered");
    }

    @Test
    void retryAfterIsObeyed() {
        driven.run(Duration.ofMinutes(1));
        driven.answer = parcel -> new Receipt(
                Result.LATER,
                "The receiver doesn't accept messages now (429).",
                Optional.of(Duration.ofMinutes(15)),
                "");
        share("ubuntu").added(Shares.project(0), now());
        driven.run(Duration.ofMinutes(14));

        assertThat(driven.count(Counted.MESSAGE_NOT_TAKEN)).isEqualTo(1);
    }

    @Test
    void whoIsGoneForGoodIsLeftAloneUntilTheSecretChanges() {
        driven.run(Duration.ofMinutes(1));
        driven.answer = parcel -> Receipt.of(Result.GONE, "The receiver is gone for good (410).");
        share("ubuntu").added(Shares.project(0), now());
        driven.run(Duration.ofMinutes(30));
        assertThat(driven.count(Counted.MESSAGE_NOT_TAKEN)).isEqualTo(1);

        driven.answer = parcel -> Receipt.taken("");
        driven.contacts(contacts(4));
        driven.run(Duration.ofMinutes(5));
        assertThat(told()).containsExactly("p0: Offered");
    }

    @Test
    void whatIsTakenAwayIsTold() {
        driven.run(Duration.ofMinutes(1));
        share("ubuntu").added(Shares.project(0), now()).added(Shares.project(1), now());
        driven.run(Duration.ofMinutes(30));
        driven.deliveries.clear();

        share("ubuntu").removed(Shares.project(0));
        driven.run(Duration.ofMinutes(30));
        assertThat(told()).containsExactly("p0: Withdrawn");
        driven.shares.remove("ubuntu");
        driven.run(Duration.ofMinutes(30));
        assertThat(told()).containsExactly("p0: Withdrawn", "p1: Withdrawn");
    }

    /** A rename in Git creates the new object first. */
    @Test
    void whatAnotherObjectSharesStillIsNotTakenAway() {
        driven.run(Duration.ofMinutes(1));
        share("ubuntu").added(Shares.project(0), now());
        driven.run(Duration.ofMinutes(30));
        driven.deliveries.clear();

        driven.shares.put("ubuntu-2", share("ubuntu").named("ubuntu-2"));
        driven.run(Duration.ofMinutes(5));
        driven.shares.remove("ubuntu");
        driven.run(Duration.ofMinutes(30));
        assertThat(told()).isEmpty();
    }

    @Test
    void suspendedItSendsNothingAndForgetsNothing() {
        driven.run(Duration.ofMinutes(1));
        driven.edit(spec -> suspended(spec, true));
        share("ubuntu").added(Shares.project(0), now());
        driven.run(Duration.ofHours(3));
        assertThat(told()).isEmpty();
        assertThat(Conditions.find(driven.object().getStatus().conditions(), "Ready")
                        .orElseThrow()
                        .reason())
                .isEqualTo("Suspended");

        driven.edit(spec -> suspended(spec, false));
        driven.run(Duration.ofMinutes(5));
        assertThat(told()).containsExactly("p0: Offered");
    }

    private static ImageNotifierSpec suspended(ImageNotifierSpec spec, boolean to) {
        return new ImageNotifierSpec(
                spec.type(),
                spec.secretRef(),
                spec.from(),
                spec.selector(),
                spec.events(),
                spec.contacts(),
                spec.reminders(),
                spec.subjectPrefix(),
                spec.footer(),
                to);
    }

    @Test
    void whoHasNoContactIsNotTold() {
        driven.run(Duration.ofMinutes(1));
        share("ubuntu").added(Shares.project(77), now());
        driven.run(Duration.ofMinutes(30));

        assertThat(told()).isEmpty();
        assertThat(driven.object().getStatus().progress().projects()).isNull();
    }

    /** An address that a CRD's status may not hold would end every write. */
    @Test
    void theStatusHoldsNoAddress() {
        driven.contacts("\"%s\": [a@example.org, b@example.org]".formatted(Shares.project(0)));
        driven.run(Duration.ofMinutes(1));
        driven.answer = parcel -> parcel.recipient().address().startsWith("b")
                ? Receipt.of(Result.RECIPIENT_LATER, "Not now (450).")
                : Receipt.taken("");
        share("ubuntu").added(Shares.project(0), now());
        driven.run(Duration.ofMinutes(5));

        var status = driven.object().getStatus();
        assertThat(status.progress().projects().get(0).recipients()).hasSize(1);
        assertThat(client.getKubernetesSerialization().asYaml(driven.object().getStatus()))
                .doesNotContain("@", "example");
    }
}
