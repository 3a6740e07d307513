package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.ProjectSetSpec.NamespaceLabels;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether a set admits requests from a namespace. */
enum Admission {
    ADMITTED,
    /** It depends on labels, which aren't known: nobody joins or leaves by it. */
    UNKNOWN,
    REFUSED;

    /**
     * What a set's policy says of a namespace. Pure.
     *
     * @param policy null if nobody may ask
     * @param labels the namespace's; null if they can't be read
     */
    static Admission of(@Nullable RequestPolicy policy, String namespace, @Nullable Map<String, String> labels) {
        if (policy == null || policy.from() == null) {
            return REFUSED;
        }
        var admission = REFUSED;
        for (var origin : policy.from()) {
            if (namespace.equals(origin.namespace())) {
                return ADMITTED;
            }
            if (origin.namespaceSelector() != null) {
                if (labels == null) {
                    admission = UNKNOWN;
                } else if (hasAll(labels, origin.namespaceSelector())) {
                    return ADMITTED;
                }
            }
        }
        return admission;
    }

    private static boolean hasAll(Map<String, String> labels, NamespaceLabels wanted) {
        return wanted.matchLabels() != null
                && !wanted.matchLabels().isEmpty()
                && wanted.matchLabels().entrySet().stream()
                        .allMatch(label -> Objects.equals(label.getValue(), labels.get(label.getKey())));
    }
}
