package dev.imageshare.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.openstack.MemberStatus;
import dev.imageshare.reconcile.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged operator on real services, killed with SIGKILL while it adds and while it removes. */
class KilledOperatorRealIT {

    private final RealCluster cluster = new RealCluster();
    private final RealOpenStackLab openstack = RealOpenStackLab.standard();
    private Path kubeconfig;
    private OperatorProcess operator;
    private Namespace team;
    private String image;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        var config = cluster.serviceAccountKubeconfig();
        assumeTrue(config.isPresent(), "needs an API server that signs service accounts' tokens");
        kubeconfig = Files.writeString(folder.resolve("kubeconfig"), config.get());
        team = new Namespace(cluster.admin(), openstack.cloudsYaml());
        image = openstack.createImage("producer", "killed", "shared", List.of());
        startOperator();
    }

    @AfterEach
    void stop() {
        if (operator != null) {
            operator.close();
        }
        openstack.close();
        cluster.close();
    }

    private void startOperator() {
        operator = new OperatorProcess(kubeconfig, Map.of(), "--http-port=-1");
        operator.awaitStarted();
    }

    /** Kills as soon as Glance's list has another length than now, and starts anew. */
    private void killWhenItHasBegun() {
        var before = openstack.members("producer", image).size();
        Namespace.eventually(
                () -> assertThat(openstack.members("producer", image).size()).isNotEqualTo(before));
        operator.kill();
        System.out.printf(
                "killed with %d members, was %d%n",
                openstack.members("producer", image).size(), before);
        startOperator();
    }

    @Test
    void nothingIsLostAndNothingNeedsASecondApproval() {
        var consumer = openstack.projectId("consumer-a");
        var many = Stream.concat(Stream.of(consumer), ImageShareScenarios.projects(99).stream())
                .toList();
        team.create(team.share("killed", image, many));
        killWhenItHasBegun();

        var share = team.awaitReady("killed");
        assertThat(openstack.members("producer", image)).containsOnlyKeys(many.toArray(String[]::new));
        assertThat(share.getStatus().members()).hasSize(100).allMatch(MemberInfo::added);
        openstack.answer("consumer-a", image, MemberStatus.accepted);

        var few = many.subList(0, 5);
        team.declare("killed", few);
        team.awaitReason("killed", Reason.RemovalHeld);
        team.approve("killed");
        killWhenItHasBegun();

        team.awaitReady("killed");
        assertThat(openstack.members("producer", image))
                .containsOnlyKeys(few.toArray(String[]::new))
                .containsEntry(consumer, "accepted");
    }
}
