package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.openstack.AnswerBudget.Lease;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerBudgetTest {
    private static final long WHOLE = 20L << 20;

    private final AnswerBudget budget = new AnswerBudget(WHOLE);

    /** Uses as much as it gets. */
    private static void fill(Lease lease) {
        for (long bytes = 1 << 20; bytes > 0; bytes /= 2) {
            while (lease.use(bytes)) {
                // more
            }
        }
    }

    @Test
    void one_namespace_comes_to_a_fifth_however_many_answers_it_reads() {
        for (int i = 0; i < 10; i++) {
            fill(budget.lease("greedy"));
        }
        assertThat(budget.held()).isLessThanOrEqualTo(WHOLE / 5 + WHOLE / 40).isGreaterThan(WHOLE / 6);
    }

    @Test
    void twenty_greedy_ones_leave_room_for_a_large_answer_of_one_more() {
        List<Lease> greedy = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Lease lease = budget.lease("greedy" + i);
            fill(lease);
            greedy.add(lease);
        }
        assertThat(budget.lease("quiet").use(512 << 10)).isTrue();
        assertThat(budget.held()).isLessThan(WHOLE + 21 * WHOLE / 40);
        greedy.forEach(Lease::close);
    }

    @Test
    void a_small_answer_needs_nothing_of_it() {
        fill(budget.lease("greedy"));
        for (int i = 0; i < 100; i++) {
            assertThat(budget.lease("greedy").use(AnswerBudget.FREE)).isTrue();
        }
        assertThat(new AnswerBudget(1).lease("small").use(AnswerBudget.FREE)).isTrue();
    }

    @Test
    void what_an_answer_held_is_free_again_when_it_ends() {
        Lease lease = budget.lease("a");
        fill(lease);
        lease.close();
        lease.close();
        assertThat(budget.held()).isZero();
        assertThat(budget.lease("a").use(WHOLE / 6)).isTrue();
    }

    @Test
    void what_was_used_for_a_moment_can_be_used_again() {
        Lease lease = budget.lease("a");
        for (int i = 0; i < 1_000; i++) {
            long before = lease.used();
            assertThat(lease.use(1 << 20)).isTrue();
            lease.backTo(before);
        }
        assertThat(budget.held()).isLessThan(2 << 20);
    }
}
