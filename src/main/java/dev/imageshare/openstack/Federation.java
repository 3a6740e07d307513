package dev.imageshare.openstack;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A login through an OpenID Connect provider. {@code POST /OS-FEDERATION/identity_providers/…/auth} takes its access
 * token, and returns an unscoped Keystone token.
 *
 * @param identityProvider its name in Keystone
 * @param protocol the protocol's name in Keystone
 * @param token the access token; null: the client requests one
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
     * @param scope the scope to request
     * @param tokenType which field of the response is used: {@code access_token} or {@code id_token}
     * @param tokenEndpoint where access tokens are issued; null: taken from the discovery document
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

    /** Where the login is sent, and its content: holds the secret. */
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
