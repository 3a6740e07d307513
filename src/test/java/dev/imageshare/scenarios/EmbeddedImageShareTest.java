package dev.imageshare.scenarios;

import dev.imageshare.operator.Settings;

class EmbeddedImageShareTest extends ImageShareScenarios {
    @Override
    World newWorld() {
        return new EmbeddedWorld(Settings.defaults());
    }
}
