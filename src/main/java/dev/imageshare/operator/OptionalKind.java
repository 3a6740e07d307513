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
 * The kinds that are reconciled only if the API server serves them when the process starts. Without its CRD nothing of
 * a kind is loaded, read or watched, and no permission is needed for it. This is the only list of them.
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
    },
    ImageShareSet(
            "imagesharesets",
            "image-share-sets",
            new Right("get", "imagesharesets", ServedKinds.GROUP),
            new Right("create", "imageshares", ServedKinds.GROUP),
            new Right("delete", "imageshares", ServedKinds.GROUP),
            new Right("update", "imagesharesets/finalizers", ServedKinds.GROUP)) {
        @Override
        OptionalController<?> controller(Wiring wiring) {
            return ImageShareSetController.of(wiring);
        }
    },
    /** With ImageAccessDecision; of use with ProjectSet only, which comes before it in this list. */
    ImageAccessRequest("imageaccessrequests", "access-requests") {
        @Override
        OptionalController<?> controller(Wiring wiring) {
            return ImageAccessRequestController.of(wiring);
        }

        @Override
        List<Right> toStart(boolean everywhere) {
            var rights = new ArrayList<>(super.toStart(everywhere));
            rights.add(new Right("list", "imageaccessdecisions", ServedKinds.GROUP));
            rights.add(new Right("watch", "imageaccessdecisions", ServedKinds.GROUP));
            if (everywhere) {
                rights.add(new Right("list", "namespaces", ""));
                rights.add(new Right("watch", "namespaces", ""));
            }
            return rights;
        }
    };

    private final String plural;
    private final String component;

    @SuppressWarnings("ImmutableEnumChecker") // List.of returns an immutable one
    private final List<Right> more;

    /**
     * @param component the folder in {@code deploy/components} that installs its CRD and grants its permissions
     * @param more the permissions that it needs, besides listing and watching it and patching its status
     */
    OptionalKind(String plural, String component, Right... more) {
        this.plural = plural;
        this.component = component;
        this.more = List.of(more);
    }

    /** Creates the controller of this kind; its classes are only loaded then. */
    abstract OptionalController<?> controller(Wiring wiring);

    /** Those whose resources the API server serves under these names. */
    static Set<OptionalKind> among(Collection<String> plurals) {
        return Stream.of(values())
                .filter(kind -> plurals.contains(kind.plural))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(OptionalKind.class)));
    }

    /**
     * What is listed at startup and watched from then on.
     *
     * @param everywhere whether the operator works in all namespaces
     */
    List<Right> toStart(boolean everywhere) {
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
