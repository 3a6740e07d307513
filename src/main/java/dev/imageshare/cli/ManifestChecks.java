package dev.imageshare.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imageshare.acceptance.AcceptancePreview;
import dev.imageshare.access.AccessRules;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec;
import dev.imageshare.api.v1alpha1.ImageAccessRequestStatus;
import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageNotifierStatus;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.cli.Fault.Place;
import dev.imageshare.notifier.NotifierRules;
import dev.imageshare.projectset.ProjectSetRules;
import dev.imageshare.rotation.ImageShareSetRules;
import dev.imageshare.share.ImageShareReconciler;
import dev.imageshare.share.SharePreview;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.CustomResource;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns documents into objects, or says why an API server or the operator would reject them: by the metadata's rules,
 * the CRD's schema, and the CRD's CEL rules.
 */
final class ManifestChecks {

    private static final Pattern FIELD = Pattern.compile("spec[A-Za-z.]*[A-Za-z]");
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private final MetadataRules metadataRules = new MetadataRules();
    private final CheckedKind<ImageShareSpec, ImageShareStatus, ImageShare> shares = new CheckedKind<>(
            "ImageShare",
            CrdSchema.packaged("imageshares"),
            ImageShare::new,
            ImageShareSpec.class,
            ImageShareStatus.class,
            SharePreview::violation);
    private final CheckedKind<ImageAcceptanceSpec, ImageAcceptanceStatus, ImageAcceptance> acceptances =
            new CheckedKind<>(
                    "ImageAcceptance",
                    CrdSchema.packaged("imageacceptances"),
                    ImageAcceptance::new,
                    ImageAcceptanceSpec.class,
                    ImageAcceptanceStatus.class,
                    AcceptancePreview::violation);
    private final CheckedKind<ProjectSetSpec, ProjectSetStatus, ProjectSet> sets = new CheckedKind<>(
            "ProjectSet",
            CrdSchema.packaged("project-sets/projectsets"),
            ProjectSet::new,
            ProjectSetSpec.class,
            ProjectSetStatus.class,
            set -> ProjectSetRules.violation(set.getSpec()));
    private final CheckedKind<ImageShareSetSpec, ImageShareSetStatus, ImageShareSet> rotations = new CheckedKind<>(
            "ImageShareSet",
            CrdSchema.packaged("image-share-sets/imagesharesets"),
            ImageShareSet::new,
            ImageShareSetSpec.class,
            ImageShareSetStatus.class,
            set -> ImageShareSetRules.violation(set.getSpec(), ImageShareReconciler::violation));
    private final CheckedKind<ImageNotifierSpec, ImageNotifierStatus, ImageNotifier> notifiers = new CheckedKind<>(
            "ImageNotifier",
            CrdSchema.packaged("image-notifiers/imagenotifiers"),
            ImageNotifier::new,
            ImageNotifierSpec.class,
            ImageNotifierStatus.class,
            notifier -> NotifierRules.violation(notifier.getSpec()));
    private final CheckedKind<ImageAccessRequestSpec, ImageAccessRequestStatus, ImageAccessRequest> requests =
            new CheckedKind<>(
                    "ImageAccessRequest",
                    CrdSchema.packaged("access-requests/imageaccessrequests"),
                    ImageAccessRequest::new,
                    ImageAccessRequestSpec.class,
                    ImageAccessRequestStatus.class,
                    request -> AccessRules.violation(request.getSpec()));
    private final CheckedKind<ImageAccessDecisionSpec, Void, ImageAccessDecision> decisions = new CheckedKind<>(
            "ImageAccessDecision",
            CrdSchema.packaged("access-requests/imageaccessdecisions"),
            ImageAccessDecision::new,
            ImageAccessDecisionSpec.class,
            Void.class,
            decision -> AccessRules.violation(decision.getSpec()));
    private final String defaultNamespace;
    private final Instant now;

    private record CheckedKind<S, T, O extends CustomResource<S, T>>(
            String name,
            CrdSchema schema,
            Supplier<O> make,
            Class<S> spec,
            Class<T> status,
            Function<O, Optional<String>> rules) {}

    /**
     * @param defaultNamespace of objects without one
     * @param now when objects without a creation time would be created
     */
    ManifestChecks(String defaultNamespace, Instant now) {
        this.defaultNamespace = defaultNamespace;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
    }

    /** The object; empty if it has errors. */
    Optional<ManifestObject<ImageShare>> share(String file, ManifestDocument document, Consumer<Fault> faults) {
        return object(shares, file, document, faults);
    }

    /** The object; empty if it has errors. */
    Optional<ManifestObject<ImageAcceptance>> acceptance(
            String file, ManifestDocument document, Consumer<Fault> faults) {
        return object(acceptances, file, document, faults);
    }

    /** The object; empty if it has errors. */
    Optional<ManifestObject<ProjectSet>> set(String file, ManifestDocument document, Consumer<Fault> faults) {
        return object(sets, file, document, faults);
    }

    /** The object; empty if it has faults. */
    Optional<ManifestObject<ImageShareSet>> rotation(String file, ManifestDocument document, Consumer<Fault> faults) {
        return object(rotations, file, document, faults);
    }

    /** The object; empty if it has errors. */
    Optional<ManifestObject<ImageNotifier>> notifier(String file, ManifestDocument document, Consumer<Fault> faults) {
        return object(notifiers, file, document, faults);
    }

    /** The object; empty if it has errors. */
    Optional<ManifestObject<ImageAccessRequest>> request(
            String file, ManifestDocument document, Consumer<Fault> faults) {
        return object(requests, file, document, faults);
    }

    /** The object; empty if it has errors. */
    Optional<ManifestObject<ImageAccessDecision>> decision(
            String file, ManifestDocument document, Consumer<Fault> faults) {
        return object(decisions, file, document, faults);
    }

    private <S, T, O extends CustomResource<S, T>> Optional<ManifestObject<O>> object(
            CheckedKind<S, T, O> kind, String file, ManifestDocument document, Consumer<Fault> faults) {
        var given = document.tree().path("metadata");
        var title = title(kind.name, given);
        var violations = new ArrayList<>(metadataRules.check(given));
        violations.addAll(kind.schema.check((ObjectNode) document.tree()));
        if (!violations.isEmpty()) {
            violations.forEach(violation -> faults.accept(new Fault(
                    new Place(file, document.line(violation.path())),
                    title,
                    violation.path() + " " + violation.message())));
            return Optional.empty();
        }
        var object = kind.make.get();
        object.setMetadata(metadata(given, title));
        try {
            object.setSpec(value(document, "spec", kind.spec));
            object.setStatus(value(document, "status", kind.status));
        } catch (JsonProcessingException e) {
            // The schema accepts only one thing that Java can't hold: a large number.
            faults.accept(new Fault(
                    new Place(file, document.line("")),
                    title,
                    "has a value that can't be read: " + e.getOriginalMessage()));
            return Optional.empty();
        }
        var violation = kind.rules.apply(object);
        if (violation.isPresent()) {
            var field = FIELD.matcher(violation.get());
            var line = document.line(field.lookingAt() ? field.group() : "");
            faults.accept(new Fault(new Place(file, line), title, violation.get()));
            return Optional.empty();
        }
        var isOfCluster = given.path("uid").isTextual() || object.getStatus() != null;
        return Optional.of(new ManifestObject<>(
                object,
                new Place(file, document.line("")),
                isOfCluster ? ManifestObject.State.SAME : ManifestObject.State.UNKNOWN));
    }

    /** The kind, namespace and name, as far as they are known. */
    String title(String kind, JsonNode metadata) {
        var name = ManifestDocument.text(metadata.path("name"));
        return kind + " " + namespace(metadata) + "/" + (name.isEmpty() ? "?" : name);
    }

    private String namespace(JsonNode metadata) {
        var namespace = ManifestDocument.text(metadata.path("namespace"));
        return namespace.isEmpty() ? defaultNamespace : namespace;
    }

    private static <T> @Nullable T value(ManifestDocument document, String field, Class<T> type)
            throws JsonProcessingException {
        return document.tree().has(field) ? MAPPER.treeToValue(document.tree().get(field), type) : null;
    }

    private ObjectMeta metadata(JsonNode given, String title) {
        var metadata = new ObjectMeta();
        metadata.setName(given.path("name").asText());
        metadata.setNamespace(namespace(given));
        metadata.setUid(text(given, "uid").orElse(title));
        metadata.setGeneration(given.path("generation").asLong(1));
        metadata.setCreationTimestamp(text(given, "creationTimestamp").orElse(now.toString()));
        text(given, "deletionTimestamp").ifPresent(metadata::setDeletionTimestamp);
        var annotations = new LinkedHashMap<String, String>();
        given.path("annotations")
                .properties()
                .forEach(each -> annotations.put(each.getKey(), ManifestDocument.text(each.getValue())));
        metadata.setAnnotations(annotations);
        given.path("ownerReferences").forEach(owner -> {
            if (owner.path("controller").asBoolean()) {
                metadata.setOwnerReferences(List.of(MAPPER.convertValue(owner, OwnerReference.class)));
            }
        });
        return metadata;
    }

    private static Optional<String> text(JsonNode given, String field) {
        return Optional.of(given.path(field)).filter(JsonNode::isTextual).map(JsonNode::textValue);
    }
}
