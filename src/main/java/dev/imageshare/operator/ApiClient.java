package dev.imageshare.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Utils;
import org.jspecify.annotations.Nullable;

/** Makes the client for the API server. */
final class ApiClient {

    private static final String TRUST_STORE = "javax.net.ssl.trustStore";

    private ApiClient() {}

    /**
     * Where the configuration names an authority for the API server, that one alone is trusted, as by kubectl; Fabric8 by
     * itself trusts Java's too, and takes a tenth of a second and a MiB to read them, even for plain HTTP.
     */
    static synchronized KubernetesClient create(Config config, KubernetesSerialization serialization) {
        if (needsJavasAuthorities(config)) {
            return build(config, serialization);
        }
        // Fabric8 asks this property where Java's are. There is no other way to tell it that there are none.
        var before = System.getProperty(TRUST_STORE);
        System.setProperty(TRUST_STORE, "NONE");
        try {
            return build(config, serialization);
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

    private static KubernetesClient build(Config config, KubernetesSerialization serialization) {
        return new KubernetesClientBuilder()
                .withHttpClientFactory(new ApiHttpClientFactory())
                .withConfig(config)
                .withKubernetesSerialization(serialization)
                .build();
    }
}
