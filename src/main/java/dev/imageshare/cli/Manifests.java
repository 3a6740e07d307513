package dev.imageshare.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imageshare.acceptance.AcceptancePreview;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.orc.OrcKind;
import dev.imageshare.orc.OrcObjects;
import dev.imageshare.orc.Referent;
import dev.imageshare.share.SharePreview;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The ImageShares and ImageAcceptances of files, checked as an API server would check them and by the operator's own
 * rules. What else is in the files is counted and left alone.
 */
final class Manifests {

    private static final String GROUP = "imageshare.dev/";
    private static final String VERSION = GROUP + "v1alpha1";
    private static final int MAX_NAME = 253;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern FIELD = Pattern.compile("spec[A-Za-z.]*[A-Za-z]");

    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    /**
     * Where something is.
     *
     * @param file as it was named, {@code -} for the standard input
     * @param line from 1; 0 if it isn't known
     */
    record Place(String file, int line) {
        @Override
        public String toString() {
            return line == 0 ? file : file + ":" + line;
        }
    }

    /**
     * Why something in the files can't be planned.
     *
     * @param object the kind, namespace and name; empty for a whole file
     */
    record Fault(Place place, String object, String message) {
        @Override
        public String toString() {
            return place + ": " + (object.isEmpty() ? "" : object + ": ") + message;
        }
    }

    /**
     * One object.
     *
     * @param object with a UID, a generation and a creation time: where the file has none, such as an API server would give
     *     it now
     * @param fromCluster whether it is one of a cluster as it is there, so that an approval can be for it
     */
    record Declared<T extends HasMetadata>(T object, Place place, boolean fromCluster) {
        String namespace() {
            return object.getMetadata().getNamespace();
        }

        String name() {
            return object.getMetadata().getName();
        }
    }

    private final List<Declared<ImageShare>> shares = new ArrayList<>();
    private final List<Declared<ImageAcceptance>> acceptances = new ArrayList<>();
    private final Map<OrcObjects.Key, String> orcIds = new HashMap<>();
    private final List<Fault> faults = new ArrayList<>();
    private final List<String> templates = new ArrayList<>();
    private final Map<String, Place> seen = new HashMap<>();
    private final Map<String, CrdSchema> schemas = new LinkedHashMap<>();
    private final String defaultNamespace;
    private final Instant now;
    private int found;
    private int others;

    private Manifests(String defaultNamespace, Instant now) {
        this.defaultNamespace = defaultNamespace;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * Reads files, directories (all YAML and JSON in them, at any depth) and {@code -}.
     *
     * @param defaultNamespace of objects that name none
     * @param now when the objects would be created
     */
    static Manifests read(List<Path> sources, InputStream standardInput, String defaultNamespace, Instant now) {
        var all = new Manifests(defaultNamespace, now);
        for (var source : sources) {
            try {
                if (source.equals(Path.of("-"))) {
                    all.add("-", new String(standardInput.readAllBytes(), StandardCharsets.UTF_8));
                } else if (Files.isDirectory(source)) {
                    all.addAll(source);
                } else {
                    all.add(source.toString(), Files.readString(source));
                }
            } catch (IOException e) {
                throw new CommandFailure(
                        Files.exists(source) ? "can't read " + source + ": " + e : source + " doesn't exist");
            }
        }
        return all;
    }

    /**
     * Gives the objects what the same ones in a cluster remember, as applying them there would leave it.
     *
     * @param cluster the objects as they are there
     */
    void remember(Manifests cluster) {
        cluster.orcIds.forEach(orcIds::putIfAbsent);
        remember(shares, cluster.shares, SharePreview::violation);
        remember(acceptances, cluster.acceptances, AcceptancePreview::violation);
    }

    private <S, T, O extends CustomResource<S, T>> void remember(
            List<Declared<O>> mine, List<Declared<O>> theirs, Function<O, Optional<String>> rules) {
        var known = new HashMap<String, O>();
        theirs.forEach(declared -> known.put(title(declared.object()), declared.object()));
        for (var i = mine.listIterator(); i.hasNext(); ) {
            var declared = i.next();
            var object = declared.object();
            var there = known.get(title(object));
            if (there == null) {
                continue;
            }
            var metadata = there.getMetadata();
            var isSame = Objects.equals(object.getSpec(), there.getSpec());
            var annotations = new LinkedHashMap<>(metadata.getAnnotations());
            annotations.putAll(object.getMetadata().getAnnotations());
            object.getMetadata().setUid(metadata.getUid());
            object.getMetadata().setCreationTimestamp(metadata.getCreationTimestamp());
            object.getMetadata().setGeneration(metadata.getGeneration() + (isSame ? 0 : 1));
            object.getMetadata().setDeletionTimestamp(metadata.getDeletionTimestamp());
            object.getMetadata().setAnnotations(annotations);
            object.setStatus(there.getStatus());
            var violation = rules.apply(object);
            if (violation.isPresent()) {
                fault(declared.place(), title(object), violation.get());
                i.remove();
            } else {
                i.set(new Declared<>(object, declared.place(), isSame));
            }
        }
    }

    List<Declared<ImageShare>> shares() {
        return shares;
    }

    List<Declared<ImageAcceptance>> acceptances() {
        return acceptances;
    }

    List<Fault> faults() {
        return faults;
    }

    /** Files that hold templates, such as Helm's, in which nothing can be read. */
    List<String> templates() {
        return templates;
    }

    /** How many objects of the two kinds there are, faulty ones too. */
    int found() {
        return found;
    }

    /** How many objects of other kinds there are. */
    int others() {
        return others;
    }

    private void addAll(Path directory) throws IOException {
        try (var walk = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
            var files = walk.filter(Files::isRegularFile)
                    .filter(file -> file.toString().matches(".*\\.(yaml|yml|json)"))
                    .filter(file -> !isHidden(directory.relativize(file)))
                    .sorted()
                    .toList();
            for (var file : files) {
                add(file.toString(), Files.readString(file));
            }
        }
    }

    /** What is under {@code .git} and the like isn't meant. */
    private static boolean isHidden(Path file) {
        for (var part : file) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    private void add(String file, String text) {
        List<YamlDocument> documents;
        try {
            documents = YamlDocument.all(text);
        } catch (YamlDocument.Malformed e) {
            if (text.contains("{{")) {
                templates.add(file);
            } else if (text.contains(GROUP)) {
                faults.add(new Fault(new Place(file, e.line), "", e.getMessage()));
            } else {
                others++;
            }
            return;
        }
        for (var document : documents) {
            add(file, document);
        }
    }

    private void add(String file, YamlDocument document) {
        var kind = document.tree().path("kind").asText();
        var version = document.tree().path("apiVersion").asText();
        if (kind.endsWith("List") && document.tree().path("items").isArray()) {
            document.items().forEach(item -> add(file, item));
            return;
        }
        if (!version.startsWith(GROUP)) {
            others++;
            if (version.equals(OrcKind.API_VERSION)) {
                orcObject(kind, document.tree());
            }
            return;
        }
        if (hasTemplate(document.tree())) {
            if (!templates.contains(file)) {
                templates.add(file);
            }
            return;
        }
        found++;
        var place = new Place(file, document.line(""));
        if (!version.equals(VERSION)) {
            fault(place, kind, "apiVersion must be " + VERSION + ", but is " + version);
        } else if (kind.equals("ImageShare")) {
            share(place, document).ifPresent(shares::add);
        } else if (kind.equals("ImageAcceptance")) {
            acceptance(place, document).ifPresent(acceptances::add);
        } else {
            fault(place, "", "kind must be ImageShare or ImageAcceptance in " + VERSION + ", but is " + kind);
        }
    }

    /** ORC's ID of it, or the one that it is to import. */
    private void orcObject(String kindName, JsonNode object) {
        for (var kind : OrcKind.values()) {
            var id = object.path("status")
                    .path("id")
                    .asText(object.path("spec").path("import").path("id").asText());
            var metadata = object.path("metadata");
            if (kind.name().equals(kindName) && !id.isEmpty() && !metadata.has("deletionTimestamp")) {
                orcIds.put(
                        new OrcObjects.Key(
                                kind,
                                metadata.path("namespace").asText(defaultNamespace),
                                metadata.path("name").asText()),
                        id);
            }
        }
    }

    /** What an object of ORC's stands for, by the files alone. */
    Referent referent(OrcObjects.Key key) {
        var id = orcIds.get(key);
        return id == null ? new Referent.Unresolved(Referent.Why.NOT_ASKED, "") : new Referent.Resolved(id);
    }

    private static boolean hasTemplate(JsonNode tree) {
        if (tree.isTextual()) {
            return tree.textValue().contains("{{");
        }
        for (var child : tree) {
            if (hasTemplate(child)) {
                return true;
            }
        }
        return false;
    }

    private void fault(Place place, String object, String message) {
        faults.add(new Fault(place, object, message));
    }

    private Optional<Declared<ImageShare>> share(Place place, YamlDocument document) {
        var metadata = metadata(place, document, "ImageShare", "imageshares");
        if (metadata.isEmpty()) {
            return Optional.empty();
        }
        var share = new ImageShare();
        share.setMetadata(metadata.get());
        try {
            share.setSpec(value(document, "spec", ImageShareSpec.class));
            share.setStatus(value(document, "status", ImageShareStatus.class));
        } catch (JsonProcessingException e) {
            return unreadable(place, share, e);
        }
        return declared(place, document, share, SharePreview.violation(share));
    }

    private Optional<Declared<ImageAcceptance>> acceptance(Place place, YamlDocument document) {
        var metadata = metadata(place, document, "ImageAcceptance", "imageacceptances");
        if (metadata.isEmpty()) {
            return Optional.empty();
        }
        var acceptance = new ImageAcceptance();
        acceptance.setMetadata(metadata.get());
        try {
            acceptance.setSpec(value(document, "spec", ImageAcceptanceSpec.class));
            acceptance.setStatus(value(document, "status", ImageAcceptanceStatus.class));
        } catch (JsonProcessingException e) {
            return unreadable(place, acceptance, e);
        }
        return declared(place, document, acceptance, AcceptancePreview.violation(acceptance));
    }

    /** By the rules that the CRD says in CEL. */
    private <T extends HasMetadata> Optional<Declared<T>> declared(
            Place place, YamlDocument document, T object, Optional<String> violation) {
        if (violation.isPresent()) {
            var field = FIELD.matcher(violation.get());
            var line = field.lookingAt() ? document.line(field.group()) : place.line();
            fault(new Place(place.file(), line), title(object), violation.get());
            return Optional.empty();
        }
        return Optional.of(new Declared<>(
                object, place, document.tree().at("/metadata/uid").isTextual()));
    }

    static String title(HasMetadata object) {
        return object.getKind() + " " + object.getMetadata().getNamespace() + "/"
                + object.getMetadata().getName();
    }

    private static <T> @Nullable T value(YamlDocument document, String field, Class<T> type)
            throws JsonProcessingException {
        return document.tree().has(field) ? MAPPER.treeToValue(document.tree().get(field), type) : null;
    }

    /** Of what the schema lets pass, only a number that Java can't hold. */
    private <T extends HasMetadata> Optional<Declared<T>> unreadable(
            Place place, T object, JsonProcessingException failure) {
        fault(place, title(object), "has a value that can't be read: " + failure.getOriginalMessage());
        return Optional.empty();
    }

    /** The metadata of an object that the schema lets pass and that no other one is named as; else empty. */
    private Optional<ObjectMeta> metadata(Place place, YamlDocument document, String kind, String plural) {
        var given = document.tree().path("metadata");
        var name = given.path("name").asText();
        var namespace = given.path("namespace").asText(defaultNamespace);
        var title = kind + " " + namespace + "/" + (name.isEmpty() ? "?" : name);
        var before = faults.size();
        if (!given.path("name").isTextual()
                || name.length() > MAX_NAME
                || !NAME.matcher(name).matches()) {
            fault(
                    at(place, document, "metadata.name"),
                    title,
                    "metadata.name must be a name of lower case letters, digits, - and . (RFC 1123)");
        }
        if (!NAMESPACE.matcher(namespace).matches()) {
            fault(
                    at(place, document, "metadata.namespace"),
                    title,
                    "metadata.namespace must be a name of lower case letters, digits and -");
        }
        given.path("annotations").properties().forEach(annotation -> {
            if (!annotation.getValue().isTextual()) {
                fault(
                        at(place, document, "metadata.annotations." + annotation.getKey()),
                        title,
                        "metadata.annotations." + annotation.getKey() + " must be text: put it in quotes");
            }
        });
        schemas.computeIfAbsent(plural, CrdSchema::packaged)
                .check((ObjectNode) document.tree())
                .forEach(violation -> fault(
                        at(place, document, violation.path()), title, violation.path() + " " + violation.message()));
        var first = seen.putIfAbsent(title, place);
        if (first != null) {
            fault(place, title, "is in the files twice, also at " + first);
        }
        return faults.size() > before ? Optional.empty() : Optional.of(metadata(given, title, name, namespace));
    }

    private static Place at(Place place, YamlDocument document, String path) {
        return new Place(place.file(), document.line(path));
    }

    private ObjectMeta metadata(JsonNode given, String title, String name, String namespace) {
        var metadata = new ObjectMeta();
        metadata.setName(name);
        metadata.setNamespace(namespace);
        metadata.setUid(given.path("uid").asText(title));
        metadata.setGeneration(given.path("generation").asLong(1));
        metadata.setCreationTimestamp(given.path("creationTimestamp").asText(now.toString()));
        if (given.path("deletionTimestamp").isTextual()) {
            metadata.setDeletionTimestamp(given.path("deletionTimestamp").asText());
        }
        var annotations = new LinkedHashMap<String, String>();
        given.path("annotations")
                .properties()
                .forEach(each -> annotations.put(each.getKey(), each.getValue().asText()));
        metadata.setAnnotations(annotations);
        return metadata;
    }
}
