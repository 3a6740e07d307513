package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.notifier.Outbox.Parcel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes mails: what happened, what to do, until when, and whom to ask. */
final class MailText {

    /** A mail lists so many images of one kind; of the others it says how many there are. */
    private static final int LISTED = 50;

    /** Each gets a command of its own up to here. */
    private static final int COMMANDS = 10;

    private final String prefix;
    private final @Nullable String footer;

    MailText(ImageNotifierSpec spec) {
        prefix = spec.subjectPrefix() == null ? "" : spec.subjectPrefix().strip() + " ";
        footer = spec.footer();
    }

    Letter letter(Parcel parcel) {
        var notices = parcel.notices();
        var text = new StringBuilder();
        if (notices.size() == 1) {
            single(text, notices.get(0));
        } else {
            digest(text, notices);
        }
        return new Letter(
                Wording.id(notices),
                prefix + Wording.headline(notices),
                text.toString().stripTrailing() + "\n\n" + ending(parcel),
                notices.stream().map(Notice::id).toList());
    }

    /** A mail that only shows that mails arrive. */
    Letter test(String notifier) {
        return new Letter(
                "test",
                prefix + "Test message of ImageNotifier " + notifier,
                "This is a test: mails of ImageNotifier " + notifier + " arrive here. There is nothing to do.\n\n"
                        + (footer == null ? "" : footer.strip() + "\n"),
                List.of());
    }

    private void single(StringBuilder text, Notice notice) {
        text.append(Wording.sentence(notice)).append("\n\n");
        facts(text, notice);
        switch (notice.event()) {
            case Offered, Reminder -> {
                if (Wording.isOpen(notice)) {
                    open(text, notice);
                } else if (notice.event() == NoticeType.Offered) {
                    text.append("\nThere is nothing to do: it is in your project's image list.\n");
                }
            }
            case Expiring ->
                text.append(
                        "\nIf you need it for longer, ask its owner in time, or move to another image. Running servers are"
                                + " not affected.\n");
            case Withdrawn, Answered -> {}
            case RemovalHeld -> {
                text.append("\nTo see which projects would lose it, and why this needs approval:\n\n  ")
                        .append(Wording.describe(notice));
                text.append("\n\nTo approve exactly these removals:\n\n  ").append(Wording.approve(notice));
                text.append("\n\nTo keep them, put the projects back into the ImageShare.\n");
            }
        }
    }

    private static void facts(StringBuilder text, Notice notice) {
        fact(text, "Image", Wording.title(notice));
        fact(text, "ID", notice.image().id());
        fact(text, "Owner", "project " + notice.image().owner());
        fact(text, "Region", notice.image().region());
        notice.end().ifPresent(end -> fact(text, "Until", Wording.time(end)));
        if (notice.event() == NoticeType.RemovalHeld || notice.event() == NoticeType.Answered) {
            fact(
                    text,
                    "Object",
                    "ImageShare " + notice.share().namespace() + "/"
                            + notice.share().name());
        }
    }

    private static void fact(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "  %-8s%s%n", name, value).replace("\r\n", "\n"));
    }

    private static void open(StringBuilder text, Notice notice) {
        text.append("\nTo add it to your project's image list, with your project's credentials:\n\n  ")
                .append(Wording.accept(notice))
                .append("\n\nIf your project uses image-share, apply this object in its namespace instead:\n\n")
                .append(acceptance(notice))
                .append("\nIf you don't want it, reject it so that you get no reminders:\n\n  ")
                .append(Wording.reject(notice))
                .append("\n\nUntil then it is in no image list, but you can use it by its ID.\n");
    }

    private static String acceptance(Notice notice) {
        return """
                  apiVersion: imageshare.dev/v1alpha1
                  kind: ImageAcceptance
                  metadata: {name: %s}
                  spec:
                    cloudCredentialsRef: {secretName: YOUR-SECRET, cloudName: YOUR-CLOUD}
                    image: {id: %s}
                    memberStatus: accepted
                """.formatted(Wording.objectName(notice), notice.image().id()).indent(2);
    }

    private void digest(StringBuilder text, List<Notice> notices) {
        var byProject =
                notices.stream().collect(Collectors.groupingBy(Notice::audience, TreeMap::new, Collectors.toList()));
        byProject.forEach((project, its) -> {
            text.append("For your project ").append(project).append(":\n\n");
            Wording.byEvent(its)
                    .keySet()
                    .forEach(event -> section(
                            text, its.stream().filter(n -> n.event() == event).toList()));
        });
        var open = notices.stream().filter(Wording::isOpen).toList();
        if (!open.isEmpty()) {
            toAnswer(text, open);
        }
        var held = notices.stream()
                .filter(n -> n.event() == NoticeType.RemovalHeld)
                .toList();
        if (!held.isEmpty()) {
            text.append("To approve exactly these removals, once you have looked at each with 'kubectl describe':\n\n");
            lines(text, held, Wording::approve);
            text.append('\n');
        }
    }

    private static void section(StringBuilder text, List<Notice> notices) {
        text.append(
                switch (notices.get(0).event()) {
                    case Offered -> "Shared with it";
                    case Reminder -> "Waiting for its answer";
                    case Expiring -> "Shared with it for only a few more days";
                    case Withdrawn -> "No longer shared with it (running servers are not affected)";
                    case Answered -> "Answers to what it shares";
                    case RemovalHeld -> "Removals waiting for approval";
                });
        text.append(":\n\n");
        lines(text, notices, MailText::line);
        text.append('\n');
    }

    private static void lines(StringBuilder text, List<Notice> notices, Function<Notice, String> line) {
        notices.stream()
                .limit(LISTED)
                .forEach(n -> text.append("  ").append(line.apply(n)).append('\n'));
        if (notices.size() > LISTED) {
            text.append("  … and ").append(notices.size() - LISTED).append(" more\n");
        }
    }

    private static String line(Notice notice) {
        var parts = new ArrayList<String>();
        parts.add(notice.image().id());
        parts.add(Wording.title(notice));
        parts.add(notice.image().region());
        switch (notice.event()) {
            case Answered -> parts.add(Wording.answer(notice) + " by project " + notice.project());
            case RemovalHeld -> parts.add(Wording.count(notice.number(), "project", "projects"));
            case Offered, Reminder, Withdrawn, Expiring ->
                parts.add("of project " + notice.image().owner());
        }
        notice.end().ifPresent(end -> parts.add("until " + Wording.time(end)));
        return String.join("  ", parts);
    }

    private static void toAnswer(StringBuilder text, List<Notice> open) {
        text.append("To add them to your project's image list, with your project's credentials:\n\n");
        if (open.size() <= COMMANDS) {
            open.forEach(n -> text.append("  ").append(Wording.accept(n)).append('\n'));
        } else {
            text.append("  openstack image set --accept ID      with the ID of each of them\n");
        }
        var owners =
                open.stream().map(n -> n.image().owner()).distinct().sorted().toList();
        text.append(
                        "\nIf your project uses image-share, this object accepts everything that these owners share, now and later:\n\n")
                .append("""
                          apiVersion: imageshare.dev/v1alpha1
                          kind: ImageAcceptance
                          metadata: {name: shared-images}
                          spec:
                            cloudCredentialsRef: {secretName: YOUR-SECRET, cloudName: YOUR-CLOUD}
                            from: {owners: [%s]}
                            memberStatus: accepted
                        """.formatted(String.join(", ", owners)).indent(2))
                .append(
                        "\nReject what you don't want, so that you get no reminders: openstack image set --reject ID\n\n");
    }

    private String ending(Parcel parcel) {
        return (footer == null ? "Questions? Answer this mail." : footer.strip())
                + "\n\n-- \nYou receive this as a contact of project "
                + String.join(
                        ", ",
                        parcel.projects().stream().sorted().limit(COMMANDS).toList())
                + (parcel.projects().size() > COMMANDS ? ", …" : "") + ".\n";
    }
}
