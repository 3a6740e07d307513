package dev.imageshare.model;

import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.reconcile.MovableClock;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/** The services of many sequences, one after the other. */
final class ModelWorld implements AutoCloseable {

    final MovableClock clock = new MovableClock();
    final EmbeddedKubernetes api;
    final EmbeddedOpenStack cloud = EmbeddedOpenStack.start(EmbeddedOpenStack.Options.defaults(), clock);
    final HostileCloud hostileCloud = new HostileCloud();
    /** As the operator uses it, but that it sends nothing twice by itself, which takes time. */
    final KubernetesClient client;

    private final Map<String, String> yamls = new HashMap<>();
    private int sequences;

    ModelWorld() {
        this(object -> UUID.randomUUID());
    }

    /** @param uids gives a new object's UID, by its kind, namespace and name */
    ModelWorld(Function<String, UUID> uids) {
        api = EmbeddedKubernetes.start(0, clock, uids);
        client = api.client(config -> config.withRequestRetryBackoffLimit(0));
    }

    /** A name that no other sequence has. */
    String next(String name) {
        return name + "-" + sequences;
    }

    /** The credentials of a user under an entry of this name. */
    String yaml(String user, String entry) {
        return yamls.computeIfAbsent(
                user + " " + entry, u -> cloud.cloudsYaml(user).replaceFirst(user + ":", entry + ":"));
    }

    void begin() {
        sequences++;
        api.clearRequests();
        cloud.clearRequests();
        cloud.revokeAllTokens();
    }

    @Override
    public void close() {
        client.close();
        api.close();
        cloud.close();
        hostileCloud.close();
    }
}
