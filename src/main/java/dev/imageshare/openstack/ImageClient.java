package dev.imageshare.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.imageshare.openstack.OpenStackException.Kind;
import dev.imageshare.openstack.Session.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * The Image service (Glance v2) as one project sees it, for one pass. May be used by many threads. Every call throws
 * {@link OpenStackException}. An ID that can't be one is refused as BAD_REQUEST before anything is sent.
 */
public final class ImageClient {
    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    /** Glance cuts a longer page to this ({@code api_limit_max}). */
    private static final int PAGE = 1_000;

    private static final int MAX_PAGES = 100;

    private static final String UNREMOVABLE =
            "if the list has it all the same, no call removes it: Glance takes members with"
                    + " a slash or beyond ASCII, and doesn't find them again; its administrator can, in the database";

    private final Session session;
    private final BooleanSupplier current;
    private final Object renewal = new Object();
    private boolean loggedInAgain;

    ImageClient(Session session, BooleanSupplier current) {
        this.session = session;
        this.current = current;
    }

    /** Whose images these are, and where; logs in if need be. */
    public ProjectScope scope() {
        return session.token().scope();
    }

    /** Also one that the project can see but doesn't own: look at {@link Image#owner}. */
    public Image image(String imageId) {
        return image(call("GET", imageId, null, null), imageId);
    }

    /**
     * All images of a query, page by page. Glance's own {@code next} links are not followed: they keep only the last of
     * several tags, and so widen the query. Images with the status {@code deleted} are left out: Glance lists one between
     * the two steps of its deletion, and for good if its process ends there.
     */
    public List<Image> images(ImageQuery query) {
        return images(query, PAGE);
    }

    List<Image> images(ImageQuery query, int pageSize) {
        List<Image> found = new ArrayList<>();
        Set<String> markers = new HashSet<>();
        String marker = null;
        for (int page = 0; page < MAX_PAGES; page++) {
            Answer answer = page(query, pageSize, marker);
            Answer.Listed<Image> listed = answer.list("images", each -> image(answer, each));
            String last = null;
            for (Image image : listed.elements()) {
                last = image.id();
                if (query.matches(image) && !image.status().equals("deleted")) {
                    found.add(image);
                }
            }
            // a full page has a next link even if nothing follows; a shorter one has none
            if (last == null || answer.optionalText(listed.others(), "next") == null) {
                return List.copyOf(found);
            }
            if (!markers.add(last)) {
                throw answer.malformed("the list of images goes round in circles");
            }
            marker = last;
        }
        throw new OpenStackException(
                Kind.ANSWER_TOO_LARGE, "the list of images has more than " + MAX_PAGES + " pages: narrow the filter");
    }

    /**
     * The members in the service's order, in which one member can be named twice: equal additions at once leave several
     * rows. Who doesn't own the image is answered with its own entry only, so compare {@link Image#owner} with {@link
     * ProjectScope#projectId} before you take it for the whole list. It is never paged.
     */
    public List<Member> members(String imageId) {
        return members(call("GET", imageId, "", null), imageId);
    }

    static List<Member> members(Answer answer, String imageId) {
        return List.copyOf(
                answer.list("members", each -> member(answer, each, imageId)).elements());
    }

    /** One member; NOT_FOUND if there is none of that ID, or no such image. */
    public Member member(String imageId, String projectId) {
        return member(call("GET", imageId, checked(projectId), null), imageId, projectId);
    }

    /** Adds a member. Sent once, whatever happens: after {@link OpenStackException#outcomeUnknown} list first. */
    public Member createMember(String imageId, String projectId) {
        String body = JsonNodeFactory.instance
                .objectNode()
                .put("member", checked(projectId))
                .toString();
        return member(call("POST", imageId, projectId, body), imageId, projectId);
    }

    /** Takes one row of a member away; that it succeeds does not prove that no other row is left. */
    public void deleteMember(String imageId, String projectId) {
        Answer unused = call("DELETE", imageId, checked(projectId), null);
    }

    /** Sets a member's answer, which Glance lets only that member's own project do. */
    public Member updateMember(String imageId, String projectId, MemberStatus status) {
        String body = JsonNodeFactory.instance
                .objectNode()
                .put("status", status.name())
                .toString();
        return member(call("PUT", imageId, checked(projectId), body), imageId, projectId);
    }

    /**
     * The names of all projects that Keystone tells the caller, by ID; most clouds tell administrators only.
     *
     * @return empty if Keystone doesn't allow it
     */
    public Optional<Map<String, String>> projectNames() {
        Answer answer = send(token -> ask(
                "GET",
                session.keystone().newBuilder().addPathSegment("projects").build(),
                "projects",
                "/v3/projects",
                null,
                token));
        if (answer.status() == 401 || answer.status() == 403) {
            return Optional.empty();
        }
        if (answer.status() != 200) {
            throw refused(answer);
        }
        Map<String, String> names = new HashMap<>();
        for (JsonNode project : answer.objects(answer.json(), "projects")) {
            names.put(answer.text(project, "id"), answer.text(project, "name"));
        }
        return Optional.of(Map.copyOf(names));
    }

    private static Image image(Answer answer, String imageId) {
        Image image = image(answer, answer.json());
        if (!image.id().equalsIgnoreCase(imageId)) {
            throw answer.malformed("it is another image");
        }
        return image;
    }

    private static Image image(Answer answer, JsonNode object) {
        String id = answer.text(object, "id");
        if (!UUID.matcher(id).matches()) {
            throw answer.malformed("an image's id is not a UUID");
        }
        List<String> tags = new ArrayList<>();
        JsonNode given = object.path("tags");
        if (!given.isArray()) {
            throw answer.malformed("tags is not a list");
        }
        for (JsonNode tag : given) {
            if (!tag.isTextual()) {
                throw answer.malformed("a tag is not text");
            }
            tags.add(tag.textValue());
        }
        String name = answer.optionalText(object, "name");
        return new Image(
                id,
                name == null ? "" : name,
                answer.optionalText(object, "owner") == null ? null : answer.name(object, "owner"),
                answer.name(object, "visibility"),
                answer.name(object, "status"),
                tags,
                answer.optionalText(object, "created_at") == null ? null : answer.time(object, "created_at"));
    }

    private static Member member(Answer answer, String imageId, String projectId) {
        Member member = member(answer, answer.json(), imageId);
        // MariaDB compares without case
        if (!member.projectId().equalsIgnoreCase(projectId)) {
            throw answer.malformed("it is another member");
        }
        return member;
    }

    private static Member member(Answer answer, JsonNode object, String imageId) {
        if (!answer.text(object, "image_id").equalsIgnoreCase(imageId)) {
            throw answer.malformed("it is of another image");
        }
        MemberStatus status = switch (answer.text(object, "status")) {
            case "pending" -> MemberStatus.pending;
            case "accepted" -> MemberStatus.accepted;
            case "rejected" -> MemberStatus.rejected;
            default -> throw answer.malformed("a member's status is none of pending, accepted and rejected");
        };
        return new Member(
                answer.text(object, "member_id"),
                status,
                answer.time(object, "created_at"),
                answer.time(object, "updated_at"));
    }

    /**
     * HTTP clients and proxies resolve a path's dot segments, some after decoding it: {@code DELETE .../members/..} would
     * delete the image.
     */
    private static String checked(String projectId) {
        if (projectId.isEmpty() || projectId.chars().anyMatch(Character::isISOControl)) {
            throw new OpenStackException(Kind.BAD_REQUEST, "a member's ID is empty or has a control character");
        }
        if (projectId.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw new OpenStackException(Kind.BAD_REQUEST, "a member's ID is not Unicode");
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
                        "a member's ID can't be, or have in it, the path segment " + segment
                                + ": no call can name such a member; Glance's administrator can remove it, in the database");
            }
        }
        return projectId;
    }

    /** @param member null for the image, empty for its list of members */
    private Answer call(String method, String imageId, @Nullable String member, @Nullable String body) {
        if (!UUID.matcher(imageId).matches()) {
            throw new OpenStackException(Kind.BAD_REQUEST, "an image's ID must be a UUID");
        }
        Answer answer = send(token -> {
            HttpUrl.Builder url =
                    token.image().newBuilder().addPathSegments("v2/images").addPathSegment(imageId);
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
        });
        int good = method.equals("DELETE") ? 204 : 200;
        if (answer.status() != good) {
            throw refused(answer);
        }
        return answer;
    }

    private static String shown(String member) {
        String line = member.replaceAll("\\p{Cntrl}", "?");
        return line.length() > 255 ? line.substring(0, 255) + "…" : line;
    }

    private Answer page(ImageQuery query, int size, @Nullable String marker) {
        Answer answer = send(token -> {
            HttpUrl.Builder url = token.image().newBuilder().addPathSegments("v2/images");
            parameter(url, "owner", query.owner());
            // an "in:" at the beginning would be an operator, so it goes into one, quoted
            parameter(
                    url,
                    "name",
                    query.name() != null && query.name().startsWith("in:")
                            ? "in:\"" + query.name() + "\""
                            : query.name());
            query.tags().forEach(tag -> parameter(url, "tag", tag));
            parameter(url, "visibility", query.visibility());
            parameter(url, "member_status", query.memberStatus());
            parameter(url, "os_hidden", query.hidden() ? "true" : null);
            parameter(url, "limit", Integer.toString(size));
            parameter(url, "marker", marker);
            return ask("GET", url.build(), "images", "/v2/images", null, token);
        });
        if (marker != null && (answer.status() == 400 || answer.status() == 404)) {
            throw answer.malformed("the image that the next page begins after is gone: list again");
        }
        if (answer.status() != 200) {
            throw refused(answer);
        }
        return answer;
    }

    private static void parameter(HttpUrl.Builder url, String name, @Nullable String value) {
        if (value != null) {
            url.addQueryParameter(name, value);
        }
    }

    private Ask ask(String method, HttpUrl url, String what, String template, @Nullable String body, Token token) {
        List<String> secrets = new ArrayList<>(session.secrets());
        secrets.add(token.value());
        return new Ask(
                method, url, what, template, Http.newRequestId(), !method.equals("GET"), body, token.value(), secrets);
    }

    private interface Request {
        Ask with(Token token);
    }

    /** A 401 was not carried out, so anything may be sent again with another token; a login of its own once a pass. */
    private Answer send(Request request) {
        Token token = session.token();
        Answer answer = send(request.with(token));
        for (int tries = 1; answer.status() == 401 && tries < 3; tries++) {
            Token next = after(token);
            if (next == null) {
                return answer;
            }
            token = next;
            answer = send(request.with(token));
        }
        return answer;
    }

    private Answer send(Ask ask) {
        return session.http().send(ask, ask.write() ? current : () -> true);
    }

    /** The token to try after this one was refused, which others of this pass may be waiting for; null: no more tries. */
    private @Nullable Token after(Token refused) {
        synchronized (renewal) {
            if (!session.hasReplaced(refused)) {
                if (loggedInAgain) {
                    return null;
                }
                loggedInAgain = true;
            }
            return session.tokenAfter(refused);
        }
    }

    private static OpenStackException refused(Answer answer) {
        int status = answer.status();
        if (status >= 500) {
            return answer.failure(Kind.SERVER_ERROR, "");
        }
        if (status < 400) {
            return answer.malformed("not a status that Glance gives here; is the catalog's image endpoint Glance v2?");
        }
        return switch (status) {
            case 401 ->
                answer.failure(
                        Kind.UNAUTHORIZED,
                        "also with a new token: an application credential's access rules answer so to a call they don't"
                                + " allow, and so does a Glance that can't reach Keystone");
            case 403 -> answer.failure(Kind.FORBIDDEN, "");
            case 404 ->
                answer.fromOpenStack() && !noRoute(answer)
                        ? answer.failure(Kind.NOT_FOUND, answer.ask().method().equals("DELETE") ? UNREMOVABLE : "")
                        : answer.malformed("a 404 that is not Glance's; is the catalog's image endpoint right?");
            case 408 -> answer.failure(Kind.TIMEOUT, "");
            case 409 -> answer.failure(Kind.CONFLICT, "");
            case 413 ->
                answer.failure(
                        Kind.QUOTA_EXCEEDED,
                        "Glance's image_member_quota, 128 by default: remove members, or have it raised");
            case 429 -> answer.failure(Kind.RATE_LIMITED, "");
            default -> answer.failure(Kind.BAD_REQUEST, "");
        };
    }

    /** A path that Glance does not know has a 404 of its own words; only a member's ID can rightly lead to one. */
    private static boolean noRoute(Answer answer) {
        return !answer.ask().template().endsWith("{member}") && answer.says("The resource could not be found.");
    }
}
