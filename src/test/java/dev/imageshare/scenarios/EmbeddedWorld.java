package dev.imageshare.scenarios;

import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.operator.ApiHttpClientFactory;
import dev.imageshare.operator.ApiSerialization;
import dev.imageshare.operator.ImageShareOperator;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.operator.Settings;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Set;

/** Everything in this process, over real HTTP. */
final class EmbeddedWorld implements World {

    /** As what the tests' own requests come; the others are the operator's. */
    static final String PEOPLE = "people";

    final EmbeddedKubernetes api = EmbeddedKubernetes.start(0);
    final EmbeddedOpenStack cloud;
    private final KubernetesClient admin = api.client(config -> config.withUserAgent(PEOPLE));
    private final Settings settings;
    private final Set<OptionalKind> kinds;
    private KubernetesClient own = api.client(new ApiHttpClientFactory(), ApiSerialization.create());
    private ImageShareOperator operator;

    EmbeddedWorld(Settings settings) {
        this(settings, EmbeddedOpenStack.Options.defaults());
    }

    EmbeddedWorld(Settings settings, EmbeddedOpenStack.Options options) {
        this(settings, options, Set.of());
    }

    /** @param kinds the optional kinds that are installed */
    EmbeddedWorld(Settings settings, EmbeddedOpenStack.Options options, Set<OptionalKind> kinds) {
        this.settings = settings;
        this.kinds = kinds;
        cloud = EmbeddedOpenStack.start(options);
        kinds.forEach(kind -> api.installCrds(OptionalFolders.crd(kind)));
        operator = new ImageShareOperator(own, settings);
        operator.start(kinds);
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
        operator.start(kinds);
    }

    @Override
    public void close() {
        stopOperator();
        admin.close();
        api.close();
        cloud.close();
    }
}
