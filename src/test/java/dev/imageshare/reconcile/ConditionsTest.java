package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.Condition.Status;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConditionsTest {

    private static final Instant NOW = Instant.parse("2026-11-21T18:00:08.123Z");
    private static final Instant LATER = NOW.plusSeconds(60);

    private static List<Condition> of(Reason reason, boolean stalled) {
        return new Conditions(null, 3, NOW).ready(reason, "why", stalled).build();
    }

    /** What kstatus, and so Flux, Argo CD and kubectl wait, take for in progress, failed and done. */
    @ParameterizedTest
    @EnumSource(Reason.class)
    void besideReadyFalseIsExactlyOneOfReconcilingAndStalledAndNoneBesideTrue(Reason reason) {
        for (var stalled : new boolean[] {false, true}) {
            var conditions = of(reason, stalled);
            var expected = switch (reason.kind()) {
                case READY -> List.of("Ready True");
                case RECONCILING -> List.of("Ready False", "Reconciling True");
                case STALLED -> List.of("Ready False", "Stalled True");
                case STALLED_AFTER_GRACE -> List.of("Ready False", stalled ? "Stalled True" : "Reconciling True");
            };
            assertThat(conditions).extracting(c -> c.type() + " " + c.status()).containsExactlyElementsOf(expected);
            assertThat(conditions).allMatch(c -> c.reason().equals(reason.name()));
            assertThat(conditions).allMatch(c -> c.message().equals("why"));
            assertThat(conditions).allMatch(c -> c.observedGeneration() == 3);
        }
    }

    @Test
    void aMessageSaysWhenTheObjectIsLookedAtAgain() {
        assertThat(message(Reason.CloudUnreachable, "lost the connection [request req-1]", false))
                .isEqualTo("lost the connection [request req-1]. The operator tries again on its own.");
        assertThat(message(Reason.CredentialsInvalid, "Entry x has no auth_url.", false))
                .isEqualTo("Entry x has no auth_url. The object is looked at again as soon as the Secret changes.");
        assertThat(message(Reason.ImageNotShared, "It is private.", false)).contains("imageshare.dev/look-now");
        assertThat(message(Reason.ImageNotFound, "No image.", false)).isEqualTo("No image.");
        assertThat(message(Reason.ImageNotFound, "No image.", true)).contains("imageshare look");
        assertThat(message(Reason.Conflict, "Another is older.", false)).isEqualTo("Another is older.");
    }

    private static String message(Reason reason, String message, boolean stalled) {
        var conditions = new Conditions(null, 3, LATER)
                .ready(List.of(Problem.of(reason, message)), Reason.Synced, () -> "in order", List.of(), stalled)
                .build();
        return conditions.get(0).message();
    }

    @Test
    void theTimeIsKeptWhileTheStatusStays() {
        var first = of(Reason.CloudUnreachable, false);
        var second = new Conditions(first, 4, LATER)
                .ready(Reason.RateLimited, "too many requests", false)
                .build();

        assertThat(second)
                .allMatch(c -> c.lastTransitionTime().equals("2026-11-21T18:00:08Z"))
                .allMatch(c -> c.message().equals("too many requests"))
                .allMatch(c -> c.observedGeneration() == 4);
    }

    @Test
    void theTimeIsNewWhenTheStatusChanges() {
        var failed = of(Reason.CloudUnreachable, false);
        var ready = new Conditions(failed, 3, LATER)
                .ready(Reason.Synced, "in order", false)
                .build();

        assertThat(ready).extracting(Condition::lastTransitionTime).containsExactly("2026-11-21T18:01:08Z");
    }

    @Test
    void aMessageThatDiffersOnlyInTheRequestIdIsNothingNew() {
        var first = new Conditions(null, 3, NOW)
                .ready(Reason.CloudUnreachable, "503 (req-11111111-1111-1111-1111-111111111111)", false)
                .build();
        var again = new Conditions(first, 3, LATER)
                .ready(Reason.CloudUnreachable, "503 (req-22222222-2222-2222-2222-222222222222)", false)
                .build();
        var other = new Conditions(first, 3, LATER)
                .ready(Reason.CloudUnreachable, "502 (req-22222222-2222-2222-2222-222222222222)", false)
                .build();
        var otherReason = new Conditions(first, 3, LATER)
                .ready(Reason.PartiallySynced, "503 (req-22222222-2222-2222-2222-222222222222)", false)
                .build();

        assertThat(again).isEqualTo(first);
        assertThat(other).allMatch(c -> c.message().startsWith("502"));
        assertThat(otherReason).allMatch(c -> c.message().contains("req-2222"));
    }

    @Test
    void aConditionOfWhichNothingNewIsKnownStaysAsItWas() {
        var accepted = new Condition("AllAccepted", Status.True, "AllAccepted", "all", "2026-11-20T00:00:00Z", 1);

        assertThat(new Conditions(List.of(accepted), 3, NOW).keep("AllAccepted").build())
                .containsExactly(accepted);
        assertThat(new Conditions(null, 3, NOW).keep("AllAccepted").build()).isEmpty();
    }

    @Test
    void aMessageIsCutToWhatTheCrdTakes() {
        var conditions = new Conditions(null, 3, NOW)
                .ready(Reason.Synced, "x".repeat(40_000), false)
                .build();

        assertThat(conditions.get(0).message()).hasSize(32_768).endsWith("x…");
    }
}
