package dev.imageshare.openstack;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * One row of an image's member list.
 *
 * @param projectId the member as Glance stores it: any text of 1 to 255 characters, not necessarily a project's ID
 * @param status the member's answer
 * @param createdAt when it was first added, as RFC 3339 in UTC; a member that was removed and added again keeps its first
 *     time
 * @param updatedAt when it was added or answered last, as RFC 3339 in UTC
 */
public record Member(String projectId, MemberStatus status, String createdAt, String updatedAt) {

    /** One entry per project: Glance can list one twice. An answer takes precedence over a pending row. */
    public static List<Member> distinct(List<Member> rows) {
        var byProject = new LinkedHashMap<String, Member>();
        for (var row : rows) {
            byProject.merge(
                    row.projectId,
                    row,
                    (a, b) -> a.status != b.status
                            ? (rank(a) >= rank(b) ? a : b)
                            : (Instant.parse(a.updatedAt).isBefore(Instant.parse(b.updatedAt)) ? b : a));
        }
        return List.copyOf(byProject.values());
    }

    private static int rank(Member member) {
        return switch (member.status) {
            case accepted -> 2;
            case rejected -> 1;
            case pending -> 0;
        };
    }
}
