package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectSetReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus;
import dev.imageshare.api.v1alpha1.ImageShareStatus.FollowedSet;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.orc.Referent.Unresolved;
import dev.imageshare.orc.Referent.Why;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.InMemoryCache;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** ProjectSets as sources of an ImageShare's members. */
class SetSourcesTest {

    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
    private static final String BEGAN = "2026-01-01T00:00:00Z";
    private static final FollowedSet SAME = new FollowedSet("ci", "uid-1", BEGAN);

    @Test
    void theProjectsOfASetAreDeclaredInTheOrderOfTheirIdsButForThoseExcepted() {
        var set = set("uid-1", true, List.of(), "a", "b", "c");

        var declaration = declaration(List.of("b"), status(List.of()), SetReferent.of(Optional.of(set)));

        assertThat(declaration.projects()).containsExactly("a", "c");
        assertThat(declaration.declaredBy())
                .isEqualTo(Map.of("a", List.of("ProjectSet/ci"), "c", List.of("ProjectSet/ci")));
        assertThat(declaration.sets()).extracting(Source.SetIdentity::set).containsExactly(SAME);
    }

    /** Judged once, by the set's own guard; but only for who had it from this very set. */
    @Test
    void whatTheSetLetGoIsReleasedIfItIsTheSetThatTheObjectKnows() {
        var status = status(List.of(SAME), "a", "b", "x");
        var set = set("uid-1", true, List.of("b", "other"), "a");

        var declaration = declaration(List.of(), status, SetReferent.of(Optional.of(set)));

        assertThat(declaration.released()).containsExactly("b");
        assertThat(declaration.isComplete()).isTrue();
    }

    /** A set lets a project go at its end, mostly before its ImageShares are looked at: what they saw coming needs no approval. */
    @Test
    void whomTheSetLetGoAtAnEndThatWasSeenEndsHereToo() {
        var set = SetReferent.of(Optional.of(set("uid-1", true, List.of("b"), "a")));

        var over = declaration(List.of(), ending(status(List.of(SAME), "a", "b"), "b", NOW), set);
        assertThat(over.ended()).containsExactly("b");
        assertThat(over.projects()).containsExactly("a");

        var earlier = declaration(List.of(), ending(status(List.of(SAME), "a", "b"), "b", NOW.plusSeconds(1)), set);
        assertThat(earlier.ended()).as("let go by a person, before its end").isEmpty();
        assertThat(earlier.projects()).containsExactly("a");
        assertThat(earlier.released()).containsExactly("b");
    }

    private static ImageShareStatus ending(ImageShareStatus status, String project, Instant end) {
        return new ImageShareStatus(
                status.observedGeneration(),
                status.image(),
                status.adopted(),
                status.members().stream()
                        .map(m -> m.projectID().equals(project)
                                ? new MemberInfo(
                                        project,
                                        m.status(),
                                        m.declared(),
                                        m.added(),
                                        m.sources(),
                                        end.toString(),
                                        null,
                                        null)
                                : m)
                        .toList(),
                status.summary(),
                status.nextExpiry(),
                status.projectSets(),
                status.plan(),
                status.lastSyncTime(),
                status.conditions());
    }

    @Test
    void aSetThatWasMadeAnewOrLostItsMemoryReleasesNothing() {
        for (var known : List.of(
                new FollowedSet("ci", "uid-0", BEGAN),
                new FollowedSet("ci", "uid-1", "2025-01-01T00:00:00Z"),
                new FollowedSet("other", "uid-1", BEGAN))) {
            var set = set("uid-1", true, List.of("b"), "a");

            var declaration =
                    declaration(List.of(), status(List.of(known), "a", "b"), SetReferent.of(Optional.of(set)));

            assertThat(declaration.released()).as(known.toString()).isEmpty();
        }
    }

    @Test
    void bySomethingThatIsNoCompleteSetNobodyJoinsAndNobodyLeaves() {
        var going = set("uid-1", true, List.of("b"), "a");
        going.getMetadata().setDeletionTimestamp(BEGAN);
        var stale = set("uid-1", true, List.of("b"), "a");
        stale.getMetadata().setGeneration(8L);
        var without = set("uid-1", true, List.of(), "a");
        without.setStatus(null);
        var referents = List.of(
                SetReferent.of(Optional.empty()),
                SetReferent.of(Optional.of(going)),
                SetReferent.of(Optional.of(stale)),
                SetReferent.of(Optional.of(without)),
                new SetReferent.Unusable(SetReferent.SetGap.NOT_SERVED));
        for (var referent : referents) {
            var declaration = declaration(List.of(), status(List.of(SAME), "a", "b"), referent);

            assertThat(referent).isInstanceOf(SetReferent.Unusable.class);
            assertThat(declaration.projects()).isEmpty();
            assertThat(declaration.kept()).containsExactlyInAnyOrder("a", "b");
            assertThat(declaration.isComplete()).isFalse();
            assertThat(declaration.sets())
                    .as("what is remembered of it")
                    .extracting(Source.SetIdentity::set)
                    .containsExactly(SAME);
            assertThat(declaration.problem(spec(List.of()), "golden")).hasValueSatisfying(problem -> {
                assertThat(problem.reason()).isEqualTo(Reason.WaitingForReference);
                assertThat(problem.message())
                        .startsWith("Waiting for ProjectSet ci: ")
                        .endsWith("No member is removed until then.");
            });
        }
    }

    /** One selector that can't be read must not keep out whom another one shows. */
    @Test
    void byAnIncompleteSetProjectsJoinAndNobodyLeaves() {
        var referent = SetReferent.of(Optional.of(set("uid-1", false, List.of("b"), "a", "new")));

        var declaration = declaration(List.of(), status(List.of(SAME), "a", "b"), referent);

        assertThat(declaration.projects()).containsExactly("a", "new");
        assertThat(declaration.kept()).containsExactly("b");
        assertThat(declaration.released()).isEmpty();
        assertThat(declaration.isComplete()).isFalse();
        assertThat(declaration.problem(spec(List.of()), "golden"))
                .hasValueSatisfying(
                        problem -> assertThat(problem.message())
                                .isEqualTo(
                                        "Waiting for ProjectSet ci: not all that it names could be read, so nobody leaves by it."
                                                + " What keeps it: kubectl describe -n golden projectsets ci. No member is removed until then."));
    }

    @Test
    void aProjectOfTheSetEndsWithIt() {
        var set = set("uid-1", true, List.of());
        set.setStatus(status(set, List.of(project("a", NOW.toString()), project("b", null))));

        var declaration = declaration(List.of(), status(List.of(SAME)), SetReferent.of(Optional.of(set)));

        assertThat(declaration.projects()).containsExactly("b");
        assertThat(declaration.ended()).as("nobody saw it coming").isEmpty();
    }

    @Test
    void aSetOfAnotherCloudIsNoSourceOfThisImage() {
        var declaration = declaration(
                List.of(), status(List.of()), SetReferent.of(Optional.of(set("uid-1", true, List.of(), "a"))));

        assertThat(declaration.violation("https://keystone.example:5000"::equals))
                .hasValueSatisfying(problem -> assertThat(problem.message()).contains("ProjectSet ci", "--same-cloud"));
        assertThat(declaration.violation(cloud -> false)).isEmpty();
    }

    @Test
    void moreThanAThousandTogetherAreTooMany() {
        var ids = IntStream.range(0, 1_000).mapToObj(i -> "%032x".formatted(i)).toArray(String[]::new);
        var spec = new ImageShareSpec(
                null,
                null,
                List.of(new ImageShareSpec.DeclaredMember("more")),
                null,
                List.of(new ProjectSetReference("ci", null)),
                null,
                null,
                null,
                null,
                false);

        var declaration = resolve(spec, null, SetReferent.of(Optional.of(set("uid-1", true, List.of(), ids))));

        assertThat(declaration.violation(cloud -> false))
                .hasValueSatisfying(
                        problem -> assertThat(problem.message()).contains("1001 projects", "at most 1,000"));
    }

    /** The set remembers what it let go until each object that names it has dealt with it. */
    @Test
    void whoStillHasAMemberThatTheSetLetGoIsWaitedFor() {
        var done = share("done", "team", status(List.of(SAME), "a"));
        var waiting = share("waiting", "team", status(List.of(SAME), "a", "b"));
        var elsewhere = share("elsewhere", "other", status(List.of(SAME), "c"));
        var cache = new InMemoryCache<>(List.of(done, waiting, elsewhere));
        cache.addIndexer(References.BY_REFERENCE, References::index);
        var set = set("uid-1", true, List.of("b", "c"), "a");
        set.getMetadata().setNamespace("team");

        assertThat(References.waitingFor(cache, set, Set.of("b", "c"))).containsExactly("b");
    }

    private static dev.imageshare.api.v1alpha1.ImageShare share(
            String name, String namespace, ImageShareStatus status) {
        var share = new dev.imageshare.api.v1alpha1.ImageShare();
        share.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(namespace)
                .withUid(name)
                .build());
        share.setSpec(spec(List.of()));
        share.setStatus(status);
        return share;
    }

    private static ImageShareSpec spec(List<String> except) {
        return new ImageShareSpec(
                null, null, null, null, List.of(new ProjectSetReference("ci", except)), null, null, null, null, false);
    }

    private static Declaration declaration(List<String> except, ImageShareStatus status, SetReferent referent) {
        return resolve(spec(except), status, referent);
    }

    private static Declaration resolve(ImageShareSpec spec, @Nullable ImageShareStatus status, SetReferent referent) {
        return Declaration.resolve(
                spec,
                status,
                "golden",
                new ClockCheck.ClockReading(NOW, Optional::empty),
                (kind, name) -> new Unresolved(Why.ABSENT, ""),
                name -> referent);
    }

    /** Of an object that has these members from the set, and one that is declared otherwise. */
    private static ImageShareStatus status(List<FollowedSet> known, String... members) {
        return new ImageShareStatus(
                1L,
                null,
                true,
                List.of(members).stream()
                        .map(p -> new MemberInfo(
                                p,
                                MemberAnswer.pending,
                                true,
                                true,
                                p.equals("x") ? null : List.of("ProjectSet/ci"),
                                null,
                                null,
                                null))
                        .toList(),
                null,
                null,
                known,
                null,
                null,
                null);
    }

    private static ProjectSet set(String uid, boolean complete, List<String> released, String... projects) {
        var set = new ProjectSet();
        set.setMetadata(new ObjectMetaBuilder()
                .withName("ci")
                .withNamespace("golden")
                .withUid(uid)
                .withGeneration(7L)
                .build());
        set.setStatus(new ProjectSetStatus(
                7L,
                "https://keystone.example:5000",
                BEGAN,
                complete,
                List.of(projects).stream().map(p -> project(p, null)).toList(),
                released,
                null,
                null,
                null,
                null,
                null,
                null));
        return set;
    }

    private static ProjectSetStatus status(ProjectSet set, List<SetProject> projects) {
        var status = set.getStatus();
        return new ProjectSetStatus(
                status.observedGeneration(),
                status.cloud(),
                status.establishedAt(),
                status.complete(),
                projects,
                status.released(),
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private static SetProject project(String id, @Nullable String expiresAt) {
        return new SetProject(id, null, List.of("spec.projects"), null, BEGAN, null, expiresAt);
    }
}
