package dev.imageshare.membership;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The changes that bring an image's members in sync with a declaration, and those that need approval.
 *
 * @param add projects to add, in the order declared
 * @param remove members to remove now, sorted; none of them is declared
 * @param held members that would be removed but are held, sorted
 * @param holds why they are held; empty if none are
 * @param hash the value that approves exactly {@code held}; empty if none are held, or they can't be approved while a
 *     source is unresolved
 * @param approved those of {@code remove} that were approved, sorted; while a source is unresolved, of {@code held}
 * @param baseline how many present members the declaration may remove: the base of a percentage
 * @param limit how many removals the guard allows without approval
 * @param caseVariants present members that differ from a declared one only in case: never removed, since MariaDB treats
 *     both as one
 */
public record MembershipPlan(
        List<String> add,
        List<String> remove,
        List<String> held,
        Set<Hold> holds,
        String hash,
        List<String> approved,
        int baseline,
        int limit,
        List<String> caseVariants) {

    /** Why a removal is held. */
    public enum Hold {
        /** More than the guard's limit in one pass. */
        TOO_MANY,
        /** Not added by this object, which was never in sync with this image before. */
        NOT_ADOPTED,
        /** The image would be left without any member. */
        LEAVES_NONE,
        /** A source resolved to it before; the source changed, the declaration didn't. */
        SOURCE_CHANGED,
        /** Declared by another object that once had a claim to the image, and hasn't proven it for a long time. */
        CLAIM_UNPROVEN,
        /** Somebody else reverts the changes. */
        CONTENDED,
        /** A source can't be resolved now, and may stand for one of them. */
        UNRESOLVED
    }

    /** Whether the members are as declared: nothing to add, remove or hold. */
    public boolean isEmpty() {
        return add.isEmpty() && remove.isEmpty() && held.isEmpty();
    }

    /** Computes the plan. The same input gives the same plan, whatever the order of its sets. */
    public static MembershipPlan of(Desired desired, Observed observed, Guard guard, Memory memory) {
        var declared = new HashSet<>(desired.projects());
        var present = observed.members();

        var add = desired.projects().stream()
                .filter(p -> !p.equals(observed.owner()) && !present.contains(p))
                .toList();
        var foldedDeclared = declared.stream().map(MembershipPlan::folded).collect(Collectors.toSet());
        var caseVariants = sorted(present, p -> !declared.contains(p) && foldedDeclared.contains(folded(p)));

        Predicate<String> mayRemove = desired.policy() == Policy.AUTHORITATIVE ? p -> true : memory.added()::contains;
        var removable = (int) present.stream().filter(mayRemove).count();
        var candidates = sorted(
                present,
                p -> !declared.contains(p)
                        && mayRemove.test(p)
                        && !caseVariants.contains(p)
                        && !desired.kept().contains(p)
                        && !observed.declaredByOthers().contains(p));

        var baseline = Math.min(removable, memory.heldBaseline().orElse(Integer.MAX_VALUE));
        var limit = guard.maxRemovals().of(baseline);
        var kept = present.size()
                - candidates.size()
                + (int) add.stream()
                        .filter(p -> !observed.failedAdditions().contains(p))
                        .count();

        if (!desired.complete()) {
            return new MembershipPlan(
                    add,
                    List.of(),
                    candidates,
                    candidates.isEmpty() ? Set.of() : Set.of(Hold.UNRESOLVED),
                    "",
                    sorted(candidates, memory.approved()::contains),
                    baseline,
                    limit,
                    caseVariants);
        }
        var verdict = judge(candidates, memory.approved(), kept, limit, desired, observed, guard, memory);
        var hash = hash(desired, observed, guard, verdict.held);
        if (!verdict.held.isEmpty() && hash.equals(guard.approval()) && !guard.contended()) {
            var approved = new HashSet<>(memory.approved());
            approved.addAll(verdict.held);
            verdict = judge(candidates, approved, kept, limit, desired, observed, guard, memory);
            hash = hash(desired, observed, guard, verdict.held);
        }
        return new MembershipPlan(
                add,
                List.copyOf(verdict.remove),
                List.copyOf(verdict.held),
                Collections.unmodifiableSet(verdict.holds),
                hash,
                sorted(verdict.remove, verdict.approved::contains),
                baseline,
                limit,
                caseVariants);
    }

    private record Judgement(
            Collection<String> remove, Collection<String> held, Set<Hold> holds, Set<String> approved) {}

    private static Judgement judge(
            List<String> candidates,
            Set<String> approved,
            int kept,
            int limit,
            Desired desired,
            Observed observed,
            Guard guard,
            Memory memory) {
        var holds = new TreeSet<Hold>();
        if (guard.contended()) {
            if (!candidates.isEmpty()) {
                holds.add(Hold.CONTENDED);
            }
            return new Judgement(List.of(), candidates, holds, approved);
        }
        var remove = new TreeSet<>(candidates);
        var held = new TreeSet<String>();
        Predicate<String> isUnapproved = p -> !approved.contains(p);
        // Whoever set the expiry has approved it, but for no other source and no other object.
        var needsApproval = isUnapproved.and(p -> !memory.ended().contains(p));
        var isCounted = guard.maxRemovals().holdsAll()
                ? needsApproval
                : needsApproval.and(p -> !desired.released().contains(p));

        if (!memory.adopted()
                && move(remove, held, needsApproval.and(p -> !memory.added().contains(p)))) {
            holds.add(Hold.NOT_ADOPTED);
        }
        if (move(remove, held, isUnapproved.and(desired.changed()::contains))) {
            holds.add(Hold.SOURCE_CHANGED);
        }
        if (move(remove, held, isUnapproved.and(observed.declaredBySilent()::contains))) {
            holds.add(Hold.CLAIM_UNPROVEN);
        }
        if (remove.stream().filter(isCounted).count() > limit && move(remove, held, isCounted)) {
            holds.add(Hold.TOO_MANY);
        }
        if (kept + held.size() == 0 && move(remove, held, needsApproval)) {
            holds.add(Hold.LEAVES_NONE);
        }
        return new Judgement(remove, held, holds, approved);
    }

    private static boolean move(Set<String> from, Set<String> to, Predicate<String> which) {
        var moved = from.stream().filter(which).toList();
        moved.forEach(from::remove);
        to.addAll(moved);
        return !moved.isEmpty();
    }

    private static List<String> sorted(Collection<String> of, Predicate<String> which) {
        var chosen = new ArrayList<>(of.stream().filter(which).toList());
        Collections.sort(chosen);
        return List.copyOf(chosen);
    }

    private static String folded(String projectId) {
        return projectId.toLowerCase(Locale.ROOT);
    }

    /**
     * Identifies exactly these removals of one object, in one generation, from one image; and which of them are due to
     * a changed source, and which are declared by a silent object, so that an approval of one kind doesn't apply to
     * another. 16 hexadecimal digits: nobody can choose the input freely, so a collision would be accidental, and a
     * user has to copy it.
     */
    private static String hash(Desired desired, Observed observed, Guard guard, Collection<String> removals) {
        if (removals.isEmpty()) {
            return "";
        }
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            // Each part is prefixed with its length, so no two inputs give the same text, whatever Glance stored as a
            // member.
            var text = Stream.of(
                            Stream.of(guard.uid(), Long.toString(guard.generation()), observed.imageId()),
                            removals.stream(),
                            // An empty part can't be a member.
                            removals.stream()
                                    .filter(desired.changed()::contains)
                                    .flatMap(p -> Stream.of("", p)),
                            removals.stream()
                                    .filter(observed.declaredBySilent()::contains)
                                    .flatMap(p -> Stream.of("", "", p)))
                    .flatMap(parts -> parts)
                    .map(part -> part.length() + ":" + part)
                    .collect(Collectors.joining());
            digest.update(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
