package dev.imageshare.model;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** A client whose informer of Secrets is told by hand, on the caller's thread; all its other calls go over HTTP as usual. */
final class ToldSecrets {

    private final KubernetesClient client;
    private final Map<String, Secret> told = new HashMap<>();
    private ResourceEventHandler<? super Secret> handler;

    ToldSecrets(KubernetesClient real) {
        Map<String, Override> narrowed = new HashMap<>();
        for (var name : Set.of("inAnyNamespace", "withoutField", "withLimit")) {
            narrowed.put(name, operation -> overriding(operation, narrowed));
        }
        narrowed.put("runnableInformer", operation -> informer());
        client = overriding(KubernetesClient.class, real, Map.of("secrets", secrets -> overriding(secrets, narrowed)));
    }

    KubernetesClient client() {
        return client;
    }

    /** Tells of all differences between these, which are all that there are, and what was told before. */
    void tell(Collection<Secret> now) {
        tell(namespace -> true, now);
    }

    /** Tells of all differences between these, which are all that there are in these namespaces, and what was told before. */
    void tell(Predicate<String> namespaces, Collection<Secret> now) {
        var left = new HashMap<>(told);
        left.values().removeIf(secret -> !namespaces.test(secret.getMetadata().getNamespace()));
        for (var secret : now) {
            var key = ToldCache.key(secret);
            left.remove(key);
            var before = told.put(key, secret);
            if (before == null) {
                handler.onAdd(secret);
            } else if (!before.getMetadata()
                    .getResourceVersion()
                    .equals(secret.getMetadata().getResourceVersion())) {
                handler.onUpdate(before, secret);
            }
        }
        left.forEach((key, secret) -> {
            told.remove(key);
            handler.onDelete(secret, false);
        });
    }

    @SuppressWarnings("unchecked")
    private Object informer() {
        return Proxy.newProxyInstance(
                ToldSecrets.class.getClassLoader(),
                new Class<?>[] {SharedIndexInformer.class},
                (proxy, method, args) -> {
                    switch (method.getName()) {
                        case "addEventHandler" -> {
                            handler = (ResourceEventHandler<? super Secret>) args[0];
                            return proxy;
                        }
                        case "itemStore" -> {
                            return proxy;
                        }
                        case "start" -> {
                            return CompletableFuture.completedFuture(null);
                        }
                        default -> throw new UnsupportedOperationException(method.getName());
                    }
                });
    }

    private interface Override {
        Object of(Object real);
    }

    private static Object overriding(Object real, Map<String, Override> overrides) {
        return overriding(Object.class, real, overrides);
    }

    @SuppressWarnings("unchecked")
    private static <T> T overriding(Class<T> type, Object real, Map<String, Override> overrides) {
        var interfaces = new java.util.LinkedHashSet<Class<?>>();
        for (Class<?> each = real.getClass(); each != null; each = each.getSuperclass()) {
            interfaces.addAll(java.util.List.of(each.getInterfaces()));
        }
        return (T) Proxy.newProxyInstance(
                ToldSecrets.class.getClassLoader(), interfaces.toArray(Class<?>[]::new), (proxy, method, args) -> {
                    try {
                        var override = overrides.get(method.getName());
                        if (override != null && method.getName().equals("runnableInformer")) {
                            return override.of(real);
                        }
                        var result = method.invoke(real, args);
                        return override == null ? result : override.of(result);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
