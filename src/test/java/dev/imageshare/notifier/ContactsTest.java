package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContactsTest {

    private static final byte[] SECRET = {1, 2, 3};

    private static List<String> of(String text, String project) {
        return Contacts.parse(text, SECRET).of(project).stream()
                .map(Recipient::address)
                .toList();
    }

    @Test
    void aProjectHasOneAddressOrMany() {
        var text = """
                8a4d0f3c2b1e4d5f9a6b7c8d9e0f1a2b: [team-a@example.org, ops@example.org, team-a@example.org]
                0123: a.b+c@sub.example.org
                1e5: x@localhost
                nobody:
                """;

        assertThat(of(text, "8a4d0f3c2b1e4d5f9a6b7c8d9e0f1a2b"))
                .containsExactly("team-a@example.org", "ops@example.org");
        assertThat(of(text, "0123")).containsExactly("a.b+c@sub.example.org");
        assertThat(of(text, "1e5")).containsExactly("x@localhost");
        assertThat(of(text, "nobody")).isEmpty();
        assertThat(of(text, "other")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3cr3t@example.org",
                "- s3cr3t@example.org",
                "a: [s3cr3t@example.org",
                "a: s3cr3t@example.org\na: x@example.org",
                "a: Team <s3cr3t@example.org>",
                "a: \"s3cr3t@example.org\\r\\nBcc: x@example.org\"",
                "a: s3cr3t",
                "a: s3cr3t@",
                "a: [[s3cr3t@example.org]]",
                "a: {s3cr3t: b}",
                "a: s3cr3t@exämple.org",
                "a: \"s3cr3t @example.org\"",
                "[a]: s3cr3t@example.org",
                "a: &x [*x, s3cr3t]"
            })
    void whatIsNoContactIsRefusedWithoutShowingIt(String text) {
        assertThatThrownBy(() -> Contacts.parse(text, SECRET))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("contacts.yaml")
                .message()
                .doesNotContain("s3cr3t");
    }

    /** Who reads a status can't try addresses on it. */
    @Test
    void aKeyIsMadeWithTheSecret() {
        var one = Recipient.of("a@example.org", SECRET);

        assertThat(one).isEqualTo(Recipient.of("a@example.org", SECRET));
        assertThat(one.key())
                .matches("[0-9a-f]{16}")
                .isNotEqualTo(Recipient.of("b@example.org", SECRET).key());
        assertThat(one.key())
                .isNotEqualTo(Recipient.of("a@example.org", new byte[] {3}).key());
        assertThat(one.toString()).doesNotContain("example");
    }
}
