package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.membership.Desired;
import dev.imageshare.membership.Guard;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.membership.Observed;
import dev.imageshare.membership.Policy;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.orc.OrcKind;
import dev.imageshare.orc.Referent;
import dev.imageshare.orc.Referent.Resolved;
import dev.imageshare.orc.Referent.Unresolved;
import dev.imageshare.orc.Referent.Why;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.Problem;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What references do to a declaration, pass after pass, with no memory but the status. */
class DeclarationProperties {

    private static final Instant NOW = Instant.parse("2026-11-21T18:00:08Z");
    private static final String ID = "1f7c2a50-3d64-4e0f-9f0a-5b1c6a2d7e88";
    private static final ImageInfo IMAGE =
            new ImageInfo(ID, "ubuntu", "owner", "RegionOne", null, "shared", "active", null);

    private static final Function<String, SetReferent> NO_SET =
            name -> new SetReferent.Unusable(SetReferent.SetGap.NOT_SERVED);
    private static final ClockCheck.ClockReading CLOCK = new ClockCheck.ClockReading(NOW, Optional::empty);

    /** One thing that happens between two passes. */
    private sealed interface Happening {
        record SpecRefs(Set<String> names) implements Happening {}

        record SpecMembers(Set<String> projects) implements Happening {}

        record Orc(String name, Referent referent) implements Happening {}

        record ByHand(String project, boolean added) implements Happening {}
    }

    /** A cluster, an ORC and a Glance; and what people know who watched it all. */
    private static final class World {
        private final ImageShare share = new ImageShare();
        private final Map<String, Referent> orc = new HashMap<>();
        private final Set<String> glance = new TreeSet<>();
        private Set<String> members = Set.of("a");
        private Set<String> refs = Set.of();
        private long generation = 1;

        /**
         * All that a reference stood for in a pass, as long as the spec has had it and the project is a member. Who takes a
         * reference out of the spec lets go what it stood for.
         */
        private final Map<String, Set<String>> stoodFor = new HashMap<>();

        void happen(Happening happening) {
            if (happening instanceof Happening.SpecRefs edit) {
                refs = edit.names();
                generation++;
            } else if (happening instanceof Happening.SpecMembers edit) {
                members = edit.projects();
                generation++;
            } else if (happening instanceof Happening.Orc change) {
                orc.put(change.name(), change.referent());
            } else if (happening instanceof Happening.ByHand change && change.added()) {
                glance.add(change.project());
            } else if (happening instanceof Happening.ByHand change) {
                glance.remove(change.project());
            }
        }

        /** One pass, of which every removal within the limit is carried out. */
        void pass() {
            share.getMetadata().setGeneration(generation);
            share.setSpec(spec(members, refs));
            var status = share.getStatus();
            var declaration = Declaration.resolve(
                    share.getSpec(),
                    status,
                    "team",
                    CLOCK,
                    (kind, name) -> orc.getOrDefault(name, new Unresolved(Why.ABSENT, "")),
                    NO_SET);
            var memory = ShareStatus.memory(status, ImageKey.of(IMAGE), generation, Set.of());
            var plan = MembershipPlan.of(
                    new Desired(
                            declaration.projects(),
                            Policy.AUTHORITATIVE,
                            declaration.kept(),
                            declaration.changed(),
                            declaration.released(),
                            declaration.isComplete()),
                    Observed.of(ID, "owner", glance),
                    new Guard(new RemovalLimit(100, false), "uid", generation, null, false),
                    memory);

            var release = new HashSet<String>();
            stoodFor.forEach((name, projects) -> {
                if (!refs.contains(name)) {
                    release.addAll(projects);
                }
            });
            stoodFor.keySet().retainAll(refs);
            stoodFor.values().forEach(projects -> {
                projects.removeAll(release);
                projects.retainAll(glance);
            });
            refs.forEach(name -> {
                if (orc.get(name) instanceof Resolved resolved) {
                    stoodFor.computeIfAbsent(name, n -> new HashSet<>()).add(resolved.id());
                }
            });
            if (refs.stream().anyMatch(name -> !(orc.get(name) instanceof Resolved))) {
                assertThat(plan.remove()).as("a reference is unresolved").isEmpty();
                assertThat(declaration.problem(share.getSpec(), "team")).isPresent();
            }
            assertThat(plan.remove())
                    .as("what is declared, or what a reference of the spec stood for, is not removed unasked")
                    .noneMatch(members::contains)
                    .noneMatch(p -> stoodFor.values().stream().anyMatch(ids -> ids.contains(p)));
            assertThat(plan.add()).allMatch(p -> members.contains(p) || orc.containsValue(new Resolved(p)));

            glance.addAll(plan.add());
            plan.remove().forEach(glance::remove);
            var added = new TreeSet<>(memory.added());
            added.addAll(plan.add());
            added.retainAll(glance);
            var outcome = new ShareOutcome(
                    declaration,
                    true,
                    IMAGE,
                    glance.stream()
                            .map(p -> new Member(p, MemberStatus.pending, NOW.toString(), NOW.toString()))
                            .toList(),
                    added,
                    true,
                    plan,
                    ShareOutcome.Drift.NONE,
                    Set.of(),
                    Set.of(),
                    List.of(),
                    List.of(),
                    List.of());
            share.setStatus(ShareStatus.of(share, outcome, false, NOW, NOW));
        }
    }

    private static ImageShareSpec spec(Set<String> members, Set<String> refs) {
        return new ImageShareSpec(
                new CloudCredentialsRef("clouds", "producer"),
                new ImageReference(ID, null, null),
                members.stream()
                        .sorted()
                        .map(ImageShareSpec.DeclaredMember::new)
                        .toList(),
                refs.stream().sorted().map(ProjectReference::new).toList(),
                null,
                null,
                new ManagedOptions(OnDelete.delete, new IntOrString(100)),
                null);
    }

    @Property(tries = 500)
    void whateverBecomesOfReferencesTakesNobodysAccess(@ForAll("happenings") List<Happening> happenings) {
        var world = new World();
        world.pass();
        for (var happening : happenings) {
            world.happen(happening);
            world.pass();
        }
    }

    /** What is left, once all is resolved and what a reference stood for before is let go, is as declared. */
    @Property(tries = 500)
    void onceTheSpecNamesNoReferenceTheMembersAreAsDeclared(@ForAll("happenings") List<Happening> happenings) {
        var world = new World();
        happenings.forEach(happening -> {
            world.happen(happening);
            world.pass();
        });

        world.happen(new Happening.SpecRefs(Set.of()));
        world.happen(new Happening.SpecMembers(Set.of("a", "b")));
        world.pass();
        world.pass();

        assertThat(world.glance).containsExactly("a", "b");
        assertThat(world.share.getStatus().members()).allMatch(m -> m.sources() == null);
    }

    @Example
    void anIdThatCanBeNoneStandsForNothing() {
        var declaration = Declaration.resolve(
                spec(Set.of(), Set.of("x")),
                null,
                "team",
                CLOCK,
                (kind, name) -> new Resolved("../../v3/projects"),
                NO_SET);

        assertThat(declaration.projects()).isEmpty();
        assertThat(declaration.isComplete()).isFalse();
        assertThat(declaration.unknown()).isEqualTo(1);
    }

    @Example
    void eachReasonSaysWhatToDo() {
        var words = Map.of(
                Why.NOT_INSTALLED, "the CRD projects.openstack.k-orc.cloud is not installed. Install",
                Why.FORBIDDEN, "ClusterRole imageshare-operator-orc",
                Why.UNREADABLE, "can't be read from the API server (status 500). It is tried again",
                Why.NOT_ASKED, "only the cluster knows",
                Why.ABSENT, "not in namespace team. Create it, or take it out of spec.projectRefs",
                Why.GOING, "To remove the member, take it out of spec.projectRefs",
                Why.NO_ID, "kubectl describe -n team projects.openstack.k-orc.cloud x");
        assertThat(words.keySet()).containsExactlyInAnyOrder(Why.values());
        words.forEach((why, text) -> {
            var declaration = Declaration.resolve(
                    spec(Set.of(), Set.of("x")),
                    null,
                    "team",
                    CLOCK,
                    (kind, name) -> new Unresolved(why, "status 500"),
                    NO_SET);
            assertThat(declaration.problem(spec(Set.of(), Set.of("x")), "team"))
                    .map(Problem::message)
                    .hasValueSatisfying(message -> assertThat(message)
                            .startsWith("Waiting for ORC Project x: ")
                            .contains(text)
                            .endsWith("No member is removed until then."));
        });
    }

    @Example
    void anImageByReferenceIsAskedForAsAnImage() {
        var spec = new ImageShareSpec(
                null, new ImageReference(null, null, "golden"), List.of(), null, null, null, null, null);

        var good = Declaration.resolve(
                spec,
                null,
                "team",
                CLOCK,
                (kind, name) -> kind == OrcKind.Image ? new Resolved(ID) : new Unresolved(Why.ABSENT, ""),
                NO_SET);
        var bad = Declaration.resolve(spec, null, "team", CLOCK, (kind, name) -> new Resolved("not-a-uuid"), NO_SET);

        assertThat(good.isComplete()).isTrue();
        assertThat(good.image()).isEqualTo(new Resolved(ID));
        assertThat(bad.isComplete()).isFalse();
        assertThat(bad.problem(spec, "team"))
                .hasValueSatisfying(p -> assertThat(p.message()).contains("images.openstack.k-orc.cloud golden"));
    }

    @Provide
    Arbitrary<List<Happening>> happenings() {
        var projects = Arbitraries.of("a", "b", "c", "d", "e");
        var names = Arbitraries.of("x", "y", "z");
        var referents = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(3, projects.map(p -> (Referent) new Resolved(p))),
                net.jqwik.api.Tuple.of(1, Arbitraries.of(Why.values()).map(why -> (Referent) new Unresolved(why, ""))));
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(
                                4, Combinators.combine(names, referents).as((name, referent) ->
                                        (Happening) new Happening.Orc(name, referent))),
                        net.jqwik.api.Tuple.of(
                                2, names.set().ofMaxSize(3).map(s -> (Happening) new Happening.SpecRefs(s))),
                        net.jqwik.api.Tuple.of(
                                1, projects.set().ofMaxSize(3).map(s -> (Happening) new Happening.SpecMembers(s))),
                        net.jqwik.api.Tuple.of(
                                1,
                                Combinators.combine(projects, Arbitraries.of(true, false))
                                        .as((project, added) -> (Happening) new Happening.ByHand(project, added))))
                .list()
                .ofMinSize(1)
                .ofMaxSize(20);
    }
}
