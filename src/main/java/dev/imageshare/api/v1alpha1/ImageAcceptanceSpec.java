package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The desired state of an {@link ImageAcceptance}. Absent optional fields read as their defaults. Absent required fields stay
 * null, and the reconciler rejects them.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.image) != has(self.from)",
        message =
                "spec needs exactly one of image and from: an image by its id, or the owners whose images are answered")
@ValidationRule(
        value = "has(self.image) == has(oldSelf.image)",
        message = "spec.image and spec.from can't take each other's place: create a new ImageAcceptance")
public record ImageAcceptanceSpec(
        @Required
        @JsonPropertyDescription(
                "The credentials of the project that answers: an entry of a clouds.yaml in a Secret in this"
                        + " namespace. Only these are used; the image's owner can't set the answer.")
        @Nullable
        CloudCredentialsRef cloudCredentialsRef,

        @ValidationRule(
                value = "self == oldSelf",
                message = "spec.image can't be changed: another image is another object. Create a new ImageAcceptance"
                        + " for it; the answer to this image stays")
        @JsonPropertyDescription(
                "One image. Its answer is set to memberStatus, whatever it was before, and kept. Immutable.")
        @Nullable
        OfferedImage image,

        @JsonPropertyDescription(
                "Every image that one of these owners offers, now or later. Only pending offers are answered: an"
                        + " answer that was given stays, even if this field is edited, and an ImageAcceptance that"
                        + " names the image takes precedence.")
        @Nullable
        From from,

        @Required
        @JsonPropertyDescription(
                "The answer. accepted: the image is in this project's lists. rejected: it isn't, but anyone in the"
                        + " project who knows its ID can still use it. pending: not answered; with from, offers are"
                        + " only observed. Deleting this object changes no answer: a consumer can't leave a share,"
                        + " only hide it.")
        @Nullable
        MemberAnswer memberStatus,

        @Default("10m")
        @Size(min = 2, max = 32)
        @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
        @ValidationRule(
                value = "duration(self) == duration('0s') || duration(self) >= duration('1s')",
                message = "spec.resyncPeriod must be 0s or at least 1s, for example 10m")
        @JsonPropertyDescription(
                "How often Glance is checked, also for new offers, if everything is in sync, such as 10m or 1h30m;"
                        + " up to 20% is added at random. 0s: only when the object changes, and once an hour.")
        String resyncPeriod,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        @JsonPropertyDescription(
                "true: no answer is set until this is false again. Offers and answers are still read and reported.")
        boolean suspend) {

    public static final String DEFAULT_RESYNC_PERIOD = "10m";

    /** A spec that isn't suspended. */
    public ImageAcceptanceSpec(
            @Nullable CloudCredentialsRef cloudCredentialsRef,
            @Nullable OfferedImage image,
            @Nullable From from,
            @Nullable MemberAnswer memberStatus,
            String resyncPeriod) {
        this(cloudCredentialsRef, image, from, memberStatus, resyncPeriod, false);
    }

    public ImageAcceptanceSpec {
        resyncPeriod = resyncPeriod == null ? DEFAULT_RESYNC_PERIOD : resyncPeriod;
    }

    /** One image by its ID. */
    public record OfferedImage(
            @Required
            @Size(min = 36, max = 36)
            @Pattern("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
            @JsonPropertyDescription(
                    "The image's ID, a lowercase UUID, which you get from its owner. By default pending images are"
                            + " in no list, so they can't be found by name.")
            @Nullable
            String id) {}

    /** Images selected by their owners. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record From(
            @Required
            @Size(min = 1, max = 64)
            @JsonPropertyDescription("The IDs of trusted projects, at least one. Offers of others are neither"
                    + " answered nor reported, since anybody can share anything with any project.")
            @Nullable
            List<@Size(min = 1, max = 255) @Pattern("^[A-Za-z0-9_:-][A-Za-z0-9._:-]*$") String> owners,

            @JsonPropertyDescription("Selects among their images; absent: all of them.") @Nullable
            OfferFilter filter) {
        public From {
            owners = owners == null ? null : List.copyOf(owners);
        }
    }

    /** Everything that is set must match; at least one of the two is set. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.namePattern) || (has(self.tags) && size(self.tags) > 0)",
            message = "spec.from.filter needs a namePattern or at least one tag; leave it out for all images")
    public record OfferFilter(
            @Size(min = 1, max = 255)
            @JsonPropertyDescription(
                    "A pattern for the whole image name, case-sensitive. * matches any characters or none, ? matches"
                            + " one; nothing else is special.")
            @Nullable
            String namePattern,

            @Size(max = 64)
            @JsonPropertyDescription("Tags that the image must have, all of them. The image's owner sets them.")
            @Nullable
            List<@Size(min = 1, max = 255) String> tags) {
        public OfferFilter {
            tags = tags == null ? null : List.copyOf(tags);
        }
    }
}
