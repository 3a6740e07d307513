package dev.imageshare.embedded;

import org.jspecify.annotations.Nullable;

/** Looks at each call before the service does, and may spoil it. Called by many threads. */
@FunctionalInterface
public interface Interceptor {
    /**
     * @param path as sent, without the query
     * @return what goes wrong; null: nothing
     */
    @Nullable
    Fault before(String method, String path) throws Exception;
}
