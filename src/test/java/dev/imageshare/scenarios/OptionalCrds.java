package dev.imageshare.scenarios;

import dev.imageshare.operator.OptionalKind;
import java.nio.file.Path;

/** Where the CRDs of optional kinds are. */
final class OptionalCrds {

    private OptionalCrds() {}

    /** The folder of one kind's CRD. */
    static Path of(OptionalKind kind) {
        return switch (kind) {
            case ProjectSet -> Path.of("crds/project-sets");
            case ImageNotifier -> Path.of("crds/image-notifiers");
        };
    }
}
