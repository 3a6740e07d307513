package dev.imageshare.operator;

import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import java.io.IOException;
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
                        Okio.buffer(new Escaped(body.source())), body.contentType(), body.contentLength()))
                .build();
    }

    /** JSON of which every letter is ASCII; beyond that there is nothing in JSON but inside of strings. */
    static final class Escaped extends ForwardingSource {
        private final Buffer raw = new Buffer();

        Escaped(Source json) {
            super(json);
        }

        @Override
        public long read(Buffer sink, long byteCount) throws IOException {
            while (super.read(raw, byteCount) >= 0) {
                var before = sink.size();
                while (!raw.exhausted() && raw.size() >= length(raw.getByte(0))) {
                    escape(sink);
                }
                if (sink.size() > before) {
                    return sink.size() - before;
                }
            }
            return -1;
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
