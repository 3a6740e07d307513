package dev.imageshare.reconcile;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The CRDs' rules for the fields that both kinds have, for API servers that don't hold to them. */
public final class FieldRules {

    /** Glance's longest name of an image, and the longest tag. */
    public static final int MAX_NAME = 255;

    public static final int MAX_TAGS = 64;

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final int MAX_PROJECT_ID = 255;

    /** Rackspace's have six to eight digits. */
    private static final int MAX_ACCOUNT_NUMBER = 12;

    private static final Pattern OBJECT_NAME = Pattern.compile(ImageShareSpec.OBJECT_NAME);

    private FieldRules() {}

    /** What is wrong with the reference to the credentials, if anything. */
    public static Optional<String> credentials(@Nullable CloudCredentialsRef ref) {
        return ref == null || !isText(ref.secretName(), 253) || !isText(ref.cloudName(), 256)
                ? Optional.of(
                        "spec.cloudCredentialsRef needs secretName and cloudName (at most 253 and 256 characters).")
                : Optional.empty();
    }

    /** What is wrong with an image's ID, if anything; null is no ID. */
    public static Optional<String> imageId(@Nullable String id) {
        return id == null || !UUID.matcher(id).matches()
                ? Optional.of("spec.image.id is no image ID: write the UUID in lower case that"
                        + " 'openstack image show -c id' prints.")
                : Optional.empty();
    }

    /** What is wrong with the period, if anything. */
    public static Optional<String> resyncPeriod(String period) {
        var resync = GoDuration.parse(period);
        return resync.isEmpty() || (!resync.get().isZero() && resync.get().compareTo(Duration.ofSeconds(1)) < 0)
                ? Optional.of("spec.resyncPeriod must be 0s or at least 1s, for example 10m.")
                : Optional.empty();
    }

    /** Whether the text can be a project's ID; Glance takes more, but can't remove some of it again. */
    public static boolean isProjectId(@Nullable String id) {
        return id != null
                && !id.isEmpty()
                && id.length() <= MAX_PROJECT_ID
                && id.charAt(0) != '.'
                && consistsOf(FieldRules::isInProjectId, id);
    }

    private static boolean isInProjectId(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || (c >= 'A' && c <= 'Z')
                || c == '-'
                || c == '_'
                || c == ':'
                || c == '.';
    }

    private static boolean isHexadecimal(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    /** As a regular expression would say, which takes ten times as long; each pass asks this of each member. */
    private static boolean consistsOf(IntPredicate characters, String text) {
        for (var i = 0; i < text.length(); i++) {
            if (!characters.test(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether the text can be the name of an object: an RFC 1123 subdomain. */
    /** The time that a text gives as RFC 3339 has it; empty if it gives none. */
    public static Optional<Instant> time(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    public static boolean isObjectName(@Nullable String name) {
        return isText(name, ImageShareSpec.MAX_OBJECT_NAME)
                && OBJECT_NAME.matcher(name).matches();
    }

    public static boolean areTags(List<String> tags) {
        return tags.size() <= MAX_TAGS && tags.stream().allMatch(tag -> isText(tag, MAX_NAME));
    }

    public static boolean isText(@Nullable String text, int atMost) {
        return text != null && !text.isEmpty() && text.codePointCount(0, text.length()) <= atMost;
    }

    /** Those that aren't as Keystone makes IDs, nor Rackspace's account numbers, so probably are names. */
    public static List<String> suspectNames(List<String> projectIds) {
        return projectIds.stream()
                .filter(id -> !isKeystoneId(id) && !isAccountNumber(id))
                .toList();
    }

    private static boolean isKeystoneId(String id) {
        return (id.length() == 32 || id.length() == 64) && consistsOf(FieldRules::isHexadecimal, id);
    }

    private static boolean isAccountNumber(String id) {
        return id.length() <= MAX_ACCOUNT_NUMBER && consistsOf(c -> c >= '0' && c <= '9', id);
    }

    /**
     * What a cloud says, on one line and within a CRD's limit: a status that is refused would tell nobody anything, and
     * one with half a character in it would not be read back as it was written.
     *
     * @param atMost characters, as Kubernetes counts them: code points
     */
    public static String clipped(String text, int atMost) {
        var line = CONTROL.matcher(text).replaceAll("?");
        return line.length() <= atMost || line.codePointCount(0, line.length()) <= atMost
                ? line
                : line.substring(0, line.offsetByCodePoints(0, atMost - 1)) + "…";
    }
}
