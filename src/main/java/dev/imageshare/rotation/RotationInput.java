package dev.imageshare.rotation;

import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSetSpec;
import dev.imageshare.api.v1alpha1.ImageShareSetStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a pass decides by.
 *
 * @param name the set's
 * @param uid the set's: an approval is for one object
 * @param generation the set's: an approval is for one state of it
 * @param spec one that breaks none of {@link ImageShareSetRules}
 * @param before the status so far; null for a set that is new, or was restored without it
 * @param readings one of each cloud of the spec
 * @param lookups what was found of images that a complete list no longer shows
 * @param shares by name, the ImageShares of the namespace that have the set's label or are owned by a set of its name, or have
 *     a name that the set would give
 * @param sameCloud one name for all origins of a Keystone
 * @param approval the hash that a person gave, or null
 * @param clockTrusted whether the operator's clock agrees with others'; if not, nothing retires
 * @param now the time of the pass
 */
record RotationInput(
        String name,
        String uid,
        long generation,
        ImageShareSetSpec spec,
        @Nullable ImageShareSetStatus before,
        List<CloudReading> readings,
        Map<CloudImageId, ImageLookup> lookups,
        Map<String, ImageShare> shares,
        UnaryOperator<String> sameCloud,
        @Nullable String approval,
        boolean clockTrusted,
        Instant now) {

    RotationInput {
        readings = List.copyOf(readings);
        lookups = Map.copyOf(lookups);
        shares = Map.copyOf(shares);
    }

    RotationInput withLookups(Map<CloudImageId, ImageLookup> others) {
        return new RotationInput(
                name, uid, generation, spec, before, readings, others, shares, sameCloud, approval, clockTrusted, now);
    }
}
