package dev.imageshare.operator;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Loads, on threads of their own, what a start needs in any case and takes long to load. Meanwhile the options are read, the
 * client is built and the API server answers; a start takes a tenth less (Java 25 with an archive: 0.57 of the 0.6 s that it may take).
 */
final class Preparation {

    private Preparation() {}

    /** Of TLS. It writes no log line, so it may begin before the options have said how they are written. */
    static void ofTls() {
        begin(Preparation::loadTls);
    }

    /** Of what reads the API's JSON. */
    static void ofJson(KubernetesSerialization serialization) {
        begin(() -> ApiSerialization.prepare(serialization));
    }

    private static void begin(Runnable task) {
        var thread = new Thread(task, "preparation");
        thread.setDaemon(true);
        thread.start();
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
