package dev.imageshare.projectset;

import dev.imageshare.api.v1alpha1.ProjectSetSpec;
import dev.imageshare.api.v1alpha1.ProjectSetStatus;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a pass decides by.
 *
 * @param uid the set's: an approval is for one object
 * @param generation the set's: an approval is for one state of it
 * @param spec one that breaks none of {@link ProjectSetRules}
 * @param before the status so far; null for a set that is new, or was restored without it
 * @param readings one of each selector of the spec
 * @param released those that left by earlier passes and that some ImageShare hasn't followed yet
 * @param approval the hash that a person gave, or null
 * @param clockTrusted whether the operator's clock agrees with others'; if not, nothing happens by time
 * @param now the time of the pass
 */
record SetInput(
        String uid,
        long generation,
        ProjectSetSpec spec,
        @Nullable ProjectSetStatus before,
        List<SelectorReading> readings,
        Set<String> released,
        @Nullable String approval,
        boolean clockTrusted,
        Instant now) {

    SetInput {
        readings = List.copyOf(readings);
        released = Set.copyOf(released);
    }

    SetInput withReadings(List<SelectorReading> others) {
        return new SetInput(uid, generation, spec, before, others, released, approval, clockTrusted, now);
    }
}
