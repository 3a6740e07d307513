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
 * The HTTP client for the API server. If WebSockets don't get through (because of a proxy in front of the API server,
 * for example), Fabric8 watches over plain HTTP, and decodes each chunk of a response on its own: one non-ASCII
 * character in any watched object ends the watch, and with it the SDK's process. So a watch's JSON is passed to it with
 * such characters escaped, which is equivalent.
 *
 * <p>It also closes a watch on another thread than the one that reads it. Okio's buffers aren't thread-safe: segments
 * that two threads return to its pool end up in two buffers, of any connection, including those to Glance. So a watch
 * that is closed is cancelled first, and its buffers have nothing to return to the pool.
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

    /** ASCII-only JSON; non-ASCII characters can only occur in strings. */
    static final class Escaped extends ForwardingSource {
        private final Runnable cancel;
        private final ReentrantLock reading = new ReentrantLock();
        private final Buffer raw = new Buffer();
        private final Buffer ascii = new Buffer();
        private volatile boolean ended;
        private volatile boolean closed;

        /**
         * @param cancel makes a read in progress fail, from any thread
         */
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
                        // A copy shares the segments of the original, and shared segments never return to the pool.
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
            var plain = copyPlain(sink);
            if (plain > 0) {
                raw.skip(plain);
                return;
            }
            for (var unit : Character.toChars(raw.readUtf8CodePoint())) {
                sink.writeUtf8("\\u%04x".formatted((int) unit));
            }
        }

        /**
         * Copies the ASCII characters at the beginning, as many as lie together. One by one they took 9 % of the CPU of a
         * bulk change of large statuses.
         *
         * @return how many; they are still in the buffer
         */
        private int copyPlain(Buffer sink) {
            try (var segment = raw.readUnsafe()) {
                var length = segment.next();
                var data = segment.data;
                var plain = 0;
                while (plain < length && data[segment.start + plain] >= 0) {
                    plain++;
                }
                if (plain > 0) {
                    sink.write(data, segment.start, plain);
                }
                return plain;
            }
        }

        /** The length in bytes of the character that begins with this byte. */
        private static int length(byte first) {
            return first >= 0
                    ? 1
                    : (first & 0xe0) == 0xc0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : (first & 0xf8) == 0xf0 ? 4 : 1;
        }
    }
}
