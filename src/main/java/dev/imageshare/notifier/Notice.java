package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something to tell a project.
 *
 * @param event what happened
 * @param audience the ID of the project that is told
 * @param project the ID of the project that it is about; the image's owner for RemovalHeld
 * @param share the ImageShare
 * @param occurrence what tells it from others of its kind about the same image and project; taken from the status, so that it
 *     is the same whenever it is told
 * @param answer the project's answer; null if there is none
 * @param number a reminder's, from 1; or how many removals are held; else 0
 */
record Notice(
        NoticeType event,
        String audience,
        String project,
        SharedImage share,
        String occurrence,
        @Nullable MemberAnswer answer,
        int number) {

    private static final int ID_BYTES = 8;

    static Notice toConsumer(NoticeType event, SharedImage share, MemberInfo member, String occurrence, int number) {
        return new Notice(event, member.projectID(), member.projectID(), share, occurrence, member.status(), number);
    }

    static Notice toOwner(
            NoticeType event,
            SharedImage share,
            String project,
            String occurrence,
            @Nullable MemberAnswer answer,
            int number) {
        var owner = Objects.requireNonNull(share.image()).owner();
        return new Notice(event, owner, project, share, occurrence, answer, number);
    }

    ImageInfo image() {
        return Objects.requireNonNull(share.image());
    }

    /** When the project's access ends, if it does. */
    Optional<Instant> end() {
        return Optional.ofNullable(share.ends().get(project));
    }

    /** The same whenever, and however often, it is told; 16 hexadecimal digits. */
    String id() {
        var of = String.join("\n", image().region(), image().id(), project, event.name(), occurrence);
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(of.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
