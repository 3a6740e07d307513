package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.ImageShareScenarios.projects;
import static dev.imageshare.scenarios.Namespace.changed;
import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.MemberStatus;
import dev.imageshare.operator.Settings;
import dev.imageshare.reconcile.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code /metrics} tells, that it stays small, and that the page, the dashboard and the alerts know nothing else. */
class MetricsTest {

    private static final Pattern NAME = Pattern.compile("\\b(?:imageshare|operator_sdk)_[a-z_]+\\b");
    private static final Pattern MATCHER = Pattern.compile("([a-z]+)(=|!=|=~|!~)\"([^\"]*)\"");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    private final EmbeddedWorld world = new EmbeddedWorld(Settings.defaults().withManagement("127.0.0.1", 0));
    private final Namespace team = new Namespace(world);

    @AfterEach
    void close() {
        world.close();
    }

    private Scrape scrape() {
        return Scrape.of(world.operator().managementPort());
    }

    private String image() {
        return world.cloud.createImage("producer", "metrics", "shared", List.of());
    }

    @Test
    void whatIsSoAndWhatWasDoneIsTold() {
        var image = image();
        var a = world.cloud.projectId("consumer-a");
        var declared = new ArrayList<>(projects(7));
        declared.add(a);
        team.create(team.share("told", image, declared));
        team.awaitReady("told");
        var consumer = new Consumer(world, "consumer-a");
        consumer.create(consumer.named("answer", image, MemberStatus.accepted));
        consumer.awaitReason("answer", Reason.Synced);
        eventually(() -> {
            var now = scrape();
            assertThat(now.value("imageshare_objects")).isEqualTo(2);
            assertThat(now.value("imageshare_objects", "state=\"Ready\"", "reason=\"Synced\""))
                    .isEqualTo(2);
            assertThat(now.value("imageshare_members", "accepted")).isEqualTo(1);
            assertThat(now.value("imageshare_members", "pending")).isEqualTo(7);
            assertThat(now.value("imageshare_offers", "accepted")).isEqualTo(1);
            assertThat(now.value("imageshare_fullest_image_members")).isEqualTo(8);
            assertThat(now.value("imageshare_members_added_total")).isEqualTo(8);
            assertThat(now.value("imageshare_answers_given_total")).isEqualTo(1);
            assertThat(now.value("imageshare_leader")).isEqualTo(1);
            assertThat(now.value("imageshare_oldest_pending_age_seconds")).isPositive();
        });

        // Others change what is declared.
        world.cloud.removeMember("producer", image, declared.get(0));
        world.cloud.removeMember("producer", image, declared.get(1));
        world.cloud.addMember("producer", image, "f".repeat(32));
        world.cloud.answer("consumer-a", image, dev.imageshare.openstack.MemberStatus.rejected);
        eventually(() -> {
            var now = scrape();
            for (var counter : List.of("imageshare_drift_found_total", "imageshare_drift_healed_total")) {
                assertThat(now.value(counter, "missing")).as(counter).isEqualTo(2);
                assertThat(now.value(counter, "undeclared")).as(counter).isEqualTo(1);
                assertThat(now.value(counter, "answer")).as(counter).isEqualTo(1);
            }
            assertThat(now.value("imageshare_members_removed_total")).isEqualTo(1);
        });

        // A person's own change is no drift, and neither is what is held.
        team.declare("told", declared.subList(5, 8));
        team.awaitReason("told", Reason.RemovalHeld);
        team.create(
                changed(team.share("no-secret", image(), a), spec -> Namespace.withCloud(spec, "none", "producer")));
        team.awaitReason("no-secret", Reason.CredentialsNotFound);
        eventually(() -> {
            var now = scrape();
            assertThat(now.value("imageshare_removals_held")).isEqualTo(5);
            assertThat(now.value("imageshare_members_undeclared")).isEqualTo(5);
            assertThat(now.value("imageshare_objects", "state=\"Stalled\"", "reason=\"RemovalHeld\""))
                    .isEqualTo(1);
            assertThat(now.value("imageshare_objects", "state=\"Reconciling\"", "reason=\"CredentialsNotFound\""))
                    .isEqualTo(1);
            assertThat(now.value("imageshare_drift_found_total")).isEqualTo(4);
            assertThat(now.value("imageshare_openstack_requests_total", "POST /v2/images/{image}/members"))
                    .isEqualTo(10);
        });
    }

    /** A day of a busy cloud in some seconds; what was scraped before it is scraped after it, and nothing else. */
    @Test
    void aDaysWorthOfChangesLeavesNoSeriesBehind() throws IOException {
        manyClouds();
        day(0);
        var before = scrape();
        day(1);
        var after = scrape();

        assertThat(ours(after)).isEqualTo(ours(before));
        assertThat(after.series()).hasSizeLessThan(700);
        assertThat(after.value("imageshare_members_added_total")).isGreaterThan(450);
        assertThat(after.value("imageshare_members_removed_total")).isGreaterThan(200);
        assertThat(after.value("imageshare_objects"))
                .as("of deleted objects nothing")
                .isZero();
        assertThat(after.value("imageshare_members")).isZero();
        assertThat(after.value("imageshare_removals_held")).isZero();
        assertThat(after.value("imageshare_look_overdue_seconds")).isZero();
        assertThat(clouds(after))
                .as("Keystone, Glance, and what never answered")
                .hasSize(3)
                .contains("other");
        nothingPersonalIn(after);
        theTableHas(after);
        alertsAndDashboardAskFor(after);
    }

    /** The SDK's own have a label or two, such as the kind of an exception, that depend on what happened; few all the same. */
    private static Set<String> ours(Scrape scrape) {
        return scrape.series().keySet().stream()
                .filter(s -> s.startsWith("imageshare_"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Thirty objects whose Secrets name a cloud each; nothing listens there. */
    private void manyClouds() {
        var image = image();
        for (var i = 0; i < 30; i++) {
            team.secret(
                    "cloud-" + i,
                    Map.of(
                            "clouds.yaml",
                            world.cloud.cloudsYaml().replace(world.cloud.authUrl(), "http://127.0.1." + i + ":9/v3")));
            var secret = "cloud-" + i;
            team.create(changed(
                    team.share("lost-" + i, image, projects(1)),
                    spec -> Namespace.withCloud(spec, secret, "producer")));
        }
        for (var i = 0; i < 30; i++) {
            team.awaitReason("lost-" + i, Reason.CloudUnreachable);
            team.at("lost-" + i).delete();
        }
        for (var i = 0; i < 30; i++) {
            team.awaitGone("lost-" + i);
        }
    }

    /** Objects come, change, are meddled with, are held, are approved and go; so do answers. */
    private void day(int number) {
        var consumer = new Consumer(world, "consumer-a");
        var a = world.cloud.projectId("consumer-a");
        var declared = new LinkedHashMap<String, List<String>>();
        var images = new LinkedHashMap<String, String>();
        for (var i = 0; i < 6; i++) {
            var name = "day-" + number + "-" + i;
            var members = new ArrayList<>(projects(40));
            members.add(a);
            declared.put(name, members);
            images.put(name, image());
            team.create(team.share(name, images.get(name), members));
        }
        declared.keySet().forEach(name -> {
            team.awaitReady(name);
            var answer = name.endsWith("0") ? MemberStatus.rejected : MemberStatus.accepted;
            consumer.create(consumer.named(name, images.get(name), answer));
            consumer.awaitReason(name, Reason.Synced);
            world.cloud.removeMember(
                    "producer", images.get(name), declared.get(name).get(0));
            world.cloud.addMember("producer", images.get(name), "f".repeat(32));
            world.cloud.answer("consumer-a", images.get(name), dev.imageshare.openstack.MemberStatus.pending);
        });
        declared.forEach((name, members) -> {
            eventually(() -> assertThat(world.cloud.members("producer", images.get(name)))
                    .containsKey(members.get(0))
                    .doesNotContainKey("f".repeat(32)));
            team.declare(name, members.subList(25, 41));
        });
        declared.forEach((name, members) -> {
            team.awaitReason(name, Reason.RemovalHeld);
            team.approve(name);
            team.awaitReady(name);
            assertThat(world.cloud.members("producer", images.get(name))).hasSize(16);
            consumer.awaitReason(name, Reason.Synced);
        });
        var gone = team.share("gone-" + number, "00000000-0000-4000-8000-000000000000", projects(1));
        team.create(gone);
        team.awaitReason("gone-" + number, Reason.ImageNotFound);
        team.at("gone-" + number).delete();
        consumer.deleteAll();
        eventually(() -> assertThat(scrape().value("imageshare_objects", "kind=\"ImageAcceptance\""))
                .isZero());
        declared.keySet().forEach(name -> {
            // More than ten deletions that take access away would be held.
            if (!name.matches(".*[01]$")) {
                team.edit(name, spec -> Namespace.with(spec, OnDelete.detach));
            }
            team.at(name).delete();
        });
        declared.keySet().forEach(team::awaitGone);
        team.awaitGone("gone-" + number);
        eventually(() -> assertThat(scrape().value("imageshare_objects")).isZero());
    }

    private static Set<String> clouds(Scrape scrape) {
        var clouds = new TreeSet<String>();
        scrape.series().keySet().stream()
                .flatMap(s -> LABEL.matcher(s).results())
                .filter(l -> l.group(1).equals("cloud"))
                .forEach(l -> clouds.add(l.group(2)));
        return clouds;
    }

    private void nothingPersonalIn(Scrape scrape) {
        for (var series : scrape.series().keySet()) {
            assertThat(series)
                    .doesNotContain(team.name, "day-", "lost-", "lab-user-secret", "producer")
                    .doesNotContainPattern("[0-9a-f]{32}")
                    .doesNotContainPattern("[0-9a-f]{8}-[0-9a-f]{4}");
        }
    }

    /** The table says of each metric which type it has; of those that need a failure, that they do. */
    private static void theTableHas(Scrape scrape) throws IOException {
        var told = new LinkedHashMap<String, String>();
        var rare = new LinkedHashMap<String, String>();
        for (var line : Files.readAllLines(Path.of("deploy/docs/metrics.md"))) {
            if (line.startsWith("| `")) {
                var columns = line.split("\\|");
                var type = columns[2].strip();
                (type.contains("only after") ? rare : told)
                        .put(columns[1].strip().replace("`", ""), type.split(",")[0]);
            }
        }
        var exposed = new LinkedHashMap<>(scrape.families());
        rare.forEach((name, type) -> {
            if (exposed.containsKey(name)) {
                assertThat(exposed.remove(name)).as(name).isEqualTo(type);
            }
        });
        assertThat(told).containsExactlyInAnyOrderEntriesOf(exposed);
    }

    private static void alertsAndDashboardAskFor(Scrape scrape) throws IOException {
        var queries = new LinkedHashMap<>(Monitoring.queries());
        for (var alert : Monitoring.alerts()) {
            queries.put(alert.get("alert").asText(), alert.get("expr").asText());
        }
        assertThat(queries).hasSizeGreaterThan(30);
        queries.forEach((what, query) -> {
            var names = NAME.matcher(query).results().map(m -> m.group()).toList();
            assertThat(scrape.names()).as(what).containsAll(names).isNotEmpty();
            assertThat(names).as(what).isNotEmpty();
            MATCHER.matcher(query)
                    .results()
                    .filter(m -> !m.group(1).equals("job"))
                    .forEach(m -> {
                        var values = values(scrape, names, m.group(1));
                        assertThat(values).as("%s: label %s", what, m.group(1)).isNotEmpty();
                        if (!m.group(2).contains("~")) {
                            assertThat(values)
                                    .as("%s: label %s", what, m.group(1))
                                    .contains(m.group(3));
                        } else if (m.group(1).equals("reason")) {
                            assertThat(values).as(what).contains(m.group(3).split("\\|"));
                        }
                    });
        });
        // What the operator knows and nobody looks at would be of no use.
        var asked = new LinkedHashSet<String>();
        queries.values().forEach(q -> NAME.matcher(q).results().forEach(m -> asked.add(m.group())));
        assertThat(scrape.families().keySet().stream()
                        .filter(f -> f.startsWith("imageshare_"))
                        .filter(f -> asked.stream().noneMatch(q -> q.startsWith(f))))
                .containsExactlyInAnyOrder(
                        "imageshare_openstack_request_duration_seconds_max",
                        // How often; how late they are is asked for.
                        "imageshare_looks_overdue_total");
    }

    private static Set<String> values(Scrape scrape, List<String> names, String label) {
        var values = new TreeSet<String>();
        scrape.series().keySet().stream()
                .filter(s -> names.contains(s.split("\\{")[0]))
                .flatMap(s -> LABEL.matcher(s).results())
                .filter(l -> l.group(1).equals(label))
                .forEach(l -> values.add(l.group(2)));
        return values;
    }

    @Test
    void everyAlertSaysWhatToDoAndEveryPanelWhatItShows() throws IOException {
        for (var alert : Monitoring.alerts()) {
            var annotations = alert.get("annotations");
            for (var text : List.of("summary", "description", "runbook")) {
                assertThat(annotations.path(text).asText())
                        .as(alert.get("alert") + " " + text)
                        .isNotBlank();
            }
            assertThat(alert.at("/labels/severity").asText()).isIn("critical", "warning", "info");
            assertThat(alert.path("for").asText()).matches("\\d+[mh]");
        }
        var ids = new TreeSet<Integer>();
        for (var panel : Monitoring.dashboard().get("panels")) {
            assertThat(ids.add(panel.get("id").asInt())).isTrue();
            assertThat(panel.get("title").asText()).isNotBlank();
            if (!panel.get("type").asText().equals("row")) {
                assertThat(panel.at("/fieldConfig/defaults/unit").asText()).isNotBlank();
                assertThat(panel.at("/datasource/uid").asText()).isEqualTo("${datasource}");
                assertThat(panel.get("targets")).isNotEmpty();
            }
        }
        assertThat(Monitoring.dashboard().get("schemaVersion").asInt()).isGreaterThanOrEqualTo(36);
        assertThat(Monitoring.dashboard().at("/templating/list/0/type").asText())
                .isEqualTo("datasource");
    }
}
