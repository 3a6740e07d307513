package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.embedded.EmbeddedOpenStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/gitops/sample-repository}, as teams and its CI use it; needs kubectl, and skipped without. */
class SampleRepositoryTest {

    private static final Path SAMPLE = Path.of("deploy/gitops/sample-repository");
    private static final String TEAM_A = "8a4d0c2b6e1f4a7c9d3b5e8f0a1c2d4e";

    @TempDir
    private Path folder;

    private Path repository;

    private record Run(int exitCode, String output) {}

    @BeforeEach
    void copy() throws IOException, InterruptedException {
        assumeTrue(isThere(), "no kubectl in PATH");
        repository = folder.resolve("repository");
        try (var files = Files.walk(SAMPLE)) {
            for (var file : files.toList()) {
                Files.copy(file, repository.resolve(SAMPLE.relativize(file).toString()));
            }
        }
    }

    private static boolean isThere() throws InterruptedException {
        try {
            return new ProcessBuilder("kubectl", "version", "--client")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private Run run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).directory(repository.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), output);
    }

    private Path rendered() throws IOException, InterruptedException {
        var run = run(Map.of(), "kubectl", "kustomize", ".");
        assertThat(run.exitCode()).as(run.output()).isZero();
        return Files.writeString(folder.resolve("rendered.yaml"), run.output());
    }

    /** A command of this name that does what CI would: everything but asking a cloud. */
    private Map<String, String> withoutImageshare() throws IOException {
        var bin = Files.createDirectories(folder.resolve("bin"));
        var command = Files.writeString(bin.resolve("imageshare"), "#!/bin/sh\ntest -s rendered.yaml\n");
        assertThat(command.toFile().setExecutable(true)).isTrue();
        return Map.of("PATH", bin + ":" + System.getenv("PATH"));
    }

    @Test
    void itIsValid() throws Exception {
        var plan = CommandRun.of("plan", "--validate-only", "-f", rendered());
        assertThat(plan.exitCode()).as(plan.out() + plan.err()).isZero();
        var validate = run(withoutImageshare(), "ci/validate.sh");
        assertThat(validate.exitCode()).as(validate.output()).isZero();
    }

    @Test
    void aPullRequestShowsWhoGetsAndLosesWhat() throws Exception {
        try (var cloud = EmbeddedOpenStack.start()) {
            var clouds = Files.writeString(folder.resolve("clouds.yaml"), cloud.cloudsYaml());
            cloud.createImage("producer", "ubuntu-24.04", "shared", List.of("golden"));
            cloud.createImage("producer", "rocky-9-hpc", "shared", List.of("golden"));
            Files.delete(repository.resolve("teams/team-a/acceptance.yaml"));
            var teamA = repository.resolve("teams/team-a/kustomization.yaml");
            Files.writeString(teamA, Files.readString(teamA).replace("resources:\n  - acceptance.yaml\n", ""));
            // team-c adds itself, as the README says.
            Files.createDirectory(repository.resolve("teams/team-c"));
            Files.writeString(
                    repository.resolve("teams/team-c/kustomization.yaml"),
                    Files.readString(teamA).replace(TEAM_A, "c".repeat(32)));
            var all = repository.resolve("kustomization.yaml");
            Files.writeString(all, Files.readString(all) + "  - teams/team-c\n");

            var plan = CommandRun.of("plan", "--clouds", clouds, "-f", rendered());

            assertThat(plan.exitCode()).as(plan.out() + plan.err()).isEqualTo(2);
            assertThat(plan.out()).contains("+ " + "c".repeat(32));
            assertThat(plan.lastLine()).isEqualTo("Plan: 4 to add, 0 to remove, 0 held; no of 2 objects have errors.");
        }
    }

    /** A partner is an entry of the ProjectSet, once the platform team has taken the # away. */
    @Test
    void aPullRequestAddsAPartnerToASet() throws Exception {
        try (var cloud = EmbeddedOpenStack.start()) {
            var clouds = Files.writeString(folder.resolve("clouds.yaml"), cloud.cloudsYaml());
            cloud.createImage("producer", "ubuntu-24.04", "shared", List.of("golden"));
            cloud.createImage("producer", "rocky-9-hpc", "shared", List.of("golden"));
            var all = repository.resolve("kustomization.yaml");
            Files.writeString(
                    all, Files.readString(all).replace("  # - sets", "  - sets").replace("  - teams/team-a\n", ""));
            var partners = repository.resolve("sets/partners.yaml");
            Files.writeString(
                    partners,
                    Files.readString(partners) + "    - {projectID: " + "c".repeat(32) + ", name: new-partner}\n");

            var plan = CommandRun.of("plan", "--clouds", clouds, "-f", rendered());

            assertThat(plan.exitCode()).as(plan.out() + plan.err()).isEqualTo(2);
            assertThat(plan.out())
                    .containsSubsequence(
                            "ProjectSet golden-images/partners",
                            "  + " + "c".repeat(32) + " \"new-partner\"",
                            "ImageShare golden-images/rocky-9-hpc",
                            "  + " + "c".repeat(32) + " \"new-partner\"",
                            "ImageShare golden-images/ubuntu-24-04");
            assertThat(plan.lastLine()).isEqualTo("Plan: 4 to add, 0 to remove, 0 held; no of 3 objects have errors.");
        }
    }

    @Test
    void theOptionalKindsAreCheckedOnceTheyAreSwitchedOn() throws Exception {
        var all = repository.resolve("kustomization.yaml");
        Files.writeString(all, Files.readString(all).replace("  # - ", "  - "));

        var right = CommandRun.of("plan", "--validate-only", "-f", rendered());
        assertThat(right.exitCode()).as(right.out() + right.err()).isZero();
        assertThat(Files.readString(folder.resolve("rendered.yaml")))
                .contains("kind: ImageShareSet", "kind: ImageNotifier");

        var debian = repository.resolve("rotation/debian.yaml");
        Files.writeString(debian, Files.readString(debian).replace("    retireAfter: 720h\n", ""));
        var wrong = CommandRun.of("plan", "--validate-only", "-f", rendered());
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.out() + wrong.err()).contains("spec.images needs keep and retireAfter together");
    }

    @Test
    void mistakesAreRefusedOffline() throws Exception {
        var mistakes = new ArrayList<String>();
        var teamB = repository.resolve("teams/team-b/kustomization.yaml");
        var right = Files.readString(teamB);
        // The same project twice, and something that can be no project.
        for (var wrong : List.of(TEAM_A, "team b")) {
            Files.writeString(teamB, right.replace("0b9e8d7c6f5a4b3c2d1e0f9a8b7c6d5e", wrong));
            var plan = CommandRun.of("plan", "--validate-only", "-f", rendered());
            mistakes.add(
                    plan.exitCode() + (plan.out() + plan.err()).replaceAll("(?s).*?(spec\\.members\\S*).*", " $1"));
        }
        assertThat(mistakes).allSatisfy(m -> assertThat(m).startsWith("1 spec.members"));

        Files.writeString(teamB, right);
        Files.createDirectory(repository.resolve("teams/team-c"));
        var validate = run(withoutImageshare(), "ci/validate.sh");
        assertThat(validate.exitCode()).isEqualTo(1);
        assertThat(validate.output()).contains("teams/team-c/ is not listed under components");
    }
}
