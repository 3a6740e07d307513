package dev.imageshare.faults;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * The cells of a fault matrix that a run plays: all with {@code -Dfaults.all=true}, as CI does, else a third: of each call
 * every third fault, beginning with another one for each call.
 */
public final class FaultCells {

    private static final int PARTS = Boolean.getBoolean("faults.all") ? 1 : 3;

    private FaultCells() {}

    /**
     * The cells of a cloud's calls.
     *
     * @param part which third of them: tests that play the same calls take different ones
     */
    public static Stream<Arguments> ofCloud(Collection<CloudCall> calls, int part) {
        return of(calls, CloudFault.values(), CloudFault::fits, part);
    }

    /**
     * The cells of calls to the Kubernetes API.
     *
     * @param part which third of them: tests that play the same calls take different ones
     */
    public static Stream<Arguments> ofApi(Collection<ApiCall> calls, int part) {
        return of(calls, ApiFault.values(), ApiFault::fits, part);
    }

    private static <C extends Enum<C>, F extends Enum<F>> Stream<Arguments> of(
            Collection<C> calls, F[] faults, BiPredicate<F, C> fits, int part) {
        return calls.stream()
                .flatMap(call -> Arrays.stream(faults)
                        .filter(fault -> fits.test(fault, call))
                        .filter(fault -> (fault.ordinal() + call.ordinal() + part) % PARTS == 0)
                        .map(fault -> Arguments.of(call, fault)));
    }
}
