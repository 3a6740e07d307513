package dev.imageshare.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.NoticeType;
import dev.imageshare.api.v1alpha1.ImageShareStatus.ImageInfo;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.api.v1alpha1.MemberAnswer;
import dev.imageshare.notifier.Outbox.Parcel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The messages as people get them, in {@code src/test/resources/notifier}. {@code -Dgolden.write=true} writes them anew; then
 * read them as somebody would who gets one.
 */
class WordingTest {

    private static final Path GOLDEN = Path.of("src/test/resources/notifier");
    private static final String CONSUMER = "8a4d0f3c2b1e4d5f9a6b7c8d9e0f1a2b";
    private static final String ID = "1f7c6a3e-0d0b-4f5e-9a39-2f6d3a6f9f10";
    private static final Instant END = Instant.parse("2027-01-31T00:00:00Z");

    private static final ImageNotifierSpec SPEC = new ImageNotifierSpec(
            ImageNotifierSpec.ReceiverType.smtp,
            null,
            "images@example.org",
            null,
            null,
            null,
            null,
            "[golden images]",
            "Questions? The image team: https://wiki.example.org/images, or answer this mail.",
            false);

    private static Notice notice(
            NoticeType event, String name, String id, MemberAnswer answer, int number, boolean ends) {
        var image = new ImageInfo(
                id, name, Shares.OWNER, "RegionOne", "https://keystone.example.org:443", "shared", "active", null);
        var share = new SharedImage(
                "uid",
                "golden-images",
                "ubuntu-24-04",
                Instant.EPOCH,
                image,
                List.of(),
                ends ? Map.of(CONSUMER, END) : Map.of(),
                null,
                0);
        var member = new MemberInfo(CONSUMER, answer, true, true, null, null, null, null);
        return switch (event) {
            case Answered, RemovalHeld ->
                Notice.toOwner(
                        event,
                        share,
                        event == NoticeType.Answered ? CONSUMER : Shares.OWNER,
                        "0123456789abcdef",
                        answer,
                        number);
            default -> Notice.toConsumer(event, share, member, "2026-11-27T10:00:00.123Z " + number, number);
        };
    }

    private static Notice notice(NoticeType event, MemberAnswer answer, int number) {
        return notice(event, "ubuntu-24.04", ID, answer, number, event == NoticeType.Expiring);
    }

    private static Parcel parcel(Notice... notices) {
        return new Parcel(
                new Recipient("key", "team-a@example.org"),
                List.of(notices),
                List.of(notices).stream().map(Notice::audience).collect(Collectors.toSet()),
                1,
                true);
    }

    private static Map<String, Parcel> messages() {
        var all = new LinkedHashMap<String, Parcel>();
        all.put("offered", parcel(notice(NoticeType.Offered, "ubuntu-24.04", ID, MemberAnswer.pending, 0, true)));
        all.put("offered-and-accepted", parcel(notice(NoticeType.Offered, MemberAnswer.accepted, 0)));
        all.put("reminder", parcel(notice(NoticeType.Reminder, MemberAnswer.pending, 2)));
        all.put("expiring", parcel(notice(NoticeType.Expiring, MemberAnswer.accepted, 0)));
        all.put("withdrawn", parcel(notice(NoticeType.Withdrawn, MemberAnswer.accepted, 0)));
        all.put("answered", parcel(notice(NoticeType.Answered, MemberAnswer.rejected, 0)));
        all.put("removal-held", parcel(notice(NoticeType.RemovalHeld, null, 12)));
        all.put(
                "digest",
                parcel(
                        notice(NoticeType.Offered, MemberAnswer.pending, 0),
                        notice(
                                NoticeType.Offered,
                                "debian-13",
                                "2e6b5f2d-9c1a-4d0e-8b7f-3a5c4d6e7f80",
                                MemberAnswer.pending,
                                0,
                                true),
                        notice(
                                NoticeType.Reminder,
                                "rocky-9",
                                "3d5a4e1c-8b09-4c1f-9a6e-4b6d5e7f8091",
                                MemberAnswer.pending,
                                1,
                                false)));
        var many = new ArrayList<Notice>();
        IntStream.range(0, 500)
                .forEach(i -> many.add(notice(
                        NoticeType.Offered,
                        "image-" + i,
                        "00000000-0000-4000-8000-%012d".formatted(i),
                        MemberAnswer.pending,
                        0,
                        false)));
        all.put("digest-of-500", parcel(many.toArray(Notice[]::new)));
        return all;
    }

    @TestFactory
    List<DynamicTest> messagesAreAsTheyWereRead() {
        var tests = new ArrayList<DynamicTest>();
        var mail = new MailText(SPEC);
        var chat = new ChatText(SPEC);
        var events = new EventText("/apis/imageshare.dev/v1alpha1/namespaces/golden-images/imagenotifiers/mail");
        messages().forEach((name, parcel) -> {
            tests.add(DynamicTest.dynamicTest(name + ".mail.txt", () -> {
                var letter = mail.letter(parcel);
                golden(name + ".mail.txt", "Subject: " + letter.subject() + "\n\n" + letter.text());
            }));
            if (!name.equals("digest-of-500")) {
                tests.add(DynamicTest.dynamicTest(
                        name + ".event.json", () -> golden(name + ".event.json", pretty(events.body(parcel)))));
            }
            tests.add(DynamicTest.dynamicTest(
                    name + ".chat.json", () -> golden(name + ".chat.json", pretty(chat.body(parcel)))));
        });
        return tests;
    }

    private static String pretty(byte[] json) throws IOException {
        var mapper = new ObjectMapper();
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(mapper.readTree(json)) + "\n";
    }

    private static void golden(String name, String text) throws IOException {
        var file = GOLDEN.resolve(name);
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(file, text);
        }
        assertThat(text).isEqualTo(Files.readString(file));
    }

    /** Names come from clouds: whoever names an image writes no header, mention, link or second line. */
    @Test
    void aNameIsOnlyAName() {
        var odd = notice(
                NoticeType.Offered,
                "a\r\nBcc: all@example.org\n\n<@channel> <https://evil.example|x>\u202e" + "x".repeat(300),
                ID,
                MemberAnswer.pending,
                0,
                false);

        var letter = new MailText(SPEC).letter(parcel(odd));
        assertThat(letter.subject()).doesNotContain("\r", "\n", "\u202e").hasSizeLessThan(160);
        assertThat(letter.text().lines())
                .allMatch(line -> line.length() < 400)
                .noneMatch(line -> line.startsWith("Bcc"));
        var chat = new String(new ChatText(SPEC).body(parcel(odd)), StandardCharsets.UTF_8);
        assertThat(chat.substring(chat.indexOf("\"section\""))).doesNotContain("<@", "<https");
    }

    @Test
    void linesOfAMailAreShort() {
        messages()
                .forEach((name, parcel) -> assertThat(
                                new MailText(SPEC).letter(parcel).text().lines())
                        .as(name)
                        .allMatch(line -> line.length() <= 200));
    }

    @Test
    void theSameNoticesAreTheSameMessage() {
        var a = notice(NoticeType.Offered, MemberAnswer.pending, 0);
        var b = notice(NoticeType.Reminder, MemberAnswer.pending, 1);

        assertThat(Wording.id(List.of(a, b))).isEqualTo(Wording.id(List.of(b, a)));
        assertThat(Set.of(Wording.id(List.of(a)), Wording.id(List.of(b)), Wording.id(List.of(a, b))))
                .hasSize(3);
    }
}
