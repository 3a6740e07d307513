package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A kind that the embedded API serves.
 *
 * @param crd what declares and checks it; null for a kind that is built in
 */
record ResourceType(
        String group,
        String version,
        String plural,
        String kind,
        boolean namespaced,
        boolean hasStatus,
        List<String> shortNames,
        List<String> categories,
        CrdValidator crd) {

    static final ResourceType NAMESPACES = builtIn("", "namespaces", "Namespace", false, true, "ns");
    static final ResourceType SECRETS = builtIn("", "secrets", "Secret", true, false);
    static final ResourceType EVENTS = builtIn("", "events", "Event", true, false, "ev");
    static final ResourceType CRDS = builtIn(
            "apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", false, true, "crd");

    /** What the operator and a person trying it need of Kubernetes itself. */
    static final List<ResourceType> BUILT_IN = List.of(
            NAMESPACES,
            SECRETS,
            EVENTS,
            CRDS,
            builtIn("", "configmaps", "ConfigMap", true, false, "cm"),
            builtIn("coordination.k8s.io", "leases", "Lease", true, false));

    private static ResourceType builtIn(
            String group, String plural, String kind, boolean namespaced, boolean hasStatus, String... shortNames) {
        return new ResourceType(group, "v1", plural, kind, namespaced, hasStatus, List.of(shortNames), List.of(), null);
    }

    static ResourceType declaredBy(JsonNode crd) {
        var spec = crd.path("spec");
        var version = spec.at("/versions/0");
        return new ResourceType(
                spec.path("group").asText(),
                version.path("name").asText(),
                spec.at("/names/plural").asText(),
                spec.at("/names/kind").asText(),
                spec.path("scope").asText().equals("Namespaced"),
                version.at("/subresources/status").isObject(),
                texts(spec.at("/names/shortNames")),
                texts(spec.at("/names/categories")),
                new CrdValidator(crd));
    }

    boolean isCustom() {
        return crd != null;
    }

    String singular() {
        return kind.toLowerCase(Locale.ROOT);
    }

    String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** Where its group and version is served: {@code /api/v1} or {@code /apis/<group>/<version>}. */
    String root() {
        return (group.isEmpty() ? "/api/" : "/apis/") + apiVersion();
    }

    /** As messages name it: {@code imageshares.imageshare.dev}; also the name of its CRD. */
    String qualifiedPlural() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }
}
