package dev.imageshare.openstack;

import java.util.List;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Who logs in, where and with which scope.
 *
 * @param keystone the Identity service's base, ending in {@code /v3} or {@code /v2.0}
 * @param body of {@code POST /auth/tokens}, or {@code POST /tokens} for v2.0; with a federation it lacks the token
 * @param federation where that token comes from; null: the body is complete
 * @param scope the scope that the login requests
 * @param secrets what must never be shown
 */
record Login(HttpUrl keystone, String body, @Nullable Federation federation, LoginScope scope, List<String> secrets) {
    Login {
        secrets = List.copyOf(secrets);
    }

    /** Where the login is sent, and its content: holds the secret. */
    String fingerprint() {
        return keystone + "\n" + body + "\n" + (federation == null ? "" : federation.fingerprint());
    }

    @Override
    public String toString() {
        return "Login[" + keystone.host() + "]";
    }
}
