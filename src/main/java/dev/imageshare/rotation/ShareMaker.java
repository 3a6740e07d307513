package dev.imageshare.rotation;

import static java.util.Objects.requireNonNull;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageCloud;
import dev.imageshare.reconcile.PassAbandonedException;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Makes, changes and deletes the ImageShares of sets. Each change is a JSON patch that holds the resourceVersion that it is based
 * on: with server-side apply an entry that a person adds to a list would stay.
 */
final class ShareMaker {

    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;

    private final KubernetesClient client;
    private final BooleanSupplier mayWrite;

    /** @param mayWrite whether this process may write now */
    ShareMaker(KubernetesClient client, BooleanSupplier mayWrite) {
        this.client = client;
        this.mayWrite = mayWrite;
    }

    /**
     * Makes the ImageShare of one image.
     *
     * @return false if there is one of that name, which the next pass looks at
     */
    boolean create(ImageShareSet set, ImageCloud cloud, String imageId, String name) {
        var template = requireNonNull(set.getSpec().template());
        var annotations = SetOwnership.wantedAnnotations(template);
        var share = new ImageShare();
        share.setMetadata(new ObjectMetaBuilder()
                .withNamespace(set.getMetadata().getNamespace())
                .withName(name)
                .withLabels(SetOwnership.wantedLabels(set.getMetadata().getName(), template))
                .withAnnotations(annotations.isEmpty() ? null : annotations)
                .withOwnerReferences(SetOwnership.reference(set))
                .build());
        share.setSpec(SetOwnership.wantedSpec(template, cloud, imageId));
        return succeeds(() -> {
            var unused = client.resource(share).create();
        });
    }

    /**
     * Makes an ImageShare the set's, and as its template has it; what people wrote beside that stays.
     *
     * @return false if it has changed since, or is gone
     */
    boolean rewrite(ImageShareSet set, ImageShare share, ImageCloud cloud, String imageId) {
        var template = requireNonNull(set.getSpec().template());
        var metadata = share.getMetadata();
        var patch = new ArrayList<Map<String, Object>>();
        patch.add(operation("replace", "/metadata/resourceVersion", metadata.getResourceVersion()));
        var spec = SetOwnership.wantedSpec(template, cloud, imageId);
        if (!spec.equals(share.getSpec())) {
            patch.add(operation("replace", "/spec", spec));
        }
        merge(
                patch,
                "/metadata/labels",
                SetOwnership.labels(share),
                SetOwnership.wantedLabels(set.getMetadata().getName(), template));
        merge(
                patch,
                "/metadata/annotations",
                SetOwnership.annotations(share),
                SetOwnership.wantedAnnotations(template));
        var own = SetOwnership.reference(set);
        var owners = new ArrayList<OwnerReference>();
        if (metadata.getOwnerReferences() != null) {
            // Of a set of this name that is no more, nothing is left to own anything.
            metadata.getOwnerReferences().stream()
                    .filter(owner ->
                            !SetOwnership.isOfName(owner, set.getMetadata().getName()))
                    .forEach(owners::add);
        }
        owners.add(own);
        if (!owners.equals(metadata.getOwnerReferences())) {
            patch.add(operation("add", "/metadata/ownerReferences", owners));
        }
        return succeeds(() -> {
            var unused = client.resource(share)
                    .patch(
                            PatchContext.of(PatchType.JSON),
                            client.getKubernetesSerialization().asJson(patch));
        });
    }

    private static void merge(
            List<Map<String, Object>> patch, String path, Map<String, String> has, Map<String, String> wanted) {
        if (has.entrySet().containsAll(wanted.entrySet())) {
            return;
        }
        if (has.isEmpty()) {
            patch.add(operation("add", path, new TreeMap<>(wanted)));
            return;
        }
        wanted.forEach((key, value) -> {
            if (!value.equals(has.get(key))) {
                patch.add(operation("add", path + "/" + key.replace("~", "~0").replace("/", "~1"), value));
            }
        });
    }

    private static Map<String, Object> operation(String op, String path, Object value) {
        var operation = new LinkedHashMap<String, Object>();
        operation.put("op", op);
        operation.put("path", path);
        operation.put("value", value);
        return operation;
    }

    /**
     * Deletes an ImageShare, if it is still the one that was decided about.
     *
     * @return false if it has changed since, or is gone
     */
    boolean delete(ImageShare share) {
        return succeeds(() -> {
            var unused = client.resource(share).lockResourceVersion().delete();
        });
    }

    private boolean succeeds(Runnable write) {
        if (!mayWrite.getAsBoolean()) {
            throw new PassAbandonedException("this process no longer leads");
        }
        try {
            write.run();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == CONFLICT || e.getCode() == NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }
}
