package dev.imageshare.embedded;

/**
 * One thing wrong with an object, as an API server reports it in {@code status.details.causes}.
 *
 * @param field the path of the field, such as {@code spec.members[1].projectID}
 * @param reason the cause's type, such as {@code FieldValueRequired}
 * @param detail the text that follows the path in the server's message
 */
public record FieldError(String field, String reason, String detail) {

    static FieldError required(String field) {
        return new FieldError(field, "FieldValueRequired", "Required value");
    }

    /** An error with a rule's or a pattern's own words; {@code shown} is the value as the server prints it. */
    static FieldError invalid(String field, String shown, String message) {
        return new FieldError(field, "FieldValueInvalid", "Invalid value: " + shown + ": " + message);
    }

    static FieldError forbidden(String field, String message) {
        return new FieldError(field, "FieldValueForbidden", "Forbidden: " + message);
    }

    /** As the server's message has it. */
    @Override
    public String toString() {
        return field + ": " + detail;
    }
}
