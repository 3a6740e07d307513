package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.api.v1alpha1.ImageNotifierStatus;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What the status remembers is enough, and no more than the status may have. */
class JournalTest {

    private static final Instant START = Instant.parse("2026-11-01T08:00:00.123Z");
    private static final Terms ALL =
            new Terms(EnumSet.allOf(NoticeType.class), Duration.ofDays(7), Duration.ofDays(7), 3, Duration.ofDays(7));

    private static Journal look(Journal journal, Collection<Shares> shares, Instant now) {
        return journal.looked(shares.stream().map(Shares::view).toList(), ALL, journal.since(), 0, image -> false, now);
    }

    private static Journal reread(Journal journal) {
        var status = new ImageNotifierStatus(1L, null, null, null, journal.written(), null);
        return Journal.of(Serialization.unmarshal(Serialization.asJson(status), ImageNotifierStatus.class))
                .orElseThrow();
    }

    @Test
    void itIsReadAsItWasWritten() {
        var share = new Shares("ubuntu", START.minusSeconds(1000));
        var journal = look(Journal.begin(START), List.of(share), START);
        share.added(Shares.project(1), START.plusMillis(5)).holding("abc");
        journal = look(journal, List.of(share), START.plusSeconds(1));
        share.answered(Shares.project(1), MemberAnswer.accepted, START.plusSeconds(5));
        journal = look(journal, List.of(share), START.plusSeconds(6))
                .told("k1", Set.of("p"), p -> Set.of("k1", "k2"), 1, START.plusSeconds(7));

        assertThat(reread(journal).shares()).isEqualTo(journal.shares());
        assertThat(reread(journal).projects().get("p").recipients())
                .isEqualTo(journal.projects().get("p").recipients());
        assertThat(reread(journal).look()).isEqualTo(journal.look());
    }

    @Test
    void aStatusThatCantBeReadIsNone() {
        assertThat(Journal.of(null)).isEmpty();
        var garbage = new ImageNotifierStatus.NotifierProgress("garbage", -1, null, null);
        assertThat(Journal.of(new ImageNotifierStatus(1L, null, null, null, garbage, null)))
                .isEmpty();
    }

    /** etcd takes objects of 1.5 MiB. */
    @Test
    void theLargestOneFits() {
        var journal = Journal.begin(START);
        var shares = IntStream.range(0, Journal.MAX_SHARES)
                .mapToObj(i -> new Shares("image-" + i + "-".repeat(200), START.minusSeconds(1000)))
                .toList();
        journal = look(journal, shares, START);
        for (var round = 1; round <= 20; round++) {
            var at = START.plusSeconds(round);
            for (var share : shares) {
                for (var p = 0; p < 3; p++) {
                    share.added(Shares.project(p), at);
                }
            }
            journal = look(journal, shares, at).told("k", Set.of("p" + round), p -> Set.of("k"), round, at);
        }
        var keys = IntStream.range(0, 3).mapToObj(k -> "0123456789abcde" + k).toList();
        var projects = IntStream.range(0, 6_000).mapToObj("%0255d"::formatted).collect(Collectors.toSet());
        journal = journal.told(keys.get(0), projects, p -> Set.copyOf(keys), 5, START);

        assertThat(Serialization.asJson(journal.written()).length()).isLessThan(1_200_000);
    }

    /** However looks, messages and restarts follow each other: everybody is told everything once. */
    @Property(tries = 300)
    void everybodyIsToldEverythingOnce(@ForAll @Size(max = 60) List<@IntRange(max = 99) Integer> steps) {
        var contacts = Contacts.parse(
                "p0: [a@x, b@x]\np1: [b@x]\np2: [c@x]\n"
                        .replace("p", "\"0000000000000000000000000000000")
                        .replace(":", "\":"),
                new byte[] {1});
        var shares = new HashMap<String, Shares>();
        for (var i = 0; i < 3; i++) {
            shares.put("i" + i, new Shares("i" + i, START.minusSeconds(1000)));
        }
        var told = new HashMap<String, Integer>();
        var owed = new HashSet<String>();
        var now = START;
        var journal = look(Journal.begin(now), shares.values(), now);
        for (var step : steps) {
            now = now.plusMillis(7);
            var share = shares.get("i" + step % 3);
            var project = Shares.project(step / 3 % 3);
            switch (step % 7) {
                case 0, 1, 2 -> {
                    if (!share.members().containsKey(project)) {
                        share.added(project, now);
                        for (var r : contacts.of(project)) {
                            owed.add(r.address() + share.uid() + project);
                        }
                    }
                }
                case 3 -> journal = look(journal, shares.values(), now);
                case 4, 5 -> journal = tell(journal, shares, contacts, step, told, now);
                default -> journal = reread(journal);
            }
        }
        journal = look(journal, shares.values(), now);
        for (var i = 0; i < 4; i++) {
            journal = tell(journal, shares, contacts, 0, told, now);
        }

        assertThat(told.keySet()).isEqualTo(owed);
        assertThat(told.values()).allMatch(times -> times == 1);
        var quiet = journal.settled(Map.of(), Duration.ofMinutes(10), now.plus(Duration.ofHours(1)));
        assertThat(quiet.projects()).isEmpty();
        assertThat(quiet.shares().values()).allMatch(each -> each.size() == 1);
        assertThat(look(quiet, shares.values(), now.plus(Duration.ofHours(1)))).isSameAs(quiet);
    }

    /** One message to one recipient, and what a pass does around it. */
    private static Journal tell(
            Journal journal,
            Map<String, Shares> shares,
            Contacts contacts,
            int which,
            Map<String, Integer> told,
            Instant now) {
        var views = new HashMap<String, SharedImage>();
        shares.values().forEach(share -> views.put(share.uid(), share.view()));
        var found = Waiting.found(journal, views, ALL);
        var waiting = Waiting.of(found, journal, contacts, Integer.MAX_VALUE);
        if (waiting.parcels().isEmpty()) {
            return journal;
        }
        var parcel = waiting.parcels().get(which % waiting.parcels().size());
        parcel.notices()
                .forEach(
                        n -> told.merge(parcel.recipient().address() + n.share().uid() + n.project(), 1, Integer::sum));
        var next = journal.told(
                parcel.recipient().key(),
                parcel.projects(),
                p -> new HashSet<>(contacts.of(p).stream().map(Recipient::key).toList()),
                parcel.look(),
                now);
        return next.settled(Waiting.of(found, next, contacts, Integer.MAX_VALUE).open(), Duration.ofMinutes(10), now);
    }
}
