package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.databind.util.StdConverter;
import io.fabric8.kubernetes.api.model.IntOrString;

/**
 * Reads any value: everything except a number in the range of Java's int becomes a string, which the spec's rules then
 * validate. Fabric8's own deserializer fails for larger numbers.
 */
final class AnyIntOrString extends StdConverter<Object, IntOrString> {
    @Override
    public IntOrString convert(Object value) {
        return value instanceof Integer number ? new IntOrString(number) : new IntOrString(String.valueOf(value));
    }
}
