package dev.imageshare.share;

import dev.imageshare.reconcile.PassAbandonedException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One pass an image at a time, since equal POSTs from two places at once can make two rows of one member. Objects of other
 * namespaces are kept out only of the same cloud's image: a cloud that claims another's image keeps nobody waiting.
 */
final class ImageLocks {

    /** Ends a pass that finds the image taken. */
    static final class BusyException extends PassAbandonedException {
        BusyException() {
            super("another object of the same image is being worked on");
        }
    }

    /** The UID of the object whose pass has the image, by {@link CloudImage} and by {@link NamespacedImage}. */
    private final Map<Object, String> holders = new ConcurrentHashMap<>();

    /**
     * Takes the image for one pass.
     *
     * @throws BusyException if another object's pass has it; then nothing more is taken
     */
    void enter(String uid, String namespace, CloudImage image) {
        take(uid, image);
        take(uid, new NamespacedImage(namespace, image.image()));
    }

    private void take(String uid, Object image) {
        var holder = holders.putIfAbsent(image, uid);
        if (holder != null && !holder.equals(uid)) {
            throw new BusyException();
        }
    }

    /** The object's pass has ended. */
    void leave(String uid) {
        holders.values().removeIf(uid::equals);
    }
}
