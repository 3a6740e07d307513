package dev.imageshare.orc;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/** The kinds of ORC that can be referred to, with ORC's names. */
public enum OrcKind {
    Image("images"),
    Project("projects");

    private static final String GROUP = "openstack.k-orc.cloud";
    private static final String VERSION = "v1alpha1";

    /** The apiVersion of their objects. */
    public static final String API_VERSION = GROUP + "/" + VERSION;

    private final String plural;

    OrcKind(String plural) {
        this.plural = plural;
    }

    /** As in RBAC rules and kubectl, such as {@code projects.openstack.k-orc.cloud}; also the name of its CRD. */
    public String resource() {
        return plural + "." + GROUP;
    }

    /** What a client needs to read them. */
    public ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder()
                .withGroup(GROUP)
                .withVersion(VERSION)
                .withKind(name())
                .withPlural(plural)
                .withNamespaced(true)
                .build();
    }
}
