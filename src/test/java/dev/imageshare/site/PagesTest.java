package dev.imageshare.site;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.MemberStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages as they are written, whatever they are about. */
class PagesTest {

    private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile(" id=\"([^\"]*)\"");
    private static final Pattern TAG = Pattern.compile("<[a-zA-Z](?:\"[^\"]*\"|[^\">])*>");
    private static final Pattern ROW = Pattern.compile("<tr id=.*?</tr>", Pattern.DOTALL);
    private static final Pattern INLINE =
            Pattern.compile(" (?:on[a-z]+|style)\\b|<style|<script(?! src=)", Pattern.CASE_INSENSITIVE);

    private static final String MARKUP = "<img src=x onerror=alert(1)>\"'`${7*7}{{1}}&amp;</script>";
    private static final String TURNED = "inv\u202Egnp.exe\u2066\u200F";
    private static final String EMOJI = "\uD83D\uDC27 Zirkus \u0627\u0644\u0639\u0631\u0628\u064A\u0629";

    private static Map<String, String> texts(Map<String, SiteFile> files) throws IOException {
        var texts = new HashMap<String, String>();
        for (var file : files.entrySet()) {
            var bytes = new ByteArrayOutputStream();
            file.getValue().writeTo(bytes);
            texts.put(file.getKey(), bytes.toString(StandardCharsets.UTF_8));
        }
        return texts;
    }

    static SiteData hostile() {
        var now = SampleSite.AS_OF;
        var builder = new SiteDataBuilder(now)
                .cluster()
                .cloud(MARKUP, TURNED, "https://k:443")
                .note(MARKUP);
        var names = List.of(MARKUP, TURNED, EMOJI, "", "javascript:alert(1)");
        var projects = new HashMap<String, String>();
        var members = new ArrayList<Member>();
        for (int i = 0; i < names.size(); i++) {
            var project = names.get(i).isEmpty() ? "../../etc/passwd" : names.get(i);
            projects.put(project, names.get(names.size() - 1 - i));
            members.add(new Member(project, MemberStatus.values()[i % 3], now.toString(), now.toString()));
        }
        for (int i = 0; i < names.size(); i++) {
            builder.image(
                    MARKUP,
                    TURNED,
                    "https://k:443",
                    new ImageDetails(
                            new Image(
                                    "00000000-0000-0000-0000-00000000000" + i,
                                    names.get(i),
                                    MARKUP,
                                    i == 3 ? "public" : "shared",
                                    i == 2 ? MARKUP : "active",
                                    List.of(MARKUP, TURNED),
                                    now),
                            Map.of(
                                    "image_family",
                                    names.get(i),
                                    "os_version",
                                    MARKUP,
                                    "provided_until",
                                    i == 1 ? "2026-12-01" : MARKUP,
                                    "image_description",
                                    TURNED + MARKUP)),
                    i == 4,
                    i == 3 ? null : members);
        }
        var sample = new SampleSite(20, 3);
        sample.shares().forEach(share -> {
            var status = share.getStatus();
            share.setStatus(new dev.imageshare.api.v1alpha1.ImageShareStatus(
                    2L,
                    new dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo(
                            status.image().id(), MARKUP, MARKUP, TURNED, MARKUP, "shared", MARKUP, null),
                    true,
                    status.members(),
                    status.summary(),
                    status.plan(),
                    MARKUP,
                    status.conditions().stream()
                            .map(each ->
                                    SampleSite.condition(each.type(), each.status(), each.reason(), MARKUP + TURNED))
                            .toList()));
            builder.share(share);
        });
        builder.projectSet(SetsPageTest.set(MARKUP, TURNED));
        builder.imageShareSet(RotationPageTest.set(MARKUP, TURNED));
        builder.notifier(ObjectsPageTest.notifier("relay", MARKUP + TURNED));
        return builder.projectNames(projects).build();
    }

    @Test
    void whatCloudsAndPeopleCallThingsIsTextAndNothingElse() throws IOException {
        var files = texts(new InternalSite(hostile(), MARKUP, true).files());

        for (var file : files.entrySet()) {
            if (file.getKey().endsWith(".html")) {
                assertThat(file.getValue())
                        .as(file.getKey())
                        .doesNotContain("<img", "href=\"javascript:", "\u202e", "\u2066", "\u200f");
                assertNothingInline(file.getValue());
            }
        }
        assertThat(files.get("images.html")).contains("&lt;img src=x", "inv\ufffdgnp.exe", EMOJI);
        assertThat(files.keySet()).allMatch(path -> path.matches("([a-z]+/)?[a-z0-9-]+\\.[a-z]+"));
        assertLinked(files);
    }

    @Test
    void everyLinkOfEveryPageLeadsSomewhereAndNoIdIsThereTwice() throws IOException {
        assertLinked(texts(new InternalSite(new SampleSite(0, 0).cluster(), "Empty", false).files()));
        assertLinked(texts(new InternalSite(new SampleSite(0, 0).both(), "Empty", false).files()));
        assertLinked(texts(new InternalSite(new SampleSite(40, 9).both(), "Images", false).files()));
        assertLinked(texts(new InternalSite(new SampleSite(40, 9).cluster(), "Images", true).files()));
    }

    /** No script, style or handler of its own, which the policy would forbid. */
    private static void assertNothingInline(String page) {
        var tags = TAG.matcher(page).results().map(tag -> tag.group()).toList();
        assertThat(tags).hasSizeGreaterThan(20);
        assertThat(tags)
                .allSatisfy(tag -> assertThat(tag.replaceAll("\"[^\"]*\"", "")).doesNotContainPattern(INLINE));
    }

    private static void assertLinked(Map<String, String> files) {
        var links = 0;
        for (var file : files.entrySet()) {
            if (!file.getKey().endsWith(".html")) {
                continue;
            }
            var folder = file.getKey().contains("/") ? file.getKey().replaceFirst("[^/]*$", "") : "";
            for (var link : LINK.matcher(file.getValue()).results().toList()) {
                links++;
                var parts = link.group(1).split("#", 2);
                var path = parts[0].split("\\?", 2)[0];
                var target = path.isEmpty()
                        ? file.getKey()
                        : java.net.URI.create(folder + path).normalize().toString();
                assertThat(files.keySet())
                        .as(file.getKey() + " links to " + link.group(1))
                        .contains(target);
                if (parts.length > 1) {
                    assertThat(files.get(target)).contains(" id=\"" + parts[1] + "\"");
                }
            }
            var ids = new HashSet<String>();
            for (var id : ID.matcher(file.getValue()).results().toList()) {
                assertThat(ids.add(id.group(1)))
                        .as(file.getKey() + " has twice " + id.group(1))
                        .isTrue();
            }
            assertThat(file.getValue())
                    .contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';");
            assertThat(file.getValue()).doesNotContain("unsafe-", "=\"http", "url(");
        }
        assertThat(links).isGreaterThan(10);
    }

    @Test
    void theJsonOfAPageSaysTheSame() throws IOException {
        var sample = new SampleSite(18, 6);
        var files = texts(new InternalSite(sample.both(), "Images", false).files());
        var mapper = new ObjectMapper();
        for (var file : files.entrySet()) {
            if (file.getKey().endsWith(".json")) {
                assertThat(mapper.readTree(file.getValue()).get("asOf").asText())
                        .isEqualTo("2026-11-27T09:00:00Z");
            }
        }

        var image = sample.both().images().get(0);
        var json = mapper.readTree(files.get("images/" + image.file() + ".json"));
        assertThat(json.at("/image/name").asText()).isEqualTo(image.name());
        assertThat(json.get("members")).hasSize(image.members().size());
        assertThat(json.at("/image/shares")).hasSize(1);
        for (var member : json.get("members")) {
            assertThat(member.has("declaredBy")).isEqualTo(member.has("undeclared"));
        }
        assertThat(mapper.readTree(files.get("matrix.json"))
                        .at("/images/0/answers")
                        .asText())
                .hasSize(6)
                .matches("[apr.-]+");
        assertThat(mapper.readTree(files.get("index.json")).get("needPerson").findValuesAsText("command"))
                .isNotEmpty()
                .allMatch(command -> command.startsWith("kubectl annotate --overwrite -n ")
                        || command.startsWith("imageshare approve -n "));
    }

    @Test
    void whatNeedsAPersonIsOnTheFirstPageWithItsCommand() throws IOException {
        var first = texts(new InternalSite(new SampleSite(18, 6).both(), "Images", false).files())
                .get("index.html");

        assertThat(first)
                .contains("Removals are held", "Conflicts", "Stalled", "Waiting longest for an answer", "Ending")
                .containsPattern(
                        "<code>kubectl annotate --overwrite -n \\S+ imageshare \\S+ imageshare.dev/approve-removals=3f9a0c2b7d41</code>")
                .containsPattern("<code>imageshare look golden-images/\\S+</code>")
                .contains("<code>kubectl describe -n web-shop imageacceptance golden-images</code>")
                .containsPattern("<code>openstack image set --accept [0-9a-f-]{36}</code>");
    }

    @Test
    void theMatrixHasOneCellAnImageAndProjectAndFewAreOpenAtFirst() throws IOException {
        var data = new SampleSite(120, 60).both();

        var page = MatrixPage.of(new Frame("s", "t", "", "matrix.html", List.of(), null, "", false, List.of()), data);

        assertThat(page.projects()).hasSize(60);
        assertThat(page.tables().stream()
                        .flatMap(table -> table.families().stream())
                        .flatMap(family -> family.rows().stream()))
                .hasSize(120)
                .allMatch(row -> row.cells().size() == 60);
        assertThat(page.tables().get(0).open()).isTrue();
        assertThat(page.tables())
                .filteredOn(MatrixPage.MatrixTable::open)
                .hasSizeLessThan(page.tables().size());
        for (var table : page.tables()) {
            assertThat(table.rows()).isLessThan(40);
        }
    }

    @Test
    void thePublicPageHasNoProjectNoCountAndNoId() throws IOException {
        var sample = new SampleSite(10, 6);
        var data = sample.both();
        var publication = new PublicCatalog.Publication("Our images", "https://git.example.org/shares", true, false);

        var files = texts(new PublicCatalog(data, publication).files());

        var all = String.join("\n", files.values());
        assertThat(files.get("index.html"))
                .contains(
                        data.images().get(0).name(),
                        "https://git.example.org/shares",
                        "Hardened",
                        "openstack image set --accept")
                .doesNotContain("unsafe-");
        assertNothingInline(files.get("index.html"));
        for (int i = 0; i < 6; i++) {
            assertThat(all).doesNotContain(SampleSite.projectId(i));
        }
        for (var image : data.images()) {
            assertThat(all).doesNotContain(image.id(), String.valueOf(image.owner()));
        }
        assertThat(all).doesNotContain("keystone.example.org", "golden-images", "6 of", "members\":");
        var withIds = texts(new PublicCatalog(data, new PublicCatalog.Publication("x", null, false, true)).files());
        assertThat(withIds.get("index.html")).contains(data.images().get(0).id());
        assertThat(withIds.get("catalog.json")).contains(data.images().get(0).id());
    }

    /** Its last day counts whole, as does the day of a time; what is no date never ends. Who is a member plays no part. */
    @Test
    void anImageWhoseEndHasComeStandsLastAndIsNotToBeAskedFor() throws IOException {
        var builder = new SiteDataBuilder(SampleSite.AS_OF).cloud("c", "r", "k");
        var ends = List.of(
                "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-26T23:59:59Z", "2026-11-27T08:00:00Z", "none");
        for (int i = 0; i < ends.size(); i++) {
            for (var visibility : List.of("shared", "public")) {
                var id = "00000000-0000-0000-%s-00000000000%d"
                        .formatted(visibility.equals("shared") ? "0000" : "0001", i);
                builder.image(
                        "c",
                        "r",
                        "k",
                        new ImageDetails(
                                new Image(id, visibility + "-" + i, "o", visibility, "active", List.of(), null),
                                Map.of("provided_until", ends.get(i))),
                        false,
                        List.of(new Member(
                                SampleSite.projectId(i),
                                MemberStatus.values()[i % 3],
                                SampleSite.AS_OF.toString(),
                                SampleSite.AS_OF.toString())));
            }
        }

        var publication = new PublicCatalog.Publication("x", "https://ask.example.org/", false, false);
        var files = texts(new PublicCatalog(builder.build(), publication).files());

        var rows = ROW.matcher(files.get("index.html"))
                .results()
                .map(row -> row.group())
                .toList();
        assertThat(rows).hasSize(12);
        for (int i = 0; i < ends.size(); i++) {
            assertThat(String.join("", files.values())).doesNotContain(SampleSite.projectId(i));
        }
        assertThat(rows.subList(0, 8)).allSatisfy(row -> assertThat(row).doesNotContain("over<", "no longer"));
        assertThat(rows.subList(8, 12)).allSatisfy(row -> assertThat(row).contains("2026-11-26, over</td>"));
        assertThat(rows.stream().filter(row -> row.contains("href=\"https://ask.example.org/\"")))
                .hasSize(4)
                .allMatch(row -> row.contains("shared-"));
        assertThat(rows.stream().filter(row -> row.contains("no longer offered")))
                .hasSize(2)
                .allMatch(row -> row.contains("shared-0") || row.contains("shared-3"));
        assertThat(rows.stream().filter(row -> row.contains("for everyone"))).hasSize(6);
        var ended = new ArrayList<String>();
        for (var image : new ObjectMapper().readTree(files.get("catalog.json")).get("images")) {
            if (image.get("ended").booleanValue()) {
                ended.add(image.get("name").textValue());
            }
        }
        assertThat(ended).containsExactlyInAnyOrder("shared-0", "shared-3", "public-0", "public-3");
    }

    @Test
    void aHiddenOrDeactivatedImageIsOfferedToNobody() throws IOException {
        var builder = new SiteDataBuilder(Instant.EPOCH).cloud("c", "r", "k");
        for (var status : List.of("active", "deactivated", "queued")) {
            for (var hidden : List.of(true, false)) {
                var name = status + "-" + hidden;
                builder.image(
                        "c",
                        "r",
                        "k",
                        new ImageDetails(
                                new Image(
                                        java.util
                                                .UUID
                                                .nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8))
                                                .toString(),
                                        name,
                                        "o",
                                        "shared",
                                        status,
                                        List.of(),
                                        null),
                                Map.of()),
                        hidden,
                        null);
            }
        }

        var page = texts(new PublicCatalog(builder.build(), new PublicCatalog.Publication("x", null, false, false))
                        .files())
                .get("index.html");

        assertThat(page).contains("active-false").doesNotContain("active-true", "deactivated-", "queued-");
    }
}
