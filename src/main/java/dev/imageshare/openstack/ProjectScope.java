package dev.imageshare.openstack;

import java.net.URI;

/**
 * What a login is for.
 *
 * @param projectId the token's project, as Keystone says; not what the clouds.yaml names
 * @param region the region of the image endpoint; empty if the clouds.yaml overrides the endpoint and names no region
 * @param imageEndpoint the Image service's base, without {@code /v2} and without a slash at its end
 * @param cloud the origin of the Keystone that answered, as {@link SameClouds} takes it: {@code https://host:port}
 */
public record ProjectScope(String projectId, String region, URI imageEndpoint, String cloud) {}
