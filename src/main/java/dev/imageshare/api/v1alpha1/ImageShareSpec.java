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
 * What an {@link ImageShare} wants. Absent optional fields read as their defaults, as a server that knows the CRD would
 * have filled them in; absent required ones stay null and are for the reconciler to refuse.
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
                "Where the credentials of the image's owner are: an entry of a clouds.yaml in a Secret of this"
                        + " namespace.")
        @Nullable
        CloudCredentialsRef cloudCredentialsRef,

        @Required
        @ValidationRule(
                value = "self == oldSelf",
                message = "spec.image can't be changed: another image is another object. Create a new ImageShare for it"
                        + " first, then delete this one")
        @JsonPropertyDescription("The image to share: by id, by a filter, or by reference. It can't be changed.")
        @Nullable
        ImageReference image,

        @Size(max = 1000)
        @JsonPropertyDescription(
                "The projects that shall be members of the image; may be empty ([]). Each names a project once. The"
                        + " image's owner needs no entry. May be missing where projectRefs or projectSetRefs is there.")
        @Nullable
        List<DeclaredMember> members,

        @Size(max = 1000)
        @JsonPropertyDescription(
                "More projects that shall be members, by the names of openstack-resource-controller (ORC) Projects in this"
                        + " namespace; their status.id is taken. While one can't be resolved, no member is removed. Together"
                        + " with members at most 1,000.")
        @Nullable
        List<ProjectReference> projectRefs,

        @Size(max = 16)
        @JsonPropertyDescription(
                "More projects that shall be members: those of ProjectSets of this namespace, followed as the sets change."
                        + " While a set is missing, going or incomplete, no member is removed.")
        @Nullable
        List<ProjectSetReference> projectSetRefs,

        @Default("Authoritative")
        @JsonPropertyDescription(
                "Authoritative: members that are not declared here are removed. Additive: only members that this object"
                        + " added itself are ever removed.")
        MembershipPolicy membershipPolicy,

        @Default("managed")
        @JsonPropertyDescription(
                "managed: the member list is kept as declared. unmanaged: nothing is written to OpenStack;"
                        + " status.plan reports what managed would do.")
        ManagementPolicy managementPolicy,

        @Default("{}") @JsonPropertyDescription("How managed members are treated.")
        ManagedOptions managedOptions,

        @Default("10m")
        @Size(min = 2, max = 32)
        @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
        @ValidationRule(
                value = "duration(self) == duration('0s') || duration(self) >= duration('1s')",
                message = "spec.resyncPeriod must be 0s or at least 1s, for example 10m")
        @JsonPropertyDescription(
                "How often an object that is in order is compared with the image's member list again, such as 10m or"
                        + " 1h30m; up to 20% is added at random. 0s: only when the object changes, and once an hour.")
        String resyncPeriod,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        @JsonPropertyDescription(
                "true: nothing is written to OpenStack until this is false again. The image and its members are still read"
                        + " and reported, status.plan says what would be done, what the status remembers is kept, and a"
                        + " deletion waits.")
        boolean suspend) {

    public static final String DEFAULT_RESYNC_PERIOD = "10m";

    /** A spec without ProjectSets that isn't suspended. */
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

    /** The longest name of an object, and the form of one: an RFC 1123 subdomain. */
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
            @JsonPropertyDescription("The image's ID, a UUID in lower case, as 'openstack image show -c id' prints it.")
            @Nullable
            String id,

            @JsonPropertyDescription(
                    "Finds the image among those that the project of the credentials owns. Exactly one must match. It is"
                            + " resolved once; the ID found is kept in status.image.id until that image is deleted.")
            @Nullable
            ImageFilter filter,

            @Size(min = 1, max = MAX_OBJECT_NAME)
            @Pattern(OBJECT_NAME)
            @JsonPropertyDescription(
                    "The name of an openstack-resource-controller (ORC) Image in this namespace; its status.id is taken"
                            + " once it is there, and kept in status.image.id until that image is deleted.")
            @Nullable
            String ref) {}

    /** All that is given must match exactly; at least one of the two is given. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.name) || (has(self.tags) && size(self.tags) > 0)",
            message = "spec.image.filter needs a name or at least one tag")
    public record ImageFilter(
            @Size(min = 1, max = 255)
            @JsonPropertyDescription("The image's name, exactly; case counts and there are no wildcards.")
            @Nullable
            String name,

            @Size(max = 64) @JsonPropertyDescription("Tags that the image has, all of them.") @Nullable
            List<@Size(min = 1, max = 255) String> tags) {
        public ImageFilter {
            tags = tags == null ? null : List.copyOf(tags);
        }
    }

    /** One project that shall be a member. */
    public record DeclaredMember(
            @Required
            @Size(min = 1, max = 255)
            @Pattern("^[A-Za-z0-9_:-][A-Za-z0-9._:-]*$")
            @JsonPropertyDescription(
                    "The project's ID, as 'openstack project show -c id' prints it: 32 or 64 hexadecimal digits. Not its"
                            + " name: Glance stores a name without complaint, and nobody gets the image.")
            @Nullable
            String projectID,

            @Size(max = 35)
            @Pattern(TIME)
            @JsonPropertyDescription(
                    "Until when it shall be a member (RFC 3339, such as 2027-01-31T00:00:00Z). From then on it is not declared,"
                            + " and is removed without approval if the operator saw this time while it was still to come."
                            + " Absent: for good.")
            @Nullable
            String expiresAt) {

        /** A member for good. */
        public DeclaredMember(@Nullable String projectID) {
            this(projectID, null);
        }
    }

    /** A time as RFC 3339 has it. */
    public static final String TIME =
            "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
                    + "(\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

    /** One ORC Project whose project shall be a member. */
    public record ProjectReference(
            @Required
            @Size(min = 1, max = MAX_OBJECT_NAME)
            @Pattern(OBJECT_NAME)
            @JsonPropertyDescription(
                    "The name of an openstack-resource-controller (ORC) Project in this namespace: metadata.name, not the"
                            + " project's name in Keystone.")
            @Nullable
            String name) {}

    /** One ProjectSet whose projects shall be members. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ProjectSetReference(
            @Required
            @Size(min = 1, max = MAX_OBJECT_NAME)
            @Pattern(OBJECT_NAME)
            @JsonPropertyDescription("The name of a ProjectSet in this namespace.")
            @Nullable
            String name,

            @Size(max = 1000)
            @JsonPropertyDescription("Projects of the set that shall not be members of this image.")
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
                    "What happens to the members when this object is deleted. delete: those that it declares or added are"
                            + " removed. detach: all keep their access.")
            OnDelete onDelete,

            @Default("25%")
            @Size(max = 10)
            @ValidationRule(
                    value = "type(self) == int ? self >= 0 && self <= 999999999 : self.matches('^(100|[0-9]{1,2})%$')",
                    message = "spec.managedOptions.maxRemovals must be a number of members, such as 5, or a percentage"
                            + " from 0% to 100%, such as \"25%\"")
            @JsonPropertyDescription(
                    "How many members one pass may remove without a person's approval: a number, or a percentage (rounded"
                            + " up) of the present members that this object may remove. More are held, all of them, until"
                            + " they are approved. 0: every removal is held.")
            @JsonDeserialize(converter = AnyIntOrString.class)
            IntOrString maxRemovals) {

        public static final ManagedOptions DEFAULTS = new ManagedOptions(OnDelete.delete, new IntOrString("25%"));

        public ManagedOptions {
            onDelete = onDelete == null ? OnDelete.delete : onDelete;
            maxRemovals = maxRemovals == null ? new IntOrString("25%") : maxRemovals;
        }
    }

    /** What becomes of the members when the object goes. */
    public enum OnDelete {
        delete,
        detach
    }
}
