package dev.imageshare.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What applying the objects would do. As JSON it is printed by {@code plan --output json}, so fields are only ever
 * added.
 *
 * @param summary the counts
 * @param sets one entry per ProjectSet that the files add or change, by namespace and name
 * @param objects one entry per ImageShare or ImageAcceptance that could be read, by namespace, name and kind
 * @param faults the errors in the files
 * @param skipped what was skipped in the files
 * @param notInFiles objects in the cluster that aren't in the files, by kind, namespace and name; empty if the
 *     cluster's state isn't known
 * @param notes notes about the whole plan
 */
@JsonPropertyOrder({"summary", "sets", "objects", "faults", "skipped", "notInFiles", "notes"})
record Plan(
        PlanCounts summary,
        List<PlannedSet> sets,
        List<PlannedObject> objects,
        List<FileFault> faults,
        Skipped skipped,
        List<String> notInFiles,
        List<String> notes) {

    /**
     * Counts over all objects.
     *
     * @param objects how many objects of our kinds the files have
     * @param add members to add
     * @param remove members to remove
     * @param held members, and projects of sets, whose removal waits for approval
     * @param answer images to answer
     * @param errors objects that can't be planned, or would not become Ready, and files that can't be read
     * @param unresolved objects with references that only the cluster can resolve
     * @param unreadable files that can't be read
     * @param dependOnCluster how many of the changes depend on the cluster's state
     */
    record PlanCounts(
            int objects,
            int add,
            int remove,
            int held,
            int answer,
            int errors,
            int unresolved,
            int unreadable,
            int dependOnCluster) {}

    /** The kind of a change. */
    enum Action {
        add,
        remove,
        hold,
        answer
    }

    /**
     * One change.
     *
     * @param project the member; null for an answer
     * @param projectName what people call it, by the ProjectSets of the namespace; null if they don't say it
     * @param image the image that is answered; null for a member
     * @param from the member's current answer; null for one to add
     * @param to the answer to set; null for a member
     * @param reason why it is held, or what it means
     * @param dependsOnCluster true if it depends on the cluster's state, which isn't known, as the reason says;
     *     otherwise null
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Change(
            Action action,
            @Nullable String project,
            @Nullable String projectName,
            @Nullable String image,
            @Nullable String imageName,
            @Nullable String from,
            @Nullable String to,
            @Nullable String reason,
            @Nullable Boolean dependsOnCluster) {

        Change withName(@Nullable String name) {
            return new Change(action, project, name, image, imageName, from, to, reason, dependsOnCluster);
        }

        Change dependingOnCluster(String why) {
            return new Change(action, project, projectName, image, imageName, from, to, why, true);
        }
    }

    /**
     * Why an object would not become Ready.
     *
     * @param reason as in the Ready condition
     */
    record Trouble(String reason, String message) {}

    /**
     * One object.
     *
     * @param managed false: none of the changes would be made
     * @param suspended whether that is only until {@code spec.suspend} is false again
     * @param firstPass whether the object has no status, or none that is known
     * @param image null if it wasn't found
     * @param project of an ImageAcceptance: the project that answers
     * @param approval the annotation's value that approves what is held, if it is known
     * @param inOrder how many members or answers are as declared already
     * @param whole false: it has references that only the cluster can resolve
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PlannedObject(
            String kind,
            String namespace,
            String name,
            String file,
            int line,
            String cloud,
            boolean managed,
            boolean suspended,
            boolean firstPass,
            @Nullable ImageInfo image,
            @Nullable String project,
            @Nullable String approval,
            int inOrder,
            boolean whole,
            List<Change> changes,
            List<Trouble> problems,
            List<String> notes) {

        long count(Action action) {
            return managed ? changes.stream().filter(c -> c.action() == action).count() : 0;
        }

        long countDependent() {
            return managed
                    ? changes.stream().filter(c -> c.dependsOnCluster() != null).count()
                    : 0;
        }
    }

    /**
     * Who would join or leave a set.
     *
     * @param action add, remove or hold
     * @param projectName what people call it; null if nobody says it
     * @param reason why it is held, or what it means
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SetChange(
            Action action,
            String project,
            @Nullable String projectName,
            @Nullable String reason) {}

    /**
     * One ProjectSet. Its changes write nothing to OpenStack by themselves.
     *
     * @param projects how many are in the set then
     * @param complete whether all that it names could be read; else nobody leaves by it
     * @param suspended whether nobody joins or leaves until {@code spec.suspend} is false again
     */
    record PlannedSet(
            String namespace,
            String name,
            String file,
            int line,
            int projects,
            boolean complete,
            boolean suspended,
            List<SetChange> changes,
            List<Trouble> problems,
            List<String> notes) {

        private int held() {
            return (int) changes.stream().filter(c -> c.action() == Action.hold).count();
        }
    }

    /** An error in a file. */
    record FileFault(String file, int line, String object, String message) {}

    /**
     * What was skipped.
     *
     * @param otherKinds how many objects of other kinds
     * @param templates files that another tool has to process first, which can't be read
     * @param otherEncodings files without objects of our kinds that are neither UTF-8 nor UTF-16
     */
    record Skipped(int otherKinds, List<String> templates, List<String> otherEncodings) {}

    static Plan of(
            Manifests manifests,
            List<PlannedSet> sets,
            List<PlannedObject> objects,
            List<String> notInFiles,
            List<String> notes) {
        var faults = manifests.faults().stream()
                .map(f -> new FileFault(f.place().file(), f.place().line(), f.object(), f.message()))
                .toList();
        var faulty = distinct(faults.stream().map(FileFault::object).filter(object -> !object.isEmpty()));
        var unreadable =
                distinct(faults.stream().filter(f -> f.object().isEmpty()).map(FileFault::file));
        var troubled =
                (int) (objects.stream().filter(o -> !o.problems().isEmpty()).count()
                        + sets.stream().filter(s -> !s.problems().isEmpty()).count());
        return new Plan(
                new PlanCounts(
                        manifests.found(),
                        count(objects, Action.add),
                        count(objects, Action.remove),
                        count(objects, Action.hold)
                                + sets.stream().mapToInt(PlannedSet::held).sum(),
                        count(objects, Action.answer),
                        faulty + unreadable + troubled,
                        (int) objects.stream().filter(o -> !o.whole()).count(),
                        unreadable,
                        (int) objects.stream()
                                .mapToLong(PlannedObject::countDependent)
                                .sum()),
                sets,
                objects,
                faults,
                new Skipped(manifests.others(), manifests.templates(), manifests.otherEncodings()),
                notInFiles,
                notes);
    }

    private static int distinct(Stream<String> names) {
        return (int) names.distinct().count();
    }

    private static int count(List<PlannedObject> objects, Action action) {
        return (int) objects.stream().mapToLong(o -> o.count(action)).sum();
    }

    /** 1 with errors, otherwise 2 with changes, including held and unknown ones, otherwise 0. */
    int exitCode() {
        var changes = summary.add + summary.remove + summary.held + summary.answer + summary.unresolved;
        return summary.errors > 0 ? 1 : changes > 0 ? 2 : 0;
    }
}
