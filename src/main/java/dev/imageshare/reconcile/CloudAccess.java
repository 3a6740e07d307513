package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.ProjectDirectory;
import dev.imageshare.openstack.ProvenProject;
import dev.imageshare.openstack.Purpose;
import dev.imageshare.openstack.SameClouds;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clouds that objects name.
 *
 * @param clouds the sessions, shared by all reconcilers of this process
 * @param secrets where the credentials are
 * @param sameClouds which Keystones belong to one cloud
 */
public record CloudAccess(Clouds clouds, CredentialSecrets secrets, SameClouds sameClouds) {

    /** Each Keystone is a cloud of its own. */
    public CloudAccess(Clouds clouds, CredentialSecrets secrets) {
        this(clouds, secrets, SameClouds.none());
    }

    /**
     * A client for one pass.
     *
     * @param namespace the object's own, in which the Secret must be
     * @param turn the pass's; it ends here if the cloud or its Keystone has none left
     * @param current whether what the pass set out to do is still to be done; asked before each write leaves
     * @throws ProblemException when the reference or what it names is of no use
     */
    public ImageClient newPass(
            String namespace, @Nullable CloudCredentialsRef ref, FairScheduler.Turn turn, BooleanSupplier current) {
        var credentials = secrets.resolve(namespace, checked(ref), Purpose.IMAGES);
        turn.use(credentials.config().keystoneOrigin(), credentials.destination());
        return clouds.cloud(namespace, credentials.secretUid(), credentials.cloudName(), credentials.config())
                .newPass(current);
    }

    /**
     * The projects of a cloud, for one pass. Credentials of a domain or of the whole system will do too, with which no image
     * can be shared.
     *
     * @param namespace the object's own, in which the Secret must be
     * @param turn the pass's; it ends here if the Keystone has none left
     * @throws ProblemException when the reference or what it names is of no use
     */
    public ProjectDirectory newDirectory(String namespace, @Nullable CloudCredentialsRef ref, FairScheduler.Turn turn) {
        var credentials = secrets.resolve(namespace, checked(ref), Purpose.PROJECTS);
        var keystone = credentials.config().keystoneOrigin();
        turn.use(keystone, keystone);
        return clouds.cloud(namespace, credentials.secretUid(), credentials.cloudName(), credentials.config())
                .newDirectory();
    }

    /**
     * The entry that an object names. Nothing is sent.
     *
     * @param namespace the object's own, in which the Secret must be
     * @throws ProblemException when the reference or what it names is of no use
     */
    public CloudConfig entry(String namespace, @Nullable CloudCredentialsRef ref, Purpose purpose) {
        return secrets.resolve(namespace, checked(ref), purpose).config();
    }

    /**
     * Which project an object's credentials are of. Logs in unless there is a token, at a server whose certificate is valid
     * for a witness too; requests nothing else.
     *
     * @param namespace the object's own, in which the Secret must be
     * @param turn the pass's; it ends here if the Keystone has none left
     * @throws ProblemException when the reference or what it names is of no use
     * @throws dev.imageshare.openstack.OpenStackException if the login fails
     */
    public ProvenProject prove(
            String namespace, @Nullable CloudCredentialsRef ref, CloudConfig witness, FairScheduler.Turn turn) {
        var credentials = secrets.resolve(namespace, checked(ref), Purpose.PROOF);
        var keystone = credentials.config().keystoneOrigin();
        turn.use(keystone, keystone);
        var config = credentials.config().witnessedBy(witness);
        return clouds.cloud(namespace, credentials.secretUid(), credentials.cloudName(), config)
                .prove();
    }

    private static CloudCredentialsRef checked(@Nullable CloudCredentialsRef ref) {
        if (ref == null || ref.secretName() == null || ref.cloudName() == null) {
            throw Problem.of(Reason.InvalidSpec, "spec.cloudCredentialsRef needs secretName and cloudName.")
                    .asException();
        }
        return ref;
    }
}
