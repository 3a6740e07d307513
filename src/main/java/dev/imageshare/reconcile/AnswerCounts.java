package dev.imageshare.reconcile;

/** How many members, or offers, have which answer; for the metrics. */
public record AnswerCounts(long accepted, long pending, long rejected) {

    public static final AnswerCounts NONE = new AnswerCounts(0, 0, 0);

    /** These and those together. */
    public AnswerCounts plus(long moreAccepted, long morePending, long moreRejected) {
        return new AnswerCounts(accepted + moreAccepted, pending + morePending, rejected + moreRejected);
    }
}
