package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imageshare.embedded.EmbeddedKeystone.Token;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Glance v2 (Zed) as far as sharing goes: images, their members and the lists, with the statuses and texts of the real
 * one. Two calls at once are carried out one after the other, but for equal additions when duplicates are on.
 */
final class EmbeddedGlance {
    private static final int DEFAULT_PAGE = 25;
    private static final int LONGEST_PAGE = 1_000;
    private static final Set<String> STATUSES = Set.of("pending", "accepted", "rejected");
    private static final Set<String> VISIBILITIES = Set.of("shared", "private", "public", "community");

    private final EmbeddedKeystone keystone;
    private final EmbeddedOpenStack.Options options;
    private final String authenticate;
    private final Clock clock;
    /** In order of creation. */
    private final Map<String, Stored> images = new LinkedHashMap<>();

    private final class Row {
        final String member;
        final Instant created;
        String status = "pending";
        Instant updated = now();

        Row(String member, Instant created) {
            this.member = member;
            this.created = created;
        }
    }

    private final class Stored {
        final String id;
        final @Nullable String owner;
        final Set<String> tags = new TreeSet<>();
        final Map<String, String> properties = new TreeMap<>();
        final Instant created = now();
        Instant updated = created;
        String name;
        String visibility;
        String status = "queued";
        boolean hidden;
        final List<Row> rows = new ArrayList<>();
        /** A row that is deleted is used again, and keeps its first time. */
        final Map<String, Instant> firstCreated = new HashMap<>();

        Stored(String id, String name, @Nullable String owner, String visibility) {
            this.id = id;
            this.name = name;
            this.owner = owner;
            this.visibility = visibility;
        }

        @Nullable
        Row row(String member) {
            return rows.stream()
                    .filter(each -> each.member.equals(member))
                    .findFirst()
                    .orElse(null);
        }
    }

    /** An error, thrown from where it is found. */
    private static final class Refused extends Exception {
        final Reply reply;

        Refused(int status, String message) {
            this.reply = Reply.glanceError(status, message);
        }
    }

    EmbeddedGlance(EmbeddedKeystone keystone, EmbeddedOpenStack.Options options, String authenticate, Clock clock) {
        this.clock = clock;
        this.keystone = keystone;
        this.options = options;
        this.authenticate = authenticate;
    }

    Reply handle(Incoming in) {
        List<String> path = in.segments();
        if (path.equals(List.of("healthcheck"))) {
            return new Reply(200, Map.of("Content-Type", "text/plain"), "OK");
        }
        if (!path.get(0).matches("v2(\\.\\d|\\.1[0-5])?")) {
            // with the link that the openstack command follows
            String self = (options.tls() == null ? "http://" : "https://")
                    + in.headers().getFirst("Host") + "/v2/";
            Map<String, Object> version =
                    Map.of("id", "v2.15", "status", "CURRENT", "links", List.of(Map.of("rel", "self", "href", self)));
            return Reply.json(path.equals(List.of("versions")) ? 200 : 300, Map.of("versions", List.of(version)));
        }
        Token token = keystone.token(in.headers().getFirst("X-Auth-Token"));
        // what an access rule does not allow is a 401, not a 403
        if (token == null || !allowed(token, in)) {
            return Reply.glanceError(
                            401,
                            "This server could not verify that you are authorized to access the document you requested."
                                    + " Either you supplied the wrong credentials (e.g., bad password), or your browser does"
                                    + " not understand how to supply the credentials required.")
                    .with("Www-Authenticate", "Keystone uri=\"" + authenticate + "\"");
        }
        String id = in.headers().getFirst("X-Openstack-Request-Id");
        if (id == null) {
            id = "req-" + UUID.randomUUID();
        } else if (!id.startsWith("req-")) {
            id = "req-" + id;
        }
        if (id.length() > 64) {
            return Reply.glanceError(
                    500, "The server has either erred or is incapable of performing the requested operation.");
        }
        try {
            return route(in, path, token).with("X-Openstack-Request-Id", id);
        } catch (Refused e) {
            return e.reply.with("X-Openstack-Request-Id", id);
        }
    }

    private static boolean allowed(Token token, Incoming in) {
        return token.credential() == null
                || token.credential().accessRules() == null
                || token.credential().accessRules().stream().anyMatch(rule -> rule.allows(in.method(), in.path()));
    }

    private Reply route(Incoming in, List<String> path, Token token) throws Refused {
        int size = path.size();
        if (size < 2 || !path.get(1).equals("images")) {
            throw notThere();
        }
        if (size == 2) {
            return switch (in.method()) {
                case "GET" -> list(in, token);
                case "POST" -> create(in, token);
                default -> throw notAllowed(in);
            };
        }
        String id = path.get(2);
        if (size == 3) {
            return switch (in.method()) {
                case "GET" -> Reply.json(200, show(imageNamed(id, token)));
                case "PATCH" -> patch(id, in, token);
                case "DELETE" -> delete(id, token);
                default -> throw notAllowed(in);
            };
        }
        if (path.get(3).equals("members") && size == 4) {
            return switch (in.method()) {
                case "GET" -> members(id, token);
                case "POST" -> addMember(id, in, token);
                default -> throw notAllowed(in);
            };
        }
        if (path.get(3).equals("members") && size == 5 && !path.get(4).isEmpty()) {
            return switch (in.method()) {
                case "GET" -> member(id, path.get(4), token);
                case "PUT" -> answer(id, path.get(4), in, token);
                case "DELETE" -> removeMember(id, path.get(4), token);
                default -> throw notAllowed(in);
            };
        }
        if (path.get(3).equals("file") && size == 4 && in.method().equals("PUT")) {
            return upload(id, token);
        }
        if (path.get(3).equals("actions") && size == 5 && in.method().equals("POST")) {
            return action(id, path.get(4), token);
        }
        throw notThere();
    }

    // ------------------------------------------------------------------ images

    private synchronized Reply create(Incoming in, Token token) throws Refused {
        JsonNode body = json(in);
        String visibility = body.path("visibility").asText("shared");
        if (!VISIBILITIES.contains(visibility)) {
            throw new Refused(400, "Provided object does not match schema 'image'");
        }
        mayPublish(visibility, token);
        mayModify("add_image", token);
        String id = body.path("id").asText(UUID.randomUUID().toString());
        if (body.path("name").asText("").codePoints().anyMatch(c -> c > 0xffff)) {
            throw new Refused(400, "Name can't contain 4 byte unicode characters.");
        }
        Stored image = new Stored(id, body.path("name").asText(""), token.projectId(), visibility);
        body.path("tags").forEach(tag -> image.tags.add(tag.asText()));
        body.properties().forEach(each -> {
            if (!show(image).containsKey(each.getKey())) {
                image.properties.put(each.getKey(), each.getValue().asText());
            }
        });
        images.put(id, image);
        return Reply.json(201, show(image)).with("Location", "/v2/images/" + id);
    }

    private synchronized Reply patch(String id, Incoming in, Token token) throws Refused {
        Stored image = imageNamed(id, token);
        if (!owns(image, token)) {
            throw new Refused(403, "You are not authorized to complete modify_image action.");
        }
        for (JsonNode change : json(in)) {
            if (change.path("path").asText().equals("/visibility")) {
                String visibility = change.path("value").asText();
                mayPublish(visibility, token);
                image.visibility = visibility;
                image.updated = now();
            } else if (change.path("path").asText().equals("/os_hidden")) {
                image.hidden = change.path("value").asBoolean();
                image.updated = now();
            } else if (change.path("path").asText().equals("/name")) {
                image.name = change.path("value").asText();
                image.updated = now();
            } else {
                image.properties.put(
                        change.path("path").asText().substring(1),
                        change.path("value").asText());
                image.updated = now();
            }
        }
        return Reply.json(200, show(image));
    }

    private static void mayPublish(String visibility, Token token) throws Refused {
        if (visibility.equals("public") && !token.admin()) {
            throw new Refused(403, "You are not authorized to complete publicize_image action.");
        }
    }

    private void mayModify(String action, Token token) throws Refused {
        if (options.secureRbac() && !token.roles().contains("member") && !token.admin()) {
            throw new Refused(403, "You are not authorized to complete " + action + " action.");
        }
    }

    private synchronized Reply delete(String id, Token token) throws Refused {
        Stored image = imageNamed(id, token);
        if (!owns(image, token)) {
            throw new Refused(403, "You are not authorized to complete delete_image action.");
        }
        images.remove(id);
        return Reply.empty(204);
    }

    private synchronized Reply upload(String id, Token token) throws Refused {
        Stored image = imageNamed(id, token);
        if (!owns(image, token)) {
            throw new Refused(403, "You are not authorized to complete upload_image action.");
        }
        image.status = "active";
        return Reply.empty(204);
    }

    private synchronized Reply action(String id, String action, Token token) throws Refused {
        Stored image = imageNamed(id, token);
        if (!token.admin()) {
            throw new Refused(403, "You are not authorized to complete " + action + " action.");
        }
        switch (action) {
            case "deactivate" -> image.status = "deactivated";
            case "reactivate" -> image.status = "active";
            default -> throw notThere();
        }
        return Reply.empty(204);
    }

    private synchronized Reply list(Incoming in, Token token) throws Refused {
        Map<String, List<String>> asked = in.parameters();
        String memberStatus = one(asked, "member_status", "accepted");
        if (!STATUSES.contains(memberStatus) && !memberStatus.equals("all")) {
            throw new Refused(400, "Invalid status: " + memberStatus);
        }
        boolean hidden = Boolean.parseBoolean(one(asked, "os_hidden", "false"));
        String visibility = one(asked, "visibility", "");
        if (!visibility.isEmpty() && !visibility.equals("all") && !VISIBILITIES.contains(visibility)) {
            throw new Refused(400, "Invalid visibility value: " + visibility);
        }
        int limit = DEFAULT_PAGE;
        if (asked.containsKey("limit")) {
            String given = one(asked, "limit", "");
            if (!given.matches("-?\\d{1,9}")) {
                throw new Refused(400, "limit param must be an integer");
            }
            limit = Integer.parseInt(given);
            if (limit < 0) {
                throw new Refused(400, "limit param must be positive");
            }
        }
        limit = Math.min(limit, LONGEST_PAGE);
        List<Stored> found = new ArrayList<>();
        for (Stored image : images.values()) {
            if (image.hidden == hidden && listed(image, token, visibility, memberStatus) && matches(image, asked)) {
                found.add(0, image);
            }
        }
        String marker = one(asked, "marker", "");
        if (!marker.isEmpty()) {
            Stored last = images.get(marker);
            if (last == null || !sees(last, token)) {
                throw new Refused(400, "No image found with ID " + marker);
            }
            List<String> newestFirst = new ArrayList<>(images.keySet());
            found.removeIf(each -> newestFirst.indexOf(each.id) >= newestFirst.indexOf(marker));
        }
        List<Stored> page = found.subList(0, Math.min(limit, found.size()));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("images", page.stream().map(EmbeddedGlance::show).toList());
        body.put("first", link(asked, null));
        if (limit > 0 && page.size() == limit) {
            body.put("next", link(asked, page.get(limit - 1).id));
        }
        body.put("schema", "/v2/schemas/images");
        return Reply.json(200, body);
    }

    /** As the real one builds it: of a parameter that is given several times only the last is kept. */
    private static String link(Map<String, List<String>> asked, @Nullable String marker) {
        List<String> parts = new ArrayList<>();
        asked.forEach((name, values) -> {
            if (!name.equals("marker")) {
                parts.add(name + "=" + URLEncoder.encode(values.get(values.size() - 1), StandardCharsets.UTF_8));
            }
        });
        if (marker != null) {
            parts.add("marker=" + marker);
        }
        return "/v2/images" + (parts.isEmpty() ? "" : "?" + String.join("&", parts));
    }

    private static boolean listed(Stored image, Token token, String visibility, String memberStatus) {
        if (!visibility.isEmpty() && !visibility.equals("all") && !image.visibility.equals(visibility)) {
            return false;
        }
        if (token.admin() || owns(image, token) || image.visibility.equals("public")) {
            return true;
        }
        if (image.visibility.equals("community")) {
            return visibility.equals("community") || visibility.equals("all");
        }
        return image.visibility.equals("shared")
                && image.rows.stream()
                        .anyMatch(row -> row.member.equals(token.projectId())
                                && (memberStatus.equals("all") || row.status.equals(memberStatus)));
    }

    private static boolean matches(Stored image, Map<String, List<String>> asked) {
        for (Map.Entry<String, List<String>> each : asked.entrySet()) {
            String value = each.getValue().get(each.getValue().size() - 1);
            boolean fits = switch (each.getKey()) {
                case "owner" -> value.equals(image.owner);
                case "name" -> in(value, image.name);
                case "id" -> in(value, image.id);
                case "status" -> in(value, image.status);
                case "tag" -> image.tags.containsAll(each.getValue());
                case "limit", "marker", "visibility", "member_status", "os_hidden", "sort", "sort_key", "sort_dir" ->
                    true;
                default -> value.equals(image.properties.get(each.getKey()));
            };
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    /** {@code in:a,"b,c"}, or the value itself. */
    private static boolean in(String filter, String value) {
        if (!filter.startsWith("in:")) {
            return filter.equals(value);
        }
        for (String each : filter.substring(3).split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1)) {
            String plain = each.length() > 1 && each.startsWith("\"") && each.endsWith("\"")
                    ? each.substring(1, each.length() - 1)
                    : each;
            if (plain.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static String one(Map<String, List<String>> asked, String name, String otherwise) {
        List<String> values = asked.get(name);
        return values == null ? otherwise : values.get(values.size() - 1);
    }

    private static Map<String, Object> show(Stored image) {
        Map<String, Object> shown = new LinkedHashMap<>(image.properties);
        shown.put("name", image.name.isEmpty() ? null : image.name);
        shown.put("disk_format", "raw");
        shown.put("container_format", "bare");
        shown.put("visibility", image.visibility);
        shown.put("size", image.status.equals("queued") ? null : 1);
        shown.put("status", image.status);
        shown.put("protected", false);
        shown.put("owner", image.owner);
        shown.put("os_hidden", image.hidden);
        shown.put("id", image.id);
        shown.put("created_at", image.created.toString());
        shown.put("updated_at", image.updated.toString());
        shown.put("tags", List.copyOf(image.tags));
        shown.put("self", "/v2/images/" + image.id);
        shown.put("file", "/v2/images/" + image.id + "/file");
        shown.put("schema", "/v2/schemas/image");
        return shown;
    }

    // ----------------------------------------------------------------- members

    private synchronized Reply members(String id, Token token) throws Refused {
        Stored image = imageOf(id, token);
        mustBeShared(image, "Not allowed to list members for image " + id + ": Only shared images have members.");
        List<Object> rows = new ArrayList<>();
        for (Row row : image.rows) {
            if (owns(image, token) || row.member.equals(token.projectId())) {
                rows.add(show(image, row));
            }
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("members", rows);
        body.put("schema", "/v2/schemas/members");
        return Reply.json(200, body);
    }

    private synchronized Reply member(String id, String member, Token token) throws Refused {
        Stored image = imageOf(id, token);
        if (!image.visibility.equals("shared")) {
            throw new Refused(404, "Only shared images have members.");
        }
        Row row = image.row(member);
        if (row == null || !(owns(image, token) || member.equals(token.projectId()))) {
            throw noMember(id, member);
        }
        return Reply.json(200, show(image, row));
    }

    private Reply addMember(String id, Incoming in, Token token) throws Refused {
        String member = newMember(json(in));
        synchronized (this) {
            mayAdd(id, member, token);
            if (!options.duplicates()) {
                return add(id, member, token);
            }
        }
        try {
            // the moment between Glance's look and its insert
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return add(id, member, token);
    }

    private static String newMember(JsonNode body) throws Refused {
        if (!body.isObject()) {
            throw new Refused(400, "Expected a member in the form: {\"member\": \"image_id\"}");
        }
        JsonNode given = body.path("member");
        if (given.isMissingNode()) {
            throw new Refused(400, "Member to be added not specified");
        }
        if (given.isContainerNode()) {
            throw new Refused(
                    500, "The server has either erred or is incapable of performing the requested operation.");
        }
        String member = given.isNull() ? "" : given.isBoolean() ? (given.asBoolean() ? "1" : "0") : given.asText();
        if (member.isEmpty()) {
            throw new Refused(400, "Member can't be empty");
        }
        if (member.codePoints().anyMatch(each -> each > 0xFFFF)) {
            throw new Refused(400, "Member can't contain 4 byte unicode characters.");
        }
        return member;
    }

    private void mayAdd(String id, String member, Token token) throws Refused {
        Stored image = imageOf(id, token);
        mustBeShared(image, "Not allowed to create members for image " + id + ".");
        if (!owns(image, token)) {
            throw new Refused(403, "Not allowed to create members for image " + id + ".");
        }
        mayModify("add_member", token);
        // before the duplicate is looked for
        if (image.rows.size() >= options.memberQuota()) {
            throw new Refused(
                    413,
                    "Image member limit exceeded for image " + id
                            + ": The limit has been exceeded on the number of allowed"
                            + " image members for this image. Attempted: " + (image.rows.size() + 1) + ", Maximum: "
                            + options.memberQuota());
        }
        if (image.row(member) != null) {
            throw new Refused(409, "Member " + member + " is duplicated for image " + id);
        }
    }

    private synchronized Reply add(String id, String member, Token token) throws Refused {
        Stored image = imageOf(id, token);
        Row row = new Row(member, image.firstCreated.computeIfAbsent(member, unused -> now()));
        image.rows.add(row);
        return Reply.json(200, show(image, row));
    }

    /** A second row of a member, as equal additions at once leave it. */
    synchronized void duplicate(String id, String member) {
        images.get(id).rows.add(new Row(member, now()));
    }

    synchronized @Nullable Map<String, String> membersOf(String id) {
        Stored image = images.get(id);
        if (image == null) {
            return null;
        }
        Map<String, String> found = new TreeMap<>();
        image.rows.forEach(row -> found.putIfAbsent(row.member, row.status));
        return found;
    }

    private synchronized Reply removeMember(String id, String member, Token token) throws Refused {
        Stored image = imageOf(id, token);
        mustBeShared(image, "Not allowed to delete members for image " + id + ".");
        if (!owns(image, token)) {
            throw new Refused(403, "Not allowed to delete members for image " + id + ".");
        }
        mayModify("delete_member", token);
        Row row = image.row(member);
        if (row == null) {
            throw noMember(id, member);
        }
        image.rows.remove(row);
        return Reply.empty(204);
    }

    private synchronized Reply answer(String id, String member, Incoming in, Token token) throws Refused {
        JsonNode body = json(in);
        Stored image = imageOf(id, token);
        mustBeShared(image, "Not allowed to update members for image " + id + ".");
        if (!token.admin() && owns(image, token)) {
            throw new Refused(403, "Not allowed to update members for image " + id + ".");
        }
        Row row = image.row(member);
        if (row == null || !(token.admin() || member.equals(token.projectId()))) {
            throw noMember(id, member);
        }
        if (!body.has("status")) {
            throw new Refused(400, "Status not specified");
        }
        String status = body.path("status").isTextual() ? body.path("status").textValue() : "";
        if (!STATUSES.contains(status)) {
            throw new Refused(400, "Incorrect request: Status must be \"pending\", \"accepted\" or \"rejected\".");
        }
        row.status = status;
        row.updated = now();
        return Reply.json(200, show(image, row));
    }

    private static Map<String, Object> show(Stored image, Row row) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("member_id", row.member);
        shown.put("image_id", image.id);
        shown.put("status", row.status);
        shown.put("created_at", row.created.toString());
        shown.put("updated_at", row.updated.toString());
        shown.put("schema", "/v2/schemas/member");
        return shown;
    }

    // ------------------------------------------------------------------ common

    private static boolean owns(Stored image, Token token) {
        return token.admin() || (image.owner != null && image.owner.equals(token.projectId()));
    }

    /** The status of a membership only changes lists, never access. */
    private static boolean sees(Stored image, Token token) {
        return owns(image, token)
                || image.visibility.equals("public")
                || image.visibility.equals("community")
                || (image.visibility.equals("shared")
                        && token.projectId() != null
                        && image.row(token.projectId()) != null);
    }

    private synchronized Stored imageNamed(String id, Token token) throws Refused {
        Stored image = images.get(id);
        if (image == null || !sees(image, token)) {
            throw new Refused(404, "No image found with ID " + id);
        }
        return image;
    }

    private Stored imageOf(String id, Token token) throws Refused {
        Stored image = images.get(id);
        if (image == null || !sees(image, token)) {
            throw new Refused(404, "Image " + id + " not found.");
        }
        return image;
    }

    private static void mustBeShared(Stored image, String otherwise) throws Refused {
        if (!image.visibility.equals("shared")) {
            throw new Refused(403, otherwise);
        }
    }

    private static JsonNode json(Incoming in) throws Refused {
        if (in.body().isEmpty()) {
            throw new Refused(400, "Body expected in request.");
        }
        try {
            return Reply.JSON.readTree(in.body());
        } catch (IOException e) {
            throw new Refused(400, "Malformed JSON in request body.");
        }
    }

    private static Refused noMember(String id, String member) {
        return new Refused(404, member + " not found in the member list of the image " + id + ".");
    }

    private static Refused notThere() {
        return new Refused(404, "The resource could not be found.");
    }

    private static Refused notAllowed(Incoming in) {
        return new Refused(405, "The method " + in.method() + " is not allowed for this resource. ");
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }
}
