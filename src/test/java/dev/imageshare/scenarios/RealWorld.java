package dev.imageshare.scenarios;

import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.openstack.ServerClock;
import dev.imageshare.operator.ApiSerialization;
import dev.imageshare.operator.ImageShareOperator;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.operator.Settings;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.util.Set;

/** A real API server, a real Keystone and Glance; the operator in this process, as its own service account. */
final class RealWorld implements World {

    final RealCluster cluster = new RealCluster();
    private final OpenStackLab lab;
    private final Set<OptionalKind> kinds;
    private final Clock clock;
    private KubernetesClient own;
    private ImageShareOperator operator;

    RealWorld(OpenStackLab lab) {
        this(lab, Set.of());
    }

    /** @param kinds the optional kinds that are installed, until this is closed */
    RealWorld(OpenStackLab lab, Set<OptionalKind> kinds) {
        this(lab, kinds, Clock.systemUTC());
    }

    /** @param clock the operator's */
    RealWorld(OpenStackLab lab, Set<OptionalKind> kinds, Clock clock) {
        this.lab = lab;
        this.kinds = kinds;
        this.clock = clock;
        kinds.forEach(cluster::install);
        startOperator();
    }

    static RealWorld standard() {
        return new RealWorld(RealOpenStackLab.standard());
    }

    @Override
    public KubernetesClient kubernetes() {
        return cluster.admin();
    }

    @Override
    public OpenStackLab openstack() {
        return lab;
    }

    @Override
    public void restartOperator() {
        stopOperator();
        startOperator();
    }

    private void startOperator() {
        own = RealCluster.client(cluster.serviceAccount(), ApiSerialization.create());
        operator = new ImageShareOperator(own, Settings.defaults(), clock, new ServerClock(System::nanoTime), () -> {});
        operator.start(kinds);
    }

    private void stopOperator() {
        operator.close();
        own.close();
    }

    @Override
    public void close() {
        stopOperator();
        kinds.forEach(cluster::uninstall);
        cluster.close();
        lab.close();
    }
}
