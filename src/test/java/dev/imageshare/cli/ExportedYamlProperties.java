package dev.imageshare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imageshare.cli.CloudImages.Owned;
import dev.imageshare.openstack.Image;
import dev.imageshare.openstack.Member;
import dev.imageshare.openstack.MemberStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** An export is the same to each reader of YAML, whatever an image is called: to one of 1.1, one of 1.2, and kubectl. */
class ExportedYamlProperties {

    private static final String ID = "12345678-0000-4000-8000-000000000000";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> READ_AS_SOMETHING_ELSE = List.of(
            "20260107",
            "2026-01-07",
            "yes",
            "No",
            "y",
            "N",
            "on",
            "OFF",
            "true",
            "null",
            "Null",
            "~",
            "1e5",
            "0x1f",
            "0o17",
            "017",
            "0b1",
            "1_000",
            "1:30",
            ".5",
            ".inf",
            "-.INF",
            ".nan",
            "nan",
            "inf",
            "=",
            "<<",
            "-",
            "--- ",
            "...",
            "",
            " ",
            "\u0085",
            "\u2028",
            "\uFEFFx",
            "# no comment",
            "a: b",
            "a #b",
            "{{ x }}",
            "${X}",
            "%TAG",
            "!x",
            "&x",
            "*x",
            "'",
            "\"",
            "\\",
            "@",
            "`",
            "\uD83D\uDC27",
            "line\nbreak",
            "\ttab");

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.oneOf(
                Arbitraries.of(READ_AS_SOMETHING_ELSE),
                Arbitraries.strings().ofMaxLength(255),
                Arbitraries.strings()
                        .numeric()
                        .withChars("eExXoO_.:+-")
                        .ofMinLength(1)
                        .ofMaxLength(12),
                Arbitraries.strings()
                        .withChars("yesnoffalstru ~<=#:{}[]|>-?!&*'\"\\@`%\n\r\t\u0085\u2028\uFEFF\uD800\u0000")
                        .ofMaxLength(12));
    }

    /** Without half characters, and without what snakeyaml-engine 3 can't read: YAML's escapes of three line ends. */
    @Provide
    Arbitrary<String> entries() {
        return names().map(name ->
                        "x".repeat(name.isEmpty() ? 1 : 0) + name.replaceAll("[\\x{85}\\x{2028}\\x{2029}\\p{Cs}]", ""))
                .filter(name -> !name.isEmpty());
    }

    private static String export(String imageName, String cloud, String secret, String namespace, String... members) {
        var image = new Image(ID, imageName, "f".repeat(32), "shared", "active", List.of(), Instant.EPOCH);
        var all = new ArrayList<Member>();
        for (var member : members) {
            all.add(new Member(member, MemberStatus.pending, Instant.EPOCH.toString(), Instant.EPOCH.toString()));
        }
        return new Export(cloud, secret, namespace, null, java.util.Map.of())
                .of(List.of(new Owned(image, false, all)))
                .get(0)
                .text();
    }

    @Property(tries = 500)
    void everyReaderReadsTheSame(
            @ForAll("names") String imageName,
            @ForAll("entries") String cloud,
            @ForAll("entries") String secret,
            @ForAll("names") String odd) {
        var text = export(imageName, cloud, secret, "20260107", "1".repeat(32), "0x" + "a".repeat(30), "1e5", odd);

        var kubectl = ManifestText.read(text);
        assertThat(kubectl.faults()).as(text).isEmpty();
        assertThat(kubectl.documents()).as(text).hasSize(1);
        var object = kubectl.documents().get(0).tree();
        var yaml11 =
                JSON.valueToTree(new Yaml(new SafeConstructor(new LoaderOptions())).<Map<String, Object>>load(text));
        var yaml12 = JSON.valueToTree(
                new Load(LoadSettings.builder().setSchema(new CoreSchema()).build()).loadFromString(text));

        assertThat((Object) yaml11).as(text).isEqualTo(object);
        assertThat((Object) yaml12).as(text).isEqualTo(object);
        assertThat(object.at("/spec/cloudCredentialsRef/cloudName").textValue()).isEqualTo(cloud);
        assertThat(object.at("/spec/cloudCredentialsRef/secretName").textValue())
                .isEqualTo(secret);
        assertThat(object.at("/spec/image/id").textValue()).isEqualTo(ID);
        assertThat(object.at("/spec/members/2/projectID").textValue()).isEqualTo("1e5");
        assertThat(object.at("/metadata/name").textValue()).matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
        assertThat(object.at("/metadata/namespace").textValue()).isEqualTo("20260107");
        assertThat(new MetadataRules().check(object.get("metadata"))).isEmpty();
    }

    @Example
    void anImageWithADateForANameIsQuoted() {
        assertThat(export("20260107", "yes", "1e5", "team", "a".repeat(32)))
                .contains("name: '20260107'", "cloudName: 'yes'", "secretName: '1e5'");
    }
}
