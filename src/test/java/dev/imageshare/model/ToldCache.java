package dev.imageshare.model;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the operator's watch has told it of one kind. */
public final class ToldCache<R extends HasMetadata> implements IndexerResourceCache<R> {

    private final Map<String, R> objects = new TreeMap<>();
    private final Map<String, Function<R, List<String>>> indexers = new HashMap<>();

    static String key(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    public Map<String, R> objects() {
        return objects;
    }

    @Override
    public void addIndexers(Map<String, Function<R, List<String>>> more) {
        indexers.putAll(more);
    }

    @Override
    public List<R> byIndex(String index, String key) {
        var indexer = indexers.get(index);
        return objects.values().stream()
                .filter(object -> indexer.apply(object).contains(key))
                .toList();
    }

    @Override
    public Optional<R> get(ResourceID id) {
        return Optional.ofNullable(objects.get(id.getNamespace().orElseThrow() + "/" + id.getName()));
    }

    @Override
    public Stream<ResourceID> keys() {
        return objects.values().stream().map(ResourceID::fromResource);
    }

    @Override
    public Stream<R> list(Predicate<R> predicate) {
        return List.copyOf(objects.values()).stream().filter(predicate);
    }

    @Override
    public Stream<R> list(String namespace, Predicate<R> predicate) {
        return list(object -> object.getMetadata().getNamespace().equals(namespace) && predicate.test(object));
    }
}
