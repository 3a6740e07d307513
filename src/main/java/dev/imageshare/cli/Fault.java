package dev.imageshare.cli;

/**
 * Why something in the files can't be planned.
 *
 * @param object the kind, namespace and name; empty for a whole file
 */
record Fault(Place place, String object, String message) {

    /**
     * A position.
     *
     * @param file its name as given, {@code -} for standard input
     * @param line from 1; 0 if it isn't known
     */
    record Place(String file, int line) {
        @Override
        public String toString() {
            return line == 0 ? file : file + ":" + line;
        }
    }

    @Override
    public String toString() {
        return place + ": " + (object.isEmpty() ? "" : object + ": ") + message;
    }
}
