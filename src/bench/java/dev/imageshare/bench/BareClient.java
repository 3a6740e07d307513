package dev.imageshare.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.ConnectionPool;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

/** The floor: the requests that the work takes, at the best parallelism, and not one thought more. */
final class BareClient {

    private static final MediaType TYPE = MediaType.get("application/json");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final OkHttpClient http = new OkHttpClient.Builder()
            .connectionPool(new ConnectionPool(32, 1, TimeUnit.MINUTES))
            .build();
    private final String glance;
    private final String token;

    /** Logs in with the entry's password. */
    BareClient(String cloudsYaml, String cloud) {
        try {
            var auth = new YAMLMapper().readTree(cloudsYaml).path("clouds").path(cloud).path("auth");
            var domain = Map.of("name", "Default");
            var body = JSON.writeValueAsString(Map.of(
                    "auth",
                    Map.of(
                            "identity",
                            Map.of(
                                    "methods",
                                    List.of("password"),
                                    "password",
                                    Map.of(
                                            "user",
                                            Map.of(
                                                    "name", auth.path("username").asText(),
                                                    "password", auth.path("password").asText(),
                                                    "domain", domain))),
                            "scope",
                            Map.of(
                                    "project",
                                    Map.of("name", auth.path("project_name").asText(), "domain", domain)))));
            var login = new Request.Builder()
                    .url(auth.path("auth_url").asText() + "/auth/tokens")
                    .post(RequestBody.create(body, TYPE))
                    .build();
            try (var answer = http.newCall(login).execute()) {
                token = answer.header("X-Subject-Token", "");
                glance = endpoint(JSON.readTree(answer.body().string()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String endpoint(JsonNode login) {
        for (var service : login.path("token").path("catalog")) {
            if (service.path("type").asText().equals("image")) {
                for (var endpoint : service.path("endpoints")) {
                    if (endpoint.path("interface").asText().equals("public")) {
                        return endpoint.path("url").asText().replaceAll("/v2/?$|/$", "");
                    }
                }
            }
        }
        throw new IllegalStateException("no image service in the catalog");
    }

    private void call(String method, String path, String body) {
        var request = new Request.Builder()
                .url(glance + "/v2/images/" + path)
                .header("X-Auth-Token", token)
                .method(method, body == null ? null : RequestBody.create(body, TYPE))
                .build();
        try (var answer = http.newCall(request).execute()) {
            answer.body().bytes();
            if (!answer.isSuccessful()) {
                throw new IllegalStateException(method + " " + path + ": " + answer.code());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads each image and its members, and adds these. @return milliseconds */
    double add(Map<String, List<String>> members, int parallel) {
        return time(
                parallel,
                members.keySet().stream().flatMap(image -> Stream.of(image, image + "/members")),
                members.entrySet().stream()
                        .flatMap(e -> e.getValue().stream().map(m -> Map.entry(e.getKey(), m)))
                        .map(e -> () ->
                                call("POST", e.getKey() + "/members", "{\"member\":\"" + e.getValue() + "\"}")),
                Stream.empty());
    }

    /** Reads each image and its members, takes these away, and reads the members again. @return milliseconds */
    double remove(Map<String, List<String>> members, int parallel) {
        return time(
                parallel,
                members.keySet().stream().flatMap(image -> Stream.of(image, image + "/members")),
                members.entrySet().stream()
                        .flatMap(e -> e.getValue().stream().map(m -> Map.entry(e.getKey(), m)))
                        .map(e -> () -> call("DELETE", e.getKey() + "/members/" + e.getValue(), null)),
                members.keySet().stream().map(image -> image + "/members"));
    }

    private double time(int parallel, Stream<String> before, Stream<Runnable> writes, Stream<String> after) {
        var threads = Executors.newFixedThreadPool(parallel);
        try {
            var begun = System.nanoTime();
            all(threads, before.map(path -> () -> call("GET", path, null)));
            all(threads, writes);
            all(threads, after.map(path -> () -> call("GET", path, null)));
            return (System.nanoTime() - begun) / 1e6;
        } finally {
            threads.shutdown();
        }
    }

    private static void all(ExecutorService threads, Stream<Runnable> tasks) {
        try {
            for (var done : threads.invokeAll(tasks.map(Executors::callable).toList())) {
                done.get();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One image as a reaction needs it: read it and its members, add one. @return milliseconds */
    double addOne(String image, String member) {
        var begun = System.nanoTime();
        call("GET", image, null);
        call("GET", image + "/members", null);
        call("POST", image + "/members", "{\"member\":\"" + member + "\"}");
        return (System.nanoTime() - begun) / 1e6;
    }
}
