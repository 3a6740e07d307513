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
 * What an {@link ImageAcceptance} wants. Absent optional fields read as their defaults; absent required ones stay null
 * and are for the reconciler to refuse.
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
                "Where the credentials of the project that answers are: an entry of a clouds.yaml in a Secret of this"
                        + " namespace. Only they are used; the image's owner has no say in the answer.")
        @Nullable
        CloudCredentialsRef cloudCredentialsRef,

        @ValidationRule(
                value = "self == oldSelf",
                message = "spec.image can't be changed: another image is another object. Create a new ImageAcceptance"
                        + " for it; the answer to this image stays")
        @JsonPropertyDescription(
                "One image. Its answer is set to memberStatus whatever it was, and kept so. It can't be changed.")
        @Nullable
        OfferedImage image,

        @JsonPropertyDescription(
                "Every image that one of these owners offers, now or later. Only pending offers are answered: an answer"
                        + " that was given stays, also when this is edited, and an ImageAcceptance that names the image wins.")
        @Nullable
        From from,

        @Required
        @JsonPropertyDescription(
                "The answer. accepted: the image is in this project's lists. rejected: it is not; whoever knows its ID"
                        + " can use it all the same. pending: not answered; with from, offers are only observed. Deleting"
                        + " this object changes no answer: a consumer can't leave a share, only hide it.")
        @Nullable
        MemberAnswer memberStatus,

        @Default("10m")
        @Size(min = 2, max = 32)
        @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
        @ValidationRule(
                value = "duration(self) == duration('0s') || duration(self) >= duration('1s')",
                message = "spec.resyncPeriod must be 0s or at least 1s, for example 10m")
        @JsonPropertyDescription(
                "How often Glance is looked at when all is in order, such as 10m or 1h30m; up to 20% is added at random."
                        + " New offers are seen then. 0s: only when the object changes, and once an hour.")
        String resyncPeriod,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        @JsonPropertyDescription(
                "true: no answer is given until this is false again. Offers and answers are still read and reported.")
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
                    "The image's ID, a UUID in lower case, as its owner tells it. Pending images are in"
                            + " no list by default, so they have no name to go by.")
            @Nullable
            String id) {}

    /** Images by who offers them. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record From(
            @Required
            @Size(min = 1, max = 64)
            @JsonPropertyDescription("The IDs of the projects that are trusted, at least one. Offers of others are not"
                    + " touched and not reported: anybody can share anything with any project.")
            @Nullable
            List<@Size(min = 1, max = 255) @Pattern("^[A-Za-z0-9_:-][A-Za-z0-9._:-]*$") String> owners,

            @JsonPropertyDescription("Which of their images; all of them if it is missing.") @Nullable
            OfferFilter filter) {
        public From {
            owners = owners == null ? null : List.copyOf(owners);
        }
    }

    /** All that is given must match; at least one of the two is given. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.namePattern) || (has(self.tags) && size(self.tags) > 0)",
            message = "spec.from.filter needs a namePattern or at least one tag; leave it out for all images")
    public record OfferFilter(
            @Size(min = 1, max = 255)
            @JsonPropertyDescription(
                    "The image's whole name; * stands for any characters or none, ? for one, nothing else is special."
                            + " Case counts.")
            @Nullable
            String namePattern,

            @Size(max = 64)
            @JsonPropertyDescription("Tags that the image has, all of them. Its owner sets and changes them.")
            @Nullable
            List<@Size(min = 1, max = 255) String> tags) {
        public OfferFilter {
            tags = tags == null ? null : List.copyOf(tags);
        }
    }
}
