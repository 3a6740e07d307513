package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.operator.ImageShareOperator;
import dev.imageshare.operator.Settings;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** An operator for some namespaces needs rights in those alone, and touches nothing elsewhere. */
class WatchedNamespacesTest {

    @Test
    void onlyTheNamedNamespacesAreReadAndWorkedOn() {
        try (var api = EmbeddedKubernetes.start(0);
                var cloud = EmbeddedOpenStack.start();
                var admin = api.client();
                var own = api.client()) {
            var watched = new Namespace(admin, cloud.cloudsYaml());
            var other = new Namespace(admin, cloud.cloudsYaml());
            var image = cloud.createImage("producer", "ubuntu", "shared", List.of());
            var otherImage = cloud.createImage("producer", "debian", "shared", List.of());
            other.create(other.share("debian", otherImage, ImageShareScenarios.projects(1)));
            api.clearRequests();

            try (var operator = new ImageShareOperator(own, Settings.defaults().withNamespaces(Set.of(watched.name)))) {
                operator.start();
                watched.create(watched.share("ubuntu", image, ImageShareScenarios.projects(1)));
                watched.awaitReady("ubuntu");
            }

            assertThat(cloud.members("producer", image)).hasSize(1);
            assertThat(cloud.members("producer", otherImage)).isEmpty();
            assertThat(api.requests())
                    .extracting(EmbeddedKubernetes.Request::path)
                    .doesNotContain(
                            "/api/v1/secrets",
                            "/apis/imageshare.dev/v1alpha1/imageshares",
                            "/apis/imageshare.dev/v1alpha1/imageacceptances")
                    .noneMatch(path -> path.contains(other.name));
        }
    }
}
