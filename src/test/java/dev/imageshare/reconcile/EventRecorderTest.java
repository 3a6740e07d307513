package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.imageshare.api.v1alpha1.ImageShare;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient(https = false, crud = true)
class EventRecorderTest {

    KubernetesMockServer server;
    KubernetesClient client;
    private final MovableClock clock = new MovableClock();
    private final ImageShare share = new ImageShare();
    private EventRecorder recorder;

    @BeforeEach
    void newRecorder() {
        share.getMetadata().setNamespace("team");
        share.getMetadata().setName("ubuntu");
        share.getMetadata().setUid("uid-1");
        share.getMetadata().setResourceVersion("7");
        recorder = new EventRecorder(client, clock);
    }

    private void say(String message) {
        recorder.record(share, EventRecorder.Type.Warning, "RemovalHeld", message);
    }

    private List<Event> events() {
        return client.v1().events().inNamespace("team").list().getItems();
    }

    @Test
    void anEventSaysWhatHappenedToWhat() {
        say("held back");

        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.getType()).isEqualTo("Warning");
            assertThat(event.getReason()).isEqualTo("RemovalHeld");
            assertThat(event.getMessage()).isEqualTo("held back");
            assertThat(event.getCount()).isEqualTo(1);
            assertThat(event.getFirstTimestamp()).isEqualTo("2026-11-21T18:00:08Z");
            assertThat(event.getMetadata().getName()).startsWith("ubuntu.");
            var about = event.getInvolvedObject();
            assertThat(about.getApiVersion()).isEqualTo("imageshare.dev/v1alpha1");
            assertThat(about.getKind()).isEqualTo("ImageShare");
            assertThat(about.getNamespace()).isEqualTo("team");
            assertThat(about.getName()).isEqualTo("ubuntu");
            assertThat(about.getUid()).isEqualTo("uid-1");
        });
    }

    @Test
    void theSameAgainWithinAnHourOnlyCountsUp() {
        say("held back");
        clock.move(Duration.ofMinutes(59));
        say("held back");
        clock.move(Duration.ofMinutes(59));
        say("held back");

        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.getCount()).isEqualTo(3);
            assertThat(event.getFirstTimestamp()).isEqualTo("2026-11-21T18:00:08Z");
            assertThat(event.getLastTimestamp()).isEqualTo("2026-11-21T19:58:08Z");
        });
    }

    /** The rights are to create and to patch; an operator has no business reading events. */
    @Test
    void countingUpReadsNothing() throws Exception {
        say("held back");
        say("held back");

        assertThat(server.getRequestCount()).isEqualTo(2);
        assertThat(server.takeRequest().getMethod()).isEqualTo("POST");
        assertThat(server.takeRequest().getMethod()).isEqualTo("PATCH");
    }

    @Test
    void whatDiffersIsAnotherEvent() {
        say("held back");
        say("held back for another reason");
        recorder.record(share, EventRecorder.Type.Warning, "Conflict", "held back");
        share.getMetadata().setUid("uid-2");
        say("held back");

        assertThat(events()).hasSize(4).allMatch(e -> e.getCount() == 1);
    }

    @Test
    void afterAnHourItIsToldAnew() {
        say("held back");
        clock.move(Duration.ofHours(1));
        say("held back");

        assertThat(events()).hasSize(2).allMatch(e -> e.getCount() == 1);
    }

    @Test
    void anEventThatTheServerHasForgottenIsToldAnew() {
        say("held back");
        client.v1().events().inNamespace("team").delete();
        say("held back");
        say("held back");

        assertThat(events()).singleElement().extracting(Event::getCount).isEqualTo(2);
    }

    @Test
    void inANamespaceThatIsGoingNobodyFails() {
        server.expect()
                .post()
                .withPath("/api/v1/namespaces/team/events")
                .andReturn(
                        403,
                        new StatusBuilder()
                                .withCode(403)
                                .withMessage("namespace team is being terminated")
                                .build())
                .once();

        assertThatCode(() -> say("held back")).doesNotThrowAnyException();
        assertThat(events()).isEmpty();

        say("held back");
        assertThat(events()).singleElement().extracting(Event::getCount).isEqualTo(1);
    }

    @Test
    void aMessageIsCutToWhatTheServerTakes() {
        say("x".repeat(1_024));
        say("y".repeat(1_025));
        say("\ud83d\ude00".repeat(1_024));
        say("two\nlines\u001b[31m");

        assertThat(events())
                .extracting(Event::getMessage)
                .containsExactlyInAnyOrder(
                        "x".repeat(1_024), "y".repeat(1_021) + "…", "\ud83d\ude00".repeat(255) + "…", "two?lines?[31m");
    }

    @Test
    void anObjectWithTheLongestNameHasEventsToo() {
        share.getMetadata().setName("u".repeat(253));
        say("held back");

        assertThat(events())
                .extracting(e -> e.getMetadata().getName())
                .singleElement()
                .satisfies(name -> assertThat(name).hasSizeLessThanOrEqualTo(253));
    }

    /** The API server refuses a longer one. */
    @Test
    void anEventNamesOnlyAsManyAsItHasRoomFor() {
        var projects = IntStream.range(0, 20)
                .mapToObj(i -> "%032x \"%s\"".formatted(i, "\u00e4".repeat(64)))
                .toList();

        var few = EventRecorder.namesInEvent(projects.subList(0, 2));
        var all = EventRecorder.namesInEvent(projects);

        assertThat(few).isEqualTo(projects.get(0) + ", " + projects.get(1));
        assertThat(all)
                .isEqualTo(String.join(", ", projects.subList(0, 5)) + " and 15 more")
                .satisfies(text ->
                        assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(950));
        assertThat(EventRecorder.namesInEvent(List.of("\ud83d\ude00".repeat(300), "y")))
                .endsWith("… and 1 more");
        var ids = IntStream.range(0, 22).mapToObj("%032x"::formatted).toList();
        assertThat(EventRecorder.namesInEvent(ids)).endsWith(ids.get(19) + " and 2 more");
    }

    @Test
    void twentyNamesAreNamedAndTheRestCounted() {
        var names = IntStream.rangeClosed(1, 22).mapToObj(i -> "p" + i).toList();

        assertThat(EventRecorder.names(names.subList(0, 20)))
                .startsWith("p1, p2, ")
                .endsWith(", p20");
        assertThat(EventRecorder.names(names)).endsWith(", p20 and 2 more");
        assertThat(EventRecorder.names(List.of())).isEmpty();
    }
}
