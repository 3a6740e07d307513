package dev.imageshare.cli;

import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.site.ImageFacts.ImageFact;
import dev.imageshare.site.InternalSite;
import dev.imageshare.site.PublicCatalog;
import dev.imageshare.site.SiteData;
import dev.imageshare.site.SiteDataBuilder;
import dev.imageshare.site.SiteDirectory;
import dev.imageshare.site.SiteFile;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Writes the pages. */
@Command(
        name = "site",
        header = "Writes web pages: a public catalog of images, or who may boot what.",
        description = {
            "",
            "--audience public: one page of the images that carry the catalog's tag, and how to ask for them; no project,"
                    + " no count, and no ID unless --show-ids is given. --audience internal: images, projects, the matrix"
                    + " of both, objects, clouds, and what needs a person. A JSON file beside each page says the same.",
            "",
            "The pages need no server and no other site. Files in DIR that this command didn't write are left alone.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:errors; the pages are as they were, or some of them are new"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} --audience internal --from-cluster --cloud producer --output-dir site/",
            "  ${COMMAND-FULL-NAME} --audience public --cloud producer --output-dir catalog/"
                    + " --request-url https://git.example.org/images/shares"
        },
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 1)
final class SiteCommand implements Callable<Integer> {

    enum Audience {
        /** Everybody. */
        PUBLIC,
        /** Who may know who shares what with whom. */
        INTERNAL
    }

    @Option(
            names = "--output-dir",
            required = true,
            paramLabel = "DIR",
            description = "The folder to write; new or a site.")
    private @Nullable Path outputDir;

    @Option(names = "--audience", required = true, paramLabel = "AUDIENCE", description = "public or internal.")
    private @Nullable Audience audience;

    @Option(
            names = "--cloud",
            split = ",",
            defaultValue = "${env:OS_CLOUD}",
            paramLabel = "NAME",
            description = "An entry of the clouds.yaml, of a project that owns images; several by commas. Projects'"
                    + " names are told where one of them may list projects. [OS_CLOUD]")
    private Set<String> cloudNames = new LinkedHashSet<>();

    @Option(
            names = "--from-cluster",
            description =
                    "Read the ImageShares and ImageAcceptances of a cluster, which is found as kubectl does; internal"
                            + " only.")
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
            names = "--title",
            paramLabel = "TEXT",
            description = "What the pages are called (default: Images, or Image shares).")
    private @Nullable String title;

    @Option(
            names = "--as-of",
            paramLabel = "TIME",
            converter = InstantConverter.class,
            description = "The time that the pages say, and that ages are counted up to, such as 2026-11-27T00:00:00Z"
                    + " (default: now). With it, equal input gives equal bytes.")
    private @Nullable Instant asOf;

    @Option(
            names = "--property",
            paramLabel = "FACT=NAME",
            split = ",",
            description =
                    "The image's property that says a fact: family (default image_family), version (os_version), built"
                            + " (image_build_date), endOfLife (provided_until), architecture (architecture), description"
                            + " (image_description).")
    private Map<ImageFact, String> properties = new LinkedHashMap<>();

    @Option(
            names = "--catalog-tag",
            defaultValue = "imageshare-catalog",
            paramLabel = "TAG",
            description = "The tag of an image that is for the public catalog (default ${DEFAULT-VALUE}).")
    private String catalogTag = "imageshare-catalog";

    @Option(
            names = "--catalog-property",
            paramLabel = "NAME=VALUE",
            description = "A property that says the same as the tag.")
    private @Nullable String catalogProperty;

    @Option(
            names = "--request-url",
            paramLabel = "URL",
            description = "Where to ask for an image: an https, http or mailto URL that the public page links to.")
    private @Nullable String requestUrl;

    @Option(
            names = "--request-by-pull-request",
            description = "The URL is of a repository of ImageShares: the page says what to add there.")
    private boolean pullRequest;

    @Option(
            names = "--show-ids",
            description =
                    "The public page shows images' IDs: who knows one can boot a shared image" + " once a member.")
    private boolean showIds;

    @Mixin
    private CloudOptions clouds = new CloudOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var line = Objects.requireNonNull(spec).commandLine();
        var directory = new SiteDirectory(Objects.requireNonNull(outputDir));
        checkOptions(directory);
        var files = audience == Audience.PUBLIC ? catalog() : internal();
        try {
            directory.write(files, Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors())));
        } catch (IOException e) {
            throw new CommandFailure("can't write to " + outputDir + ": " + e);
        }
        line.getOut().println(outputDir.resolve("index.html") + ": " + files.size() + " files written");
        line.getOut().flush();
        return 0;
    }

    private void checkOptions(SiteDirectory directory) {
        cloudNames.removeIf(String::isBlank);
        if (cloudNames.isEmpty() && !fromCluster) {
            clouds.defaultCloud().ifPresent(cloudNames::add);
        }
        if (audience == Audience.PUBLIC && fromCluster) {
            throw new CommandFailure(
                    "--audience public reads clouds alone: leave --from-cluster out, and name a --cloud");
        }
        if (cloudNames.isEmpty() && !fromCluster) {
            throw new CommandFailure("name a cloud by --cloud"
                    + (audience == Audience.PUBLIC ? "" : ", or ask a cluster by --from-cluster"));
        }
        if (requestUrl != null && !isLink(requestUrl)) {
            throw new CommandFailure("--request-url must be an https, http or mailto URL, not " + requestUrl);
        }
        if (pullRequest && requestUrl == null) {
            throw new CommandFailure("--request-by-pull-request needs the repository's --request-url");
        }
        if (catalogProperty != null && catalogProperty.indexOf('=') < 1) {
            throw new CommandFailure("--catalog-property must be NAME=VALUE, not " + catalogProperty);
        }
        try {
            if (directory.isForeign()) {
                throw new CommandFailure("--output-dir " + outputDir
                        + " has files that this command didn't write: name an empty folder, or a new one");
            }
        } catch (IOException e) {
            throw new CommandFailure("--output-dir " + outputDir + " can't be read: " + e);
        }
    }

    private static boolean isLink(String text) {
        try {
            var uri = new URI(text);
            var scheme = uri.getScheme();
            return "mailto".equals(scheme)
                    ? uri.getSchemeSpecificPart() != null
                    : ("https".equals(scheme) || "http".equals(scheme)) && uri.getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private SiteDataBuilder builder() {
        return new SiteDataBuilder(asOf == null ? Instant.now().truncatedTo(ChronoUnit.SECONDS) : asOf, properties);
    }

    private Map<String, SiteFile> internal() {
        return new InternalSite(internalData(), title == null ? "Image shares" : title, false).files();
    }

    /** A method of its own, so that what was read is garbage while the pages are written. */
    private SiteData internalData() {
        var builder = builder();
        if (!cloudNames.isEmpty()) {
            try (var access = clouds.open()) {
                reader(access).readAll(cloudNames, builder);
            }
        }
        if (fromCluster) {
            try (var cluster = clusterOptions.open()) {
                cluster.read(namespaces, builder.cluster()::share, builder::acceptance);
                cluster.readOptional(ProjectSet.class, namespaces, builder::projectSet);
                cluster.readOptional(ImageShareSet.class, namespaces, builder::imageShareSet);
                cluster.readOptional(ImageNotifier.class, namespaces, builder::notifier);
            }
        }
        return builder.build();
    }

    private Map<String, SiteFile> catalog() {
        var builder = builder();
        SiteData data;
        try (var access = clouds.open()) {
            reader(access).readMarked(cloudNames, this::isForCatalog, builder);
            data = builder.build();
        }
        return new PublicCatalog(
                        data,
                        new PublicCatalog.Publication(
                                title == null ? "Images" : title, requestUrl, pullRequest, showIds))
                .files();
    }

    private CloudReader reader(CloudOptions.Access access) {
        var names = new HashSet<String>();
        for (var fact : ImageFact.values()) {
            names.add(properties.getOrDefault(fact, fact.property()));
        }
        if (catalogProperty != null) {
            names.add(catalogProperty.substring(0, catalogProperty.indexOf('=')));
        }
        return new CloudReader(
                access, names, Objects.requireNonNull(spec).commandLine().getErr());
    }

    private boolean isForCatalog(ImageDetails details) {
        if (details.image().tags().contains(catalogTag)) {
            return true;
        }
        if (catalogProperty == null) {
            return false;
        }
        var parts = catalogProperty.split("=", 2);
        return parts[1].equals(details.properties().get(parts[0]));
    }

    /** RFC 3339 in UTC, or a date. */
    static final class InstantConverter implements ITypeConverter<Instant> {
        private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");

        @Override
        public Instant convert(String text) {
            try {
                return Instant.parse(DATE.matcher(text).matches() ? text + "T00:00:00Z" : text)
                        .truncatedTo(ChronoUnit.SECONDS);
            } catch (DateTimeParseException e) {
                throw new TypeConversionException("expected a time such as 2026-11-27T00:00:00Z, not '" + text + "'");
            }
        }
    }
}
