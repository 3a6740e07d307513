package dev.imageshare.scenarios;

import dev.imageshare.operator.OptionalKind;
import java.nio.file.Path;

/** Where the parts of optional kinds are. */
final class OptionalFolders {

    private OptionalFolders() {}

    private static String name(OptionalKind kind) {
        return switch (kind) {
            case ProjectSet -> "project-sets";
            case ImageNotifier -> "image-notifiers";
            case ImageShareSet -> "image-share-sets";
            case ImageAccessRequest -> "access-requests";
        };
    }

    /** The folder of the kind's CRD. */
    static Path crd(OptionalKind kind) {
        return Path.of("crds", name(kind));
    }

    /** The component that grants the rights for it. */
    static Path component(OptionalKind kind) {
        return Path.of("deploy/components", name(kind));
    }
}
