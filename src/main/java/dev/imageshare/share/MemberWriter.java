package dev.imageshare.share;

import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.reconcile.ParallelCalls;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries additions and removals out, several at a time. One refused member doesn't stop the others; what would refuse
 * them all does.
 */
final class MemberWriter {

    /** More than a second: MariaDB answers 500 to a second DELETE of one member within the same second. */
    static final Duration BETWEEN_DELETES = Duration.ofMillis(1_100);

    private static final int MAX_ROUNDS = 8;

    /** What tells nothing about the other members; what else fails for one would fail for each. */
    private static final Set<OpenStackException.Kind> OF_ONE = EnumSet.of(
            OpenStackException.Kind.BAD_REQUEST,
            OpenStackException.Kind.CONFLICT,
            OpenStackException.Kind.SERVER_ERROR,
            OpenStackException.Kind.MALFORMED_ANSWER,
            OpenStackException.Kind.ANSWER_TOO_LARGE,
            OpenStackException.Kind.OVERLOADED);

    /**
     * @param added the members as Glance answered, by project
     * @param failed what could not be added, and why, also where the quota's refusal of another says so; what else was not
     *     tried is in neither
     */
    record Additions(Map<String, Member> added, Map<String, OpenStackException> failed) {
        Set<String> failedWith(OpenStackException.Kind kind) {
            return failed.entrySet().stream()
                    .filter(e -> e.getValue().kind() == kind)
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /**
     * @param members the list after the removals; null if none was sent or the list failed
     * @param removed what was asked to go and is gone; where the list failed, what Glance said that it removed
     * @param failed what could not be removed, and why
     * @param remaining what is still there although Glance said that it removed it
     * @param unread why the list after the removals could not be read
     */
    record Removals(
            @Nullable List<Member> members,
            Set<String> removed,
            Map<String, OpenStackException> failed,
            Set<String> remaining,
            Optional<OpenStackException> unread) {}

    /**
     * What a removal needs at the time that it is sent, since wishes change while a pass works.
     *
     * @param confirmed asked before each round of removals
     * @param current asked before each removal; once it is false, none follows
     * @param wanted asked before each removal: whether somebody wants that member by now; then it isn't sent
     */
    record RemovalPermit(BooleanSupplier confirmed, BooleanSupplier current, Predicate<String> wanted) {}

    private final ParallelCalls calls;
    private final Consumer<Duration> pause;
    private final MemberQuota quota;

    /** @param quota what is known of it for the object */
    MemberWriter(MemberCalls calls, MemberQuota quota) {
        this.calls = calls.parallel();
        this.pause = calls.pause();
        this.quota = quota;
    }

    /**
     * Adds each project once, in order, while {@code current} holds; at the quota one at a time, and where it refused one, those
     * that follow it are refused too.
     *
     * @param present how many members the image has
     */
    Additions add(ImageClient client, String imageId, List<String> projects, int present, BooleanSupplier current) {
        var added = new ConcurrentSkipListMap<String, Member>();
        var failed = new TreeMap<String, OpenStackException>();
        var tried = 0;
        while (tried < projects.size() && tried == added.size() + failed.size() && areOfOne(failed.values())) {
            var end = Math.min(projects.size() - tried, quota.atOnce(present + added.size())) + tried;
            failed.putAll(calls.forEach(
                    projects.subList(tried, end),
                    OF_ONE,
                    current,
                    project -> added.put(project, client.createMember(imageId, project))));
            tried = end;
            quota.seen(present + added.size());
        }
        failed.values().stream()
                .filter(failure -> failure.kind() == OpenStackException.Kind.QUOTA_EXCEEDED)
                .findFirst()
                .ifPresent(refusal -> {
                    quota.refused(refusal, present + added.size());
                    projects.stream().filter(p -> !added.containsKey(p)).forEach(p -> failed.putIfAbsent(p, refusal));
                });
        return new Additions(added, failed);
    }

    private static boolean areOfOne(Collection<OpenStackException> failures) {
        return failures.stream().allMatch(failure -> OF_ONE.contains(failure.kind()));
    }

    /**
     * Removes the projects and reads the list until they are gone, since a 204 doesn't prove it: Glance can hold several
     * rows of one member, and a DELETE takes one. Ends early without leave.
     */
    Removals remove(ImageClient client, String imageId, Collection<String> projects, RemovalPermit leave) {
        var failed = new TreeMap<String, OpenStackException>();
        var asked = new TreeSet<String>();
        var remaining = new TreeSet<>(projects);
        List<Member> members = null;
        for (var round = 0; round < MAX_ROUNDS && !remaining.isEmpty(); round++) {
            if (round > 0) {
                pause.accept(BETWEEN_DELETES);
            }
            if (!leave.confirmed().getAsBoolean()) {
                break;
            }
            var sent = java.util.concurrent.ConcurrentHashMap.<String>newKeySet();
            // Gone, if the list agrees; else Glance doesn't find what it lists, and won't the next time.
            var notFound = new ConcurrentSkipListMap<String, OpenStackException>();
            failed.putAll(calls.forEach(List.copyOf(remaining), OF_ONE, leave.current(), project -> {
                if (leave.wanted().test(project)) {
                    return;
                }
                sent.add(project);
                try {
                    client.deleteMember(imageId, project);
                } catch (OpenStackException e) {
                    if (e.kind() != OpenStackException.Kind.NOT_FOUND) {
                        throw e;
                    }
                    notFound.put(project, e);
                }
            }));
            asked.addAll(sent);
            try {
                members = client.members(imageId);
            } catch (OpenStackException e) {
                asked.removeAll(failed.keySet());
                asked.removeAll(notFound.keySet());
                return new Removals(null, asked, failed, Set.of(), Optional.of(e));
            }
            failed.putAll(notFound);
            remaining.retainAll(sent);
            remaining.retainAll(projects(members));
            remaining.removeAll(failed.keySet());
        }
        var removed = new TreeSet<>(asked);
        if (members != null) {
            var present = projects(members);
            failed.keySet().retainAll(present);
            removed.removeAll(present);
        }
        return new Removals(members, removed, failed, remaining, Optional.empty());
    }

    static Set<String> projects(Collection<Member> members) {
        return members.stream().map(Member::projectId).collect(Collectors.toCollection(HashSet::new));
    }
}
