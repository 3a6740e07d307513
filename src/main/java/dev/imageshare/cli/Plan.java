package dev.imageshare.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What applying the objects would do; as JSON it is what {@code plan --output json} prints, so fields are only ever added.
 *
 * @param summary the counts
 * @param objects one entry an object that could be read, by namespace, name and kind
 * @param faults what in the files is no good
 * @param skipped what in the files was left alone
 */
@JsonPropertyOrder({"summary", "objects", "faults", "skipped"})
record Plan(Summary summary, List<PlannedObject> objects, List<Fault> faults, Skipped skipped) {

    /**
     * Counts over all objects.
     *
     * @param objects how many objects of the two kinds the files have
     * @param add members to add
     * @param remove members to remove
     * @param held members whose removal waits for a person
     * @param answer images to answer
     * @param errors objects that can't be planned, or would not become Ready
     * @param unresolved objects with references that only the cluster can resolve, so that their plan isn't whole
     */
    record Summary(int objects, int add, int remove, int held, int answer, int errors, int unresolved) {}

    /** What a change does. */
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
     * @param image the image that is answered; null for a member
     * @param from the member's answer so far; null for one to add
     * @param to the answer to give; null for a member
     * @param reason why it is held, or what it means
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Change(
            Action action,
            @Nullable String project,
            @Nullable String image,
            @Nullable String imageName,
            @Nullable String from,
            @Nullable String to,
            @Nullable String reason) {}

    /**
     * Why an object would not become Ready.
     *
     * @param reason as in the Ready condition
     */
    record Trouble(String reason, String message) {}

    /**
     * One object.
     *
     * @param managed false: nothing of the changes would be made
     * @param firstPass whether the manifest has no status, so that what the operator remembers isn't known
     * @param image null if it wasn't found
     * @param project of an ImageAcceptance: who answers
     * @param approval the annotation's value that approves what is held, where it is known
     * @param inOrder how many members or answers are as declared already
     * @param whole false: it has references that only the cluster can resolve; no removal is planned
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
    }

    /** Something no good in a file. */
    record Fault(String file, int line, String object, String message) {}

    /**
     * What was left alone.
     *
     * @param otherKinds how many objects of other kinds, or files without any
     * @param templates files with templates, in which nothing can be read
     */
    record Skipped(int otherKinds, List<String> templates) {}

    static Plan of(Manifests manifests, List<PlannedObject> objects) {
        var faults = manifests.faults().stream()
                .map(f -> new Fault(f.place().file(), f.place().line(), f.object(), f.message()))
                .toList();
        var faulty = (int) faults.stream()
                .map(f -> f.object().isEmpty() ? f.file() + f.line() : f.object())
                .distinct()
                .count();
        var troubled =
                (int) objects.stream().filter(o -> !o.problems().isEmpty()).count();
        return new Plan(
                new Summary(
                        manifests.found(),
                        count(objects, Action.add),
                        count(objects, Action.remove),
                        count(objects, Action.hold),
                        count(objects, Action.answer),
                        faulty + troubled,
                        (int) objects.stream().filter(o -> !o.whole()).count()),
                objects,
                faults,
                new Skipped(manifests.others(), manifests.templates()));
    }

    private static int count(List<PlannedObject> objects, Action action) {
        return (int) objects.stream().mapToLong(o -> o.count(action)).sum();
    }

    /** 1 with errors, else 2 with changes, also held ones and those that can't be told, else 0. */
    int exitCode() {
        var changes = summary.add + summary.remove + summary.held + summary.answer + summary.unresolved;
        return summary.errors > 0 ? 1 : changes > 0 ? 2 : 0;
    }
}
