package dev.imageshare.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.reconcile.CredentialSecrets.Key;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class CredentialSecretsTest {

    private static final Key CLOUDS = new Key("team", "clouds");
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
    private final List<Key> changed = new CopyOnWriteArrayList<>();
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
        return secrets.resolve("team", new CloudCredentialsRef(name, "producer"));
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
        secrets.resolve("team", onlyIf(create("clouds")));

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
        var log = (Logger) LoggerFactory.getLogger(CredentialSecrets.class);
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
            secrets.hold(new CredentialSecrets.Key("team", name));
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
