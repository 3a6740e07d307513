package dev.imageshare.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads the classes that the commands load, for the archive that {@code deploy/bin/imageshare} makes: a plan for a cloud that
 * refuses connections, and pages of a cluster that has one ImageShare. One argument: a folder to work in.
 */
final class Training {

    private static final String CLOUDS = """
            clouds:
              training:
                auth: {auth_url: "http://127.0.0.1:1/v3", user_id: u, password: p, project_id: p}
            """;

    private static final String SHARE = """
            {"apiVersion": "imageshare.dev/v1alpha1", "kind": "ImageShare",
             "metadata": {"name": "training", "namespace": "training", "generation": 1},
             "spec": {"cloudCredentialsRef": {"secretName": "s", "cloudName": "training"},
                      "image": {"id": "00000000-0000-0000-0000-000000000000"},
                      "members": [{"projectID": "00000000000000000000000000000000"}]},
             "status": {"observedGeneration": 1,
                        "image": {"id": "00000000-0000-0000-0000-000000000000", "name": "training", "owner": "p", "region": "r",
                                  "cloud": "http://127.0.0.1:1", "visibility": "shared", "status": "active"},
                        "members": [{"projectID": "00000000000000000000000000000000", "status": "pending", "declared": true,
                                     "updatedAt": "2026-01-07T09:12:33Z"}],
                        "summary": {"desired": 1, "present": 1, "pending": 1},
                        "lastSyncTime": "2026-01-07T09:12:33Z",
                        "conditions": [{"type": "Ready", "status": "True", "reason": "Synced", "message": "m",
                                        "lastTransitionTime": "2026-01-07T09:12:33Z", "observedGeneration": 1}]}}
            """;

    private Training() {}

    public static void main(String[] args) throws IOException {
        var folder = Path.of(args[0]);
        var clouds = Files.writeString(folder.resolve("clouds.yaml"), CLOUDS);
        var share = Files.writeString(folder.resolve("share.yaml"), SHARE);
        var cluster = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        cluster.createContext("/", Training::list);
        cluster.start();
        try {
            var kubeconfig = Files.writeString(
                    folder.resolve("kubeconfig"),
                    kubeconfig(cluster.getAddress().getPort()));
            Commands.execute("plan", "--clouds", clouds.toString(), "-f", share.toString());
            Commands.execute(
                    "site",
                    "--audience=internal",
                    "--cloud=",
                    "--from-cluster",
                    "--kubeconfig=" + kubeconfig,
                    "--output-dir=" + folder.resolve("site"));
        } finally {
            cluster.stop(0);
        }
    }

    private static String kubeconfig(int port) {
        return """
                apiVersion: v1
                kind: Config
                current-context: training
                clusters: [{name: training, cluster: {server: "http://127.0.0.1:%d"}}]
                users: [{name: training, user: {token: t}}]
                contexts: [{name: training, context: {cluster: training, user: training}}]
                """.formatted(port);
    }

    private static void list(HttpExchange exchange) throws IOException {
        try (exchange) {
            var items = exchange.getRequestURI().getPath().endsWith("/imageshares") ? SHARE : "";
            var body = ("{\"apiVersion\": \"v1\", \"kind\": \"List\", \"metadata\": {}, \"items\": [" + items + "]}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
