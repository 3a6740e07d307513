package dev.imageshare.api.v1alpha1;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.io.IOException;

/**
 * Reads whatever stands there; what is no number that Java's int holds becomes its text, which the spec's rules then refuse.
 * Fabric8's own reader fails, and with it the informer, and so the operator for everybody.
 */
final class AnyIntOrString extends JsonDeserializer<IntOrString> {
    @Override
    public IntOrString deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT) {
            return new IntOrString(parser.getIntValue());
        }
        return new IntOrString(
                parser.currentToken().isScalarValue()
                        ? parser.getText()
                        : parser.readValueAsTree().toString());
    }
}
