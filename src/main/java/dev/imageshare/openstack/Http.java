package dev.imageshare.openstack;

import dev.imageshare.openstack.CloudHosts.RefusedHostException;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Dns;
import okhttp3.EventListener;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import okio.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a request and reads the whole response, for the clouds of one namespace. It retries only GETs, once, and
 * doesn't follow redirects. A thread that waits for a free slot can be interrupted at once; one that waits for a
 * response ends with the call's time-out.
 */
final class Http {
    private static final Logger LOG = LoggerFactory.getLogger(Http.class);
    private static final String USER_AGENT = "imageshare-operator/" + version();
    private static final String HELD_RETRY_AFTER = "X-Imageshare-Retry-After";
    /** Apache and uWSGI drop an idle connection after 4 to 5 seconds: never write into one that may be gone. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(3);

    private static final int IDLE_LIMITS_KEPT = 1_000;
    private static final List<ConnectionSpec> WITH_TLS = List.of(ConnectionSpec.MODERN_TLS, ConnectionSpec.CLEARTEXT);

    /** Also used by those without TLS settings of their own. */
    private final @Nullable Http shared;

    /** For http URLs, and for https ones if a cloud has its own TLS settings. */
    private final OkHttpClient client;

    /** For https URLs; null until the first one, since reading Java's CAs takes a tenth of a second and a MiB. */
    private @Nullable OkHttpClient secure;

    private final CloudSettings settings;
    private final ConcurrentHashMap<String, Semaphore> limits;
    private final AnswerBudget budget;
    private final Consumer<FinishedRequest> finished;
    private final String namespace;
    private final boolean ownConnections;

    /**
     * A complete response.
     *
     * @param value what was parsed from it; null if its status isn't the expected one
     */
    record Reply<T>(HttpAnswer answer, @Nullable T value) {}

    /**
     * @param finished called for each request that was tried
     */
    Http(CloudSettings settings, Consumer<FinishedRequest> finished) {
        this.settings = settings;
        this.finished = finished;
        this.limits = new ConcurrentHashMap<>();
        this.budget = new AnswerBudget(settings.answers().inFlight());
        this.namespace = "";
        this.shared = null;
        this.ownConnections = true;
        OkHttpClient.Builder builder = new OkHttpClient.Builder()
                .connectTimeout(settings.connectTimeout())
                .readTimeout(settings.callTimeout())
                .writeTimeout(settings.callTimeout())
                .callTimeout(settings.callTimeout())
                .retryOnConnectionFailure(false)
                .followRedirects(false)
                .followSslRedirects(false)
                // HTTP/2 has retries of its own (refused streams, 421), and Glance doesn't support it
                .protocols(List.of(Protocol.HTTP_1_1))
                .connectionPool(pool(settings))
                .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT))
                .addNetworkInterceptor(Http::holdRetryAfter)
                .addNetworkInterceptor(this::endAfterRefusal)
                .addNetworkInterceptor(Http::lastLook)
                .eventListenerFactory(call -> new Sent(call.request()))
                .dns(settings.hosts().dns())
                .proxy(Proxy.NO_PROXY)
                .proxyAuthenticator(settings.proxies().authenticator());
        this.client = builder.build();
    }

    private Http(Http shared, String namespace, @Nullable OkHttpClient own) {
        this.shared = shared;
        this.client = own == null ? shared.client : own;
        this.secure = own;
        this.settings = shared.settings;
        this.limits = shared.limits;
        this.budget = shared.budget;
        this.finished = shared.finished;
        this.namespace = namespace;
        this.ownConnections = own != null;
    }

    /** For a cloud of a namespace: the same limits, and separate connections only if its TLS settings are its own. */
    Http with(String itsNamespace, CloudConfig config) {
        if (config.verifyTls()
                && config.authorities().isEmpty()
                && config.certificate() == null
                && config.witnesses() == null) {
            return new Http(this, itsNamespace, null);
        }
        OkHttpClient.Builder own = client.newBuilder().connectionSpecs(WITH_TLS).connectionPool(pool(settings));
        Certificates.trust(own, config, settings.authorities());
        return new Http(this, itsNamespace, own.build());
    }

    private OkHttpClient client(HttpUrl url) {
        OkHttpClient direct = url.isHttps() ? secure() : client;
        if (!settings.proxies().leadTo(url)) {
            return direct;
        }
        // the name that is resolved is then the proxy's, which an administrator has set
        return direct.newBuilder()
                .dns(Dns.SYSTEM)
                .proxy(null)
                .proxySelector(settings.proxies())
                .build();
    }

    private synchronized OkHttpClient secure() {
        if (secure == null && shared != null) {
            return shared.secure();
        }
        if (secure == null) {
            OkHttpClient.Builder builder = client.newBuilder().connectionSpecs(WITH_TLS);
            Certificates.trustAlso(builder, settings.authorities());
            secure = builder.build();
        }
        return secure;
    }

    long answersInFlight() {
        return budget.held();
    }

    AnswerLimits limits() {
        return settings.answers();
    }

    /** Its own ones; shared ones stay open. */
    void dropIdleConnections() {
        if (ownConnections) {
            client.connectionPool().evictAll();
        }
    }

    static String newRequestId() {
        return "req-" + UUID.randomUUID();
    }

    /**
     * @param wanted checked on an open connection, right before the request is written: between the caller's decision
     *     and that moment there may be a login, a wait for a free slot or a pause of the whole process
     * @param good the only status whose body is parsed as the expected result; other bodies are only read for an
     *     error's text
     * @throws OpenStackException if there is no complete response; the caller checks the status
     */
    <T> Reply<T> send(Ask ask, BooleanSupplier wanted, int good, Body.Reading<T> reading) {
        try {
            settings.hosts().check(ask.url());
        } catch (RefusedHostException e) {
            throw refusedHost(ask, e);
        }
        Semaphore places = places(ask.url());
        try {
            if (!places.tryAcquire(settings.callTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                throw notSent(Kind.TIMEOUT, ask, "was not sent: too many requests to this host are in progress");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notSent(Kind.INTERRUPTED, ask, "was not sent: interrupted");
        }
        try {
            return exchange(ask, wanted, good, reading);
        } finally {
            places.release();
        }
    }

    private Semaphore places(HttpUrl url) {
        if (limits.size() > IDLE_LIMITS_KEPT) {
            limits.values().removeIf(each -> each.availablePermits() == settings.maxInFlightPerEndpoint());
        }
        return limits.computeIfAbsent(
                Endpoint.of(url), unused -> new Semaphore(settings.maxInFlightPerEndpoint(), true));
    }

    private <T> Reply<T> exchange(Ask ask, BooleanSupplier wanted, int good, Body.Reading<T> reading) {
        Way way = new Way();
        Request request = request(ask, wanted, way);
        long began = System.nanoTime();
        try {
            Reply<T> reply;
            try {
                reply = once(ask, request, good, reading);
            } catch (IOException e) {
                if (!(ask.method().equals("GET") || (!ask.write() && !way.isNew.get()))
                        || !connectionDied(e, way.sent.get())) {
                    throw e;
                }
                // most likely the server closed an idle connection; reading or logging in twice does no harm
                reply = once(ask, request, good, reading);
            }
            HttpAnswer answer = reply.answer();
            ended(ask, began, Integer.toString(answer.status()), () -> {
                String requestId = answer.requestId();
                return requestId == null ? ask.requestId() : requestId;
            });
            return reply;
        } catch (IOException e) {
            OpenStackException failure = failure(ask, e, way.sent.get());
            ended(ask, began, failure.kind().name(), ask::requestId);
            throw failure;
        } catch (OpenStackException e) {
            ended(ask, began, e.kind().name(), ask::requestId);
            throw e;
        }
    }

    private static Request request(Ask ask, BooleanSupplier wanted, Way way) {
        try {
            Request.Builder request = new Request.Builder()
                    .url(ask.url())
                    .method(ask.method(), ask.body())
                    .tag(Way.class, way)
                    .tag(BooleanSupplier.class, wanted)
                    .header("Accept", "application/json")
                    .header("User-Agent", USER_AGENT);
            if (ask.service() != Ask.Service.PROVIDER) {
                request.header("X-Openstack-Request-Id", ask.requestId());
            }
            if (ask.authorization() != null) {
                request.header("Authorization", ask.authorization());
            }
            if (ask.token() != null) {
                request.header("X-Auth-Token", ask.token());
            }
            return request.build();
        } catch (IllegalArgumentException e) {
            // its message quotes the header's value
            throw notSent(Kind.BAD_REQUEST, ask, "can't be sent: a header has a character that HTTP does not allow");
        }
    }

    private <T> Reply<T> once(Ask ask, Request request, int good, Body.Reading<T> reading) throws IOException {
        Call call = client(ask.url()).newCall(request);
        boolean isComplete = false;
        try (Response response = call.execute();
                AnswerBudget.Lease lease = budget.lease(namespace)) {
            try {
                HttpAnswer answer = new HttpAnswer(ask, response.code(), headers(response), ByteString.EMPTY);
                Reply<T> reply;
                if (answer.status() == good) {
                    Body body = new Body(answer, response.body().byteStream(), settings.answers(), lease);
                    reply = new Reply<>(answer, reading.of(answer, body));
                } else {
                    reply = new Reply<>(answer.with(error(response.body().source())), null);
                }
                isComplete = true;
                return reply;
            } finally {
                if (!isComplete) {
                    call.cancel(); // otherwise closing it would wait for the rest
                }
            }
        }
    }

    /** An error's body; empty if it is longer than errors are. */
    private ByteString error(BufferedSource source) throws IOException {
        // what is left of a longer one is bounded by OkHttp, which drains a closed response for a tenth of a second
        return source.request(settings.answers().error() + 1) ? ByteString.EMPTY : source.readByteString();
    }

    /**
     * OkHttp itself resends any request after a 503 with {@code Retry-After: 0}, even if retries are disabled: hide the
     * header from it.
     */
    private static Response holdRetryAfter(Interceptor.Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        String value = response.header("Retry-After");
        if (value == null && response.header(HELD_RETRY_AFTER) == null) {
            return response;
        }
        Response.Builder held =
                response.newBuilder().removeHeader(HELD_RETRY_AFTER).removeHeader("Retry-After");
        // OkHttp reads headers with any bytes, but doesn't write any that aren't ASCII
        return value == null || !value.matches("[ -~]*")
                ? held.build()
                : held.header(HELD_RETRY_AFTER, value).build();
    }

    /**
     * A server that refuses a request before it has read its body, as Glance's token check under uWSGI does, leaves the
     * body in the socket, and the next request on the connection would end without a response. So the connection is
     * closed here, while this call still has it and nobody else can take it, after as much of the response was read as
     * may be an error's text.
     */
    private Response endAfterRefusal(Interceptor.Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        RequestBody sent = chain.request().body();
        if (sent == null || sent.contentLength() == 0 || response.isSuccessful()) {
            return response;
        }
        MediaType type = response.body().contentType();
        Response.Builder kept = response.newBuilder();
        try (ResponseBody body = response.body()) {
            if (body.source().request(settings.answers().error() + 1)) {
                kept.removeHeader("Content-Encoding").body(ResponseBody.create(ByteString.EMPTY, type));
            } else {
                kept.body(ResponseBody.create(body.source().readByteString(), type));
            }
            Objects.requireNonNull(chain.connection()).socket().close();
        }
        return kept.build();
    }

    private static Response lastLook(Interceptor.Chain chain) throws IOException {
        BooleanSupplier wanted = chain.request().tag(BooleanSupplier.class);
        if (wanted != null && !wanted.getAsBoolean()) {
            throw new UnwantedException();
        }
        return chain.proceed(chain.request());
    }

    private static final class UnwantedException extends IOException {}

    private static Headers headers(Response response) {
        String retryAfter = response.header(HELD_RETRY_AFTER);
        return retryAfter == null
                ? response.headers()
                : response.headers().newBuilder().set("Retry-After", retryAfter).build();
    }

    private static boolean connectionDied(IOException e, boolean sent) {
        return sent && !(e instanceof InterruptedIOException) && !(e instanceof SSLException);
    }

    private OpenStackException failure(Ask ask, IOException e, boolean sent) {
        if (Thread.currentThread().isInterrupted()) {
            return failure(Kind.INTERRUPTED, ask, sent, "was interrupted");
        }
        if (e instanceof RefusedHostException refused) {
            return refusedHost(ask, refused);
        }
        if (e instanceof UnwantedException) {
            return failure(
                    Kind.INTERRUPTED,
                    ask,
                    false,
                    "was not sent: the object changed, or this process is no longer the leader");
        }
        if (e instanceof SocketTimeoutException && !sent) {
            return failure(
                    Kind.TIMEOUT,
                    ask,
                    false,
                    "failed: no connection within " + settings.connectTimeout().toMillis() + " ms");
        }
        if (e instanceof InterruptedIOException) {
            return failure(
                    Kind.TIMEOUT,
                    ask,
                    sent,
                    "failed: no complete response within "
                            + settings.callTimeout().toMillis() + " ms");
        }
        if (untrusted(e)) {
            return failure(
                    Kind.TLS_UNTRUSTED,
                    ask,
                    false,
                    "failed: the certificate is not trusted, or is for another host name. Add the CA's certificate (in"
                            + " a Secret as PEM under the key cacert, in a clouds.yaml on disk as cacert: FILE), or"
                            + " check the URL");
        }
        if (e instanceof SSLException && !sent) {
            return failure(
                    Kind.UNREACHABLE,
                    ask,
                    false,
                    "failed: the server doesn't speak TLS. Check https or http in the URL");
        }
        if (e instanceof UnknownHostException) {
            return failure(Kind.UNREACHABLE, ask, false, "failed: no such host. Check the URL and DNS");
        }
        if (e instanceof NoRouteToHostException) {
            return failure(Kind.UNREACHABLE, ask, false, "failed: no route to the host. Check the URL and the network");
        }
        if (e instanceof ConnectException) {
            return failure(
                    Kind.UNREACHABLE,
                    ask,
                    false,
                    "failed: connection refused. Check the URL, and that the service is running");
        }
        if (!sent && String.valueOf(e.getMessage()).matches(".* CONNECT: \\d+|Failed to authenticate with proxy")) {
            return failure(Kind.UNREACHABLE, ask, false, "failed: the proxy refused it: " + e.getMessage());
        }
        return failure(Kind.UNREACHABLE, ask, sent, "failed: the connection was lost before the response was complete");
    }

    private OpenStackException failure(Kind kind, Ask ask, boolean sent, String what) {
        // otherwise no log has it: the request never arrived, or the service uses an ID of its own
        String requestId = sent && ask.service() == Ask.Service.GLANCE ? ask.requestId() : null;
        return new OpenStackException(
                kind,
                about(kind, ask) + settings.proxies().way(ask.url()) + " " + what
                        + (requestId == null ? "" : " [request " + requestId + "]"),
                0,
                requestId,
                null,
                ask.write() && sent);
    }

    private static OpenStackException refusedHost(Ask ask, RefusedHostException why) {
        return notSent(
                Kind.INVALID_CONFIG, ask, "was not sent: the operator may not call this host: " + why.getMessage());
    }

    private static OpenStackException notSent(Kind kind, Ask ask, String what) {
        return new OpenStackException(kind, about(kind, ask) + " " + what);
    }

    private static String about(Kind kind, Ask ask) {
        return (kind.isAboutEntry() && !ask.source().isEmpty() ? ask.source() + ": " : "") + ask;
    }

    private static boolean untrusted(IOException e) {
        if (e instanceof SSLPeerUnverifiedException) {
            return true;
        }
        if (e instanceof SSLException) {
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof GeneralSecurityException) {
                    return true;
                }
            }
        }
        return false;
    }

    /** @param requestId only asked for if it is logged: that a service's ID repeats no secret costs 7 % of a quiet look's CPU */
    private void ended(Ask ask, long began, String outcome, Supplier<Object> requestId) {
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        finished.accept(
                new FinishedRequest(Endpoint.host(ask.url()), ask.method() + " " + ask.template(), outcome, took));
        LOG.atDebug()
                .addKeyValue("method", ask.method())
                .addKeyValue("path", ask.template())
                .addKeyValue("host", Endpoint.host(ask.url()))
                .addKeyValue("status", outcome)
                .addKeyValue("ms", took.toMillis())
                .addKeyValue("requestId", requestId)
                .log("OpenStack call");
    }

    private static ConnectionPool pool(CloudSettings settings) {
        return new ConnectionPool(settings.maxInFlightPerEndpoint(), KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String version() {
        String version = Http.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }

    /** How far a request got. */
    private static final class Way {
        /** A request that was never sent was certainly not carried out. */
        private final AtomicBoolean sent = new AtomicBoolean();

        /** On a new connection, which can't have been idle. */
        private final AtomicBoolean isNew = new AtomicBoolean();
    }

    private static final class Sent extends EventListener {
        private final @Nullable Way way;

        Sent(Request request) {
            this.way = request.tag(Way.class);
        }

        @Override
        public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
            if (way != null) {
                way.isNew.set(true);
            }
        }

        @Override
        public void requestHeadersStart(Call call) {
            if (way != null) {
                way.sent.set(true);
            }
        }
    }
}
