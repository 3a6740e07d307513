package dev.imageshare.reconcile;

/** Ends a pass with a {@link Problem} that is the object's whole state for now. */
public class ProblemException extends RuntimeException {

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.message(), null, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
