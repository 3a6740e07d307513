package dev.imageshare.model;

import static dev.imageshare.scenarios.Namespace.secretOf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.faults.ApiCall;
import dev.imageshare.faults.ApiFault;
import dev.imageshare.faults.CloudCall;
import dev.imageshare.faults.CloudFault;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.GoDuration;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.share.ImageShareReconciler;
import dev.imageshare.share.ShareSettings;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One example of what users read: of an object and its circumstances come a status and events. Its folder has
 *
 * <ul>
 *   <li>{@code in.yaml}: the object; with a {@code deletionTimestamp}, one that is being deleted;
 *   <li>{@code cloud.yaml}: the cloud and what goes wrong, see {@link Circumstances};
 *   <li>{@code before.yaml}, if there is one: the status before;
 *   <li>{@code beside.yaml}, if there is one: other objects and their statuses, which are older and are looked at first;
 *   <li>{@code status.yaml} and {@code events.txt}: what comes of it.
 * </ul>
 *
 * <p>Times, UIDs and random numbers are the same in each run; ports and request IDs are left out.
 */
final class GoldenCase {

    /** What each folder may hold. */
    static final List<String> FILES =
            List.of("in.yaml", "cloud.yaml", "before.yaml", "beside.yaml", "status.yaml", "events.txt");

    private static final Map<String, Class<? extends HasMetadata>> KINDS =
            Map.of("ImageShare", ImageShare.class, "ImageAcceptance", ImageAcceptance.class);

    private static final Instant START = Instant.parse("2026-11-21T18:00:00Z");
    private static final CountDownLatch ENDED = new CountDownLatch(0);
    private static final Pattern PORT = Pattern.compile("127\\.0\\.0\\.1:\\d+");
    private static final Pattern REQUEST = Pattern.compile("req-[0-9a-f-]{36}");
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
            .build();

    /**
     * What surrounds the object.
     *
     * @param secrets the Secrets of each namespace, by name: a user of the cloud, or the text of a clouds.yaml
     * @param images what is there
     * @param cloudFaults what goes wrong with each call of a kind, while the object is looked at
     * @param apiFaults the same for calls to the Kubernetes API
     * @param lapse how long the other objects haven't been looked at when this one is, in Go's words
     * @param looks how often the object is looked at, once if it isn't given
     * @param every how long after the last look the next one is, in Go's words; else when it is due
     * @param takenOut a member of the first image that somebody else takes out before each further look
     * @param stopsAt the first call of this kind after which the operator stops
     * @param breaksAt the first call of this kind after which the operator fails by a fault of its own
     */
    private record Circumstances(
            Map<String, String> secrets,
            List<GivenImage> images,
            Map<CloudCall, CloudFault> cloudFaults,
            Map<ApiCall, ApiFault> apiFaults,
            String lapse,
            Integer looks,
            String every,
            String takenOut,
            CloudCall stopsAt,
            CloudCall breaksAt) {

        Circumstances {
            secrets = secrets == null ? Map.of() : secrets;
            images = images == null ? List.of() : images;
            cloudFaults = cloudFaults == null ? Map.of() : cloudFaults;
            apiFaults = apiFaults == null ? Map.of() : apiFaults;
            looks = looks == null ? 1 : looks;
        }
    }

    /**
     * @param by the user who makes it
     * @param visibility shared if it isn't given
     * @param status active if it isn't given; or deactivated
     * @param members each one's answer, by project
     */
    private record GivenImage(
            String id,
            String name,
            String by,
            String visibility,
            String status,
            List<String> tags,
            Map<String, MemberStatus> members) {

        GivenImage {
            visibility = visibility == null ? "shared" : visibility;
            tags = tags == null ? List.of() : tags;
            members = members == null ? Map.of() : members;
        }
    }

    private final Path folder;
    private final ModelWorld world;
    private final HasMetadata subject;
    private final List<HasMetadata> others;
    private final Circumstances given;
    private final TreeSet<String> namespaces = new TreeSet<>();
    private boolean stopped;
    private boolean breaks;

    GoldenCase(Path folder, ModelWorld world) {
        this.folder = folder;
        this.world = world;
        given = read("cloud.yaml", Circumstances.class).orElseThrow();
        subject = objects("in.yaml").get(0);
        others = objects("beside.yaml");
        Stream.concat(Stream.of(subject), others.stream())
                .forEach(object -> namespaces.add(object.getMetadata().getNamespace()));
    }

    /** What comes of it. */
    record Outcome(String status, String events) {}

    /** Plays it, and leaves nothing behind. */
    Outcome play() {
        world.begin();
        world.clock.move(Duration.between(world.clock.instant(), START));
        try {
            given.images.forEach(this::create);
            world.clock.move(Duration.ofMinutes(1));
            for (var namespace : namespaces) {
                given.secrets.forEach((name, of) -> world.api.create(
                        Secret.class, secretOf(namespace, name, Map.of("clouds.yaml", cloudsYaml(of)))));
            }
            others.forEach(object -> create(object, statusOf(object)));
            world.clock.move(Duration.ofMinutes(1));
            create(subject, read("before.yaml", JsonNode.class).orElse(null));
            world.clock.move(Duration.ofMinutes(1));
            Stream.concat(others.stream(), Stream.of(subject))
                    .filter(HasMetadata::isMarkedForDeletion)
                    .forEach(this::delete);
            look();
            return new Outcome(status(), events());
        } finally {
            world.cloud.intercept((method, path) -> null);
            world.api.intercept((method, path) -> null);
            namespaces.forEach(namespace -> {
                clear(namespace, ImageShare.class);
                clear(namespace, ImageAcceptance.class);
                clear(namespace, Secret.class);
                clear(namespace, Event.class);
            });
            given.images.stream()
                    .filter(image -> world.cloud.membersOf(image.id) != null)
                    .forEach(image -> world.cloud.deleteImage(image.by, image.id));
        }
    }

    // ------------------------------------------------------------ circumstances

    private void create(GivenImage image) {
        world.cloud.createImage(
                image.by,
                UUID.fromString(image.id),
                image.name,
                image.members.isEmpty() ? image.visibility : "shared",
                image.tags);
        image.members.forEach((project, answer) -> {
            world.cloud.addMember(image.by, image.id, project);
            if (answer != MemberStatus.pending) {
                var user = Stream.of("consumer-a", "consumer-b")
                        .filter(each -> world.cloud.projectId(each).equals(project))
                        .findFirst();
                world.cloud.answer(user.orElseThrow(), image.id, answer);
            }
        });
        if (!image.members.isEmpty() && !image.visibility.equals("shared")) {
            world.cloud.setVisibility(image.by, image.id, image.visibility);
        }
        if ("deactivated".equals(image.status)) {
            world.cloud.deactivate(image.id);
        }
    }

    private String cloudsYaml(String of) {
        return of.contains(":") ? of : world.yaml(of, "openstack");
    }

    private <T extends HasMetadata> void create(T object, JsonNode status) {
        @SuppressWarnings("unchecked")
        var kind = (Class<T>) object.getClass();
        var made = world.client.getKubernetesSerialization().clone(object);
        if (object.isMarkedForDeletion()) {
            made.getMetadata().setDeletionTimestamp(null);
            made.getMetadata().setFinalizers(List.of(ImageShareReconciler.FINALIZER));
        }
        made = world.api.create(kind, made);
        if (status != null) {
            var json = (ObjectNode) tree(made);
            json.set("status", status);
            world.api.replaceStatus(
                    kind, world.client.getKubernetesSerialization().unmarshal(json.toString(), kind));
        }
    }

    private JsonNode statusOf(HasMetadata object) {
        var status = ((CustomResource<?, ?>) object).getStatus();
        return status == null ? null : tree(status);
    }

    private <T extends HasMetadata> void delete(T object) {
        @SuppressWarnings("unchecked")
        var kind = (Class<T>) object.getClass();
        world.api.delete(kind, object);
    }

    private <T extends HasMetadata> void clear(String namespace, Class<T> kind) {
        for (var object : world.api.objects(kind, namespace, new HashMap<>())) {
            object.getMetadata().setFinalizers(List.of());
            world.api.replace(kind, object);
            if (!object.isMarkedForDeletion()) {
                world.api.delete(kind, object);
            }
        }
    }

    // -------------------------------------------------------------------- looks

    private void look() {
        try (var operator = new DrivenOperator(
                world.client,
                world.clock,
                1,
                CloudSettings.defaults(),
                new ShareSettings(1, 2, 50, Duration.ofSeconds(5), Duration.ofDays(7)),
                new Leadership(this::mayWork, () -> true),
                new FairScheduler(1, 1, 1),
                world.clock::move)) {
            var ref = new DrivenOperator.Ref(subject.getKind(), ToldCache.key(subject));
            tell(operator);
            operator.dueNow(other -> !other.equals(ref)).forEach(operator::pass);
            duration(given.lapse).ifPresent(world.clock::move);
            world.cloud.intercept((method, path) -> {
                var call = CloudCall.of(method, path).orElseThrow();
                stopped |= call == given.stopsAt;
                breaks |= call == given.breaksAt;
                var fault = given.cloudFaults.get(call);
                return fault == null ? null : fault.on(call, ENDED);
            });
            world.api.intercept((method, path) -> ApiCall.of(method, path)
                    .map(given.apiFaults::get)
                    .map(ApiFault::get)
                    .orElse(null));
            for (var look = 1; look <= given.looks; look++) {
                if (look > 1) {
                    betweenLooks(operator, ref);
                }
                tell(operator);
                operator.pass(ref);
            }
        }
    }

    private void betweenLooks(DrivenOperator operator, DrivenOperator.Ref ref) {
        world.clock.move(duration(given.every).orElseGet(() -> operator.dueIn(ref)));
        if (given.takenOut != null) {
            var image = given.images.get(0);
            world.cloud.removeMember(image.by, image.id, given.takenOut);
        }
    }

    private boolean mayWork() {
        if (breaks) {
            breaks = false;
            throw new IllegalStateException("a fault of the operator's own, for a test");
        }
        return !stopped;
    }

    private void tell(DrivenOperator operator) {
        operator.tell(all(ImageShare.class), all(ImageAcceptance.class), all(Secret.class));
    }

    private <T extends HasMetadata> List<T> all(Class<T> kind) {
        return namespaces.stream()
                .flatMap(namespace -> world.api.objects(kind, namespace, new HashMap<>()).stream())
                .toList();
    }

    private static Optional<Duration> duration(String text) {
        return Optional.ofNullable(text).map(given -> GoDuration.parse(given).orElseThrow());
    }

    // ------------------------------------------------------------------ results

    private String status() {
        return all(subject.getClass()).stream()
                .filter(object -> ToldCache.key(object).equals(ToldCache.key(subject)))
                .findFirst()
                .map(this::statusOf)
                .map(status -> yaml(plain(status)))
                .orElse("# The object is gone, or has no status.\n");
    }

    private String events() {
        return all(Event.class).stream()
                .sorted(Comparator.comparing(
                        event -> Long.valueOf(event.getMetadata().getResourceVersion())))
                .map(event -> about(event) + event.getType() + " " + event.getReason()
                        + (event.getCount() == 1 ? "" : ", " + event.getCount() + " times") + ": "
                        + plain(event.getMessage()) + "\n")
                .collect(Collectors.joining());
    }

    private String about(Event event) {
        var about = event.getInvolvedObject();
        var key = about.getNamespace() + "/" + about.getName();
        return about.getKind().equals(subject.getKind()) && key.equals(ToldCache.key(subject))
                ? ""
                : "(" + about.getKind() + " " + key + ") ";
    }

    private JsonNode tree(Object object) {
        try {
            return YAML.readTree(world.client.getKubernetesSerialization().asJson(object));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode plain(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(field -> field.setValue(plain(field.getValue())));
        } else if (node instanceof ArrayNode array) {
            for (var i = 0; i < array.size(); i++) {
                array.set(i, plain(array.get(i)));
            }
        } else if (node.isTextual()) {
            return TextNode.valueOf(plain(node.asText()));
        }
        return node;
    }

    private static String plain(String text) {
        return REQUEST.matcher(PORT.matcher(text).replaceAll("127.0.0.1:port")).replaceAll("req-id");
    }

    // -------------------------------------------------------------------- files

    private static String yaml(JsonNode node) {
        try {
            return YAML.writeValueAsString(node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private <T> Optional<T> read(String file, Class<T> type) {
        try {
            var path = folder.resolve(file);
            return Files.exists(path) ? Optional.of(YAML.readValue(path.toFile(), type)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + "/" + file, e);
        }
    }

    /** Those of a file, which may have several documents; none if there is no such file. */
    private List<HasMetadata> objects(String file) {
        try {
            var path = folder.resolve(file);
            if (!Files.exists(path)) {
                return List.of();
            }
            var found = new ArrayList<HasMetadata>();
            for (var document : Files.readString(path).split("(?m)^---$")) {
                var kind = KINDS.get(YAML.readTree(document).path("kind").asText());
                found.add(world.client.getKubernetesSerialization().unmarshal(document, kind));
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
