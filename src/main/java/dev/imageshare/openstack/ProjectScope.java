package dev.imageshare.openstack;

import java.net.URI;

/**
 * The scope of a login.
 *
 * @param projectId the token's project, according to Keystone, not to the clouds.yaml
 * @param region the region of the image endpoint; empty if the clouds.yaml overrides the endpoint and has no region
 * @param imageEndpoint the Image service's base, without {@code /v2} and without a trailing slash
 * @param cloud the origin of the Keystone that answered, as in {@link SameClouds}: {@code https://host:port}
 */
public record ProjectScope(String projectId, String region, URI imageEndpoint, String cloud) {}
