package dev.imageshare.faults;

import dev.imageshare.embedded.EmbeddedKubernetes;
import dev.imageshare.embedded.Fault;
import java.util.function.Supplier;

/** What can happen to one call to the Kubernetes API. */
public enum ApiFault {
    RESET_BEFORE(() -> new Fault.Drop(false)),
    RESET_AFTER(() -> new Fault.Drop(true)),
    FORBIDDEN_403(() -> EmbeddedKubernetes.refusal(403)),
    CONFLICT_409(() -> EmbeddedKubernetes.refusal(409)),
    INVALID_422(() -> EmbeddedKubernetes.refusal(422)),
    GONE_410(() -> EmbeddedKubernetes.refusal(410)),
    RATE_LIMITED_429(() -> EmbeddedKubernetes.refusal(429)),
    SERVER_ERROR_500(() -> EmbeddedKubernetes.refusal(500)),
    AWAY(Fault.Down::new);

    private final Supplier<Fault> fault;

    ApiFault(Supplier<Fault> fault) {
        this.fault = fault;
    }

    public Fault get() {
        return fault.get();
    }

    /** Whether it can happen to a call of this kind. */
    public boolean fits(ApiCall call) {
        return switch (this) {
            case GONE_410 -> call == ApiCall.WATCH || call == ApiCall.LIST;
            case CONFLICT_409, INVALID_422 ->
                call == ApiCall.STATUS_PATCH || call == ApiCall.SECRET_PATCH || call == ApiCall.FINALIZER_PATCH;
            case RESET_AFTER -> call != ApiCall.WATCH;
            default -> true;
        };
    }
}
