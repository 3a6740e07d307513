package dev.imageshare.site;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One page for everybody: which images may be asked for, and how. No project, no count, and no ID unless asked for. */
public final class PublicCatalog {

    private static final JsonFactory JSON =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    private final SiteData data;
    private final Publication publication;
    private final Templates templates = new Templates();

    /**
     * How it is published.
     *
     * @param title what the page is called
     * @param requestUrl where to ask for an image; null if the page doesn't say
     * @param pullRequest whether that is a repository that takes pull requests
     * @param ids whether images' IDs are published
     */
    public record Publication(String title, @Nullable String requestUrl, boolean pullRequest, boolean ids) {}

    /** @param data of images that say that they are for the catalog, and of no other */
    public PublicCatalog(SiteData data, Publication publication) {
        this.data = data;
        this.publication = publication;
    }

    /** By their paths from the site's folder. */
    public Map<String, SiteFile> files() {
        var files = new LinkedHashMap<String, SiteFile>();
        files.put("index.html", templates.page("catalog", page()));
        files.put("catalog.json", this::json);
        for (var asset : Templates.ASSETS) {
            files.put(asset, Templates.asset(asset));
        }
        return files;
    }

    /** How many images it has. */
    public int images() {
        return rows().size();
    }

    private CatalogPage page() {
        return new CatalogPage(
                new Frame(
                        publication.title,
                        "Images",
                        "",
                        "index.html",
                        List.of(),
                        "catalog.json",
                        PageText.time(data.asOf()),
                        false,
                        List.of()),
                rows(),
                publication.requestUrl,
                publication.pullRequest);
    }

    /** An image that its owner hid or deactivated is offered to nobody. Those whose end has come are the last. */
    private List<CatalogPage.CatalogRow> rows() {
        var found = data.images().stream()
                .filter(image -> image.status().equals("active") && !image.hidden())
                .map(image -> ImagesPage.ImageRow.of(image, data))
                .sorted(Comparator.comparing(ImagesPage.ImageRow::ended))
                .toList();
        return java.util.stream.IntStream.range(0, found.size())
                .mapToObj(i -> row(i + 1, found.get(i)))
                .toList();
    }

    private CatalogPage.CatalogRow row(int number, ImagesPage.ImageRow row) {
        var image = row.image();
        var isNameless = image.name().isEmpty();
        return new CatalogPage.CatalogRow(
                Integer.toString(number),
                isNameless && !publication.ids ? "(without a name)" : image.title(),
                publication.ids ? image.id() : null,
                isNameless ? "" : image.group(),
                image.facts(),
                row.endCss(),
                row.ended(),
                image.isForEveryone());
    }

    private void json(OutputStream out) throws IOException {
        try (var json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("asOf", data.asOf().toString());
            json.writeStringField("title", publication.title);
            SiteJson.optional(json, "requestUrl", publication.requestUrl);
            json.writeArrayFieldStart("images");
            for (var row : rows()) {
                json.writeStartObject();
                json.writeStringField("name", row.name());
                SiteJson.optional(json, "id", row.id());
                SiteJson.facts(json, row.facts());
                json.writeBooleanField("ended", row.ended());
                json.writeBooleanField("forEveryone", row.everyone());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }
}
