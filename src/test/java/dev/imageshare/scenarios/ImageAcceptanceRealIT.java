package dev.imageshare.scenarios;

import static dev.imageshare.scenarios.Consumer.ready;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec;
import dev.imageshare.api.v1alpha1.ImageAcceptanceSpec.From;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.reconcile.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The scenarios on real services, and what only those have. */
class ImageAcceptanceRealIT extends ImageAcceptanceScenarios {

    @Override
    World newWorld() {
        return RealWorld.standard();
    }

    @Test
    void anApiServerWithoutCelLetsAnInvalidSpecThroughAndNothingIsAnswered() {
        assumeFalse(
                ((RealWorld) world()).cluster.knowsRules(), "needs an API server that knows no CEL rules: before 1.25");
        var acceptance = team().named("both", image(), MemberAnswer.accepted);
        var s = acceptance.getSpec();
        acceptance.setSpec(new ImageAcceptanceSpec(
                s.cloudCredentialsRef(), s.image(), new From(List.of(producer()), null), s.memberStatus(), "1s"));
        team().create(acceptance);

        var invalid = team().awaitReason("both", Reason.InvalidSpec);
        assertThat(ready(invalid).message()).contains("exactly one of image and from");
        assertThat(world().openstack().members("producer", image())).containsValue("pending");
    }
}
