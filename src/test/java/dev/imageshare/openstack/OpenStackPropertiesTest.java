package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okio.Buffer;
import okio.ByteString;

/** Whatever comes in, from a Secret or from a cloud, is a value or a typed failure. */
class OpenStackPropertiesTest {
    private static final String IMAGE = "1f7c2c2e-0000-4000-8000-000000000000";
    private static final String GOOD = "{\"members\": [{\"member_id\": \"abc\", \"image_id\": \"" + IMAGE
            + "\", \"status\": \"pending\", \"created_at\":"
            + " \"2026-11-21T18:00:08Z\", \"updated_at\": \"2026-11-21T18:00:08Z\"}], \"schema\": \"s\"}";
    private static final String YAML =
            "clouds:\n  c:\n    region_name: R\n    verify: true\n    auth_type: password\n    auth:\n      auth_url:"
                    + " https://k/v3\n      username: u\n      password: hidden-password\n      user_domain_id: d\n";

    @Property(tries = 2_000)
    void a_clouds_yaml_is_a_config_or_refused(@ForAll("yamls") String yaml) {
        try {
            assertThat(CloudConfig.parse(yaml, "c", null).keystone()).isNotNull();
        } catch (OpenStackException e) {
            assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
            assertThat(e).hasNoCause();
            assertThat(e.getMessage()).doesNotContain("hidden", "\n");
        }
    }

    @Property(tries = 500)
    void a_CA_is_read_or_refused(@ForAll String pem) {
        try {
            assertThat(CloudConfig.parse(YAML, "c", pem)).isNotNull();
        } catch (OpenStackException e) {
            assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
        }
    }

    @Property(tries = 2_000)
    void a_member_list_is_whole_or_malformed(@ForAll("lists") String body) throws IOException {
        List<Member> members;
        try {
            members = members(body);
        } catch (OpenStackException e) {
            assertThat(e.kind()).isEqualTo(Kind.MALFORMED_ANSWER);
            return;
        }
        // never fewer than the text has
        assertThat(members).hasSize(body.split("\"member_id\"", -1).length - 1);
    }

    @Property(tries = 300)
    void a_member_list_of_any_length_is_read_whole(@ForAll("ids") List<String> ids) throws Exception {
        List<Map<String, String>> rows = ids.stream()
                .map(id -> Map.of(
                        "member_id", id,
                        "image_id", IMAGE,
                        "status", "accepted",
                        "created_at", "2026-11-21T18:00:08Z",
                        "updated_at", "2026-11-21T18:00:08Z"))
                .toList();
        String body = new ObjectMapper().writeValueAsString(Map.of("members", rows));
        assertThat(members(body)).extracting(Member::projectId).containsExactlyElementsOf(ids);
    }

    @Provide
    Arbitrary<List<String>> ids() {
        return Arbitraries.strings().ofMinLength(1).ofMaxLength(20).list().ofMaxSize(50);
    }

    @Provide
    Arbitrary<String> yamls() {
        return Arbitraries.oneOf(
                spoiled(YAML), Arbitraries.strings(), spoiled(YAML).flatMap(OpenStackPropertiesTest::spoiled));
    }

    @Provide
    Arbitrary<String> lists() {
        return Arbitraries.oneOf(
                spoiled(GOOD), Arbitraries.strings(), spoiled(GOOD).flatMap(OpenStackPropertiesTest::spoiled));
    }

    /** A piece of it replaced: nothing or a token of the format. */
    private static Arbitrary<String> spoiled(String text) {
        Arbitrary<Integer> at = Arbitraries.integers().between(0, Math.max(0, text.length() - 1));
        Arbitrary<Integer> length = Arbitraries.integers().between(0, 8);
        Arbitrary<String> piece = Arbitraries.of(
                "",
                "null",
                "[",
                "]",
                "{",
                "}",
                ":",
                "- ",
                "&a ",
                "*a",
                "<<: ",
                "\"",
                "'",
                "\n",
                "\t",
                "!!int ",
                "!!binary ",
                "%",
                "|",
                "0",
                "true",
                ",",
                "\u0000",
                "é",
                "\ud83d\ude00",
                "? ",
                "---\n",
                "#");
        return Combinators.combine(at, length, piece)
                .as((from, count, with) -> text.substring(0, Math.min(from, text.length()))
                        + with
                        + text.substring(Math.min(text.length(), from + count)));
    }

    private static List<Member> members(String text) throws IOException {
        Ask ask = new Ask(
                "",
                Ask.Service.GLANCE,
                "GET",
                HttpUrl.get("http://glance:9292/"),
                "members",
                "/",
                "req-1",
                false,
                null,
                null,
                null,
                List.of());
        HttpAnswer answer = new HttpAnswer(ask, 200, Headers.EMPTY, ByteString.EMPTY);
        AnswerLimits limits = AnswerLimits.forHeap(1 << 30);
        try (AnswerBudget.Lease lease = new AnswerBudget(limits.inFlight()).lease("team")) {
            Body body = new Body(answer, new Buffer().writeUtf8(text).inputStream(), limits, lease);
            return ImageClient.members(answer, body, IMAGE);
        }
    }
}
