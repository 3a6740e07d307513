package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link ImageNotifier} wants. Absent optional fields read as their defaults; absent required ones stay null and
 * are for the reconciler to refuse.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.type != 'smtp' || (has(self.from) && has(self.contacts))",
        message =
                "spec of type smtp needs from, the sender's address, and contacts, the Secret with the addresses of each"
                        + " project")
@ValidationRule(
        value = "self.type == 'smtp' || (!has(self.from) && !has(self.contacts) && !has(self.subjectPrefix))",
        message =
                "spec.from, spec.contacts and spec.subjectPrefix are for type smtp only: other types tell one receiver,"
                        + " which the Secret names")
public record ImageNotifierSpec(
        @Required
        @JsonPropertyDescription(
                "How it is told. smtp: a mail to each project's contacts. cloudevents: CloudEvents 1.0 by HTTP POST. slack:"
                        + " a message to an incoming webhook of Slack, Mattermost or Rocket.Chat.")
        @Nullable
        ReceiverType type,

        @Required
        @JsonPropertyDescription(
                "The Secret of type imageshare.dev/notification that says where to send, and with which credentials. It is"
                        + " never said here, so that who may write notifiers can't send a Secret's password to a host of theirs.")
        @Nullable
        SecretReference secretRef,

        @Size(min = 3, max = 254)
        @Pattern("^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*$")
        @JsonPropertyDescription("The sender's address; only for smtp. Answers and bounces go there.")
        @Nullable
        String from,

        @JsonPropertyDescription("Which ImageShares of this namespace are told of; all if it is missing.") @Nullable
        ShareSelector selector,

        @Size(min = 1, max = 6)
        @JsonPropertyDescription(
                "What is told; all of it if it is missing. Offered: a project was added to an image. Reminder: it has not"
                        + " answered yet. Expiring: its access ends within seven days. Withdrawn: it was removed. The image's owner is"
                        + " told of Answered: a project accepted or rejected, and of RemovalHeld: removals wait for approval.")
        @Nullable
        List<NoticeType> events,

        @JsonPropertyDescription("Who is told in which project; only for smtp.") @Nullable
        ContactsRef contacts,

        @JsonPropertyDescription("When a project that has not answered is reminded.") @Nullable
        Reminders reminders,

        @Size(min = 1, max = 64)
        @Pattern("^[^\\x00-\\x1f\\x7f]*$")
        @JsonPropertyDescription("What stands before each mail's subject, such as [golden images].")
        @Nullable
        String subjectPrefix,

        @Size(min = 1, max = 2000)
        @JsonPropertyDescription("What stands at the end of each message: whom to ask, for example.")
        @Nullable
        String footer,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        @JsonPropertyDescription(
                "true: nothing is sent until this is false again. What happens meanwhile is told then, as far as it still"
                        + " holds.")
        boolean suspend) {

    public ImageNotifierSpec {
        events = events == null ? null : List.copyOf(events);
    }

    /** How it is told. */
    public enum ReceiverType {
        smtp,
        cloudevents,
        slack
    }

    /** What is told. */
    public enum NoticeType {
        Offered,
        Reminder,
        Answered,
        Withdrawn,
        Expiring,
        RemovalHeld
    }

    /** A Secret of the object's own namespace. */
    public record SecretReference(
            @Required
            @Size(min = 1, max = ImageShareSpec.MAX_OBJECT_NAME)
            @Pattern(ImageShareSpec.OBJECT_NAME)
            @JsonPropertyDescription("The Secret's name, in this namespace.")
            @Nullable
            String name) {}

    /** Objects by their labels. */
    public record ShareSelector(
            @Required
            @Size(min = 1, max = 16)
            @JsonPropertyDescription("Labels that an ImageShare must have, all of them, each with this value.")
            @Nullable
            Map<String, @Size(max = 63) String> matchLabels) {
        public ShareSelector {
            matchLabels = matchLabels == null ? null : Map.copyOf(matchLabels);
        }
    }

    /** Who is told in which project. */
    public record ContactsRef(
            @Required
            @JsonPropertyDescription(
                    "The Secret of type imageshare.dev/contacts whose key contacts.yaml has each project's ID and its"
                            + " addresses. A project without an address is not told.")
            @Nullable
            SecretReference secretRef) {}

    /** When a project that has not answered is reminded. */
    public record Reminders(
            @Default("168h")
            @Size(min = 2, max = 32)
            @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
            @ValidationRule(
                    value = "duration(self) >= duration('1h')",
                    message = "spec.reminders.after must be at least 1h, for example 168h for a week")
            @JsonPropertyDescription("How long after it was added, or set its answer back to pending: at least 1h.")
            String after,

            @Default("168h")
            @Size(min = 2, max = 32)
            @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
            @ValidationRule(
                    value = "duration(self) >= duration('1h')",
                    message = "spec.reminders.every must be at least 1h, for example 168h for a week")
            @JsonPropertyDescription("How long after the reminder before: at least 1h.")
            String every,

            @Default("3") @Min(0) @Max(20) @JsonPropertyDescription("How many reminders at most; 0: none.") @Nullable
            Integer max) {

        public static final String DEFAULT_PERIOD = "168h";
        public static final int DEFAULT_MAX = 3;

        public Reminders {
            after = after == null ? DEFAULT_PERIOD : after;
            every = every == null ? DEFAULT_PERIOD : every;
            max = max == null ? Integer.valueOf(DEFAULT_MAX) : max;
        }
    }
}
