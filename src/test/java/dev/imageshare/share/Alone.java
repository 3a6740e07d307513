package dev.imageshare.share;

/** An object that nothing else has to do with, of a process that leads. */
final class Alone implements Revocation.Surroundings {
    @Override
    public void enter(CloudImage image) {}

    @Override
    public void holdSecret() {}

    @Override
    public boolean current() {
        return true;
    }

    @Override
    public boolean leads() {
        return true;
    }

    @Override
    public boolean confirmed() {
        return true;
    }

    @Override
    public void journal(ShareOutcome outcome) {}

    @Override
    public MassDeletion.DeletionVerdict massDeletion() {
        return new MassDeletion.DeletionVerdict.Go();
    }
}
