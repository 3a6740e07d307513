package dev.imageshare.operator;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.util.List;

/**
 * The JSON of the Kubernetes API without what the operator never reads, which is most of what its caches would hold:
 * {@code managedFields}, and the annotation in which kubectl repeats the whole object, a Secret's content too. Nothing is
 * lost by it at the API server, since all that exists is changed by patches that name what they change.
 *
 * <p>Only the kinds in use are known: Fabric8 would load 600 classes to know all.
 */
final class ApiSerialization {

    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
    private static final String MANAGED_FIELDS = "managedFields";

    private ApiSerialization() {}

    static KubernetesSerialization create() {
        var mapper = new ObjectMapper();
        mapper.registerModule(new SimpleModule("without what is never read").setDeserializerModifier(new Modifier()));
        var serialization = new KubernetesSerialization(mapper, false);
        List.of(Secret.class, Event.class, Lease.class, Status.class)
                .forEach(serialization::registerKubernetesResource);
        return serialization;
    }

    private static final class Modifier extends BeanDeserializerModifier {

        @Override
        public BeanDeserializerBuilder updateBuilder(
                DeserializationConfig config, BeanDescription bean, BeanDeserializerBuilder builder) {
            if (bean.getBeanClass() == ObjectMeta.class) {
                builder.removeProperty(PropertyName.construct(MANAGED_FIELDS));
                builder.addIgnorable(MANAGED_FIELDS);
            }
            return builder;
        }

        @Override
        public JsonDeserializer<?> modifyDeserializer(
                DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> deserializer) {
            return bean.getBeanClass() == ObjectMeta.class ? new WithoutLastApplied(deserializer) : deserializer;
        }
    }

    private static final class WithoutLastApplied extends DelegatingDeserializer {

        WithoutLastApplied(JsonDeserializer<?> delegate) {
            super(delegate);
        }

        @Override
        protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegate) {
            return new WithoutLastApplied(delegate);
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            var metadata = super.deserialize(parser, context);
            if (metadata instanceof ObjectMeta read && read.getAnnotations() != null) {
                read.getAnnotations().remove(LAST_APPLIED);
            }
            return metadata;
        }
    }
}
