package dev.imageshare.reconcile;

import dev.imageshare.openstack.CloudConfig;

/**
 * A cloud entry and the Secret that it is from.
 *
 * @param secretUid the Secret's UID: a session is never shared between Secrets
 * @param cloudName the entry's name
 * @param config the entry
 * @param destination what it leads to, as {@link CloudConfig#destination} names it
 */
public record Credentials(String secretUid, String cloudName, CloudConfig config, String destination) {}
