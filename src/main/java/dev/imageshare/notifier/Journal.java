package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifierStatus;
import dev.imageshare.api.v1alpha1.ImageNotifierStatus.ProjectProgress;
import dev.imageshare.api.v1alpha1.ImageNotifierStatus.RecipientProgress;
import dev.imageshare.api.v1alpha1.ImageNotifierStatus.ShareProgress;
import dev.imageshare.reconcile.Listing;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far a notifier has looked at each ImageShare, and how much of it each project was told; what its status remembers. Each
 * look that finds something has a number. So there is one number to remember for a project instead of one for each of its
 * images, and what was told late to one recipient isn't told again to the others. Immutable.
 *
 * @param since what was so before is not told
 * @param look the number of the last look that found something
 * @param shares the steps of each ImageShare by its UID, never none
 * @param projects how far each project was told, by its ID; one that isn't there was told of nothing after the first steps
 */
record Journal(Instant since, long look, Map<String, List<SeenStep>> shares, Map<String, ToldProject> projects) {

    /** The most ImageShares of a notifier. */
    static final int MAX_SHARES = 1_000;

    /** An ImageShare may be created by a clock that is behind the operator's by so much. */
    static final Duration SKEW = Duration.ofMinutes(2);

    private static final int MAX_STEPS = 16;
    private static final int MAX_PROJECTS = 5_000;
    private static final int MAX_RECIPIENTS = 32;
    private static final int SHARES_BYTES = 600_000;
    private static final int PROJECTS_BYTES = 400_000;

    /** What a step has beside its texts. */
    private static final int STEP_BYTES = 80;

    private static final int ENTRY_BYTES = 60;

    /** Everything up to these marks was found by looks up to this one. */
    record SeenStep(long look, Marks marks) {}

    /**
     * How far a project was told.
     *
     * @param look all its recipients were told of what was found up to this look
     * @param at when the last of them was; null if none was
     * @param recipients those that were told more, by their keys
     */
    record ToldProject(long look, @Nullable Instant at, Map<String, Long> recipients) {
        ToldProject {
            recipients = Map.copyOf(recipients);
        }
    }

    Journal {
        shares = Map.copyOf(shares);
        projects = Map.copyOf(projects);
    }

    /** That of a notifier that never looked. */
    static Journal begin(Instant now) {
        return new Journal(now.truncatedTo(ChronoUnit.MILLIS), 0, Map.of(), Map.of());
    }

    /** What a status remembers; empty if it remembers nothing that can be read. */
    static Optional<Journal> of(@Nullable ImageNotifierStatus status) {
        var written = status == null ? null : status.progress();
        var since = written == null ? Optional.<Instant>empty() : SharedImage.time(written.since());
        if (written == null || since.isEmpty()) {
            return Optional.empty();
        }
        var shares = new HashMap<String, List<SeenStep>>();
        if (written.shares() != null) {
            for (var share : written.shares()) {
                var steps = share.steps().stream().map(Journal::step).toList();
                if (!steps.isEmpty()) {
                    shares.put(share.uid(), steps);
                }
            }
        }
        var projects = new HashMap<String, ToldProject>();
        if (written.projects() != null) {
            for (var project : written.projects()) {
                projects.put(project.projectID(), told(project));
            }
        }
        return Optional.of(new Journal(since.get(), written.look(), shares, projects));
    }

    private static SeenStep step(ImageNotifierStatus.LookStep step) {
        return new SeenStep(
                step.look(),
                new Marks(
                        SharedImage.time(step.added()).orElse(Instant.EPOCH),
                        SharedImage.time(step.due()).orElse(Instant.EPOCH),
                        SharedImage.time(step.answered()).orElse(Instant.EPOCH),
                        step.answeredBy() == null ? Set.of() : Set.copyOf(step.answeredBy()),
                        step.held()));
    }

    private static ToldProject told(ProjectProgress project) {
        var recipients = project.recipients() == null ? List.<RecipientProgress>of() : project.recipients();
        return new ToldProject(
                project.look(),
                SharedImage.time(project.sentAt()).orElse(null),
                recipients.stream()
                        .collect(Collectors.toMap(RecipientProgress::recipient, RecipientProgress::look, Math::max)));
    }

    /** For the status, within its bounds. */
    ImageNotifierStatus.NotifierProgress written() {
        var steps = Listing.of(new TreeMap<>(shares).entrySet().stream(), SHARES_BYTES, Journal::bytes).stream()
                .map(share -> new ShareProgress(
                        share.getKey(),
                        share.getValue().stream().map(Journal::written).toList()))
                .toList();
        var told = new ArrayList<ProjectProgress>();
        var left = PROJECTS_BYTES;
        for (var project : new TreeMap<>(projects).entrySet()) {
            left -= ENTRY_BYTES
                    + Listing.bytes(project.getKey())
                    + ENTRY_BYTES * project.getValue().recipients().size();
            if (left >= 0 && told.size() < MAX_PROJECTS) {
                told.add(written(project.getKey(), project.getValue()));
            }
        }
        return new ImageNotifierStatus.NotifierProgress(
                since.toString(), look, steps.isEmpty() ? null : steps, told.isEmpty() ? null : told);
    }

    private static int bytes(Map.Entry<String, List<SeenStep>> share) {
        return ENTRY_BYTES
                + share.getValue().stream()
                        .mapToInt(step -> STEP_BYTES
                                + 3 * 32
                                + step.marks().answeredBy().stream()
                                        .mapToInt(project -> 1 + Listing.bytes(project))
                                        .sum())
                        .sum();
    }

    private static ImageNotifierStatus.LookStep written(SeenStep step) {
        var marks = step.marks();
        return new ImageNotifierStatus.LookStep(
                step.look(),
                text(marks.added()),
                text(marks.due()),
                text(marks.answered()),
                marks.answeredBy().isEmpty()
                        ? null
                        : marks.answeredBy().stream().sorted().toList(),
                marks.held());
    }

    private static @Nullable String text(Instant moment) {
        return moment.equals(Instant.EPOCH) ? null : moment.toString();
    }

    private static ProjectProgress written(String project, ToldProject told) {
        return new ProjectProgress(
                project,
                told.look(),
                told.at() == null
                        ? null
                        : told.at().truncatedTo(ChronoUnit.SECONDS).toString(),
                told.recipients().isEmpty()
                        ? null
                        : new TreeMap<>(told.recipients())
                                .entrySet().stream()
                                        .limit(MAX_RECIPIENTS)
                                        .map(e -> new RecipientProgress(e.getKey(), e.getValue()))
                                        .toList());
    }

    /**
     * After a look at these ImageShares; others are forgotten.
     *
     * @param lookedBefore when the last look was: an ImageShare that isn't known is new if it was created since, and else it
     *     came by its labels, or by the selector
     * @param handedOut the look up to which messages were made, sent or not
     * @param unchanged those at which a look finds what it found before
     * @return the same object if there is nothing to write down
     */
    Journal looked(
            Collection<SharedImage> all,
            Terms terms,
            Instant lookedBefore,
            long handedOut,
            Predicate<SharedImage> unchanged,
            Instant moment) {
        var now = moment.truncatedTo(ChronoUnit.MILLIS);
        var number = nextLook(handedOut);
        var next = new HashMap<String, List<SeenStep>>();
        var isNews = false;
        for (var share : all) {
            var known = shares.get(share.uid());
            if (known != null && unchanged.test(share)) {
                next.put(share.uid(), known);
                continue;
            }
            if (known == null) {
                var isNew = !share.created().isBefore(lookedBefore.minus(SKEW));
                known = List.of(
                        new SeenStep(0, isNew ? Marks.until(share.created().minus(SKEW)) : Marks.all(share, now)));
            }
            var steps = advanced(known, share, terms, now, number);
            isNews |= steps.get(steps.size() - 1).look() == number && number > look;
            next.put(share.uid(), steps);
        }
        return next.equals(shares) ? this : new Journal(since, isNews ? number : look, next, projects);
    }

    /** The number of the next look that finds something: a new one if somebody may have been told of the last one's finds. */
    long nextLook(long handedOut) {
        return Math.max(1, Math.max(look, handedOut) + (isTold(handedOut) ? 1 : 0));
    }

    /** Whether somebody was told of the last look's finds, or is about to be. */
    private boolean isTold(long handedOut) {
        return look > 0
                && (handedOut >= look
                        || projects.values().stream()
                                .anyMatch(told -> told.look() >= look
                                        || told.recipients().values().stream().anyMatch(each -> each >= look)));
    }

    private static List<SeenStep> advanced(
            List<SeenStep> steps, SharedImage share, Terms terms, Instant now, long number) {
        var last = steps.get(steps.size() - 1);
        var marks = last.marks().advanced(share, terms, now);
        if (marks.equals(last.marks())) {
            return steps;
        }
        var isNews =
                Notices.between(share, last.marks(), marks, terms).findAny().isPresent();
        var next = new ArrayList<>(steps);
        if (!isNews || (next.size() > 1 && last.look() == number)) {
            next.set(next.size() - 1, new SeenStep(last.look(), marks));
        } else {
            next.add(new SeenStep(number, marks));
        }
        if (next.size() > MAX_STEPS) {
            next.remove(1); // who was told of it, but not of the next one, is told of it again
        }
        return List.copyOf(next);
    }

    /** The last look that this recipient of the project was told of. */
    long toldTo(String project, String recipient) {
        var told = projects.get(project);
        return told == null ? 0 : Math.max(told.look(), told.recipients().getOrDefault(recipient, 0L));
    }

    /**
     * After a recipient was told, or was given up.
     *
     * @param recipient its key
     * @param about the projects that it was told for
     * @param recipients the keys of all recipients of a project
     * @param upTo the look up to which it was told
     * @param at when; null if it was given up
     */
    Journal told(
            String recipient,
            Set<String> about,
            Function<String, Set<String>> recipients,
            long upTo,
            @Nullable Instant at) {
        var next = new HashMap<>(projects);
        for (var project : about) {
            var before = projects.getOrDefault(project, new ToldProject(0, null, Map.of()));
            var each = new TreeMap<String, Long>();
            for (var key : recipients.apply(project)) {
                each.put(key, Math.max(toldTo(project, key), key.equals(recipient) ? upTo : 0));
            }
            var all = each.values().stream().min(Long::compare).orElse(upTo);
            each.values().removeIf(value -> value <= all);
            next.put(project, new ToldProject(all, at == null ? before.at() : at, each));
        }
        return new Journal(since, Math.max(look, upTo), shares, next);
    }

    /**
     * Without what nobody needs any longer: steps that everybody was told of, and, once there are no others, what projects
     * were told.
     *
     * @param open the UIDs of ImageShares with steps that somebody is to be told of, with the first look of these
     * @param rest how long a project's last message is remembered
     */
    Journal settled(Map<String, Long> open, Duration rest, Instant now) {
        var next = new HashMap<String, List<SeenStep>>();
        shares.forEach((uid, steps) -> {
            var first = open.getOrDefault(uid, Long.MAX_VALUE);
            var told = (int)
                    steps.stream().skip(1).filter(step -> step.look() < first).count();
            next.put(uid, told == 0 ? steps : List.copyOf(steps.subList(told, steps.size())));
        });
        var isQuiet = next.values().stream().allMatch(steps -> steps.size() == 1);
        var remembered = projects;
        if (isQuiet) {
            remembered = projects.entrySet().stream()
                    .filter(e -> e.getValue().at() != null
                            && e.getValue().at().plus(rest).isAfter(now))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }
        return next.equals(shares) && remembered.equals(projects) ? this : new Journal(since, look, next, remembered);
    }

    /** Pairs of neighbouring steps, the later ones of which are told of. */
    Stream<Map.Entry<SeenStep, SeenStep>> pairs(String uid) {
        var steps = shares.getOrDefault(uid, List.of());
        return Stream.iterate(1, i -> i < steps.size(), i -> i + 1).map(i -> Map.entry(steps.get(i - 1), steps.get(i)));
    }
}
