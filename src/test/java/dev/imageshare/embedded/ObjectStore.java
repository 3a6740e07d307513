package dev.imageshare.embedded;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Objects by kind, namespace and name, with one counter of versions and, for each kind, the last changes: what a watch
 * needs to go on from where a list ended, without a gap. An object that is in here is never changed, only replaced.
 */
final class ObjectStore {

    private static final int CHANGES_KEPT = 10_000;

    /** One write: {@code before} is null for a new object, {@code after} for one that is gone. */
    record Change(long version, ObjectNode before, ObjectNode after) {}

    /** The objects of a kind, and the version at which they were these. */
    record Snapshot(long version, List<ObjectNode> objects) {}

    private static final class Shelf {
        final NavigableMap<String, ObjectNode> objects = new TreeMap<>();
        final List<Change> changes = new ArrayList<>();
        long forgotten;
        int wakeUps;
    }

    private final Map<String, Shelf> shelves = new HashMap<>();
    private long version = 1;
    private boolean closed;
    private int interruptions;

    synchronized long version() {
        return version;
    }

    synchronized Optional<ObjectNode> get(ResourceType type, String namespace, String name) {
        return Optional.ofNullable(shelf(type).objects.get(key(namespace, name)));
    }

    /** The objects of a namespace, or of all where it is null. */
    synchronized Snapshot list(ResourceType type, String namespace) {
        var all = shelf(type).objects;
        var part = namespace == null ? all : all.subMap(namespace + "/", namespace + "0"); // '0' follows '/'
        return new Snapshot(version, List.copyOf(part.values()));
    }

    /** Stores an object under its name, and stamps it with the version that this makes. */
    synchronized void put(ResourceType type, ObjectNode object) {
        var metadata = object.withObject("/metadata");
        metadata.put("resourceVersion", Long.toString(++version));
        var key = key(metadata.path("namespace").asText(), metadata.path("name").asText());
        record(shelf(type), new Change(version, shelf(type).objects.put(key, object), object));
    }

    synchronized void remove(ResourceType type, ObjectNode object) {
        var metadata = object.path("metadata");
        var key = key(metadata.path("namespace").asText(), metadata.path("name").asText());
        shelf(type).objects.remove(key);
        var last = object.deepCopy();
        last.withObject("/metadata").put("resourceVersion", Long.toString(++version));
        record(shelf(type), new Change(version, last, null));
    }

    /** The changes after a version; waits a while for one where there is none yet, until it is interrupted. */
    synchronized List<Change> changesAfter(ResourceType type, long since, long waitMillis) throws InterruptedException {
        var shelf = shelf(type);
        if (since < shelf.forgotten) {
            throw ApiFailure.gone(since, shelf.forgotten);
        }
        var end = System.nanoTime() + waitMillis * 1_000_000;
        var begun = interruptions;
        var wakeUps = shelf.wakeUps;
        while (!closed) {
            var first = shelf.changes.size();
            while (first > 0 && shelf.changes.get(first - 1).version() > since) {
                first--;
            }
            var left = (end - System.nanoTime()) / 1_000_000;
            if (first < shelf.changes.size() || left <= 0 || begun != interruptions || shelf.wakeUps != wakeUps) {
                return List.copyOf(shelf.changes.subList(first, shelf.changes.size()));
            }
            wait(left);
        }
        return List.of();
    }

    /** Ends all waiting for changes of a kind, for those who wait to see that it is served no longer. */
    synchronized void wakeUp(ResourceType type) {
        shelf(type).wakeUps++;
        notifyAll();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Ends all waiting now. */
    synchronized void interrupt() {
        interruptions++;
        notifyAll();
    }

    /** Ends all waiting. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void record(Shelf shelf, Change change) {
        shelf.changes.add(change);
        if (shelf.changes.size() > 2 * CHANGES_KEPT) {
            var old = shelf.changes.subList(0, CHANGES_KEPT);
            shelf.forgotten = old.get(old.size() - 1).version();
            old.clear();
        }
        notifyAll();
    }

    private Shelf shelf(ResourceType type) {
        return shelves.computeIfAbsent(type.qualifiedPlural(), plural -> new Shelf());
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }
}
