package dev.imageshare.operator;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Loads, on separate threads, what every start needs and takes long to load. Meanwhile the options are read, the client
 * is built and the API server responds; this makes a start a tenth faster (Java 25 with an archive: 0.57 s, of the 0.6 s that it may take).
 */
final class Preparation {

    private Preparation() {}

    /** TLS. It logs nothing, so it may begin before logging is configured. */
    static void ofTls() {
        begin(Preparation::loadTls);
    }

    /** The deserializers of the API's JSON. */
    static void ofJson(KubernetesSerialization serialization) {
        begin(() -> ApiSerialization.prepare(serialization));
    }

    private static void begin(Runnable task) {
        var thread = new Thread(task, "preparation");
        thread.setDaemon(true);
        thread.start();
    }

    /** Fabric8 loads both, even for an API server that is reached over plain HTTP. */
    private static void loadTls() {
        try {
            var unused = SSLContext.getInstance("TLS");
            var unusedToo = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }
}
