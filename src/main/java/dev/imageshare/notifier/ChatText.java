package dev.imageshare.notifier;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.notifier.Outbox.Parcel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes messages for incoming webhooks of Slack: blocks, and a text for those who show none (Mattermost, Rocket.Chat). */
final class ChatText {

    static final String CONTENT_TYPE = "application/json; charset=utf-8";

    /** Slack takes 3,000 characters a block; a message that has to be scrolled isn't read. */
    private static final int LISTED = 15;

    private static final int MAX_BLOCK = 2_900;
    private static final int MAX_HEADER = 150;

    private static final JsonMapper JSON = new JsonMapper();

    private final @Nullable String footer;

    ChatText(ImageNotifierSpec spec) {
        footer = spec.footer();
    }

    byte[] body(Parcel parcel) {
        var notices = parcel.notices();
        var headline = headline(notices);
        var lines = new ArrayList<String>();
        if (notices.size() == 1) {
            single(lines, notices.get(0));
        } else {
            Wording.byEvent(notices)
                    .keySet()
                    .forEach(event -> section(
                            lines,
                            notices.stream().filter(n -> n.event() == event).toList()));
        }
        return body(headline, lines);
    }

    /** A message that only shows that messages arrive. */
    byte[] test(String notifier) {
        return body(
                "Test message of ImageNotifier " + notifier,
                List.of("Messages of ImageNotifier " + escaped(notifier) + " arrive here. There is nothing to do."));
    }

    /** In a channel there is no "your project": many read it. */
    private static String headline(List<Notice> notices) {
        if (notices.size() > 1) {
            return notices.size() + " notices about shared images";
        }
        var notice = notices.get(0);
        var image = "Image " + Wording.title(notice);
        return switch (notice.event()) {
            case Offered -> image + " is shared with a project";
            case Reminder -> image + " is waiting for a project's answer";
            case Expiring -> image + " is shared with a project for only a few more days";
            case Withdrawn -> image + " is no longer shared with a project";
            case Answered, RemovalHeld -> Wording.headline(notice);
        };
    }

    private static void single(List<String> lines, Notice notice) {
        lines.add("*" + escaped(Wording.title(notice)) + "*  `" + notice.image().id() + "`\n"
                + switch (notice.event()) {
                    case Answered -> "Project `" + notice.project() + "` " + Wording.answer(notice) + " it.";
                    case RemovalHeld ->
                        Wording.count(notice.number(), "project", "projects")
                                + " would lose it once a person approves that.";
                    case Offered -> "Project `" + notice.project() + "` may use it" + until(notice) + ".";
                    case Reminder ->
                        "Project `" + notice.project() + "` has not answered yet (reminder " + notice.number() + ").";
                    case Expiring -> "Project `" + notice.project() + "` may use it" + until(notice) + ".";
                    case Withdrawn ->
                        "Project `" + notice.project() + "` can no longer use it. Running servers are not affected.";
                });
        lines.add("Owner `" + notice.image().owner() + "`, region "
                + escaped(notice.image().region()) + ", ImageShare "
                + notice.share().namespace() + "/" + notice.share().name());
        if (Wording.isOpen(notice)) {
            lines.add("To accept it, as that project:\n```" + Wording.accept(notice) + "```");
        }
        if (notice.event() == NoticeType.RemovalHeld) {
            lines.add("To approve exactly these removals:\n```" + Wording.approve(notice) + "```");
        }
    }

    private static String until(Notice notice) {
        return notice.end().map(end -> " until " + Wording.time(end)).orElse("");
    }

    private static void section(List<String> lines, List<Notice> notices) {
        var text = new StringBuilder("*" + name(notices) + "*");
        notices.stream()
                .limit(LISTED)
                .forEach(n -> text.append("\n• ")
                        .append(escaped(Wording.title(n)))
                        .append(" `")
                        .append(n.image().id())
                        .append(n.event() == NoticeType.RemovalHeld ? "`: " : "` project `")
                        .append(
                                n.event() == NoticeType.RemovalHeld
                                        ? Wording.count(n.number(), "project", "projects")
                                        : n.project() + "`"
                                                + (n.event() == NoticeType.Answered ? " " + Wording.answer(n) : "")));
        if (notices.size() > LISTED) {
            text.append("\n… and ").append(notices.size() - LISTED).append(" more");
        }
        lines.add(text.toString());
    }

    private static String name(List<Notice> notices) {
        var images = notices.stream().map(n -> n.image().id()).distinct().count();
        var of = " (" + notices.size() + ", of " + images + (images == 1 ? " image)" : " images)");
        return switch (notices.get(0).event()) {
                    case Offered -> "Shared";
                    case Reminder -> "Waiting for an answer";
                    case Expiring -> "Shared for only a few more days";
                    case Withdrawn -> "No longer shared";
                    case Answered -> "Answers";
                    case RemovalHeld -> "Removals waiting for approval";
                }
                + of;
    }

    private byte[] body(String headline, List<String> lines) {
        var message = JSON.createObjectNode();
        message.put("text", headline + "\n" + String.join("\n", lines));
        var blocks = message.putArray("blocks");
        blocks.addObject()
                .put("type", "header")
                .putObject("text")
                .put("type", "plain_text")
                .put("text", clipped(headline, MAX_HEADER));
        lines.forEach(line -> mrkdwn(blocks, line));
        if (footer != null) {
            blocks.addObject()
                    .put("type", "context")
                    .putArray("elements")
                    .addObject()
                    .put("type", "mrkdwn")
                    .put("text", clipped(escaped(footer.strip()), MAX_BLOCK));
        }
        try {
            return JSON.writeValueAsString(message).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is JSON", e);
        }
    }

    private static void mrkdwn(ArrayNode blocks, String text) {
        blocks.addObject()
                .put("type", "section")
                .putObject("text")
                .put("type", "mrkdwn")
                .put("text", clipped(text, MAX_BLOCK));
    }

    private static String clipped(String text, int atMost) {
        return text.codePointCount(0, text.length()) <= atMost
                ? text
                : text.substring(0, text.offsetByCodePoints(0, atMost - 1)) + "…";
    }

    /** What a chat would take for a mention, a link or a format; names come from clouds. */
    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replaceAll("([*_~`|@])", "\u200b$1");
    }
}
