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

    /** Begins with TLS: nothing here may write a log line before the options have said how. */
    static Preparation begin() {
        var preparation = new Preparation();
        var thread = new Thread(preparation::run, "preparation");
        thread.setDaemon(true);
        thread.start();
        return preparation;
    }

    /** Goes on with what reads JSON by this serialization. */
    void goOn(KubernetesSerialization created) {
        serialization.complete(created);
    }

    private void run() {
        loadTls();
        ApiSerialization.prepare(serialization.join());
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
