package dev.imageshare.operator;

import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;

/**
 * The HTTP client for the API server. Where no WebSocket gets through (a proxy before the API server, for example), Fabric8
 * watches by plain HTTP, and decodes each piece of an answer for itself and with what is left of its buffer: one letter
 * beyond ASCII in any watched object ends the watch, and with it the SDK's process. So a watch's JSON comes to it with
 * such letters escaped, which says the same.
 *
 * <p>It also closes a watch on another thread than the one that reads it. Okio's buffers are for one thread: what two of
 * them give back to its pool belongs to two buffers afterwards, of whatever connection, those to Glance too. So a watch
 * that is closed is cancelled first, and its buffers have nothing that goes back to the pool.
 */
public final class ApiHttpClientFactory extends OkHttpClientFactory {

    @Override
    protected void additionalConfig(OkHttpClient.Builder builder) {
        builder.addInterceptor(ApiHttpClientFactory::escapeWatches);
    }

    private static Response escapeWatches(Interceptor.Chain chain) throws IOException {
        var response = chain.proceed(chain.request());
        if (!"true".equals(chain.request().url().queryParameter("watch")) || response.code() != 200) {
            return response;
        }
        var body = response.body();
        return response.newBuilder()
                .body(ResponseBody.create(
                        Okio.buffer(new Escaped(body.source(), chain.call()::cancel)),
                        body.contentType(),
                        body.contentLength()))
                .build();
    }

    /** JSON of which every letter is ASCII; beyond that there is nothing in JSON but inside of strings. */
    static final class Escaped extends ForwardingSource {
        private final Runnable cancel;
        private final ReentrantLock reading = new ReentrantLock();
        private final Buffer raw = new Buffer();
        private final Buffer ascii = new Buffer();
        private volatile boolean ended;
        private volatile boolean closed;

        /** @param cancel makes a read that is under way fail, from any thread */
        Escaped(Source json, Runnable cancel) {
            super(json);
            this.cancel = cancel;
        }

        @Override
        public long read(Buffer sink, long byteCount) throws IOException {
            reading.lock();
            try {
                while (!closed && super.read(raw, byteCount) >= 0) {
                    while (!raw.exhausted() && raw.size() >= length(raw.getByte(0))) {
                        escape(ascii);
                    }
                    if (!ascii.exhausted()) {
                        // A copy shares the memory of what it is of, and what is shared never goes back to the pool.
                        var copy = ascii.copy();
                        ascii.clear();
                        var read = copy.size();
                        sink.write(copy, read);
                        return read;
                    }
                }
                ended = true;
                return -1;
            } finally {
                reading.unlock();
            }
        }

        @Override
        public void close() throws IOException {
            closed = true;
            if (!ended) {
                cancel.run();
            }
            reading.lock();
            try {
                super.close();
            } finally {
                reading.unlock();
            }
        }

        private void escape(Buffer sink) throws IOException {
            if (raw.getByte(0) >= 0) {
                sink.writeByte(raw.readByte());
                return;
            }
            for (var unit : Character.toChars(raw.readUtf8CodePoint())) {
                sink.writeUtf8("\\u%04x".formatted((int) unit));
            }
        }

        /** The bytes of the character that begins so. */
        private static int length(byte first) {
            return first >= 0
                    ? 1
                    : (first & 0xe0) == 0xc0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : (first & 0xf8) == 0xf0 ? 4 : 1;
        }
    }
}
