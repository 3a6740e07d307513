package dev.imageshare.site;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.imageshare.reconcile.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the pages say, for programs. New versions only add fields. */
final class SiteJson {

    private static final JsonFactory JSON =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    private final SiteData data;

    SiteJson(SiteData data) {
        this.data = data;
    }

    /** What writes the fields of a file's object. */
    private interface Fields {
        void writeTo(JsonGenerator json) throws IOException;
    }

    private void object(OutputStream out, Fields fields) throws IOException {
        try (var json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("asOf", data.asOf().toString());
            fields.writeTo(json);
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    void overview(OutputStream out) throws IOException {
        object(out, json -> {
            var total = data.images().stream().map(SiteImage::answers).reduce(Answers.of(List.of()), Answers::plus);
            json.writeNumberField("images", data.images().size());
            json.writeNumberField("projects", data.projects().size());
            answers(json, total);
            json.writeObjectFieldStart("objects");
            for (var health : Health.values()) {
                json.writeNumberField(
                        health.name(),
                        data.shares().stream()
                                        .filter(share -> share.health() == health)
                                        .count()
                                + data.acceptances().stream()
                                        .filter(acceptance -> acceptance.health() == health)
                                        .count()
                                + data.notifiers().stream()
                                        .filter(notifier -> notifier.health() == health)
                                        .count());
            }
            json.writeEndObject();
            json.writeArrayFieldStart("needPerson");
            for (var share : data.shares()) {
                if (share.health() == Health.needsPerson) {
                    json.writeStartObject();
                    object(json, "ImageShare", share.namespace(), share.name(), share.reason(), share.message());
                    if (share.approval() != null) {
                        json.writeStringField("command", share.approval());
                    }
                    json.writeEndObject();
                }
            }
            for (var acceptance : data.acceptances()) {
                if (acceptance.health() == Health.needsPerson) {
                    json.writeStartObject();
                    object(
                            json,
                            "ImageAcceptance",
                            acceptance.namespace(),
                            acceptance.name(),
                            acceptance.reason(),
                            acceptance.message());
                    json.writeEndObject();
                }
            }
            for (var notifier : data.notifiers()) {
                if (notifier.health() == Health.needsPerson) {
                    json.writeStartObject();
                    object(
                            json,
                            "ImageNotifier",
                            notifier.namespace(),
                            notifier.name(),
                            notifier.reason(),
                            notifier.message());
                    json.writeEndObject();
                }
            }
            for (var set : data.sets()) {
                if (set.health() == Health.needsPerson) {
                    json.writeStartObject();
                    object(json, "ProjectSet", set.namespace(), set.name(), set.reason(), set.message());
                    optional(json, "command", set.approval());
                    json.writeEndObject();
                }
            }
            for (var set : data.sets()) {
                for (var each : set.asking()) {
                    json.writeStartObject();
                    object(
                            json,
                            "ImageAccessRequest",
                            each.namespace(),
                            each.name(),
                            Reason.AwaitingApproval.name(),
                            OverviewPage.message(set, each));
                    json.writeStringField("command", each.approval());
                    json.writeEndObject();
                }
            }
            for (var set : data.rotations()) {
                if (set.health() == Health.needsPerson) {
                    json.writeStartObject();
                    object(json, "ImageShareSet", set.namespace(), set.name(), set.reason(), set.message());
                    optional(json, "command", set.approval());
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
            texts(json, "notes", data.notes());
        });
    }

    private static void object(
            JsonGenerator json, String kind, String namespace, String name, String reason, String message)
            throws IOException {
        json.writeStringField("kind", kind);
        json.writeStringField("namespace", namespace);
        json.writeStringField("name", name);
        json.writeStringField("reason", reason);
        json.writeStringField("message", message);
    }

    private static void answers(JsonGenerator json, Answers answers) throws IOException {
        json.writeNumberField("members", answers.members());
        json.writeNumberField("accepted", answers.accepted());
        json.writeNumberField("pending", answers.pending());
        json.writeNumberField("rejected", answers.rejected());
        json.writeNumberField("absent", answers.absent());
        json.writeNumberField("undeclared", answers.undeclared());
    }

    void images(OutputStream out) throws IOException {
        object(out, json -> {
            json.writeArrayFieldStart("images");
            for (var image : data.images()) {
                json.writeStartObject();
                image(json, image);
                answers(json, image.answers());
                json.writeStringField("page", "images/" + image.file() + ".html");
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static void image(JsonGenerator json, SiteImage image) throws IOException {
        json.writeStringField("id", image.id());
        json.writeStringField("name", image.name());
        optional(json, "owner", image.owner());
        json.writeStringField("cloud", image.cloud());
        json.writeStringField("region", image.region());
        json.writeStringField("visibility", image.visibility());
        json.writeStringField("status", image.status());
        json.writeBooleanField("hidden", image.hidden());
        facts(json, image.facts());
        texts(json, "tags", image.facts().tags());
        optional(json, "asOf", image.asOf());
        texts(json, "shares", image.shares().stream().map(SiteShare::title).toList());
    }

    static void facts(JsonGenerator json, ImageFacts facts) throws IOException {
        optional(json, "family", facts.family());
        optional(json, "version", facts.version());
        optional(json, "built", facts.built());
        optional(json, "createdAt", facts.created());
        optional(json, "endOfLife", facts.endOfLife());
        optional(json, "architecture", facts.architecture());
        optional(json, "description", facts.description());
    }

    static void optional(JsonGenerator json, String field, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(field, value);
        }
    }

    private static void texts(JsonGenerator json, String field, List<String> texts) throws IOException {
        json.writeArrayFieldStart(field);
        for (var text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    /** Members without {@code declaredBy} are declared by all of the image's {@code shares}, as nearly all are. */
    void image(SiteImage image, Map<String, SiteProject> projects, OutputStream out) throws IOException {
        var shares = image.shares().stream().map(SiteShare::title).toList();
        object(out, json -> {
            json.writeObjectFieldStart("image");
            image(json, image);
            json.writeEndObject();
            json.writeArrayFieldStart("members");
            for (var member : image.members()) {
                json.writeStartObject();
                json.writeStringField("project", member.project());
                optional(
                        json,
                        "projectName",
                        Objects.requireNonNull(projects.get(member.project())).name());
                member(json, member);
                if (member.declaredBy() != null && !member.declaredBy().equals(shares)) {
                    texts(json, "declaredBy", member.declaredBy());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static void member(JsonGenerator json, SiteMember member) throws IOException {
        if (member.answer() != null) {
            json.writeStringField("answer", member.answer().name());
        }
        optional(json, "since", member.since());
        optional(json, "expiresAt", member.expiresAt());
        if (member.isUndeclared()) {
            json.writeBooleanField("undeclared", true);
        }
        if (member.held()) {
            json.writeBooleanField("removalHeld", true);
        }
        if (member.gone()) {
            json.writeBooleanField("notInKeystone", true);
        }
    }

    void projects(OutputStream out) throws IOException {
        object(out, json -> {
            json.writeArrayFieldStart("projects");
            for (var project : data.projects()) {
                json.writeStartObject();
                json.writeStringField("id", project.id());
                optional(json, "name", project.name());
                answers(json, project.answers());
                json.writeStringField("page", "projects/" + project.file() + ".html");
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    void project(SiteProject project, OutputStream out) throws IOException {
        object(out, json -> {
            json.writeObjectFieldStart("project");
            json.writeStringField("id", project.id());
            optional(json, "name", project.name());
            json.writeEndObject();
            json.writeArrayFieldStart("images");
            for (var membership : project.memberships()) {
                json.writeStartObject();
                json.writeStringField("image", membership.image().id());
                json.writeStringField("name", membership.image().name());
                json.writeStringField("region", membership.image().region());
                member(json, membership.member());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /** A row an image, one letter a project: a, p, r as answered, "-" for one that is to become a member, "." for none. */
    void matrix(OutputStream out) throws IOException {
        object(out, json -> {
            var projects = data.projects().stream()
                    .filter(project -> !project.memberships().isEmpty())
                    .toList();
            var columns = new java.util.HashMap<String, Integer>();
            projects.forEach(project -> columns.put(project.id(), columns.size()));
            texts(json, "projects", projects.stream().map(SiteProject::id).toList());
            json.writeArrayFieldStart("images");
            for (var image : data.images()) {
                var answers = new char[projects.size()];
                java.util.Arrays.fill(answers, '.');
                for (var member : image.members()) {
                    answers[Objects.requireNonNull(columns.get(member.project()))] = member.answer() == null
                            ? '-'
                            : member.answer().name().charAt(0);
                }
                json.writeStartObject();
                json.writeStringField("id", image.id());
                json.writeStringField("name", image.name());
                json.writeStringField("answers", new String(answers));
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    void shares(OutputStream out) throws IOException {
        object(out, json -> {
            json.writeArrayFieldStart("imageShares");
            for (var share : data.shares()) {
                json.writeStartObject();
                object(json, "ImageShare", share.namespace(), share.name(), share.reason(), share.message());
                json.writeStringField("health", share.health().name());
                json.writeStringField("image", share.image());
                optional(json, "since", share.since());
                optional(json, "lastLook", share.lastLook());
                json.writeNumberField("desired", share.desired());
                answers(json, share.answers());
                optional(json, "approval", share.approval());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("imageAcceptances");
            for (var acceptance : data.acceptances()) {
                json.writeStartObject();
                object(
                        json,
                        "ImageAcceptance",
                        acceptance.namespace(),
                        acceptance.name(),
                        acceptance.reason(),
                        acceptance.message());
                json.writeStringField("health", acceptance.health().name());
                optional(json, "project", acceptance.project());
                optional(json, "since", acceptance.since());
                optional(json, "lastLook", acceptance.lastLook());
                json.writeNumberField("offered", acceptance.offered());
                json.writeNumberField("accepted", acceptance.answers().accepted());
                json.writeNumberField("pending", acceptance.answers().pending());
                json.writeNumberField("rejected", acceptance.answers().rejected());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("imageNotifiers");
            for (var notifier : data.notifiers()) {
                json.writeStartObject();
                object(
                        json,
                        "ImageNotifier",
                        notifier.namespace(),
                        notifier.name(),
                        notifier.reason(),
                        notifier.message());
                json.writeStringField("health", notifier.health().name());
                optional(json, "since", notifier.since());
                json.writeNumberField("sent", notifier.sent());
                json.writeNumberField("failed", notifier.failed());
                optional(json, "lastSent", notifier.lastSent());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    void sets(OutputStream out) throws IOException {
        object(out, json -> {
            json.writeArrayFieldStart("projectSets");
            for (var set : data.sets()) {
                json.writeStartObject();
                object(json, "ProjectSet", set.namespace(), set.name(), set.reason(), set.message());
                json.writeStringField("health", set.health().name());
                optional(json, "lastLook", set.lastLook());
                json.writeNumberField("projects", set.projects());
                json.writeBooleanField("complete", set.complete());
                json.writeArrayFieldStart("selectors");
                for (var selector : set.selectors()) {
                    json.writeStartObject();
                    json.writeStringField("name", selector.name());
                    json.writeStringField("source", selector.source());
                    json.writeStringField("filter", selector.filter());
                    if (selector.matched() != null) {
                        json.writeNumberField("matched", selector.matched());
                    }
                    optional(json, "problem", selector.problem());
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeArrayFieldStart("leaving");
                for (var each : set.leaving()) {
                    json.writeStartObject();
                    project(json, each.project());
                    json.writeStringField(each.expires() ? "expiresAt" : "absentUntil", each.from());
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeArrayFieldStart("held");
                for (var each : set.held()) {
                    json.writeStartObject();
                    project(json, each);
                    json.writeEndObject();
                }
                json.writeEndArray();
                optional(json, "approval", set.approval());
                json.writeArrayFieldStart("asking");
                for (var each : set.asking()) {
                    json.writeStartObject();
                    json.writeStringField("request", each.request());
                    project(json, each.project());
                    json.writeStringField("since", each.since());
                    optional(json, "reason", each.reason());
                    json.writeStringField("approval", each.approval());
                    json.writeEndObject();
                }
                json.writeEndArray();
                texts(json, "shares", set.shares());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    void rotation(OutputStream out) throws IOException {
        object(out, json -> {
            json.writeArrayFieldStart("imageShareSets");
            for (var set : data.rotations()) {
                json.writeStartObject();
                object(json, "ImageShareSet", set.namespace(), set.name(), set.reason(), set.message());
                json.writeStringField("health", set.health().name());
                optional(json, "lastLook", set.lastLook());
                json.writeArrayFieldStart("clouds");
                for (var cloud : set.clouds()) {
                    json.writeStartObject();
                    json.writeStringField("name", cloud.name());
                    if (cloud.images() != null) {
                        json.writeNumberField("images", cloud.images());
                    }
                    optional(json, "problem", cloud.problem());
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeArrayFieldStart("images");
                for (var image : set.images()) {
                    json.writeStartObject();
                    json.writeStringField("id", image.id());
                    optional(json, "name", image.name());
                    json.writeStringField("cloud", image.cloud());
                    optional(json, "family", image.family());
                    json.writeStringField("phase", image.phase().name());
                    optional(json, "until", image.until());
                    json.writeStringField("share", image.share());
                    json.writeEndObject();
                }
                json.writeEndArray();
                texts(json, "held", set.held());
                optional(json, "approval", set.approval());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static void project(JsonGenerator json, SiteSet.CalledProject project) throws IOException {
        json.writeStringField("project", project.id());
        optional(json, "projectName", project.name());
    }

    void clouds(OutputStream out) throws IOException {
        object(out, json -> {
            json.writeArrayFieldStart("clouds");
            for (var cloud : data.clouds()) {
                json.writeStartObject();
                json.writeStringField("name", cloud.name());
                json.writeStringField("region", cloud.region());
                json.writeStringField("reach", cloud.reach().name());
                json.writeNumberField("images", cloud.images());
                json.writeNumberField("objects", cloud.objects());
                optional(json, "lastLook", cloud.lastLook());
                optional(json, "oldestLook", cloud.oldestLook());
                json.writeArrayFieldStart("errors");
                for (var error : cloud.errors()) {
                    json.writeStartObject();
                    json.writeStringField("reason", error.reason());
                    json.writeNumberField("objects", error.objects());
                    json.writeStringField("example", error.example());
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }
}
