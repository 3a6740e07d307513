package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.cli.Plan.Action;
import dev.imageshare.cli.Plan.PlannedObject;
import dev.imageshare.cli.Plan.PlannedSet;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A plan for people. */
final class PlanTable {

    private static final int SHOWN = 20;

    private final PrintWriter out;

    PlanTable(PrintWriter out) {
        this.out = out;
    }

    void print(Plan plan) {
        for (var fault : plan.faults()) {
            out.println("! " + fault.file() + (fault.line() == 0 ? "" : ":" + fault.line()) + ": "
                    + (fault.object().isEmpty() ? "" : fault.object() + ": ") + fault.message());
        }
        if (!plan.faults().isEmpty()) {
            out.println();
        }
        plan.sets().forEach(this::print);
        plan.objects().forEach(this::print);
        skipped(plan.skipped());
        notInFiles(plan.notInFiles());
        plan.notes().forEach(note -> out.println("Note: " + note));
        out.println(summary(plan.summary()));
        out.flush();
    }

    private void print(PlannedObject object) {
        out.println(object.kind() + " " + object.namespace() + "/" + object.name() + "  (" + object.file() + ":"
                + object.line() + ")");
        var image = object.image();
        if (image != null) {
            out.println("  image " + image.id() + " "
                    + (Objects.toString(image.name(), "").isEmpty() ? "(no name)" : image.name())
                    + ", owner " + image.owner() + ", " + image.visibility() + ", "
                    + (image.region().isEmpty() ? "" : "region " + image.region() + ", ") + "cloud " + object.cloud());
        } else if (object.project() != null) {
            out.println("  project " + object.project() + ", cloud " + object.cloud());
        }
        if (!object.managed() && !object.changes().isEmpty()) {
            out.println(
                    object.suspended()
                            ? "  suspended: nothing is written until spec.suspend is false again; then:"
                            : "  unmanaged: nothing is written; managed would:");
        }
        object.changes().forEach(this::print);
        if (object.changes().stream().anyMatch(c -> c.action() == Action.hold) && object.managed()) {
            out.println("    " + advice(object));
        }
        object.problems().forEach(p -> out.println("  ! " + p.reason() + ": " + p.message()));
        if (object.changes().isEmpty()
                && object.problems().isEmpty()
                && object.whole()
                && (image != null || object.project() != null)) {
            var what = object.kind().equals("ImageShare") ? " member" : " answer";
            out.println("  = nothing to do; " + object.inOrder() + what + (object.inOrder() == 1 ? "" : "s")
                    + " as declared");
        }
        object.notes().forEach(note -> out.println("  note: " + note));
        out.println();
    }

    private void print(PlannedSet set) {
        out.println("ProjectSet " + set.namespace() + "/" + set.name() + "  (" + set.file() + ":" + set.line() + ")");
        out.println("  " + set.projects() + (set.projects() == 1 ? " project" : " projects")
                + (set.complete() ? "" : "; not all that it names could be read, so nobody leaves by it"));
        if (set.suspended() && !set.changes().isEmpty()) {
            out.println("  suspended: nobody joins or leaves until spec.suspend is false again; then:");
        }
        set.changes()
                .forEach(change -> out.println("  " + sign(change.action()) + " "
                        + named(change.project(), change.projectName())
                        + (change.reason() == null
                                ? ""
                                : (change.action() == Action.hold ? "  leaving held: " : "  ") + change.reason())));
        if (set.changes().stream().anyMatch(change -> change.action() == Action.hold)) {
            out.println("    the operator's message will give the command that approves it");
        }
        set.problems().forEach(p -> out.println("  ! " + p.reason() + ": " + p.message()));
        set.notes().forEach(note -> out.println("  note: " + note));
        out.println();
    }

    private static String sign(Action action) {
        return switch (action) {
            case add -> "+";
            case remove -> "-";
            case hold -> "!";
            case answer -> "~";
        };
    }

    private static String named(@Nullable String project, @Nullable String name) {
        return project + (name == null ? "" : " \"" + ReportText.printable(name) + "\"");
    }

    private void print(Plan.Change change) {
        var project = named(change.project(), change.projectName());
        switch (change.action()) {
            case add -> out.println("  + " + project + (change.reason() == null ? "" : "  " + change.reason()));
            case remove -> out.println("  - " + project + "  " + change.from() + "; " + change.reason());
            case hold -> out.println("  ! " + project + "  " + change.from() + "; removal held: " + change.reason());
            case answer ->
                out.println("  ~ " + change.image() + " " + Objects.toString(change.imageName(), "") + "  "
                        + change.from() + " -> " + change.to()
                        + (change.reason() == null ? "" : "; " + change.reason()));
        }
    }

    private static String advice(PlannedObject object) {
        var approve = object.approval() == null
                ? "the operator's message will contain the command that approves it"
                : "kubectl annotate --overwrite -n " + object.namespace() + " imageshare " + object.name() + " "
                        + ImageShare.APPROVE_REMOVALS + "=" + object.approval() + ", if the spec is the same as in the"
                        + " cluster";
        return "to keep them, declare them; to remove them: " + approve;
    }

    private void skipped(Plan.Skipped skipped) {
        var what = new ArrayList<String>();
        if (skipped.otherKinds() > 0) {
            what.add(skipped.otherKinds() + " of other kinds");
        }
        if (!skipped.templates().isEmpty()) {
            what.add(skipped.templates().size() + " with templates or placeholders ("
                    + some(skipped.templates())
                    + "): render or decrypt them first, such as by helm template, flux envsubst or sops");
        }
        if (!skipped.otherEncodings().isEmpty()) {
            what.add(skipped.otherEncodings().size() + " of other kinds with bytes that are not UTF-8 ("
                    + some(skipped.otherEncodings()) + ")");
        }
        if (!what.isEmpty()) {
            out.println("Skipped: " + String.join("; ", what) + ".");
        }
    }

    private static String some(List<String> names) {
        return names.stream().limit(SHOWN).collect(Collectors.joining(", "))
                + (names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "");
    }

    private void notInFiles(List<String> names) {
        if (!names.isEmpty()) {
            out.println("In the cluster, but not in the files: " + some(names)
                    + ". If applying the files deletes (prunes) them, their members lose access unless onDelete is"
                    + " detach; this is not part of the plan.");
        }
    }

    static String summary(Plan.PlanCounts s) {
        var faulty = s.errors() - s.unreadable();
        var answers =
                s.answer() == 0 ? "" : ", " + s.answer() + (s.answer() == 1 ? " answer" : " answers") + " to give";
        return "Plan: " + s.add() + " to add, " + s.remove() + " to remove, " + s.held() + " held" + answers + "; "
                + (faulty == 0 ? "no" : faulty) + " of " + s.objects()
                + (s.objects() == 1 ? " object" : " objects") + (faulty == 1 || s.objects() == 1 ? " has" : " have")
                + " errors"
                + (s.unreadable() == 0
                        ? "."
                        : "; " + s.unreadable() + (s.unreadable() == 1 ? " file" : " files") + " can't be read.")
                + (s.dependOnCluster() == 0
                        ? ""
                        : " " + s.dependOnCluster() + (s.dependOnCluster() == 1 ? " change depends" : " changes depend")
                                + " on the cluster's state.")
                + (s.unresolved() == 0
                        ? ""
                        : " References of " + s.unresolved() + " can't be resolved without the cluster.");
    }
}
