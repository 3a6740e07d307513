package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What messages of all types say alike: headlines, sentences, and what to do. Plain text on one line each. */
final class Wording {

    private static final DateTimeFormatter MINUTES =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]");
    private static final int MAX_TITLE = 80;
    private static final int ID_BYTES = 16;

    private Wording() {}

    /** An image's name comes from a cloud; it must not end a line, nor turn the text around. */
    static String title(Notice notice) {
        var line = UNPRINTABLE.matcher(notice.share().title()).replaceAll("?");
        return line.codePointCount(0, line.length()) <= MAX_TITLE
                ? line
                : line.substring(0, line.offsetByCodePoints(0, MAX_TITLE - 1)) + "…";
    }

    static String time(Instant moment) {
        return MINUTES.format(moment);
    }

    /** Such as "Image ubuntu-24.04 is shared with your project". */
    static String headline(Notice notice) {
        var image = "Image " + title(notice);
        return switch (notice.event()) {
            case Offered -> image + " is shared with your project";
            case Reminder -> image + " is waiting for your answer";
            case Expiring ->
                image + " is shared with your project until "
                        + notice.end().map(Wording::time).orElse("soon");
            case Withdrawn -> image + " is no longer shared with your project";
            case Answered -> image + " was " + answer(notice) + " by a project";
            case RemovalHeld ->
                image + ": " + count(notice.number(), "removal is waiting", "removals are waiting")
                        + " for your approval";
        };
    }

    /** Of several notices; one of them says what they have in common. */
    static String headline(List<Notice> notices) {
        if (notices.size() == 1) {
            return headline(notices.get(0));
        }
        var counts = byEvent(notices);
        if (counts.size() > 1) {
            return notices.size() + " notices about shared images";
        }
        var many = notices.size();
        return switch (notices.get(0).event()) {
            case Offered -> many + " images are shared with your project" + plural(notices);
            case Reminder -> many + " images are waiting for your answer";
            case Expiring ->
                many + " images are shared with your project" + plural(notices) + " for only a few more days";
            case Withdrawn -> many + " images are no longer shared with your project" + plural(notices);
            case Answered -> many + " answers to images that you share";
            case RemovalHeld -> "Removals of members are waiting for your approval at " + many + " images";
        };
    }

    private static String plural(List<Notice> notices) {
        return notices.stream().map(Notice::audience).distinct().count() > 1 ? "s" : "";
    }

    /** How many of each event there are, in their order. */
    static Map<NoticeType, Integer> byEvent(List<Notice> notices) {
        return notices.stream().collect(Collectors.toMap(Notice::event, n -> 1, Integer::sum, TreeMap::new));
    }

    /** One sentence that says what happened. */
    static String sentence(Notice notice) {
        var image = "image " + title(notice);
        var owner = notice.image().owner();
        return switch (notice.event()) {
            case Offered ->
                "Project " + owner + " shares the " + image + " with your project " + notice.project() + state(notice)
                        + ".";
            case Reminder ->
                "Your project " + notice.project() + " has neither accepted nor rejected the " + image
                        + " yet, which project " + owner + " shares with it.";
            case Expiring ->
                "Your project " + notice.project() + " may use the " + image + " of project " + owner + " until "
                        + notice.end().map(Wording::time).orElse("soon") + ", and not after that.";
            case Withdrawn ->
                "Project " + owner + " no longer shares the " + image + " with your project " + notice.project()
                        + ". You can't create servers from it; running ones are not affected.";
            case Answered ->
                "Project " + notice.project() + " " + answer(notice) + " the " + image + " that you share with it.";
            case RemovalHeld ->
                "The operator would remove "
                        + count(notice.number(), "project", "projects")
                        + " from the " + image + " and is waiting for a person to approve that.";
        };
    }

    private static String state(Notice notice) {
        return notice.answer() == null
                ? ""
                : switch (notice.answer()) {
                    case accepted -> ", which has accepted it";
                    case rejected -> ", which has rejected it";
                    case pending -> "";
                };
    }

    static String answer(Notice notice) {
        return notice.answer() == null ? "answered" : notice.answer().name();
    }

    static String count(int number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    /** Whether the project has something to answer. */
    static boolean isOpen(Notice notice) {
        return (notice.event() == NoticeType.Offered || notice.event() == NoticeType.Reminder)
                && notice.answer() == MemberAnswer.pending;
    }

    static String accept(Notice notice) {
        return "openstack image set --accept " + notice.image().id();
    }

    static String reject(Notice notice) {
        return "openstack image set --reject " + notice.image().id();
    }

    static String approve(Notice notice) {
        return "kubectl -n " + notice.share().namespace() + " annotate --overwrite imageshare "
                + notice.share().name() + " " + ImageShare.APPROVE_REMOVALS + "=" + notice.occurrence();
    }

    static String describe(Notice notice) {
        return "kubectl -n " + notice.share().namespace() + " describe imageshare "
                + notice.share().name();
    }

    /** The name that an ImageAcceptance for the image could have. */
    static String objectName(Notice notice) {
        var name = title(notice)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
        return name.isEmpty() ? "image-" + notice.image().id().substring(0, 8) : name;
    }

    /** Names a message: the same for the same notices. */
    static String id(List<Notice> notices) {
        if (notices.size() == 1) {
            return notices.get(0).id();
        }
        var ids = notices.stream().map(Notice::id).sorted().collect(Collectors.joining("\n"));
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(ids.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
