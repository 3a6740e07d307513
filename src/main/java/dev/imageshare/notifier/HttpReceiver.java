package dev.imageshare.notifier;

import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.notifier.Receipt.Result;
import dev.imageshare.openstack.CloudHosts;
import dev.imageshare.openstack.Proxies;
import dev.imageshare.openstack.Tls;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Sends messages by HTTP POST, each once: no redirect is followed, and nothing is repeated by the client. Of an answer nothing
 * is read but its status and {@code Retry-After}.
 */
final class HttpReceiver implements Receiver {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration WHOLE = Duration.ofSeconds(30);
    private static final String HELD_RETRY_AFTER = "X-Imageshare-Retry-After";
    private static final int MAX_REPLY = 1_024;
    private static final int MAX_SECONDS = 86_400;

    private final Webhook webhook;
    private final String contentType;
    private final Function<Parcel, byte[]> body;
    private final CloudHosts hosts;
    private final Proxies proxies;
    private final OkHttpClient client;

    /**
     * @param contentType of the body
     * @param body of a message
     * @param hosts where the receiver may be
     * @param tls whom to trust
     * @param proxies the way to it
     */
    HttpReceiver(
            Webhook webhook,
            String contentType,
            Function<Parcel, byte[]> body,
            CloudHosts hosts,
            Tls tls,
            Proxies proxies) {
        this.webhook = webhook;
        this.contentType = contentType;
        this.body = body;
        this.hosts = hosts;
        this.proxies = proxies;
        this.client = new OkHttpClient.Builder()
                .connectTimeout(CONNECT)
                .readTimeout(WHOLE)
                .writeTimeout(WHOLE)
                .callTimeout(WHOLE)
                .retryOnConnectionFailure(false)
                .followRedirects(false)
                .followSslRedirects(false)
                .protocols(List.of(Protocol.HTTP_1_1))
                .sslSocketFactory(tls.sockets(), tls.trust())
                .addNetworkInterceptor(HttpReceiver::holdRetryAfter)
                .proxy(Proxy.NO_PROXY)
                .dns(hosts::resolve)
                .build();
    }

    /** OkHttp repeats a request by itself after a 503 with {@code Retry-After: 0}: keep the header from it. */
    private static Response holdRetryAfter(Interceptor.Chain chain) throws IOException {
        var response = chain.proceed(chain.request());
        var value = response.header("Retry-After");
        var held = response.newBuilder().removeHeader(HELD_RETRY_AFTER).removeHeader("Retry-After");
        return value == null || !value.matches("[ -~]*")
                ? held.build()
                : held.header(HELD_RETRY_AFTER, value).build();
    }

    @Override
    public Receipt send(Parcel parcel) {
        var url = HttpUrl.parse(webhook.address());
        if (url == null) {
            return Receipt.of(Result.LATER, "The Secret's key address is not a URL.");
        }
        try {
            hosts.checkWritten(url.host()); // an address is given to no resolver
        } catch (UnknownHostException e) {
            return unusable(e);
        }
        var bytes = body.apply(parcel);
        var request = new Request.Builder()
                .url(url)
                .header("User-Agent", "imageshare-operator")
                .post(RequestBody.create(bytes, MediaType.get(contentType)));
        webhook.headers().forEach(request::header);
        if (webhook.token() != null) {
            request.header("X-Signature", "sha256=" + signature(webhook.token(), bytes));
        }
        try (var response = client(url).newCall(request.build()).execute()) {
            return receipt(response);
        } catch (IOException e) {
            return failure(e);
        } finally {
            client.connectionPool().evictAll();
        }
    }

    /** The name that is looked up is a proxy's own, where there is one; an administrator has set that. */
    private OkHttpClient client(HttpUrl url) {
        return proxies.select(url.uri()).get(0).type() == Proxy.Type.DIRECT
                ? client
                : client.newBuilder()
                        .dns(Dns.SYSTEM)
                        .proxy(null)
                        .proxySelector(proxies)
                        .proxyAuthenticator(proxies.authenticator())
                        .build();
    }

    private static Receipt receipt(Response response) {
        var status = response.code();
        var reply = status + " " + reply(response);
        if (response.isSuccessful()) {
            return Receipt.taken(reply);
        }
        var wait = retryAfter(response);
        var receipt = switch (status) {
            case 410 ->
                Receipt.of(
                        Result.GONE,
                        "The receiver is gone for good (410): put its new address into the Secret, or delete this object.");
            case 400, 405, 406, 411, 413, 414, 415, 422, 431 ->
                Receipt.of(
                        Result.REFUSED,
                        "The receiver rejects the message (" + status + "): check the address and the type.");
            case 401, 403, 404, 407 ->
                Receipt.of(
                        Result.LATER,
                        "The receiver rejects messages (" + status
                                + "): correct address, headers or token in the Secret.");
            default ->
                Receipt.of(
                        Result.LATER,
                        status >= 300 && status < 400
                                ? "The receiver redirects (" + status
                                        + "), which is not followed: put the final address into" + " the Secret."
                                : "The receiver doesn't accept messages now (" + status + ").");
        };
        return new Receipt(receipt.outcome(), receipt.message(), wait, reply);
    }

    private static String reply(Response response) {
        try {
            return response.peekBody(MAX_REPLY).string();
        } catch (IOException e) {
            return ""; // its status came
        }
    }

    /** In seconds; a date is not read, and the usual back-off does. */
    private static Optional<Duration> retryAfter(Response response) {
        var value = response.header(HELD_RETRY_AFTER, "");
        return value.strip().matches("\\d{1,9}")
                ? Optional.of(Duration.ofSeconds(Math.min(Integer.parseInt(value.strip()), MAX_SECONDS)))
                : Optional.empty();
    }

    private static Receipt unusable(UnknownHostException e) {
        return Receipt.of(Result.LATER, "The receiver can't be used: " + e.getMessage() + ".");
    }

    private static Receipt failure(IOException e) {
        if (e instanceof UnknownHostException host) {
            return unusable(host);
        }
        if (e instanceof InterruptedIOException) {
            return Receipt.of(Result.LATER, "The receiver didn't answer in time.");
        }
        if (e instanceof SSLException) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof GeneralSecurityException || cause instanceof SSLPeerUnverifiedException) {
                    return Receipt.of(
                            Result.LATER,
                            "The receiver's certificate is not trusted, or is for another host name: give its CA's certificate"
                                    + " (PEM) under the Secret's key cacert, or check the address.");
                }
            }
            return Receipt.of(Result.LATER, "The receiver doesn't use TLS there: check the address in the Secret.");
        }
        return Receipt.of(
                Result.LATER, "The receiver can't be reached, closed the connection, or didn't answer in HTTP.");
    }

    static String signature(String token, byte[] body) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA256", e);
        }
    }
}
