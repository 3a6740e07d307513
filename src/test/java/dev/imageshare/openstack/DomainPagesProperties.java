package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** What a Keystone's pages prove: one that is sound is read whole, whatever its release and limits; one that isn't is doubted. */
class DomainPagesProperties {

    /**
     * A Keystone that is sound.
     *
     * @param pages whether it knows limit and marker
     * @param most a longer page is cut to this ({@code max_db_limit}), or for one that doesn't page the whole list ({@code
     *     list_limit})
     * @param promises whether each full page says that more follows, the last one too
     */
    record Keystone(List<String> ids, boolean pages, int most, boolean promises) {
        Slice slice(int limit, @Nullable String marker) {
            List<String> found = ids.stream()
                    .filter(id -> !pages || marker == null || id.compareTo(marker) > 0)
                    .toList();
            int size = pages ? Math.min(limit, most) : most;
            boolean saysMore = found.size() > size || (promises && found.size() == size);
            return new Slice(found.subList(0, Math.min(size, found.size())), saysMore);
        }
    }

    record Slice(List<String> ids, boolean saysMore) {}

    /** Changes what a page is answered; the first has the number 0. */
    @FunctionalInterface
    interface Spoiler {
        Slice spoil(int page, Slice slice);
    }

    private int asked;

    private ProjectList read(Keystone keystone, Spoiler spoiler) {
        asked = 0;
        DomainPages.PageSource source = (limit, marker, room) -> {
            Slice slice = spoiler.spoil(asked++, keystone.slice(limit, marker));
            return page(slice, room);
        };
        return new DomainPages(source, room()).read().list();
    }

    private static ProjectRoom room() {
        return new ProjectRoom(project -> true, 10L << 20, 10L << 20);
    }

    private static ProjectListPage page(Slice slice, ProjectRoom given) {
        ProjectRoom room = given.copy();
        IdTally ids = new IdTally();
        List<DirectoryProject> kept = new ArrayList<>();
        for (String id : slice.ids()) {
            ids.add(id);
            DirectoryProject project = DirectoryProject.ofId(id);
            if (room.take(project)) {
                kept.add(project);
            }
        }
        return new ProjectListPage(kept, ids, slice.saysMore(), false, room);
    }

    private static List<String> ids(int count) {
        Random random = new Random(count);
        Set<String> ids = new TreeSet<>();
        while (ids.size() < count) {
            ids.add(String.format("%016x%016x", random.nextLong(), random.nextLong()));
        }
        return List.copyOf(ids);
    }

    private static List<String> told(ProjectList list) {
        return list.projects().stream().map(DirectoryProject::id).sorted().toList();
    }

    @Provide
    Arbitrary<Keystone> paging() {
        // the sizes at which pages are just full are the ones that matter
        Arbitrary<Integer> counts = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 1_300),
                Arbitraries.of(0, 1, 2, 498, 499, 500, 501, 998, 999, 1_000, 1_001, 1_498));
        return Combinators.combine(counts, Arbitraries.of(1_000, 500, 499, 100, 64), Arbitraries.of(true, false))
                .as((count, most, promises) -> new Keystone(ids(count), true, most, promises));
    }

    @Property(tries = 200)
    void a_keystone_that_pages_is_read_whole(@ForAll("paging") Keystone keystone) {
        ProjectList list = read(keystone, (page, slice) -> slice);
        assertThat(list.incompleteness()).isNull();
        assertThat(told(list)).isEqualTo(keystone.ids());
        assertThat(list.total())
                .isEqualTo(list.matched())
                .isEqualTo(keystone.ids().size());
        int size = Math.min(keystone.most(), 499);
        assertThat(asked).isLessThanOrEqualTo(keystone.ids().size() / Math.max(1, size - 1) + 4);
    }

    @Property(tries = 100)
    void a_keystone_that_does_not_page_is_read_whole_in_any_order(
            @ForAll @IntRange(max = 1_300) int count, @ForAll Random random) {
        List<String> ids = new ArrayList<>(ids(count));
        Collections.shuffle(ids, random);
        ProjectList list = read(new Keystone(ids, false, Integer.MAX_VALUE, false), (page, slice) -> slice);
        assertThat(list.incompleteness()).isNull();
        assertThat(told(list)).isEqualTo(ids(count));
    }

    /** It gives itself away by the second answer, which is longer than was asked for. */
    @Example
    void a_keystone_that_does_not_page_may_have_as_many_as_were_asked_for() {
        ProjectList list = read(new Keystone(ids(500), false, Integer.MAX_VALUE, false), (page, slice) -> slice);
        assertThat(list.incompleteness()).isNull();
        assertThat(told(list)).isEqualTo(ids(500));
        assertThat(asked).isEqualTo(2);
    }

    @Property(tries = 60)
    void a_list_that_is_cut_by_a_keystone_that_does_not_page_is_doubted(
            @ForAll @IntRange(min = 1, max = 1_000) int most) {
        ProjectList list = read(new Keystone(ids(1_206), false, most, false), (page, slice) -> slice);
        assertThat(list.incompleteness()).isNotNull();
        assertThat(told(list)).hasSize(most);
    }

    /** A project that was made or deleted meanwhile is no reason for doubt, but an empty page after a promise is. */
    @Property(tries = 60)
    void an_empty_page_after_one_that_says_more_is_doubted(
            @ForAll @IntRange(min = 1, max = 2) int emptied,
            @ForAll boolean once,
            @ForAll boolean promises,
            @ForAll @IntRange(min = 1_000, max = 1_300) int count) {
        ProjectList list = read(
                new Keystone(ids(count), true, 1_000, promises),
                (page, slice) -> page == emptied || (page > emptied && !once) ? new Slice(List.of(), false) : slice);
        assertThat(list.incompleteness()).contains("the next one is empty");
    }

    @Property(tries = 100)
    void a_page_that_lost_projects_after_it_was_cut_is_doubted(
            @ForAll @IntRange(max = 1) int spoiled, @ForAll Random random) {
        ProjectList list = read(new Keystone(ids(1_206), true, 1_000, true), (page, slice) -> {
            if (page != spoiled) {
                return slice;
            }
            List<String> left = new ArrayList<>(slice.ids());
            left.removeIf(id -> random.nextInt(100) == 0);
            left.remove(random.nextInt(left.size()));
            return new Slice(left, slice.saysMore());
        });
        if (list.isComplete()) {
            // the first page's size is then taken for Keystone's limit, and the list was begun again
            assertThat(spoiled).isZero();
            assertThat(told(list)).isEqualTo(ids(1_206));
        } else {
            assertThat(list.incompleteness()).contains("left out of it");
        }
    }

    @Example
    void pages_that_lose_projects_each_time_are_doubted() {
        ProjectList list = read(new Keystone(ids(1_206), true, 1_000, true), (page, slice) -> {
            List<String> left = new ArrayList<>(slice.ids());
            left.remove(2);
            return new Slice(left, slice.saysMore());
        });
        assertThat(list.incompleteness()).contains("left out of it");
        assertThat(list.total()).isLessThan(1_206);
    }

    @Example
    void a_page_that_comes_again_is_doubted_and_its_projects_are_named_once() {
        Keystone keystone = new Keystone(ids(1_206), true, 1_000, true);
        ProjectList list = read(keystone, (page, slice) -> page == 0 ? slice : keystone.slice(499, null));
        assertThat(list.incompleteness()).isEqualTo("the same page came twice");
        assertThat(told(list)).doesNotHaveDuplicates().hasSize(500);
        assertThat(list.total()).isEqualTo(500);
        assertThat(asked).isEqualTo(3);
    }

    @Example
    void an_id_that_is_given_twice_is_doubted() {
        ProjectList list = read(new Keystone(ids(1_206), true, 1_000, true), (page, slice) -> {
            if (page != 2) {
                return slice;
            }
            List<String> more = new ArrayList<>(slice.ids());
            more.add(0, ids(1_206).get(7));
            return new Slice(more, slice.saysMore());
        });
        assertThat(list.incompleteness()).contains("twice");
        assertThat(told(list)).isEqualTo(ids(1_206));
    }

    @Example
    void pages_in_another_order_are_doubted() {
        ProjectList list = read(new Keystone(ids(1_206), true, 1_000, true), (page, slice) -> {
            List<String> shuffled = new ArrayList<>(slice.ids());
            Collections.swap(shuffled, 3, 4);
            return new Slice(shuffled, slice.saysMore());
        });
        assertThat(list.incompleteness()).contains("not in the order");
    }

    /** Databases sort only plain IDs alike. */
    @Example
    void ids_that_databases_sort_in_their_own_ways_are_in_any_order() {
        List<String> ids = new ArrayList<>(ids(700));
        ids.set(3, ids.get(3).toUpperCase(Locale.ROOT) + "-B");
        ids.set(650, "A-" + ids.get(650));
        DomainPages.PageSource source = (limit, marker, room) -> {
            int from = marker == null ? 0 : ids.indexOf(marker) + 1;
            int to = Math.min(ids.size(), from + limit);
            return page(new Slice(ids.subList(from, to), to < ids.size()), room);
        };
        ProjectList list = new DomainPages(source, room()).read().list();
        assertThat(list.incompleteness()).isNull();
        assertThat(list.total()).isEqualTo(700);
    }

    @Example
    void a_list_without_an_end_is_doubted() {
        List<String> endless = ids(2_000);
        ProjectList list = read(new Keystone(endless, true, 5, true), (page, slice) -> slice);
        assertThat(list.incompleteness()).contains("more than 200 pages");
        assertThat(asked).isEqualTo(200);
    }

    @Example
    void more_than_there_is_memory_for_is_counted_and_doubted() {
        Keystone keystone = new Keystone(ids(1_206), true, 1_000, true);
        DomainPages.PageSource source = (limit, marker, room) -> page(keystone.slice(limit, marker), room);
        ProjectReading reading = new DomainPages(source, new ProjectRoom(project -> true, 200L * 600, 1_000)).read();
        assertThat(reading.all()).isNull();
        ProjectList list = reading.list();
        assertThat(list.matched()).isEqualTo(1_206);
        assertThat(list.projects()).hasSizeBetween(400, 700);
        assertThat(list.incompleteness()).contains("not enough memory for all 1206");
    }

    /** A list too long to be shared costs what is asked for, and no more. */
    @Example
    void what_nobody_asks_for_is_not_kept() {
        Keystone keystone = new Keystone(ids(1_206), true, 1_000, true);
        String wanted = keystone.ids().get(1_100);
        DomainPages.PageSource source = (limit, marker, room) -> page(keystone.slice(limit, marker), room);
        ProjectReading reading =
                new DomainPages(source, new ProjectRoom(project -> project.id().equals(wanted), 1_000, 100_000)).read();
        assertThat(reading.all()).isNull();
        assertThat(told(reading.list())).containsExactly(wanted);
        assertThat(reading.list().total()).isEqualTo(1_206);
        assertThat(reading.list().incompleteness()).isNull();
    }
}
