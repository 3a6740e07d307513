package dev.imageshare.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.embedded.EmbeddedKubernetes;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServedKindsTest {

    private final EmbeddedKubernetes api = EmbeddedKubernetes.start(0);
    private final KubernetesClient client = api.client();
    private final AtomicInteger changes = new AtomicInteger();

    @AfterEach
    void close() {
        client.close();
        api.close();
    }

    private ServedKinds startedWith(Set<OptionalKind> kinds) {
        return new ServedKinds(client, kinds, changes::incrementAndGet);
    }

    private void install() {
        api.installCrds(Path.of("crds/project-sets"));
    }

    private void uninstall() {
        client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("projectsets.imageshare.dev")
                .delete();
    }

    @Test
    void whatIsServedIsFound() {
        assertThat(OptionalKind.among(ServedKinds.plurals(client))).isEmpty();
        install();
        assertThat(OptionalKind.among(ServedKinds.plurals(client))).containsExactly(OptionalKind.ProjectSet);
    }

    @Test
    void aKindThatComesIsNoticedByTwoLooks() {
        var served = startedWith(Set.of());
        served.look();
        install();
        served.look();
        assertThat(changes).hasValue(0);
        served.look();
        assertThat(changes).hasValue(1);
    }

    @Test
    void oneThatGoesToo() {
        install();
        var served = startedWith(Set.of(OptionalKind.ProjectSet));
        served.look();
        uninstall();
        served.look();
        served.look();
        assertThat(changes).hasValue(1);
    }

    /** An API server that has just started doesn't know all its CRDs. */
    @Test
    void oneThatWasAwayForOneLookIsNoNews() {
        install();
        var served = startedWith(Set.of(OptionalKind.ProjectSet));
        uninstall();
        served.look();
        install();
        served.look();
        served.look();
        assertThat(changes).hasValue(0);
    }

    @Test
    void anApiServerThatDoesNotAnswerIsNoNews() {
        var served = startedWith(Set.of(OptionalKind.ProjectSet));
        api.close();
        served.look();
        served.look();
        assertThat(changes).hasValue(0);
    }
}
