package dev.imageshare.reconcile;

import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.openstack.Purpose;
import dev.imageshare.reconcile.CredentialSecrets.SecretKey;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Reads credentials out of a Secret's content, and says what keeps it from being of use. Pure. */
final class SecretCredentials {

    /**
     * An entry of a clouds.yaml.
     *
     * @param purpose what it is used for
     */
    record CredentialsEntry(String cloudName, Purpose purpose) {}

    private SecretCredentials() {}

    /**
     * @param current the Secret; null if there is none
     * @throws ProblemException {@code CredentialsNotFound}, or {@code CredentialsInvalid} when its content is of no use
     */
    static Credentials of(SecretKey key, @Nullable SecretContent current, CredentialsEntry entry) {
        if (current == null) {
            throw Problem.of(
                            Reason.CredentialsNotFound,
                            "Secret " + key.name() + " is not in namespace " + key.namespace()
                                    + ": create it with the key clouds.yaml, or correct"
                                    + " spec.cloudCredentialsRef.secretName.")
                    .asException();
        }
        if (SecretContent.isOfOtherType(current.type())) {
            throw invalid(
                    key,
                    "is of type " + current.type()
                            + ", whose Secrets are not read: put the clouds.yaml into one of type Opaque");
        }
        var config = parse(key, current, entry);
        return new Credentials(current.uid(), entry.cloudName(), config, config.destination());
    }

    private static CloudConfig parse(SecretKey key, SecretContent current, CredentialsEntry entry) {
        var yaml = text(key, current, CredentialSecrets.CLOUDS_YAML);
        if (yaml == null) {
            throw invalid(key, "has no key clouds.yaml: put the clouds.yaml of OpenStack's clients under it");
        }
        try {
            return CloudConfig.ofSecret(
                    key.name(), dataKey -> text(key, current, dataKey), entry.cloudName(), entry.purpose());
        } catch (OpenStackException e) {
            throw invalid(key, e.getMessage());
        }
    }

    private static @Nullable String text(SecretKey key, SecretContent current, String dataKey) {
        var data = current.data(dataKey);
        if (data == null) {
            return null;
        }
        try {
            // Not by new String(): it would put another character in the place of a wrong one, say in a password.
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Base64.getDecoder().decode(data)))
                    .toString();
        } catch (IllegalArgumentException e) {
            throw invalid(key, "is not base64 under the key " + dataKey);
        } catch (CharacterCodingException e) {
            throw invalid(key, "is not UTF-8 text under the key " + dataKey);
        }
    }

    private static ProblemException invalid(SecretKey key, String what) {
        return Problem.of(Reason.CredentialsInvalid, "Secret " + key.name() + ": " + what)
                .asException();
    }
}
