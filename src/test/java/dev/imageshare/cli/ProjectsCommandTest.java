package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.embedded.EmbeddedKeystoneAdmin;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.KeystoneAdmin.ListFault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectsCommandTest {

    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final EmbeddedKeystoneAdmin admin = cloud.keystone();
    private final String domain = admin.createDomain("d");

    @TempDir
    private Path folder;

    private Path clouds;
    private String red;
    private String blue;
    private String off;

    @BeforeEach
    void start() {
        clouds = CommandRun.write(folder.resolve("clouds.yaml"), admin.domainReader(domain));
        red = admin.createProject(domain, null, "team-red", List.of("golden", "gpu"));
        blue = admin.createProject(domain, null, "team-blue", List.of("golden"));
        off = admin.createProject(domain, null, "=cmd()", List.of());
        admin.setEnabled(off, false);
    }

    @AfterEach
    void readsOnly() {
        assertThat(cloud.requests())
                .allMatch(call -> call.method().equals("GET") || call.path().equals("/v3/auth/tokens"));
        cloud.close();
    }

    private CommandRun projects(Object... more) {
        var args = new ArrayList<Object>(List.of("projects", "--clouds", clouds, "--cloud", "directory"));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private CommandRun ofDomain(Object... more) {
        var args = new ArrayList<Object>(List.of("--domain", domain));
        args.addAll(List.of(more));
        return projects(args.toArray());
    }

    @Test
    void aDomainIsPrintedInColumns() {
        var run = ofDomain();
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .contains(
                        "PROJECT                           NAME       ENABLED  TAGS",
                        red + "  team-red   yes      golden,gpu",
                        blue + "  team-blue  yes      golden",
                        off + "  =cmd()     no       -")
                .last()
                .isEqualTo("Total: 3 of 3 projects.");
        assertThat(run.err()).isEmpty();
    }

    /** What a selector with this filter would match. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--tag golden | team-red team-blue",
                "--tag golden,gpu | team-red",
                "--tag golden --tag gpu | team-red",
                "--tag-any gpu,none | team-red",
                "--not-tag gpu | team-blue =cmd()",
                "--not-tag golden,gpu | team-blue =cmd()",
                "--not-tag-any golden,gpu | =cmd()",
                "--name-pattern team-* | team-red team-blue",
                "--enabled | team-red team-blue",
                "--enabled=false | =cmd()",
                "--enabled --not-tag gpu | team-blue",
                "--tag nobodys | ",
            })
    void aFilterMatchesAsASelectorDoes(String options, String names) throws IOException {
        var args = new ArrayList<Object>(List.of(options.split(" ")));
        args.addAll(List.of("-o", "json"));
        var run = ofDomain(args.toArray());
        assertThat(run.exitCode()).as(run.err()).isZero();
        var json = new ObjectMapper().readTree(run.out());
        assertThat(json.path("projects"))
                .extracting(each -> each.path("name").asText())
                .containsExactlyInAnyOrder(names == null ? new String[0] : names.split(" "));
        assertThat(json.path("total").asInt()).isEqualTo(3);
        assertThat(json.path("matched").asInt()).isEqualTo(json.path("projects").size());
        assertThat(json.path("complete").asBoolean()).isTrue();
    }

    @Test
    void csvHasNoFormulas() {
        assertThat(ofDomain("-o", "csv").out().split("\r\n"))
                .containsExactlyInAnyOrder(
                        "project,name,domain,enabled,tags",
                        red + ",team-red," + domain + ",true,golden gpu",
                        blue + ",team-blue," + domain + ",true,golden",
                        off + ",'=cmd()," + domain + ",false,");
    }

    @Test
    void whatIsBelowAProjectIsPrintedByIdAlone() throws IOException {
        var below = admin.createProject(domain, red, "below", List.of());
        clouds = CommandRun.write(folder.resolve("clouds.yaml"), admin.applicationCredential(red));
        var run = projects("--parent", red);
        assertThat(run.out().lines()).containsExactly("PROJECT", below, "Total: 1 of 1 project.");
        JsonNode json = new ObjectMapper()
                .readTree(projects("--parent", red, "-o", "json").out());
        assertThat(json.path("projects").path(0).path("id").asText()).isEqualTo(below);
        assertThat(projects("--parent", red, "--tag", "golden").err()).contains("--parent can't go with a filter");
    }

    @Test
    void whatAUserMayUseIsPrinted() {
        clouds = CommandRun.write(folder.resolve("clouds.yaml"), admin.member(blue));
        assertThat(projects("--assigned").out()).contains(blue, "Total: 1 of 1 project.");
    }

    @Test
    void aListThatMayLackProjectsIsPrintedAndAnError() {
        admin.createProjects(domain, "p", 1_206);
        admin.spoil(ListFault.EMPTY_PAGE);
        var run = ofDomain("--name-pattern", "p-*");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.lastLine()).matches("Total: \\d+ of 500 projects\\.");
        assertThat(run.err()).contains("the list may lack projects: a page said that there are more");
    }

    @Test
    void moreThanASetHoldsIsTold() {
        admin.createProjects(domain, "p", 1_001);
        var run = ofDomain();
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains("a ProjectSet holds 1000 projects at most");
    }

    @Test
    void whoMayNotListIsToldWhatIsNeeded() {
        clouds = CommandRun.write(folder.resolve("clouds.yaml"), admin.member(blue));
        var run = ofDomain();
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("needs the role reader in that domain");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void exactlyOneSourceIsNamed() {
        assertThat(projects().err()).contains("--domain", "--parent", "--assigned");
        assertThat(projects("--assigned", "--domain", domain).exitCode()).isEqualTo(1);
    }
}
