package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectSetReference;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link ImageShareSet} wants. Absent optional fields read as their defaults; absent required ones stay null and are
 * for the reconciler to refuse.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageShareSetSpec(
        @Required
        @Size(min = 1, max = 16)
        @JsonPropertyDescription(
                "Where the images are: regions, or clouds. Each is looked after by itself; one that fails stops no other.")
        @Nullable
        List<ImageCloud> clouds,

        @Required @JsonPropertyDescription("Which images are shared, and how they follow each other.") @Nullable
        ImageSelection images,

        @Default("{}") @JsonPropertyDescription("How images leave the set that it no longer means.")
        SetOptions managedOptions,

        @Required
        @JsonPropertyDescription(
                "The ImageShare that is made for each image: all but spec.image and spec.cloudCredentialsRef.")
        @Nullable
        ShareTemplate template,

        @Default("10m")
        @Size(min = 2, max = 32)
        @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
        @ValidationRule(
                value = "duration(self) == duration('0s') || duration(self) >= duration('1s')",
                message = "spec.resyncPeriod must be 0s or at least 1s, for example 10m")
        @JsonPropertyDescription(
                "How often the images are listed when all is in order, such as 10m or 1h30m; up to 20% is added at random."
                        + " 0s: only when the object changes, and once an hour.")
        String resyncPeriod,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        @JsonPropertyDescription(
                "true: no ImageShare is made, changed or deleted until this is false again. The images are still listed, and"
                        + " the status says what would be done. It doesn't suspend the ImageShares: that is"
                        + " spec.template.spec.suspend.")
        boolean suspend) {

    public static final String DEFAULT_RESYNC_PERIOD = "10m";

    /** The form of a cloud's name. */
    public static final String CLOUD_NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    /** The most characters of a cloud's name. */
    public static final int MAX_CLOUD_NAME = 63;

    public ImageShareSetSpec {
        clouds = clouds == null ? null : List.copyOf(clouds);
        managedOptions = managedOptions == null ? SetOptions.DEFAULTS : managedOptions;
        resyncPeriod = resyncPeriod == null ? DEFAULT_RESYNC_PERIOD : resyncPeriod;
    }

    /** One project of one region, that owns images. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ImageCloud(
            @Required
            @Size(min = 1, max = MAX_CLOUD_NAME)
            @Pattern(CLOUD_NAME)
            @JsonPropertyDescription(
                    "A name of your choice, which is part of the names of the ImageShares. Two clouds can't be one project"
                            + " of one region.")
            @Nullable
            String name,

            @Required
            @JsonPropertyDescription(
                    "Where the credentials of the images' owner are: an entry of a clouds.yaml in a Secret of this"
                            + " namespace.")
            @Nullable
            CloudCredentialsRef cloudCredentialsRef) {}

    /** Which images, and how they follow each other. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!has(self.keep) || has(self.family)",
            message =
                    "spec.images.keep needs spec.images.family: without it each image stands for itself, and all are kept")
    @ValidationRule(
            value = "has(self.keep) == has(self.retireAfter)",
            message = "spec.images needs keep and retireAfter together: how many of a family are kept, and how long one"
                    + " beyond them stays shared")
    @ValidationRule(
            value = "!has(self.orderBy) || has(self.family)",
            message = "spec.images.orderBy needs spec.images.family: it orders the images of a family")
    public record ImageSelection(
            @Required
            @JsonPropertyDescription("Which of the images that the project owns. All that is given must match.")
            @Nullable
            SetFilter filter,

            @JsonPropertyDescription(
                    "Which images replace each other. If not set, each image stands for itself, and all are shared.")
            @Nullable
            ImageFamily family,

            @JsonPropertyDescription(
                    "What makes one image of a family newer than another. Missing: when Glance says that it was created.")
            @Nullable
            ImageOrder orderBy,

            @Min(1)
            @Max(1000)
            @JsonPropertyDescription(
                    "How many images of each family are kept, the newest ones. Missing: all. Needs retireAfter.")
            @Nullable
            Integer keep,

            @Size(min = 2, max = 32)
            @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
            @ValidationRule(
                    value = "duration(self) >= duration('1s')",
                    message = "spec.images.retireAfter must be at least 1s, for example 720h")
            @JsonPropertyDescription(
                    "How long an image beyond keep stays shared, such as 720h: from when enough newer ones of its family were"
                            + " shared and in order. Needs keep.")
            @Nullable
            String retireAfter) {}

    /** All that is given must match; at least one is given. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "has(self.name) || has(self.namePattern) || (has(self.tags) && size(self.tags) > 0) || (has(self.properties) && size(self.properties) > 0)",
            message = "spec.images.filter needs name, namePattern, tags or properties")
    public record SetFilter(
            @Size(min = 1, max = 255)
            @JsonPropertyDescription("The image's name, exactly; case counts and there are no wildcards.")
            @Nullable
            String name,

            @Size(min = 1, max = 255)
            @JsonPropertyDescription(
                    "The image's whole name; * stands for any characters or none, ? for one, nothing else is special. Case"
                            + " counts.")
            @Nullable
            String namePattern,

            @Size(max = 64) @JsonPropertyDescription("Tags that the image has, all of them.") @Nullable
            List<@Size(min = 1, max = 255) String> tags,

            @Size(max = 16)
            @JsonPropertyDescription(
                    "Properties that the image has, each with exactly this value, such as os_distro: ubuntu. Case counts.")
            @Nullable
            Map<String, @Size(max = 255) String> properties) {
        public SetFilter {
            tags = tags == null ? null : List.copyOf(tags);
            properties = ordered(properties);
        }
    }

    /** What images of one family have in common. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.by == 'Property' ? has(self.property) : !has(self.property)",
            message = "spec.images.family needs property with by: Property, and has none with by: Name")
    public record ImageFamily(
            @Required
            @JsonPropertyDescription(
                    "Name: images of one name are a family. Property: images of one value of property.")
            @Nullable
            FamilyBy by,

            @Size(min = 1, max = 255)
            @JsonPropertyDescription("The property's name, such as image_family or os_version.")
            @Nullable
            String property) {}

    /** What makes a family. */
    public enum FamilyBy {
        Name,
        Property
    }

    /** What orders the images of a family. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ImageOrder(
            @Required
            @Size(min = 1, max = 255)
            @JsonPropertyDescription("The property's name, such as image_build_date or internal_version.")
            @Nullable
            String property,

            @Required
            @JsonPropertyDescription(
                    "How its values are read. Date: 2027-01-31, 20270131, or a time as RFC 3339 has it. Number: 42 or 4.2."
                            + " Version: numbers with dots or - between them, such as 22.04.3 or v20270131-1. An image whose"
                            + " value can't be read is left out, and named in the status.")
            @Nullable
            OrderType type) {}

    /** How the values of a property are read. */
    public enum OrderType {
        Date,
        Number,
        Version
    }

    /** How images leave the set that it no longer means. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SetOptions(
            @Default("25%")
            @Size(max = 10)
            @ValidationRule(
                    value = "type(self) == int ? self >= 0 && self <= 999999999 : self.matches('^(100|[0-9]{1,2})%$')",
                    message =
                            "spec.managedOptions.maxRemovals must be a number of ImageShares, such as 5, or a percentage"
                                    + " from 0% to 100%, such as \"25%\"")
            @JsonPropertyDescription(
                    "How many of its ImageShares the set may delete at once without a person's approval, because filter,"
                            + " family, clouds or images changed: a number, or a percentage (rounded up). More are held, all"
                            + " of them, until they are approved. 0: all are held. Those that retire as planned, and those"
                            + " whose image was deleted, don't count.")
            @JsonDeserialize(converter = AnyIntOrString.class)
            IntOrString maxRemovals) {

        public static final SetOptions DEFAULTS = new SetOptions(new IntOrString("25%"));

        public SetOptions {
            maxRemovals = maxRemovals == null ? new IntOrString("25%") : maxRemovals;
        }
    }

    /** What each ImageShare is made of. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ShareTemplate(
            @JsonPropertyDescription("Labels and annotations of the ImageShares.") @Nullable
            TemplateMetadata metadata,

            @Required @JsonPropertyDescription("Their spec, without image and cloudCredentialsRef.") @Nullable
            TemplateSpec spec) {}

    /** Labels and annotations of the ImageShares that a set makes. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TemplateMetadata(
            @Size(max = 32)
            @ValidationRule(
                    value =
                            "self.all(key, !key.contains('imageshare.dev/') && !key.contains('kubectl.kubernetes.io/'))",
                    message =
                            "spec.template.metadata.labels can't have keys of imageshare.dev or kubectl.kubernetes.io")
            @JsonPropertyDescription("Labels that each ImageShare has, beside imageshare.dev/image-share-set.")
            @Nullable
            Map<String, @Size(max = 63) String> labels,

            @Size(max = 32)
            @ValidationRule(
                    value =
                            "self.all(key, !key.contains('imageshare.dev/') && !key.contains('kubectl.kubernetes.io/'))",
                    message =
                            "spec.template.metadata.annotations can't have keys of imageshare.dev or kubectl.kubernetes.io")
            @JsonPropertyDescription(
                    "Annotations that each ImageShare has. One that is taken out here stays on those that have it.")
            @Nullable
            Map<String, @Size(max = 4096) String> annotations) {
        public TemplateMetadata {
            labels = ordered(labels);
            annotations = ordered(annotations);
        }
    }

    /** An ImageShare's spec without what differs from image to image. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "(has(self.members) ? size(self.members) : 0) + (has(self.projectRefs) ? size(self.projectRefs) : 0) <= 1000",
            message = "spec.template.spec.members and projectRefs may name at most 1,000 projects together")
    @ValidationRule(
            value = "has(self.members) || has(self.projectRefs) || has(self.projectSetRefs)",
            message =
                    "spec.template.spec needs members, projectRefs or projectSetRefs; write members: [] for no member")
    public record TemplateSpec(
            @Size(max = 1000)
            @JsonPropertyDescription(
                    "As an ImageShare's spec.members: the projects that shall be members of each image.")
            @Nullable
            List<DeclaredMember> members,

            @Size(max = 1000)
            @JsonPropertyDescription("As an ImageShare's spec.projectRefs: ORC Projects of this namespace.")
            @Nullable
            List<ProjectReference> projectRefs,

            @Size(max = 16)
            @JsonPropertyDescription("As an ImageShare's spec.projectSetRefs: ProjectSets of this namespace.")
            @Nullable
            List<ProjectSetReference> projectSetRefs,

            @Default("Authoritative") @JsonPropertyDescription("As an ImageShare's spec.membershipPolicy.")
            MembershipPolicy membershipPolicy,

            @Default("managed") @JsonPropertyDescription("As an ImageShare's spec.managementPolicy.")
            ManagementPolicy managementPolicy,

            @Default("{}")
            @JsonPropertyDescription("As an ImageShare's spec.managedOptions: of the members of one image.")
            ManagedOptions managedOptions,

            @Default("10m")
            @Size(min = 2, max = 32)
            @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
            @ValidationRule(
                    value = "duration(self) == duration('0s') || duration(self) >= duration('1s')",
                    message = "spec.template.spec.resyncPeriod must be 0s or at least 1s, for example 10m")
            @JsonPropertyDescription("As an ImageShare's spec.resyncPeriod.")
            String resyncPeriod,

            @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonPropertyDescription("As an ImageShare's spec.suspend.")
            boolean suspend) {
        public TemplateSpec {
            members = members == null ? null : List.copyOf(members);
            projectRefs = projectRefs == null ? null : List.copyOf(projectRefs);
            projectSetRefs = projectSetRefs == null ? null : List.copyOf(projectSetRefs);
            membershipPolicy = membershipPolicy == null ? MembershipPolicy.Authoritative : membershipPolicy;
            managementPolicy = managementPolicy == null ? ManagementPolicy.managed : managementPolicy;
            managedOptions = managedOptions == null ? ManagedOptions.DEFAULTS : managedOptions;
            resyncPeriod = resyncPeriod == null ? ImageShareSpec.DEFAULT_RESYNC_PERIOD : resyncPeriod;
        }

        /** The spec of the ImageShare of one image. */
        public ImageShareSpec of(@Nullable CloudCredentialsRef credentials, @Nullable ImageReference image) {
            return new ImageShareSpec(
                    credentials,
                    image,
                    members,
                    projectRefs,
                    projectSetRefs,
                    membershipPolicy,
                    managementPolicy,
                    managedOptions,
                    resyncPeriod,
                    suspend);
        }
    }

    private static @Nullable Map<String, String> ordered(@Nullable Map<String, String> map) {
        return map == null ? null : Collections.unmodifiableMap(new TreeMap<>(map));
    }
}
