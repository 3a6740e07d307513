package dev.imageshare.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.cli.PlannedText;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.share.ShareSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * What {@code plan} says of a change in Git is what the operator then does, request for request; without the cluster's state
 * it is never milder. Random objects, some of them in the cluster already, on random members.
 */
class PlanAgreementProperties {

    private static final List<String> PROJECTS =
            IntStream.range(0, 6).mapToObj(i -> "%032x".formatted(i + 1)).toList();
    private static final ObjectMapper JSON = new ObjectMapper();

    private static ModelWorld world;

    @BeforeContainer
    static void start() {
        world = new ModelWorld();
    }

    @AfterContainer
    static void stop() {
        world.close();
    }

    /**
     * An ImageShare.
     *
     * @param image 0 or 1
     * @param before the members that it declares in the cluster; null if it isn't there
     * @param after the members that the file declares; null if there is no file
     */
    record Share(
            int image,
            boolean byFilter,
            boolean additive,
            boolean unmanaged,
            String limit,
            @org.jspecify.annotations.Nullable Set<String> before,
            @org.jspecify.annotations.Nullable Set<String> after) {}

    /**
     * An ImageAcceptance.
     *
     * @param byId of image 2, else of all that the producer offers
     */
    record Answer(boolean byId, String answer, boolean isThere) {}

    /**
     * A change in Git.
     *
     * @param foreign the members that the images had before
     * @param drift members that somebody else adds, or takes away if they are there, before the change
     */
    record Change(
            List<Share> shares,
            List<Answer> answers,
            Set<String> foreign,
            Set<String> drift,
            boolean approve,
            long seed) {}

    @Provide
    Arbitrary<Change> changes() {
        var some = Arbitraries.of(PROJECTS).set().ofMaxSize(5);
        var shares = Combinators.combine(
                        Arbitraries.of(0, 0, 1),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false),
                        Arbitraries.of(false, false, false, true),
                        Arbitraries.of("25%", "50%", "100%", "0", "1", "100"),
                        some.injectNull(0.3),
                        some.injectNull(0.2))
                .as(Share::new);
        var answers = Combinators.combine(
                        Arbitraries.of(true, false),
                        Arbitraries.of("accepted", "rejected", "pending"),
                        Arbitraries.of(true, false))
                .as(Answer::new);
        return Combinators.combine(
                        shares.list().ofMinSize(1).ofMaxSize(3),
                        answers.list().ofMaxSize(2),
                        some,
                        some,
                        Arbitraries.of(true, false),
                        Arbitraries.longs())
                .as(Change::new);
    }

    private final List<String> images = new ArrayList<>();
    private final Set<String> writes = Collections.synchronizedSet(new TreeSet<>());
    private String namespace;
    private Random random;
    private DrivenOperator operator;

    @Property(tries = 15, edgeCases = EdgeCasesMode.NONE)
    void aPlanSaysWhatTheOperatorDoes(@ForAll("changes") Change change) {
        begin(change);
        try (var clouds = new Clouds(CloudSettings.defaults())) {
            operator = new DrivenOperator(
                    world.client,
                    world.clock,
                    change.seed,
                    CloudSettings.defaults(),
                    ShareSettings.defaults(),
                    () -> true);
            for (int i = 0; i < change.shares.size(); i++) {
                var share = change.shares.get(i);
                if (share.before != null) {
                    create(share(i, share, share.before));
                }
            }
            for (int i = 0; i < change.answers.size(); i++) {
                if (change.answers.get(i).isThere) {
                    create(answer(i, change.answers.get(i)));
                }
            }
            work();
            // What an object that isn't in the files heals is nothing that the files do.
            if (change.shares.stream().allMatch(share -> share.before == null || share.after != null)) {
                drift(change.drift);
            }

            var manifests = manifests(change);
            var state = state();
            var known = PlannedText.of(manifests, state, name -> client(clouds, name), world.clock.instant());
            var unknown = PlannedText.of(manifests, null, name -> client(clouds, name), world.clock.instant());
            assertThat(known.get("faults")).as(known.toPrettyString()).isEmpty();
            writes.clear();
            apply(manifests);
            work();

            compare(change, known, unknown);
            if (change.approve) {
                approve(manifests, clouds, change);
            }
        } finally {
            operator.close();
            world.cloud.witness((call, question, answer, fault) -> {});
            images.forEach(image -> world.cloud.deleteImage("producer", image));
        }
    }

    private void compare(Change change, JsonNode known, JsonNode unknown) {
        var what = change + "\n" + known.toPrettyString() + "\n" + unknown.toPrettyString();
        // What depends on which of two new objects has its pass first may happen or not; the plan says so.
        assertThat(without(moving(known), writes)).as(what).containsAll(without(moving(known), certain(known)));
        assertThat(planned(known)).as(what).containsAll(writes);
        assertThat(planned(unknown)).as(what).containsAll(writes);
        for (var object : known.get("objects")) {
            if (!object.get("kind").asText().equals("ImageShare")) {
                continue;
            }
            var status = get(object.get("name").asText()).getStatus();
            var isManaged = object.get("managed").asBoolean();
            var isConflict = object.get("problems").findValuesAsText("reason").contains("Conflict");
            assertThat(
                            isConflict || status.plan() == null || status.plan().remove() == null || !isManaged
                                    ? Set.of()
                                    : new TreeSet<>(status.plan().remove()))
                    .as(what)
                    .isEqualTo(isManaged && !isConflict ? held(object) : Set.of());
            assertThat(status.conditions().stream().anyMatch(c -> c.reason().equals("Conflict")))
                    .as(what)
                    .isEqualTo(isConflict);
        }
    }

    /** A person approves what is held, by the hash that the plan gives. */
    private void approve(String manifests, Clouds clouds, Change change) {
        var before = PlannedText.of(manifests, state(), name -> client(clouds, name), world.clock.instant());
        var approved = manifests;
        for (var object : before.get("objects")) {
            if (object.has("approval")) {
                approved = approved.replace(
                        "\"name\":\"" + object.get("name").asText() + "\"",
                        "\"name\":\"" + object.get("name").asText() + "\",\"annotations\":{\""
                                + ImageShare.APPROVE_REMOVALS + "\":\""
                                + object.get("approval").asText() + "\"}");
            }
        }
        var after = PlannedText.of(approved, state(), name -> client(clouds, name), world.clock.instant());
        writes.clear();
        apply(approved);
        work();
        assertThat(writes).as(change + "\n" + after.toPrettyString()).isEqualTo(certain(after));
    }

    // ---------------------------------------------------------------- what plan says

    /** Members that go from one object to a new one: the order of the passes decides, and the plan says so. */
    private static Set<String> moving(JsonNode plan) {
        var all = new TreeSet<String>();
        for (var object : plan.get("objects")) {
            for (var change : object.get("changes")) {
                if (change.has("dependsOnCluster")
                        && change.get("action").asText().equals("remove")) {
                    all.add(object.at("/image/id").asText() + " " + project(change));
                }
            }
        }
        return all;
    }

    private static Set<String> without(Set<String> moving, Set<String> writes) {
        return writes.stream()
                .filter(write -> moving.stream().noneMatch(write::endsWith))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> certain(JsonNode plan) {
        return requests(plan, false);
    }

    /** A member that moves is removed and then added again if the object that gives it up has its pass first. */
    private Set<String> planned(JsonNode plan) {
        var all = requests(plan, true);
        moving(plan).forEach(move -> all.add("add " + move));
        return all;
    }

    private Set<String> requests(JsonNode plan, boolean also) {
        var all = new TreeSet<String>();
        for (var object : plan.get("objects")) {
            for (var change : object.get("changes")) {
                if (object.get("managed").asBoolean() && (also || !change.has("dependsOnCluster"))) {
                    switch (change.get("action").asText()) {
                        case "add" -> all.add("add " + object.at("/image/id").asText() + " " + project(change));
                        case "remove" ->
                            all.add("remove " + object.at("/image/id").asText() + " " + project(change));
                        case "answer" ->
                            all.add(change.get("to").asText() + " "
                                    + change.get("image").asText());
                        default -> {}
                    }
                }
            }
        }
        return all;
    }

    private static String project(JsonNode change) {
        return change.get("project").asText();
    }

    private static Set<String> held(JsonNode object) {
        var all = new TreeSet<String>();
        for (var change : object.get("changes")) {
            if (change.get("action").asText().equals("hold")) {
                all.add(project(change));
            }
        }
        return all;
    }

    // ----------------------------------------------------------------- the world

    private void begin(Change change) {
        world.begin();
        world.clock.move(Duration.ofSeconds(2));
        random = new Random(change.seed);
        namespace = world.next("agree");
        world.client
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        world.client
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("clouds")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withStringData(Map.of("clouds.yaml", world.cloud.cloudsYaml()))
                        .build())
                .create();
        images.clear();
        for (int i = 0; i < 3; i++) {
            images.add(world.cloud.createImage("producer", namespace + "-" + i, "shared", List.of()));
        }
        for (var project : change.foreign) {
            world.cloud.addMember("producer", images.get(0), project);
            world.cloud.addMember("producer", images.get(1), project);
        }
        world.cloud.addMember("producer", images.get(2), world.cloud.projectId("consumer-a"));
        world.cloud.witness((call, question, answer, fault) -> {
            var path = call.path().split("/");
            switch (call.method()) {
                case "POST" -> {
                    if (call.path().endsWith("/members")) {
                        writes.add("add " + path[3] + " "
                                + json(question).get("member").asText());
                    }
                }
                case "DELETE" -> writes.add("remove " + path[3] + " " + path[5]);
                case "PUT" -> writes.add(json(question).get("status").asText() + " " + path[3]);
                default -> {}
            }
        });
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static ImageClient client(Clouds clouds, String name) {
        return clouds.cloud("plan", "", name, CloudConfig.parse(world.cloud.cloudsYaml(), name, null))
                .newPass();
    }

    private String share(int index, Share share, Set<String> members) {
        return """
                {"apiVersion":"imageshare.dev/v1alpha1","kind":"ImageShare",
                 "metadata":{"name":"share-%d","namespace":"%s"},
                 "spec":{"cloudCredentialsRef":{"secretName":"clouds","cloudName":"producer"},"image":%s,"members":[%s],
                  "membershipPolicy":"%s","managementPolicy":"%s","managedOptions":{"maxRemovals":%s}}}
                """.formatted(
                        index,
                        namespace,
                        share.byFilter
                                ? "{\"filter\":{\"name\":\"" + namespace + "-" + share.image + "\"}}"
                                : "{\"id\":\"" + images.get(share.image) + "\"}",
                        members.stream()
                                .sorted()
                                .map(p -> "{\"projectID\":\"" + p + "\"}")
                                .collect(Collectors.joining(",")),
                        share.additive ? "Additive" : "Authoritative",
                        share.unmanaged ? "unmanaged" : "managed",
                        share.limit.endsWith("%") ? "\"" + share.limit + "\"" : share.limit);
    }

    private String answer(int index, Answer answer) {
        return """
                {"apiVersion":"imageshare.dev/v1alpha1","kind":"ImageAcceptance",
                 "metadata":{"name":"answer-%d","namespace":"%s"},
                 "spec":{"cloudCredentialsRef":{"secretName":"clouds","cloudName":"consumer-a"},%s,"memberStatus":"%s"}}
                """.formatted(
                        index,
                        namespace,
                        answer.byId
                                ? "\"image\":{\"id\":\"" + images.get(2) + "\"}"
                                : "\"from\":{\"owners\":[\"" + world.cloud.projectId("images") + "\"]}",
                        answer.answer);
    }

    private String manifests(Change change) {
        var all = new StringBuilder();
        for (int i = 0; i < change.shares.size(); i++) {
            var share = change.shares.get(i);
            if (share.after != null) {
                all.append(share(i, share, share.after));
            }
        }
        for (int i = 0; i < change.answers.size(); i++) {
            all.append(answer(i, change.answers.get(i)));
        }
        return all.toString();
    }

    private void create(String object) {
        world.client.resource(resource(object)).create();
        world.clock.move(Duration.ofSeconds(2));
    }

    private static HasMetadata resource(String object) {
        return Serialization.unmarshal(object, HasMetadata.class);
    }

    private void apply(String manifests) {
        for (var text : manifests.split("(?<=}})\n\\s*(?=\\{)")) {
            if (text.isBlank()) {
                continue;
            }
            var object = resource(text);
            var there = world.client.resource(object).get();
            if (there == null) {
                world.client.resource(object).create();
            } else {
                world.client
                        .resource(object)
                        .patch(
                                io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                                        io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
                                text);
            }
        }
    }

    private void drift(Set<String> projects) {
        for (var project : projects) {
            var image = images.get(random.nextInt(2));
            if (world.cloud.members("producer", image).containsKey(project)) {
                world.cloud.removeMember("producer", image, project);
            } else {
                world.cloud.addMember("producer", image, project);
            }
        }
    }

    private ImageShare get(String name) {
        return world.client
                .resources(ImageShare.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private <T extends HasMetadata> List<T> all(Class<T> kind) {
        return world.client.resources(kind).inNamespace(namespace).list().getItems();
    }

    private String state() {
        var items = new ArrayList<HasMetadata>(all(ImageShare.class));
        items.addAll(all(ImageAcceptance.class));
        return Serialization.asJson(Map.of("apiVersion", "v1", "kind", "List", "items", items));
    }

    /** Runs all passes until each object had its turn, those that are due at once in random order. */
    private void work() {
        var until = world.clock.instant().plus(Duration.ofMinutes(13));
        tell();
        while (operator.nextDue() != null && !operator.nextDue().isAfter(until)) {
            moveTo(operator.nextDue());
            var due = operator.dueNow();
            operator.pass(due.get(random.nextInt(due.size())));
            tell();
        }
        moveTo(until);
    }

    private static void moveTo(Instant then) {
        if (then.isAfter(world.clock.instant())) {
            world.clock.move(Duration.between(world.clock.instant(), then));
        }
    }

    private void tell() {
        operator.tell(all(ImageShare.class), all(ImageAcceptance.class), all(Secret.class));
    }
}
