package dev.imageshare.site;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pages that show who may boot what, for those who may know. A new page is one more entry in {@link #files}. */
public final class InternalSite {

    private final SiteData data;
    private final String title;
    private final boolean live;
    private final Templates templates;

    /**
     * @param title what the site is called
     * @param live whether the pages are served by {@link Dashboard}, and change by themselves
     */
    public InternalSite(SiteData data, String title, boolean live) {
        this(data, title, live, new Templates());
    }

    InternalSite(SiteData data, String title, boolean live, Templates templates) {
        this.data = data;
        this.title = title;
        this.live = live;
        this.templates = templates;
    }

    /** By their paths from the site's folder. */
    public Map<String, SiteFile> files() {
        var json = new SiteJson(data);
        var files = new LinkedHashMap<String, SiteFile>();
        page(files, "index", "overview", "Overview", frame -> OverviewPage.of(frame, data), json::overview);
        page(files, "images", "images", "Images", frame -> ImagesPage.of(frame, data), json::images);
        page(files, "projects", "projects", "Projects", frame -> ProjectsPage.of(frame, data), json::projects);
        page(files, "matrix", "matrix", "Matrix", frame -> MatrixPage.of(frame, data), json::matrix);
        if (data.clusterAsked()) {
            page(files, "shares", "shares", "Objects", frame -> new SharesPage(frame, data), json::shares);
        }
        if (!data.sets().isEmpty()) {
            page(files, "sets", "sets", "Sets", frame -> new SetsPage(frame, data), json::sets);
        }
        if (!data.rotations().isEmpty()) {
            page(files, "rotation", "rotation", "Rotation", frame -> RotationPage.of(frame, data), json::rotation);
        }
        page(files, "clouds", "clouds", "Clouds", frame -> new CloudsPage(frame, data), json::clouds);
        var projects = new HashMap<String, SiteProject>();
        var ended = data.images().stream()
                .filter(image -> ImagesPage.ImageRow.of(image, data).ended())
                .map(SiteImage::file)
                .collect(Collectors.toSet());
        for (var project : data.projects()) {
            projects.put(project.id(), project);
            page(
                    files,
                    "projects/" + project.file(),
                    "project",
                    project.title(),
                    frame -> ProjectPage.of(frame, project, data, ended),
                    out -> json.project(project, out));
        }
        for (var image : data.images()) {
            page(
                    files,
                    "images/" + image.file(),
                    "image",
                    image.title(),
                    frame -> ImagePage.of(frame, image, data, projects),
                    out -> json.image(image, projects, out));
        }
        for (var asset : Templates.ASSETS) {
            files.put(asset, Templates.asset(asset));
        }
        return files;
    }

    /** A page and its JSON beside it; the page is made when it is written, since all of them at once take much memory. */
    private void page(
            Map<String, SiteFile> files,
            String path,
            String template,
            String heading,
            Function<Frame, Object> content,
            SiteFile json) {
        var html = path + ".html";
        files.put(
                html,
                out -> templates
                        .page(template, content.apply(frame(heading, html, path + ".json")))
                        .writeTo(out));
        files.put(path + ".json", json);
    }

    private Frame frame(String page, String path, @Nullable String json) {
        return new Frame(
                title,
                page,
                path.contains("/") ? "../" : "",
                path,
                links(),
                json,
                PageText.time(data.asOf()),
                live,
                data.notes());
    }

    private List<Frame.PageLink> links() {
        var links = new java.util.ArrayList<>(List.of(
                new Frame.PageLink("index.html", "Overview", 0),
                new Frame.PageLink("images.html", "Images", data.images().size()),
                new Frame.PageLink("projects.html", "Projects", data.projects().size()),
                new Frame.PageLink("matrix.html", "Matrix", 0)));
        if (data.clusterAsked()) {
            links.add(new Frame.PageLink("shares.html", "Objects", data.objects()));
        }
        if (!data.sets().isEmpty()) {
            links.add(new Frame.PageLink("sets.html", "Sets", data.sets().size()));
        }
        if (!data.rotations().isEmpty()) {
            links.add(new Frame.PageLink(
                    "rotation.html", "Rotation", data.rotations().size()));
        }
        links.add(new Frame.PageLink("clouds.html", "Clouds", data.clouds().size()));
        return links;
    }
}
