package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.Fault;
import dev.imageshare.openstack.Purpose;
import dev.imageshare.reconcile.CredentialSecrets.SecretKey;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class CredentialSecretsTest {

    private static final SecretKey CLOUDS = new SecretKey("team", "clouds");
    private static final String PATH = "/api/v1/namespaces/team/secrets/clouds";
    private static final String YAML = """
            clouds:
              producer:
                region_name: RegionOne
                auth: {auth_url: "https://keystone.example/v3", username: u, password: p, project_name: images,
                       user_domain_name: Default, project_domain_name: Default}
            """;

    private final EmbeddedKubernetes server = EmbeddedKubernetes.start(0);
    private final KubernetesClient client = server.client();
    private CredentialSecrets secrets;
    private final List<SecretKey> changed = new CopyOnWriteArrayList<>();
    private final List<String> gone = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        if (secrets != null) {
            secrets.close();
        }
        client.close();
        server.close();
    }

    private void start(Set<String> namespaces, boolean finalizers) {
        secrets = new CredentialSecrets(client, namespaces, finalizers);
        secrets.onChange(changed::add);
        secrets.onGone(gone::add);
        secrets.start();
    }

    private void start() {
        start(Set.of(), true);
    }

    private static Secret secret(String namespace, String name, Map<String, String> data) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withData(data)
                .build();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private Secret create(String name) {
        return client.resource(secret("team", name, Map.of("clouds.yaml", base64(YAML))))
                .create();
    }

    private void edit(String name, String yaml) {
        client.secrets()
                .inNamespace("team")
                .withName(name)
                .edit(s -> new SecretBuilder(s)
                        .withData(Map.of("clouds.yaml", base64(yaml)))
                        .build());
    }

    private Credentials resolve(String name) {
        return secrets.resolve("team", new CloudCredentialsRef(name, "producer"), Purpose.IMAGES);
    }

    private List<String> finalizers() {
        return client.secrets()
                .inNamespace("team")
                .withName("clouds")
                .get()
                .getMetadata()
                .getFinalizers();
    }

    /** How many were sent since the last question. */
    private long patches() {
        var count = server.requests().stream()
                .filter(r -> r.method().equals("PATCH") && r.path().equals(PATH))
                .count();
        server.clearRequests();
        return count;
    }

    private void refuse(int code, int times) {
        server.refuse("PATCH", PATH, code, times);
    }

    // ------------------------------------------------------------------ content

    @Test
    void credentialsAreReadWithTheSecretTheyAreFrom() {
        var made = create("clouds");
        start();

        var credentials = resolve("clouds");

        assertThat(credentials.secretUid()).isEqualTo(made.getMetadata().getUid());
        assertThat(credentials.cloudName()).isEqualTo("producer");
        assertThat(credentials.config()).isEqualTo(resolve("clouds").config());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "clouds.yaml | '!!!not-base64' | base64",
                "clouds.yaml | '' | clouds",
                "other       | e30= | has no key clouds.yaml: put",
                "clouds.yaml | Y2xvdWRzOiBb | YAML",
                "clouds.yaml | Y2xvdWRzOiB7b3RoZXI6IHt9fQ== | producer",
            })
    void aSecretOfNoUseIsReportedWithItsNameAndTheFix(String key, String value, String fix) {
        client.resource(secret("team", "clouds", Map.of(key, value))).create();
        start();

        assertThatThrownBy(() -> resolve("clouds")).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problem().reason()).isEqualTo(Reason.CredentialsInvalid);
            assertThat(e.problem().message()).startsWith("Secret clouds: ").contains(fix);
        });
    }

    @Test
    void aCaThatIsNotBase64IsReportedUnderItsKey() {
        client.resource(secret("team", "clouds", Map.of("clouds.yaml", base64(YAML), "cacert", "!!!")))
                .create();
        start();

        assertThatThrownBy(() -> resolve("clouds"))
                .hasMessageStartingWith("Secret clouds: ")
                .hasMessageContaining("cacert");
    }

    @Test
    void aMissingSecretIsReportedWithItsNameAndTheFixAndUsedOnceItIsThere() {
        start();

        assertThatThrownBy(() -> resolve("clouds")).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problem().reason()).isEqualTo(Reason.CredentialsNotFound);
            assertThat(e.problem().message())
                    .contains("Secret clouds", "namespace team", "create it", "spec.cloudCredentialsRef.secretName");
        });

        create("clouds");
        await().untilAsserted(() -> assertThat(changed).contains(CLOUDS));
        assertThat(resolve("clouds").cloudName()).isEqualTo("producer");
    }

    // ----------------------------------------------------------------- informer

    @Test
    void aChangeOfAKeptSecretIsToldAndOfNoOther() {
        create("clouds");
        create("other");
        start();
        var before = resolve("clouds").config();

        edit("other", "changed: {}");
        create("another");
        edit("clouds", YAML.replace("password: p", "password: q"));

        await().untilAsserted(() -> assertThat(changed).contains(CLOUDS));
        assertThat(changed).containsOnly(CLOUDS);
        assertThat(resolve("clouds").config()).isNotEqualTo(before);
    }

    @Test
    void aKeptSecretThatGoesOrIsMadeAnewIsToldByItsUid() {
        var first = create("clouds");
        start();
        resolve("clouds");

        client.secrets().inNamespace("team").withName("clouds").delete();
        await().untilAsserted(
                        () -> assertThat(gone).contains(first.getMetadata().getUid()));
        assertThat(changed).contains(CLOUDS);
        assertThatThrownBy(() -> resolve("clouds")).isInstanceOf(ProblemException.class);
    }

    @Test
    void onlyTheWatchedNamespacesAreRead() {
        start(Set.of("team"), true);
        secrets.resolve("team", onlyIf(create("clouds")), Purpose.IMAGES);

        client.resource(secret("elsewhere", "clouds", Map.of("clouds.yaml", base64(YAML))))
                .create();
        edit("clouds", YAML + "\n");

        await().untilAsserted(() -> assertThat(changed).contains(CLOUDS));
        assertThat(stored()).extracting(s -> s.getMetadata().getNamespace()).containsOnly("team");
    }

    private static CloudCredentialsRef onlyIf(Secret secret) {
        return new CloudCredentialsRef(secret.getMetadata().getName(), "producer");
    }

    /** A namespace holds secrets that are nobody's business here: a heap dump must not show them. */
    @Test
    void ofSecretsThatNobodyNamesNoMoreThanTheNameIsKept() throws Exception {
        create("clouds");
        create("somebody-elses");
        start();
        resolve("clouds");
        edit("somebody-elses", "edited: {}");
        create("marker");
        await().untilAsserted(() ->
                assertThat(stored()).extracting(s -> s.getMetadata().getName()).contains("marker"));

        assertThat(stored())
                .extracting(s -> s.getMetadata().getName())
                .containsExactlyInAnyOrder("clouds", "somebody-elses", "marker");
        assertThat(stored()).allMatch(s -> s.getData() == null || s.getData().isEmpty());
        assertThat(kept()).containsExactly(CLOUDS);
    }

    @Test
    void aSecretThatNobodyNamesAnyLongerIsForgotten() throws Exception {
        create("clouds");
        start();
        resolve("clouds");

        secrets.sweep(key -> false, key -> false);

        assertThat(kept()).isEmpty();
    }

    @SuppressWarnings("unchecked")
    private List<Secret> stored() {
        try {
            var informers = CredentialSecrets.class.getDeclaredField("informers");
            informers.setAccessible(true);
            return ((List<SharedIndexInformer<Secret>>) informers.get(secrets))
                    .stream().flatMap(i -> i.getStore().list().stream()).toList();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private Set<Object> kept() throws ReflectiveOperationException {
        var kept = CredentialSecrets.class.getDeclaredField("kept");
        kept.setAccessible(true);
        return Set.copyOf(((Map<?, ?>) kept.get(secrets)).keySet());
    }

    // -------------------------------------------------------------------- order

    private static final String OTHER_YAML = YAML.replace("password: p", "password: q");

    private String password() {
        return resolve("clouds").config().secrets().get(0);
    }

    /** How often the Secret was read since the last question. */
    private long reads() {
        var count = server.requests().stream()
                .filter(r -> r.method().equals("GET") && r.path().equals(PATH))
                .count();
        server.clearRequests();
        return count;
    }

    private Secret stored(String name) {
        return client.secrets().inNamespace("team").withName(name).get();
    }

    @Test
    void aSlowApiServerDelaysNoEvent() throws Exception {
        create("clouds");
        create("other");
        start();
        resolve("clouds");
        resolve("other");
        var asked = new CountDownLatch(1);
        var released = new CountDownLatch(1);
        server.intercept((method, path) -> {
            if (!method.equals("PATCH") || !path.equals(PATH) || asked.getCount() == 0) {
                return null;
            }
            asked.countDown();
            return new Fault.Hang(released);
        });
        var holding = CompletableFuture.runAsync(() -> secrets.hold(CLOUDS));
        asked.await();

        edit("clouds", OTHER_YAML);
        edit("other", OTHER_YAML);
        await().untilAsserted(() -> assertThat(changed).contains(CLOUDS, new SecretKey("team", "other")));
        assertThat(holding).isNotDone();

        released.countDown();
        holding.get();
        assertThat(finalizers()).containsExactly(CredentialSecrets.FINALIZER);
        assertThat(password()).isEqualTo("q");
    }

    /** No informer runs in these: the test says what is heard, and when. */
    private void startDeaf() {
        secrets = new CredentialSecrets(client, Set.of(), true);
        secrets.onChange(changed::add);
        secrets.onGone(gone::add);
    }

    @Test
    void anEventOfAnOlderStateMakesNoNewerOneForgotten() {
        startDeaf();
        var first = create("clouds");
        edit("clouds", OTHER_YAML);
        assertThat(password()).isEqualTo("q");

        secrets.heard(first, false);
        assertThat(password()).isEqualTo("q");

        secrets.heard(stored("clouds"), false);
        server.clearRequests();
        edit("clouds", YAML.replace("password: p", "password: r"));
        secrets.heard(stored("clouds"), false);
        reads();
        assertThat(password()).as("events are taken again").isEqualTo("r");
        assertThat(reads()).isZero();
    }

    @Test
    void theEndOfAnOlderSecretIsNotThatOfTheNewOne() {
        startDeaf();
        var first = create("clouds");
        client.resource(first).delete();
        create("clouds");
        resolve("clouds");

        secrets.heard(first, true);

        assertThat(gone).isEmpty();
        assertThat(resolve("clouds").secretUid())
                .isEqualTo(stored("clouds").getMetadata().getUid());
    }

    @Test
    void anOlderEventAfterAPatchLeavesNoFinalizerBehind() {
        startDeaf();
        var first = create("clouds");
        secrets.hold(CLOUDS);

        secrets.heard(first, false);
        secrets.sweep(key -> false, key -> false);

        assertThat(finalizers()).isEmpty();
    }

    @Test
    void aPatchIsNewerThanTheEventOfWhatItChanged() {
        startDeaf();
        var first = create("clouds");
        server.intercept((method, path) -> {
            if (method.equals("PATCH")) {
                secrets.heard(first, false);
            }
            return null;
        });

        secrets.hold(CLOUDS);
        secrets.hold(CLOUDS);

        assertThat(patches()).isEqualTo(1);
    }

    /** The answer is on its way while the Secret changes. */
    @Test
    void anAnswerThatAnEventOvertakesIsNotKept() {
        startDeaf();
        var first = create("clouds");
        var answer = Serialization.asJson(first);
        server.intercept((method, path) -> {
            if (!method.equals("GET") || !path.equals(PATH)) {
                return null;
            }
            server.intercept((m, p) -> null);
            edit("clouds", OTHER_YAML);
            secrets.heard(stored("clouds"), false);
            return Fault.canned(200, answer);
        });

        resolve("clouds");

        assertThat(password()).isEqualTo("q");
    }

    // ----------------------------------------------------------- what is not kept

    private Secret ofType(String type) {
        var made = new SecretBuilder(secret("team", "clouds", Map.of("clouds.yaml", base64(YAML))))
                .withType(type)
                .build();
        return client.resource(made).create();
    }

    @Test
    void aSecretOfAnotherTypeIsNeitherReadNorHeldAndSaysSo() {
        start();
        ofType("helm.sh/release.v1");

        assertThatThrownBy(() -> resolve("clouds")).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problem().reason()).isEqualTo(Reason.CredentialsInvalid);
            assertThat(e.problem().message()).contains("Secret clouds", "helm.sh/release.v1", "type Opaque");
        });
        secrets.hold(CLOUDS);
        assertThat(finalizers()).isEmpty();

        client.resource(stored("clouds")).delete();
        create("clouds");
        await().untilAsserted(() -> assertThat(changed).contains(CLOUDS));
        assertThat(password()).isEqualTo("p");

        client.resource(stored("clouds")).delete();
        await().untilAsserted(() ->
                assertThatThrownBy(() -> resolve("clouds")).hasMessageContaining("is not in namespace team"));
        ofType("kubernetes.io/dockerconfigjson");
        assertThatThrownBy(() -> resolve("clouds")).hasMessageContaining("kubernetes.io/dockerconfigjson");
    }

    @Test
    void secretsOfOtherTypesAreNotAskedForAndTheOthersInSmallParts() {
        for (var i = 0; i < 41; i++) {
            client.resource(secret("team", "some-" + i, Map.of("key", base64("x"))))
                    .create();
        }
        for (var type : List.of("helm.sh/release.v1", "kubernetes.io/dockercfg")) {
            client.resource(new SecretBuilder(secret("team", "of-" + type.hashCode(), Map.of("release", base64("x"))))
                            .withType(type)
                            .build())
                    .create();
        }
        server.clearRequests();

        start();

        assertThat(stored()).hasSize(41).allMatch(s -> s.getMetadata().getName().startsWith("some-"));
        var lists = server.requests().stream()
                .filter(r -> r.path().equals("/api/v1/secrets") && !r.query().contains("watch=true"))
                .toList();
        assertThat(lists).hasSize(3).allMatch(r -> r.query().contains("limit=20"));
    }

    /** A clouds.yaml of 700 KB, of which with what is made of it four fit. */
    @Test
    void whatIsKeptOfANamespaceIsBoundedAndTheRestIsReadEachTime() {
        startDeaf();
        var large = base64("#" + "x".repeat(700_000) + "\n" + YAML);
        for (var namespace : List.of("team", "others")) {
            for (var i = 0; i < 6; i++) {
                client.resource(secret(namespace, "large-" + i, Map.of("clouds.yaml", large)))
                        .create();
            }
        }
        for (var round = 0; round < 2; round++) {
            server.clearRequests();
            for (var i = 0; i < 6; i++) {
                resolve("large-" + i);
            }
        }
        assertThat(server.requests()).hasSize(2);

        var elsewhere = new CloudCredentialsRef("large-0", "producer");
        secrets.resolve("others", elsewhere, Purpose.IMAGES);
        server.clearRequests();
        secrets.resolve("others", elsewhere, Purpose.IMAGES);
        assertThat(server.requests()).isEmpty();

        // What nobody names any longer makes room.
        secrets.sweep(key -> key.name().equals("large-5"), key -> true);
        resolve("large-5");
        server.clearRequests();
        resolve("large-5");
        assertThat(server.requests()).isEmpty();
    }

    /** Anybody can put our finalizer on a Secret; taking it off is one after the other, on a thread that others need too. */
    @Test
    void manyForgedFinalizersAreTakenOffAFewAtATime() {
        for (var i = 0; i < 30; i++) {
            client.resource(new SecretBuilder(secret("team", "forged-" + i, Map.of()))
                            .editMetadata()
                            .withFinalizers(CredentialSecrets.FINALIZER)
                            .endMetadata()
                            .build())
                    .create();
        }
        start();

        secrets.sweep(key -> false, key -> false);
        assertThat(held()).as("the rest has time").isGreaterThanOrEqualTo(10);
        await().untilAsserted(() -> {
            secrets.sweep(key -> false, key -> false);
            assertThat(held()).isZero();
        });
    }

    private long held() {
        return client.secrets().inNamespace("team").list().getItems().stream()
                .filter(s -> s.hasFinalizer(CredentialSecrets.FINALIZER))
                .count();
    }

    // --------------------------------------------------------------- finalizers

    @Test
    void theFinalizerIsPutOnceAndTakenOffWithoutTouchingOthers() throws Exception {
        client.resource(new SecretBuilder(secret("team", "clouds", Map.of()))
                        .editMetadata()
                        .withFinalizers("example.com/other")
                        .endMetadata()
                        .build())
                .create();
        start();

        secrets.hold(CLOUDS);
        secrets.hold(CLOUDS);
        assertThat(finalizers()).containsExactly("example.com/other", CredentialSecrets.FINALIZER);
        secrets.release(CLOUDS);
        secrets.release(CLOUDS);
        assertThat(finalizers()).containsExactly("example.com/other");
        assertThat(patches()).isEqualTo(2);
    }

    @Test
    void theFinalizerIsTheFirstOfASecretWithoutAny() {
        create("clouds");
        start();

        secrets.hold(CLOUDS);

        assertThat(finalizers()).containsExactly(CredentialSecrets.FINALIZER);
    }

    /** A patch made for an older Secret could take somebody else's finalizer away: it is refused, and made anew. */
    @Test
    void aPatchIsBasedOnTheVersionThatWasRead() throws Exception {
        create("clouds");
        start();
        resolve("clouds");
        secrets.close();
        client.secrets()
                .inNamespace("team")
                .withName("clouds")
                .edit(s -> new SecretBuilder(s)
                        .editMetadata()
                        .withFinalizers("example.com/other")
                        .endMetadata()
                        .build());
        var before = patches();

        secrets.hold(CLOUDS);

        assertThat(finalizers()).containsExactly("example.com/other", CredentialSecrets.FINALIZER);
        assertThat(before).isEqualTo(1);
        assertThat(patches()).isEqualTo(2);
    }

    @Test
    void aSecretThatChangedMeanwhileIsReadAgainOnce() throws Exception {
        create("clouds");
        start();
        refuse(409, 1);

        secrets.hold(CLOUDS);

        assertThat(finalizers()).containsExactly(CredentialSecrets.FINALIZER);
    }

    @Test
    void aSecretThatKeepsChangingFailsThePass() throws Exception {
        create("clouds");
        start();
        refuse(409, 2);

        assertThatThrownBy(() -> secrets.hold(CLOUDS))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(409));
        assertThat(patches()).isEqualTo(2);
    }

    @Test
    void withoutTheRightToPatchOneWarningSaysSoAndWorkGoesOn() {
        create("clouds");
        start();
        refuse(403, 3);
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        var log = (Logger) LoggerFactory.getLogger(KeptSecret.class);
        log.addAppender(lines);
        log.setAdditive(false);
        try {
            secrets.hold(CLOUDS);
            secrets.hold(CLOUDS);
            secrets.hold(CLOUDS);
        } finally {
            log.detachAppender(lines);
            log.setAdditive(true);
        }

        assertThat(lines.list)
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage()).contains("--secret-finalizers"));
        assertThat(resolve("clouds").cloudName()).isEqualTo("producer");

        secrets.hold(CLOUDS);
        assertThat(finalizers())
                .as("a right that is granted later is used")
                .containsExactly(CredentialSecrets.FINALIZER);
    }

    @Test
    void aMissingSecretIsNotHeld() {
        start();

        secrets.hold(CLOUDS);
        secrets.release(CLOUDS);

        assertThat(client.secrets().inNamespace("team").list().getItems()).isEmpty();
    }

    @Test
    void turnedOffNothingIsPatched() throws Exception {
        create("clouds");
        start(Set.of(), false);
        resolve("clouds");

        secrets.hold(CLOUDS);
        secrets.release(CLOUDS);
        secrets.sweep(key -> true, key -> false);

        assertThat(patches()).isZero();
        assertThat(finalizers()).isEmpty();
    }

    @Test
    void aFinalizerLeftFromBeforeTheStartIsTakenOffOnceNobodyNeedsTheSecret() {
        client.resource(new SecretBuilder(secret("team", "clouds", Map.of()))
                        .editMetadata()
                        .withFinalizers(CredentialSecrets.FINALIZER)
                        .endMetadata()
                        .build())
                .create();
        start();
        await().untilAsserted(() -> assertThat(kept()).contains(CLOUDS));

        secrets.sweep(key -> false, key -> true);
        assertThat(finalizers()).containsExactly(CredentialSecrets.FINALIZER);
        edit("clouds", YAML);
        await().untilAsserted(() -> assertThat(kept()).contains(CLOUDS));
        secrets.sweep(key -> false, key -> false);
        assertThat(finalizers()).isEmpty();
    }

    /** The order in which they are swept is nobody's business, so each is refused once. */
    @ParameterizedTest
    @ValueSource(strings = {"clouds", "others"})
    void aSecretThatCanNotBeLetGoKeepsNoOther(String refused) {
        create("clouds");
        create("others");
        start();
        for (var name : List.of("clouds", "others")) {
            resolve(name);
            secrets.hold(new CredentialSecrets.SecretKey("team", name));
        }
        server.refuse("PATCH", "/api/v1/namespaces/team/secrets/" + refused, 422, 1);

        secrets.sweep(key -> true, key -> false);
        assertThat(client.secrets().inNamespace("team").list().getItems())
                .filteredOn(s -> s.hasFinalizer(CredentialSecrets.FINALIZER))
                .extracting(s -> s.getMetadata().getName())
                .containsExactly(refused);

        secrets.sweep(key -> true, key -> false);
        assertThat(client.secrets().inNamespace("team").list().getItems())
                .noneMatch(s -> s.hasFinalizer(CredentialSecrets.FINALIZER));
    }
}
