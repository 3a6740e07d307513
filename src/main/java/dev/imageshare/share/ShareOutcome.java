package dev.imageshare.share;

import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.openstack.Member;
import dev.imageshare.reconcile.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a pass has found and done so far; a pass that ends early leaves the rest unknown. */
final class ShareOutcome {

    /** The image, proven to be owned; null if this pass didn't get that far. */
    @Nullable
    ImageInfo image;

    /** The members as last listed in this pass, one entry a project; null if there was no good list. */
    @Nullable
    List<Member> members;

    /** What is declared; null if no reference was looked at. */
    @Nullable
    Declaration declaration;

    /** What is left to do, computed for {@link #members}. */
    @Nullable
    MembershipPlan plan;

    /** Members that this object made members, present ones and those whose addition may have taken effect. */
    Set<String> added = new TreeSet<>();

    /** Whether the members are, or once were, as declared for this image. */
    boolean adopted;

    /** What keeps the object from being Ready; none: it is. */
    final List<Problem> problems = new ArrayList<>();

    /** What Ready's message tells besides. */
    final List<String> notes = new ArrayList<>();

    /** Declared projects that don't look like IDs. */
    final List<String> suspectNames = new ArrayList<>();

    /** Declared members that were there when the status was written, and are gone. */
    final List<String> missing = new ArrayList<>();

    /** Undeclared members that have come since the status was written. */
    final List<String> foreign = new ArrayList<>();

    final Set<String> addedNow = new TreeSet<>();
    final Set<String> removedNow = new TreeSet<>();
}
