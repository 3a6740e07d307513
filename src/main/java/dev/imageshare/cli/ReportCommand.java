package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.cli.CloudImages.FoundImage;
import dev.imageshare.cli.CloudImages.Owned;
import dev.imageshare.openstack.Member;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Who may boot what. */
@Command(
        name = "report",
        header = "Reports who may boot which image: images, projects, answers, and who declared it.",
        description = {
            "",
            "--cloud reads Glance: all images that the cloud's project owns, including hidden ones. --from-cluster"
                    + " reads what the operator wrote into the status of ImageShares, and needs no cloud. With both,"
                    + " it reads Glance and adds which ImageShare declares each member.",
            "",
            "An answer doesn't control access: a member that is pending or rejected can still boot the image by its"
                    + " ID. A public or community image is available to everyone; an image that is private, or shared"
                    + " without members, only to its owner.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:errors"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} --cloud producer --sort pending",
            "  ${COMMAND-FULL-NAME} --cloud producer --cloud admin --output csv > images.csv",
            "  ${COMMAND-FULL-NAME} --from-cluster --namespace golden-images"
        },
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1)
final class ReportCommand implements Callable<Integer> {

    enum ReportFormat {
        table,
        csv,
        json
    }

    @Option(
            names = "--cloud",
            split = ",",
            defaultValue = "${env:OS_CLOUD}",
            paramLabel = "NAME",
            description = "An entry of the clouds.yaml, of a project that owns images; several separated by commas."
                    + " Project names are shown if one of them may list projects. [OS_CLOUD]")
    private Set<String> cloudNames = new LinkedHashSet<>();

    @Option(
            names = "--from-cluster",
            description = "Read the ImageShares of a cluster, which is found as kubectl does.")
    private boolean fromCluster;

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Option(
            names = {"-n", "--namespace"},
            split = ",",
            paramLabel = "NAMESPACE",
            description = "With --from-cluster: only these namespaces (default: all).")
    private Set<String> namespaces = new LinkedHashSet<>();

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
    private ReportFormat output = ReportFormat.table;

    @Option(
            names = "--sort",
            defaultValue = "name",
            paramLabel = "ORDER",
            description = "name: by image; age: oldest image first; pending: longest waiting for an answer first"
                    + " (default ${DEFAULT-VALUE}).")
    private Report.Sort sort = Report.Sort.name;

    @Mixin
    private CloudOptions clouds = new CloudOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var line = Objects.requireNonNull(spec).commandLine();
        cloudNames.removeIf(String::isBlank);
        if (cloudNames.isEmpty() && !fromCluster) {
            clouds.defaultCloud().ifPresent(cloudNames::add);
        }
        if (cloudNames.isEmpty() && !fromCluster) {
            throw new CommandFailure("use --cloud to read a cloud, or --from-cluster to read a cluster");
        }
        var cluster = fromCluster ? Optional.of(read()) : Optional.<ClusterShares>empty();
        var notes = new ArrayList<String>();
        var rows = cloudNames.isEmpty() ? cluster.orElseThrow().rows(notes) : ofClouds(cluster, notes, line.getErr());
        var report = Report.of(rows, sort, fromCluster, notes);
        switch (output) {
            case table -> ReportText.table(report, line.getOut());
            case csv -> {
                ReportText.csv(report, line.getOut());
                notes.forEach(note -> line.getErr().println("note: " + note));
            }
            case json -> line.getOut().println(Json.text(report));
        }
        line.getOut().flush();
        return 0;
    }

    private ClusterShares read() {
        try (var cluster = clusterOptions.open()) {
            var sets = new ArrayList<ProjectSet>();
            cluster.readOptional(ProjectSet.class, namespaces, sets::add);
            return new ClusterShares(cluster.shares(namespaces), sets, Instant.now());
        }
    }

    private record Of(String cloud, FoundImage listed) {}

    private record Read(Of of, Owned owned) {}

    private List<Report.Row> ofClouds(Optional<ClusterShares> cluster, List<String> notes, PrintWriter err) {
        try (var access = clouds.open()) {
            var listed = new ArrayList<Of>();
            var projects = new MemberProjects(access);
            for (var cloud : cloudNames) {
                var client = access.client(cloud);
                CloudImages.listed(client, null).forEach(each -> listed.add(new Of(cloud, each)));
                projects.read(cloud, client);
            }
            var names = new HashMap<>(projects.names());
            cluster.ifPresent(known -> names.putAll(known.names())); // their display names
            if (names.isEmpty() && projects.isSilent()) {
                notes.add("Projects are shown by ID only, since Keystone returns names only to administrators; add an"
                        + " administrator's entry with --cloud.");
            }
            var images = read(listed, err);
            var members = new HashMap<String, Set<String>>();
            for (var each : images) {
                var its = members.computeIfAbsent(keystone(each.of()), keystone -> new HashSet<>());
                members(each.owned()).forEach(member -> its.add(member.projectId()));
            }
            var missing = projects.missing(members, err);
            return images.stream()
                    .flatMap(each ->
                            rows(each, names, missing.getOrDefault(keystone(each.of()), Set.of()), cluster).stream())
                    .toList();
        }
    }

    private static List<Read> read(List<Of> listed, PrintWriter err) {
        try (var progress = new Progress(err, "Reading members", listed.size())) {
            return Parallel.map(listed, progress, of -> of.listed().read().map(owned -> new Read(of, owned))).stream()
                    .flatMap(Optional::stream)
                    .toList();
        }
    }

    private static String keystone(Of of) {
        return of.listed().client().scope().cloud();
    }

    private static List<Member> members(Owned owned) {
        return Objects.requireNonNullElse(owned.members(), List.of());
    }

    /** @param missing projects that the image's Keystone doesn't have, as far as it says so */
    private static List<Report.Row> rows(
            Read read, Map<String, String> names, Set<String> missing, Optional<ClusterShares> cluster) {
        var owned = read.owned();
        var image = owned.image();
        var shown = new Report.Shown(
                read.of().cloud(),
                image.id(),
                image.name(),
                image.owner(),
                image.visibility(),
                image.status(),
                image.createdAt() == null ? null : image.createdAt().toString(),
                owned.hidden(),
                null);
        if (members(owned).isEmpty()) {
            return List.of(shown.alone());
        }
        return members(owned).stream()
                .map(member -> shown.member(
                        member.projectId(),
                        names.get(member.projectId()),
                        missing.contains(member.projectId())
                                || cluster.filter(c -> c.isGone(image.id(), image.owner(), member.projectId()))
                                        .isPresent(),
                        member.status().name(),
                        member.updatedAt(),
                        cluster.map(c -> c.declaring(image.id(), image.owner(), member.projectId()))
                                .orElse(null)))
                .toList();
    }
}
