package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The scenarios on real services; and rights, which only a real API server knows. */
class OrcRealIT extends OrcScenarios {

    @Override
    World newWorld() {
        return RealWorld.standard();
    }

    @Test
    void theRightToReadOrcsObjectsComesAndGoes() {
        var role = world().kubernetes().resources(ClusterRole.class).withName("imageshare-operator-orc");
        var rules = role.get().getRules();
        role.edit(r -> new ClusterRoleBuilder(r).withRules().build());
        try {
            world().restartOperator();
            var member = ImageShareScenarios.project();
            team().create(share(List.of(member), "team-a"));
            var a = orcProject("team-a");

            awaitWaiting("may not list and watch projects.openstack.k-orc.cloud", "imageshare-operator-orc");
            assertThat(inGlance()).containsOnlyKeys(member);

            role.edit(r -> new ClusterRoleBuilder(r).withRules(rules).build());
            team().awaitReady("ubuntu");
            assertThat(inGlance()).containsOnlyKeys(member, a);
        } finally {
            role.edit(r -> new ClusterRoleBuilder(r).withRules(rules).build());
        }
    }
}
