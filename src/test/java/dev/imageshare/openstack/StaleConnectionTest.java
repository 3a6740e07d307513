package dev.imageshare.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Servers that leave a kept connection unusable without a word: uWSGI, when Glance's token check answers a request before its
 * body was read, and any server that closes an idle connection at the moment it is used.
 */
class StaleConnectionTest {
    private static final String IMAGE = "00000000-0000-4000-8000-000000000000";

    private static final Pattern LENGTH = Pattern.compile("Content-Length: (\\d+)");

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private final AtomicInteger logins = new AtomicInteger();
    private final Clouds clouds = new Clouds(CloudSettings.defaults());
    private ServerSocket server;
    private volatile boolean dropSecondLogin;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        threads.execute(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    threads.execute(() -> serve(socket));
                }
            } catch (IOException e) {
                // closed: the test is over
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        clouds.close();
        server.close();
        threads.shutdownNow();
    }

    private Cloud cloud() {
        String yaml = "clouds: {c: {auth: {auth_url: 'http://127.0.0.1:" + server.getLocalPort()
                + "', user_id: u, password: x, project_id: p1}}}";
        return clouds.cloud("team", "o", "c", CloudConfig.parse(yaml, "c", null));
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            for (String head = head(in); !head.isEmpty(); head = head(in)) {
                String request = head.substring(0, head.indexOf(" HTTP"));
                boolean isOld = head.contains("X-Auth-Token: token-1\r");
                Matcher length = LENGTH.matcher(head);
                int body = length.find() ? Integer.parseInt(length.group(1)) : 0;
                if (request.startsWith("POST /v2") && isOld) {
                    seen.add(request + " 401");
                    send(socket, "401 Unauthorized", "", "{}");
                    // what comes after the body, which nobody reads, gets no answer
                    if (in.readNBytes(body + 1).length > body) {
                        seen.add("on the dead connection");
                    }
                    return;
                }
                in.readNBytes(body);
                if (request.startsWith("POST /v3/auth")) {
                    int login = logins.incrementAndGet();
                    if (login == 2 && dropSecondLogin) {
                        seen.add(request + " dropped");
                        return;
                    }
                    seen.add(request + " 201");
                    send(socket, "201 Created", "X-Subject-Token: token-" + login + "\r\n", token());
                } else {
                    seen.add(request + " 200");
                    send(
                            socket,
                            "200 OK",
                            "",
                            request.endsWith("/members") && request.startsWith("POST")
                                    ? "{\"member_id\": \"m\", \"image_id\": \"" + IMAGE + "\", \"status\": \"pending\","
                                            + " \"created_at\": \"2026-11-21T18:00:00Z\", \"updated_at\": \"2026-11-21T18:00:00Z\"}"
                                    : "{\"members\": []}");
                }
            }
        } catch (IOException e) {
            seen.add("lost");
        }
    }

    private String token() {
        return "{\"token\": {\"issued_at\": \"2026-11-21T18:00:00Z\", \"expires_at\": \"2026-11-21T19:00:00Z\","
                + " \"project\": {\"id\": \"p1\"}, \"catalog\": [{\"type\": \"image\", \"endpoints\": [{\"interface\":"
                + " \"public\", \"url\": \"http://127.0.0.1:" + server.getLocalPort() + "\"}]}]}}";
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void send(Socket socket, String status, String headers, String body) throws IOException {
        socket.getOutputStream()
                .write(("HTTP/1.1 " + status + "\r\n" + headers + "Content-Type: application/json\r\nContent-Length: "
                                + body.length() + "\r\n\r\n" + body)
                        .getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void a_connection_on_which_a_request_with_a_body_was_refused_is_not_used_again() {
        assertThat(cloud().newPass().createMember(IMAGE, "m").projectId()).isEqualTo("m");
        assertThat(seen)
                .doesNotContain("on the dead connection")
                .containsSubsequence(
                        "POST /v3/auth/tokens 201",
                        "POST /v2/images/" + IMAGE + "/members 401",
                        "POST /v3/auth/tokens 201",
                        "POST /v2/images/" + IMAGE + "/members 200");
    }

    /** Else a status would say that the cloud can't be reached. */
    @Test
    void a_login_on_a_kept_connection_that_ended_is_sent_once_more() {
        dropSecondLogin = true;
        Cloud cloud = cloud();
        Session.Token first = cloud.session().token();
        assertThat(cloud.session().tokenAfter(first).value()).isEqualTo("token-3");
        assertThat(seen).contains("POST /v3/auth/tokens dropped");
    }
}
