package dev.imageshare.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imageshare.openstack.Ask.Service;
import dev.imageshare.openstack.Http.Reply;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** Keystone's calls about projects, for one pass, and how their responses are read. */
final class ProjectCalls {
    /** The format of a project's ID in {@code spec}. Since it is used in a path, the two dot segments are excluded. */
    private static final Pattern ID = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._:-]{1,255}");
    /** Keystone allows 80. */
    private static final int MAX_TAGS = 1_000;

    private static final int LONGEST_TEXT = 255;

    private final Session session;
    private final AuthenticatedCalls calls;

    ProjectCalls(Session session) {
        this.session = session;
        this.calls = new AuthenticatedCalls(session);
    }

    /**
     * @param marker the ID after which the page begins; null for the first page
     */
    ProjectListPage ofDomain(String domainId, int limit, @Nullable String marker, ProjectRoom room) {
        if (domainId.isBlank() || domainId.length() > LONGEST_TEXT) {
            throw new OpenStackException(Kind.BAD_REQUEST, "a domain's ID is empty or too long");
        }
        HttpUrl.Builder url = keystone("projects").addQueryParameter("domain_id", domainId);
        url.addQueryParameter("limit", Integer.toString(limit));
        if (marker != null) {
            url.addQueryParameter("marker", marker);
        }
        Reply<ProjectListPage> reply = get(
                url,
                "projects of a domain",
                "/v3/projects",
                (answer, body) -> page(answer, body, domainId, room.copy()));
        HttpAnswer answer = reply.answer();
        if (marker != null && (answer.status() == 400 || answer.status() == 404)) {
            throw answer.malformed("the project after which the next page begins is gone: list again");
        }
        return valueOf(
                reply,
                "listing the projects of a domain needs the role reader in that domain, with a login with domain_id,"
                        + " or in the system, with a login with system_scope: all");
    }

    /** All in one response, which Keystone doesn't page. */
    ProjectListPage assigned(ProjectRoom room) {
        HttpUrl.Builder url = keystone("auth").addPathSegment("projects");
        return valueOf(
                get(
                        url,
                        "projects of the user",
                        "/v3/auth/projects",
                        (answer, body) -> page(answer, body, null, room.copy())),
                "");
    }

    /** All below a project, in one response, which Keystone doesn't page. */
    ProjectListPage below(String projectId, ProjectRoom room) {
        HttpUrl.Builder url = keystone("projects").addPathSegment(checked(projectId));
        url.addQueryParameter("subtree_as_ids", null);
        return valueOf(
                get(
                        url,
                        "projects below project " + projectId,
                        "/v3/projects/{project}",
                        (answer, body) -> below(answer, body, projectId, room.copy())),
                "what is below a project can be listed with the project's own credentials, or by a reader of its"
                        + " domain");
    }

    ProjectAnswer project(String projectId) {
        HttpUrl.Builder url = keystone("projects").addPathSegment(checked(projectId));
        Reply<DirectoryProject> reply = get(url, "project " + projectId, "/v3/projects/{project}", (answer, body) -> {
            DirectoryProject found = project(answer, body.object().path("project"));
            checkIs(answer, found.id(), projectId);
            return found;
        });
        HttpAnswer answer = reply.answer();
        DirectoryProject found = reply.value();
        if (found != null) {
            return new ProjectAnswer.Found(found);
        }
        if (answer.fromOpenStack() && answer.status() == 404) {
            return new ProjectAnswer.NotFound();
        }
        if (answer.fromOpenStack() && answer.status() == 403) {
            return new ProjectAnswer.Forbidden();
        }
        throw refused(answer, "");
    }

    private static String checked(String projectId) {
        if (!ID.matcher(projectId).matches()) {
            throw new OpenStackException(
                    Kind.BAD_REQUEST, "a project's ID has 1 to 255 of A-Z a-z 0-9 . _ : - and isn't . or ..");
        }
        return projectId;
    }

    private static void checkIs(HttpAnswer answer, String id, String asked) {
        if (!id.equalsIgnoreCase(asked)) {
            throw answer.malformed("it is another project");
        }
    }

    // ------------------------------------------------------------------ answers

    /** @param domainId whose projects they must be; null: of any domain */
    private static ProjectListPage page(HttpAnswer answer, Body body, @Nullable String domainId, ProjectRoom room)
            throws IOException {
        IdTally ids = new IdTally();
        AtomicBoolean others = new AtomicBoolean();
        Body.Listed<DirectoryProject> listed = body.list(
                "projects",
                each -> {
                    DirectoryProject project = project(answer, each);
                    ids.add(project.id());
                    if (domainId != null && !domainId.equalsIgnoreCase(project.domainId())) {
                        others.set(true);
                        return null;
                    }
                    return room.take(project) ? project : null;
                },
                ProjectRoom::weight);
        JsonNode beside = listed.others();
        boolean saysMore =
                beside.path("truncated").booleanValue() || answer.optionalText(beside.path("links"), "next") != null;
        return new ProjectListPage(listed.elements(), ids, saysMore, others.get(), room);
    }

    private static ProjectListPage below(HttpAnswer answer, Body body, String projectId, ProjectRoom room)
            throws IOException {
        IdTally ids = new IdTally();
        Body.Listed<DirectoryProject> listed = body.keys(
                "project",
                "subtree",
                key -> {
                    DirectoryProject project = DirectoryProject.ofId(id(answer, key));
                    ids.add(key);
                    return room.take(project) ? project : null;
                },
                ProjectRoom::weight);
        checkIs(answer, answer.text(listed.others(), "id"), projectId);
        return new ProjectListPage(listed.elements(), ids, false, false, room);
    }

    private static DirectoryProject project(HttpAnswer answer, JsonNode object) {
        String name = answer.text(object, "name");
        String domainId = answer.optionalText(object, "domain_id");
        JsonNode enabled = object.path("enabled");
        if (name.codePointCount(0, name.length()) > LONGEST_TEXT
                || (domainId != null && domainId.length() > LONGEST_TEXT)) {
            throw answer.malformed("a project's name or domain_id is too long");
        }
        if (!enabled.isBoolean()) {
            throw answer.malformed("a project's enabled is neither true nor false");
        }
        return new DirectoryProject(
                id(answer, answer.text(object, "id")),
                // anybody who may create a project may put any character into its name
                name.replaceAll("\\p{Cc}", "?"),
                domainId,
                enabled.booleanValue(),
                Set.copyOf(tags(answer, object.path("tags"))));
    }

    private static String id(HttpAnswer answer, String id) {
        if (!ID.matcher(id).matches()) {
            throw answer.malformed("a project's ID has a character other than A-Z a-z 0-9 . _ : - or is too long");
        }
        return id;
    }

    /** A Keystone before release 13 (Queens) has none. */
    private static List<String> tags(HttpAnswer answer, JsonNode given) {
        List<String> tags = new ArrayList<>();
        if (given.isMissingNode()) {
            return tags;
        }
        if (!given.isArray() || given.size() > MAX_TAGS) {
            throw answer.malformed("a project's tags are not a list, or more than " + MAX_TAGS);
        }
        for (JsonNode tag : given) {
            if (!tag.isTextual() || tag.textValue().length() > LONGEST_TEXT) {
                throw answer.malformed("a project's tag is not a string, or is too long");
            }
            tags.add(tag.textValue());
        }
        return tags;
    }

    // ----------------------------------------------------------------- requests

    private HttpUrl.Builder keystone(String segment) {
        HttpUrl keystone = session.keystoneV3();
        if (keystone == null) {
            throw new IllegalStateException("an entry for Keystone v2.0 is rejected when it is read");
        }
        return keystone.newBuilder().addPathSegment(segment);
    }

    private <T> Reply<T> get(HttpUrl.Builder url, String what, String template, Body.Reading<T> reading) {
        HttpUrl asked = url.build();
        return calls.send(
                token -> new Ask(
                        session.source(),
                        Service.KEYSTONE,
                        "GET",
                        asked,
                        what,
                        template,
                        Http.newRequestId(),
                        false,
                        null,
                        token.value(),
                        null,
                        calls.secrets(token)),
                () -> true,
                200,
                reading);
    }

    /**
     * @param rights the permissions that are needed, if Keystone refuses; may be empty
     */
    private static <T> T valueOf(Reply<T> reply, String rights) {
        T value = reply.value();
        if (value == null) {
            throw refused(reply.answer(), rights);
        }
        return value;
    }

    private static OpenStackException refused(HttpAnswer answer, String rights) {
        int status = answer.status();
        if (status >= 500) {
            return answer.failure(Kind.SERVER_ERROR, "");
        }
        if (status < 400) {
            String to = answer.redirection();
            return answer.malformed("not a status that Keystone returns here"
                    + (to == null ? "" : "; it redirects to " + to + ", which isn't followed: correct auth_url"));
        }
        return switch (status) {
            case 401 ->
                answer.failure(
                        Kind.UNAUTHORIZED,
                        "even with a new token: this happens if an application credential's access rules don't allow"
                                + " the call");
            case 403 -> answer.failure(Kind.FORBIDDEN, rights);
            case 404 ->
                answer.fromOpenStack()
                        ? answer.failure(Kind.NOT_FOUND, "")
                        : answer.malformed("a 404 that is not Keystone's; is auth_url correct?");
            case 408 -> answer.failure(Kind.TIMEOUT, "");
            case 429 -> answer.failure(Kind.RATE_LIMITED, "");
            default -> answer.failure(Kind.BAD_REQUEST, "");
        };
    }
}
