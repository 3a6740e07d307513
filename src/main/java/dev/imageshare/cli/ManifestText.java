package dev.imageshare.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * The documents of a text, separated as by kubectl: one that begins with a brace is JSON, one value after another;
 * otherwise lines of {@code ---} separate documents, each YAML or JSON.
 *
 * @param documents in order; empty ones are left out
 * @param faults those that can't be read, which don't affect the others
 */
record ManifestText(List<ManifestDocument> documents, List<Malformed> faults) {

    private static final String SEPARATOR = "---";

    static ManifestText read(String text) {
        var all = new ManifestText(new ArrayList<>(), new ArrayList<>());
        if (isJson(text)) {
            all.json(text, 0);
        } else {
            all.documentsOf(text);
        }
        return all;
    }

    private static boolean isJson(String text) {
        return text.stripLeading().startsWith("{");
    }

    private void documentsOf(String text) {
        var document = new StringBuilder();
        var first = 0;
        var at = 0;
        for (var line : text.split("(?<=\n)", -1)) {
            at++;
            if (line.startsWith(SEPARATOR)) {
                document(document.toString(), first);
                document.setLength(0);
                first = at;
                var rest = line.substring(SEPARATOR.length()).strip();
                if (!rest.isEmpty() && !rest.startsWith("#")) {
                    faults.add(new Malformed(at, "kubectl allows nothing after '---' in its line"));
                }
            } else {
                document.append(line);
            }
        }
        document(document.toString(), first);
    }

    /**
     * @param before the number of lines before it in the file
     */
    private void document(String text, int before) {
        if (isJson(text)) {
            json(text, before);
            return;
        }
        try {
            YamlReader.read(text).map(document -> moved(document, before)).ifPresent(documents::add);
        } catch (Malformed e) {
            faults.add(e.after(before));
        }
    }

    private void json(String text, int before) {
        var read = new ArrayList<ManifestDocument>();
        try {
            JsonReader.read(text, read);
        } catch (Malformed e) {
            faults.add(e.after(before));
        }
        read.forEach(document -> documents.add(moved(document, before)));
    }

    private static ManifestDocument moved(ManifestDocument document, int lines) {
        document.lines().replaceAll((path, line) -> line + lines);
        return document;
    }
}
