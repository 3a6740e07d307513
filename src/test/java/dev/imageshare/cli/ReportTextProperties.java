package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import dev.imageshare.cli.Report.ProjectAccess;
import dev.imageshare.cli.Report.Row;
import dev.imageshare.cli.Report.Sort;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names are what strangers choose, and a spreadsheet runs what begins as a formula does. */
class ReportTextProperties {

    private static String csv(String name) {
        var row = new Row(
                "cloud",
                "id",
                name,
                "owner",
                "shared",
                "active",
                null,
                false,
                "p",
                name,
                "pending",
                null,
                ProjectAccess.member,
                null,
                null,
                null);
        return csv(List.of(row));
    }

    private static String csv(List<Row> rows) {
        var text = new StringWriter();
        ReportText.csv(Report.of(rows, Sort.name, false, List.of()), new PrintWriter(text));
        return text.toString();
    }

    private static List<String> lastLine(String csv) throws IOException {
        try (var lines = new CsvMapper()
                .enable(CsvParser.Feature.WRAP_AS_ARRAY)
                .readerForListOf(String.class)
                .<List<String>>readValues(csv)) {
            var all = new ArrayList<List<String>>();
            lines.forEachRemaining(all::add);
            return all.get(all.size() - 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+1\u2028",
                "=1+1\u2029b",
                "+1\u0085",
                "-1",
                "@SUM(1)\n",
                "=HYPERLINK(\"http://x\";\"y\")",
                "\uff1d1+1",
                "=",
            })
    void whatASpreadsheetWouldCalculateIsText(String name) throws IOException {
        assertThat(lastLine(csv(name)).get(9)).startsWith("'" + name.charAt(0));
    }

    @Property(tries = 300)
    void eachNameIsOneFieldAndReadsAsItWasWritten(@ForAll @NotEmpty String name) throws IOException {
        var line = lastLine(csv(name));

        assertThat(line).hasSize(16);
        var shown = name.replaceAll("\\p{Cntrl}", "?");
        assertThat(line.get(9)).isIn(shown, "'" + shown);
        assertThat(line.get(2)).isEqualTo(line.get(9));
    }

    @Test
    void aReportOfNothingHasItsHeader() {
        assertThat(csv(List.of())).startsWith("cloud,image_id,").endsWith(",not_in_keystone\r\n");
    }
}
