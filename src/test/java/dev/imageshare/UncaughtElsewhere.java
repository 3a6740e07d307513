package dev.imageshare;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Awaitility fails whoever waits when any thread of the process has an uncaught exception. Test classes run beside each
 * other, and OkHttp can throw one while a client with a watch is closed, so that would blame tests for others' threads.
 */
public final class UncaughtElsewhere implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
    }
}
