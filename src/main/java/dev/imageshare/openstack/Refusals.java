package dev.imageshare.openstack;

import dev.imageshare.openstack.OpenStackException.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The logins of one namespace that failed and would fail again, each until its pause is over. They are kept separately
 * from sessions, which may be dropped at any time: a Keystone can be configured to lock an account after some refused
 * logins. None is dropped early to make room for another, so a namespace with very many of them sends no new logins
 * until one expires.
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
     * Identifies a login: a corrected entry is another login, and the same login in another entry is the same.
     *
     * @param ownerUid a Secret's UID
     * @param content a hash of its target and content, since that contains a password
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

        /** The same login, for one purpose. */
        RefusedLogin forPurpose(Purpose purpose) {
            return new RefusedLogin(
                    ownerUid, ByteString.encodeUtf8(content.hex() + purpose).sha256());
        }

        @Override
        public String toString() {
            return "Login[" + ownerUid + "]";
        }
    }

    /**
     * @param over by the monotonic clock
     */
    private record Refusal(OpenStackException failure, long over) {}

    /**
     * Throws the failure with which the login was refused, or RATE_LIMITED if there are too many refusals to risk
     * another.
     */
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
                            + " entries in this namespace, and none is retried within ten minutes; correct or delete"
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

    /** The owner is gone, so none of its logins can come any more. */
    synchronized void forget(String ownerUid) {
        running.keySet().removeIf(login -> login.ownerUid().equals(ownerUid));
    }

    synchronized boolean isEmpty() {
        return running.isEmpty();
    }

    /** How long the same login would fail again after a failure of this kind; null if it may not. */
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
