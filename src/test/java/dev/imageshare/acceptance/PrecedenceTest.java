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
