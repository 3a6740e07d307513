package dev.imageshare.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * The token of one cloud entry: fetched by one caller for all that wait, renewed before it ends. What Keystone refused is
 * not sent again for a while, whoever asks: a Keystone can be set to lock an account after some refused logins, and a
 * thousand objects may have one wrong password. A corrected entry is another session's.
 */
final class Session {
    private static final Duration LONGEST_LIFE = Duration.ofDays(1);
    private static final Duration REFUSED_FOR = Duration.ofMinutes(10);
    private static final Duration USELESS_FOR = Duration.ofMinutes(1);

    private final Http http;
    private final CloudConfig config;
    private final LongSupplier nanoTime;
    private final Object lock = new Object();
    private @Nullable Token token;
    private @Nullable CompletableFuture<Token> login;
    private @Nullable Refusal refusal;

    Session(Http http, CloudConfig config, LongSupplier nanoTime) {
        this.http = http;
        this.config = config;
        this.nanoTime = nanoTime;
    }

    /** A token as Glance takes it, until {@code renewAt} of the monotonic clock. */
    record Token(String value, ProjectScope scope, HttpUrl image, long renewAt) {
        @Override
        public String toString() {
            return "Token[" + scope + "]";
        }
    }

    /** A failure that the same login would meet again, until {@code over} of the monotonic clock. */
    private record Refusal(OpenStackException failure, long over) {}

    Http http() {
        return http;
    }

    List<String> secrets() {
        return config.secrets();
    }

    /** Keystone's base, ending in {@code /v3}. */
    HttpUrl keystone() {
        HttpUrl url = Endpoint.parse(config.keystone().toString());
        if (url == null) {
            throw new OpenStackException(Kind.INVALID_CONFIG, "auth_url is not a URL");
        }
        return url;
    }

    /** The token to use now. */
    Token token() {
        return get(null);
    }

    /** Another than this one, which was refused: one that somebody fetched meanwhile, or a new one. */
    Token tokenAfter(Token refused) {
        return get(refused);
    }

    /** Whether there already is another token than this one. */
    boolean hasReplaced(Token refused) {
        synchronized (lock) {
            return token != null && !token.equals(refused);
        }
    }

    private Token get(@Nullable Token refused) {
        while (true) {
            CompletableFuture<Token> mine = null;
            CompletableFuture<Token> underWay;
            synchronized (lock) {
                Token current = token;
                if (current != null && !current.equals(refused) && nanoTime.getAsLong() - current.renewAt() < 0) {
                    return current;
                }
                if (refusal != null) {
                    if (nanoTime.getAsLong() - refusal.over() < 0) {
                        throw refusal.failure();
                    }
                    refusal = null;
                }
                if (login == null) {
                    mine = new CompletableFuture<>();
                    login = mine;
                }
                underWay = login;
            }
            if (mine != null) {
                logIn(mine);
            }
            try {
                return underWay.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new OpenStackException(Kind.INTERRUPTED, "waiting for a login was interrupted");
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof OpenStackException failure)) {
                    throw new IllegalStateException("a login failed unexpectedly", e.getCause());
                }
                // somebody else's interrupt is not ours: try ourselves
                if (mine != null || failure.kind() != Kind.INTERRUPTED) {
                    throw failure;
                }
            }
        }
    }

    /** A failure is told to those who wait for this login; to those who come later only if they would get the same. */
    @SuppressWarnings("IllegalCatch")
    private void logIn(CompletableFuture<Token> result) {
        try {
            Token fetched = fetch();
            synchronized (lock) {
                token = fetched;
                login = null;
            }
            result.complete(fetched);
        } catch (Throwable e) {
            synchronized (lock) {
                login = null;
                refusal = e instanceof OpenStackException failure ? lasting(failure) : null;
            }
            result.completeExceptionally(e);
        }
    }

    private @Nullable Refusal lasting(OpenStackException failure) {
        Duration wait = switch (failure.kind()) {
            case LOGIN_REFUSED -> REFUSED_FOR;
            case INVALID_CONFIG, NOT_SCOPED, NO_IMAGE_SERVICE -> USELESS_FOR;
            case RATE_LIMITED -> failure.retryAfter().orElse(Duration.ZERO);
            default -> Duration.ZERO;
        };
        return wait.isZero() ? null : new Refusal(failure, nanoTime.getAsLong() + wait.toNanos());
    }

    private Token fetch() {
        Ask ask = new Ask(
                "POST",
                keystone().newBuilder().addPathSegments("auth/tokens").build(),
                "login",
                "/v3/auth/tokens",
                Http.newRequestId(),
                false,
                config.login(),
                null,
                config.secrets());
        long began = nanoTime.getAsLong();
        Answer answer = http.send(ask);
        if (answer.status() != 201) {
            throw refused(answer);
        }
        return token(answer, began);
    }

    private static OpenStackException refused(Answer answer) {
        int status = answer.status();
        if (status == 429) {
            return answer.failure(Kind.RATE_LIMITED, "");
        }
        if (status >= 500) {
            return answer.failure(Kind.SERVER_ERROR, "");
        }
        if (status == 404 && answer.fromOpenStack()) {
            return answer.failure(Kind.LOGIN_REFUSED, "an unknown or deleted application credential");
        }
        if (status == 401 || status == 403) {
            return answer.failure(
                    Kind.LOGIN_REFUSED,
                    "Keystone says the same to a wrong password or secret, an unknown user, project or domain, a project"
                            + " without a role and an expired application credential: check the entry");
        }
        if (status == 400 && answer.fromOpenStack()) {
            return answer.failure(Kind.INVALID_CONFIG, "check the entry's auth");
        }
        return answer.failure(Kind.INVALID_CONFIG, "auth_url does not answer as Keystone v3: check it");
    }

    private Token token(Answer answer, long began) {
        String value = answer.headers().get("X-Subject-Token");
        if (value == null || !value.matches("[!-~]{1,16384}")) {
            throw answer.malformed("no token in X-Subject-Token: is auth_url a Keystone v3?");
        }
        JsonNode token = answer.json().path("token");
        Duration life = Duration.between(answer.time(token, "issued_at"), answer.time(token, "expires_at"));
        if (life.isNegative() || life.isZero()) {
            throw answer.malformed("the token ends before it begins");
        }
        if (!token.path("project").isObject()) {
            throw answer.failure(
                    Kind.NOT_SCOPED,
                    "the token is for no project, and with such a one the Image service shows nothing: add project_id, or"
                            + " project_name and project_domain_name");
        }
        String project = answer.name(token.path("project"), "id");
        Image image = image(answer, token);
        // four fifths of its life by this clock: whatever the clocks' difference, and good for tokens of seconds
        long usable = (life.compareTo(LONGEST_LIFE) > 0 ? LONGEST_LIFE : life).toNanos() / 5 * 4;
        return new Token(
                value,
                new ProjectScope(project, image.region(), image.url().uri(), Endpoint.origin(keystone())),
                image.url(),
                began + usable);
    }

    private record Image(HttpUrl url, String region) {}

    private Image image(Answer answer, JsonNode token) {
        if (config.imageEndpoint() != null) {
            HttpUrl override = Endpoint.parse(config.imageEndpoint().toString());
            if (override != null) {
                return new Image(override, config.region() == null ? "" : config.region());
            }
        }
        List<Image> found = new ArrayList<>();
        Set<String> regions = new TreeSet<>();
        Set<String> seen = new TreeSet<>();
        for (JsonNode service : answer.objects(token, "catalog")) {
            String type = service.path("type").asText();
            seen.add(type);
            if (!type.equals("image")) {
                continue;
            }
            for (JsonNode endpoint : answer.objects(service, "endpoints")) {
                String face = endpoint.path("interface").asText();
                String region = endpoint.path("region_id")
                        .asText(endpoint.path("region").asText());
                seen.add("image (" + face + ", " + region + ")");
                if (face.equals(config.serviceInterface())
                        && (config.region() == null || config.region().equals(region))) {
                    HttpUrl url = Endpoint.parse(answer.text(endpoint, "url"));
                    if (url == null) {
                        throw answer.malformed("the catalog's image endpoint is not a URL");
                    }
                    if (region.length() > 255 || region.chars().anyMatch(Character::isISOControl)) {
                        throw answer.malformed("the catalog's image endpoint is in no region that can be named");
                    }
                    found.add(new Image(Endpoint.withoutVersion(url), region));
                    regions.add(region);
                }
            }
        }
        if (found.isEmpty()) {
            throw answer.failure(
                    Kind.NO_IMAGE_SERVICE,
                    "the catalog has no image service with interface " + config.serviceInterface()
                            + (config.region() == null ? "" : " in region " + config.region()) + "; it has: "
                            + some(seen));
        }
        if (regions.size() > 1) {
            throw answer.failure(
                    Kind.INVALID_CONFIG, "several regions have an image service, add region_name: " + some(regions));
        }
        return found.get(0);
    }

    private static String some(Set<String> names) {
        String all = String.join(", ", names).replaceAll("\\p{Cntrl}", "?");
        return all.isEmpty() ? "nothing" : all.length() > 300 ? all.substring(0, 300) + "…" : all;
    }
}
