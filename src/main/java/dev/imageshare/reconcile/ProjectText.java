package dev.imageshare.reconcile;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How messages, events and statuses name a project. */
public final class ProjectText {

    /** Characters; Keystone's limit. */
    public static final int MAX_NAME = 64;

    private ProjectText() {}

    /** The project's ID, followed by its name if it is known. */
    public static String of(String id, @Nullable String name) {
        return name == null || name.indexOf('@') >= 0 // some clouds name projects after a person's e-mail address
                ? id
                : id + " \"" + FieldRules.clipped(name, MAX_NAME) + "\"";
    }

    /** As {@link #of(String, String)}, with the name that is known of it, if any. */
    public static String of(String id, Map<String, String> names) {
        return of(id, names.get(id));
    }
}
