package dev.imageshare.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.imageshare.openstack.Ask.Service;
import dev.imageshare.openstack.Http.Reply;
import dev.imageshare.openstack.OpenStackException.Kind;
import dev.imageshare.openstack.Session.Token;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * The Image service (Glance v2) as seen by one project, for one pass. May be used by many threads. Every call throws
 * {@link OpenStackException}. An invalid ID is rejected as BAD_REQUEST before anything is sent.
 */
public final class ImageClient {
    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final Pattern VERSION = Pattern.compile("v2\\.(\\d{1,3})");
    private static final int FIRST_WITH_SHARED = 5;

    /** Glance limits pages to this ({@code api_limit_max}). */
    private static final int PAGE = 1_000;

    private static final int MAX_PAGES = 100;
    /** Glance allows 128 by default ({@code image_tag_quota}). */
    private static final int MAX_TAGS = 1_000;
    /** Names, tags and members have at most 255 characters each; a Glance on SQLite doesn't enforce it. */
    private static final int LONGEST_TEXT = 2_048;

    private static final String UNREMOVABLE =
            "if the list has it nevertheless, no call can remove it: Glance accepts members with a slash or non-ASCII"
                    + " characters, but doesn't find them again. Its administrator can remove it in the database";

    private final Session session;
    private final AuthenticatedCalls calls;
    private final BooleanSupplier current;

    ImageClient(Session session, BooleanSupplier current) {
        this.session = session;
        this.calls = new AuthenticatedCalls(session);
        this.current = current;
    }

    /** The project whose images these are, and where; logs in if necessary. */
    public ProjectScope scope() {
        return session.token().scope();
    }

    /** The Image service's clock, from its responses. */
    public ServerClock clock() {
        return session.imageService();
    }

    /** Also returns an image that the project can see but doesn't own: check {@link Image#owner}. */
    public Image image(String imageId) {
        Image found = call("GET", imageId, null, null, (answer, body) -> image(answer, body.object(), imageId));
        return found.visibility().equals("private") && hasOnlyPrivate() ? found.visibleAs("shared") : found;
    }

    /**
     * Whether private images have members here, as in every Glance before API 2.5 (Ocata), according to its version
     * document. Without such a document the service is treated as a newer one: then private images are left alone.
     */
    private boolean hasOnlyPrivate() {
        Boolean known = session.hasOnlyPrivate();
        if (known != null) {
            return known;
        }
        Token token = session.token();
        Boolean only;
        try {
            // some proxies answer 200 there, or with content of their own
            only = versions(token, "", 300);
            if (only == null) {
                only = versions(token, "versions", 200);
            }
        } catch (OpenStackException e) {
            if (e.kind() != Kind.MALFORMED_ANSWER && e.kind() != Kind.ANSWER_TOO_LARGE) {
                throw e;
            }
            only = null;
        }
        session.hasOnlyPrivate(Boolean.TRUE.equals(only));
        return Boolean.TRUE.equals(only);
    }

    /** Whether all versions are old; null if there is no document. */
    private @Nullable Boolean versions(Token token, String path, int good) {
        Ask ask = new Ask(
                session.source(),
                Service.GLANCE,
                "GET",
                Endpoint.child(token.image().base(), path),
                "API versions",
                "/" + path,
                Http.newRequestId(),
                false,
                null,
                null,
                null,
                session.secrets());
        Reply<Boolean> reply = session.http().send(ask, () -> true, good, (answer, body) -> {
            List<Integer> minors = body.list(
                            "versions",
                            each -> {
                                Matcher version =
                                        VERSION.matcher(each.path("id").asText());
                                return version.matches() ? Integer.valueOf(version.group(1)) : null;
                            },
                            each -> 50)
                    .elements();
            return !minors.isEmpty() && minors.stream().allMatch(minor -> minor < FIRST_WITH_SHARED);
        });
        int status = reply.answer().status();
        if (reply.value() == null && (status >= 500 || status == 429)) {
            throw refused(reply.answer());
        }
        return reply.value();
    }

    /**
     * All images of a query, page by page. Doesn't follow Glance's {@code next} links: they keep only the last of
     * several tags, and so widen the query. Images with the status {@code deleted} are left out: Glance lists one
     * between the two steps of its deletion, and permanently if its process is killed there.
     *
     * @throws OpenStackException also of kind ANSWER_TOO_LARGE, if there are more than {@link AnswerLimits#kept} allows
     *     to keep
     */
    public List<Image> images(ImageQuery query) {
        return all(images(query, Integer.MAX_VALUE));
    }

    private static List<Image> all(ImageList found) {
        if (!found.complete()) {
            throw new OpenStackException(
                    Kind.ANSWER_TOO_LARGE,
                    "the list of images has more than " + MAX_PAGES
                            + " pages, or is too long to be kept in memory: narrow the filter");
        }
        return found.images();
    }

    /**
     * All images of a query, with some of their properties; otherwise like {@link #images(ImageQuery)}.
     *
     * @param properties the names of those to return; the others can be of any size, and aren't kept
     */
    public List<ImageDetails> imageDetails(ImageQuery query, Set<String> properties) {
        Map<String, Map<String, String>> told = new HashMap<>();
        ImageList found = images(
                query,
                Integer.MAX_VALUE,
                PAGE,
                new KeptProperties(
                        properties, (image, object) -> told.put(image.id(), properties(object, properties))));
        return all(found).stream()
                .map(image -> new ImageDetails(image, told.getOrDefault(image.id(), Map.of())))
                .toList();
    }

    /**
     * One image, also one that the project can see but doesn't own, with some of its properties.
     *
     * @param properties the names of those to tell
     */
    public ImageDetails imageDetails(String imageId, Set<String> properties) {
        ImageDetails found = call("GET", imageId, null, null, (answer, body) -> {
            JsonNode object = body.object();
            return new ImageDetails(image(answer, object, imageId), properties(object, properties));
        });
        return found.image().visibility().equals("private") && hasOnlyPrivate()
                ? new ImageDetails(found.image().visibleAs("shared"), found.properties())
                : found;
    }

    private static Map<String, String> properties(JsonNode object, Set<String> names) {
        Map<String, String> properties = new HashMap<>();
        for (String name : names) {
            JsonNode value = object.path(name);
            if (value.isTextual()) {
                String text = value.textValue();
                properties.put(name, text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT));
            }
        }
        return properties;
    }

    /**
     * What is kept of images in addition to the usual fields.
     *
     * @param properties their names
     * @param seen gets each image that is kept with the service's own object, possibly twice
     */
    private record KeptProperties(Set<String> properties, BiConsumer<Image, JsonNode> seen) {
        static final KeptProperties NOTHING = new KeptProperties(Set.of(), (image, object) -> {});
    }

    /**
     * The first images of a query, in the service's order, newest first; otherwise like {@link #images(ImageQuery)}.
     *
     * @param limit at most this many; positive. There may be fewer, if their names and tags are very long
     */
    public ImageList images(ImageQuery query, int limit) {
        return images(query, limit, PAGE);
    }

    ImageList images(ImageQuery query, int limit, int pageSize) {
        return images(query, limit, pageSize, KeptProperties.NOTHING);
    }

    private ImageList images(ImageQuery query, int limit, int pageSize, KeptProperties wanted) {
        // half: reading the next one takes memory too
        Room room = new Room(limit, session.http().limits().kept() / 2);
        List<Image> found = new ArrayList<>();
        Set<String> markers = new HashSet<>();
        String marker = null;
        int size = pageSize;
        for (int page = 0; page < MAX_PAGES; page++) {
            Page listed;
            try {
                listed = page(query, size, marker, room, wanted);
            } catch (OpenStackException e) {
                if (e.kind() != Kind.ANSWER_TOO_LARGE || size == 1) {
                    throw e;
                }
                // anybody can offer images with properties of many MiB: these must not hide the others
                size = Math.max(1, size / 10);
                continue;
            }
            found.addAll(listed.images());
            listed.images().forEach(room::take);
            // a full page has a next link even if nothing follows; a shorter one has none
            if (listed.cut() || listed.last() == null || !listed.more()) {
                return new ImageList(found, !listed.cut());
            }
            if (!markers.add(listed.last())) {
                throw listed.answer().malformed("the pages of the list of images repeat");
            }
            marker = listed.last();
        }
        return new ImageList(found, false);
    }

    /** How many more images may be kept. */
    private static final class Room {
        private int images;
        private long bytes;

        Room(int images, long bytes) {
            this.images = images;
            this.bytes = bytes;
        }

        boolean has(Image image) {
            return images > 0 && weight(image) <= bytes;
        }

        void take(Image image) {
            images--;
            bytes -= weight(image);
        }

        Room copy() {
            return new Room(images, bytes);
        }
    }

    /**
     * One page of a list.
     *
     * @param images those that match the query
     * @param last the ID of the last image on the page; null if there is none
     * @param more whether there may be another page
     * @param cut whether more images on this page match the query, for which there was no room
     */
    private record Page(
            HttpAnswer answer, List<Image> images, @Nullable String last, boolean more, boolean cut) {}

    /**
     * The members in the service's order, in which one member can occur twice: concurrent equal additions leave several
     * rows. A caller that doesn't own the image gets only its own entry, so compare {@link Image#owner} with {@link
     * ProjectScope#projectId} before you treat it as the complete list. It is never paged.
     */
    public List<Member> members(String imageId) {
        return call("GET", imageId, "", null, (answer, body) -> members(answer, body, imageId));
    }

    static List<Member> members(HttpAnswer answer, Body body, String imageId) throws IOException {
        return body.list(
                        "members",
                        each -> member(answer, each, imageId),
                        member -> 200 + 2L * member.projectId().length())
                .elements();
    }

    /** One member; NOT_FOUND if there is no member or image with that ID. */
    public Member member(String imageId, String projectId) {
        return call(
                "GET", imageId, checked(projectId), null, (answer, body) -> member(answer, body, imageId, projectId));
    }

    /** Adds a member. Never retried: after {@link OpenStackException#outcomeUnknown}, list first. */
    public Member createMember(String imageId, String projectId) {
        String body = JsonNodeFactory.instance
                .objectNode()
                .put("member", checked(projectId))
                .toString();
        return call("POST", imageId, projectId, body, (answer, json) -> member(answer, json, imageId, projectId));
    }

    /** Removes one row of a member; success doesn't prove that no other row is left. */
    public void deleteMember(String imageId, String projectId) {
        HttpAnswer unused = call("DELETE", imageId, checked(projectId), null, (answer, body) -> answer);
    }

    /** Sets a member's answer, which Glance allows only for that member's own project. */
    public Member updateMember(String imageId, String projectId, MemberStatus status) {
        String body = JsonNodeFactory.instance
                .objectNode()
                .put("status", status.name())
                .toString();
        return call(
                "PUT", imageId, checked(projectId), body, (answer, json) -> member(answer, json, imageId, projectId));
    }

    /**
     * The names of all projects that Keystone returns to the caller, by ID; most clouds only allow administrators.
     *
     * @return empty if Keystone doesn't allow it, or has no such list
     */
    public Optional<Map<String, String>> projectNames() {
        HttpUrl keystone = session.keystoneV3();
        if (keystone == null) {
            return Optional.empty();
        }
        Reply<List<Map.Entry<String, String>>> reply = calls.send(
                token -> ask("GET", Endpoint.child(keystone, "projects"), "projects", "/v3/projects", null, token),
                () -> true,
                200,
                (answer, body) -> body.list(
                                "projects",
                                each -> Map.entry(answer.text(each, "id"), answer.text(each, "name")),
                                each -> 250
                                        + 2L
                                                * (each.getKey().length()
                                                        + each.getValue().length()))
                        .elements());
        HttpAnswer answer = reply.answer();
        if (answer.status() >= 401 && answer.status() <= 405) {
            return Optional.empty();
        }
        Map<String, String> names = new HashMap<>();
        valueOf(reply).forEach(each -> names.put(each.getKey(), each.getValue()));
        return Optional.of(Map.copyOf(names));
    }

    private static Image image(HttpAnswer answer, JsonNode object, String imageId) {
        Image image = image(answer, object);
        if (!image.id().equalsIgnoreCase(imageId)) {
            throw answer.malformed("it is another image");
        }
        return image;
    }

    private static Image image(HttpAnswer answer, JsonNode object) {
        String id = answer.text(object, "id");
        if (!UUID.matcher(id).matches()) {
            throw answer.malformed("an image's id is not a UUID");
        }
        List<String> tags = new ArrayList<>();
        JsonNode given = object.path("tags");
        if (!given.isArray() || given.size() > MAX_TAGS) {
            throw answer.malformed("tags is not a list, or has more than " + MAX_TAGS);
        }
        for (JsonNode tag : given) {
            if (!tag.isTextual() || tag.textValue().length() > LONGEST_TEXT) {
                throw answer.malformed("a tag is not a string, or is too long");
            }
            tags.add(tag.textValue());
        }
        String name = answer.optionalText(object, "name");
        if (name != null && name.length() > LONGEST_TEXT) {
            throw answer.malformed("an image's name is too long");
        }
        return new Image(
                id,
                name == null ? "" : name,
                answer.optionalText(object, "owner") == null ? null : answer.name(object, "owner"),
                answer.name(object, "visibility"),
                answer.name(object, "status"),
                tags,
                answer.optionalText(object, "created_at") == null ? null : answer.time(object, "created_at"));
    }

    private static long weight(Image image) {
        return 500
                + 2L * image.name().length()
                + image.tags().stream().mapToLong(tag -> 64 + 2L * tag.length()).sum();
    }

    private static Member member(HttpAnswer answer, Body body, String imageId, String projectId) throws IOException {
        Member member = member(answer, body.object(), imageId);
        // MariaDB compares case-insensitively
        if (!member.projectId().equalsIgnoreCase(projectId)) {
            throw answer.malformed("it is another member");
        }
        return member;
    }

    private static Member member(HttpAnswer answer, JsonNode object, String imageId) {
        if (!answer.text(object, "image_id").equalsIgnoreCase(imageId)) {
            throw answer.malformed("it is for another image");
        }
        MemberStatus status = switch (answer.text(object, "status")) {
            case "pending" -> MemberStatus.pending;
            case "accepted" -> MemberStatus.accepted;
            case "rejected" -> MemberStatus.rejected;
            default -> throw answer.malformed("a member's status is none of pending, accepted and rejected");
        };
        String id = answer.text(object, "member_id");
        if (id.length() > LONGEST_TEXT) {
            throw answer.malformed("a member's ID is too long");
        }
        return new Member(id, status, answer.timeText(object, "created_at"), answer.timeText(object, "updated_at"));
    }

    /**
     * HTTP clients and proxies resolve dot segments in a path, some after decoding it: {@code DELETE .../members/..}
     * would delete the image.
     */
    private static String checked(String projectId) {
        if (projectId.isEmpty() || projectId.chars().anyMatch(Character::isISOControl)) {
            throw new OpenStackException(Kind.BAD_REQUEST, "a member's ID is empty or has a control character");
        }
        if (projectId.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw new OpenStackException(Kind.BAD_REQUEST, "a member's ID is not valid Unicode");
        }
        String decoded = projectId
                .toLowerCase(Locale.ROOT)
                .replace("%2e", ".")
                .replace("%2f", "/")
                .replace("%5c", "/");
        for (String segment : decoded.split("[/\\\\]", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new OpenStackException(
                        Kind.BAD_REQUEST,
                        "a member's ID can't be, or contain, the path segment " + segment
                                + ": no call can address such a member; Glance's administrator can remove it in the"
                                + " database");
            }
        }
        return projectId;
    }

    /** @param member null for the image, empty for its list of members */
    private <T> T call(
            String method, String imageId, @Nullable String member, @Nullable String body, Body.Reading<T> reading) {
        if (!UUID.matcher(imageId).matches()) {
            throw new OpenStackException(Kind.BAD_REQUEST, "an image's ID must be a UUID");
        }
        Function<Token, Ask> request = token -> {
            HttpUrl.Builder url =
                    token.image().api().newBuilder().addPathSegment("images").addPathSegment(imageId);
            String what = "image " + imageId;
            String template = "/v2/images/{image}";
            if (member != null) {
                url.addPathSegment("members");
                template += "/members";
                what = (member.isEmpty() ? "members" : "member " + shown(member)) + " of " + what;
                if (!member.isEmpty() && !method.equals("POST")) {
                    url.addPathSegment(member);
                    template += "/{member}";
                }
            }
            return ask(method, url.build(), what, template, body, token);
        };
        BooleanSupplier wanted = method.equals("GET") ? () -> true : current;
        return valueOf(calls.send(request, wanted, method.equals("DELETE") ? 204 : 200, reading));
    }

    private static <T> T valueOf(Reply<T> reply) {
        T value = reply.value();
        if (value == null) {
            throw refused(reply.answer());
        }
        return value;
    }

    private static String shown(String member) {
        String line = member.replaceAll("\\p{Cntrl}", "?");
        return line.length() > 255 ? line.substring(0, 255) + "…" : line;
    }

    private Page page(ImageQuery query, int size, @Nullable String marker, Room room, KeptProperties wanted) {
        Function<Token, Ask> request = token -> {
            HttpUrl.Builder url = token.image().api().newBuilder().addPathSegment("images");
            parameter(url, "owner", query.owner());
            // a leading "in:" would be an operator, so the value is quoted inside one
            parameter(
                    url,
                    "name",
                    query.name() != null && query.name().startsWith("in:")
                            ? "in:\"" + query.name() + "\""
                            : query.name());
            query.tags().forEach(tag -> parameter(url, "tag", tag));
            // in a Glance before API 2.5 one's own shared images are private ones, and it would list none
            boolean isOwn = token.scope().projectId().equals(query.owner());
            parameter(url, "visibility", isOwn && "shared".equals(query.visibility()) ? null : query.visibility());
            parameter(url, "member_status", query.memberStatus());
            parameter(url, "os_hidden", query.hidden() ? "true" : null);
            parameter(url, "limit", Integer.toString(size));
            parameter(url, "marker", marker);
            return ask("GET", url.build(), "images", "/v2/images", null, token);
        };
        AtomicBoolean unsure = new AtomicBoolean();
        Reply<Page> reply = calls.send(
                request, () -> true, 200, (answer, body) -> page(answer, body, query, room.copy(), unsure, wanted));
        if (unsure.get() && hasOnlyPrivate()) {
            reply = calls.send(
                    request, () -> true, 200, (answer, body) -> page(answer, body, query, room.copy(), unsure, wanted));
        }
        HttpAnswer answer = reply.answer();
        if (marker != null && (answer.status() == 400 || answer.status() == 404)) {
            throw answer.malformed("the image after which the next page begins is gone: list again");
        }
        return valueOf(reply);
    }

    /**
     * @param unsure set if there is a private image and it isn't known what that means here
     */
    private Page page(
            HttpAnswer answer, Body body, ImageQuery query, Room room, AtomicBoolean unsure, KeptProperties wanted)
            throws IOException {
        Boolean onlyPrivate = session.hasOnlyPrivate();
        AtomicReference<@Nullable String> last = new AtomicReference<>();
        AtomicBoolean cut = new AtomicBoolean();
        Body.Listed<Image> listed = body.list(
                "images",
                wanted.properties(),
                each -> {
                    Image told = image(answer, each);
                    boolean isPrivate = told.visibility().equals("private");
                    if (isPrivate && onlyPrivate == null) {
                        unsure.set(true);
                    }
                    Image image = isPrivate && Boolean.TRUE.equals(onlyPrivate) ? told.visibleAs("shared") : told;
                    last.set(image.id());
                    if (!query.matches(image) || image.status().equals("deleted")) {
                        return null;
                    }
                    if (!room.has(image)) {
                        cut.set(true);
                        return null;
                    }
                    room.take(image);
                    wanted.seen().accept(image, each);
                    return image;
                },
                ImageClient::weight,
                cut::get);
        boolean more = answer.optionalText(listed.others(), "next") != null;
        return new Page(answer, listed.elements(), last.get(), more, cut.get());
    }

    private static void parameter(HttpUrl.Builder url, String name, @Nullable String value) {
        if (value != null) {
            url.addQueryParameter(name, value);
        }
    }

    private Ask ask(String method, HttpUrl url, String what, String template, @Nullable String body, Token token) {
        return new Ask(
                session.source(),
                template.startsWith("/v3") ? Service.KEYSTONE : Service.GLANCE,
                method,
                url,
                what,
                template,
                Http.newRequestId(),
                !method.equals("GET"),
                body == null ? null : Ask.json(body),
                token.value(),
                null,
                calls.secrets(token));
    }

    private static OpenStackException refused(HttpAnswer answer) {
        int status = answer.status();
        if (status >= 500) {
            return answer.failure(Kind.SERVER_ERROR, "");
        }
        if (status < 400) {
            String to = answer.redirection();
            return answer.malformed("not a status that Glance returns here; is the catalog's image endpoint Glance v2?"
                    + (to == null ? "" : " It redirects to " + to));
        }
        return switch (status) {
            case 401 ->
                answer.failure(
                        Kind.UNAUTHORIZED,
                        "even with a new token: this happens if an application credential's access rules don't allow"
                                + " the call, or if Glance can't reach Keystone");
            case 403 -> answer.failure(Kind.FORBIDDEN, "");
            case 404 ->
                answer.fromOpenStack() && !noRoute(answer)
                        ? answer.failure(Kind.NOT_FOUND, answer.ask().method().equals("DELETE") ? UNREMOVABLE : "")
                        : answer.malformed("a 404 that is not Glance's; is the catalog's image endpoint correct?");
            case 408 -> answer.failure(Kind.TIMEOUT, "");
            case 409 -> answer.failure(Kind.CONFLICT, "");
            case 413 ->
                answer.failure(
                        Kind.QUOTA_EXCEEDED,
                        "Glance's image_member_quota is reached, 128 by default: remove members, or ask for a higher"
                                + " quota");
            case 429 -> answer.failure(Kind.RATE_LIMITED, "");
            default -> answer.failure(Kind.BAD_REQUEST, "");
        };
    }

    /**
     * Glance answers 404 with other words for a path that it doesn't know; only a member's ID can legitimately lead to
     * one.
     */
    private static boolean noRoute(HttpAnswer answer) {
        return !answer.ask().template().endsWith("{member}") && answer.hasError("The resource could not be found.");
    }
}
