package dev.imageshare.openstack;

import org.jspecify.annotations.Nullable;

/**
 * The project that an entry's login is for, according to Keystone.
 *
 * @param id the project's ID
 * @param name its name; null if Keystone didn't give it
 * @param cloud the origin of the Keystone that answered, as in {@link SameClouds}
 */
public record ProvenProject(String id, @Nullable String name, String cloud) {}
