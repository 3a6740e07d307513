package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.imageshare.embedded.EmbeddedOpenStack;
import dev.imageshare.embedded.OpenStackLab;
import dev.imageshare.openstack.OpenStackException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What the client makes of every answer of Keystone and Glance that a reconciler can meet. It runs on the embedded
 * services always, and on the real ones with {@code -Preal}, so that the embedded ones stay like the real.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ImageServiceContract {
    private static final String ABSENT = "00000000-0000-4000-8000-000000000000";
    private static final int QUOTA = 128;

    private final AtomicLong nanos = new AtomicLong();
    private final Clouds clouds = new Clouds(CloudSettings.defaults(), nanos::get);
    private OpenStackLab lab;
    private OpenStackLab strict;

    /** With Glance's default policy. */
    abstract OpenStackLab lab();

    /** With role-based policies, and duplicates by equal additions at once. */
    abstract OpenStackLab strictLab();

    @BeforeAll
    void start() {
        lab = lab();
        strict = strictLab();
    }

    @AfterAll
    void stop() {
        clouds.close();
        lab.close();
        strict.close();
    }

    private ImageClient as(String cloud) {
        return in(lab, cloud);
    }

    private ImageClient in(OpenStackLab where, String cloud) {
        return with(where.cloudsYaml(), cloud);
    }

    private ImageClient with(String yaml, String cloud) {
        return clouds.cloud("team", yaml, cloud, CloudConfig.parse(yaml, cloud, null))
                .newPass();
    }

    /** Glance 30 leaves it to its policies who writes members, and the old ones let everybody who is shown the image. */
    private boolean anybodyMayWriteMembers() {
        return lab.glanceVersion() == 30;
    }

    private String image(String visibility) {
        return lab.createImage("producer", "contract-" + UUID.randomUUID(), visibility, List.of());
    }

    private static OpenStackException failure(ThrowingCallable call) {
        return catchThrowableOfType(OpenStackException.class, call);
    }

    private static void assertFails(ThrowingCallable call, Kind kind, int status, String... gist) {
        OpenStackException e = failure(call);
        assertThat(e).isNotNull();
        assertThat(e.kind()).describedAs(e.getMessage()).isEqualTo(kind);
        assertThat(e.status()).describedAs(e.getMessage()).isEqualTo(status);
        assertThat(e.getMessage()).doesNotContain("\n", "<br").hasSizeLessThan(1_500);
        for (String each : gist) {
            assertThat(e.getMessage()).contains(each);
        }
        assertThat(e.outcomeUnknown()).isFalse();
        assertThat(e).hasNoCause();
    }

    // ------------------------------------------------------------------- logins

    @Test
    void a_login_tells_the_project_the_region_and_the_endpoint() {
        for (String cloud : List.of("producer", "producer-app", "producer-reader")) {
            ProjectScope scope = as(cloud).scope();
            assertThat(scope.projectId()).isEqualTo(lab.projectId("images"));
            assertThat(scope.region()).isEqualTo("RegionOne");
            assertThat(scope.imageEndpoint().toString()).matches("http://127\\.0\\.0\\.1:\\d+/?");
        }
    }

    @Test
    void an_auth_url_without_v3_is_the_same() {
        String yaml = lab.cloudsYaml().replace("/v3\n", "/\n");
        assertThat(with(yaml, "producer").scope().projectId()).isEqualTo(lab.projectId("images"));
    }

    @Test
    void a_wrong_password_is_refused() {
        String yaml = lab.cloudsYaml().replace("lab-user-secret", "wrong-password");
        assertFails(
                () -> with(yaml, "producer").scope(), Kind.LOGIN_REFUSED, 401, "requires authentication", "password");
    }

    @Test
    void an_unknown_application_credential_is_refused_though_Keystone_says_404() {
        String yaml = lab.cloudsYaml()
                .replaceAll("application_credential_id: .*", "application_credential_id: " + "0".repeat(32));
        assertFails(
                () -> with(yaml, "producer-app").scope(),
                Kind.LOGIN_REFUSED,
                404,
                "Could not find Application Credential",
                "deleted application credential");
    }

    @Test
    void a_wrong_secret_of_an_application_credential_is_refused() {
        String yaml = lab.cloudsYaml()
                .replaceAll("application_credential_secret: .*", "application_credential_secret: not-this");
        assertFails(() -> with(yaml, "producer-app").scope(), Kind.LOGIN_REFUSED, 401, "requires authentication");
    }

    @Test
    void an_unknown_entry_names_those_that_exist() {
        assertFails(() -> as("nobody"), Kind.INVALID_CONFIG, 0, "nobody", "producer-app", "consumer-a");
    }

    @Test
    void broken_yaml_is_not_quoted() {
        OpenStackException e = failure(() -> with("clouds:\n  producer: {password: 'oh-secret\n", "producer"));
        assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
        assertThat(e.getMessage()).contains("line ").doesNotContain("oh-secret");
    }

    @Test
    void an_auth_url_that_is_not_Keystones_is_told() {
        String glance = as("producer").scope().imageEndpoint().toString().replaceAll("/$", "");
        String yaml = lab.cloudsYaml().replaceAll("auth_url: .*", "auth_url: " + glance);
        OpenStackException e = failure(() -> with(yaml, "producer").scope());
        assertThat(e.kind()).isEqualTo(Kind.INVALID_CONFIG);
        assertThat(e.getMessage()).contains("doesn't respond like Keystone v3");
        String elsewhere = lab.cloudsYaml().replace("/v3\n", "/nothing-here\n");
        assertFails(
                () -> with(elsewhere, "producer").scope(),
                Kind.INVALID_CONFIG,
                404,
                "doesn't respond like Keystone v3");
    }

    @Test
    void a_host_where_nothing_listens_is_unreachable() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String yaml = lab.cloudsYaml().replaceAll("auth_url: .*", "auth_url: http://127.0.0.1:" + port + "/v3");
        assertFails(
                () -> with(yaml, "producer").scope(), Kind.UNREACHABLE, 0, "127.0.0.1:" + port, "connection refused");
        String unknown = lab.cloudsYaml().replaceAll("auth_url: .*", "auth_url: http://keystone.invalid/v3");
        assertFails(() -> with(unknown, "producer").scope(), Kind.UNREACHABLE, 0, "keystone.invalid", "no such host");
    }

    @Test
    void a_catalog_without_an_image_service_is_told() {
        assertFails(() -> as("no-image").scope(), Kind.NO_IMAGE_SERVICE, 201, "identity", "RegionOne");
        String yaml = lab.cloudsYaml().replace("RegionOne", "RegionTwo");
        assertFails(
                () -> with(yaml, "producer").scope(), Kind.NO_IMAGE_SERVICE, 201, "RegionTwo", "public, RegionOne)");
    }

    @Test
    void a_login_without_a_project_is_not_sent() {
        String yaml = lab.cloudsYaml().replace("project_name: admin\n", "\n");
        assertFails(() -> with(yaml, "admin").scope(), Kind.INVALID_CONFIG, 0, "no project", "project_name");
    }

    @Test
    void a_revoked_token_is_replaced_once() {
        String image = image("shared");
        String yaml = lab.applicationCredential(List.of());
        CloudConfig config = CloudConfig.parse(yaml, "credential", null);
        Cloud cloud = clouds.cloud("team", "revoked", "credential", config);
        String first = cloud.session().token().value();
        lab.revoke(first);
        assertThat(cloud.newPass().members(image)).isEmpty();
        assertThat(cloud.session().token().value()).isNotEqualTo(first);
    }

    @Test
    void a_token_is_renewed_before_it_ends() {
        Cloud cloud =
                clouds.cloud("team", "renewed", "producer", CloudConfig.parse(lab.cloudsYaml(), "producer", null));
        String first = cloud.session().token().value();
        nanos.addAndGet(Duration.ofMinutes(47).toNanos());
        assertThat(cloud.session().token().value()).isEqualTo(first);
        nanos.addAndGet(Duration.ofMinutes(2).toNanos());
        assertThat(cloud.session().token().value()).isNotEqualTo(first);
    }

    @Test
    void access_rules_answer_401_to_what_they_do_not_allow() {
        String image = image("shared");
        ImageClient client = with(lab.applicationCredential(List.of("GET /v2/images/*/members")), "credential");
        assertThat(client.members(image)).isEmpty();
        assertFails(
                () -> client.createMember(image, lab.projectId("stranger")), Kind.UNAUTHORIZED, 401, "access rules");
        assertThat(lab.members("producer", image)).isEmpty();
    }

    @Test
    void access_rules_for_sharing_are_enough() {
        String image = image("shared");
        ImageClient client = with(
                lab.applicationCredential(List.of(
                        "GET /v2/images/*",
                        "GET /v2/images/*/members",
                        "POST /v2/images/*/members",
                        "DELETE /v2/images/*/members/*")),
                "credential");
        client.createMember(image, lab.projectId("stranger"));
        client.deleteMember(image, lab.projectId("stranger"));
        assertThat(client.members(image)).isEmpty();
        assertThat(client.image(image).owner()).isEqualTo(lab.projectId("images"));
    }

    @Test
    void a_certificate_is_trusted_by_its_CA_or_when_verify_is_off_and_else_not() {
        HeldCertificate ca =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        HeldCertificate other =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        HeldCertificate server = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .signedBy(ca)
                .build();
        HandshakeCertificates tls =
                new HandshakeCertificates.Builder().heldCertificate(server).build();
        try (EmbeddedOpenStack https =
                EmbeddedOpenStack.start(EmbeddedOpenStack.Options.defaults().withTls(tls.sslContext()))) {
            String yaml = https.cloudsYaml();
            assertFails(() -> with(yaml, "producer").scope(), Kind.TLS_UNTRUSTED, 0, "cacert");
            CloudConfig wrong = CloudConfig.parse(yaml, "producer", other.certificatePem());
            assertFails(
                    () -> clouds.cloud("team", "tls", "producer", wrong)
                            .newPass()
                            .scope(),
                    Kind.TLS_UNTRUSTED,
                    0,
                    "cacert");
            CloudConfig right = CloudConfig.parse(yaml, "producer", ca.certificatePem());
            assertThat(clouds.cloud("team", "tls", "producer", right)
                            .newPass()
                            .scope()
                            .projectId())
                    .isEqualTo(https.projectId("images"));
            String unverified = yaml.replace("    region_name", "    verify: false\n    region_name");
            assertThat(with(unverified, "producer").scope().projectId()).isEqualTo(https.projectId("images"));
            // and nobody else's trust has changed
            assertFails(() -> with(yaml + "\n", "producer").scope(), Kind.TLS_UNTRUSTED, 0, "cacert");
        }
    }

    @Test
    void another_host_name_in_the_certificate_is_not_trusted() {
        HeldCertificate server = new HeldCertificate.Builder()
                .addSubjectAlternativeName("keystone.example")
                .build();
        HandshakeCertificates tls =
                new HandshakeCertificates.Builder().heldCertificate(server).build();
        try (EmbeddedOpenStack https =
                EmbeddedOpenStack.start(EmbeddedOpenStack.Options.defaults().withTls(tls.sslContext()))) {
            CloudConfig config = CloudConfig.parse(https.cloudsYaml(), "producer", server.certificatePem());
            assertFails(
                    () -> clouds.cloud("team", "host", "producer", config)
                            .newPass()
                            .scope(),
                    Kind.TLS_UNTRUSTED,
                    0,
                    "another host name");
        }
    }

    // ------------------------------------------------------------------ members

    @Test
    void a_member_is_added_listed_answered_and_removed() {
        String image = image("shared");
        String project = lab.projectId("consumer-a");
        ImageClient producer = as("producer-app");
        assertThat(producer.members(image)).isEmpty();
        Member added = producer.createMember(image, project);
        assertThat(added.projectId()).isEqualTo(project);
        assertThat(added.status()).isEqualTo(MemberStatus.pending);
        assertThat(Instant.parse(added.updatedAt())).isAfterOrEqualTo(Instant.parse(added.createdAt()));
        for (MemberStatus status : List.of(MemberStatus.accepted, MemberStatus.rejected, MemberStatus.pending)) {
            assertThat(as("consumer-a").updateMember(image, project, status).status())
                    .isEqualTo(status);
            assertThat(producer.members(image)).extracting(Member::status).containsExactly(status);
            assertThat(producer.member(image, project).status()).isEqualTo(status);
        }
        producer.deleteMember(image, project);
        assertThat(producer.members(image)).isEmpty();
        assertFails(() -> producer.member(image, project), Kind.NOT_FOUND, 404, "not found in the member list");
        assertThat(producer.createMember(image, project).createdAt()).isEqualTo(added.createdAt());
    }

    @Test
    void members_come_in_the_order_in_which_they_were_added() {
        String image = image("shared");
        List<String> ids = List.of("cc", "aa", "bb");
        ids.forEach(each -> as("producer").createMember(image, each));
        assertThat(as("producer").members(image)).extracting(Member::projectId).containsExactlyElementsOf(ids);
    }

    @Test
    void a_duplicate_is_a_conflict_and_an_absent_one_not_found() {
        String image = image("shared");
        as("producer").createMember(image, "m");
        assertFails(() -> as("producer").createMember(image, "m"), Kind.CONFLICT, 409, "Member m is duplicated");
        assertFails(
                () -> as("producer").deleteMember(image, "absent"),
                Kind.NOT_FOUND,
                404,
                "absent not found in the member list");
    }

    @Test
    void who_does_not_own_the_image_is_shown_itself_only() {
        String image = image("shared");
        String a = lab.projectId("consumer-a");
        lab.addMember("producer", image, a);
        lab.addMember("producer", image, lab.projectId("consumer-b"));
        assertThat(as("consumer-a").members(image))
                .extracting(Member::projectId)
                .containsExactly(a);
        assertThat(as("consumer-a").image(image).owner())
                .isEqualTo(lab.projectId("images"))
                .isNotEqualTo(as("consumer-a").scope().projectId());
        if (anybodyMayWriteMembers()) {
            as("consumer-a").createMember(image, "x");
            lab.removeMember("producer", image, "x");
            as("consumer-a").deleteMember(image, a); // itself: it is shown no other
            lab.addMember("producer", image, a);
        } else {
            assertFails(
                    () -> as("consumer-a").createMember(image, "x"),
                    Kind.FORBIDDEN,
                    403,
                    "Not allowed to create members");
            assertFails(
                    () -> as("consumer-a").deleteMember(image, a),
                    Kind.FORBIDDEN,
                    403,
                    "Not allowed to delete members");
        }
        assertFails(() -> as("stranger").members(image), Kind.NOT_FOUND, 404, "not found");
        assertFails(() -> as("stranger").image(image), Kind.NOT_FOUND, 404, "No image found");
        assertFails(
                () -> as("consumer-b").updateMember(image, a, MemberStatus.accepted),
                Kind.NOT_FOUND,
                404,
                "not found in the member list");
    }

    @Test
    void the_owner_can_not_answer() {
        String image = image("shared");
        lab.addMember("producer", image, lab.projectId("consumer-a"));
        ThrowingCallable answer =
                () -> as("producer").updateMember(image, lab.projectId("consumer-a"), MemberStatus.accepted);
        if (anybodyMayWriteMembers()) {
            assertThatCode(answer).doesNotThrowAnyException();
        } else {
            assertFails(answer, Kind.FORBIDDEN, 403, "Not allowed to update members");
        }
        String there = strict.createImage("producer", "contract-answer", "shared", List.of());
        strict.addMember("producer", there, strict.projectId("consumer-a"));
        assertFails(
                () -> in(strict, "producer").updateMember(there, strict.projectId("consumer-a"), MemberStatus.accepted),
                Kind.FORBIDDEN,
                403);
        assertFails(
                () -> as("stranger").updateMember(image, lab.projectId("stranger"), MemberStatus.accepted),
                Kind.NOT_FOUND,
                404);
    }

    @Test
    void an_image_that_is_not_shared_has_no_members_and_keeps_them() {
        String image = image("shared");
        lab.addMember("producer", image, "m");
        for (String visibility : List.of("private", "community", "public")) {
            lab.setVisibility("admin", image, visibility);
            assertThat(as("producer").image(image).visibility()).isEqualTo(visibility);
            assertFails(() -> as("producer").members(image), Kind.FORBIDDEN, 403, "Only shared images have members");
            assertFails(() -> as("producer").createMember(image, "n"), Kind.FORBIDDEN, 403);
            assertFails(() -> as("producer").deleteMember(image, "m"), Kind.FORBIDDEN, 403);
            assertFails(
                    () -> as("producer").member(image, "m"), Kind.NOT_FOUND, 404, "Only shared images have members");
            assertFails(
                    () -> as("consumer-a").updateMember(image, lab.projectId("consumer-a"), MemberStatus.accepted),
                    visibility.equals("private") ? Kind.NOT_FOUND : Kind.FORBIDDEN,
                    visibility.equals("private") ? 404 : 403);
        }
        lab.setVisibility("admin", image, "shared");
        assertThat(as("producer").members(image)).extracting(Member::projectId).containsExactly("m");
    }

    @Test
    void a_deleted_or_unknown_image_is_not_found() {
        String image = image("shared");
        lab.addMember("producer", image, "m");
        lab.deleteImage("producer", image);
        for (String each : List.of(image, ABSENT)) {
            assertFails(() -> as("producer").image(each), Kind.NOT_FOUND, 404, "No image found with ID " + each);
            assertFails(() -> as("producer").members(each), Kind.NOT_FOUND, 404, "Image " + each + " not found");
            assertFails(() -> as("producer").createMember(each, "m"), Kind.NOT_FOUND, 404);
            assertFails(() -> as("producer").deleteMember(each, "m"), Kind.NOT_FOUND, 404);
        }
    }

    @Test
    void a_deactivated_image_is_shared_as_usual() {
        String image = image("shared");
        assertThat(as("producer").image(image).status()).isEqualTo("active");
        lab.deactivate(image);
        String a = lab.projectId("consumer-a");
        assertThat(as("producer").image(image).status()).isEqualTo("deactivated");
        as("producer").createMember(image, a);
        assertThat(as("consumer-a")
                        .updateMember(image, a, MemberStatus.accepted)
                        .status())
                .isEqualTo(MemberStatus.accepted);
        as("producer").deleteMember(image, a);
    }

    @Test
    void the_quota_comes_before_the_duplicate() {
        String image = image("shared");
        for (int i = 0; i < QUOTA; i++) {
            lab.addMember("producer", image, "m" + i);
        }
        assertThat(as("producer").members(image)).hasSize(QUOTA);
        assertFails(
                () -> as("producer").createMember(image, "one-more"),
                Kind.QUOTA_EXCEEDED,
                413,
                "Image member limit exceeded",
                "Attempted: 129, Maximum: 128");
        assertFails(() -> as("producer").createMember(image, "m0"), Kind.QUOTA_EXCEEDED, 413);
    }

    @Test
    void a_reader_may_share_by_the_default_policy_but_not_by_the_strict_one() {
        String image = image("shared");
        as("producer-reader").createMember(image, "m");
        as("producer-reader").deleteMember(image, "m");

        String there = strict.createImage("producer", "contract-strict", "shared", List.of());
        strict.addMember("producer", there, "kept");
        ImageClient reader = in(strict, "producer-reader");
        assertThat(reader.members(there)).hasSize(1);
        assertFails(
                () -> reader.createMember(there, "m"),
                Kind.FORBIDDEN,
                403,
                "You are not authorized to complete add_member action");
        assertFails(
                () -> reader.deleteMember(there, "kept"),
                Kind.FORBIDDEN,
                403,
                "You are not authorized to complete delete_member action");
    }

    @Test
    void any_text_of_255_characters_is_a_member() {
        String image = image("shared");
        String longest = "x".repeat(255);
        for (String each : List.of(longest, "a project name", "a%b", "a%2Fb", "a?b#c", "a+b;c", "ABC")) {
            assertThat(as("producer").createMember(image, each).projectId()).isEqualTo(each);
            assertThat(as("producer").member(image, each).projectId()).isEqualTo(each);
            as("producer").deleteMember(image, each);
        }
        assertThat(as("producer").members(image)).isEmpty();
        // these can be added, but not be named in a path: it is decoded before it is split, and as Latin-1
        as("producer").createMember(image, "a/b");
        as("producer").createMember(image, "café");
        assertFails(() -> as("producer").deleteMember(image, "a/b"), Kind.NOT_FOUND, 404, "could not be found");
        assertFails(
                () -> as("producer").deleteMember(image, "café"), Kind.NOT_FOUND, 404, "not found in the member list");
        assertThat(as("producer").members(image)).extracting(Member::projectId).containsExactly("a/b", "café");
    }

    @Test
    void a_name_of_255_letters_beyond_ASCII_comes_back_as_it_is_and_is_found() {
        // not emoji: Glance refuses what has four bytes a character
        String name = "\u65e5".repeat(255);
        String image = lab.createImage("producer", name, "shared", List.of());
        assertThat(as("producer").image(image).name()).isEqualTo(name);
        ImageQuery query =
                ImageQuery.ownedBy(as("producer").scope().projectId()).named(name);
        assertThat(as("producer").images(query)).extracting(Image::id).contains(image);
    }

    @Test
    void an_ID_that_is_a_way_through_the_path_is_not_sent() {
        String image = image("shared");
        for (String each : List.of("..", ".", "%2e%2E", ".%2e", "%2e", "x/../..", "..%2f..", "..\\..", "", "a\nb")) {
            assertFails(() -> as("producer").deleteMember(image, each), Kind.BAD_REQUEST, 0);
            assertFails(() -> as("producer").createMember(image, each), Kind.BAD_REQUEST, 0);
            assertFails(() -> as("producer").member(image, each), Kind.BAD_REQUEST, 0);
        }
        for (String each : List.of("..", "not-a-uuid", "", image + "/..", image + "?x")) {
            assertFails(() -> as("producer").deleteMember(each, "m"), Kind.BAD_REQUEST, 0, "UUID");
        }
        assertThat(as("producer").image(image).id()).isEqualTo(image);
    }

    @Test
    void of_a_member_with_several_rows_each_removal_takes_one() throws Exception {
        ImageClient producer = in(strict, "producer");
        String image;
        int rows;
        int images = 0;
        do {
            // on the real one it takes two additions that look before either inserts: nearly always, but not surely
            assertThat(images++).describedAs("images without a duplicate").isLessThan(10);
            image = strict.createImage("producer", "contract-duplicates", "shared", List.of());
            long added = equalAdditions(image);
            rows = producer.members(image).size();
            assertThat(rows).isBetween(1, (int) added);
            assertThat(producer.members(image)).extracting(Member::projectId).containsOnly("m");
        } while (rows == 1);
        String several = image;
        for (int left = rows - 1; left >= 0; left--) {
            producer.deleteMember(several, "m");
            assertThat(producer.members(several)).hasSize(left);
        }
        assertFails(() -> producer.deleteMember(several, "m"), Kind.NOT_FOUND, 404);
    }

    /** Gives how many of eight at once succeeded. */
    private long equalAdditions(String image) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            Callable<Boolean> one = () -> {
                try {
                    in(strict, "producer").createMember(image, "m");
                    return true;
                } catch (OpenStackException e) {
                    assertThat(e.kind()).isEqualTo(Kind.CONFLICT);
                    return false;
                }
            };
            long added = 0;
            for (Future<Boolean> each : threads.invokeAll(Collections.nCopies(8, one))) {
                added += each.get() ? 1 : 0;
            }
            return added;
        } finally {
            threads.shutdownNow();
        }
    }

    // -------------------------------------------------------------------- lists

    @Test
    void a_consumer_lists_by_its_own_answer() {
        String image = image("shared");
        lab.addMember("producer", image, lab.projectId("consumer-b"));
        ImageClient consumer = as("consumer-b");
        assertThat(ids(consumer.images(ImageQuery.sharedWithMe(MemberStatus.pending))))
                .contains(image);
        assertThat(ids(consumer.images(ImageQuery.sharedWithMe(MemberStatus.accepted))))
                .doesNotContain(image);
        assertThat(lab.listedImages("consumer-b")).doesNotContain(image);
        consumer.updateMember(image, lab.projectId("consumer-b"), MemberStatus.accepted);
        assertThat(ids(consumer.images(ImageQuery.sharedWithMe(MemberStatus.accepted))))
                .contains(image);
        assertThat(lab.listedImages("consumer-b")).contains(image);
        consumer.updateMember(image, lab.projectId("consumer-b"), MemberStatus.rejected);
        assertThat(ids(consumer.images(ImageQuery.sharedWithMe(MemberStatus.rejected))))
                .contains(image);
        assertThat(ids(consumer.images(ImageQuery.sharedWithMe().from(lab.projectId("images")))))
                .contains(image);
        assertThat(ids(consumer.images(ImageQuery.sharedWithMe().from(lab.projectId("stranger")))))
                .doesNotContain(image);
        assertThat(lab.listedImages("consumer-b")).doesNotContain(image);
        assertThat(consumer.image(image).id()).isEqualTo(image);
    }

    @Test
    void a_hidden_image_is_only_in_the_list_of_hidden_ones() {
        String shown = image("shared");
        String hidden = image("shared");
        lab.hide("producer", hidden);
        ImageQuery mine = ImageQuery.ownedBy(lab.projectId("images")).visibleAs("shared");

        assertThat(as("producer").images(mine))
                .extracting(Image::id)
                .contains(shown)
                .doesNotContain(hidden);
        assertThat(as("producer").images(mine.onlyHidden()))
                .extracting(Image::id)
                .contains(hidden)
                .doesNotContain(shown);
        assertThat(as("producer").images(mine.visibleAs("private").onlyHidden()))
                .extracting(Image::id)
                .doesNotContain(hidden);
    }

    @Test
    void names_of_projects_are_told_to_administrators() {
        assertThat(as("admin").projectNames())
                .hasValueSatisfying(
                        names -> assertThat(names).containsEntry(lab.projectId("consumer-a"), "consumer-a"));
        assertThat(as("producer").projectNames()).isEmpty();
    }

    @Test
    void a_filter_is_exact_also_over_pages() {
        String name = "contract-" + UUID.randomUUID();
        List<String> both = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            List<String> tags = i % 4 == 0 ? List.of("golden", "a b&c=d") : List.of("golden");
            String id = lab.createImage("producer", name, "shared", tags);
            if (i % 4 == 0) {
                both.add(id);
            }
        }
        ImageClient producer = as("producer");
        ImageQuery named = ImageQuery.ownedBy(lab.projectId("images")).named(name);
        assertThat(producer.images(named)).hasSize(32).allSatisfy(image -> {
            assertThat(image.name()).isEqualTo(name);
            assertThat(image.tags()).contains("golden");
            assertThat(image.owner()).isEqualTo(lab.projectId("images"));
            assertThat(image.createdAt()).isNotNull();
        });
        ImageQuery tagged = named.tagged(List.of("a b&c=d", "golden"));
        assertThat(ids(producer.images(tagged))).containsExactlyInAnyOrderElementsOf(both);
        // a page of 5: seven pages, the tags kept on each of them
        assertThat(ids(producer.images(named, 1_000, 5).images())).hasSize(32).doesNotHaveDuplicates();
        assertThat(ids(producer.images(tagged, 1_000, 2).images())).containsExactlyInAnyOrderElementsOf(both);
        // and a last page that is full: one more, empty
        assertThat(ids(producer.images(named, 1_000, 16).images())).hasSize(32);
        assertThat(producer.images(named.named(name.toUpperCase(Locale.ROOT)))).isEmpty();
        assertThat(producer.images(ImageQuery.ownedBy(lab.projectId("stranger")).named(name)))
                .isEmpty();
    }

    @Test
    void a_name_that_looks_like_an_operator_is_a_name() {
        String plain = "contract-" + UUID.randomUUID();
        String odd = "in:" + plain + ",x";
        lab.createImage("producer", plain, "shared", List.of());
        String image = lab.createImage("producer", odd, "shared", List.of());
        ImageQuery query = ImageQuery.ownedBy(lab.projectId("images")).named(odd);
        assertThat(ids(as("producer").images(query))).containsExactly(image);
    }

    private static List<String> ids(List<Image> images) {
        return images.stream().map(Image::id).toList();
    }
}
