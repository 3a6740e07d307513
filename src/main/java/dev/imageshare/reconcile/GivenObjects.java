package dev.imageshare.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Objects that don't come from an API server, where one of the SDK's caches is asked for. */
public final class GivenObjects<T extends HasMetadata> implements IndexerResourceCache<T> {

    private final List<T> objects;
    private final Map<String, Function<T, List<String>>> indexers = new HashMap<>();

    public GivenObjects(Collection<T> objects) {
        this.objects = List.copyOf(objects);
    }

    @Override
    public void addIndexers(Map<String, Function<T, List<String>>> more) {
        indexers.putAll(more);
    }

    @Override
    public List<T> byIndex(String index, String key) {
        var indexer = indexers.getOrDefault(index, object -> List.of());
        return objects.stream()
                .filter(object -> indexer.apply(object).contains(key))
                .toList();
    }

    @Override
    public Optional<T> get(ResourceID id) {
        return objects.stream().filter(id::isSameResource).findFirst();
    }

    @Override
    public Stream<ResourceID> keys() {
        return objects.stream().map(ResourceID::fromResource);
    }

    @Override
    public Stream<T> list(Predicate<T> predicate) {
        return objects.stream().filter(predicate);
    }

    @Override
    public Stream<T> list(String namespace, Predicate<T> predicate) {
        return objects.stream()
                .filter(object -> object.getMetadata().getNamespace().equals(namespace) && predicate.test(object));
    }
}
