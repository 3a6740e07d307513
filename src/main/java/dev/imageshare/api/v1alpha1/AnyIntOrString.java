package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.databind.util.StdConverter;
import io.fabric8.kubernetes.api.model.IntOrString;

/**
 * Makes of whatever stands there what can be looked at: all but a number that Java's int holds becomes text, which the
 * spec's rules then judge. Fabric8's own reader fails at a longer number.
 */
final class AnyIntOrString extends StdConverter<Object, IntOrString> {
    @Override
    public IntOrString convert(Object value) {
        return value instanceof Integer number ? new IntOrString(number) : new IntOrString(String.valueOf(value));
    }
}
