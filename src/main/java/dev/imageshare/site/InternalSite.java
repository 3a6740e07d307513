package dev.imageshare.site;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        files.put(
                "index.html",
                out -> templates
                        .page("overview", OverviewPage.of(frame("Overview", "index.html", "index.json"), data))
                        .writeTo(out));
        files.put("index.json", json::overview);
        files.put(
                "images.html",
                out -> templates
                        .page("images", ImagesPage.of(frame("Images", "images.html", "images.json"), data))
                        .writeTo(out));
        files.put("images.json", json::images);
        files.put(
                "projects.html",
                out -> templates
                        .page("projects", ProjectsPage.of(frame("Projects", "projects.html", "projects.json"), data))
                        .writeTo(out));
        files.put("projects.json", json::projects);
        files.put(
                "matrix.html",
                out -> templates
                        .page("matrix", MatrixPage.of(frame("Matrix", "matrix.html", "matrix.json"), data))
                        .writeTo(out));
        files.put("matrix.json", json::matrix);
        if (data.clusterAsked()) {
            files.put(
                    "shares.html",
                    templates.page("shares", new SharesPage(frame("Objects", "shares.html", "shares.json"), data)));
            files.put("shares.json", json::shares);
        }
        files.put(
                "clouds.html",
                templates.page("clouds", new CloudsPage(frame("Clouds", "clouds.html", "clouds.json"), data)));
        files.put("clouds.json", json::clouds);
        var projects = new HashMap<String, SiteProject>();
        for (var project : data.projects()) {
            projects.put(project.id(), project);
            var path = "projects/" + project.file();
            files.put(
                    path + ".html",
                    out -> templates
                            .page(
                                    "project",
                                    ProjectPage.of(
                                            frame(project.title(), path + ".html", path + ".json"), project, data))
                            .writeTo(out));
            files.put(path + ".json", out -> json.project(project, out));
        }
        for (var image : data.images()) {
            var path = "images/" + image.file();
            files.put(
                    path + ".html",
                    out -> templates
                            .page(
                                    "image",
                                    ImagePage.of(
                                            frame(image.title(), path + ".html", path + ".json"),
                                            image,
                                            data,
                                            projects))
                            .writeTo(out));
            files.put(path + ".json", out -> json.image(image, projects, out));
        }
        for (var asset : Templates.ASSETS) {
            files.put(asset, Templates.asset(asset));
        }
        return files;
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
            links.add(new Frame.PageLink(
                    "shares.html",
                    "Objects",
                    data.shares().size() + data.acceptances().size()));
        }
        links.add(new Frame.PageLink("clouds.html", "Clouds", data.clouds().size()));
        return links;
    }
}
