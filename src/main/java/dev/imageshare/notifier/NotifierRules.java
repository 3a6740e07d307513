package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.ReceiverType;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.Reminders;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.SecretReference;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.GoDuration;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The CRD's rules once more, for API servers before 1.25, which don't know its CEL rules. */
public final class NotifierRules {

    private static final Pattern SENDER = Pattern.compile("[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*");
    private static final int MAX_ADDRESS = 254;
    private static final int MAX_PREFIX = 64;
    private static final int MAX_FOOTER = 2_000;
    private static final int MAX_LABELS = 16;
    private static final int MAX_REMINDERS = 20;
    private static final Duration SHORTEST = Duration.ofHours(1);

    private NotifierRules() {}

    /** The first rule that the spec breaks, in words that name the field and the fix; empty if it breaks none. */
    public static Optional<String> violation(@Nullable ImageNotifierSpec spec) {
        if (spec == null) {
            return Optional.of("spec is missing.");
        }
        if (spec.type() == null) {
            return Optional.of("spec.type must be smtp, cloudevents or slack.");
        }
        return secret("spec.secretRef", spec.secretRef())
                .or(() -> spec.type() == ReceiverType.smtp ? mail(spec) : webhook(spec))
                .or(() -> selector(spec))
                .or(() -> spec.events() != null
                                && (spec.events().isEmpty()
                                        || new HashSet<>(spec.events()).size()
                                                < spec.events().size())
                        ? Optional.of("spec.events must name at least one event, and none twice; leave it out for all.")
                        : Optional.empty())
                .or(() -> reminders(spec.reminders()))
                .or(() -> spec.footer() == null || FieldRules.isText(spec.footer(), MAX_FOOTER)
                        ? Optional.empty()
                        : Optional.of("spec.footer must have 1 to 2,000 characters."));
    }

    private static Optional<String> secret(String field, @Nullable SecretReference ref) {
        return ref == null || !FieldRules.isObjectName(ref.name())
                ? Optional.of(field + " needs name, the name of a Secret in this namespace.")
                : Optional.empty();
    }

    private static Optional<String> mail(ImageNotifierSpec spec) {
        var from = spec.from();
        if (from == null || spec.contacts() == null) {
            return Optional.of("spec of type smtp needs from, the sender's address, and contacts, the Secret with the"
                    + " addresses of each project.");
        }
        if (from.length() > MAX_ADDRESS || !SENDER.matcher(from).matches()) {
            return Optional.of("spec.from must be an address like images@example.org.");
        }
        var prefix = spec.subjectPrefix();
        if (prefix != null
                && (!FieldRules.isText(prefix, MAX_PREFIX) || prefix.chars().anyMatch(Character::isISOControl))) {
            return Optional.of("spec.subjectPrefix must have 1 to 64 characters on one line.");
        }
        return secret("spec.contacts.secretRef", spec.contacts().secretRef());
    }

    private static Optional<String> webhook(ImageNotifierSpec spec) {
        return spec.from() == null && spec.contacts() == null && spec.subjectPrefix() == null
                ? Optional.empty()
                : Optional.of(
                        "spec.from, spec.contacts and spec.subjectPrefix are for type smtp only: other types tell one"
                                + " receiver, which the Secret names.");
    }

    private static Optional<String> selector(ImageNotifierSpec spec) {
        if (spec.selector() == null) {
            return Optional.empty();
        }
        var labels = spec.selector().matchLabels();
        return labels == null || labels.isEmpty() || labels.size() > MAX_LABELS
                ? Optional.of(
                        "spec.selector.matchLabels needs 1 to 16 labels; leave spec.selector out for all ImageShares.")
                : Optional.empty();
    }

    private static Optional<String> reminders(@Nullable Reminders reminders) {
        if (reminders == null) {
            return Optional.empty();
        }
        return period("after", reminders.after())
                .or(() -> period("every", reminders.every()))
                .or(() -> reminders.max() == null || reminders.max() < 0 || reminders.max() > MAX_REMINDERS
                        ? Optional.of("spec.reminders.max must be 0 to 20.")
                        : Optional.empty());
    }

    private static Optional<String> period(String field, String text) {
        return GoDuration.parse(text).filter(d -> d.compareTo(SHORTEST) >= 0).isPresent()
                ? Optional.empty()
                : Optional.of("spec.reminders." + field + " must be at least 1h, for example 168h for a week.");
    }
}
