package dev.imageshare.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;
import static org.awaitility.Durations.ONE_MINUTE;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.embedded.EmbeddedKubernetes.Request;
import dev.imageshare.operator.ApiHttpClientFactory;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the embedded API has in common with a real one, each as Fabric8's client sees it. */
class EmbeddedKubernetesTest {

    private static final String A = "8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e";
    private static final String B = "0b9e8d7c6f5a4b3c2d1e0f9a8b7c6d5e";
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final PatchContext JSON = PatchContext.of(PatchType.JSON);

    private final List<Watch> open = new ArrayList<>();
    private static EmbeddedKubernetes kubernetes;
    private static KubernetesClient client;

    @BeforeAll
    static void start() {
        kubernetes = EmbeddedKubernetes.start(0);
        client = kubernetes.client();
    }

    @AfterAll
    static void stop() {
        client.close();
        kubernetes.close();
    }

    @AfterEach
    void deleteAll() {
        open.forEach(Watch::close);
        client.resources(ImageShare.class)
                .inAnyNamespace()
                .list()
                .getItems()
                .forEach(share -> shares(share.getMetadata().getNamespace())
                        .withName(share.getMetadata().getName())
                        .patch(MERGE, "{\"metadata\":{\"finalizers\":null}}"));
        client.resources(ImageShare.class).inAnyNamespace().delete();
        client.secrets().inAnyNamespace().delete();
    }

    @Test
    void aNewObjectGetsItsMetadataAndDefaults() {
        var created = create("one", A);

        assertThat(created.getMetadata().getUid()).isNotBlank();
        assertThat(created.getMetadata().getCreationTimestamp()).isNotBlank();
        assertThat(created.getMetadata().getResourceVersion()).isNotBlank();
        assertThat(created.getMetadata().getGeneration()).isEqualTo(1);
        GenericKubernetesResource stored = client.genericKubernetesResources("imageshare.dev/v1alpha1", "ImageShare")
                .inNamespace("default")
                .withName("one")
                .get();
        assertThat(stored.<Object>get("spec", "managedOptions", "maxRemovals")).isEqualTo("25%");
        assertThat(stored.<Object>get("spec", "resyncPeriod")).isEqualTo("10m");
    }

    @Test
    void whatIsThereOrNotThereIsSaidSo() {
        create("one", A);

        assertThat(codeOf(() -> create("one", A))).isEqualTo(409);
        assertThat(shares().withName("two").get()).isNull();
        assertThat(codeOf(() -> shares().withName("two").patch(MERGE, "{}"))).isEqualTo(404);
        assertThat(shares().withName("two").delete()).isEmpty();
    }

    @Test
    void aBadObjectIsRefusedInTheWordsOfTheServer() {
        assertThatThrownBy(() -> create("one", A, A))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(422))
                .hasMessageContaining("ImageShare.imageshare.dev \"one\" is invalid: spec.members[1]: Duplicate value");
        create("one", A);
        assertThatThrownBy(() -> shares().withName("one")
                        .patch(MERGE, "{\"spec\":{\"image\":{\"id\":null,\"filter\":{\"name\":\"x\"}}}}"))
                .hasMessageContaining("spec.image: Invalid value: \"object\": spec.image can't be changed");
        assertThat(codeOf(() -> create("Upper_Case", A))).isEqualTo(422);
    }

    @Test
    void theGenerationCountsChangesOfTheSpecAlone() {
        create("one", A);

        patch("one", "{\"metadata\":{\"labels\":{\"team\":\"a\"}}}");
        status("one", "{\"status\":{\"adopted\":true}}");
        assertThat(generation("one")).isEqualTo(1);

        patch("one", "{\"spec\":{\"resyncPeriod\":\"5m\"}}");
        assertThat(generation("one")).isEqualTo(2);
    }

    @Test
    void specAndStatusAreWrittenApart() {
        var share = share("one", A);
        share.setStatus(Serialization.unmarshal("{\"adopted\":true}", ImageShareStatus.class));
        shares().resource(share).create();
        assertThat(get("one").getStatus()).isNull();

        patch("one", "{\"status\":{\"adopted\":true},\"metadata\":{\"labels\":{\"team\":\"a\"}}}");
        assertThat(get("one").getStatus()).isNull();

        status("one", "{\"status\":{\"adopted\":true},\"spec\":{\"resyncPeriod\":\"5m\"}}");
        assertThat(get("one").getStatus().adopted()).isTrue();
        assertThat(get("one").getSpec().resyncPeriod()).isEqualTo("10m");

        var edited = get("one");
        edited.setStatus(null);
        shares().resource(edited).update();
        assertThat(get("one").getStatus().adopted()).isTrue();
    }

    @Test
    void aMergePatchReplacesListsAndRemovesNulls() {
        create("one", A);

        patch(
                "one",
                "{\"spec\":{\"members\":[{\"projectID\":\"" + B + "\"}]},\"metadata\":{\"labels\":{\"x\":\"y\"}}}");
        patch("one", "{\"metadata\":{\"labels\":{\"x\":null}}}");

        assertThat(members("one")).containsExactly(B);
        assertThat(get("one").getMetadata().getLabels()).isNullOrEmpty();
    }

    @Test
    void aWriteThatKnowsAnOldVersionIsAConflict() {
        var old = create("one", A);
        patch("one", "{\"metadata\":{\"labels\":{\"x\":\"y\"}}}");

        assertThat(codeOf(() -> shares().resource(old).update())).isEqualTo(409);
        var version = old.getMetadata().getResourceVersion();
        assertThat(codeOf(() -> patch("one", "{\"metadata\":{\"resourceVersion\":\"" + version + "\"}}")))
                .isEqualTo(409);
        assertThat(codeOf(() -> shares().withName("one")
                        .patch(
                                JSON,
                                "[{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":\"" + version
                                        + "\"}]")))
                .isEqualTo(409);
        assertThat(codeOf(() -> shares().withName("one")
                        .subresource("status")
                        .patch(
                                MERGE,
                                "{\"metadata\":{\"resourceVersion\":\"" + version
                                        + "\"},\"status\":{\"adopted\":true}}")))
                .isEqualTo(409);
    }

    @Test
    void aTestOfAJsonPatchThatFailsIsUnprocessable() {
        create("one", A);

        assertThat(
                        codeOf(
                                () -> shares().withName("one")
                                        .patch(
                                                JSON,
                                                "[{\"op\":\"test\",\"path\":\"/metadata/name\",\"value\":\"two\"},{\"op\":\"remove\",\"path\":\"/spec\"}]")))
                .isEqualTo(422);
        assertThat(codeOf(() -> shares().withName("one")
                        .patch(JSON, "[{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]")))
                .isEqualTo(422);
        assertThat(get("one").getSpec()).isNotNull();
    }

    @Test
    void aListCanBeReadInParts() {
        List.of("one", "two", "three").forEach(name -> create(name, A));

        var first = shares().list(new ListOptionsBuilder().withLimit(2L).build());
        create("zero", A); // after the first part: told by a watch from there
        var rest = shares().list(new ListOptionsBuilder()
                .withLimit(2L)
                .withContinue(first.getMetadata().getContinue())
                .build());

        assertThat(first.getItems())
                .extracting(share -> share.getMetadata().getName())
                .containsExactly("one", "three");
        assertThat(first.getMetadata().getRemainingItemCount()).isOne();
        assertThat(rest.getItems())
                .extracting(share -> share.getMetadata().getName())
                .containsExactly("two", "zero");
        assertThat(rest.getMetadata().getContinue()).isNullOrEmpty();
        assertThat(rest.getMetadata().getResourceVersion())
                .isEqualTo(first.getMetadata().getResourceVersion());
    }

    @Test
    void aWriteThatChangesNothingIsNoChange() {
        var version = create("one", A).getMetadata().getResourceVersion();

        patch("one", "{\"spec\":{\"resyncPeriod\":\"10m\"}}");
        shares().resource(get("one")).update();

        assertThat(get("one").getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void aFinalizerHoldsADeletedObject() {
        create("one", A);
        patch("one", "{\"metadata\":{\"finalizers\":[\"imageshare.dev/members\"]}}");
        var events = new CopyOnWriteArrayList<String>();
        open.add(shares().watch(recorder(events)));
        // What is there is told first, as it is by then.
        await().atMost(ONE_MINUTE).untilAsserted(() -> assertThat(events).containsExactly("ADDED one"));

        shares().withName("one").delete();
        assertThat(get("one").getMetadata().getDeletionTimestamp()).isNotNull();
        assertThat(generation("one")).isEqualTo(2);
        assertThat(codeOf(() -> patch("one", "{\"metadata\":{\"finalizers\":[\"imageshare.dev/members\",\"a/b\"]}}")))
                .isEqualTo(422);

        shares().withName("one").patch(JSON, "[{\"op\":\"remove\",\"path\":\"/metadata/finalizers/0\"}]");
        assertThat(get("one")).isNull();
        await().atMost(ONE_MINUTE)
                .untilAsserted(() -> assertThat(events).containsExactly("ADDED one", "MODIFIED one", "DELETED one"));
    }

    @Test
    void anInformerSeesWhatIsDeletedAndFollows() {
        create("one", A);
        var seen = new ConcurrentLinkedQueue<String>();
        try (var informer = client.resources(ImageShare.class).inAnyNamespace().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(ImageShare share) {
                seen.add("+" + share.getMetadata().getName());
            }

            @Override
            public void onUpdate(ImageShare before, ImageShare after) {
                seen.add("~" + after.getMetadata().getName());
            }

            @Override
            public void onDelete(ImageShare share, boolean finalStateUnknown) {
                seen.add("-" + share.getMetadata().getName());
            }
        })) {
            create("two", A);
            patch("two", "{\"metadata\":{\"labels\":{\"x\":\"y\"}}}");
            shares().withName("one").delete();
            await().atMost(ONE_MINUTE)
                    .untilAsserted(() -> assertThat(seen).containsExactly("+one", "+two", "~two", "-one"));
            assertThat(informer.getIndexer().list()).hasSize(1);
        }
    }

    @Test
    void aWatchGoesOnFromTheVersionOfItsList() {
        create("one", A);
        var version = shares().list().getMetadata().getResourceVersion();
        create("two", A);
        shares().withName("one").delete();

        var events = new CopyOnWriteArrayList<String>();
        open.add(shares().withResourceVersion(version).watch(recorder(events)));
        await().atMost(ONE_MINUTE).untilAsserted(() -> assertThat(events).containsExactly("ADDED two", "DELETED one"));
    }

    @Test
    void aClientThatTriesWebSocketsFallsBackToPlainWatches() {
        var config = Config.fromKubeconfig(kubernetes.kubeconfig());
        var events = new CopyOnWriteArrayList<String>();
        try (var other = new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new ApiHttpClientFactory())
                .build()) {
            var watch = other.resources(ImageShare.class).inNamespace("default").watch(recorder(events));
            create("one", A);
            await().atMost(ONE_MINUTE).untilAsserted(() -> assertThat(events).containsExactly("ADDED one"));
            watch.close();
        }
    }

    @Test
    void selectorsChooseAmongObjectsAndEvents() {
        create("one", A);
        create("two", A);
        patch("one", "{\"metadata\":{\"labels\":{\"team\":\"a\",\"env\":\"prod\"}}}");
        patch("two", "{\"metadata\":{\"labels\":{\"team\":\"b\"}}}");

        assertThat(names(shares().withLabel("team", "a").list().getItems())).containsExactly("one");
        assertThat(names(shares().withLabel("env").list().getItems())).containsExactly("one");
        assertThat(names(shares().withoutLabel("env").list().getItems())).containsExactly("two");
        assertThat(names(shares().withLabelIn("team", "a", "b").list().getItems()))
                .containsExactly("one", "two");
        assertThat(names(shares().withLabelNotIn("team", "a", "c").list().getItems()))
                .containsExactly("two");
        assertThat(names(shares().withLabelSelector("team!=a,team").list().getItems()))
                .containsExactly("two");
        assertThat(names(shares().withField("metadata.name", "two").list().getItems()))
                .containsExactly("two");
        assertThat(names(shares().withoutField("metadata.name", "two").list().getItems()))
                .containsExactly("one");

        var events = new CopyOnWriteArrayList<String>();
        open.add(shares().withLabel("team", "a").watch(recorder(events)));
        await().atMost(ONE_MINUTE).untilAsserted(() -> assertThat(events).containsExactly("ADDED one"));
        patch("two", "{\"metadata\":{\"labels\":{\"team\":\"a\"}}}");
        patch("one", "{\"metadata\":{\"labels\":{\"team\":\"b\"}}}");
        await().atMost(ONE_MINUTE)
                .untilAsserted(() -> assertThat(events).containsExactly("ADDED one", "ADDED two", "DELETED one"));
    }

    @Test
    void serverSideApplyCreatesMergesAndTakesBackWhatItSet() {
        var first = share("one", A, B);
        first.getMetadata().setLabels(Map.of("team", "a"));
        shares().resource(first).forceConflicts().serverSideApply();
        patch("one", "{\"metadata\":{\"annotations\":{\"by\":\"hand\"}}}");

        shares().resource(share("one", B)).forceConflicts().serverSideApply();

        assertThat(members("one")).containsExactly(B);
        assertThat(get("one").getMetadata().getLabels()).isNullOrEmpty();
        assertThat(get("one").getMetadata().getAnnotations()).containsEntry("by", "hand");
    }

    @Test
    void serverSideAppliedStatusAndFinalizersMergeByKey() {
        create("one", A);
        patch("one", "{\"metadata\":{\"finalizers\":[\"others.example/hold\"]}}");
        var apply = PatchContext.of(PatchType.SERVER_SIDE_APPLY);
        var head = "{\"apiVersion\":\"imageshare.dev/v1alpha1\",\"kind\":\"ImageShare\",";

        shares().withName("one").patch(apply, head + "\"metadata\":{\"finalizers\":[\"imageshare.dev/members\"]}}");
        shares().withName("one").subresource("status").patch(apply, head + "\"status\":{\"adopted\":true}}");

        assertThat(get("one").getMetadata().getFinalizers())
                .containsExactlyInAnyOrder("others.example/hold", "imageshare.dev/members");
        assertThat(get("one").getStatus().adopted()).isTrue();
        assertThat(members("one")).containsExactly(A);
    }

    @Test
    void aDryRunAnswersAndWritesNothing() {
        assertThat(shares().resource(share("one", A))
                        .dryRun()
                        .create()
                        .getMetadata()
                        .getUid())
                .isNotBlank();
        assertThat(get("one")).isNull();
        assertThat(codeOf(() -> shares().resource(share("one", A, A)).dryRun().create()))
                .isEqualTo(422);

        create("one", A);
        var version = get("one").getMetadata().getResourceVersion();
        shares().withName("one").dryRun().patch(MERGE, "{\"spec\":{\"resyncPeriod\":\"5m\"}}");
        shares().withName("one").dryRun().delete();
        assertThat(get("one").getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void secretsTakePlainTexts() {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("clouds")
                        .withNamespace("default")
                        .endMetadata()
                        .addToStringData("clouds.yaml", "clouds: {}")
                        .build())
                .create();

        var secret = client.secrets().inNamespace("default").withName("clouds").get();
        assertThat(secret.getData()).containsEntry("clouds.yaml", "Y2xvdWRzOiB7fQ==");
        assertThat(secret.getStringData()).isNullOrEmpty();
        assertThat(secret.getType()).isEqualTo("Opaque");
    }

    @Test
    void strategicMergesOfBuiltInKindsMergeFinalizers() {
        var strategic = PatchContext.of(PatchType.STRATEGIC_MERGE);
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("strategic")
                        .withNamespace("default")
                        .addToFinalizers("a/a")
                        .endMetadata()
                        .build())
                .create();
        var map = client.configMaps().inNamespace("default").withName("strategic");

        map.patch(strategic, "{\"metadata\":{\"finalizers\":[\"b/b\"]},\"data\":{\"x\":\"1\"}}");
        assertThat(map.get().getMetadata().getFinalizers()).containsExactly("a/a", "b/b");
        map.patch(strategic, "{\"metadata\":{\"$deleteFromPrimitiveList/finalizers\":[\"a/a\",\"b/b\"]}}");
        assertThat(map.get().getMetadata().getFinalizers()).isEmpty();
        assertThat(map.get().getData()).containsEntry("x", "1");
        map.delete();

        create("one", A);
        assertThat(codeOf(() -> shares().withName("one").patch(strategic, "{}")))
                .isEqualTo(415);
    }

    @Test
    void aNamespaceTakesItsObjectsWithItAndWaitsForTheirFinalizers() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("golden-images")
                        .endMetadata()
                        .build())
                .create();
        shares("golden-images").resource(share("one", A)).create();
        shares("golden-images").resource(share("two", A)).create();
        shares("golden-images")
                .withName("one")
                .patch(MERGE, "{\"metadata\":{\"finalizers\":[\"imageshare.dev/members\"]}}");

        client.namespaces().withName("golden-images").delete();

        assertThat(names(shares("golden-images").list().getItems())).containsExactly("one");
        assertThat(client.namespaces()
                        .withName("golden-images")
                        .get()
                        .getStatus()
                        .getPhase())
                .isEqualTo("Terminating");
        assertThat(codeOf(() ->
                        shares("golden-images").resource(share("three", A)).create()))
                .isEqualTo(403);

        shares("golden-images").withName("one").patch(MERGE, "{\"metadata\":{\"finalizers\":null}}");
        assertThat(client.namespaces().withName("golden-images").get()).isNull();
    }

    @Test
    void aNamespaceComesWithItsFirstObject() {
        shares("elsewhere").resource(share("one", A)).create();

        assertThat(client.namespaces().withName("elsewhere").get()).isNotNull();
    }

    @Test
    void requestsAreCounted() {
        kubernetes.clearRequests();
        create("one", A);
        status("one", "{\"status\":{\"adopted\":true}}"); // the client reads it first

        var path = "/apis/imageshare.dev/v1alpha1/namespaces/default/imageshares";
        assertThat(kubernetes.requests())
                .extracting(Request::method, Request::path, Request::status)
                .containsExactly(
                        tuple("POST", path, 201),
                        tuple("GET", path + "/one", 200),
                        tuple("PATCH", path + "/one/status", 200));
        assertThat(kubernetes.requests().get(2).contentType()).startsWith("application/merge-patch+json");
    }

    @Test
    void manyObjectsReachManyWatches() {
        var count = new AtomicInteger();
        var path = "/apis/imageshare.dev/v1alpha1/namespaces/many/imageshares";
        var watch = HttpRequest.newBuilder(URI.create(kubernetes.url() + path + "?watch=1"))
                .build();
        var http = HttpClient.newHttpClient();
        for (int i = 0; i < 10; i++) {
            http.sendAsync(watch, BodyHandlers.ofLines())
                    .thenAccept(answer -> answer.body().forEach(event -> count.incrementAndGet()));
        }
        for (int i = 0; i < 200; i++) {
            shares("many").resource(share("share-" + i, A)).create();
        }

        await().atMost(ONE_MINUTE).untilAsserted(() -> assertThat(count).hasValue(2_000));
        assertThat(shares("many").list().getItems()).hasSize(200);
    }

    private static NonNamespaceOperation<ImageShare, KubernetesResourceList<ImageShare>, Resource<ImageShare>>
            shares() {
        return shares("default");
    }

    private static NonNamespaceOperation<ImageShare, KubernetesResourceList<ImageShare>, Resource<ImageShare>> shares(
            String namespace) {
        return client.resources(ImageShare.class).inNamespace(namespace);
    }

    private static ImageShare share(String name, String... members) {
        var share = new ImageShare();
        share.getMetadata().setName(name);
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("producer-clouds", "producer"),
                new ImageShareSpec.ImageReference("1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88", null, null),
                Arrays.stream(members).map(ImageShareSpec.DeclaredMember::new).toList(),
                null,
                null,
                null,
                null,
                null));
        return share;
    }

    private static ImageShare create(String name, String... members) {
        return shares().resource(share(name, members)).create();
    }

    private static ImageShare get(String name) {
        return shares().withName(name).get();
    }

    private static List<String> members(String name) {
        return get(name).getSpec().members().stream()
                .map(ImageShareSpec.DeclaredMember::projectID)
                .toList();
    }

    private static long generation(String name) {
        return get(name).getMetadata().getGeneration();
    }

    private static void patch(String name, String body) {
        shares().withName(name).patch(MERGE, body);
    }

    private static void status(String name, String body) {
        shares().withName(name).subresource("status").patch(MERGE, body);
    }

    private static List<String> names(List<ImageShare> shares) {
        return shares.stream().map(share -> share.getMetadata().getName()).toList();
    }

    private static int codeOf(ThrowingCallable call) {
        return catchThrowableOfType(KubernetesClientException.class, call).getCode();
    }

    private static Watcher<ImageShare> recorder(List<String> events) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, ImageShare share) {
                if (action != Action.BOOKMARK) {
                    events.add(action + " " + share.getMetadata().getName());
                }
            }

            @Override
            public void onClose(WatcherException cause) {}
        };
    }
}
