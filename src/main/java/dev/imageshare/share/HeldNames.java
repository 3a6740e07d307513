package dev.imageshare.share;

import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.openstack.ImageClient;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.reconcile.FieldRules;
import dev.imageshare.reconcile.ProjectText;
import java.util.Map;
import java.util.TreeMap;

/**
 * The names of the projects whose removal is held: a person decides by names. They are those of the ProjectSets that the
 * object follows. Where these don't have them all, and Keystone lets the credentials see names, it is asked once for each held
 * plan, by one request.
 */
final class HeldNames {

    private String hash = "";
    private Map<String, String> names = Map.of();

    /**
     * The names by ID, as far as they can be seen.
     *
     * @param called what people call projects, by ID
     */
    Map<String, String> of(MembershipPlan plan, Map<String, String> called, ImageClient client) {
        var known = new TreeMap<>(called);
        known.keySet().retainAll(plan.held());
        known.replaceAll((id, name) -> FieldRules.clipped(name, ProjectText.MAX_NAME));
        if (known.size() == plan.held().size()) {
            return Map.copyOf(known);
        }
        if (!plan.hash().equals(hash)) {
            hash = plan.hash();
            names = read(plan, client);
        }
        names.forEach(known::putIfAbsent);
        return Map.copyOf(known);
    }

    private static Map<String, String> read(MembershipPlan plan, ImageClient client) {
        var all = new TreeMap<String, String>();
        try {
            client.projectNames().ifPresent(all::putAll);
        } catch (OpenStackException e) {
            return Map.of(); // a help only: the IDs say who would lose access
        }
        all.keySet().retainAll(plan.held());
        all.replaceAll((id, name) -> FieldRules.clipped(name, ProjectText.MAX_NAME));
        return Map.copyOf(all);
    }
}
