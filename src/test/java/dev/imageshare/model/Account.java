package dev.imageshare.model;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.embedded.EmbeddedOpenStack.Call;
import dev.imageshare.embedded.Fault;
import io.fabric8.kubernetes.api.model.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What the people of a sequence can see of the operator: each pass over their objects and when it was, each request for
 * them, and how all is at the end. In words that are the same in each sequence of the same steps: without UUIDs, the times
 * of Glance, and the number that each sequence's namespaces have.
 */
final class Account {

    /** Told where an image of the same ID, owner and region is shared in a cloud at another URL: the one thing to be seen. */
    private static final String NEIGHBOUR = "CloudAtAnotherURL";

    private final List<String> images;
    private final Words words;
    private final List<String> lines = new ArrayList<>();
    private Instant begin;
    private Instant passBegan;

    /** @param images the sequence's, in the order in which they came */
    Account(Instant begin, List<String> images) {
        this.begin = begin;
        this.images = images;
        this.words = new Words(images);
    }

    List<String> lines() {
        return lines;
    }

    void begins(Instant now) {
        begin = now;
    }

    void passBegins(DrivenOperator.Ref ref, Instant now) {
        passBegan = now;
        add("pass over " + ref.lasting() + " at " + Duration.between(begin, now));
    }

    /** @param due null: never */
    void passEnds(Duration due) {
        add("  ends, the next in " + due);
    }

    /** A request to the Kubernetes API. */
    void asked(String method, String path) {
        if (passBegan != null) {
            add("  " + method + " " + path);
        }
    }

    /** A request to Keystone or Glance. */
    void answered(Call call, Fault fault) {
        add("  " + call.method() + " " + call.path() + (call.query() == null ? "" : "?" + call.query()) + " "
                + call.status() + (fault == null ? "" : " " + fault.getClass().getSimpleName()));
    }

    void atTheEnd(
            Instant now,
            List<ImageShare> shares,
            List<ImageAcceptance> acceptances,
            Function<String, Map<String, String>> members) {
        add("the end at " + Duration.between(begin, now));
        images.forEach(image -> add("members of " + image + ": " + members.apply(image)));
        for (var share : shares) {
            var status = share.getStatus();
            add(Judge.name(share) + " " + share.isMarkedForDeletion() + " "
                    + share.getMetadata().getFinalizers());
            if (status != null) {
                add("  " + status.observedGeneration() + " " + status.image() + " " + status.adopted() + " "
                        + status.summary() + " " + status.plan());
                Optional.ofNullable(status.members()).orElse(List.of()).forEach(m -> add("  " + withoutTimes(m)));
                Optional.ofNullable(status.conditions()).orElse(List.of()).forEach(c -> add("  " + withoutTimes(c)));
            }
        }
        for (var acceptance : acceptances) {
            var status = acceptance.getStatus();
            add(Judge.name(acceptance) + " " + acceptance.isMarkedForDeletion());
            if (status != null) {
                add("  " + status.observedGeneration() + " " + status.project() + " " + status.summary());
                Optional.ofNullable(status.images())
                        .orElse(List.of())
                        .forEach(i -> add("  " + i.id() + " " + i.name() + " " + i.owner() + " " + i.memberStatus()));
                Optional.ofNullable(status.conditions()).orElse(List.of()).forEach(c -> add("  " + withoutTimes(c)));
            }
        }
    }

    /** The events of one namespace at the end. */
    void events(List<Event> events) {
        events.stream()
                .filter(e -> !e.getReason().equals(NEIGHBOUR))
                .map(e -> "  " + e.getInvolvedObject().getKind() + " "
                        + e.getInvolvedObject().getName() + " " + e.getType() + " " + e.getReason() + " " + e.getCount()
                        + " times: " + e.getMessage())
                .map(words::plain)
                .sorted()
                .forEach(lines::add);
    }

    private static String withoutTimes(MemberInfo member) {
        return member.projectID() + " " + member.status() + (member.declared() ? " declared" : "")
                + (member.added() ? " added" : "");
    }

    private static String withoutTimes(Condition condition) {
        return condition.type() + " " + condition.status() + " " + condition.reason() + ": " + condition.message();
    }

    private void add(String line) {
        lines.add(words.plain(line));
    }

    /** Words that are the same in each sequence of the same steps. */
    static final class Words {

        private static final Pattern NUMBER = Pattern.compile("((?:share|consume)-[ab])-[0-9]+");
        /** What holds for one object, or for objects deleted together, is named after UIDs. */
        private static final Pattern HASH = Pattern.compile("\\b(delete-)?[0-9a-f]{16}\\b");

        private static final Pattern REQUEST = Pattern.compile("req-[0-9a-f-]{36}");

        private final List<String> images;

        /** @param images the sequence's, in the order in which they came */
        Words(List<String> images) {
            this.images = images;
        }

        String plain(String line) {
            var plain = line;
            for (var i = 0; i < images.size(); i++) {
                plain = plain.replace(images.get(i), "image-" + i);
            }
            plain = NUMBER.matcher(plain).replaceAll("$1");
            plain = REQUEST.matcher(plain).replaceAll("req-id");
            return HASH.matcher(plain).replaceAll("$1hash");
        }
    }
}
