package dev.imageshare.operator;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Loads, on a thread of its own, what a start needs in any case and takes long to load: TLS, and what reads the API's JSON.
 * Meanwhile the options are read, the client is built and the API server answers; a start takes a tenth less.
 */
final class Preparation {

    private final CompletableFuture<KubernetesSerialization> serialization = new CompletableFuture<>();

    private Preparation() {}

    static Preparation begin() {
        var preparation = new Preparation();
        var thread = new Thread(preparation::run, "preparation");
        thread.setDaemon(true);
        thread.start();
        return preparation;
    }

    /** Waits for it if it isn't there yet. */
    KubernetesSerialization serialization() {
        return serialization.join();
    }

    private void run() {
        try {
            loadTls();
            serialization.complete(ApiSerialization.create());
        } catch (RuntimeException | Error e) {
            serialization.completeExceptionally(e);
            return;
        }
        ApiSerialization.prepare(serialization());
    }

    /** Fabric8 asks for both, also for an API server that is reached by plain HTTP. */
    private static void loadTls() {
        try {
            var unused = SSLContext.getInstance("TLS");
            var unusedToo = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }
}
