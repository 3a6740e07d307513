package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.notifier.Receipt.Result;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Nobody is forgotten and nobody is pestered, whatever happens: random sequences of additions, answers, removals, receivers
 * that fail, kills and time, judged by what arrived. {@code -Dnotifier.sequences=5000} plays as many; {@code -Dnotifier.seed=…}
 * begins with that seed, and a sequence that fails prints its own.
 */
class NotifierModelTest {

    private static final int SEQUENCES = Integer.getInteger("notifier.sequences", 3);
    private static final int STEPS = 60;
    private static final int PROJECTS = 5;
    private static final int IMAGES = 4;
    private static final Contacts CONTACTS = Contacts.parse(Sequence.contacts(), new byte[] {1});

    @Test
    void nobodyIsForgottenAndNobodyIsPestered() {
        var first = Long.getLong("notifier.seed", new Random().nextLong(1L << 40));
        System.out.printf("notifier model: %d sequences from seed %d%n", SEQUENCES, first);
        var told = 0;
        try (var api = EmbeddedKubernetes.start(0);
                var client = api.client()) {
            api.installCrds(Path.of("crds/image-notifiers"));
            for (var i = 0; i < SEQUENCES; i++) {
                var sequence = new Sequence(api, client, first + i);
                sequence.play();
                sequence.violations.forEach(System.out::println);
                assertThat(sequence.violations)
                        .as(
                                "sequence %d: replay it with -Dnotifier.seed=%d -Dnotifier.sequences=1%n%s",
                                i + 1, first + i, String.join("\n", sequence.trace))
                        .isEmpty();
                told += sequence.driven.deliveries.size();
            }
        }
        System.out.printf("notifier model: %d messages%n", told);
        assertThat(told).isGreaterThan(SEQUENCES);
    }

    private static final class Sequence {

        final DrivenNotifier driven;
        final List<String> violations = new ArrayList<>();
        final List<String> trace = new ArrayList<>();
        private final Random random;
        private final Set<String> refused = new HashSet<>();
        private boolean isDown;
        private Instant troubledSince = Instant.MAX;

        /** Offers that must arrive: address and notice ID, as long as they hold. */
        private final Map<String, String> owed = new TreeMap<>();

        /**
         * Whoever had to wait while the receiver was down may have been given up, and who has said no is not offered it again,
         * also if it takes that back: then it is reminded.
         */
        private final Set<String> excused = new HashSet<>();

        /** How often each message may come again. */
        private final Map<String, Integer> repeats = new HashMap<>();

        Sequence(EmbeddedKubernetes api, KubernetesClient client, long seed) {
            random = new Random(seed * 0x9E3779B97F4A7C15L);
            driven = new DrivenNotifier(api, client, "model-" + seed, seed, NotifierFlowTest.mail());
            driven.contacts(contacts());
            driven.answer = this::answer;
        }

        private static String contacts() {
            var text = new StringBuilder(Shares.OWNER + ": owner@example.org\n");
            for (var i = 0; i < PROJECTS; i++) {
                // the last two share an address
                text.append("\"%s\": [p%d@example.org%s]\n"
                        .formatted(Shares.project(i), Math.min(i, PROJECTS - 2), i == 1 ? ", extra@example.org" : ""));
            }
            return text.toString();
        }

        private Receipt answer(Parcel parcel) {
            if (isDown) {
                parcel.notices().forEach(n -> excused.add(parcel.recipient().address() + " " + n.id()));
                return Receipt.of(Result.LATER, "down");
            }
            if (refused.contains(parcel.recipient().address())) {
                parcel.notices().forEach(n -> excused.add(parcel.recipient().address() + " " + n.id()));
                return Receipt.of(Result.REFUSED, "refused (550)");
            }
            return Receipt.taken("");
        }

        void play() {
            driven.run(Duration.ofMinutes(1));
            for (var i = 0; i < STEPS; i++) {
                step();
                owe();
                // Whatever waits is given up within an hour, also if nobody tried while the receiver was up for a
                // moment.
                if (now().minus(Duration.ofMinutes(45)).isAfter(troubledSince)) {
                    excused.addAll(owed.keySet());
                }
            }
            isDown = false;
            refused.clear();
            driven.run(Duration.ofHours(3));
            owe();
            judge();
        }

        private Instant now() {
            return driven.clock.instant();
        }

        private void step() {
            var name = "image-" + random.nextInt(IMAGES);
            var project = Shares.project(random.nextInt(PROJECTS));
            driven.clock.move(Duration.ofMillis(1 + random.nextInt(900)));
            switch (random.nextInt(14)) {
                case 0, 1, 2, 3 -> {
                    trace.add(now() + " add " + project + " to " + name);
                    var share = driven.shares.computeIfAbsent(name, n -> new Shares(n, now()));
                    if (!share.members().containsKey(project)) {
                        share.added(project, now());
                    }
                }
                case 4, 5 -> {
                    var share = driven.shares.get(name);
                    if (share != null && share.members().containsKey(project)) {
                        var answer = MemberAnswer.values()[random.nextInt(3)];
                        trace.add(now() + " " + project + " answers " + answer + " to " + name);
                        if (answer == MemberAnswer.rejected) {
                            excuse(share.view(), project);
                        }
                        if (share.members().get(project).status() != answer) {
                            share.answered(project, answer, now());
                        }
                    }
                }
                case 6 -> {
                    var share = driven.shares.get(name);
                    if (share != null) {
                        trace.add(now() + " remove " + project + " from " + name);
                        share.removed(project);
                    }
                }
                case 7 -> {
                    isDown = !isDown;
                    troubledSince = isDown && troubledSince.equals(Instant.MAX) ? now() : troubledSince;
                    trace.add(now() + " receiver is " + (isDown ? "down" : "up"));
                }
                case 8 -> {
                    var address = "p" + random.nextInt(PROJECTS - 1) + "@example.org";
                    if (!refused.remove(address)) {
                        refused.add(address);
                    }
                    trace.add(now() + " refused: " + refused);
                }
                case 9 -> {
                    trace.add(now() + " kill");
                    driven.kill();
                }
                case 10 -> {
                    trace.add(now() + " kill after send, under way: " + driven.isUnderWay());
                    var before = driven.deliveries.size();
                    driven.killAfterSend();
                    for (var sent : driven.deliveries.subList(before, driven.deliveries.size())) {
                        sent.notices().forEach(n -> repeats.merge(sent.address() + " " + n.id(), 1, Integer::sum));
                    }
                }
                case 11 -> {
                    trace.add(now() + " a pass alone");
                    driven.look();
                }
                case 12 -> run(Duration.ofMinutes(1 + random.nextInt(20)));
                default -> run(Duration.ofHours(1 + random.nextInt(100)));
            }
        }

        private void run(Duration time) {
            trace.add(now() + " " + time + " go by");
            driven.run(time);
            if (!isDown && time.compareTo(Duration.ofMinutes(20)) > 0) {
                troubledSince = Instant.MAX;
            }
        }

        /** What must have arrived by the end, unless it no longer holds. */
        private void owe() {
            owed.clear();
            for (var share : driven.shares.values()) {
                offers(share.view())
                        .forEach(n -> recipients(n.audience())
                                .forEach(address -> owed.put(
                                        address + " " + n.id(),
                                        n.event() + " " + n.share().name())));
            }
        }

        private void excuse(SharedImage share, String project) {
            offers(share)
                    .filter(n -> n.audience().equals(project))
                    .forEach(n -> recipients(project).forEach(address -> excused.add(address + " " + n.id())));
        }

        private Stream<Notice> offers(SharedImage share) {
            return Notices.between(
                            share,
                            Marks.until(share.created().minusSeconds(200)),
                            Marks.all(share, now()),
                            Terms.of(NotifierFlowTest.mail(), Duration.ofDays(7)))
                    .filter(n -> n.event() == NoticeType.Offered);
        }

        private static List<String> recipients(String project) {
            return CONTACTS.of(project).stream().map(Recipient::address).toList();
        }

        private void judge() {
            var times = new HashMap<String, Integer>();
            for (var delivery : driven.deliveries) {
                for (var notice : delivery.notices()) {
                    times.merge(delivery.address() + " " + notice.id(), 1, Integer::sum);
                }
            }
            owed.forEach((key, what) -> {
                if (!times.containsKey(key) && !excused.contains(key)) {
                    violations.add("never told: " + key + " " + what);
                }
            });
            times.forEach((key, count) -> {
                if (count > 1 + repeats.getOrDefault(key, 0)) {
                    violations.add("told " + count + " times: " + key);
                }
            });
            restraint();
            reminders();
        }

        /** At most one in ten minutes, but for the one that a kill repeats. */
        private void restraint() {
            var last = new HashMap<String, DrivenNotifier.Delivery>();
            for (var delivery : driven.deliveries) {
                var before = last.put(delivery.address(), delivery);
                var mayRepeat = before != null
                        && before.notices().stream()
                                .anyMatch(n -> repeats.containsKey(delivery.address() + " " + n.id()));
                if (before != null
                        && !mayRepeat
                        && Duration.between(before.at(), delivery.at())
                                        .compareTo(NotifierSettings.defaults()
                                                .interval()
                                                .minusSeconds(1))
                                < 0) {
                    violations.add("two in ten minutes: " + delivery.address() + " at " + before.at() + " and "
                            + delivery.at());
                }
            }
        }

        private void reminders() {
            var series = new HashMap<String, Set<String>>();
            for (var delivery : driven.deliveries) {
                for (var notice : delivery.notices()) {
                    if (notice.event() == NoticeType.Reminder) {
                        series.computeIfAbsent(
                                        delivery.address()
                                                + notice.share().name()
                                                + notice.project()
                                                + notice.occurrence().replaceFirst(" .*", ""),
                                        k -> new HashSet<>())
                                .add(notice.id());
                    }
                }
            }
            series.forEach((key, ids) -> {
                if (ids.size() > 3) {
                    violations.add("reminded " + ids.size() + " times: " + key);
                }
            });
        }
    }
}
