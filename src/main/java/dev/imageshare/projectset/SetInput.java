package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a plan is computed from.
 *
 * @param uid the set's; an approval is for one object
 * @param generation the set's; an approval is for one generation
 * @param spec valid by {@link ProjectSetRules}
 * @param before the status so far; null for a set that is new, or was restored without it
 * @param readings one of each selector of the spec
 * @param applications what the requests come to; null if that isn't known, so that nobody leaves by it
 * @param released projects that left in earlier passes, until all ImageShares have followed
 * @param approval the hash in the annotation, or null
 * @param clockTrusted whether the operator's clock agrees with others'; if not, nobody leaves by time
 * @param now the time of the pass
 */
record SetInput(
        String uid,
        long generation,
        ProjectSetSpec spec,
        @Nullable ProjectSetStatus before,
        List<SelectorReading> readings,
        @Nullable Applications applications,
        Set<String> released,
        @Nullable String approval,
        boolean clockTrusted,
        Instant now) {

    SetInput {
        readings = List.copyOf(readings);
        released = Set.copyOf(released);
    }

    SetInput withReadings(List<SelectorReading> others) {
        return new SetInput(uid, generation, spec, before, others, applications, released, approval, clockTrusted, now);
    }
}
