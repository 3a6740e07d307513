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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ProjectSet} wants. Absent optional fields read as their defaults; absent required ones stay null and are
 * for the reconciler to refuse.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.projects) || has(self.selectors) || has(self.requests)",
        message = "spec needs projects, selectors or requests; write projects: [] for a set without projects")
@ValidationRule(
        value = "!has(self.selectors) || size(self.selectors) == 0 || has(self.cloudCredentialsRef)",
        message = "spec.selectors needs spec.cloudCredentialsRef: the set's cloud")
@ValidationRule(
        value = "!has(self.requests) || has(self.cloudCredentialsRef)",
        message = "spec.requests needs spec.cloudCredentialsRef: the set's cloud")
public record ProjectSetSpec(
        @JsonPropertyDescription(
                "The set's cloud, and who reads the projects there: an entry of a clouds.yaml in a Secret of this namespace."
                        + " Required with selectors and with requests. Only lists are read with it; nothing is written.")
        @Nullable
        CloudCredentialsRef cloudCredentialsRef,

        @Size(max = 1000)
        @JsonPropertyDescription("Projects that are in the set by hand. Each is named once.")
        @Nullable
        List<ProjectEntry> projects,

        @Size(max = 8)
        @JsonPropertyDescription(
                "Projects as Keystone lists them, followed as they come and go. A project is in the set if any selector"
                        + " matches it.")
        @Nullable
        List<ProjectSelector> selectors,

        @Size(max = 1000)
        @JsonPropertyDescription("Project IDs that are not in the set, whatever projects and selectors say.")
        @Nullable
        List<@Size(min = 1, max = 255) @Pattern(ProjectSetSpec.PROJECT_ID) String> exclude,

        @Default("{}") @JsonPropertyDescription("How projects leave the set.")
        LeaveOptions managedOptions,

        @JsonPropertyDescription(
                "Who may ask for a place in the set, with an ImageAccessRequest in a namespace of their own. Missing: nobody."
                        + " Needs the kinds ImageAccessRequest and ImageAccessDecision.")
        @Nullable
        RequestPolicy requests,

        @Default("30m")
        @Size(min = 2, max = 32)
        @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
        @ValidationRule(
                value = "duration(self) == duration('0s') || duration(self) >= duration('1s')",
                message = "spec.resyncPeriod must be 0s or at least 1s, for example 30m")
        @JsonPropertyDescription(
                "How often Keystone is asked when all is in order, such as 30m or 1h30m; up to 20% is added at random. 0s:"
                        + " only when the object changes, and once an hour.")
        String resyncPeriod,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        @JsonPropertyDescription(
                "true: nobody joins or leaves the set until this is false again. Keystone is still read, and the status says"
                        + " what would change.")
        boolean suspend) {

    public static final String DEFAULT_RESYNC_PERIOD = "30m";

    static final String PROJECT_ID = "^[A-Za-z0-9_:-][A-Za-z0-9._:-]*$";

    /** A spec by which nobody can ask. */
    public ProjectSetSpec(
            @Nullable CloudCredentialsRef cloudCredentialsRef,
            @Nullable List<ProjectEntry> projects,
            @Nullable List<ProjectSelector> selectors,
            @Nullable List<String> exclude,
            LeaveOptions managedOptions,
            String resyncPeriod,
            boolean suspend) {
        this(cloudCredentialsRef, projects, selectors, exclude, managedOptions, null, resyncPeriod, suspend);
    }

    public ProjectSetSpec {
        projects = projects == null ? null : List.copyOf(projects);
        selectors = selectors == null ? null : List.copyOf(selectors);
        exclude = exclude == null ? null : List.copyOf(exclude);
        managedOptions = managedOptions == null ? LeaveOptions.DEFAULTS : managedOptions;
        resyncPeriod = resyncPeriod == null ? DEFAULT_RESYNC_PERIOD : resyncPeriod;
    }

    /** One project by hand. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ProjectEntry(
            @Required
            @Size(min = 1, max = 255)
            @Pattern(PROJECT_ID)
            @JsonPropertyDescription("The project's ID, as 'openstack project show -c id' prints it; not its name.")
            @Nullable
            String projectID,

            @Size(min = 1, max = 255)
            @JsonPropertyDescription(
                    "What people call the project; shown in reports and messages, and not compared with" + " anything.")
            @Nullable
            String name,

            @Size(min = 20, max = 40)
            @Pattern(
                    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$")
            @JsonPropertyDescription(
                    "From this second on this entry no longer counts (RFC 3339, such as 2027-01-31T00:00:00Z). If the operator"
                            + " saw it while it was still to come, the project then leaves without approval.")
            @Nullable
            String expiresAt) {}

    /** One list of Keystone's projects. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "[has(self.domain), has(self.parent), has(self.assigned)].filter(given, given).size() == 1",
            message = "a selector needs exactly one of domain, parent and assigned")
    @ValidationRule(
            value = "!has(self.parent) || !has(self.filter)",
            message = "a selector with parent can't have a filter: Keystone lists only IDs there")
    public record ProjectSelector(
            @Required
            @Size(min = 1, max = 63)
            @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
            @JsonPropertyDescription("A name of your choice, by which the status refers to this selector.")
            @Nullable
            String name,

            @JsonPropertyDescription("The projects of a domain. Needs a role on that domain, such as reader.") @Nullable
            DomainSelector domain,

            @JsonPropertyDescription(
                    "All projects below a project, at any depth. The project's own application credential may read them.")
            @Nullable
            ParentSelector parent,

            @JsonPropertyDescription("All projects that the user of the credentials has a role on.") @Nullable
            AssignedSelector assigned,

            @JsonPropertyDescription("Which of these projects; all of them if it is missing. Not with parent.")
            @Nullable
            SelectorFilter filter,

            @JsonPropertyDescription("Another reader of the set's cloud; spec.cloudCredentialsRef if it is missing.")
            @Nullable
            CloudCredentialsRef cloudCredentialsRef) {}

    /** A domain of Keystone. */
    public record DomainSelector(
            @Required
            @Size(min = 1, max = 255)
            @Pattern(PROJECT_ID)
            @JsonPropertyDescription("The domain's ID, as 'openstack domain show -c id' prints it.")
            @Nullable
            String id) {}

    /** A project that has projects below it. */
    public record ParentSelector(
            @Required
            @Size(min = 1, max = 255)
            @Pattern(PROJECT_ID)
            @JsonPropertyDescription("The ID of the project; it is not itself in the set.")
            @Nullable
            String projectID) {}

    /** What the user of the credentials may use; there is nothing to say about it. */
    public record AssignedSelector() {}

    /** All that is given must match. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "has(self.enabled) || has(self.tags) || has(self.tagsAny) || has(self.notTags) || has(self.notTagsAny) || has(self.namePattern)",
            message = "a selector's filter must say something; leave it out for all projects")
    public record SelectorFilter(
            @JsonPropertyDescription("Whether the project is enabled. Missing: both.") @Nullable
            Boolean enabled,

            @Size(min = 1, max = 64) @JsonPropertyDescription("Tags that the project has, all of them.") @Nullable
            List<@Size(min = 1, max = 255) String> tags,

            @Size(min = 1, max = 64) @JsonPropertyDescription("Tags of which the project has at least one.") @Nullable
            List<@Size(min = 1, max = 255) String> tagsAny,

            @Size(min = 1, max = 64) @JsonPropertyDescription("Tags of which the project lacks at least one.") @Nullable
            List<@Size(min = 1, max = 255) String> notTags,

            @Size(min = 1, max = 64) @JsonPropertyDescription("Tags of which the project has none.") @Nullable
            List<@Size(min = 1, max = 255) String> notTagsAny,

            @Size(min = 1, max = 255)
            @JsonPropertyDescription(
                    "The project's whole name; * stands for any characters or none, ? for one, nothing else is special."
                            + " Case counts.")
            @Nullable
            String namePattern) {
        public SelectorFilter {
            tags = tags == null ? null : List.copyOf(tags);
            tagsAny = tagsAny == null ? null : List.copyOf(tagsAny);
            notTags = notTags == null ? null : List.copyOf(notTags);
            notTagsAny = notTagsAny == null ? null : List.copyOf(notTagsAny);
        }
    }

    /** How projects leave. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record LeaveOptions(
            @Default("24h")
            @Size(min = 2, max = 32)
            @Pattern("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$")
            @ValidationRule(
                    value = "duration(self) >= duration('1s')",
                    message = "spec.managedOptions.absentFor must be at least 1s, for example 24h")
            @JsonPropertyDescription(
                    "How long a project stays in the set after a selector's list no longer has it. It leaves when a second"
                            + " complete list, at least this much later, doesn't have it either.")
            String absentFor,

            @Default("25%")
            @Size(max = 10)
            @ValidationRule(
                    value = "type(self) == int ? self >= 0 && self <= 999999999 : self.matches('^(100|[0-9]{1,2})%$')",
                    message = "spec.managedOptions.maxRemovals must be a number of projects, such as 5, or a percentage"
                            + " from 0% to 100%, such as \"25%\"")
            @JsonPropertyDescription(
                    "How many projects may leave at once without a person's approval: a number, or a percentage (rounded up)"
                            + " of the set. More are held, all of them, until they are approved. 0: all are held.")
            @JsonDeserialize(converter = AnyIntOrString.class)
            IntOrString maxRemovals) {

        public static final String DEFAULT_ABSENT_FOR = "24h";

        public static final LeaveOptions DEFAULTS = new LeaveOptions(DEFAULT_ABSENT_FOR, new IntOrString("25%"));

        public LeaveOptions {
            absentFor = absentFor == null ? DEFAULT_ABSENT_FOR : absentFor;
            maxRemovals = maxRemovals == null ? new IntOrString("25%") : maxRemovals;
        }
    }

    /** Who may ask, and who decides. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RequestPolicy(
            @Required
            @Size(min = 1, max = 64)
            @JsonPropertyDescription("The namespaces from which requests are admitted: any of these.")
            @Nullable
            List<RequestOrigin> from,

            @Default("Manual")
            @JsonPropertyDescription(
                    "Manual: each request waits for an ImageAccessDecision in this namespace. Automatic: each admitted"
                            + " request is approved, unless a decision denies it.")
            ApprovalMode approval,

            @Size(min = 2, max = 32)
            @Pattern(ImageAccessRequestSpec.DURATION)
            @ValidationRule(
                    value = "duration(self) >= duration('1m')",
                    message = "spec.requests.maxDuration must be at least 1m, for example 4320h")
            @JsonPropertyDescription(
                    "How long an access lasts at most, such as 4320h for 180 days, counted from the decision, or with Automatic"
                            + " from the request. Missing: without end.")
            @Nullable
            String maxDuration) {
        public RequestPolicy {
            from = from == null ? null : List.copyOf(from);
            approval = approval == null ? ApprovalMode.Manual : approval;
        }
    }

    /** Namespaces from which requests are admitted. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.namespace) != has(self.namespaceSelector)",
            message = "an entry of spec.requests.from needs exactly one of namespace and namespaceSelector")
    public record RequestOrigin(
            @Size(min = 1, max = 63)
            @Pattern(ImageAccessRequestSpec.NAMESPACE)
            @JsonPropertyDescription("The name of one namespace.")
            @Nullable
            String namespace,

            @JsonPropertyDescription(
                    "All namespaces with these labels. Whoever may label a namespace admits it. Not in an installation for some"
                            + " namespaces only, which can't read labels of namespaces.")
            @Nullable
            NamespaceLabels namespaceSelector) {}

    /** Namespaces by their labels. */
    public record NamespaceLabels(
            @Required
            @Size(min = 1, max = 16)
            @JsonPropertyDescription("Labels that the namespace must have, all of them, each with this value.")
            @Nullable
            Map<String, @Size(max = 63) String> matchLabels) {
        public NamespaceLabels {
            matchLabels = matchLabels == null ? null : Map.copyOf(matchLabels);
        }
    }

    /** Who decides about requests. */
    public enum ApprovalMode {
        Manual,
        Automatic
    }
}
