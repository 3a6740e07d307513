package dev.imageshare.rotation;

import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.reconcile.Problem;

/** What became of an image that a complete list no longer shows. */
sealed interface ImageLookup {

    /** It was deleted, and its members went with it. */
    record Gone() implements ImageLookup {}

    /** It is there, as the image service shows it when it is asked for it. */
    record There(ImageDetails image) implements ImageLookup {}

    /** It can't be told. */
    record Untold(Problem why) implements ImageLookup {}
}
