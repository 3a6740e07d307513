package dev.imageshare.scenarios;

import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.operator.ApiHttpClientFactory;
import dev.imageshare.operator.ApiSerialization;
import dev.imageshare.operator.ImageShareOperator;
import dev.imageshare.operator.Settings;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Everything in this process, over real HTTP. */
final class EmbeddedWorld implements World {

    final EmbeddedKubernetes api = EmbeddedKubernetes.start(0);
    final EmbeddedOpenStack cloud;
    private final KubernetesClient admin = api.client();
    private final Settings settings;
    private KubernetesClient own = api.client(new ApiHttpClientFactory(), ApiSerialization.create());
    private ImageShareOperator operator;

    EmbeddedWorld(Settings settings) {
        this(settings, EmbeddedOpenStack.Options.defaults());
    }

    EmbeddedWorld(Settings settings, EmbeddedOpenStack.Options options) {
        this.settings = settings;
        cloud = EmbeddedOpenStack.start(options);
        operator = new ImageShareOperator(own, settings);
        operator.start();
    }

    @Override
    public KubernetesClient kubernetes() {
        return admin;
    }

    @Override
    public EmbeddedOpenStack openstack() {
        return cloud;
    }

    ImageShareOperator operator() {
        return operator;
    }

    @Override
    public void restartOperator() {
        stopOperator();
        startOperator();
    }

    void stopOperator() {
        operator.close();
        own.close();
    }

    void startOperator() {
        own = api.client(new ApiHttpClientFactory(), ApiSerialization.create());
        operator = new ImageShareOperator(own, settings);
        operator.start();
    }

    @Override
    public void close() {
        stopOperator();
        admin.close();
        api.close();
        cloud.close();
    }
}
