package dev.imageshare.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.SelectorFilter;
import dev.imageshare.openstack.DirectoryProject;
import dev.imageshare.openstack.ProjectList;
import dev.imageshare.openstack.ProjectSource;
import dev.imageshare.projectset.ProjectFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a selector of a ProjectSet would match. */
@Command(
        name = "projects",
        header = "Prints the projects that a selector of a ProjectSet would match.",
        description = {
            "",
            "Reads Keystone as the operator does, with the credentials of --cloud: the projects of a domain (the role reader"
                    + " on that domain or in the system), those below a project (that project's own credentials), or those"
                    + " that the user has a role in. Changes nothing.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:errors, also where Keystone's list may lack projects"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} --cloud domain-reader --domain 8a4d0f3c2b1e4d5f9a6b7c8d9e0f1a2b --tag golden",
            "  ${COMMAND-FULL-NAME} --cloud producer --parent 3c2b1e4d5f9a6b7c8d9e0f1a2b8a4d0f --output csv",
            "  ${COMMAND-FULL-NAME} --cloud producer --assigned --name-pattern 'team-*'"
        },
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1)
final class ProjectsCommand implements Callable<Integer> {

    /** What a ProjectSet holds. */
    private static final int MOST = 1_000;

    enum ProjectsFormat {
        table,
        csv,
        json
    }

    /** Exactly one. */
    static final class SourceOption {
        @Option(
                names = "--domain",
                required = true,
                paramLabel = "ID",
                description = "All projects of this domain, by its ID.")
        private @Nullable String domain;

        @Option(
                names = "--parent",
                required = true,
                paramLabel = "ID",
                description = "All projects below this one, at any depth. Keystone gives their IDs only.")
        private @Nullable String parent;

        @Option(
                names = "--assigned",
                required = true,
                description = "All projects in which the user of the credentials has a role.")
        private boolean assigned;

        private ProjectSource source() {
            if (assigned) {
                return new ProjectSource.Assigned();
            }
            return domain != null
                    ? new ProjectSource.Domain(domain)
                    : new ProjectSource.Parent(Objects.requireNonNull(parent));
        }
    }

    @Option(
            names = "--cloud",
            defaultValue = "${env:OS_CLOUD}",
            paramLabel = "NAME",
            description = "The entry of the clouds.yaml. [OS_CLOUD]")
    private @Nullable String cloudName;

    @ArgGroup(multiplicity = "1")
    private SourceOption source = new SourceOption();

    @Option(names = "--tag", split = ",", paramLabel = "TAG", description = "Only with this tag; of several with all.")
    private List<String> tags = new ArrayList<>();

    @Option(names = "--tag-any", split = ",", paramLabel = "TAG", description = "Only with at least one of these tags.")
    private List<String> tagsAny = new ArrayList<>();

    @Option(
            names = "--not-tag",
            split = ",",
            paramLabel = "TAG",
            description = "Only without this tag; of several, only where at least one is missing.")
    private List<String> notTags = new ArrayList<>();

    @Option(names = "--not-tag-any", split = ",", paramLabel = "TAG", description = "Only with none of these tags.")
    private List<String> notTagsAny = new ArrayList<>();

    @Option(
            names = "--name-pattern",
            paramLabel = "PATTERN",
            description = "Only of such a name: * stands for any characters, ? for one.")
    private @Nullable String namePattern;

    @Option(
            names = "--enabled",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOLEAN",
            description = "Only enabled projects; --enabled=false: only disabled ones.")
    private @Nullable Boolean enabled;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
    private ProjectsFormat output = ProjectsFormat.table;

    @Mixin
    private CloudOptions clouds = new CloudOptions();

    @Spec
    private @Nullable CommandSpec spec;

    /**
     * What {@code --output json} prints; fields are only ever added.
     *
     * @param incompleteness why projects may be missing; absent if none is
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ProjectsReport(
            int total,
            int matched,
            boolean complete,
            @Nullable String incompleteness,
            List<MatchedProject> projects) {}

    /** One project; what Keystone doesn't tell is absent. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record MatchedProject(
            String id,
            @Nullable String name,
            @Nullable String domainId,
            @Nullable Boolean enabled,
            List<String> tags) {
        static MatchedProject of(DirectoryProject project) {
            return new MatchedProject(
                    project.id(),
                    project.name(),
                    project.domainId(),
                    project.enabled(),
                    project.tags().stream().sorted().toList());
        }
    }

    @Override
    public Integer call() {
        var line = Objects.requireNonNull(spec).commandLine();
        var filter = filter();
        if (source.parent != null && filter != null) {
            throw new CommandFailure("--parent can't go with a filter: Keystone lists only IDs there");
        }
        var list = read(filter);
        var projects = list.projects().stream()
                .map(MatchedProject::of)
                .sorted(Comparator.comparing(MatchedProject::id))
                .toList();
        switch (output) {
            case table -> {
                ProjectsText.table(projects, line.getOut());
                line.getOut()
                        .println("Total: " + list.matched() + " of " + list.total()
                                + (list.total() == 1 ? " project." : " projects."));
            }
            case csv -> ProjectsText.csv(projects, line.getOut());
            case json ->
                line.getOut()
                        .println(Json.text(new ProjectsReport(
                                list.total(), list.matched(), list.isComplete(), list.incompleteness(), projects)));
        }
        line.getOut().flush();
        if (list.matched() > MOST) {
            line.getErr().println("note: a ProjectSet holds " + MOST + " projects at most: narrow the filter");
        }
        if (!list.isComplete()) {
            throw new CommandFailure("the list may lack projects: " + list.incompleteness());
        }
        return 0;
    }

    private ProjectList read(@Nullable SelectorFilter filter) {
        var name = cloudName == null || cloudName.isBlank()
                ? clouds.defaultCloud().orElseThrow(() -> new CommandFailure("name a cloud by --cloud"))
                : cloudName;
        try (var access = clouds.open()) {
            return access.directory(name).list(source.source(), new ProjectFilter(filter), Duration.ZERO);
        }
    }

    /** Null for none. */
    private @Nullable SelectorFilter filter() {
        var isGiven = enabled != null
                || namePattern != null
                || !(tags.isEmpty() && tagsAny.isEmpty() && notTags.isEmpty() && notTagsAny.isEmpty());
        return isGiven ? new SelectorFilter(enabled, tags, tagsAny, notTags, notTagsAny, namePattern) : null;
    }
}
