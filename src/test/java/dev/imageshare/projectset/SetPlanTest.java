package dev.imageshare.projectset;

import static dev.imageshare.projectset.SetHistory.failed;
import static dev.imageshare.projectset.SetHistory.list;
import static dev.imageshare.projectset.SetHistory.listBy;
import static dev.imageshare.projectset.SetHistory.partOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestOrigin;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.RequestPolicy;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SetPlanTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    private final SetHistory set = new SetHistory();

    private static String[] ids(int count) {
        return IntStream.range(0, count).mapToObj("p%04d"::formatted).toArray(String[]::new);
    }

    private static String[] without(String[] ids, int count) {
        return IntStream.range(count, ids.length).mapToObj(i -> ids[i]).toArray(String[]::new);
    }

    @Nested
    class WhoJoins {

        @Test
        void whatIsThereByHandAndWhatAnySelectorMatches() {
            set.byHand("a", "b").domain("ci").assigned("mine");

            var plan = set.pass(list("ci", "b", "c"), list("mine", "d"));

            assertThat(plan.joined()).containsExactly("a", "b", "c", "d");
            assertThat(set.project("b").sources()).containsExactly("ci", "spec.projects");
            assertThat(set.project("c").name()).isEqualTo("name-of-c");
            assertThat(set.project("a").since()).isEqualTo("2026-11-27T08:00:00Z");
            assertThat(set.set.getStatus().complete()).isTrue();
            assertThat(set.ready()).startsWith("Synced: 4 projects. These don't look like project IDs");
        }

        @Test
        void whoeverAnIncompleteListShows() {
            set.domain("ci").pass(list("ci", "a", "b"));

            var plan = set.after(HOUR).pass(partOf("ci", "b", "c"));

            assertThat(plan.joined()).containsExactly("c");
            assertThat(set.ids()).containsExactly("a", "b", "c");
            assertThat(set.project("a").sources()).containsExactly("ci");
            assertThat(set.project("a").absentSince()).isNull();
            assertThat(set.set.getStatus().complete()).isFalse();
            assertThat(set.ready()).startsWith("ListIncomplete: ");
        }

        @Test
        void nobodyWhoIsExcluded() {
            set.exclude.add("a");
            set.byHand("a").domain("ci").pass(list("ci", "a", "b"));

            assertThat(set.ids()).containsExactly("b");
        }

        @Test
        void nobodyAfterTheirTime() {
            set.until("a", "2026-11-27T08:00:00Z").pass();

            assertThat(set.ids()).isEmpty();
        }
    }

    @Nested
    class WhoLeavesASelector {

        @Test
        void afterTwoCompleteListsAtLeastAbsentForApart() {
            set.domain("ci").pass(list("ci", "a", "b", "c", "d"));
            set.after(HOUR).pass(list("ci", "b", "c", "d"));
            assertThat(set.project("a").absentSince()).isEqualTo("2026-11-27T09:00:00Z");
            assertThat(set.ready())
                    .isEqualTo("Synced: 4 projects. Of these, 1 is no longer declared or matched and may leave after"
                            + " absentFor 24h: a \"name-of-a\".");

            set.after(DAY.minusSeconds(1)).pass(list("ci", "b", "c", "d"));
            assertThat(set.ids()).contains("a");

            var plan = set.after(Duration.ofSeconds(1)).pass(list("ci", "b", "c", "d"));
            assertThat(plan.left()).containsExactly("a");
            assertThat(set.ids()).containsExactly("b", "c", "d");
            assertThat(set.released()).containsExactly("a");
        }

        @Test
        void notIfItIsBackInBetween() {
            set.domain("ci").pass(list("ci", "a", "b"));
            set.after(HOUR).pass(list("ci", "b"));
            set.after(HOUR).pass(list("ci", "a", "b"));
            assertThat(set.project("a").absentSince()).isNull();
            assertThat(set.project("a").absences()).isNull();

            set.after(DAY).pass(list("ci", "b"));

            assertThat(set.ids()).containsExactly("a", "b");
        }

        @Test
        void notByAListThatFailedOrIsIncompleteAndNotWhileAnotherSelectorIs() {
            set.domain("ci").assigned("mine").pass(list("ci", "a", "b", "c", "d"), list("mine", "e"));
            set.after(HOUR).pass(list("ci", "b", "c", "d"), list("mine", "e"));
            set.after(DAY);

            assertThat(set.pass(partOf("ci", "b"), list("mine", "e")).left()).isEmpty();
            assertThat(set.pass(failed("ci"), list("mine", "e")).left()).isEmpty();
            assertThat(set.pass(list("ci", "b", "c", "d"), failed("mine")).left())
                    .isEmpty();
            assertThat(set.set.getStatus().complete()).isFalse();
            assertThat(set.pass(list("ci", "b", "c", "d"), list("mine", "e")).left())
                    .containsExactly("a");
        }

        @Test
        void notWhileAnotherSourceHasIt() {
            set.byHand("a").domain("ci").pass(list("ci", "a", "b"));
            set.after(HOUR).pass(list("ci", "b"));
            assertThat(set.project("a").sources()).containsExactly("spec.projects");
            assertThat(set.project("a").absences()).singleElement().satisfies(absence -> {
                assertThat(absence.source()).isEqualTo("ci");
                assertThat(absence.since()).isEqualTo("2026-11-27T09:00:00Z");
            });

            set.after(DAY.multipliedBy(2)).pass(list("ci", "b"));

            assertThat(set.ids()).contains("a");
        }

        @Test
        void notWhileTheClockIsOff() {
            set.domain("ci").pass(list("ci", "a", "b"));
            set.after(HOUR).pass(list("ci", "b"));
            set.clockTrusted = false;

            assertThat(set.after(DAY.multipliedBy(400)).pass(list("ci", "b")).left())
                    .isEmpty();
        }

        @Test
        void keystoneIsAskedAboutThoseWhoLeaveADomainByTimeAlone() {
            set.domain("ci").assigned("mine").pass(list("ci", ids(8)), list("mine", "x", "y"));
            set.after(HOUR).pass(list("ci", without(ids(8), 1)), list("mine", "y"));

            var plan = set.after(DAY).pass(list("ci", without(ids(8), 1)), list("mine", "y"));

            assertThat(plan.unproven()).containsOnlyKeys("ci");
            assertThat(plan.unproven().get("ci")).containsExactly("p0000");
        }

        @Test
        void whatOnlyTimeExplainsGoesAsFarAsTheLimitLetsItWithinAbsentFor() {
            var all = ids(20);
            set.assigned("mine").pass(list("mine", all));
            set.after(HOUR).pass(list("mine", without(all, 3)));
            set.after(HOUR).pass(list("mine", without(all, 6)));
            set.after(DAY.minus(HOUR)).pass(list("mine", without(all, 6)));
            assertThat(set.ids()).hasSize(17);

            var plan = set.after(HOUR).pass(list("mine", without(all, 6)));

            assertThat(plan.left()).isEmpty();
            assertThat(set.held()).containsExactly("p0003", "p0004", "p0005");
            assertThat(set.ready())
                    .startsWith("RemovalHeld: Held back: 3 projects would leave the set (")
                    .contains(
                            "because Keystone doesn't say what became of 3 of them, and maxRemovals 25% allows 5 of 20"
                                    + " projects to leave like this within absentFor 24h, of which 3 already did.");
        }

        @Test
        void whatKeystoneExplainsDoesNotCountTowardsThat() {
            var all = ids(20);
            set.domain("ci").pass(list("ci", all));
            set.after(HOUR).pass(list("ci", without(all, 3)));
            set.after(HOUR).pass(list("ci", without(all, 6)));
            set.after(DAY.minus(HOUR))
                    .pass(list("ci", without(all, 6)).withExplained(Set.of("p0000", "p0001", "p0002")));

            var plan =
                    set.after(HOUR).pass(list("ci", without(all, 6)).withExplained(Set.of("p0003", "p0004", "p0005")));

            assertThat(plan.left()).containsExactly("p0003", "p0004", "p0005");
            assertThat(set.set.getStatus().recentLeaves()).isNull();
        }
    }

    @Nested
    class AnotherReader {

        @Test
        void itsFirstListRemovesNobodyAndItsSecondIsHeld() {
            var all = ids(40);
            set.domain("ci").pass(listBy("admin", "ci", all));
            set.after(HOUR).pass(listBy("admin", "ci", without(all, 1)));
            set.after(DAY);

            assertThat(set.pass(listBy("reader", "ci", without(all, 2))).left()).isEmpty();
            assertThat(set.held()).isEmpty();

            var plan = set.after(HOUR).pass(listBy("reader", "ci", without(all, 2)));
            assertThat(plan.left()).isEmpty();
            assertThat(set.held()).containsExactly("p0000", "p0001");
            assertThat(set.ready())
                    .contains(
                            "because selector ci is now read by another user, role or scope, or lists something else, and"
                                    + " hasn't listed them since.");

            set.after(DAY.multipliedBy(30)).pass(listBy("reader", "ci", without(all, 2)));
            assertThat(set.ids()).hasSize(40);

            set.approveHeld();
            assertThat(set.pass(listBy("reader", "ci", without(all, 2))).left()).containsExactly("p0000", "p0001");
        }

        @Test
        void whomItListedItselfLeavesAsEver() {
            set.domain("ci").pass(listBy("admin", "ci", ids(8)));
            set.after(HOUR).pass(listBy("reader", "ci", ids(8)));
            set.after(HOUR).pass(listBy("reader", "ci", without(ids(8), 1)));

            assertThat(set.after(DAY)
                            .pass(listBy("reader", "ci", without(ids(8), 1)))
                            .left())
                    .containsExactly("p0000");
        }

        @Test
        void anIncompleteListIsNoFirstList() {
            set.domain("ci").pass(listBy("admin", "ci", ids(8)));
            set.after(HOUR)
                    .pass(listBy("reader", "ci", "p0001").doubted(Problem.of(Reason.ListIncomplete, "it is cut.")));

            assertThat(set.set.getStatus().selectors().get(0).reader()).isEqualTo("admin");
        }
    }

    @Nested
    class ADirectoryThatIsWrong {

        @Test
        void anEmptyListWhereThereWereSomeIsHeld() {
            set.domain("ci").pass(list("ci", "a"));
            set.after(HOUR).pass(list("ci"));

            var plan = set.after(DAY).pass(list("ci").withExplained(Set.of("a")));

            assertThat(plan.left()).isEmpty();
            assertThat(set.held()).containsExactly("a");
            assertThat(set.ready()).contains("because selector ci no longer matches any project.");
        }

        @Test
        void aSetWithoutStatusReleasesNobody() {
            set.domain("ci").pass(list("ci", "a", "b", "c"));
            set.set.setStatus(null);

            var plan = set.after(DAY.multipliedBy(3)).pass(list("ci", "b"));

            assertThat(plan.left()).isEmpty();
            assertThat(set.released()).isEmpty();
            assertThat(set.set.getStatus().establishedAt()).isEqualTo("2026-11-30T08:00:00Z");
        }

        @Test
        void aStatusWithOddTimesReleasesNobodyEarlier() {
            set.domain("ci").pass(list("ci", "a", "b"));
            set.after(HOUR).pass(list("ci", "b"));
            var status = set.set.getStatus();
            var text = new KubernetesSerialization().asJson(set.set);
            set.set.setStatus(new KubernetesSerialization()
                    .unmarshal(text.replace("2026-11-27T09:00:00Z", "long ago"), ProjectSet.class)
                    .getStatus());
            assertThat(set.set.getStatus()).isNotEqualTo(status);

            assertThat(set.after(DAY.multipliedBy(2)).pass(list("ci", "b")).left())
                    .isEmpty();
            assertThat(set.after(DAY).pass(list("ci", "b")).left()).containsExactly("a");
        }

        @Test
        void moreThanAThousandChangeNothing() {
            set.byHand("a").domain("ci").pass(list("ci", "b", "c"));
            var before = set.set.getStatus().projects();

            var plan = set.after(DAY).pass(list("ci", ids(1000)));

            assertThat(plan.projects()).isEqualTo(before);
            assertThat(set.set.getStatus().complete()).isFalse();
            assertThat(set.ready())
                    .startsWith("TooManyProjects: The set would have 1001 projects; at most 1,000 are allowed.");
        }

        @Test
        void aListOfWhichNotAllWasKeptIsTooMany() {
            set.domain("ci");
            var reading = SelectorReading.of("ci", new TreeMap<>(), 1206, "r", null);

            assertThat(set.pass(reading).problems())
                    .extracting(Problem::reason)
                    .containsExactly(Reason.TooManyProjects);
        }

        @Test
        void thoseThatAreAboutToLeaveTakeRoom() {
            set.domain("ci").pass(list("ci", ids(1000)));
            var others = IntStream.range(0, 4).mapToObj("q%04d"::formatted).toList();
            var now = without(ids(1000), 2);
            var listed = new TreeMap<String, String>();
            List.of(now).forEach(id -> listed.put(id, ""));
            listed.put(others.get(0), "");

            var plan = set.after(HOUR).pass(SelectorReading.of("ci", listed, listed.size(), "reader-1", null));

            assertThat(plan.projects()).hasSize(1000);
            assertThat(plan.joined()).isEmpty();
            assertThat(set.ready()).startsWith("TooManyProjects: ").contains("Not added yet: q0000.");
            assertThat(set.set.getStatus().complete()).isTrue();
            assertThat(set.after(DAY)
                            .pass(SelectorReading.of("ci", listed, listed.size(), "reader-1", null))
                            .joined())
                    .containsExactly("q0000");
        }

        /** What decides removals is kept; names go. */
        @Test
        void aStatusHasItsBounds() {
            for (var id : ids(1000)) {
                set.projects.add(new ProjectEntry(id + "x".repeat(200), "ü".repeat(255), null));
            }
            set.edited().pass();

            var json = new KubernetesSerialization().asJson(set.set.getStatus().projects());
            assertThat(set.ids()).hasSize(1000);
            assertThat(json.getBytes(StandardCharsets.UTF_8).length).isLessThan(500_000);
            assertThat(set.project("p0000" + "x".repeat(200)).name()).isNotNull();
        }
    }

    @Nested
    class TheGuard {

        @Test
        void aPersonsEditsPassIt() {
            set.byHand(ids(8)).pass();

            assertThat(set.withoutByHand("p0000", "p0001").pass().left()).containsExactly("p0000", "p0001");
            assertThat(set.withoutByHand("p0002", "p0003", "p0004").pass().left())
                    .isEmpty();
            assertThat(set.held()).containsExactly("p0002", "p0003", "p0004");
            assertThat(set.ready()).contains("because maxRemovals 25% allows 2 of 6 projects to leave at once.");

            set.approveHeld();
            assertThat(set.pass().left()).containsExactly("p0002", "p0003", "p0004");
            assertThat(set.ready())
                    .isEqualTo("Synced: 3 projects. These don't look like project IDs (32 or 64 hexadecimal"
                            + " digits), so they probably mean nobody: p0005, p0006, p0007.");
        }

        @Test
        void soDoExclusionsAndSelectorsThatGo() {
            set.domain("ci").assigned("mine").pass(list("ci", ids(8)), list("mine", "x", "y", "z"));
            set.exclude.addAll(List.of("p0000", "p0001", "p0002"));
            assertThat(set.edited()
                            .pass(list("ci", ids(8)), list("mine", "x", "y", "z"))
                            .left())
                    .containsExactly("p0000", "p0001", "p0002");

            set.selectors.remove(1);
            assertThat(set.edited().pass(list("ci", ids(8))).left()).isEmpty();
            assertThat(set.held()).containsExactly("x", "y", "z");
        }

        /** The list never lacked them: that they were excluded meanwhile says nothing about that. */
        @Test
        void whoWasExcludedForALongTimeIsNotAbsentForLong() {
            set.domain("ci").pass(list("ci", ids(8)));
            set.exclude.addAll(List.of("p0000", "p0001", "p0002"));
            set.edited().pass(list("ci", ids(8)));
            assertThat(set.held()).hasSize(3);
            set.exclude.clear();

            set.edited().after(DAY.multipliedBy(3)).pass(list("ci", without(ids(8), 3)));

            assertThat(set.ids()).hasSize(8);
            assertThat(set.held()).isEmpty();
        }

        @Test
        void zeroHoldsAll() {
            set.maxRemovals = new IntOrString(0);
            set.byHand("a", "b").pass();

            assertThat(set.withoutByHand("a").pass().left()).isEmpty();
            assertThat(set.held()).containsExactly("a");
        }

        @Test
        void aHeldPlanIsFrozenAndLaterLeaversWait() {
            var all = ids(12);
            set.domain("ci").pass(list("ci", all));
            set.after(HOUR).pass(list("ci", without(all, 4)));
            set.after(HOUR).pass(list("ci", without(all, 5)));
            set.after(DAY.minus(HOUR)).pass(list("ci", without(all, 5)));
            var hash = set.set.getStatus().plan().hash();
            assertThat(set.held()).containsExactly("p0000", "p0001", "p0002", "p0003");

            set.after(HOUR).pass(list("ci", without(all, 5)));
            assertThat(set.held()).containsExactly("p0000", "p0001", "p0002", "p0003");
            assertThat(set.set.getStatus().plan().hash()).isEqualTo(hash);

            set.approve(hash);
            assertThat(set.pass(list("ci", without(all, 5))).left())
                    .containsExactly("p0000", "p0001", "p0002", "p0003");
            assertThat(set.pass(list("ci", without(all, 5)).withExplained(Set.of("p0004")))
                            .left())
                    .containsExactly("p0004");
        }

        @Test
        void itStaysHeldForTheRestIfSomeAreBack() {
            var all = ids(12);
            set.domain("ci").pass(list("ci", all));
            set.after(HOUR).pass(list("ci", without(all, 4)));
            set.after(DAY).pass(list("ci", without(all, 4)));
            var hash = set.set.getStatus().plan().hash();

            set.after(HOUR).pass(list("ci", without(all, 3)));
            assertThat(set.held()).containsExactly("p0000", "p0001", "p0002");
            assertThat(set.set.getStatus().plan().hash()).isNotEqualTo(hash);
            set.approve(hash);
            assertThat(set.pass(list("ci", without(all, 3))).left()).isEmpty();

            set.after(HOUR).pass(list("ci", all));
            assertThat(set.held()).isEmpty();
        }

        @Test
        void anApprovalIsOfOneStateOfOneSet() {
            set.byHand(ids(8)).pass();
            set.withoutByHand("p0000", "p0001", "p0002", "p0003").pass();
            set.approveHeld();
            set.edited();

            assertThat(set.pass().left()).isEmpty();
            assertThat(set.ready()).contains("The annotation's present value approves nothing here");
            var hash = set.set.getStatus().plan().hash();
            set.set.getMetadata().setUid("another");
            set.pass();
            assertThat(set.set.getStatus().plan().hash()).isNotEqualTo(hash);
        }

        /** Within one generation, and with the annotation still there. */
        @Test
        void anApprovalIsOfOneLeave() {
            set.domain("ci").pass(list("ci", ids(8)));
            set.after(HOUR).pass(list("ci", without(ids(8), 4)));
            set.after(DAY).pass(list("ci", without(ids(8), 4)));
            set.approveHeld();
            assertThat(set.pass(list("ci", without(ids(8), 4))).left()).hasSize(4);
            set.after(HOUR).pass(list("ci", ids(8)));
            set.after(HOUR).pass(list("ci", without(ids(8), 4)));

            assertThat(set.after(DAY).pass(list("ci", without(ids(8), 4))).left())
                    .isEmpty();
            assertThat(set.held()).hasSize(4);
        }

        @Test
        void anApprovalWaitsForCompleteLists() {
            set.byHand(ids(8)).domain("ci").pass(list("ci", "x"));
            set.withoutByHand(ids(8)).pass(list("ci", "x"));
            set.approveHeld();

            assertThat(set.pass(failed("ci")).left()).isEmpty();
            assertThat(set.held()).containsExactly(ids(8));
            assertThat(set.pass(list("ci", "x")).left()).containsExactly(ids(8));
        }
    }

    @Nested
    class Requested {

        private static final String CI = "request team-a/ci";
        private static final String CD = "request team-a/cd";

        private void granted(String project, String source, String end) {
            set.requests = new RequestPolicy(List.of(new RequestOrigin("team-a", null)), null, null);
            set.applications = applications(project, source, true, end);
            set.edited();
        }

        private Applications applications(String project, String source, boolean granted, String end) {
            return new Applications(
                    List.of(new Application(
                            source, project, "name-of-" + project, granted, end == null ? null : Instant.parse(end))),
                    List.of());
        }

        @Test
        void aGrantIsOneMoreSource() {
            granted("a", CI, null);
            set.byHand("a", "b").pass();
            assertThat(set.project("a").sources()).containsExactly(CI, "spec.projects");
            assertThat(set.project("a").name()).isEqualTo("name-of-a");

            set.applications = Applications.NONE;
            assertThat(set.pass().left()).isEmpty();
            assertThat(set.project("a").absences())
                    .as("by hand it is in the set all the same")
                    .isNull();
        }

        @Test
        void oneThatGoesIsALeaveLikeAnEdit() {
            granted("a", CI, null);
            set.maxRemovals = new IntOrString(0);
            set.byHand("b").pass();
            set.applications = Applications.NONE;
            assertThat(set.pass().left()).isEmpty();
            assertThat(set.held()).containsExactly("a");

            set.maxRemovals = new IntOrString("100%");
            assertThat(set.edited().pass().left()).containsExactly("a");
        }

        @Test
        void aDenialNeedsNoApproval() {
            granted("a", CI, null);
            set.maxRemovals = new IntOrString(0);
            set.byHand("b").pass();
            set.applications = applications("a", CI, false, null);
            var plan = set.pass();

            assertThat(plan.denied()).containsExactly("a");
            assertThat(plan.expired()).isEmpty();
            assertThat(set.released()).containsExactly("a");
        }

        /** Also one that was held since its request had gone. */
        @Test
        void aDenialEndsWhatIsHeld() {
            granted("a", CI, null);
            set.maxRemovals = new IntOrString(0);
            set.byHand("b").pass();
            set.applications = Applications.NONE;
            set.pass();
            assertThat(set.held()).containsExactly("a");
            set.applications = applications("a", CI, false, null);
            assertThat(set.pass().denied()).containsExactly("a");
            assertThat(set.ids()).containsExactly("b");
        }

        @Test
        void anEndThatWasSeenComingNeedsNoApproval() {
            granted("a", CI, "2026-11-27T10:00:00Z");
            set.maxRemovals = new IntOrString(0);
            set.byHand("b").pass();
            assertThat(set.project("a").expiresAt()).isEqualTo("2026-11-27T10:00:00Z");
            assertThat(set.after(HOUR).pass().left()).isEmpty();
            set.clockTrusted = false;
            assertThat(set.after(HOUR).pass().left())
                    .as("by a clock that is wrong")
                    .isEmpty();
            set.clockTrusted = true;
            assertThat(set.pass().expired()).containsExactly("a");
        }

        /** maxDuration typed wrongly must not revoke everybody. */
        @Test
        void anEndFirstSeenInThePastIsAnOrdinaryLeave() {
            granted("a", CI, null);
            set.maxRemovals = new IntOrString(0);
            set.byHand("b").pass();
            set.applications = applications("a", CI, true, "2026-11-26T10:00:00Z");
            assertThat(set.pass().left()).isEmpty();
            assertThat(set.held()).containsExactly("a");
        }

        @Test
        void theLaterOfTwoEndsCounts() {
            granted("a", CI, "2026-11-27T10:00:00Z");
            set.applications = new Applications(
                    List.of(
                            new Application(CI, "a", null, true, Instant.parse("2026-11-27T10:00:00Z")),
                            new Application(CD, "a", null, true, Instant.parse("2026-11-27T12:00:00Z"))),
                    List.of());
            set.maxRemovals = new IntOrString(0);
            set.byHand("b").pass();
            assertThat(set.project("a").expiresAt()).isEqualTo("2026-11-27T12:00:00Z");
            assertThat(set.after(HOUR.multipliedBy(3)).pass().left()).isEmpty();
            assertThat(set.project("a").sources()).containsExactly(CD);
            assertThat(set.after(HOUR).pass().expired()).containsExactly("a");
        }

        /** Where the kinds were uninstalled, or not all requests are known. */
        @Test
        void whatIsNotKnownChangesNothing() {
            granted("a", CI, "2026-11-27T10:00:00Z");
            set.byHand("b").pass();
            set.applications = null;
            assertThat(set.after(DAY).pass().left()).isEmpty();
            assertThat(set.project("a").sources()).containsExactly(CI);
            assertThat(set.project("a").absentSince()).isNull();
        }

        @Test
        void aPolicyThatGoesIsALeaveToo() {
            granted("a", CI, null);
            set.maxRemovals = new IntOrString(0);
            set.byHand("b").pass();
            set.requests = null;
            assertThat(set.edited().pass().left()).isEmpty();
            assertThat(set.held()).containsExactly("a");
        }

        /** No request crowds out those that last. */
        @Test
        void ofVeryManyRequestsThoseThatLastCount() {
            granted("a", CI, null);
            set.applications = new Applications(
                    Stream.concat(
                                    IntStream.range(0, 40)
                                            .mapToObj(i -> new Application(
                                                    "request team-a/" + i,
                                                    "a",
                                                    null,
                                                    true,
                                                    Instant.parse("2026-11-28T00:00:00Z"))),
                                    Stream.of(new Application(CI, "a", null, true, null)))
                            .toList(),
                    List.of());
            set.pass();
            assertThat(set.project("a").sources()).hasSize(16).contains(CI);
            assertThat(set.project("a").expiresAt()).isNull();
        }
    }

    @Nested
    class Expiry {

        @Test
        void takesEffectAtThatSecondWithoutApproval() {
            set.maxRemovals = new IntOrString(0);
            set.byHand("b").until("a", "2026-11-27T10:00:00Z").pass();
            assertThat(set.project("a").expiresAt()).isEqualTo("2026-11-27T10:00:00Z");
            assertThat(set.set.getStatus().summary().nextExpiry()).isEqualTo("2026-11-27T10:00:00Z");

            assertThat(set.after(HOUR.multipliedBy(2).minusSeconds(1)).pass().left())
                    .isEmpty();
            var plan = set.after(Duration.ofSeconds(1)).pass();

            assertThat(plan.expired()).containsExactly("a");
            assertThat(set.ids()).containsExactly("b");
            assertThat(set.released()).containsExactly("a");
        }

        @Test
        void firstSeenInThePastIsAnOrdinaryRemoval() {
            set.byHand(ids(8)).pass();
            for (var id : without(ids(8), 4)) {
                set.until(id, "2025-11-27T10:00:00Z");
            }

            assertThat(set.pass().left()).isEmpty();
            assertThat(set.held()).hasSize(4);
            assertThat(set.after(DAY).pass().left()).isEmpty();
        }

        @Test
        void aYearTypedWronglyLaterIsToo() {
            set.maxRemovals = new IntOrString(0);
            set.until("a", "2027-11-27T10:00:00Z").pass();

            assertThat(set.until("a", "2025-11-27T10:00:00Z").pass().left()).isEmpty();
            assertThat(set.held()).containsExactly("a");
            assertThat(set.project("a").expiresAt()).isNull();
        }

        @Test
        void extendedInTimeNothingHappens() {
            set.until("a", "2026-11-27T10:00:00Z").pass();
            set.until("a", "2027-11-27T10:00:00Z").after(HOUR).pass();

            assertThat(set.after(DAY).pass().left()).isEmpty();
            assertThat(set.project("a").expiresAt()).isEqualTo("2027-11-27T10:00:00Z");
        }

        @Test
        void noneBeatsAnEnd() {
            set.until("a", "2026-11-27T10:00:00Z").domain("ci").pass(list("ci", "a", "b"));
            assertThat(set.project("a").expiresAt()).isNull();

            assertThat(set.after(DAY).pass(list("ci", "a", "b")).left()).isEmpty();
            assertThat(set.project("a").sources()).containsExactly("ci");
        }

        @Test
        void waitsWhileASelectorIsIncompleteAndIsStillKnownThen() {
            set.maxRemovals = new IntOrString(0);
            set.until("a", "2026-11-27T10:00:00Z").domain("ci").pass(list("ci", "b"));

            assertThat(set.after(DAY).pass(failed("ci")).left()).isEmpty();
            assertThat(set.after(HOUR).pass(list("ci", "b")).expired()).containsExactly("a");
        }

        @Test
        void waitsForTheClock() {
            set.until("a", "2026-11-27T10:00:00Z").pass();
            set.clockTrusted = false;

            assertThat(set.after(DAY).pass().left()).isEmpty();
            assertThat(set.ready()).startsWith("ClockSkew: By the operator's clock, expiresAt was reached for a, but");

            set.clockTrusted = true;
            assertThat(set.pass().expired()).containsExactly("a");
        }

        /** Else a clock that is years behind would take any end for one that is still to come. */
        @Test
        void isNotSeenByAClockThatIsOff() {
            set.clockTrusted = false;
            set.until("a", "2026-11-27T10:00:00Z").pass();

            assertThat(set.project("a").expiresAt()).isNull();
        }
    }

    @Nested
    class WhatSharesSee {

        @Test
        void releasedUntilTheyHaveFollowed() {
            set.byHand(ids(8)).pass();
            set.withoutByHand("p0000", "p0001").pass();
            assertThat(set.released()).containsExactly("p0000", "p0001");

            set.followed = Set.of("p0000");
            set.pass();
            assertThat(set.released()).containsExactly("p0001");

            set.followed = Set.of("p0001");
            set.pass();
            assertThat(set.set.getStatus().released()).isNull();
        }

        @Test
        void whoIsBackIsNotReleased() {
            set.byHand(ids(8)).pass();
            set.withoutByHand("p0000", "p0001").pass();

            set.byHand("p0000").pass();

            assertThat(set.released()).containsExactly("p0001");
        }

        @Test
        void aSuspendedSetStaysAsItIs() {
            set.byHand(ids(8)).domain("ci").pass(list("ci", "a", "b"));
            var before = set.set.getStatus();
            set.suspend = true;
            set.after(HOUR).withoutByHand("p0000").pass(list("ci", "b", "c"));

            assertThat(set.set.getStatus().projects()).isEqualTo(before.projects());
            assertThat(set.released()).isEmpty();
            assertThat(set.ready())
                    .startsWith(
                            "Suspended: Suspended, so nobody joins and nobody leaves: 1 would join, 1 would leave.");
        }

        @Test
        void aQuietPassChangesNothing() {
            set.byHand("a").domain("ci").pass(list("ci", "b", "c"));
            set.after(HOUR).pass(list("ci", "c"));
            var before = set.set.getStatus();

            set.after(HOUR).pass(list("ci", "c"));

            assertThat(set.set.getStatus()).isEqualTo(before);
        }

        @Test
        void aFailureThatRepeatsChangesNothing() {
            set.domain("ci").pass(list("ci", "b"));
            set.after(HOUR).pass(refused("req-00000000-0000-4000-8000-000000000001"));
            var before = set.set.getStatus();

            set.after(HOUR).pass(refused("req-00000000-0000-4000-8000-000000000002"));

            assertThat(set.set.getStatus()).isEqualTo(before);
        }

        private static SelectorReading refused(String requestId) {
            return SelectorReading.failed("ci", Problem.of(Reason.CloudUnreachable, "500 (" + requestId + ")."));
        }
    }

    @Nested
    class WhoIsGoneFromKeystone {

        private Boolean gone(String id) {
            return set.project(id).gone();
        }

        @Test
        void whomTheCompleteListLacksAndKeystoneDoesNotShow() {
            set.byHand("a").domain("ci").pass(list("ci", "a", "b"));

            var plan = set.after(HOUR).pass(list("ci", "b"));
            assertThat(plan.lost()).containsOnly(Map.entry("ci", List.of("a")));
            assertThat(gone("a")).isNull();

            plan = set.pass(list("ci", "b").withGone(Set.of("a")));
            assertThat(gone("a")).isTrue();
            assertThat(gone("b")).isNull();
            assertThat(set.set.goneProjects()).containsExactly("a");
            assertThat(set.ready())
                    .startsWith("Synced: 2 projects. No longer in Keystone, but still in the set: a \"name-of-a\".");
            assertThat(plan.lost()).isEmpty();
        }

        @Test
        void thatIsRememberedUntilAListShowsThem() {
            set.byHand("a").domain("ci").pass(list("ci", "a", "b"));
            set.pass(list("ci", "b").withGone(Set.of("a")));

            assertThat(set.after(HOUR).pass(list("ci", "b")).lost()).isEmpty();
            set.pass(failed("ci"));
            set.pass(partOf("ci", "b"));
            assertThat(gone("a")).isTrue();

            set.pass(list("ci", "b").withOthers(Set.of("a")));
            assertThat(gone("a")).isNull();
        }

        @Test
        void notWhomTheFilterLeavesOutNorByAListThatIsNotComplete() {
            set.domain("ci").pass(list("ci", "a", "b"));

            assertThat(set.after(HOUR)
                            .pass(list("ci", "b").withOthers(Set.of("a")))
                            .lost())
                    .isEmpty();
            assertThat(set.pass(partOf("ci", "b")).lost()).isEmpty();
            assertThat(set.pass(failed("ci")).lost()).isEmpty();
        }

        /** Somebody else may not be allowed to see them, and the other domain never had them. */
        @Test
        void notWhomThisReaderNeverListed() {
            set.byHand("h").domain("ci").pass(list("ci", "a", "b"));

            assertThat(set.after(HOUR).pass(listBy("reader-2", "ci", "b")).lost())
                    .isEmpty();
            assertThat(set.after(HOUR).pass(listBy("reader-2", "ci", "b")).lost())
                    .isEmpty();
        }

        @Test
        void notWhereKeystoneListsNoDomain() {
            set.assigned("mine").pass(list("mine", "a", "b"));

            assertThat(set.after(HOUR).pass(list("mine", "b")).lost()).isEmpty();
        }
    }
}
