package dev.imageshare.cli;

import dev.imageshare.cli.CloudImages.Owned;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Manifests of what is shared today. */
@Command(
        name = "export",
        header = "Prints ImageShare manifests of every image that a project shares today.",
        description = {
            "",
            "For each image of the cloud's project that is shared with at least one member, hidden images too: ready to"
                    + " commit. 'plan' on them has nothing to do, and applying them changes nothing in Glance. Members of"
                    + " an image that isn't shared now are not told by Glance, and not exported.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:errors"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} --cloud producer --namespace golden-images --output-dir shares/",
            "  ${COMMAND-FULL-NAME} --cloud producer --project-set consumers --output-dir shares/",
            "  ${COMMAND-FULL-NAME} --cloud producer | imageshare-operator plan -f -"
        },
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1)
final class ExportCommand implements Callable<Integer> {

    @Option(
            names = "--cloud",
            required = true,
            defaultValue = "${env:OS_CLOUD}",
            paramLabel = "NAME",
            description = "The entry of the clouds.yaml, with the image owner's credentials. [OS_CLOUD]")
    private String cloud = "";

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "The objects' namespace (default: none is written, so kubectl's).")
    private @Nullable String namespace;

    @Option(
            names = "--secret",
            paramLabel = "NAME",
            description = "The Secret with the clouds.yaml that the objects name (default: CLOUD-clouds).")
    private @Nullable String secret;

    @Option(
            names = "--project-set",
            paramLabel = "NAME",
            description =
                    "Puts the members that many images have in common into a ProjectSet of this name; an image that"
                            + " has all of them names it instead.")
    private @Nullable String projectSet;

    @Option(
            names = "--output-dir",
            paramLabel = "DIR",
            description = "Writes one file an object into this directory (default: all to the standard output).")
    private @Nullable Path directory;

    @Option(names = "--force", description = "With --output-dir: writes over files that differ.")
    private boolean force;

    @Mixin
    private CloudOptions clouds = new CloudOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var line = Objects.requireNonNull(spec).commandLine();
        if (projectSet != null && !MetadataRules.isNamespace(projectSet)) {
            throw new CommandFailure("--project-set must be a name of at most 63 lower case letters, digits and -");
        }
        List<Export.Manifest> manifests;
        int shared;
        try (var access = clouds.open()) {
            var listed = CloudImages.listed(access.client(cloud), "shared");
            List<Owned> images;
            try (var progress = new Progress(line.getErr(), "Reading members", listed.size())) {
                images = Parallel.map(listed, progress, CloudImages.FoundImage::read).stream()
                        .flatMap(Optional::stream)
                        .toList();
            }
            shared = (int) images.stream()
                    .filter(image -> image.members() != null && !image.members().isEmpty())
                    .count();
            manifests = new Export(
                            cloud,
                            secret == null ? Export.name(cloud, "cloud") + "-clouds" : secret,
                            namespace,
                            projectSet,
                            projectSet == null
                                    ? Map.of()
                                    : access.client(cloud).projectNames().orElse(Map.of()))
                    .of(images);
        }
        if (directory == null) {
            manifests.forEach(m -> line.getOut().print("---\n" + m.text()));
            line.getOut().flush();
        } else {
            write(manifests, directory);
        }
        var warnings = manifests.stream().flatMap(m -> m.warnings().stream()).toList();
        warnings.forEach(warning -> line.getErr().println("warning: " + warning));
        if (projectSet != null && manifests.size() == shared) {
            line.getErr().println("note: no two images have a member in common, so there is no ProjectSet");
        }
        line.getErr()
                .println(shared + (shared == 1 ? " image is" : " images are")
                        + " shared by the project of cloud " + cloud
                        + (directory == null ? "." : "; written to " + directory + "."));
        return 0;
    }

    private void write(List<Export.Manifest> manifests, Path to) {
        try {
            Files.createDirectories(to);
            for (var manifest : manifests) {
                var file = to.resolve(manifest.file() + ".yaml");
                if (!force && Files.exists(file) && !Files.readString(file).equals(manifest.text())) {
                    throw new CommandFailure(
                            file + " exists and differs: look at it, then use --force or another --output-dir");
                }
            }
            for (var manifest : manifests) {
                Files.writeString(to.resolve(manifest.file() + ".yaml"), manifest.text(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new CommandFailure("can't write to " + to + ": " + e);
        }
    }
}
