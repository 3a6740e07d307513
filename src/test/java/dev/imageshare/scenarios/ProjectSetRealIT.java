package dev.imageshare.scenarios;

import dev.imageshare.embedded.RealOpenStackLab;
import dev.imageshare.operator.OptionalKind;
import java.util.EnumSet;

/** The scenarios on real services, with the rights that the component grants. */
class ProjectSetRealIT extends ProjectSetScenarios {
    @Override
    World newWorld() {
        return new RealWorld(RealOpenStackLab.standard(), EnumSet.of(OptionalKind.ProjectSet));
    }
}
