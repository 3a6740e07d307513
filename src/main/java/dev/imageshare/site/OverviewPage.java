package dev.imageshare.site;

import dev.imageshare.reconcile.ProjectText;
import dev.imageshare.reconcile.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What needs a person now, and how much there is of everything.
 *
 * @param total of all images
 * @param health how many objects are how
 * @param groups what needs a person, the gravest first; none is empty
 * @param waiting pending answers, the longest waiting first, at most {@value #MOST}
 * @param ending images whose end is near or has come, the earliest first, at most {@value #MOST}
 * @param endings how many there are of them
 * @param expiring members whose access ends by itself soon, the earliest first, at most {@value #MOST}
 * @param expiries how many there are of them
 * @param undeclared members that no ImageShare names, at most {@value #MOST}
 */
public record OverviewPage(
        Frame frame,
        SiteData data,
        Answers total,
        Map<Health, Integer> health,
        List<AttentionGroup> groups,
        List<WaitingAnswer> waiting,
        List<EndingImage> ending,
        int endings,
        List<ExpiringMember> expiring,
        int expiries,
        List<UndeclaredMember> undeclared) {

    static final int MOST = 20;

    static final int ENDING_DAYS = 60;

    /**
     * Objects that need a person for one kind of thing.
     *
     * @param all the page that shows all of them, with its query
     * @param items at most {@value #MOST}
     */
    public record AttentionGroup(String title, String all, int count, List<AttentionItem> items) {}

    /**
     * One object that needs a person.
     *
     * @param page of the image, else of the objects
     */
    public record AttentionItem(
            String kind,
            String title,
            String page,
            String image,
            String reason,
            @Nullable String since,
            String message,
            NextStep step) {}

    /**
     * One pending answer.
     *
     * @param days since when, up to now
     */
    public record WaitingAnswer(
            SiteImage image, SiteProject project, @Nullable String since, long days, String command) {}

    /**
     * One member whose access ends by itself.
     *
     * @param days to go
     */
    public record ExpiringMember(SiteImage image, SiteProject project, SiteMember member, long days) {}

    /** A member that no ImageShare names. */
    public record UndeclaredMember(SiteImage image, SiteProject project, SiteMember member) {}

    /**
     * One image whose owner says until when it is kept up.
     *
     * @param days to go; less than 0 if the end has come
     */
    public record EndingImage(SiteImage image, long days) {}

    /** How many days before its end an image is named. */
    public static int endingDays() {
        return ENDING_DAYS;
    }

    public int objects() {
        return data.objects();
    }

    static OverviewPage of(Frame frame, SiteData data) {
        var total = data.images().stream().map(SiteImage::answers).reduce(Answers.of(List.of()), Answers::plus);
        var health = new EnumMap<Health, Integer>(Health.class);
        data.shares().forEach(share -> health.merge(share.health(), 1, Integer::sum));
        data.acceptances().forEach(acceptance -> health.merge(acceptance.health(), 1, Integer::sum));
        data.notifiers().forEach(notifier -> health.merge(notifier.health(), 1, Integer::sum));
        var endings = endings(data);
        var expiries = expiries(data);
        return new OverviewPage(
                frame,
                data,
                total,
                health,
                groups(data),
                waiting(data),
                endings.stream().limit(MOST).toList(),
                endings.size(),
                expiries.stream().limit(MOST).toList(),
                expiries.size(),
                undeclared(data));
    }

    private static List<AttentionGroup> groups(SiteData data) {
        var ids = new HashMap<String, String>();
        data.images().forEach(image -> ids.put(image.file(), image.id()));
        Predicate<SiteShare> isHeld = share -> share.approval() != null;
        Predicate<SiteShare> isConflict = share ->
                share.reason().equals(Reason.Conflict.name()) || share.reason().equals(Reason.Contended.name());
        var groups = new ArrayList<AttentionGroup>();
        add(groups, "Removals are held", data, ids, isHeld, false);
        add(groups, "Conflicts", data, ids, isConflict.and(isHeld.negate()), false);
        addRequests(groups, data);
        add(groups, "Stalled", data, ids, isHeld.or(isConflict).negate(), true);
        return groups;
    }

    private static void add(
            List<AttentionGroup> groups,
            String title,
            SiteData data,
            Map<String, String> ids,
            Predicate<SiteShare> which,
            boolean othersToo) {
        var items = new ArrayList<AttentionItem>();
        data.shares().stream()
                .filter(share -> share.health() == Health.needsPerson && which.test(share))
                .forEach(share -> items.add(item(share, ids)));
        if (othersToo) {
            data.acceptances().stream()
                    .filter(acceptance -> acceptance.health() == Health.needsPerson)
                    .forEach(acceptance -> items.add(item(acceptance)));
            data.notifiers().stream()
                    .filter(notifier -> notifier.health() == Health.needsPerson)
                    .forEach(notifier -> items.add(item(notifier)));
            data.sets().stream()
                    .filter(set -> set.health() == Health.needsPerson)
                    .forEach(set -> items.add(item(set)));
            data.rotations().stream()
                    .filter(set -> set.health() == Health.needsPerson)
                    .forEach(set -> items.add(item(set)));
        }
        if (!items.isEmpty()) {
            items.sort(Comparator.comparing(AttentionItem::since, Comparator.nullsLast(Comparator.naturalOrder()))
                    .thenComparing(AttentionItem::title));
            groups.add(new AttentionGroup(
                    title,
                    "shares.html?health=" + Health.needsPerson.name(),
                    items.size(),
                    items.stream().limit(MOST).toList()));
        }
    }

    private static void addRequests(List<AttentionGroup> groups, SiteData data) {
        var items = data.sets().stream()
                .flatMap(set -> set.asking().stream().map(asking -> item(set, asking)))
                .sorted(Comparator.comparing(AttentionItem::since, Comparator.nullsLast(Comparator.naturalOrder()))
                        .thenComparing(AttentionItem::title))
                .toList();
        if (!items.isEmpty()) {
            groups.add(new AttentionGroup(
                    "Requests wait for a decision",
                    "sets.html",
                    items.size(),
                    items.stream().limit(MOST).toList()));
        }
    }

    private static AttentionItem item(SiteSet set, SiteSet.AskingProject asking) {
        return new AttentionItem(
                "ImageAccessRequest",
                asking.request(),
                "sets.html",
                "",
                Reason.AwaitingApproval.name(),
                asking.since(),
                message(set, asking),
                new NextStep("Approves this project, and no other", asking.approval()));
    }

    /** Who asks for what, for people. */
    static String message(SiteSet set, SiteSet.AskingProject asking) {
        return "Project "
                + ProjectText.of(asking.project().id(), asking.project().name())
                + " asks for a place in ProjectSet " + set.title()
                + (asking.reason() == null ? "." : ": " + asking.reason());
    }

    private static AttentionItem item(SiteShare share, Map<String, String> ids) {
        return new AttentionItem(
                "ImageShare",
                share.title(),
                share.imageFile() == null ? "shares.html" : "images/" + share.imageFile() + ".html",
                share.image(),
                share.reason(),
                share.since(),
                share.message(),
                NextStep.of(share, share.imageFile() == null ? null : ids.get(share.imageFile())));
    }

    private static AttentionItem item(SiteAcceptance acceptance) {
        return new AttentionItem(
                "ImageAcceptance",
                acceptance.title(),
                "shares.html",
                "",
                acceptance.reason(),
                acceptance.since(),
                acceptance.message(),
                NextStep.of(acceptance));
    }

    private static AttentionItem item(SiteNotifier notifier) {
        return new AttentionItem(
                "ImageNotifier",
                notifier.title(),
                "shares.html",
                "",
                notifier.reason(),
                notifier.since(),
                notifier.message(),
                NextStep.of(notifier));
    }

    private static AttentionItem item(SiteSet set) {
        return new AttentionItem(
                "ProjectSet", set.title(), "sets.html", "", set.reason(), null, set.message(), NextStep.of(set));
    }

    private static AttentionItem item(SiteRotation set) {
        return new AttentionItem(
                "ImageShareSet",
                set.title(),
                "rotation.html",
                "",
                set.reason(),
                set.since(),
                set.message(),
                NextStep.of(set));
    }

    private static List<WaitingAnswer> waiting(SiteData data) {
        record Found(SiteProject project, SiteProject.Membership membership) {}
        var order = Comparator.comparing(
                        (Found each) -> each.membership.member().since(),
                        Comparator.nullsLast(Comparator.naturalOrder()))
                .thenComparing(each -> each.membership.image().title())
                .thenComparing(each -> each.project.id());
        // The first few of very many: the last of those that were found so far stands at the head. To sort all 18,000
        // of a
        // site of 500 x 200 takes 110 ms of CPU more (304 ms for the page in a new process, not 194; least of 7 runs
        // each).
        var first = new PriorityQueue<Found>(MOST + 1, order.reversed());
        for (var project : data.projects()) {
            for (var membership : project.memberships()) {
                if (membership.member().isPending()) {
                    var found = new Found(project, membership);
                    var last = first.peek();
                    if (last == null || first.size() < MOST) {
                        first.add(found);
                    } else if (order.compare(found, last) < 0) {
                        first.remove();
                        first.add(found);
                    }
                }
            }
        }
        return first.stream()
                .sorted(order)
                .map(each -> {
                    var member = each.membership.member();
                    return new WaitingAnswer(
                            each.membership.image(),
                            each.project,
                            member.since(),
                            PageText.days(member.since(), data.asOf()).orElse(0L),
                            "openstack image set --accept "
                                    + PageText.quoted(each.membership.image().id()));
                })
                .toList();
    }

    private static List<EndingImage> endings(SiteData data) {
        return data.images().stream()
                .filter(image -> image.answers().members() > 0 || image.isForEveryone())
                .flatMap(image -> image.facts().end().stream()
                        .map(end -> new EndingImage(image, -PageText.days(end, data.asOf()))))
                .filter(ending -> ending.days <= ENDING_DAYS)
                .sorted(Comparator.comparing(EndingImage::days)
                        .thenComparing(ending -> ending.image.title())
                        .thenComparing(ending -> ending.image.file()))
                .toList();
    }

    private static List<ExpiringMember> expiries(SiteData data) {
        var all = new ArrayList<ExpiringMember>();
        for (var project : data.projects()) {
            for (var membership : project.memberships()) {
                var member = membership.member();
                if (member.expiresAt() != null) {
                    ImageFacts.date(member.expiresAt())
                            .map(end -> -PageText.days(end, data.asOf()))
                            .filter(days -> days <= ENDING_DAYS)
                            .ifPresent(days -> all.add(new ExpiringMember(membership.image(), project, member, days)));
                }
            }
        }
        all.sort(Comparator.comparing((ExpiringMember each) -> each.member.expiresAt())
                .thenComparing(each -> each.image.title())
                .thenComparing(each -> each.project.id()));
        return all;
    }

    private static List<UndeclaredMember> undeclared(SiteData data) {
        return data.projects().stream()
                .flatMap(project -> project.memberships().stream()
                        .filter(membership -> membership.member().isUndeclared())
                        .map(membership -> new UndeclaredMember(membership.image(), project, membership.member())))
                .limit(MOST)
                .toList();
    }
}
