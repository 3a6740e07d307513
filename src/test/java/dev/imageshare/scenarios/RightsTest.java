package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Namespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.deploy.Right;
import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.operator.ImageShareOperator;
import dev.imageshare.operator.Settings;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The rights of {@code deploy/} are those that the operator uses: one more or one less fails here. {@link RightsRealIT} takes
 * each away from it on a real API server.
 */
class RightsTest {

    private static final String OPERATOR = "the-operator";

    @Test
    void everyRightIsUsedAndNoOtherIsNeeded() {
        try (var api = EmbeddedKubernetes.start(0);
                var cloud = EmbeddedOpenStack.start();
                var admin = api.client();
                var own = api.client(config -> config.withUserAgent(OPERATOR))) {
            admin.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName("operators")
                            .endMetadata()
                            .build())
                    .create();
            var orc = new Orc(admin);
            orc.install();
            var settings = Settings.defaults()
                    .withLeaderElection(new Settings.LeaderElection("operators", "imageshare-operator", "one"));
            try (var operator = new ImageShareOperator(own, settings)) {
                operator.start();
                new Workday(admin, cloud, orc).run();
                eventually(() -> assertThat(used(api)).contains(new Right("coordination.k8s.io", "leases", "patch")));
            }
            assertThat(used(api)).isEqualTo(Right.granted());
        }
    }

    private static TreeSet<Right> used(EmbeddedKubernetes api) {
        return api.requests().stream()
                .filter(request -> OPERATOR.equals(request.userAgent()))
                .map(Right::neededFor)
                .flatMap(Optional::stream)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
