package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When members were added and began to be pending, by what the status before says. Glance doesn't tell: a member that is
 * added again has its first {@code created_at}. Of what was so before anybody looked nothing is said, so that a status that
 * an older version wrote stays as it is.
 */
final class MemberBeginnings {

    private final Map<String, MemberInfo> before = new HashMap<>();
    private final boolean isFirst;
    private final Instant now;

    /** Later than any that is known, so that who has seen those can tell these apart; null until one is needed. */
    private @Nullable String stamp;

    /** @param members those of the status before, of the same image; null if there is none */
    MemberBeginnings(@Nullable List<MemberInfo> members, Instant now) {
        isFirst = members == null;
        if (members != null) {
            members.forEach(member -> before.put(member.projectID(), member));
        }
        this.now = now;
    }

    /** When this object made the project a member; null if it didn't, or that isn't known. */
    @Nullable
    String addedAt(String project, boolean added) {
        var was = before.get(project);
        if (was != null && was.status() != null) {
            return was.addedAt();
        }
        return added ? stamp() : null;
    }

    /** Since when the project, a member now, is pending; null if it isn't, or that isn't known. */
    @Nullable
    String pendingSince(String project, MemberAnswer status, boolean added) {
        if (status != MemberAnswer.pending) {
            return null;
        }
        var was = before.get(project);
        if (was != null && was.status() == MemberAnswer.pending) {
            return was.pendingSince();
        }
        return isFirst && !added ? null : stamp();
    }

    private String stamp() {
        if (stamp == null) {
            var floor = before.values().stream()
                    .flatMap(member -> Stream.of(member.addedAt(), member.pendingSince()))
                    .flatMap(MemberBeginnings::time)
                    .max(Instant::compareTo)
                    .map(last -> last.plusMillis(1))
                    .orElse(now);
            stamp = (now.isBefore(floor) ? floor : now)
                    .truncatedTo(ChronoUnit.MILLIS)
                    .toString();
        }
        return stamp;
    }

    /** Of a status that somebody else wrote anything can be in there. */
    private static Stream<Instant> time(@Nullable String text) {
        if (text == null) {
            return Stream.empty();
        }
        try {
            return Stream.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Stream.empty();
        }
    }
}
