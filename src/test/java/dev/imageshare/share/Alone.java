package dev.imageshare.share;

/** An object that nothing else has to do with, of a process that leads. */
final class Alone implements RemovalMandate, Securing {
    @Override
    public void enter(CloudImage image) {}

    @Override
    public void holdSecret() {}

    @Override
    public boolean holds() {
        return true;
    }

    @Override
    public boolean leads() {
        return true;
    }

    @Override
    public boolean isConfirmed() {
        return true;
    }

    @Override
    public void journal(ShareOutcome outcome) {}
}
