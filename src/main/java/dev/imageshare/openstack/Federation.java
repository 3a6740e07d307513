package dev.imageshare.openstack;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A login by way of an OpenID Connect provider. {@code POST /OS-FEDERATION/identity_providers/…/auth} takes its access
 * token, and gives one of Keystone's that is of no project yet.
 *
 * @param identityProvider its name in Keystone
 * @param protocol the protocol's name in Keystone
 * @param token the access token; null: the client asks for one
 * @param client null: the access token is given
 */
record Federation(
        String identityProvider,
        String protocol,
        @Nullable String token,
        @Nullable Client client) {

    /**
     * The OAuth 2.0 grant {@code client_credentials}.
     *
     * @param id the client's ID
     * @param password its secret
     * @param scope what is asked for
     * @param tokenType which field of the answer is taken: {@code access_token} or {@code id_token}
     * @param tokenEndpoint where access tokens are given; null: the discovery document says it
     * @param discovery null if the other one is given
     */
    record Client(
            String id,
            String password,
            String scope,
            String tokenType,
            @Nullable URI tokenEndpoint,
            @Nullable URI discovery) {
        @Override
        public String toString() {
            return "Client[]";
        }
    }

    /** Where it is sent and what: holds the secret. */
    String fingerprint() {
        return identityProvider + "\n" + protocol + "\n" + token
                + (client == null
                        ? ""
                        : "\n" + client.id() + "\n" + client.password() + "\n" + client.scope() + "\n"
                                + client.tokenEndpoint() + "\n" + client.discovery() + "\n" + client.tokenType());
    }

    @Override
    public String toString() {
        return "Federation[]";
    }
}
