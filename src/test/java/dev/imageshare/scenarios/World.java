package dev.imageshare.scenarios;

import dev.imageshare.embedded.OpenStackLab;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Where scenarios run: a Kubernetes API, an OpenStack, and an operator between them. */
interface World extends AutoCloseable {

    /** As a cluster's administrator. */
    KubernetesClient kubernetes();

    OpenStackLab openstack();

    /** Ends the operator as a rolling update does, and starts another. */
    void restartOperator();

    @Override
    void close();
}
