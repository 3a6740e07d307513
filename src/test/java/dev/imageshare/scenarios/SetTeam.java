package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.LeaveOptions;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectEntry;
import dev.imageshare.api.v1alpha1.ProjectSetSpec.ProjectSelector;
import dev.imageshare.api.v1alpha1.ProjectSetStatus.SetProject;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A namespace with the ProjectSet {@code consumers}, and what its people do with it. */
final class SetTeam {

    static final String SET = "consumers";

    private static final Pattern APPROVAL = Pattern.compile("imageshare\\.dev/approve-removals=([a-z0-9]+)");

    final Namespace namespace;

    /** @param directory a clouds.yaml with the entry {@code directory} */
    SetTeam(World world, String directory) {
        namespace = new Namespace(world);
        directory(directory);
    }

    /** Other credentials in the set's Secret. */
    void directory(String yaml) {
        namespace.secret("directory", Map.of("clouds.yaml", yaml));
    }

    static List<ProjectEntry> byHand(String... ids) {
        return List.of(ids).stream().map(id -> new ProjectEntry(id, null, null)).toList();
    }

    /** Keystone is read every second, and who is absent for two seconds may leave. */
    static ProjectSetSpec spec(
            List<ProjectEntry> projects, List<ProjectSelector> selectors, List<String> exclude, String maxRemovals) {
        return new ProjectSetSpec(
                new CloudCredentialsRef("directory", "directory"),
                projects,
                selectors,
                exclude,
                new LeaveOptions("2s", new IntOrString(maxRemovals)),
                "1s",
                false);
    }

    void declare(ProjectSetSpec spec) {
        if (at().get() == null) {
            var set = new ProjectSet();
            set.getMetadata().setName(SET);
            set.getMetadata().setNamespace(namespace.name);
            set.setSpec(spec);
            namespace.client.resource(set).create();
        } else {
            Namespace.update(namespace.client, at(), set -> set.setSpec(spec));
        }
    }

    /** While it is suspended, nobody joins or leaves. */
    void suspend(boolean suspend) {
        var spec = get().getSpec();
        declare(new ProjectSetSpec(
                spec.cloudCredentialsRef(),
                spec.projects(),
                spec.selectors(),
                spec.exclude(),
                spec.managedOptions(),
                spec.resyncPeriod(),
                suspend));
        if (suspend) {
            awaitReason(Reason.Suspended);
        }
    }

    Resource<ProjectSet> at() {
        return namespace
                .client
                .resources(ProjectSet.class)
                .inNamespace(namespace.name)
                .withName(SET);
    }

    ProjectSet get() {
        return at().get();
    }

    static Condition ready(ProjectSet set) {
        assertThat(set.getStatus()).as("status").isNotNull();
        return Conditions.find(set.getStatus().conditions(), Conditions.READY).orElseThrow();
    }

    static List<String> ids(ProjectSet set) {
        assertThat(set.getStatus()).as("status").isNotNull();
        return set.getStatus().projects().stream().map(SetProject::projectID).toList();
    }

    /** Waits for this reason at the set's newest generation. */
    ProjectSet awaitReason(Reason reason) {
        Namespace.eventually(() -> {
            var set = get();
            var ready = ready(set);
            assertThat(ready.reason()).as(ready.message()).isEqualTo(reason.name());
            assertThat(ready.observedGeneration()).isEqualTo(set.getMetadata().getGeneration());
        });
        return get();
    }

    /** Waits until just these are in the set. */
    ProjectSet awaitProjects(Collection<String> ids) {
        Namespace.eventually(
                () -> assertThat(ids(get())).as(() -> ready(get()).message()).containsExactlyInAnyOrderElementsOf(ids));
        return get();
    }

    /** Does what the message of the held set says. */
    void approve() {
        var matcher = APPROVAL.matcher(ready(get()).message());
        assertThat(matcher.find()).isTrue();
        Namespace.update(namespace.client, at(), set -> {
            var annotations = new HashMap<String, String>();
            if (set.getMetadata().getAnnotations() != null) {
                annotations.putAll(set.getMetadata().getAnnotations());
            }
            annotations.put(ImageShare.APPROVE_REMOVALS, matcher.group(1));
            set.getMetadata().setAnnotations(annotations);
        });
    }
}
