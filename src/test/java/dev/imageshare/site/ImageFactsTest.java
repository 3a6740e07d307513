package dev.imageshare.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an image's properties say. */
class ImageFactsTest {

    @ParameterizedTest
    @CsvSource({
        "ubuntu-24.04-20260107, ubuntu-24.04",
        "ubuntu-24.04-2026-01-07, ubuntu-24.04",
        "rocky-9.5_20260107.1, rocky-9.5",
        "'debian 13 (2026-01-07)', debian 13",
        "Fedora 43 2026.01, Fedora 43",
        "win-2025, win-2025",
        "windows-server-2022, windows-server-2022",
        "20260107, 20260107",
        "ubuntu-24.04, ubuntu-24.04",
    })
    void imagesOfOneFamilyDifferByADateAtTheEnd(String name, String family) {
        assertThat(ImageFacts.withoutDate(name)).isEqualTo(family);
    }

    @Test
    void onlyADateIsCountedFrom() {
        assertThat(ImageFacts.date("2026-01-07")).contains(LocalDate.of(2026, 1, 7));
        assertThat(ImageFacts.date("2026-01-07T23:30:00-02:00")).contains(LocalDate.of(2026, 1, 8));
        assertThat(ImageFacts.date("2026-01-07 23:30:00Z")).contains(LocalDate.of(2026, 1, 7));
        assertThat(List.of("none", "", "2026-02-30", "notice of 3 months", "20260107"))
                .allSatisfy(text -> assertThat(ImageFacts.date(text)).isEmpty());
        assertThat(ImageFacts.date(null)).isEmpty();
    }

    @Test
    void anOwnersTextsAreCutAndBlankOnesAreNone() {
        var facts = ImageFacts.of(
                Map.of(ImageFacts.ImageFact.version, "release"),
                Map.of(
                        "image_family",
                        "  ",
                        "release",
                        " 24.04 ",
                        "os_version",
                        "no",
                        "image_description",
                        "x".repeat(10_000)),
                Instant.EPOCH,
                List.of());

        assertThat(facts.family()).isNull();
        assertThat(facts.version()).isEqualTo("24.04");
        assertThat(facts.description()).hasSize(501);
        assertThat(facts.day()).contains(LocalDate.EPOCH);
    }
}
