package dev.imageshare.scenarios;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.operator.OptionalKind;
import dev.imageshare.operator.Settings;
import java.util.EnumSet;

class EmbeddedImageAccessTest extends ImageAccessScenarios {
    @Override
    World newWorld() {
        return new EmbeddedWorld(
                Settings.defaults(),
                EmbeddedOpenStack.Options.defaults(),
                EnumSet.of(OptionalKind.ProjectSet, OptionalKind.ImageAccessRequest));
    }
}
