package dev.imageshare.reconcile;

import io.fabric8.kubernetes.api.model.Secret;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a Secret.
 *
 * @param version changes with each change of it
 * @param type what kind of content it has; fixed
 * @param data the keys that are read, in base64
 * @param isGoing whether it is being deleted
 */
record SecretContent(
        String uid, String version, String type, Map<String, String> data, List<String> finalizers, boolean isGoing) {

    /** Of whose types' Secrets no clouds.yaml can be meant; Helm keeps ten of each release, of up to a MiB. */
    static final List<String> OTHER_TYPES = List.of(
            "helm.sh/release.v1",
            "kubernetes.io/service-account-token",
            "kubernetes.io/dockerconfigjson",
            "kubernetes.io/dockercfg",
            "bootstrap.kubernetes.io/token");

    SecretContent {
        data = Map.copyOf(data);
        finalizers = List.copyOf(finalizers);
    }

    static SecretContent of(Secret secret) {
        var metadata = secret.getMetadata();
        var data = new HashMap<String, String>();
        if (secret.getData() != null) {
            for (var key : CredentialSecrets.DATA_KEYS) {
                var value = secret.getData().get(key);
                if (value != null) {
                    data.put(key, value);
                }
            }
        }
        return new SecretContent(
                Objects.requireNonNullElse(metadata.getUid(), ""),
                Objects.requireNonNullElse(metadata.getResourceVersion(), ""),
                Objects.requireNonNullElse(secret.getType(), "Opaque"),
                data,
                metadata.getFinalizers(),
                secret.isMarkedForDeletion());
    }

    static boolean isOfOtherType(String type) {
        return OTHER_TYPES.contains(type);
    }

    @Nullable
    String data(String key) {
        return data.get(key);
    }

    /** Whether it is the same to who uses it. */
    boolean hasContentOf(SecretContent other) {
        return uid.equals(other.uid) && data.equals(other.data) && isGoing == other.isGoing;
    }

    SecretContent withoutData() {
        return new SecretContent(uid, version, type, Map.of(), finalizers, isGoing);
    }

    /** How much there is to keep, in characters. */
    long size() {
        return data.values().stream().mapToLong(String::length).sum()
                + finalizers.stream().mapToLong(String::length).sum();
    }

    /** Never its content. */
    @Override
    public String toString() {
        return "SecretContent[" + uid + "]";
    }
}
