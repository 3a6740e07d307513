package dev.imageshare.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imageshare.openstack.Ask.Service;
import dev.imageshare.openstack.Http.Reply;
import dev.imageshare.openstack.OpenStackException.Kind;
import dev.imageshare.openstack.Session.Token;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import okhttp3.Credentials;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.RequestBody;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Logs in: to Keystone v3 or v2.0, and before that to an OpenID Connect provider if the entry has one. The provider's
 * token is sent only to the entry's Keystone, and an unscoped Keystone token only to that Keystone.
 */
final class IdentityClient {
    private static final Duration LONGEST_LIFE = Duration.ofDays(1);
    /** Far more than a Glance accepts in a header: eventlet's limit is 16 KiB per line, and others' can be raised. */
    private static final int LONGEST_TOKEN = 64 << 10;

    /** Hexadecimal digits. */
    private static final int HASH = 32;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** RFC 6749's error codes of a token endpoint: nothing else of a provider's response is shown. */
    private static final Set<String> OAUTH_ERRORS = Set.of(
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope");

    private final Http http;
    private final CloudConfig config;
    private final Login login;
    private final LongSupplier nanoTime;

    IdentityClient(Http http, CloudConfig config, LongSupplier nanoTime) {
        this.http = http;
        this.config = config;
        this.login = config.login();
        this.nanoTime = nanoTime;
    }

    /** A token for the entry's purpose. */
    Token logIn() {
        if (isV2()) {
            return send(loginV2(), 200, this::tokenV2);
        }
        Federation federation = login.federation();
        if (federation == null) {
            return send(login(login.body(), login.secrets()), 201, this::token);
        }
        List<String> secrets = new ArrayList<>(login.secrets());
        String accessToken = federation.client() == null
                ? Objects.requireNonNull(federation.token())
                : accessToken(federation.client());
        secrets.add(accessToken);
        String unscoped = send(federated(federation, accessToken, secrets), 201, (answer, body, began) -> {
            body.object();
            return value(answer);
        });
        secrets.add(unscoped);
        return send(login(scoped(unscoped), secrets), 201, this::token);
    }

    boolean isV2() {
        return login.keystone().pathSegments().contains("v2.0");
    }

    // ----------------------------------------------------------------- requests

    private Ask login(String body, List<String> secrets) {
        HttpUrl url = keystone("auth/tokens");
        if (config.purpose() != Purpose.IMAGES) {
            url = url.newBuilder().query("nocatalog").build(); // which may be hundreds of KiB
        }
        return ask("POST", url, "login", "/v3/auth/tokens", Ask.json(body), null, secrets);
    }

    private Ask loginV2() {
        return ask("POST", keystone("tokens"), "login", "/v2.0/tokens", Ask.json(login.body()), null, login.secrets());
    }

    private Ask federated(Federation federation, String accessToken, List<String> secrets) {
        HttpUrl url = keystone("OS-FEDERATION/identity_providers")
                .newBuilder()
                .addPathSegment(federation.identityProvider())
                .addPathSegment("protocols")
                .addPathSegment(federation.protocol())
                .addPathSegment("auth")
                .build();
        return ask(
                "POST",
                url,
                "federated login",
                "/v3/OS-FEDERATION/identity_providers/{idp}/protocols/{protocol}/auth",
                RequestBody.EMPTY,
                "Bearer " + accessToken,
                secrets);
    }

    private HttpUrl keystone(String path) {
        return login.keystone().newBuilder().addPathSegments(path).build();
    }

    private String scoped(String unscoped) {
        try {
            ObjectNode body = (ObjectNode) JSON.readTree(login.body());
            ((ObjectNode) body.at("/auth/identity")).putObject("token").put("id", unscoped);
            return body.toString();
        } catch (IOException e) {
            throw new IllegalStateException("the body was created here", e);
        }
    }

    private Ask ask(
            String method,
            HttpUrl url,
            String what,
            String template,
            @Nullable RequestBody body,
            @Nullable String authorization,
            List<String> secrets) {
        return new Ask(
                config.source(),
                Service.KEYSTONE,
                method,
                url,
                what,
                template,
                Http.newRequestId(),
                false,
                body,
                null,
                authorization,
                secrets);
    }

    // ----------------------------------------------------------------- provider

    private String accessToken(Federation.Client client) {
        HttpUrl endpoint = endpoint(client);
        FormBody form = new FormBody.Builder()
                .add("scope", client.scope())
                .add("grant_type", "client_credentials")
                .build();
        Ask ask = providers(
                "POST", endpoint, "access token", "token", form, Credentials.basic(client.id(), client.password()));
        Reply<String> reply = http.send(
                ask, () -> true, 200, (answer, body) -> usable(answer, answer.text(body.object(), client.tokenType())));
        String token = reply.value();
        if (token == null) {
            throw refusedByProvider(reply.answer());
        }
        return token;
    }

    private HttpUrl endpoint(Federation.Client client) {
        if (client.tokenEndpoint() != null) {
            return HttpUrl.get(client.tokenEndpoint().toString());
        }
        HttpUrl discovery = HttpUrl.get(String.valueOf(client.discovery()));
        Ask ask = providers("GET", discovery, "discovery document", "openid-configuration", null, null);
        Reply<HttpUrl> reply = http.send(ask, () -> true, 200, (answer, body) -> {
            HttpUrl endpoint = Endpoint.parse(answer.text(body.object(), "token_endpoint"));
            if (endpoint == null || !endpoint.isHttps()) {
                throw answer.failure(
                        Kind.INVALID_CONFIG,
                        "the provider's token_endpoint is not an https URL, and the client's secret would be sent"
                                + " there");
            }
            return endpoint;
        });
        HttpUrl endpoint = reply.value();
        if (endpoint == null) {
            throw refusedByProvider(reply.answer());
        }
        return endpoint;
    }

    private Ask providers(
            String method,
            HttpUrl url,
            String what,
            String template,
            @Nullable RequestBody body,
            @Nullable String authorization) {
        return new Ask(
                config.source(),
                Service.PROVIDER,
                method,
                url,
                what,
                template,
                Http.newRequestId(),
                false,
                body,
                null,
                authorization,
                login.secrets());
    }

    private static OpenStackException refusedByProvider(HttpAnswer answer) {
        int status = answer.status();
        if (status == 429) {
            return answer.failure(Kind.RATE_LIMITED, "");
        }
        if (status >= 500) {
            return answer.failure(Kind.SERVER_ERROR, "");
        }
        String error = answer.oauthError();
        if (status == 401 || status == 403 || (status == 400 && OAUTH_ERRORS.contains(error))) {
            return answer.failure(
                    Kind.LOGIN_REFUSED,
                    "the identity provider refuses the client" + (OAUTH_ERRORS.contains(error) ? ": " + error : "")
                            + "; check client_id, client_secret and openid_scope" + Refusals.WHEN_AGAIN);
        }
        return answer.failure(
                Kind.INVALID_CONFIG,
                "not a response of an identity provider: check access_token_endpoint or discovery_endpoint"
                        + redirects(answer));
    }

    // ------------------------------------------------------------------ answers

    /** Reads a complete response with the expected status. */
    @FunctionalInterface
    private interface Reader<T> {
        T read(HttpAnswer answer, Body body, long began) throws IOException;
    }

    private <T> T send(Ask ask, int good, Reader<T> reader) {
        long began = nanoTime.getAsLong();
        Reply<T> reply = http.send(ask, () -> true, good, (answer, body) -> reader.read(answer, body, began));
        T value = reply.value();
        if (value == null) {
            throw refused(reply.answer());
        }
        return value;
    }

    private OpenStackException refused(HttpAnswer answer) {
        int status = answer.status();
        if (status == 429) {
            return answer.failure(Kind.RATE_LIMITED, "");
        }
        if (status >= 500) {
            return answer.failure(Kind.SERVER_ERROR, "");
        }
        if (status == 404 && answer.fromOpenStack()) {
            return answer.failure(
                    Kind.LOGIN_REFUSED,
                    (login.federation() == null
                                    ? "an unknown or deleted application credential"
                                    : "an unknown identity provider or protocol")
                            + Refusals.WHEN_AGAIN);
        }
        if (status == 401 || status == 403) {
            return answer.failure(
                    Kind.LOGIN_REFUSED,
                    (login.federation() == null
                                    ? "Keystone gives the same answer for a wrong password or secret, an unknown user,"
                                            + " project or domain, a project without a role and an expired application"
                                            + " credential: check the entry"
                                    : "the access token has expired, or its user has no role in the project: check the"
                                            + " entry")
                            + Refusals.WHEN_AGAIN);
        }
        if (status == 400 && (answer.fromOpenStack() || isV2())) {
            return answer.failure(Kind.INVALID_CONFIG, "check the entry's auth");
        }
        return answer.failure(
                Kind.INVALID_CONFIG,
                "auth_url doesn't respond like Keystone " + (isV2() ? "v2.0" : "v3") + ": check it"
                        + redirects(answer));
    }

    /** A redirect isn't followed: the login would be sent to a URL that nobody configured. */
    private static String redirects(HttpAnswer answer) {
        String to = answer.redirection();
        return to == null ? "" : "; it redirects to " + to;
    }

    private static String value(HttpAnswer answer) {
        String value = answer.headers().get("X-Subject-Token");
        if (value == null) {
            throw answer.malformed("there is no token in X-Subject-Token: is auth_url a Keystone v3?");
        }
        return usable(answer, value);
    }

    private static String usable(HttpAnswer answer, String token) {
        if (token.length() > LONGEST_TOKEN) {
            throw answer.malformed("the token is too long: " + token.length()
                    + " characters, but no service accepts more than " + LONGEST_TOKEN);
        }
        if (!token.matches("[!-~]+")) {
            throw answer.malformed("the token has characters that are invalid in a header");
        }
        return token;
    }

    private Token token(HttpAnswer answer, Body body, long began) throws IOException {
        String value = value(answer);
        JsonNode token = body.object().path("token");
        return token(
                answer,
                value,
                Duration.between(answer.time(token, "issued_at"), answer.time(token, "expires_at")),
                token,
                began);
    }

    /** The response of Keystone before v3, and of Rackspace, which has no {@code issued_at}. */
    private Token tokenV2(HttpAnswer answer, Body body, long began) throws IOException {
        JsonNode access = body.object().path("access");
        JsonNode token = access.path("token");
        String value = usable(answer, answer.text(token, "id"));
        ObjectNode same = JsonNodeFactory.instance.objectNode();
        if (token.path("tenant").isObject()) {
            same.set("project", token.path("tenant"));
        }
        same.set("access", access);
        Instant issued =
                answer.optionalText(token, "issued_at") == null ? answer.serverTime() : answer.time(token, "issued_at");
        return token(answer, value, Duration.between(issued, answer.time(token, "expires")), same, began);
    }

    private Token token(HttpAnswer answer, String value, Duration life, JsonNode token, long began) {
        if (life.isNegative() || life.isZero()) {
            throw answer.malformed("the token expires before it was issued");
        }
        // four fifths of its lifetime by this clock: independent of clock skew, and works for tokens of seconds
        long usable = (life.compareTo(LONGEST_LIFE) > 0 ? LONGEST_LIFE : life).toNanos() / 5 * 4;
        return switch (config.purpose()) {
            case IMAGES -> new Token(value, images(answer, token), null, null, began + usable);
            case PROJECTS -> new Token(value, null, reader(answer, token), null, began + usable);
            case PROOF -> new Token(value, null, null, proven(answer, token), began + usable);
        };
    }

    private ProvenProject proven(HttpAnswer answer, JsonNode token) {
        var id = project(
                answer, token, "the token has no project, so it doesn't prove which project asks: add project_id");
        return new ProvenProject(
                id, answer.optionalText(token.path("project"), "name"), Endpoint.origin(login.keystone()));
    }

    private Session.ImageGrant images(HttpAnswer answer, JsonNode token) {
        String project = project(
                answer,
                token,
                "the token has no project, and the Image service shows nothing for such a token: add project_id");
        Catalog.ServiceUrl found = image(answer, token);
        Endpoint.ImageService image = Endpoint.image(found.url(), project);
        return new Session.ImageGrant(
                new ProjectScope(project, found.region(), image.base().uri(), Endpoint.origin(login.keystone())),
                image);
    }

    /** The ID of the token's project, which is the one that the login asked for. */
    private String project(HttpAnswer answer, JsonNode token, String otherwise) {
        if (!token.path("project").isObject()) {
            throw answer.failure(
                    Kind.NOT_SCOPED, otherwise + (isV2() ? "" : ", or project_name and project_domain_name"));
        }
        String project = answer.name(token.path("project"), "id");
        checkScope(answer, token);
        return project;
    }

    private void checkScope(HttpAnswer answer, JsonNode token) {
        if (!login.scope().isOf(token)) {
            throw answer.failure(
                    Kind.NOT_SCOPED, "the token is not " + login.scope().what() + ": check the entry's auth");
        }
    }

    /** A hash of the user, the token's scope and its roles, which reveals none of them. */
    private ProjectReader reader(HttpAnswer answer, JsonNode token) {
        String of;
        String domainId = null;
        if (token.path("project").isObject()) {
            of = "project " + answer.name(token.path("project"), "id");
        } else if (token.path("domain").isObject()) {
            domainId = answer.name(token.path("domain"), "id");
            of = "domain " + domainId;
        } else if (token.path("system").path("all").booleanValue()) {
            of = "system";
        } else {
            throw answer.failure(
                    Kind.NOT_SCOPED,
                    "the token is unscoped, so it can't list projects: add domain_id, system_scope: all, or a project");
        }
        checkScope(answer, token);
        String roles = answer.objects(token, "roles").stream()
                .map(role -> answer.name(role, "id"))
                .sorted()
                .collect(Collectors.joining(","));
        String hash = ByteString.encodeUtf8(answer.name(token.path("user"), "id") + "\n" + of + "\n" + roles)
                .sha256()
                .hex()
                .substring(0, HASH);
        return new ProjectReader(hash, domainId);
    }

    private Catalog.ServiceUrl image(HttpAnswer answer, JsonNode token) {
        HttpUrl override = config.imageEndpoint() == null
                ? null
                : Endpoint.parse(config.imageEndpoint().toString());
        if (override != null) {
            String region = config.catalog().region();
            return new Catalog.ServiceUrl(override, region == null ? "" : region);
        }
        Catalog catalog = isV2() ? Catalog.ofV2(answer, token.path("access")) : Catalog.of(answer, token);
        return catalog.image(config.catalog(), login.keystone().isHttps());
    }
}
