package dev.imageshare.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Objects that don't come from an API server, where one of the SDK's caches is asked for. */
public final class InMemoryCache<T extends HasMetadata> implements IndexerResourceCache<T> {

    private final Map<ResourceID, T> objects = new LinkedHashMap<>();
    private final Map<String, Map<String, List<T>>> indexes = new HashMap<>();

    public InMemoryCache(Collection<T> objects) {
        objects.forEach(object -> this.objects.put(ResourceID.fromResource(object), object));
    }

    @Override
    public void addIndexers(Map<String, Function<T, List<String>>> more) {
        more.forEach((name, indexer) -> {
            var index = new HashMap<String, List<T>>();
            for (var object : objects.values()) {
                for (var key : indexer.apply(object)) {
                    index.computeIfAbsent(key, unused -> new ArrayList<>()).add(object);
                }
            }
            indexes.put(name, index);
        });
    }

    @Override
    public List<T> byIndex(String index, String key) {
        return List.copyOf(indexes.getOrDefault(index, Map.of()).getOrDefault(key, List.of()));
    }

    @Override
    public Optional<T> get(ResourceID id) {
        return Optional.ofNullable(objects.get(id));
    }

    @Override
    public Stream<ResourceID> keys() {
        return objects.keySet().stream();
    }

    @Override
    public Stream<T> list(Predicate<T> predicate) {
        return objects.values().stream().filter(predicate);
    }

    @Override
    public Stream<T> list(String namespace, Predicate<T> predicate) {
        return objects.values().stream()
                .filter(object -> object.getMetadata().getNamespace().equals(namespace) && predicate.test(object));
    }
}
