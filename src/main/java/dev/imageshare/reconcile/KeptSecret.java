package dev.imageshare.reconcile;

import dev.imageshare.reconcile.CredentialSecrets.SecretKey;
import dev.imageshare.reconcile.SecretCredentials.CredentialsEntry;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Secret's content. It is read when first asked for, and again once the informer has told of a change.
 *
 * <p>An event can be older than what was read or patched meanwhile, and which is newer can't be told: resource versions may be
 * compared for equality only (Kubernetes' API conventions; client-go's MutationCache and the SDK's TemporaryResourceCache
 * compare them as numbers). So after an answer of the API server events are taken again once that of the answer's version
 * has come; one of another version makes what is known void, and it is read when it is next asked for. Calls are never made
 * with a lock that the informer waits for.
 */
final class KeptSecret {
    private static final Logger LOG = LoggerFactory.getLogger(KeptSecret.class);

    private final KubernetesClient client;
    private final SecretKey key;
    private final NamespaceBudget budget;
    private final Consumer<String> gone;

    /** Held while the API server is asked about this Secret, so that it is asked once; never by the informer. */
    private final ReentrantLock calls = new ReentrantLock();

    private boolean refusalTold;

    /** As last read, perhaps without its data; null: never read, or absent. */
    private @Nullable SecretContent content;

    /** Whether it is here as it was read; if not, it is read each time. */
    private boolean isComplete;

    /** Whether it was never read, or something else was heard of since. */
    private boolean isVoid = true;

    /** The version of the answer that it is from, as long as no event of that version has come; empty: not known. */
    private @Nullable String ahead;

    private long events;
    private @Nullable String lastVersion;
    private final Map<CredentialsEntry, Credentials> parsed = new HashMap<>();
    private long size;
    private boolean dropped;

    /**
     * @param budget of memory, by namespace
     * @param gone called with the UID of a Secret that went or was made anew
     */
    KeptSecret(KubernetesClient client, SecretKey key, NamespaceBudget budget, Consumer<String> gone) {
        this.client = client;
        this.key = key;
        this.budget = budget;
        this.gone = gone;
    }

    SecretKey key() {
        return key;
    }

    synchronized boolean isHeld() {
        return content != null && content.finalizers().contains(CredentialSecrets.FINALIZER);
    }

    synchronized boolean mayBeHeld() {
        return isVoid || isHeld();
    }

    synchronized void drop() {
        dropped = true;
        keep(null);
    }

    /** An event; says whether the content may be another one. */
    boolean seen(Secret event) {
        var told = SecretContent.of(event);
        String replaced = null;
        boolean differs;
        synchronized (this) {
            events++;
            lastVersion = told.version();
            if (told.version().equals(ahead)) {
                ahead = null;
                isVoid = false;
                return false;
            }
            differs = content == null || !content.hasContentOf(told);
            if (ahead != null) {
                isVoid = true;
            } else {
                replaced = take(told);
            }
        }
        reportGone(replaced);
        return differs;
    }

    /** An event of a Secret that is gone, as is what was known of it, unless that is of another one of the name. */
    void deleted(@Nullable String uid) {
        String known = null;
        synchronized (this) {
            events++;
            lastVersion = null;
            if (ahead == null || (content != null && content.uid().equals(uid))) {
                known = take(null);
                ahead = null;
            } else {
                isVoid = true;
            }
        }
        reportGone(known);
    }

    private void reportGone(@Nullable String uid) {
        if (uid != null) {
            gone.accept(uid);
        }
    }

    private @Nullable SecretContent current() {
        synchronized (this) {
            if (isComplete && !isVoid) {
                return content;
            }
        }
        calls.lock();
        try {
            long before;
            synchronized (this) {
                if (isComplete && !isVoid) {
                    return content;
                }
                before = events;
            }
            return answered(
                    client.secrets()
                            .inNamespace(key.namespace())
                            .withName(key.name())
                            .get(),
                    before,
                    null);
        } finally {
            calls.unlock();
        }
    }

    /**
     * Takes the API server's answer.
     *
     * @param before how many events there had been when it was asked: after one that came since, it needs not be the
     *     newer one of the two, unless that is of its version or of one that is known to be older
     * @param older the version that a patch was made for; null for a read
     */
    private @Nullable SecretContent answered(@Nullable Secret answer, long before, @Nullable String older) {
        var now = answer == null ? null : SecretContent.of(answer);
        String replaced = null;
        synchronized (this) {
            var isHeard = now != null && now.version().equals(lastVersion);
            if (events == before || isHeard || (older != null && older.equals(lastVersion))) {
                replaced = take(now);
                ahead = isHeard ? null : now == null ? "" : now.version();
            } else if (isComplete && !isVoid) {
                return content; // an event came that is taken
            }
        }
        reportGone(replaced);
        return now;
    }

    /** Gives the UID of the one that it was before, if that is another one. */
    private @Nullable String take(@Nullable SecretContent now) {
        var before = content == null ? null : content.uid();
        keep(now);
        isVoid = false;
        return before == null || (now != null && now.uid().equals(before)) ? null : before;
    }

    private void keep(@Nullable SecretContent now) {
        budget.giveBack(key.namespace(), size);
        size = 0;
        if (now == null || content == null || !content.hasContentOf(now)) {
            parsed.clear();
        }
        // The informer doesn't tell of other types, nor that one of them takes the place of what is absent.
        isComplete = now != null && !SecretContent.isOfOtherType(now.type()) && takes(now.size() * (1 + parsed.size()));
        if (!isComplete) {
            parsed.clear();
        }
        content = now == null || isComplete ? now : now.withoutData();
    }

    private boolean takes(long more) {
        if (dropped || !budget.take(key.namespace(), more)) {
            return false;
        }
        size += more;
        return true;
    }

    /**
     * Applies a JSON patch's operation, made for the Secret as it is; null for none. If the Secret turns out to have
     * changed, once more.
     */
    void patched(Function<SecretContent, @Nullable String> operation) {
        calls.lock();
        try {
            for (var tries = 1; ; tries++) {
                var current = current();
                var change = current == null ? null : operation.apply(current);
                if (current == null || change == null) {
                    return;
                }
                try {
                    patch(current, change);
                    refusalTold = false;
                    return;
                } catch (KubernetesClientException e) {
                    synchronized (this) {
                        isVoid = true;
                        ahead = "";
                    }
                    if (e.getCode() == 404) {
                        return;
                    }
                    if (e.getCode() == 403) {
                        reportRefusal();
                        return;
                    }
                    if (e.getCode() != 409 || tries > 1) {
                        throw e;
                    }
                }
            }
        } finally {
            calls.unlock();
        }
    }

    private void patch(SecretContent current, String change) {
        // Writing the old version makes a patch that is based on an older Secret a 409 instead of a lost finalizer.
        var lock =
                "{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":\"" + current.version() + "\"}";
        long before;
        synchronized (this) {
            before = events;
        }
        var answer = client.secrets()
                .inNamespace(key.namespace())
                .withName(key.name())
                .patch(PatchContext.of(PatchType.JSON), "[" + lock + "," + change + "]");
        if (answer != null) {
            var unused = answered(answer, before, current.version());
        }
    }

    /** It is tried again in each pass, since the right may be granted; told once is enough. */
    private void reportRefusal() {
        (refusalTold ? LOG.atDebug() : LOG.atWarn())
                .addKeyValue("namespace", key.namespace())
                .addKeyValue("secret", key.name())
                .log(
                        "The operator may not patch Secrets, so this one can be deleted while it is needed: grant the right, or turn"
                                + " --secret-finalizers off");
        refusalTold = true;
    }

    /**
     * What an entry of its clouds.yaml says.
     *
     * @throws ProblemException if there is no such Secret, or it is of no use
     */
    Credentials credentials(CredentialsEntry entry) {
        var current = current();
        synchronized (this) {
            var known = current != null && current.equals(content) ? parsed.get(entry) : null;
            if (known != null) {
                return known;
            }
        }
        var credentials = SecretCredentials.of(key, current, entry);
        synchronized (this) {
            if (isComplete && current != null && current.equals(content) && takes(current.size())) {
                parsed.put(entry, credentials);
            }
        }
        return credentials;
    }
}
