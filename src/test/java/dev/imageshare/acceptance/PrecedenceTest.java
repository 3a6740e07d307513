package dev.imageshare.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.acceptance.AnswerPlan.Senior;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.From;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.OfferedImage;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus;
import dev.imageshare.api.v1alpha1.ImageAcceptanceStatus.ProjectInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.openstack.SameClouds;
import dev.imageshare.reconcile.InMemoryCache;
import dev.imageshare.reconcile.MovableClock;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Between namespaces it counts whose project this process saw an object's credentials to be, in one cloud, not long ago. */
class PrecedenceTest {

    private static final String IMAGE = "1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88";
    private static final ProjectInfo REAL = new ProjectInfo("team", "RegionOne", "https://keystone.example.org:5000");
    private static final ProjectInfo FORGED = new ProjectInfo("team", "RegionOne", "http://203.0.113.7:5000");

    private final MovableClock clock = new MovableClock();

    private Precedence precedence(ImageAcceptance... all) {
        return new Precedence(new InMemoryCache<>(List.of(all)), SameClouds.none(), clock);
    }

    @Test
    void aCloudThatClaimsAnothersProjectGoesBeforeNobody() {
        var victim = named("victims", 5, MemberAnswer.accepted);
        var matching = matching("victims", 6);
        var evil = named("evil", 1, MemberAnswer.rejected);
        var precedence = precedence(victim, matching, evil);
        precedence.prove(evil, FORGED);
        precedence.prove(victim, REAL);
        precedence.prove(matching, REAL);

        assertThat(precedence.conflict(victim, REAL)).isEmpty();
        assertThat(precedence.seniors(matching, REAL)).extracting(Senior::name).containsExactly("victims/5");
        assertThat(precedence.others(evil)).isEmpty();
    }

    @Test
    void anotherNamespacesStatusAloneGoesBeforeNobody() {
        var victim = named("victims", 5, MemberAnswer.accepted);
        var evil = withProject(named("evil", 1, MemberAnswer.rejected), REAL);
        var precedence = precedence(victim, evil);
        precedence.prove(victim, REAL);

        assertThat(precedence.conflict(victim, REAL)).isEmpty();
        assertThat(precedence.awaitedSenior(victim, REAL))
                .as("it came after the start")
                .isEmpty();
        assertThat(precedence.others(evil))
                .as("nor does it have anybody looked at")
                .isEmpty();
    }

    @Test
    void theSameCloudsProjectCountsInEachNamespaceUntilItLapses() {
        var older = named("a", 1, MemberAnswer.rejected);
        var younger = named("b", 2, MemberAnswer.accepted);
        var precedence = precedence(older, younger);
        precedence.prove(older, REAL);
        assertThat(precedence.conflict(younger, REAL)).contains(older);

        clock.move(Duration.ofHours(1));
        assertThat(precedence.conflict(younger, REAL)).isEmpty();
        precedence.prove(older, REAL);
        assertThat(precedence.conflict(younger, REAL)).contains(older);
        precedence.forget(older.getMetadata().getUid());
        assertThat(precedence.conflict(younger, REAL)).isEmpty();
    }

    @Test
    void withinANamespaceAStatusOrTheSameCredentialsCount() {
        var byStatus = withProject(named("team", 1, MemberAnswer.rejected), FORGED);
        var younger = named("team", 2, MemberAnswer.accepted);
        assertThat(precedence(byStatus, younger).conflict(younger, REAL)).contains(byStatus);

        var byCredentials = named("team", 1, MemberAnswer.rejected);
        assertThat(precedence(byCredentials, younger).conflict(younger, REAL)).contains(byCredentials);
    }

    @Test
    void aProcessThatHasStartedWaitsForTheFirstPassOfOthersFiveMinutesAtMost() {
        var older = withProject(named("a", 1, MemberAnswer.rejected), REAL);
        var younger = withProject(named("b", 2, MemberAnswer.accepted), REAL);
        var precedence = precedence(older, younger);
        precedence.start(List.of(older, younger).stream());

        assertThat(precedence.awaitedSenior(younger, REAL)).contains(older);
        assertThat(precedence.awaitedSenior(older, REAL)).isEmpty();
        assertThat(precedence.looked(older)).containsExactly(ResourceID.fromResource(younger));
        assertThat(precedence.awaitedSenior(younger, REAL)).isEmpty();

        var again = precedence(older, younger);
        again.start(List.of(older, younger).stream());
        clock.move(Duration.ofMinutes(5));
        assertThat(again.awaitedSenior(younger, REAL)).isEmpty();
    }

    // ------------------------------------------------------------ who goes first

    @Test
    void ofTwoThatNameOneImageTheYoungerKeepsStillOnlyIfItSaysOtherwise() {
        var older = named("team", 1, MemberAnswer.accepted);
        var same = named("team", 2, MemberAnswer.accepted);
        var other = named("team", 3, MemberAnswer.rejected);
        var precedence = precedence(older, same, other);

        assertThat(precedence.conflict(older, REAL)).isEmpty();
        assertThat(precedence.conflict(same, REAL)).isEmpty();
        assertThat(precedence.conflict(other, REAL)).contains(older);
    }

    @Test
    void anotherImagesAndAMatchingObjectAreNoConflict() {
        var another = acceptance(
                "team", 1, new OfferedImage("2f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88"), null, MemberAnswer.rejected);
        var matching = matching("team", 0);
        var self = named("team", 2, MemberAnswer.accepted);

        assertThat(precedence(another, self).conflict(self, REAL)).isEmpty();
        assertThat(precedence(another, matching).conflict(matching, REAL)).isEmpty();
        assertThat(precedence(matching, named("team", 3, MemberAnswer.rejected))
                        .conflict(named("team", 3, MemberAnswer.rejected), REAL))
                .isEmpty();
    }

    @Test
    void allThatNameAnImageGoBeforeOneThatMatchesAndSoDoOlderOnesThatAnswer() {
        var self = matching("team", 5);
        var youngNamed = named("team", 9, MemberAnswer.pending);
        var olderMatching = matching("team", 3);
        var youngerMatching = matching("team", 7);
        var olderThatOnlyLooks = acceptance("team", 2, null, new From(List.of("images"), null), MemberAnswer.pending);
        var precedence = precedence(self, youngNamed, olderMatching, youngerMatching, olderThatOnlyLooks);

        assertThat(precedence.seniors(self, REAL))
                .containsExactly(
                        new Senior("team/3", null, olderMatching.getSpec().from()), new Senior("team/9", IMAGE, null));
    }

    @Test
    void whatIsBeingDeletedOrInvalidGoesBeforeNobody() {
        var self = named("team", 5, MemberAnswer.accepted);
        var deleted = named("team", 1, MemberAnswer.rejected);
        deleted.getMetadata().setDeletionTimestamp("2026-11-21T19:00:00Z");
        var invalid = acceptance("team", 2, new OfferedImage("no-uuid"), null, MemberAnswer.rejected);
        var empty = named("team", 3, MemberAnswer.rejected);
        empty.setSpec(null);
        var precedence = precedence(self, deleted, invalid, empty);

        assertThat(precedence.others(self, REAL)).isEmpty();
        assertThat(precedence.conflict(self, REAL)).isEmpty();
    }

    @Test
    void anObjectThatTookTheNameOfAProvenOneIsAnother() {
        var self = named("b", 5, MemberAnswer.accepted);
        var proven = named("a", 1, MemberAnswer.rejected);
        var successor = named("a", 1, MemberAnswer.rejected);
        successor.getMetadata().setUid("another");
        var precedence = precedence(self, successor);
        precedence.prove(proven, REAL);

        assertThat(precedence.others(self, REAL)).isEmpty();
    }

    @Test
    void otherCredentialsOfTheNamespaceAreAnotherProjectUntilSeen() {
        var self = named("team", 5, MemberAnswer.accepted);
        var other = named("team", 1, MemberAnswer.rejected);
        other.setSpec(new ImageAcceptanceSpec(
                new CloudCredentialsRef("clouds", "another"),
                other.getSpec().image(),
                null,
                MemberAnswer.rejected,
                "10m"));
        var precedence = precedence(self, other);
        assertThat(precedence.others(self, REAL)).isEmpty();
        assertThat(precedence.others(self, null)).isEmpty();

        precedence.prove(other, new ProjectInfo("another", "RegionOne", REAL.cloud()));
        assertThat(precedence.others(self, REAL)).isEmpty();
        precedence.prove(other, FORGED);
        assertThat(precedence.others(self, REAL))
                .as("one project, however the namespace writes the cloud's URL")
                .containsExactly(other);
    }

    @Test
    void projectsAreOneByIdAndRegion() {
        assertThat(Precedence.isSameProject(REAL, FORGED)).isTrue();
        assertThat(Precedence.isSameProject(REAL, new ProjectInfo("team", "RegionTwo", REAL.cloud())))
                .isFalse();
        assertThat(Precedence.isSameProject(REAL, new ProjectInfo("other", "RegionOne", REAL.cloud())))
                .isFalse();
        assertThat(Precedence.isSameProject(null, REAL)).isFalse();
        assertThat(Precedence.isSameProject(REAL, null)).isFalse();
        assertThat(Precedence.isSameProject(null, null)).isFalse();
    }

    @Test
    void withoutAskingTheCloudTheProjectIsTheProvenOneElseTheStatuss() {
        var self = withProject(named("a", 5, MemberAnswer.accepted), REAL);
        var other = named("b", 1, MemberAnswer.rejected);
        var precedence = precedence(self, other);
        precedence.prove(other, REAL);
        assertThat(precedence.others(self)).as("a status can name anybody's").isEmpty();

        precedence.prove(self, REAL);
        assertThat(precedence.others(self)).containsExactly(other);
        precedence.prove(self, FORGED);
        assertThat(precedence.others(self)).isEmpty();
    }

    @Test
    void withinANamespaceAStatussProjectIsBelievedWithoutAskingTheCloud() {
        var self = withProject(named("team", 5, MemberAnswer.accepted), REAL);
        var other = withProject(named("team", 1, MemberAnswer.rejected), FORGED);
        other.setSpec(new ImageAcceptanceSpec(
                new CloudCredentialsRef("others", "team"),
                other.getSpec().image(),
                null,
                MemberAnswer.rejected,
                "10m"));

        assertThat(precedence(self, other).others(self)).containsExactly(other);
    }

    @Test
    void afterAStartAMatchingObjectWaitsForWhatWouldGoBeforeIt() {
        var named = withProject(named("a", 9, MemberAnswer.pending), REAL);
        var older = withProject(matching("c", 1), REAL);
        var younger = withProject(matching("d", 8), REAL);
        var self = withProject(matching("b", 5), REAL);
        for (var other : List.of(named, older)) {
            var precedence = precedence(other, self);
            precedence.start(List.of(other, self).stream());
            assertThat(precedence.awaitedSenior(self, REAL)).contains(other);
            assertThat(precedence.forget(other.getMetadata().getUid())).containsExactly(ResourceID.fromResource(self));
        }
        var precedence = precedence(younger, self);
        precedence.start(List.of(younger, self).stream());
        assertThat(precedence.awaitedSenior(self, REAL)).isEmpty();
        assertThat(precedence.looked(younger)).as("nobody waits").isEmpty();
    }

    @Test
    void afterAStartWhatNamesAnImageWaitsOnlyForAnOlderOneThatSaysOtherwise() {
        var self = withProject(named("b", 5, MemberAnswer.accepted), REAL);
        var deleted = withProject(named("a", 1, MemberAnswer.rejected), REAL);
        deleted.getMetadata().setDeletionTimestamp("2026-11-21T19:00:00Z");
        var elsewhere =
                withProject(named("a", 1, MemberAnswer.rejected), new ProjectInfo("team", "RegionTwo", REAL.cloud()));
        var another = withProject(
                acceptance(
                        "a", 1, new OfferedImage("2f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88"), null, MemberAnswer.rejected),
                REAL);
        for (var other : List.of(
                withProject(named("a", 1, MemberAnswer.accepted), REAL),
                withProject(named("a", 9, MemberAnswer.rejected), REAL),
                withProject(matching("a", 1), REAL),
                deleted,
                elsewhere,
                another)) {
            var precedence = precedence(other, self);
            precedence.start(List.of(other, self).stream());

            assertThat(precedence.awaitedSenior(self, REAL)).isEmpty();
        }
    }

    private static ImageAcceptance named(String namespace, int age, MemberAnswer answer) {
        return acceptance(namespace, age, new OfferedImage(IMAGE), null, answer);
    }

    private static ImageAcceptance matching(String namespace, int age) {
        return acceptance(namespace, age, null, new From(List.of("images"), null), MemberAnswer.accepted);
    }

    private static ImageAcceptance acceptance(
            String namespace, int age, OfferedImage image, From from, MemberAnswer answer) {
        var acceptance = new ImageAcceptance();
        var metadata = acceptance.getMetadata();
        metadata.setNamespace(namespace);
        metadata.setName(Integer.toString(age));
        metadata.setUid(namespace + age);
        metadata.setGeneration(1L);
        metadata.setCreationTimestamp("2026-11-21T18:00:0" + age + "Z");
        acceptance.setSpec(
                new ImageAcceptanceSpec(new CloudCredentialsRef("clouds", "team"), image, from, answer, "10m"));
        return acceptance;
    }

    private static ImageAcceptance withProject(ImageAcceptance acceptance, ProjectInfo project) {
        acceptance.setStatus(new ImageAcceptanceStatus(1L, project, null, null, null, null));
        return acceptance;
    }
}
