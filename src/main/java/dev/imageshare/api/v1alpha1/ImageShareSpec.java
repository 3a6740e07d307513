package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The desired state of an {@link ImageShare}. Absent optional fields read as their defaults, as an API server with the CRD
 * would set them. Absent required fields stay null, and the reconciler rejects them.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value =
                "(has(self.members) ? size(self.members) : 0) + (has(self.projectRefs) ? size(self.projectRefs) : 0) <= 1000",
        message = "spec.members and spec.projectRefs may name at most 1,000 projects together")
@ValidationRule(
        value = "has(self.members) || has(self.projectRefs) || has(self.projectSetRefs)",
        message = "spec needs members, projectRefs or projectSetRefs; write members: [] for no member")
public record ImageShareSpec(
        @Required
        @JsonPropertyDescription(
                "The credentials of the image's owner: an entry of a clouds.yaml in a Secret in this namespace.")
        @Nullable
        CloudCredentialsRef cloudCredentialsRef,

        @Required
        @ValidationRule(
                value = "self == oldSelf",
                message = "spec.image can't be changed: another image is another object. Create a new ImageShare for it"
                        + " first, then delete this one")
        @JsonPropertyDescription("The image to share, by id, by a filter, or by reference. Immutable.")
        @Nullable
        ImageReference image,

        @Size(max = 1000)
        @JsonPropertyDescription(
                "The projects that should be members of the image; may be empty ([]). List each project once. The"
                        + " image's owner needs no entry. Optional if projectRefs or projectSetRefs is set.")
        @Nullable
        List<DeclaredMember> members,

        @Size(max = 1000)
        @JsonPropertyDescription(
                "More projects that should be members, by the names of openstack-resource-controller (ORC) Projects"
                        + " in this namespace; their status.id is used. While a reference can't be resolved, no"
                        + " member is removed. At most 1,000 together with members.")
        @Nullable
        List<ProjectReference> projectRefs,

        @Size(max = 16)
        @JsonPropertyDescription(
                "More projects that should be members: those of ProjectSets in this namespace. Changes of the sets"
                        + " are followed. While a set is missing, being deleted or incomplete, no member is removed.")
        @Nullable
        List<ProjectSetReference> projectSetRefs,

        @Default("Authoritative")
        @JsonPropertyDescription(
                "Authoritative: members that aren't declared here are removed. Additive: only members that this"
                        + " object added itself are removed.")
        MembershipPolicy membershipPolicy,

        @Default("managed")
        @JsonPropertyDescription(
                "managed: the member list is kept as declared. unmanaged: nothing is written to OpenStack;"
                        + " status.plan shows what managed would do.")
        ManagementPolicy managementPolicy,

        @Default("{}") @JsonPropertyDescription("Options of managementPolicy managed.")
        ManagedOptions managedOptions,

        @Default("10m")
        @Size(min = 2, max = 32)
        @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
        @ValidationRule(
                value = "duration(self) == duration('0s') || duration(self) >= duration('1s')",
                message = "spec.resyncPeriod must be 0s or at least 1s, for example 10m")
        @JsonPropertyDescription(
                "How often an object that is in sync is compared with the image's member list, such as 10m or 1h30m;"
                        + " up to 20% is added at random. 0s: only when the object changes, and once an hour.")
        String resyncPeriod,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        @JsonPropertyDescription(
                "true: nothing is written to OpenStack until this is false again. The image and its members are"
                        + " still read and reported, status.plan shows what would be done, recorded state in the"
                        + " status is kept, and a deletion waits.")
        boolean suspend) {

    public static final String DEFAULT_RESYNC_PERIOD = "10m";

    /** A spec without ProjectSets, not suspended. */
    public ImageShareSpec(
            @Nullable CloudCredentialsRef cloudCredentialsRef,
            @Nullable ImageReference image,
            @Nullable List<DeclaredMember> members,
            @Nullable List<ProjectReference> projectRefs,
            MembershipPolicy membershipPolicy,
            ManagementPolicy managementPolicy,
            ManagedOptions managedOptions,
            String resyncPeriod) {
        this(
                cloudCredentialsRef,
                image,
                members,
                projectRefs,
                null,
                membershipPolicy,
                managementPolicy,
                managedOptions,
                resyncPeriod,
                false);
    }

    public ImageShareSpec {
        members = members == null ? null : List.copyOf(members);
        projectRefs = projectRefs == null ? null : List.copyOf(projectRefs);
        projectSetRefs = projectSetRefs == null ? null : List.copyOf(projectSetRefs);
        membershipPolicy = membershipPolicy == null ? MembershipPolicy.Authoritative : membershipPolicy;
        managementPolicy = managementPolicy == null ? ManagementPolicy.managed : managementPolicy;
        managedOptions = managedOptions == null ? ManagedOptions.DEFAULTS : managedOptions;
        resyncPeriod = resyncPeriod == null ? DEFAULT_RESYNC_PERIOD : resyncPeriod;
    }

    /** The maximum length of an object's name. Its format is an RFC 1123 subdomain. */
    public static final int MAX_OBJECT_NAME = 253;

    public static final String OBJECT_NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    /** Exactly one of {@code id}, {@code filter} and {@code ref}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "[has(self.id), has(self.filter), has(self.ref)].filter(given, given).size() == 1",
            message = "spec.image needs exactly one of id, filter and ref")
    public record ImageReference(
            @Size(min = 36, max = 36)
            @Pattern("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
            @JsonPropertyDescription("The image's ID, a lowercase UUID, as printed by 'openstack image show -c id'.")
            @Nullable
            String id,

            @JsonPropertyDescription(
                    "Finds the image among those owned by the credentials' project. Exactly one must match. The"
                            + " filter is resolved once; the ID found is kept in status.image.id until that image is"
                            + " deleted.")
            @Nullable
            ImageFilter filter,

            @Size(min = 1, max = MAX_OBJECT_NAME)
            @Pattern(OBJECT_NAME)
            @JsonPropertyDescription(
                    "The name of an openstack-resource-controller (ORC) Image in this namespace. Its status.id is"
                            + " used once it is set, and kept in status.image.id until that image is deleted.")
            @Nullable
            String ref) {}

    /** Everything that is set must match exactly; at least one of the two is set. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.name) || (has(self.tags) && size(self.tags) > 0)",
            message = "spec.image.filter needs a name or at least one tag")
    public record ImageFilter(
            @Size(min = 1, max = 255)
            @JsonPropertyDescription("The image's exact name, case-sensitive, without wildcards.")
            @Nullable
            String name,

            @Size(max = 64) @JsonPropertyDescription("Tags that the image must have, all of them.") @Nullable
            List<@Size(min = 1, max = 255) String> tags) {
        public ImageFilter {
            tags = tags == null ? null : List.copyOf(tags);
        }
    }

    /** One project that should be a member. */
    public record DeclaredMember(
            @Required
            @Size(min = 1, max = 255)
            @Pattern("^[A-Za-z0-9_:-][A-Za-z0-9._:-]*$")
            @JsonPropertyDescription(
                    "The project's ID, as printed by 'openstack project show -c id': 32 or 64 hexadecimal digits."
                            + " Not its name: Glance accepts a name without an error, but nobody gets the image.")
            @Nullable
            String projectID,

            @Size(max = 35)
            @Pattern(TIME)
            @JsonPropertyDescription(
                    "When its membership expires (RFC 3339, such as 2027-01-31T00:00:00Z). From then on it is not"
                            + " declared, and is removed without approval if the operator saw this time before it"
                            + " passed. Absent: never.")
            @Nullable
            String expiresAt) {

        /** A member without an expiry. */
        public DeclaredMember(@Nullable String projectID) {
            this(projectID, null);
        }
    }

    /** The format of a time, RFC 3339. */
    public static final String TIME =
            "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
                    + "(\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

    /** One ORC Project whose project should be a member. */
    public record ProjectReference(
            @Required
            @Size(min = 1, max = MAX_OBJECT_NAME)
            @Pattern(OBJECT_NAME)
            @JsonPropertyDescription(
                    "The name of an openstack-resource-controller (ORC) Project in this namespace: metadata.name, not the"
                            + " project's name in Keystone.")
            @Nullable
            String name) {}

    /** One ProjectSet whose projects should be members. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ProjectSetReference(
            @Required
            @Size(min = 1, max = MAX_OBJECT_NAME)
            @Pattern(OBJECT_NAME)
            @JsonPropertyDescription("The name of a ProjectSet in this namespace.")
            @Nullable
            String name,

            @Size(max = 1000)
            @JsonPropertyDescription("Projects of the set that should not be members of this image.")
            @Nullable
            List<@Size(min = 1, max = 255) @Pattern("^[A-Za-z0-9_:-][A-Za-z0-9._:-]*$") String> except) {
        public ProjectSetReference {
            except = except == null ? null : List.copyOf(except);
        }
    }

    /** Whether members that aren't declared are removed. */
    public enum MembershipPolicy {
        Authoritative,
        Additive
    }

    /** Options of {@code managementPolicy: managed}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ManagedOptions(
            @Default("delete")
            @JsonPropertyDescription(
                    "What happens to the members when this object is deleted. delete: those that it declares or"
                            + " added are removed. detach: all members keep their access.")
            OnDelete onDelete,

            @Default("25%")
            @Size(max = 10)
            @ValidationRule(
                    value = "type(self) == int ? self >= 0 && self <= 999999999 : self.matches('^(100|[0-9]{1,2})%$')",
                    message = "spec.managedOptions.maxRemovals must be a number of members, such as 5, or a percentage"
                            + " from 0% to 100%, such as \"25%\"")
            @JsonPropertyDescription(
                    "How many members one pass may remove without approval: a number, or a percentage (rounded up)"
                            + " of the present members that this object may remove. If there are more, all removals"
                            + " are held until they are approved. 0: every removal is held.")
            @JsonDeserialize(converter = AnyIntOrString.class)
            IntOrString maxRemovals) {

        public static final ManagedOptions DEFAULTS = new ManagedOptions(OnDelete.delete, new IntOrString("25%"));

        public ManagedOptions {
            onDelete = onDelete == null ? OnDelete.delete : onDelete;
            maxRemovals = maxRemovals == null ? new IntOrString("25%") : maxRemovals;
        }
    }

    /** What happens to the members when the object is deleted. */
    public enum OnDelete {
        delete,
        detach
    }
}
