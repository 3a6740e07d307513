package dev.imageshare.site;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.reconcile.FieldRules;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** The projects that an ImageShare declares, as far as its spec and its status tell. */
public final class DeclaredProjects {

    private DeclaredProjects() {}

    /**
     * What the spec names by ID, and what the status says of all its sources; the status wins, since the operator judges
     * whether a time has come.
     *
     * @param now from the second on that {@code expiresAt} names, a member of the spec is no longer declared
     */
    public static Set<String> of(ImageShare share, Instant now) {
        var all = new HashSet<String>();
        var spec = share.getSpec();
        if (spec != null && spec.members() != null) {
            for (var member : spec.members()) {
                if (member.projectID() != null && !isOver(member, now)) {
                    all.add(member.projectID());
                }
            }
        }
        var status = share.getStatus();
        if (status != null && status.members() != null) {
            for (var member : status.members()) {
                if (member.declared()) {
                    all.add(member.projectID());
                } else if (member.expiresAt() != null) {
                    all.remove(member.projectID()); // its time has come by the operator's clock
                }
            }
        }
        return all;
    }

    private static boolean isOver(DeclaredMember member, Instant now) {
        return member.expiresAt() != null
                && FieldRules.time(member.expiresAt())
                        .filter(end -> !end.isAfter(now))
                        .isPresent();
    }
}
