package dev.imageshare.site;

import dev.imageshare.api.v1alpha1.MemberAnswer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One project's membership of one image.
 *
 * @param answer what the project's lists show, not what it may boot; null while it is declared, and no member yet
 * @param since when the answer was given, or for a pending one when the project became a member; RFC 3339
 * @param declaredBy the ImageShares that name it, as {@code namespace/name}; null if no cluster was asked
 * @param held whether its removal waits for a person's approval
 * @param expiresAt until when it is declared, RFC 3339; null: for good, or by nobody
 * @param gone whether Keystone says that it doesn't have the project
 */
public record SiteMember(
        String project,
        @Nullable MemberAnswer answer,
        @Nullable String since,
        @Nullable List<String> declaredBy,
        boolean held,
        @Nullable String expiresAt,
        boolean gone) {

    public SiteMember {
        declaredBy = declaredBy == null ? null : List.copyOf(declaredBy);
    }

    public boolean isMember() {
        return answer != null;
    }

    public boolean isPending() {
        return answer == MemberAnswer.pending;
    }

    /** A member that no ImageShare names, where that is known. */
    public boolean isUndeclared() {
        return answer != null && declaredBy != null && declaredBy.isEmpty();
    }
}
