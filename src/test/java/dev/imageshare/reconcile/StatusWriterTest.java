package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.reconcile.StatusWriter.StaleException;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnableKubernetesMockClient(https = false)
class StatusWriterTest {

    private static final String STATUS = "/apis/imageshare.dev/v1alpha1/namespaces/team/imageshares/ubuntu/status";

    KubernetesMockServer server;
    KubernetesClient client;
    private final AtomicBoolean leading = new AtomicBoolean(true);
    private StatusWriter<ImageShare, ImageShareStatus> writer;

    @BeforeEach
    void newWriter() {
        writer = new StatusWriter<>(client, ImageShare.class, leading::get);
    }

    @Test
    void whoNoLongerLeadsWritesNothing() {
        leading.set(false);

        assertThatThrownBy(() -> writer.write(share("7", null), status(1))).isInstanceOf(PassAbandonedException.class);
        assertThat(server.getRequestCount()).isZero();
    }

    private static ImageShareStatus status(long generation) {
        return new ImageShareStatus(generation, null, null, null, null, null, null, null);
    }

    private static ImageShare share(String resourceVersion, Long observed) {
        var share = new ImageShare();
        share.getMetadata().setNamespace("team");
        share.getMetadata().setName("ubuntu");
        share.getMetadata().setUid("uid-1");
        share.getMetadata().setResourceVersion(resourceVersion);
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("clouds", "producer"), null, List.of(), null, null, null, null, null));
        if (observed != null) {
            share.setStatus(status(observed));
        }
        return share;
    }

    private void answerWith(ImageShare share) {
        server.expect().patch().withPath(STATUS).andReturn(200, share).once();
    }

    private void answerWith(int code) {
        server.expect()
                .patch()
                .withPath(STATUS)
                .andReturn(
                        code,
                        new StatusBuilder().withCode(code).withMessage("no").build())
                .once();
    }

    @Test
    void aPatchHoldsTheVersionItIsBasedOnAndOnlyTheStatus() throws Exception {
        answerWith(share("8", 3L));

        var now = writer.write(share("7", null), status(3));

        assertThat(now.getMetadata().getResourceVersion()).isEqualTo("8");
        var request = server.takeRequest();
        assertThat(request.getMethod()).isEqualTo("PATCH");
        assertThat(request.getHeader("Content-Type")).startsWith("application/json-patch+json");
        assertThat(new ObjectMapper().readTree(request.getUtf8Body())).isEqualTo(new ObjectMapper().readTree("""
                        [{"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
                         {"op": "add", "path": "/status", "value": {"observedGeneration": 3}}]
                        """));
        assertThat(server.getRequestCount()).as("nothing is read before").isEqualTo(1);
    }

    @Test
    void whatWasWrittenIsKeptUntilACacheShowsJustThat() {
        answerWith(share("8", 3L));
        var written = writer.write(share("7", null), status(3));

        writer.caughtUp(share("7", null));
        assertThat(writer.freshest(share("7", null))).isSameAs(written);
        writer.caughtUp(share("6", null));
        assertThat(writer.freshest(share("7", null)))
                .as("older than what it is based on")
                .isSameAs(written);

        writer.caughtUp(share("8", 3L));
        assertThat(writer.freshest(share("7", null)))
                .as("a pass may be under way that began with what was before")
                .isSameAs(written);
        writer.caughtUp(share("8", 3L));
        var cached = share("7", null);
        assertThat(writer.freshest(cached)).as("no longer kept").isSameAs(cached);
    }

    @Test
    void whatACacheStillShowsIsOlderThanWhatAPassWroteInSeveralSteps() {
        answerWith(share("8", 2L));
        answerWith(share("9", 3L));

        var first = writer.write(share("7", null), status(2));
        assertThat(writer.freshest(first)).isSameAs(first);
        var second = writer.write(first, status(3));

        assertThat(writer.freshest(share("7", null))).isSameAs(second);
        assertThat(writer.freshest(first)).isSameAs(second);
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 409})
    void anObjectThatChangedOrIsGoneEndsThePass(int code) {
        answerWith(code);

        assertThatThrownBy(() -> writer.write(share("7", null), status(3))).isInstanceOf(StaleException.class);
        assertThat(writer.freshest(share("7", null)).getStatus())
                .as("what was refused was not written")
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 422})
    void anyOtherRefusalIsNotSwallowed(int code) {
        answerWith(code);

        assertThatThrownBy(() -> writer.write(share("7", null), status(3)))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(code));
    }

    @Test
    void whileTheCacheLagsOurOwnLastWriteIsTheFreshest() {
        answerWith(share("8", 3L));
        var written = writer.write(share("7", 2L), status(3));

        assertThat(writer.freshest(share("7", 2L))).isSameAs(written);
        var seen = share("8", 3L);
        assertThat(writer.freshest(seen)).isSameAs(seen);
    }

    @Test
    void alsoAfterTwoWritesThatTheCacheHasNotSeen() {
        answerWith(share("8", 3L));
        answerWith(share("9", 4L));
        var first = writer.write(share("7", 2L), status(3));
        var second = writer.write(first, status(4));

        assertThat(writer.freshest(share("8", 3L))).isSameAs(second);
        assertThat(writer.freshest(share("7", 2L))).isSameAs(second);
    }

    @Test
    void onceTheCacheMovedOnItIsTheFreshest() {
        answerWith(share("8", 3L));
        writer.write(share("7", 2L), status(3));

        var edited = share("12", 3L);
        assertThat(writer.freshest(edited)).isSameAs(edited);
    }

    @Test
    void aWriteThatChangesNothingHidesNothing() {
        answerWith(share("7", 3L));
        writer.write(share("7", 3L), status(3));

        var cached = share("7", 3L);
        assertThat(writer.freshest(cached)).isSameAs(cached);
    }

    @Test
    void anObjectOfTheSameNameMadeAnewIsAnother() {
        answerWith(share("8", 3L));
        writer.write(share("7", 2L), status(3));

        var anew = share("7", null);
        anew.getMetadata().setUid("uid-2");
        assertThat(writer.freshest(anew)).isSameAs(anew);
    }
}
