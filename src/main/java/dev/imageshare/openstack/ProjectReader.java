package dev.imageshare.openstack;

import org.jspecify.annotations.Nullable;

/**
 * Who reads projects with a token.
 *
 * @param hash see {@link ProjectDirectory#reader}
 * @param domainId the domain that the token is for; null if it is for a project or the system
 */
record ProjectReader(String hash, @Nullable String domainId) {}
