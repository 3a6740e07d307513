package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShareStatus.FollowedSet;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One place in which a spec names projects, and what it stands for now: the spec's own members, or an object that the spec
 * refers to. Pure.
 *
 * @param name as {@code status.members[].sources} has it: {@link #SPEC_MEMBERS}, or the kind and name of the object
 * @param wants the projects that it names, in the order in which they are to be added, as far as they are known
 * @param before the projects that it named at an earlier pass, by the status, whether it still does or not
 * @param kept those of {@code before} that were declared when the status was written, while {@code gap} is set: they stay
 *     as they are
 * @param changes what becomes of those that it no longer names
 * @param released those that it no longer names, and whose leaving a guard of its own has judged already
 * @param set which ProjectSet it is, or was when it could last be told; null for another source
 * @param gap why it can't be told what it stands for; null if it can
 */
record Source(
        String name,
        List<Wish> wants,
        Set<String> before,
        Set<String> kept,
        Changes changes,
        Set<String> released,
        @Nullable SetIdentity set,
        @Nullable Gap gap) {

    /**
     * A project that is named.
     *
     * @param until when it is no longer; null: for good
     */
    record Wish(String project, @Nullable Instant until) {
        static Wish forGood(String project) {
            return new Wish(project, null);
        }
    }

    static final String SPEC_MEMBERS = "spec.members";

    /** What becomes of the projects that a source names no longer, while the spec still names the source. */
    enum Changes {
        /** Their removal is like any other. */
        REMOVE,
        /** Nobody edited a declaration, so it is held until a person approves it. */
        HOLD
    }

    /**
     * Which ProjectSet a source is.
     *
     * @param cloud the Keystone that its projects are of; null if they may be of any, or it can't be told
     */
    record SetIdentity(FollowedSet set, @Nullable String cloud) {}

    /**
     * Why it can't be told what a source stands for.
     *
     * @param kind what the source is, for people, such as {@code ORC Project}
     * @param name the object's name
     * @param cause gaps of one kind and cause are told together, in the words of the first
     * @param because what is wrong and what to do
     * @param isUnknown whether the source isn't known to have stood for anything
     */
    record Gap(String kind, String name, String cause, String because, boolean isUnknown) {}

    Source {
        wants = List.copyOf(wants);
        before = Set.copyOf(before);
        kept = Set.copyOf(kept);
        released = Set.copyOf(released);
    }

    /** What the spec names by its own members. */
    static Source specMembers(List<Wish> members) {
        return new Source(SPEC_MEMBERS, members, Set.of(), Set.of(), Changes.REMOVE, Set.of(), null, null);
    }
}
