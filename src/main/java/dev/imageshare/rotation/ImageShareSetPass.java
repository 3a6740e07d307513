package dev.imageshare.rotation;

import static java.util.Objects.requireNonNull;

import dev.imageshare.api.v1alpha1.Annotations;
import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSet;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec.ImageCloud;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.ImageDetails;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.openstack.ProjectScope;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.ProblemException;
import dev.imageshare.reconcile.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** One look at one set: list the images of each cloud, ask about those that a list no longer shows, and decide. */
final class ImageShareSetPass {

    /** What is no problem of a suspended set's: its ImageShares aren't looked after. */
    private static final Set<Reason> OF_SHARES = EnumSet.of(Reason.Progressing, Reason.ShareStalled, Reason.NameTaken);

    private final ImageShareSet set;
    private final ImageShareSetSpec spec;
    private final SetImages images;
    private final Map<String, ImageShare> shares;
    private final Function<CloudCredentialsRef, ImageClient> clients;
    private final UnaryOperator<String> sameCloud;
    private final BooleanSupplier clockTrusted;
    private final BooleanSupplier current;
    private final TrackedRotation memory;
    private final Instant now;
    private final Map<String, ImageClient> opened = new HashMap<>();

    /**
     * @param set the object, whose spec has passed {@link ImageShareSetRules}
     * @param shares as {@link RotationInput#shares} has them
     * @param clients a cloud as these credentials see it; throws {@link ProblemException}
     * @param sameCloud one name for all origins of a Keystone
     * @param clockTrusted whether the operator's clock agrees with others'
     * @param current whether the set is still the one that this pass is about, and this process still leads
     */
    ImageShareSetPass(
            ImageShareSet set,
            Map<String, ImageShare> shares,
            Function<CloudCredentialsRef, ImageClient> clients,
            UnaryOperator<String> sameCloud,
            BooleanSupplier clockTrusted,
            BooleanSupplier current,
            TrackedRotation memory,
            Instant now) {
        this.set = set;
        this.spec = set.getSpec();
        this.images = new SetImages(requireNonNull(spec.images()));
        this.shares = shares;
        this.clients = clients;
        this.sameCloud = sameCloud;
        this.clockTrusted = clockTrusted;
        this.current = current;
        this.memory = memory;
        this.now = now;
    }

    RotationOutcome run() {
        var readings = requireNonNull(spec.clouds()).stream().map(this::read).toList();
        var input = new RotationInput(
                set.getMetadata().getName(),
                set.getMetadata().getUid(),
                set.getMetadata().getGeneration(),
                spec,
                set.getStatus(),
                readings,
                Map.of(),
                shares,
                sameCloud,
                Annotations.value(set, ImageShare.APPROVE_REMOVALS).orElse(null),
                clockTrusted.getAsBoolean(),
                now);
        var plan = RotationPlan.of(input);
        if (!plan.unproven().isEmpty()) {
            plan = RotationPlan.of(input.withLookups(ask(plan.unproven())));
        }
        var problems = new ArrayList<>(plan.problems());
        problems.removeIf(problem -> spec.suspend() && OF_SHARES.contains(problem.reason()));
        if (plan.held() != null && !spec.suspend()) {
            problems.add(HeldSharesText.problem(set, plan.held()));
        }
        return new RotationOutcome(plan, problems);
    }

    // --------------------------------------------------------------- reading

    private CloudReading read(ImageCloud cloud) {
        var name = requireNonNull(cloud.name());
        var known = memory.reading(name, now);
        if (known.isPresent()) {
            return known.get();
        }
        ProjectScope scope = null;
        try {
            var client = client(cloud);
            scope = client.scope();
            var reading = CloudReading.of(name, scope, list(client, scope.projectId()));
            memory.remember(reading, now);
            return reading;
        } catch (ProblemException e) {
            return CloudReading.failed(name, scope, e.problem());
        } catch (OpenStackException e) {
            return CloudReading.failed(name, scope, Problem.of(e));
        }
    }

    private ImageClient client(ImageCloud cloud) {
        var name = requireNonNull(cloud.name());
        var client = opened.get(name);
        if (client == null) {
            client = clients.apply(requireNonNull(cloud.cloudCredentialsRef()));
            opened.put(name, client);
        }
        return client;
    }

    /** Also hidden images, which no other list shows: hiding one takes nobody's access away. */
    private List<ImageDetails> list(ImageClient client, String project) {
        var query = images.query(project);
        var names = images.names();
        var found = new LinkedHashMap<String, ImageDetails>();
        Stream.of(query, query.onlyHidden())
                .flatMap(each -> client.imageDetails(each, names).stream())
                .filter(image -> project.equals(image.image().owner()) && images.matches(image))
                .forEach(image -> found.put(image.image().id(), image));
        return List.copyOf(found.values());
    }

    // ---------------------------------------------------------------- asking

    private Map<CloudImageId, ImageLookup> ask(List<CloudImageId> ids) {
        var clouds = new HashMap<String, ImageCloud>();
        requireNonNull(spec.clouds()).forEach(cloud -> clouds.put(requireNonNull(cloud.name()), cloud));
        var answers = new HashMap<CloudImageId, ImageLookup>();
        var failed = new HashMap<String, ImageLookup>();
        for (var id : ids) {
            if (!current.getAsBoolean()) {
                break; // what wasn't asked isn't told, and lets nothing go
            }
            var answer = failed.get(id.cloud());
            if (answer == null) {
                answer = ask(requireNonNull(clouds.get(id.cloud())), id);
                if (answer instanceof ImageLookup.Untold) {
                    failed.put(id.cloud(), answer);
                }
            }
            answers.put(id, answer);
        }
        return answers;
    }

    private ImageLookup ask(ImageCloud cloud, CloudImageId id) {
        try {
            return new ImageLookup.There(client(cloud).imageDetails(id.id(), images.names()));
        } catch (OpenStackException e) {
            return e.kind() == OpenStackException.Kind.NOT_FOUND
                    ? new ImageLookup.Gone()
                    : new ImageLookup.Untold(Problem.of(e));
        } catch (ProblemException e) {
            return new ImageLookup.Untold(e.problem());
        }
    }
}
