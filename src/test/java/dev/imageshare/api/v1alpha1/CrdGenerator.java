package dev.imageshare.api.v1alpha1;

import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Writes the CRDs of the kinds in this package. The types and their annotations are the source; what the generator has
 * no annotation for (list maps, a kind's description, the order of the print columns) is added here.
 *
 * <p>{@code mvn -q test-compile exec:java@crds} brings {@code crds/} and the users' reference up to date.
 */
public final class CrdGenerator {

    /** @param folder within {@code crds/}; empty for a kind that is always there */
    private record Kind(
            String folder,
            String description,
            Map<String, String> listMaps,
            List<String> listSets,
            List<CustomResourceColumnDefinition> columns) {}

    private static final String READY = ".status.conditions[?(@.type==\"Ready\")]";

    private static final Map<String, Kind> KINDS = Map.of(
            "ImageAccessRequest",
            new Kind(
                    "access-requests",
                    "ImageAccessRequest asks for the images of a ProjectSet of another namespace. Its credentials prove which"
                            + " project asks; they are used for nothing else. Deleting it withdraws it.",
                    Map.of("status.conditions", "type"),
                    List.of(),
                    List.of(
                            column("Set", "string", ".spec.projectSetRef.name", 0),
                            column("Project", "string", ".status.projectID", 0),
                            column("Expires", "string", ".status.expiresAt", 0),
                            column("Images", "integer", ".status.imageCount", 0),
                            column("Ready", "string", READY + ".status", 0),
                            column("Reason", "string", READY + ".reason", 0),
                            column("Status", "string", READY + ".message", 1),
                            column("Age", "date", ".metadata.creationTimestamp", 0))),
            "ImageAccessDecision",
            new Kind(
                    "access-requests",
                    "ImageAccessDecision answers an ImageAccessRequest, in the namespace of the ProjectSet that it asks for: the"
                            + " right to create one is the right to decide. Deleting an approval lets the project leave through"
                            + " the set's guard.",
                    Map.of(),
                    List.of(),
                    List.of(
                            column("Set", "string", ".spec.projectSetRef.name", 0),
                            column("From", "string", ".spec.requestRef.namespace", 0),
                            column("Request", "string", ".spec.requestRef.name", 0),
                            column("Project", "string", ".spec.projectID", 0),
                            column("Decision", "string", ".spec.decision", 0),
                            column("Expires", "string", ".spec.expiresAt", 0),
                            column("Message", "string", ".spec.message", 1),
                            column("Age", "date", ".metadata.creationTimestamp", 0))),
            "ImageShare",
            new Kind(
                    "",
                    "ImageShare declares which OpenStack projects are members of a Glance image. The operator keeps"
                            + " the image's member list in sync with it, and reports each member's answer in the"
                            + " status.",
                    Map.of(
                            "spec.members",
                            "projectID",
                            "spec.projectRefs",
                            "name",
                            "spec.projectSetRefs",
                            "name",
                            "status.conditions",
                            "type"),
                    List.of("spec.projectSetRefs.items.except"),
                    List.of(
                            column("Image", "string", ".status.image.name", 0),
                            column("Desired", "integer", ".status.summary.desired", 0),
                            column("Present", "integer", ".status.summary.present", 0),
                            column("Accepted", "integer", ".status.summary.accepted", 0),
                            column("Ready", "string", READY + ".status", 0),
                            column("Reason", "string", READY + ".reason", 0),
                            column("Status", "string", READY + ".message", 1),
                            column("Next Expiry", "string", ".status.nextExpiry", 1),
                            column("Last Sync", "date", ".status.lastSyncTime", 1),
                            column("Age", "date", ".metadata.creationTimestamp", 0))),
            "ImageAcceptance",
            new Kind(
                    "",
                    "ImageAcceptance declares how a project answers Glance images that are shared with it: one"
                            + " image, or every image of trusted owners. It uses only that project's own credentials."
                            + " Deleting it changes no answer: a consumer can't leave a share, only hide it.",
                    Map.of("status.conditions", "type"),
                    List.of("spec.from.owners"),
                    List.of(
                            column("Offered", "integer", ".status.summary.offered", 0),
                            column("Accepted", "integer", ".status.summary.accepted", 0),
                            column("Pending", "integer", ".status.summary.pending", 0),
                            column("Rejected", "integer", ".status.summary.rejected", 0),
                            column("Ready", "string", READY + ".status", 0),
                            column("Reason", "string", READY + ".reason", 0),
                            column("Status", "string", READY + ".message", 1),
                            column("Last Sync", "date", ".status.lastSyncTime", 1),
                            column("Age", "date", ".metadata.creationTimestamp", 0))),
            "ImageShareSet",
            new Kind(
                    "image-share-sets",
                    "ImageShareSet shares golden images as they rotate, in every region: it makes one ImageShare an image from a"
                            + " template, a newer one before an older one retires. Deleting it deletes its ImageShares, which"
                            + " revokes their members; with --cascade=orphan they stay.",
                    Map.of(
                            "spec.clouds",
                            "name",
                            "spec.template.spec.members",
                            "projectID",
                            "spec.template.spec.projectRefs",
                            "name",
                            "spec.template.spec.projectSetRefs",
                            "name",
                            "status.conditions",
                            "type"),
                    List.of("spec.template.spec.projectSetRefs.items.except"),
                    List.of(
                            column("Images", "integer", ".status.summary.images", 0),
                            column("In Order", "integer", ".status.summary.inOrder", 0),
                            column("Retiring", "integer", ".status.summary.retiring", 0),
                            column("Held", "integer", ".status.summary.held", 0),
                            column("Ready", "string", READY + ".status", 0),
                            column("Reason", "string", READY + ".reason", 0),
                            column("Status", "string", READY + ".message", 1),
                            column("Last Sync", "date", ".status.lastSyncTime", 1),
                            column("Age", "date", ".metadata.creationTimestamp", 0))),
            "ImageNotifier",
            new Kind(
                    "image-notifiers",
                    "ImageNotifier tells projects, and the owners of images, what happens to the ImageShares of its namespace:"
                            + " by mail, as CloudEvents, or into a chat. Where it sends to is in Secrets only.",
                    Map.of(
                            "status.progress.shares",
                            "uid",
                            "status.progress.projects",
                            "projectID",
                            "status.conditions",
                            "type"),
                    List.of("spec.events"),
                    List.of(
                            column("Type", "string", ".spec.type", 0),
                            column("Sent", "integer", ".status.sent", 0),
                            column("Failed", "integer", ".status.failed", 0),
                            column("Last Sent", "date", ".status.lastSentTime", 0),
                            column("Ready", "string", READY + ".status", 0),
                            column("Reason", "string", READY + ".reason", 0),
                            column("Status", "string", READY + ".message", 1),
                            column("Age", "date", ".metadata.creationTimestamp", 0))),
            "ProjectSet",
            new Kind(
                    "project-sets",
                    "ProjectSet declares which OpenStack projects may use images: by hand, or as Keystone lists them. ImageShares"
                            + " of its namespace name it. The operator follows the lists, and lets nobody leave by a list that"
                            + " may be wrong. Deleting it removes nobody.",
                    Map.of("spec.projects", "projectID", "spec.selectors", "name", "status.conditions", "type"),
                    List.of("spec.exclude"),
                    List.of(
                            column("Projects", "integer", ".status.summary.projects", 0),
                            column("Absent", "integer", ".status.summary.absent", 0),
                            column("Held", "integer", ".status.summary.held", 0),
                            column("Waiting", "integer", ".status.summary.waiting", 0),
                            column("Next Expiry", "string", ".status.summary.nextExpiry", 0),
                            column("Ready", "string", READY + ".status", 0),
                            column("Reason", "string", READY + ".reason", 0),
                            column("Status", "string", READY + ".message", 1),
                            column("Last Sync", "date", ".status.lastSyncTime", 1),
                            column("Age", "date", ".metadata.creationTimestamp", 0))));

    private CrdGenerator() {}

    public static void main(String[] args) throws IOException {
        generate(new File(args[0]));
        ReferencePage.write(Path.of(args[0]), Path.of(args[1]));
    }

    /**
     * Writes one file a kind, named {@code <plural>.<group>-v1.yml}, into a directory that exists; those of optional kinds into
     * folders within it, so that each can be installed by itself.
     */
    static void generate(File directory) {
        for (var type : List.of(
                ImageShare.class,
                ImageAcceptance.class,
                ProjectSet.class,
                ImageShareSet.class,
                ImageNotifier.class,
                ImageAccessRequest.class,
                ImageAccessDecision.class)) {
            var folder = new File(directory, KINDS.get(type.getSimpleName()).folder());
            if (!folder.isDirectory() && !folder.mkdirs()) {
                throw new IllegalStateException("can't make " + folder);
            }
            generate(type, folder);
        }
    }

    private static void generate(Class<? extends HasMetadata> type, File directory) {
        new CRDGenerator()
                .inOutputDir(directory)
                .forCRDVersions("v1")
                .withPostProcessor(new CRDPostProcessor() {
                    @Override
                    public HasMetadata process(HasMetadata crd, String crdVersion) {
                        complete((CustomResourceDefinition) crd);
                        return crd;
                    }
                })
                .customResourceClasses(List.of(type))
                .generate();
    }

    private static void complete(CustomResourceDefinition crd) {
        var kind = KINDS.get(crd.getSpec().getNames().getKind());
        for (var version : crd.getSpec().getVersions()) {
            var root = version.getSchema().getOpenAPIV3Schema();
            root.setDescription(kind.description());
            kind.listMaps().forEach((path, key) -> listMap(root, path, key));
            kind.listSets().forEach(path -> at(root, path).setXKubernetesListType("set"));
            version.setAdditionalPrinterColumns(kind.columns());
            withoutRepeatedRules(root);
            if (root.getProperties().get("status").getProperties().isEmpty()) {
                root.getProperties().remove("status"); // of a kind without one
            }
        }
    }

    private static void listMap(JSONSchemaProps root, String path, String key) {
        var list = at(root, path);
        list.setXKubernetesListType("map");
        list.setXKubernetesListMapKeys(List.of(key));
        // An API server refuses a map key that is neither required nor defaulted.
        var item = list.getItems().getSchema();
        var required = new TreeSet<>(item.getRequired());
        required.add(key);
        item.setRequired(List.copyOf(required));
    }

    private static JSONSchemaProps at(JSONSchemaProps root, String path) {
        var found = root;
        for (var name : path.split("\\.")) {
            found = name.equals("items")
                    ? found.getItems().getSchema()
                    : found.getProperties().get(name);
        }
        return found;
    }

    /** The generator finds an annotation of a record's component twice: on the field and on the accessor. */
    private static void withoutRepeatedRules(JSONSchemaProps schema) {
        schema.setXKubernetesValidations(List.copyOf(new LinkedHashSet<>(schema.getXKubernetesValidations())));
        schema.getProperties().values().forEach(CrdGenerator::withoutRepeatedRules);
        if (schema.getItems() != null && schema.getItems().getSchema() != null) {
            withoutRepeatedRules(schema.getItems().getSchema());
        }
    }

    private static CustomResourceColumnDefinition column(String name, String type, String jsonPath, int priority) {
        var column = new CustomResourceColumnDefinition();
        column.setName(name);
        column.setType(type);
        column.setJsonPath(jsonPath);
        column.setPriority(priority);
        return column;
    }
}
