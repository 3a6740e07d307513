package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Access that ends, on real services: the operator's clock is moved, that of Glance is not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExpiryRealIT {

    /** Less than the two minutes that clocks may be apart. */
    private static final Duration A_WHILE = Duration.ofSeconds(90);

    private final MovedClock clock = new MovedClock();
    private final World world = new RealWorld(RealOpenStackLab.standard(), EnumSet.of(OptionalKind.ProjectSet), clock);
    private final String consumer = world.openstack().projectId("consumer-a");
    private final String other = project();
    private Instant begin;
    private String image;
    private SetTeam team;

    @BeforeEach
    void newTeam() {
        clock.ahead = Duration.ZERO;
        begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        image = world.openstack().createImage("producer", "ends", "shared", List.of());
        var domain = world.openstack().keystone().createDomain("ends");
        team = new SetTeam(world, world.openstack().keystone().domainReader(domain));
    }

    @AfterAll
    void stop() {
        world.close();
    }

    private static String project() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    /** The machine's, and as far ahead of it as the test says. */
    private static final class MovedClock extends Clock {
        private volatile Duration ahead = Duration.ZERO;

        @Override
        public ZoneId getZone() {
            return Clock.systemUTC().getZone();
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant instant() {
            return Clock.systemUTC().instant().plus(ahead);
        }
    }

    private static DeclaredMember until(String project, Instant end) {
        return new DeclaredMember(project, end.toString());
    }

    private void declare(DeclaredMember... members) {
        team.namespace.edit("ends", spec -> Namespace.with(spec, List.of(members)));
    }

    /** With a limit of none: only what may go without a person goes. */
    private void create(DeclaredMember... members) {
        team.namespace.create(Namespace.changed(
                team.namespace.share("ends", image),
                spec -> Namespace.withMaxRemovals(Namespace.with(spec, List.of(members)), new IntOrString(0))));
        team.namespace.awaitReady("ends");
    }

    private void awaitMembers(String... projects) {
        eventually(() -> assertThat(world.openstack().members("producer", image).keySet())
                .containsExactlyInAnyOrder(projects));
    }

    /** Passes since now: whatever they would do is done. */
    private void awaitPasses() {
        var marker = project();
        declare(Stream.concat(
                        team.namespace.at("ends").get().getSpec().members().stream(),
                        Stream.of(new DeclaredMember(marker)))
                .toArray(DeclaredMember[]::new));
        eventually(
                () -> assertThat(world.openstack().members("producer", image)).containsKey(marker));
    }

    @Test
    void itEndsAtItsTimeAndNotBefore() {
        create(new DeclaredMember(other), until(consumer, begin.plus(A_WHILE)));
        awaitMembers(consumer, other);
        assertThat(team.namespace.at("ends").get().getStatus().nextExpiry())
                .isEqualTo(begin.plus(A_WHILE).toString());

        clock.ahead = A_WHILE.minusSeconds(30);
        awaitPasses();
        assertThat(world.openstack().members("producer", image)).containsKey(consumer);
        clock.ahead = A_WHILE.plusSeconds(1);

        eventually(
                () -> assertThat(world.openstack().members("producer", image)).doesNotContainKey(consumer));
        eventually(() -> assertThat(team.namespace.at("ends").get().getStatus().nextExpiry())
                .isNull());
        eventually(() -> assertThat(team.namespace.events("ends")).contains("AccessEnding", "AccessEnded"));
    }

    /** 2025 typed for 2026: nobody saw it while it was still to come. */
    @Test
    void aYearTypedWronglyWaitsForAPerson() {
        create(new DeclaredMember(other), new DeclaredMember(consumer));

        declare(new DeclaredMember(other), until(consumer, begin.minus(Duration.ofDays(365))));

        team.namespace.awaitReason("ends", Reason.RemovalHeld);
        awaitMembers(consumer, other);
        declare(new DeclaredMember(other), until(consumer, begin.plus(Duration.ofDays(365))));
        team.namespace.awaitReady("ends");
        awaitMembers(consumer, other);
    }

    @Test
    void extendedInTimeTheAnswerStays() {
        create(new DeclaredMember(other), until(consumer, begin.plus(A_WHILE)));
        world.openstack().answer("consumer-a", image, MemberStatus.accepted);

        declare(new DeclaredMember(other), until(consumer, begin.plus(A_WHILE.multipliedBy(4))));
        team.namespace.awaitReady("ends");
        clock.ahead = A_WHILE.plusSeconds(5);
        awaitPasses();

        assertThat(world.openstack().members("producer", image)).containsKey(consumer);
        eventually(() -> assertThat(team.namespace.at("ends").get().getStatus().members())
                .filteredOn(member -> member.projectID().equals(consumer))
                .extracting(MemberInfo::status)
                .containsExactly(MemberAnswer.accepted));
    }

    /** A set that names the project for longer keeps it; the share's own end takes nothing away. */
    @Test
    void ofTwoSourcesTheLaterEndCounts() {
        team.declare(SetTeam.spec(
                List.of(new ProjectEntry(
                        consumer, "contractor", begin.plus(A_WHILE).toString())),
                null,
                null,
                "0%"));
        team.awaitProjects(List.of(consumer));
        create(new DeclaredMember(other));
        team.namespace.edit("ends", spec -> Namespace.withProjectSets(spec, SetTeam.SET));
        declare(new DeclaredMember(other), until(consumer, begin.plusSeconds(40)));
        awaitMembers(consumer, other);
        team.namespace.awaitReady("ends");

        clock.ahead = Duration.ofSeconds(45);
        awaitPasses();
        assertThat(world.openstack().members("producer", image)).containsKey(consumer);
        clock.ahead = A_WHILE.plusSeconds(1);

        eventually(
                () -> assertThat(world.openstack().members("producer", image)).doesNotContainKey(consumer));
        team.awaitProjects(List.of());
        eventually(() -> assertThat(team.namespace.events(SetTeam.SET)).contains("ProjectsExpired"));
    }

    /** Glance says what time it is. */
    @Test
    void byAClockThatIsWrongNothingEnds() {
        create(new DeclaredMember(other), until(consumer, begin.plus(Duration.ofMinutes(20))));

        clock.ahead = Duration.ofHours(1);

        var waiting = team.namespace.awaitReason("ends", Reason.ClockSkew);
        assertThat(Namespace.condition(waiting, "Ready").message())
                .containsPattern("the clock of the image service is (59|60) minutes behind the operator's");
        awaitPasses();
        assertThat(world.openstack().members("producer", image)).containsKey(consumer);
        clock.ahead = Duration.ZERO;
        team.namespace.awaitReady("ends");
        assertThat(world.openstack().members("producer", image)).containsKey(consumer);
    }
}
