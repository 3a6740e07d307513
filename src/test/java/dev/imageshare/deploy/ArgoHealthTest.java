package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageNotifierStatus;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Argo CD makes of every condition that the operator writes. GitOpsRealIT asks it of objects on a real cluster. */
class ArgoHealthTest {

    private static final String MESSAGE = "What is wrong: \"this\", and what to do.";

    private static final Set<Reason> WAITS_FOR_A_PERSON =
            Set.of(Reason.RemovalHeld, Reason.ClaimUnproven, Reason.DeletionSuspended, Reason.AwaitingApproval);

    static Stream<List<Object>> reasons() {
        return Arrays.stream(Reason.values())
                .flatMap(reason -> Stream.of(true, false).map(stalled -> List.<Object>of(reason, stalled)));
    }

    @ParameterizedTest
    @MethodSource("reasons")
    void everyReasonOfEveryKindHasItsHealth(List<Object> with) throws IOException {
        var reason = (Reason) with.get(0);
        var stalled = (boolean) with.get(1);
        var expected = switch (reason.kind()) {
            case READY -> reason == Reason.Suspended ? "Suspended" : "Healthy";
            case RECONCILING -> "Progressing";
            case STALLED_AFTER_GRACE -> stalled ? "Degraded" : "Progressing";
            case STALLED -> WAITS_FOR_A_PERSON.contains(reason) ? "Suspended" : "Degraded";
        };
        var conditions = new Conditions(null, 3, Instant.EPOCH)
                .ready(reason, MESSAGE, stalled)
                .set("AllAccepted", Condition.Status.False, "AnswersOutstanding", "1 of 2")
                .build();
        for (var object : List.of(
                share(3L, conditions),
                acceptance(3L, conditions),
                set(3L, conditions),
                rotation(3L, conditions),
                notifier(3L, conditions),
                request(3L, conditions))) {
            assertThat(ArgoHealth.of(object)).isEqualTo(new ArgoHealth(expected, reason + ": " + MESSAGE));
        }
    }

    @Test
    void whatNobodyHasLookedAtIsProgressing() throws IOException {
        var ready = new Conditions(null, 2, Instant.EPOCH)
                .ready(Reason.Synced, MESSAGE, false)
                .build();
        for (var object : List.of(
                share(null, null),
                share(3L, null),
                share(3L, List.of()),
                share(2L, ready),
                acceptance(null, null),
                set(null, null),
                set(2L, ready),
                rotation(null, null),
                rotation(2L, ready),
                notifier(null, null),
                notifier(2L, ready),
                request(null, null),
                request(2L, ready))) {
            assertThat(ArgoHealth.of(object).status()).isEqualTo("Progressing");
        }
        var without = (ObjectNode) share(null, null);
        without.remove("status");
        assertThat(ArgoHealth.of(without)).isEqualTo(new ArgoHealth("Progressing", "Not reconciled yet"));
    }

    @Test
    void theConfigMapHasTheSameChecks() throws IOException {
        var data = new YAMLMapper()
                .readTree(Path.of("deploy/gitops/argocd/argocd-cm.yaml").toFile())
                .get("data");
        assertThat(data).hasSize(6);
        for (var kind : List.of(
                "ImageShare",
                "ImageAcceptance",
                "ProjectSet",
                "ImageShareSet",
                "ImageNotifier",
                "ImageAccessRequest")) {
            assertThat(data.path("resource.customizations.health.imageshare.dev_" + kind)
                            .asText())
                    .isEqualTo(Files.readString(ArgoHealth.file(kind)));
        }
    }

    private static JsonNode share(Long observed, List<Condition> conditions) {
        var share = new ImageShare();
        share.setStatus(new ImageShareStatus(observed, null, null, null, null, null, null, conditions));
        return json(share);
    }

    private static JsonNode acceptance(Long observed, List<Condition> conditions) {
        var acceptance = new ImageAcceptance();
        acceptance.setStatus(new ImageAcceptanceStatus(observed, null, null, null, null, conditions));
        return json(acceptance);
    }

    private static JsonNode set(Long observed, List<Condition> conditions) {
        var set = new ProjectSet();
        set.setStatus(
                new ProjectSetStatus(observed, null, null, null, null, null, null, null, null, null, null, conditions));
        return json(set);
    }

    private static JsonNode rotation(Long observed, List<Condition> conditions) {
        var set = new ImageShareSet();
        set.setStatus(new ImageShareSetStatus(observed, null, null, null, null, null, null, null, conditions));
        return json(set);
    }

    private static JsonNode notifier(Long observed, List<Condition> conditions) {
        var notifier = new ImageNotifier();
        notifier.setStatus(new ImageNotifierStatus(observed, null, null, null, null, conditions));
        return json(notifier);
    }

    private static JsonNode request(Long observed, List<Condition> conditions) {
        var request = new ImageAccessRequest();
        request.setStatus(new ImageAccessRequestStatus(observed, null, null, null, null, null, conditions));
        return json(request);
    }

    private static JsonNode json(CustomResource<?, ?> object) {
        object.getMetadata().setGeneration(3L);
        return Serialization.unmarshal(Serialization.asJson(object), JsonNode.class);
    }
}
