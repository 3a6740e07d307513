package dev.imageshare.operator;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
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
import dev.imageshare.api.v1alpha1.ImageAcceptance;
import dev.imageshare.api.v1alpha1.ImageShare;
import dev.imageshare.api.v1alpha1.ImageShareSpec;
import dev.imageshare.api.v1alpha1.ImageShareStatus.MemberInfo;
import dev.imageshare.reconcile.CredentialSecrets;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretList;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JSON of the Kubernetes API without what the operator never reads, which is most of what its caches would hold:
 * {@code managedFields}, the annotation in which kubectl repeats the whole object (and a Secret's content), and all
 * keys of a Secret's data that aren't ours. Nothing is lost at the API server, since existing objects are only changed
 * by patches of single fields.
 *
 * <p>Strings of members are interned: the same projects are members of many images, and each has two timestamps that
 * are mostly equal. 10,000 ImageShares of 20 members each, of 500 projects, take 27 MiB of heap instead of 95.
 *
 * <p>A spec or status that Java can't hold (because of a number beyond int, for example) is read as absent: an object
 * that can't be read at all would stop the informer, and with it the operator for everybody.
 *
 * <p>Only the kinds in use are registered: Fabric8 would load 600 classes to register all.
 */
public final class ApiSerialization {

    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
    private static final String MANAGED_FIELDS = "managedFields";

    private static final Logger LOG = LoggerFactory.getLogger(ApiSerialization.class);

    /**
     * A sample of each kind that the operator lists at startup, with something in each field that is an object or a
     * list.
     */
    static final Map<Class<?>, String> SAMPLES =
            Map.of(SecretList.class, """
            {"metadata":{},"items":[{"metadata":{},"data":{"cacert":"b"}}]}""", ImageShare.class, """
            {"metadata":{"annotations":{"a":"b"},"finalizers":["a"]},
             "spec":{"cloudCredentialsRef":{},"image":{"filter":{"tags":[]}},"members":[{"projectID":"a"}],
                     "projectRefs":[{}],"projectSetRefs":[{"except":["a"]}],"managedOptions":{"maxRemovals":"25%"}},
             "status":{"image":{},"members":[{"projectID":"a"}],"summary":{},"nextExpiry":"a","projectSets":[{}],"plan":{},"conditions":[{}]}}""", ImageAcceptance.class, """
            {"metadata":{"annotations":{"a":"b"}},
             "spec":{"cloudCredentialsRef":{},"image":{},"from":{"owners":["a"],"filter":{"tags":[]}}},
             "status":{"project":{},"images":[{}],"summary":{},"conditions":[{}]}}""");

    private ApiSerialization() {}

    /** A new one, for one client. */
    public static KubernetesSerialization create() {
        var mapper = new ObjectMapper();
        mapper.registerModule(new SimpleModule("without what is never read").setDeserializerModifier(new Modifier()));
        var serialization = new KubernetesSerialization(mapper, false);
        List.of(Secret.class, Event.class, Lease.class, Status.class)
                .forEach(serialization::registerKubernetesResource);
        return serialization;
    }

    /**
     * Reads one object of each kind that the operator lists at startup, so that the deserializers exist when the lists
     * arrive: creating them takes a tenth of a second, which can pass while the client is built and the API server
     * responds.
     */
    static void prepare(KubernetesSerialization serialization) {
        var unused = serialization.convertValue(
                new ListOptionsBuilder().withLimit(1L).build(), Map.class);
        for (var kind : List.of(SecretList.class, ImageShare.class, ImageAcceptance.class)) { // as they are requested
            serialization.unmarshal(SAMPLES.get(kind), kind);
        }
    }

    private static final class Modifier extends BeanDeserializerModifier {

        private final SharedText texts = new SharedText();

        @Override
        public BeanDeserializerBuilder updateBuilder(
                DeserializationConfig config, BeanDescription bean, BeanDeserializerBuilder builder) {
            if (bean.getBeanClass() == ObjectMeta.class) {
                builder.removeProperty(PropertyName.construct(MANAGED_FIELDS));
                builder.addIgnorable(MANAGED_FIELDS);
            }
            if (bean.getBeanClass() == Secret.class) {
                var data = PropertyName.construct("data");
                builder.addOrReplaceProperty(
                        builder.findProperty(data).withValueDeserializer(new OnlyKeysThatAreRead()), true);
            }
            return builder;
        }

        @Override
        public JsonDeserializer<?> modifyDeserializer(
                DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> deserializer) {
            if (bean.getBeanClass() == ObjectMeta.class) {
                return new Afterwards<>(ObjectMeta.class, Modifier::withoutLastApplied, deserializer);
            }
            if (isOwn(bean.getBeanClass())) {
                return new OrNull(bean.getBeanClass(), deserializer);
            }
            if (bean.getBeanClass() == ImageShareSpec.DeclaredMember.class) {
                return new Afterwards<>(ImageShareSpec.DeclaredMember.class, this::sharing, deserializer);
            }
            if (bean.getBeanClass() == MemberInfo.class) {
                return new Afterwards<>(MemberInfo.class, this::sharing, deserializer);
            }
            return deserializer;
        }

        /**
         * A spec or a status of one of our kinds, recognized by its name, since those of optional kinds may not be
         * loaded.
         */
        private static boolean isOwn(Class<?> type) {
            return type.isRecord()
                    && type.getEnclosingClass() == null
                    && type.getPackageName().equals(ImageShare.class.getPackageName())
                    && (type.getSimpleName().endsWith("Spec")
                            || type.getSimpleName().endsWith("Status"));
        }

        private static ObjectMeta withoutLastApplied(ObjectMeta metadata) {
            if (metadata.getAnnotations() != null) {
                metadata.getAnnotations().remove(LAST_APPLIED);
            }
            return metadata;
        }

        private ImageShareSpec.DeclaredMember sharing(ImageShareSpec.DeclaredMember member) {
            return member.projectID() == null
                    ? member
                    : new ImageShareSpec.DeclaredMember(
                            texts.shared(member.projectID()), texts.sharedOrNull(member.expiresAt()));
        }

        private MemberInfo sharing(MemberInfo member) {
            return member.projectID() == null
                    ? member
                    : new MemberInfo(
                            texts.shared(member.projectID()),
                            member.status(),
                            member.declared(),
                            member.added(),
                            member.sources(),
                            texts.sharedOrNull(member.expiresAt()),
                            texts.sharedOrNull(member.createdAt()),
                            texts.sharedOrNull(member.updatedAt()),
                            texts.sharedOrNull(member.addedAt()),
                            texts.sharedOrNull(member.pendingSince()));
        }
    }

    /** Returns an equal string that was passed before, unless another one has replaced it. */
    private static final class SharedText {

        private final AtomicReferenceArray<@Nullable String> lately = new AtomicReferenceArray<>(1 << 12);

        @Nullable
        String sharedOrNull(@Nullable String text) {
            return text == null ? null : shared(text);
        }

        String shared(String text) {
            var hash = text.hashCode();
            var place = (hash ^ (hash >>> 16)) & (lately.length() - 1);
            var before = lately.get(place);
            if (text.equals(before)) {
                return before;
            }
            lately.set(place, text);
            return text;
        }
    }

    /** Of a Secret's data; other values aren't even converted to a string, since there can be a MiB of them. */
    private static final class OnlyKeysThatAreRead extends JsonDeserializer<Map<String, String>> {

        @Override
        public Map<String, String> deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            var data = new LinkedHashMap<String, String>();
            if (!parser.isExpectedStartObjectToken()) {
                parser.skipChildren();
                return data;
            }
            for (var key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                var value = parser.nextToken();
                if (value == JsonToken.VALUE_STRING && CredentialSecrets.DATA_KEYS.contains(key)) {
                    data.put(key, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
            return data;
        }
    }

    /** What can't be read becomes null, and the rest is still read. */
    private static final class OrNull extends DelegatingDeserializer {

        private final transient Class<?> type;

        OrNull(Class<?> type, JsonDeserializer<?> delegate) {
            super(delegate);
            this.type = type;
        }

        @Override
        protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegate) {
            return new OrNull(type, delegate);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.isExpectedStartObjectToken()) {
                parser.skipChildren();
                return null;
            }
            var around = parser.getParsingContext().getParent();
            try {
                return super.deserialize(parser, context);
            } catch (JsonProcessingException e) {
                LOG.warn(
                        "An {} can't be read, and is treated as absent: {}",
                        type.getSimpleName(),
                        e.getOriginalMessage());
                while (parser.getParsingContext() != around) {
                    if (parser.nextToken() == null) {
                        throw e;
                    }
                }
                return null;
            }
        }
    }

    /** Reads the object as usual, and then removes what isn't needed. */
    private static final class Afterwards<T> extends DelegatingDeserializer {

        private final transient Class<T> type;
        private final transient UnaryOperator<T> change;

        Afterwards(Class<T> type, UnaryOperator<T> change, JsonDeserializer<?> delegate) {
            super(delegate);
            this.type = type;
            this.change = change;
        }

        @Override
        protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegate) {
            return new Afterwards<>(type, change, delegate);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            var read = super.deserialize(parser, context);
            return read == null ? null : change.apply(type.cast(read));
        }
    }
}
