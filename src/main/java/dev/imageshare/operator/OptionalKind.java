package dev.imageshare.operator;

import dev.imageshare.operator.StartCheck.Right;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The kinds that are looked after only where the API server serves them when the process starts. Without its CRD nothing of a
 * kind is loaded, read or watched, and no right is needed for it. This is the one list of them.
 */
public enum OptionalKind {
    ProjectSet("projectsets", "project-sets", new Right("get", "projectsets", ServedKinds.GROUP)) {
        @Override
        OptionalController<?> controller(Wiring wiring) {
            return ProjectSetController.of(wiring);
        }
    },
    ImageNotifier("imagenotifiers", "image-notifiers") {
        @Override
        OptionalController<?> controller(Wiring wiring) {
            return ImageNotifierController.of(wiring);
        }
    };

    private final String plural;
    private final String component;

    @SuppressWarnings("ImmutableEnumChecker") // List.of gives one that can't be changed
    private final List<Right> more;

    /**
     * @param component the folder of {@code deploy/components} that installs its CRD and grants its rights
     * @param more the rights that it needs to work, besides those to list and watch it and to patch its status
     */
    OptionalKind(String plural, String component, Right... more) {
        this.plural = plural;
        this.component = component;
        this.more = List.of(more);
    }

    /** Makes what looks after the objects of this kind; only then its classes are loaded. */
    abstract OptionalController<?> controller(Wiring wiring);

    /** Those of which the API server serves the resources with these names. */
    static Set<OptionalKind> among(Collection<String> plurals) {
        return Stream.of(values())
                .filter(kind -> plurals.contains(kind.plural))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(OptionalKind.class)));
    }

    /** What is read at the start and followed from then on. */
    List<Right> toStart() {
        return List.of(new Right("list", plural, ServedKinds.GROUP), new Right("watch", plural, ServedKinds.GROUP));
    }

    /** What is needed later. */
    List<Right> toWork() {
        var rights = new ArrayList<>(List.of(new Right("patch", plural + "/status", ServedKinds.GROUP)));
        rights.addAll(more);
        return rights;
    }

    /** Where its CRD and rights are. */
    String component() {
        return "deploy/components/" + component;
    }
}
