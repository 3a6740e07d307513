package dev.imageshare.share;

/** What has to be secured before members change. */
interface Securing {

    /** Takes the image for this pass alone; ends the pass if another one has it. */
    void enter(CloudImage image);

    /** The object's Secret will be needed to revoke its members. */
    void holdSecret();

    /** Writes the status as far as it is known, before something is done that must not be forgotten. */
    void journal(ShareOutcome outcome);
}
