package dev.imageshare.openstack;

import java.time.Instant;

/**
 * One row of an image's member list.
 *
 * @param projectId the member as Glance stores it: any text of 1 to 255 characters, not necessarily a project's ID
 * @param status the member's own answer
 * @param createdAt when it was first added; a member that was removed and added again keeps its first time
 * @param updatedAt when it was added or answered last
 */
public record Member(String projectId, MemberStatus status, Instant createdAt, Instant updatedAt) {}
