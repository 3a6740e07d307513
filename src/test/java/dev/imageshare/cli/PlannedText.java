package dev.imageshare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.openstack.ImageClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@code plan --output json} prints, for tests that have a clock and clients of their own. */
public final class PlannedText {

    private PlannedText() {}

    /** @param state the cluster's, as kubectl prints it; null if it isn't known */
    public static JsonNode of(
            String manifests, @Nullable String state, Function<String, ImageClient> clouds, Instant now) {
        var here = new Manifests("default", now);
        here.add(new ManifestFile("manifests", manifests, 0));
        var cluster = Optional.ofNullable(state).map(text -> {
            var there = new Manifests("default", now);
            there.add(new ManifestFile("state", text, 0));
            return new ClusterState(there);
        });
        cluster.ifPresent(known -> known.applyTo(here));
        var planner = new Planner(
                here,
                cluster.map(ClusterState::otherShares).orElse(List.of()),
                cluster.map(ClusterState::otherAcceptances).orElse(List.of()),
                clouds,
                cloud -> {
                    throw new IllegalStateException("no set of these manifests has selectors");
                },
                now);
        try (var progress = new Progress(new PrintWriter(new StringWriter()), "", planner.steps())) {
            var objects = planner.plan(progress);
            var plan = Plan.of(
                    here,
                    planner.plannedSets(),
                    objects,
                    cluster.map(ClusterState::notInManifests).orElse(List.of()),
                    planner.notLookedAt());
            return new ObjectMapper().readTree(Json.text(plan));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
