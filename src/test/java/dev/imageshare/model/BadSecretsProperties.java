package dev.imageshare.model;

import static dev.imageshare.scenarios.Namespace.secretOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.openstack.Purpose;
import dev.imageshare.openstack.Spoiled;
import dev.imageshare.reconcile.CredentialSecrets;
import dev.imageshare.reconcile.Credentials;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;

/** Whatever bytes a team's Secret holds under whatever keys, it is credentials or a problem that quotes none of it. */
class BadSecretsProperties {

    private static final String MARK = "m4rk3dS3cr3t";
    private static final String YAML = """
            clouds:
              c:
                auth: {auth_url: "https://keystone.example/v3", username: ü, password: %s-ß-\uD83D\uDE00,
                       user_domain_name: Default, project_id: 0123456789abcdef0123456789abcdef}
            """.formatted(MARK);

    private static final EmbeddedKubernetes API = EmbeddedKubernetes.start(0);
    private static final KubernetesClient CLIENT = API.client();
    private static final ToldSecrets TOLD = new ToldSecrets(CLIENT);
    private static final CredentialSecrets SECRETS = new CredentialSecrets(TOLD.client(), Set.of(), false);

    private static long version = 1_000_000;

    static {
        CLIENT.resource(secretOf("team", "clouds", Map.of("clouds.yaml", YAML))).create();
        SECRETS.start();
        resolve(); // read once; from then on the watch tells
    }

    private static Credentials resolve() {
        return SECRETS.resolve("team", new CloudCredentialsRef("clouds", "c"), Purpose.IMAGES);
    }

    @AfterContainer
    static void close() {
        CLIENT.close();
        API.close();
    }

    @Property
    void aSecretIsCredentialsOrAProblem(@ForAll Random random) {
        var spoiled = new Spoiled(random);
        var secret = new SecretBuilder()
                .withNewMetadata()
                .withNamespace("team")
                .withName("clouds")
                .withUid("uid")
                .withResourceVersion(Long.toString(++version))
                .endMetadata();
        if (random.nextInt(20) > 0) {
            var data = new HashMap<String, String>();
            for (var key : List.of("clouds.yaml", "cacert", spoiled.text("clouds.yaml"))) {
                if (key.equals("clouds.yaml") || random.nextInt(6) == 0) {
                    data.put(key, value(spoiled, random));
                }
            }
            secret.withData(data);
        }
        TOLD.tell(List.of(secret.build()));

        try {
            assertThat(resolve().toString()).doesNotContain(MARK);
        } catch (ProblemException e) {
            assertThat(e.problem().reason()).isEqualTo(Reason.CredentialsInvalid);
            assertThat(e.problem().message())
                    .startsWith("Secret clouds: ")
                    .hasSizeLessThan(4_100)
                    .doesNotContain("\n", "\u0000", "\u001b");
            // a change can make the mark the name of an entry, and names are told
            assertThat(e.problem().message().replaceFirst("; it has: [\\p{L}\\p{N}_.@, -]+$", ""))
                    .doesNotContain(MARK);
        }
    }

    private static String value(Spoiled spoiled, Random random) {
        var good = YAML.getBytes(StandardCharsets.UTF_8);
        return switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 -> spoiled.text(Base64.getEncoder().encodeToString(good));
            case 2 -> Base64.getEncoder().encodeToString(YAML.getBytes(StandardCharsets.UTF_16));
            case 3 -> Base64.getEncoder().encodeToString(good);
            default -> Base64.getEncoder().encodeToString(spoiled.bytes(good));
        };
    }
}
