package dev.imageshare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.cli.Fault.Place;
import dev.imageshare.orc.OrcKind;
import dev.imageshare.orc.OrcObjects;
import dev.imageshare.orc.Referent;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The ImageShares, ImageAcceptances and ProjectSets of files, checked as an API server would check them and by the operator's
 * own rules. Other objects in the files are counted and skipped.
 */
final class Manifests {

    private final List<ManifestObject<ImageShare>> shares = new ArrayList<>();
    private final List<ManifestObject<ImageAcceptance>> acceptances = new ArrayList<>();
    private final List<ManifestObject<ProjectSet>> sets = new ArrayList<>();
    private final Map<OrcObjects.OrcObjectKey, String> orcIds = new HashMap<>();
    private final List<ProjectSet> clusterSets = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final List<String> templates = new ArrayList<>();
    private final List<String> otherEncodings = new ArrayList<>();
    private final Map<String, Place> seen = new HashMap<>();
    private final ManifestChecks checks;
    private final String defaultNamespace;
    private int found;
    private int others;
    private boolean hasDocuments;

    Manifests(String defaultNamespace, Instant now) {
        this.defaultNamespace = defaultNamespace;
        this.checks = new ManifestChecks(defaultNamespace, now);
    }

    /**
     * Reads files, directories (all YAML and JSON in them, at any depth) and {@code -}.
     *
     * @param defaultNamespace of objects without one
     * @param now when the objects would be created
     */
    static Manifests read(List<Path> sources, InputStream standardInput, String defaultNamespace, Instant now) {
        var all = new Manifests(defaultNamespace, now);
        new ManifestFiles(standardInput).read(sources, all::add, all.faults::add);
        return all;
    }

    List<ManifestObject<ImageShare>> shares() {
        return shares;
    }

    List<ManifestObject<ProjectSet>> sets() {
        return sets;
    }

    /** ProjectSets in the cluster that aren't in the files; added from the cluster's state. */
    List<ProjectSet> clusterSets() {
        return clusterSets;
    }

    List<ManifestObject<ImageAcceptance>> acceptances() {
        return acceptances;
    }

    /** IDs of ORC objects, as far as the files have them. */
    Map<OrcObjects.OrcObjectKey, String> orcIds() {
        return orcIds;
    }

    List<Fault> faults() {
        return faults;
    }

    /** Files that another tool has to process first, such as Helm templates, which can't be read. */
    List<String> templates() {
        return templates;
    }

    /** Files without objects of ours that are neither UTF-8 nor UTF-16. */
    List<String> otherEncodings() {
        return otherEncodings;
    }

    /** How many objects of the two kinds there are, including faulty ones. */
    int found() {
        return found;
    }

    /** The kind, namespace and name of all objects of the two kinds, including faulty ones. */
    Set<String> titles() {
        return seen.keySet();
    }

    /** Whether there is nothing at all in the files, of any kind. */
    boolean isEmpty() {
        return !hasDocuments;
    }

    /** How many objects of other kinds there are. */
    int others() {
        return others;
    }

    /** Adds what is in a file. */
    void add(ManifestFile file) {
        var before = found;
        var text = ManifestText.read(file.text());
        hasDocuments |= !text.documents().isEmpty();
        text.documents().forEach(document -> add(file.name(), document));
        if (!text.faults().isEmpty() && Placeholders.mayBeIn(file.text())) {
            template(file.name());
        } else {
            text.faults().forEach(e -> faults.add(new Fault(new Place(file.name(), e.line()), "", e.getMessage())));
        }
        if (file.isMalformed() && found > before) {
            faults.add(new Fault(
                    new Place(file.name(), file.badLine()),
                    "",
                    "has bytes that are not UTF-8; save the file as UTF-8"));
        } else if (file.isMalformed()) {
            otherEncodings.add(file.name());
        }
    }

    private void template(String file) {
        if (!templates.contains(file)) {
            templates.add(file);
        }
    }

    private void add(String file, ManifestDocument document) {
        var tree = document.tree();
        var kind = ManifestDocument.text(tree.path("kind"));
        if (kind.endsWith("List") && tree.path("items").isArray()) {
            document.items().forEach(item -> add(file, item));
            return;
        }
        var place = new Place(file, document.line(""));
        if (NearMiss.isOurs(tree)) {
            ours(file, place, kind, document);
            return;
        }
        var miss = NearMiss.in(tree);
        if (miss.isPresent()) {
            found++;
            faults.add(new Fault(place, title(kind, tree), miss.get()));
            return;
        }
        others++;
        if (tree.path("apiVersion").asText().equals(OrcKind.API_VERSION)) {
            orcObject(kind, tree);
        }
    }

    private void ours(String file, Place place, String kind, ManifestDocument document) {
        if (Placeholders.areIn(document.tree())) {
            template(file);
            return;
        }
        found++;
        var version = ManifestDocument.text(document.tree().path("apiVersion"));
        if (!version.equals(NearMiss.VERSION)) {
            faults.add(new Fault(
                    place,
                    title(kind, document.tree()),
                    "apiVersion must be " + NearMiss.VERSION + ", but is " + version));
        } else if (kind.equals("ImageShare")) {
            named(document, kind, place);
            checks.share(file, document, faults::add).ifPresent(object -> unlessTwice(object, shares));
        } else if (kind.equals("ImageAcceptance")) {
            named(document, kind, place);
            checks.acceptance(file, document, faults::add).ifPresent(object -> unlessTwice(object, acceptances));
        } else if (kind.equals("ProjectSet")) {
            named(document, kind, place);
            checks.set(file, document, faults::add).ifPresent(object -> unlessTwice(object, sets));
        } else if (kind.equals("ImageShareSet")) {
            named(document, kind, place);
            // Which ImageShares it makes is the cluster's business: a plan is of those that are there.
            var unused = checks.rotation(file, document, faults::add);
        } else if (kind.equals("ImageNotifier")) {
            named(document, kind, place);
            // It changes no member, so there is nothing to plan.
            var unused = checks.notifier(file, document, faults::add);
        } else if (kind.equals("ImageAccessRequest")) {
            named(document, kind, place);
            // Which project it proves, and what was decided, is the cluster's business.
            var unused = checks.request(file, document, faults::add);
        } else if (kind.equals("ImageAccessDecision")) {
            named(document, kind, place);
            var unused = checks.decision(file, document, faults::add);
        } else {
            faults.add(new Fault(
                    place,
                    title(kind, document.tree()),
                    "kind must be " + NearMiss.kinds() + " in " + NearMiss.VERSION + ", but is "
                            + (kind.isEmpty() ? "missing" : kind)));
        }
    }

    private String title(String kind, JsonNode object) {
        return checks.title(kind.isEmpty() ? "object" : kind, object.path("metadata"));
    }

    private void named(ManifestDocument document, String kind, Place place) {
        var title = checks.title(kind, document.tree().path("metadata"));
        var first = seen.putIfAbsent(title, place);
        if (first != null) {
            faults.add(new Fault(place, title, "is in the files twice, also at " + first));
        }
    }

    private <T extends HasMetadata> void unlessTwice(ManifestObject<T> object, List<ManifestObject<T>> all) {
        if (object.place().equals(seen.get(object.title()))) {
            all.add(object);
        }
    }

    /** The ID that ORC has set, or that it should import. */
    private void orcObject(String kindName, JsonNode object) {
        for (var kind : OrcKind.values()) {
            var id = object.path("status")
                    .path("id")
                    .asText(object.path("spec").path("import").path("id").asText());
            var metadata = object.path("metadata");
            if (kind.name().equals(kindName) && !id.isEmpty() && !metadata.has("deletionTimestamp")) {
                orcIds.put(
                        new OrcObjects.OrcObjectKey(
                                kind,
                                metadata.path("namespace").asText(defaultNamespace),
                                metadata.path("name").asText()),
                        id);
            }
        }
    }

    /** What an ORC object resolves to, by the files alone. */
    Referent referent(OrcObjects.OrcObjectKey key) {
        var id = orcIds.get(key);
        return id == null ? new Referent.Unresolved(Referent.Why.NOT_ASKED, "") : new Referent.Resolved(id);
    }
}
