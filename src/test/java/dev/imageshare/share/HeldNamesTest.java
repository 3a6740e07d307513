package dev.imageshare.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.membership.Desired;
import dev.imageshare.membership.Guard;
import dev.imageshare.membership.MembershipPlan;
import dev.imageshare.membership.Memory;
import dev.imageshare.membership.Observed;
import dev.imageshare.membership.Policy;
import dev.imageshare.membership.RemovalLimit;
import dev.imageshare.openstack.CloudConfig;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.Clouds;
import dev.imageshare.openstack.ImageClient;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeldNamesTest {

    private final EmbeddedOpenStack cloud = EmbeddedOpenStack.start();
    private final Clouds clouds = new Clouds(CloudSettings.defaults());
    private final String member = cloud.projectId("consumer-a");
    private final HeldNames names = new HeldNames();

    @AfterEach
    void close() {
        clouds.close();
        cloud.close();
    }

    @Test
    void whoMayListProjectsIsToldNamesAndAskedOnce() {
        var admin = client("admin");

        assertThat(names.of(plan(1), Map.of(), admin)).isEqualTo(Map.of(member, "consumer-a"));
        assertThat(names.of(plan(1), Map.of(), admin)).isEqualTo(Map.of(member, "consumer-a"));
        assertThat(asked()).isEqualTo(1);
        names.of(plan(2), Map.of(), admin);
        assertThat(asked()).as("another plan").isEqualTo(2);
    }

    @Test
    void whoMayNotSeesIdsOnly() {
        assertThat(names.of(plan(1), Map.of(), client("producer"))).isEmpty();
    }

    /** Then nobody need be asked, and the names may be other people's than Keystone's. */
    @Test
    void whatProjectSetsCallThemComesFirst() {
        var called = Map.of(member, "Team A", "f".repeat(32), "not held");

        assertThat(names.of(plan(1), called, client("admin"))).isEqualTo(Map.of(member, "Team A"));
        assertThat(asked()).isZero();
    }

    private long asked() {
        return cloud.requests().stream()
                .filter(call -> call.path().endsWith("/projects"))
                .count();
    }

    private MembershipPlan plan(long generation) {
        return MembershipPlan.of(
                new Desired(List.of(), Policy.AUTHORITATIVE),
                Observed.of("image", "owner", Set.of(member)),
                new Guard(new RemovalLimit(25, true), "uid", generation, null, false),
                Memory.NONE);
    }

    private ImageClient client(String name) {
        return clouds.cloud("team", "", name, CloudConfig.parse(cloud.cloudsYaml(), name, null))
                .newPass();
    }
}
