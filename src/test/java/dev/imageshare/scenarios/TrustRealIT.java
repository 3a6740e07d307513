package dev.imageshare.scenarios;

class TrustRealIT extends TrustScenarios {

    @Override
    World newWorld() {
        return RealWorld.standard();
    }
}
