package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareSpec.DeclaredMember;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageFilter;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ImageReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ManagedOptions;
import dev.imageshare.api.v1alpha1.ImageShareSpec.MembershipPolicy;
import dev.imageshare.api.v1alpha1.ImageShareSpec.OnDelete;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectReference;
import dev.imageshare.api.v1alpha1.ImageShareSpec.ProjectSetReference;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.ManagementPolicy;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** A team's namespace, and what its people do in it with kubectl. */
public final class Namespace {

    private static final Pattern APPROVAL = Pattern.compile("imageshare\\.dev/approve-removals=([a-z0-9-]+)");
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final KubernetesClient client;
    final String name;

    /** Makes a new one, with the Secret {@code clouds}. */
    Namespace(World world) {
        this(world.kubernetes(), world.openstack().cloudsYaml());
    }

    Namespace(KubernetesClient client, String cloudsYaml) {
        this.client = client;
        this.name = "team-" + UUID.randomUUID().toString().substring(0, 8);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        secret("clouds", Map.of("clouds.yaml", cloudsYaml));
    }

    /** A Secret with these texts. */
    public static Secret secretOf(String namespace, String secretName, Map<String, String> texts) {
        var secret = new SecretBuilder()
                .withNewMetadata()
                .withName(secretName)
                .withNamespace(namespace)
                .endMetadata();
        texts.forEach((key, text) ->
                secret.addToData(key, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
        return secret.build();
    }

    void secret(String secretName, Map<String, String> texts) {
        var secret = secretOf(name, secretName, texts);
        var existing = client.secrets().inNamespace(name).withName(secretName);
        if (existing.get() == null) {
            client.resource(secret).create();
        } else {
            existing.edit(s -> new SecretBuilder(s).withData(secret.getData()).build());
        }
    }

    /** The declaration of one image for the producer's cloud, looked at again every second. */
    ImageShare share(String shareName, String imageId, Collection<String> projects) {
        var share = new ImageShare();
        share.getMetadata().setName(shareName);
        share.getMetadata().setNamespace(name);
        share.setSpec(new ImageShareSpec(
                new CloudCredentialsRef("clouds", "producer"),
                new ImageReference(imageId, null, null),
                members(projects),
                null,
                null,
                null,
                null,
                "1s"));
        return share;
    }

    ImageShare share(String shareName, String imageId, String... projects) {
        return share(shareName, imageId, Arrays.asList(projects));
    }

    static List<DeclaredMember> members(Collection<String> projects) {
        return projects.stream().map(DeclaredMember::new).toList();
    }

    Resource<ImageShare> at(String shareName) {
        return client.resources(ImageShare.class).inNamespace(name).withName(shareName);
    }

    ImageShare create(ImageShare share) {
        return client.resource(share).create();
    }

    void edit(String shareName, UnaryOperator<ImageShareSpec> change) {
        update(shareName, share -> share.setSpec(change.apply(share.getSpec())));
    }

    private void update(String shareName, Consumer<ImageShare> change) {
        update(client, at(shareName), change);
    }

    /**
     * Edits an object as often as it takes, since the operator writes its status meanwhile. By PUT: Fabric8's patches leave
     * out empty lists, and an empty list of members is a wish.
     */
    static <T extends HasMetadata> void update(KubernetesClient client, Resource<T> at, Consumer<T> change) {
        while (true) {
            var object = at.get();
            change.accept(object);
            try {
                client.resource(object).update();
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() != 409) {
                    throw e;
                }
            }
        }
    }

    void declare(String shareName, Collection<String> projects) {
        edit(shareName, spec -> with(spec, members(projects)));
    }

    void annotate(String shareName, String key, String value) {
        update(shareName, share -> {
            if (share.getMetadata().getAnnotations() == null) {
                share.getMetadata().setAnnotations(new HashMap<>());
            }
            share.getMetadata().getAnnotations().put(key, value);
        });
    }

    /** Does what the held object's own message says. */
    void approve(String shareName) {
        assertThat(approveIfAsked(shareName)).isTrue();
    }

    /** Does what the object's own message says, if it asks for an approval. */
    boolean approveIfAsked(String shareName) {
        var matcher = APPROVAL.matcher(condition(at(shareName).get(), "Ready").message());
        var asked = matcher.find();
        if (asked) {
            annotate(shareName, ImageShare.APPROVE_REMOVALS, matcher.group(1));
        }
        return asked;
    }

    static Condition condition(ImageShare share, String type) {
        assertThat(share.getStatus()).as("status").isNotNull();
        return Conditions.find(share.getStatus().conditions(), type)
                .orElseThrow(() -> new AssertionError(
                        "no " + type + " in " + share.getStatus().conditions()));
    }

    /** Waits for this reason at the object's newest generation. */
    ImageShare awaitReason(String shareName, Reason reason) {
        eventually(() -> {
            var share = at(shareName).get();
            var ready = condition(share, "Ready");
            assertThat(ready.reason()).as(ready.message()).isEqualTo(reason.name());
            assertThat(share.getStatus().observedGeneration())
                    .isEqualTo(share.getMetadata().getGeneration());
        });
        return at(shareName).get();
    }

    ImageShare awaitReady(String shareName) {
        return awaitReason(shareName, Reason.Synced);
    }

    void awaitGone(String shareName) {
        eventually(() -> assertThat(at(shareName).get()).isNull());
    }

    static void eventually(org.awaitility.core.ThrowingRunnable assertion) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).untilAsserted(assertion);
    }

    Map<String, String> answers(String shareName) {
        var answers = new java.util.TreeMap<String, String>();
        var members = at(shareName).get().getStatus().members();
        if (members != null) {
            for (MemberInfo member : members) {
                answers.put(member.projectID(), String.valueOf(member.status()));
            }
        }
        return answers;
    }

    /** The reasons of the events about an object, in no order. */
    List<String> events(String shareName) {
        return client.v1().events().inNamespace(name).list().getItems().stream()
                .filter(e -> e.getInvolvedObject().getName().equals(shareName))
                .map(io.fabric8.kubernetes.api.model.Event::getReason)
                .toList();
    }

    /** What the events of this reason say of an object. */
    List<String> eventMessages(String shareName, String reason) {
        return client.v1().events().inNamespace(name).list().getItems().stream()
                .filter(e -> e.getInvolvedObject().getName().equals(shareName))
                .filter(e -> e.getReason().equals(reason))
                .map(io.fabric8.kubernetes.api.model.Event::getMessage)
                .toList();
    }

    /** How often an event of this reason was told of an object. */
    int eventCount(String shareName, String reason) {
        return client.v1().events().inNamespace(name).list().getItems().stream()
                .filter(e -> e.getInvolvedObject().getName().equals(shareName))
                .filter(e -> e.getReason().equals(reason))
                .mapToInt(io.fabric8.kubernetes.api.model.Event::getCount)
                .sum();
    }

    public static ImageShareSpec with(ImageShareSpec s, List<DeclaredMember> members) {
        return copy(s, f -> f.members = members);
    }

    public static ImageShareSpec with(ImageShareSpec s, MembershipPolicy policy) {
        return copy(s, f -> f.membershipPolicy = policy);
    }

    public static ImageShareSpec with(ImageShareSpec s, ManagementPolicy policy) {
        return copy(s, f -> f.managementPolicy = policy);
    }

    public static ImageShareSpec with(ImageShareSpec s, OnDelete onDelete) {
        return with(s, new ManagedOptions(onDelete, s.managedOptions().maxRemovals()));
    }

    public static ImageShareSpec withMaxRemovals(ImageShareSpec s, IntOrString maxRemovals) {
        return with(s, new ManagedOptions(s.managedOptions().onDelete(), maxRemovals));
    }

    public static ImageShareSpec with(ImageShareSpec s, ManagedOptions options) {
        return copy(s, f -> f.managedOptions = options);
    }

    public static ImageShareSpec withCloud(ImageShareSpec s, String secretName, String cloudName) {
        return copy(s, f -> f.cloudCredentialsRef = new CloudCredentialsRef(secretName, cloudName));
    }

    public static ImageShareSpec withFilter(ImageShareSpec s, String imageName, List<String> tags) {
        return copy(s, f -> f.image = new ImageReference(null, new ImageFilter(imageName, tags), null));
    }

    public static ImageShareSpec withImageRef(ImageShareSpec s, String ref) {
        return copy(s, f -> f.image = new ImageReference(null, null, ref));
    }

    public static ImageShareSpec withProjectRefs(ImageShareSpec s, String... names) {
        return copy(
                s,
                f -> f.projectRefs =
                        Arrays.stream(names).map(ProjectReference::new).toList());
    }

    public static ImageShareSpec withProjectSets(ImageShareSpec s, String... names) {
        return copy(
                s,
                f -> f.projectSetRefs = Arrays.stream(names)
                        .map(set -> new ProjectSetReference(set, null))
                        .toList());
    }

    public static ImageShareSpec withResync(ImageShareSpec s, String resyncPeriod) {
        return copy(s, f -> f.resyncPeriod = resyncPeriod);
    }

    public static ImageShareSpec suspended(ImageShareSpec s, boolean suspend) {
        return copy(s, f -> f.suspend = suspend);
    }

    /** A spec's fields, to be changed. */
    private static final class Fields {
        CloudCredentialsRef cloudCredentialsRef;
        ImageReference image;
        List<DeclaredMember> members;
        List<ProjectReference> projectRefs;
        List<ProjectSetReference> projectSetRefs;
        MembershipPolicy membershipPolicy;
        ManagementPolicy managementPolicy;
        ManagedOptions managedOptions;
        String resyncPeriod;
        boolean suspend;
    }

    /** The same spec with a change. */
    private static ImageShareSpec copy(ImageShareSpec s, Consumer<Fields> change) {
        var f = new Fields();
        f.cloudCredentialsRef = s.cloudCredentialsRef();
        f.image = s.image();
        f.members = s.members();
        f.projectRefs = s.projectRefs();
        f.projectSetRefs = s.projectSetRefs();
        f.membershipPolicy = s.membershipPolicy();
        f.managementPolicy = s.managementPolicy();
        f.managedOptions = s.managedOptions();
        f.resyncPeriod = s.resyncPeriod();
        f.suspend = s.suspend();
        change.accept(f);
        return new ImageShareSpec(
                f.cloudCredentialsRef,
                f.image,
                f.members,
                f.projectRefs,
                f.projectSetRefs,
                f.membershipPolicy,
                f.managementPolicy,
                f.managedOptions,
                f.resyncPeriod,
                f.suspend);
    }

    static ImageShare changed(ImageShare share, UnaryOperator<ImageShareSpec> change) {
        share.setSpec(change.apply(share.getSpec()));
        return share;
    }
}
