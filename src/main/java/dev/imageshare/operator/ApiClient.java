package dev.imageshare.operator;

import dev.imageshare.openstack.ServerClock;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Utils;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Creates the client for the API server. */
final class ApiClient {

    private static final String TRUST_STORE = "javax.net.ssl.trustStore";

    private ApiClient() {}

    /**
     * If the configuration names a CA for the API server, only that one is trusted, as in kubectl. Fabric8 by default
     * also trusts Java's, and takes a tenth of a second and a MiB to read them, even for plain HTTP.
     *
     * @param clock receives the time from each response
     */
    static synchronized KubernetesClient create(
            Config config, KubernetesSerialization serialization, ServerClock clock) {
        if (needsJavasAuthorities(config)) {
            return build(config, serialization, clock);
        }
        // Fabric8 reads the location of Java's CAs from this property. There is no other way to disable them.
        var before = System.getProperty(TRUST_STORE);
        System.setProperty(TRUST_STORE, "NONE");
        try {
            return build(config, serialization, clock);
        } finally {
            restore(before);
        }
    }

    private static void restore(@Nullable String trustStore) {
        if (trustStore == null) {
            System.clearProperty(TRUST_STORE);
        } else {
            System.setProperty(TRUST_STORE, trustStore);
        }
    }

    private static boolean needsJavasAuthorities(Config config) {
        return config.getMasterUrl().startsWith("https:")
                && Utils.isNullOrEmpty(config.getCaCertData())
                && Utils.isNullOrEmpty(config.getCaCertFile());
    }

    private static KubernetesClient build(Config config, KubernetesSerialization serialization, ServerClock clock) {
        return new KubernetesClientBuilder()
                .withHttpClientFactory(new ApiHttpClientFactory())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("date", dates(clock)))
                .withConfig(config)
                .withKubernetesSerialization(serialization)
                .build();
    }

    private static Interceptor dates(ServerClock clock) {
        return new Interceptor() {
            @Override
            public void after(
                    HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> body) {
                clock.answered(response.header("Date"));
            }
        };
    }
}
