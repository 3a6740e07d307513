package dev.imageshare.membership;

import java.util.OptionalInt;
import java.util.Set;

/**
 * State that earlier passes recorded in the object's status. If all of it is lost, everything present was added by
 * others, and nothing is removed.
 *
 * @param adopted whether the members of this image were ever as declared
 * @param added members that this object added
 * @param approved removals that were approved for this generation and image, and aren't done yet
 * @param ended members that were declared until a time that has passed, and that a pass saw before it passed: their
 *     removal needs no approval
 * @param heldBaseline while removals are held: how many removable members there were when they were first held. Members
 *     that are added meanwhile must not dilute the percentage and so release them.
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
