package dev.imageshare.openstack;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * The token of one cloud entry: fetched by one caller for all that wait, and renewed before it expires. A login that
 * Keystone refused is not sent again for a while, no matter who needs it: a Keystone can be configured to lock an
 * account after some refused logins, and a thousand objects may have the same wrong password. A corrected entry has
 * another session.
 */
final class Session {
    private static final Duration API_REMEMBERED = Duration.ofMinutes(10);

    private final Http http;
    private final CloudConfig config;
    private final Refusals refusals;
    /** What Keystone refuses for any purpose. */
    private final Refusals.RefusedLogin entry;
    /** What can't be used for this purpose. */
    private final Refusals.RefusedLogin entryForPurpose;

    private final IdentityClient identity;
    private final LongSupplier nanoTime;
    private final Object lock = new Object();
    private final ServerClock imageService;
    private @Nullable Token token;
    private @Nullable ImageApi imageApi;
    private @Nullable CompletableFuture<Token> login;

    /**
     * @param refusals of the owner's namespace
     * @param ownerUid whose entry it is
     */
    Session(Http http, CloudConfig config, Refusals refusals, String ownerUid, LongSupplier nanoTime) {
        this.http = http;
        this.config = config;
        this.refusals = refusals;
        this.entry = Refusals.RefusedLogin.of(ownerUid, config);
        this.entryForPurpose = entry.forPurpose(config.purpose());
        this.identity = new IdentityClient(http, config, nanoTime);
        this.nanoTime = nanoTime;
        this.imageService = new ServerClock(nanoTime);
    }

    /**
     * A token, to be used until {@code renewAt} of the monotonic clock.
     *
     * @param images its scope; null if not for images
     * @param reader who reads projects with it; null if not for projects
     * @param project which project it is for; null if not a proof
     */
    record Token(
            String value,
            @Nullable ImageGrant images,
            @Nullable ProjectReader reader,
            @Nullable ProvenProject project,
            long renewAt) {
        ProjectScope scope() {
            return Objects.requireNonNull(images).scope();
        }

        Endpoint.ImageService image() {
            return Objects.requireNonNull(images).image();
        }

        @Override
        public String toString() {
            return "Token[" + (images != null ? images.scope() : project != null ? project : reader) + "]";
        }
    }

    /** The project and endpoint of a token for images. */
    record ImageGrant(ProjectScope scope, Endpoint.ImageService image) {}

    Purpose purpose() {
        return config.purpose();
    }

    /** Identifies the Keystone, as in {@link SameClouds}. */
    String cloud() {
        return Endpoint.origin(config.login().keystone());
    }

    /** Who reads projects; logs in if necessary. */
    ProjectReader reader() {
        return Objects.requireNonNull(token().reader());
    }

    /** Which project it is; logs in if necessary. */
    ProvenProject project() {
        return Objects.requireNonNull(token().project());
    }

    /** The monotonic clock. */
    long now() {
        return nanoTime.getAsLong();
    }

    Http http() {
        return http;
    }

    /** The Image service's clock, from its responses. */
    ServerClock imageService() {
        return imageService;
    }

    List<String> secrets() {
        return config.login().secrets();
    }

    /** Where the entry is, for messages. */
    String source() {
        return config.source();
    }

    /** Keystone's base, ending in {@code /v3}; null for v2.0. */
    @Nullable
    HttpUrl keystoneV3() {
        return identity.isV2() ? null : config.login().keystone();
    }

    /**
     * Whether an Image service is old.
     *
     * @param hasOnlyPrivate whether it is older than API 2.5, where private images have members and none is called
     *     shared
     * @param until by the monotonic clock, so that an upgrade is detected soon
     */
    private record ImageApi(boolean hasOnlyPrivate, long until) {}

    /** Whether this Image service's private images have members; null if that wasn't requested recently. */
    @Nullable
    Boolean hasOnlyPrivate() {
        synchronized (lock) {
            ImageApi known = imageApi;
            if (known == null || nanoTime.getAsLong() - known.until() >= 0) {
                return null;
            }
            return known.hasOnlyPrivate();
        }
    }

    /** Keeps the result of its version document for ten minutes. */
    void hasOnlyPrivate(boolean only) {
        synchronized (lock) {
            imageApi = new ImageApi(only, nanoTime.getAsLong() + API_REMEMBERED.toNanos());
        }
    }

    /** The token to use now. */
    Token token() {
        return get(null);
    }

    /** A token other than this one, which was refused: one that another caller fetched meanwhile, or a new one. */
    Token tokenAfter(Token refused) {
        return get(refused);
    }

    /** Whether there already is a token other than this one. */
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
                if (login == null) {
                    refusals.check(entry);
                    refusals.check(entryForPurpose);
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
                // another thread's interrupt is not ours: try it here
                if (mine != null || failure.kind() != Kind.INTERRUPTED) {
                    throw failure;
                }
            }
        }
    }

    /**
     * A failure is returned to all callers that wait for this login, and to later ones only if they would get the same.
     */
    @SuppressWarnings("IllegalCatch")
    private void logIn(CompletableFuture<Token> result) {
        try {
            Token fetched = identity.logIn();
            synchronized (lock) {
                token = fetched;
                login = null;
            }
            result.complete(fetched);
        } catch (Throwable e) {
            synchronized (lock) {
                login = null;
                Duration rest = e instanceof OpenStackException failure ? Refusals.rest(failure) : null;
                if (rest != null) {
                    Kind kind = ((OpenStackException) e).kind();
                    boolean isKeystones = kind == Kind.LOGIN_REFUSED || kind == Kind.RATE_LIMITED;
                    refusals.add(isKeystones ? entry : entryForPurpose, (OpenStackException) e, rest);
                }
            }
            result.completeExceptionally(e);
        }
    }
}
