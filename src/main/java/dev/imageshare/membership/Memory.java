package dev.imageshare.membership;

import java.util.OptionalInt;
import java.util.Set;

/**
 * What earlier passes leave behind in the object's status. All of it lost means: everything present is foreign, and
 * nothing is removed.
 *
 * @param adopted whether the members were once as declared, for this image
 * @param added members that this object made members
 * @param approved removals that a person approved for this generation and image, and that are not done yet
 * @param ended members that were declared until a time that has come, as a pass saw before it came: their removal needs no
 *     approval
 * @param heldBaseline while removals are held: how many removable members there were when they were first held. Members that
 *     are added meanwhile must not dilute the percentage and so release them.
 */
public record Memory(
        boolean adopted, Set<String> added, Set<String> approved, Set<String> ended, OptionalInt heldBaseline) {

    public static final Memory NONE = new Memory(false, Set.of(), Set.of(), Set.of(), OptionalInt.empty());

    public Memory {
        added = Set.copyOf(added);
        approved = Set.copyOf(approved);
        ended = Set.copyOf(ended);
    }
}
