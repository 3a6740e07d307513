package dev.imageshare.scenarios;

import dev.imageshare.operator.Settings;

class EmbeddedTrustTest extends TrustScenarios {

    @Override
    World newWorld() {
        return new EmbeddedWorld(Settings.defaults());
    }
}
