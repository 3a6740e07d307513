package dev.imageshare.openstack;

import org.jspecify.annotations.Nullable;

/**
 * Who reads projects by a token.
 *
 * @param hash as {@link ProjectDirectory#reader} has it
 * @param domainId the domain that the token is for; null if it is for a project or the system
 */
record ProjectReader(String hash, @Nullable String domainId) {}
