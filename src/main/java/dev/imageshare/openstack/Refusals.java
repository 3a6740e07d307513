package dev.imageshare.openstack;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The logins of one namespace that failed and would fail again, each until its rest is over. They are kept apart from
 * sessions, which may be dropped at any time: a Keystone can be set to lock an account after some refused logins. None is
 * forgotten before its time to make room for another, so a namespace that has very many logs in nowhere anew until one ends.
 */
final class Refusals {
    static final int MAX = 256;

    /** For the messages of refused logins. */
    static final String WHEN_AGAIN = "; it is not sent again until the entry changes, or for ten minutes";

    private final LongSupplier nanoTime;
    private final Map<RefusedLogin, Refusal> running = new HashMap<>();

    /** @param nanoTime a monotonic clock, as {@link System#nanoTime()} */
    Refusals(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Whose login, and which: a corrected entry is another login, and the same one under another entry's name is not.
     *
     * @param ownerUid a Secret's UID
     * @param content a hash of where it is sent and what, since that holds a password
     */
    record RefusedLogin(String ownerUid, ByteString content) {
        static RefusedLogin of(String ownerUid, CloudConfig config) {
            return new RefusedLogin(
                    ownerUid,
                    ByteString.encodeUtf8(config.login().fingerprint() + "\n"
                                    + (config.certificate() == null
                                            ? ""
                                            : config.certificate().fingerprint()))
                            .sha256());
        }

        /** The same login, as far as one purpose goes. */
        RefusedLogin forPurpose(Purpose purpose) {
            return new RefusedLogin(
                    ownerUid, ByteString.encodeUtf8(content.hex() + purpose).sha256());
        }

        @Override
        public String toString() {
            return "Login[" + ownerUid + "]";
        }
    }

    /** @param over of the monotonic clock */
    private record Refusal(OpenStackException failure, long over) {}

    /** Throws what the login was refused with, or RATE_LIMITED if there are too many refusals to risk one more. */
    synchronized void check(RefusedLogin login) {
        long now = nanoTime.getAsLong();
        running.values().removeIf(each -> now - each.over() >= 0);
        Refusal refusal = running.get(login);
        if (refusal != null) {
            throw refusal.failure();
        }
        if (running.size() >= MAX) {
            long first = running.values().stream()
                    .mapToLong(each -> each.over() - now)
                    .min()
                    .orElse(0);
            throw new OpenStackException(
                    Kind.RATE_LIMITED,
                    "no login was sent: Keystone has refused the logins of " + MAX
                            + " entries of this namespace, and none is tried again within ten minutes; correct or delete"
                            + " those Secrets",
                    0,
                    null,
                    Duration.ofNanos(first),
                    false);
        }
    }

    synchronized void add(RefusedLogin login, OpenStackException failure, Duration rest) {
        running.put(login, new Refusal(failure, nanoTime.getAsLong() + rest.toNanos()));
    }

    /** The owner is gone, and no login of its can come any more. */
    synchronized void forget(String ownerUid) {
        running.keySet().removeIf(login -> login.ownerUid().equals(ownerUid));
    }

    synchronized boolean isEmpty() {
        return running.isEmpty();
    }

    /** What a failure of this kind means for the same login: how long it would fail again; null if it may not. */
    static @Nullable Duration rest(OpenStackException failure) {
        return switch (failure.kind()) {
            case LOGIN_REFUSED -> Duration.ofMinutes(10);
            case INVALID_CONFIG, NOT_SCOPED, NO_IMAGE_SERVICE -> Duration.ofMinutes(1);
            case RATE_LIMITED ->
                failure.retryAfter().filter(wait -> !wait.isZero()).orElse(null);
            default -> null;
        };
    }
}
