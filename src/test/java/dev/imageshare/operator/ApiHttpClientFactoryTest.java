package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.embedded.EmbeddedKubernetes;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import okio.Buffer;
import okio.Okio;
import okio.Source;
import okio.Timeout;
import org.junit.jupiter.api.Test;

class ApiHttpClientFactoryTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** As Fabric8's own client doesn't: over plain HTTP one such letter ends its watch. */
    @Test
    void anObjectOfAnyLetterIsSeenByAWatchOverPlainHttp() {
        var seen = new CopyOnWriteArrayList<String>();
        try (var api = EmbeddedKubernetes.start(0);
                var client = api.client(new ApiHttpClientFactory(), ApiSerialization.create())) {
            var informer = client.secrets().inAnyNamespace().runnableInformer(0);
            informer.addEventHandler(new ResourceEventHandler<>() {
                @Override
                public void onAdd(Secret secret) {
                    seen.add(secret.getMetadata().getAnnotations().get("text"));
                }

                @Override
                public void onUpdate(Secret before, Secret secret) {}

                @Override
                public void onDelete(Secret secret, boolean finalStateUnknown) {}
            });
            informer.start().toCompletableFuture().join();
            var written = new ArrayList<String>();
            for (var length : List.of(1, 700, 1_400, 7_001)) {
                var text = "\u00e9\u65e5\ud83d\udc27\"\\u0041\n".repeat(length);
                written.add(text);
                client.resource(new SecretBuilder()
                                .withNewMetadata()
                                .withNamespace("default")
                                .withName("s" + length)
                                .withAnnotations(Map.of("text", text))
                                .endMetadata()
                                .build())
                        .create();
            }
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(seen).containsExactlyElementsOf(written));
            assertThat(informer.isWatching()).isTrue();
            informer.stop();
        }
    }

    @Property(tries = 300)
    void jsonInPiecesSaysTheSameInAscii(@ForAll String text, @ForAll @IntRange(min = 1, max = 7) int piece)
            throws Exception {
        var valid = new String(text.getBytes("UTF-8"), "UTF-8");
        var json = JSON.writeValueAsString(List.of(valid));
        var escaped = Okio.buffer(new ApiHttpClientFactory.Escaped(new Pieces(json, piece), () -> {}))
                .readUtf8();
        assertThat(escaped.chars()).allMatch(c -> c < 0x80);
        assertThat(JSON.readTree(escaped).get(0).textValue()).isEqualTo(valid);
    }

    /**
     * Fabric8 closes a watch on another thread than the one that reads it. Okio's buffers are for one thread, and what two
     * of them give back to its pool belongs to two buffers afterwards, of whatever connection.
     */
    @Test
    void aWatchThatIsClosedWhileItIsReadSpoilsNobodyElsesBuffers() throws Exception {
        for (var round = 0; round < 1_500; round++) {
            var reads = new AtomicInteger();
            var watch = Okio.buffer(new ApiHttpClientFactory.Escaped(new Pieces("{}\n".repeat(20_000), 997), () -> {}));
            var reader = new Thread(() -> {
                try {
                    while (!watch.exhausted()) {
                        var unused = watch.readByteArray(watch.getBuffer().size());
                        reads.incrementAndGet();
                    }
                } catch (IOException | RuntimeException e) {
                    // closed
                }
            });
            reader.start();
            while (reads.get() < round % 20 && reader.isAlive()) {
                Thread.onSpinWait();
            }
            try {
                watch.close();
            } catch (EOFException e) {
                // The source is closed; Okio then clears a buffer that the reader may have emptied meanwhile.
            }
            reader.join();

            var others = new ArrayList<Buffer>();
            for (var i = 0; i < 16; i++) {
                others.add(new Buffer().writeUtf8(Integer.toHexString(i).repeat(1_000)));
            }
            for (var i = 0; i < 16; i++) {
                assertThat(others.get(i).readUtf8())
                        .as("round %d", round)
                        .isEqualTo(Integer.toHexString(i).repeat(1_000));
            }
        }
    }

    /** Gives so many bytes at a time. */
    private static final class Pieces implements Source {
        private final Buffer rest;
        private final int piece;

        Pieces(String text, int piece) {
            this.rest = new Buffer().writeUtf8(text);
            this.piece = piece;
        }

        @Override
        public long read(Buffer sink, long byteCount) {
            return rest.read(sink, Math.min(piece, byteCount));
        }

        @Override
        public Timeout timeout() {
            return Timeout.NONE;
        }

        @Override
        public void close() {}
    }
}
