package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.ReceiverType;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.SecretReference;
import dev.imageshare.notifier.NotificationSecrets.SecretTexts;
import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.openstack.Certificates;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.OpenStackException;
import dev.imageshare.reconcile.Problem;
import dev.imageshare.reconcile.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes of a notifier and its Secrets what takes its messages. */
final class SecretReceivers implements Receivers {

    private final NotificationSecrets secrets;
    private final CloudSettings settings;
    private final Set<Integer> smtpPorts;
    private final Clock clock;

    /**
     * @param settings where Secrets may point, whom to trust beside Java's authorities, and the way there: what holds for
     *     clouds holds for receivers
     * @param smtpPorts where mail servers may listen
     */
    SecretReceivers(NotificationSecrets secrets, CloudSettings settings, Set<Integer> smtpPorts, Clock clock) {
        this.secrets = secrets;
        this.settings = settings;
        this.smtpPorts = Set.copyOf(smtpPorts);
        this.clock = clock;
    }

    @Override
    public void onChange(BiConsumer<String, String> listener) {
        secrets.onChange(listener);
        secrets.start();
    }

    @Override
    public Ready of(ImageNotifier notifier) {
        var spec = notifier.getSpec();
        var namespace = notifier.getMetadata().getNamespace();
        var name = name(spec.secretRef());
        var content = find(NotificationSecrets.NOTIFICATION, namespace, name, "--from-literal=address=…");
        var version = content.version() + " " + notifier.getMetadata().getGeneration();
        if (spec.type() != ReceiverType.smtp) {
            var webhook = valid(
                    name, () -> Webhook.of(content.secrets(), settings.hosts().local()));
            var most = spec.type() == ReceiverType.cloudevents ? EventText.MOST : Integer.MAX_VALUE;
            return new Ready(version, Contacts.webhook(), () -> http(notifier, webhook), most);
        }
        var server = valid(name, () -> SmtpServer.of(content.secrets(), smtpPorts));
        var contactsName = name(Objects.requireNonNull(spec.contacts()).secretRef());
        var people = find(NotificationSecrets.CONTACTS, namespace, contactsName, "--from-file=" + Contacts.KEY);
        var contacts = valid(contactsName, () -> contacts(people.secrets()));
        return new Ready(
                version + " " + people.version(),
                contacts,
                () -> smtp(spec, server, new MailText(spec)::letter),
                Integer.MAX_VALUE);
    }

    static Contacts contacts(Map<String, String> data) {
        var text = data.get(Contacts.KEY);
        if (text == null) {
            throw new IllegalArgumentException("has no key " + Contacts.KEY
                    + ": put the projects' IDs and addresses under it, such as 8a4d…: [team-a@example.org]");
        }
        return Contacts.parse(text, text.getBytes(StandardCharsets.UTF_8));
    }

    private Receiver smtp(ImageNotifierSpec spec, SmtpServer server, Function<Parcel, Letter> text) {
        return new SmtpReceiver(
                server,
                Objects.requireNonNull(spec.from()),
                settings.hosts(),
                Certificates.tls(server.authorities(), settings.authorities()),
                text,
                clock);
    }

    private Receiver http(ImageNotifier notifier, Webhook webhook) {
        var isChat = notifier.getSpec().type() == ReceiverType.slack;
        var events = new EventText(source(notifier));
        var chat = new ChatText(notifier.getSpec());
        return new HttpReceiver(
                webhook,
                isChat ? ChatText.CONTENT_TYPE : EventText.CONTENT_TYPE,
                isChat ? chat::body : events::body,
                settings.hosts(),
                Certificates.tls(webhook.authorities(), settings.authorities()),
                settings.proxies());
    }

    static String source(ImageNotifier notifier) {
        return "/apis/imageshare.dev/v1alpha1/namespaces/"
                + notifier.getMetadata().getNamespace() + "/imagenotifiers/"
                + notifier.getMetadata().getName();
    }

    private static String name(@Nullable SecretReference ref) {
        return Objects.requireNonNull(Objects.requireNonNull(ref).name());
    }

    private SecretTexts find(String type, String namespace, String name, String from) {
        return valid(name, () -> secrets.find(type, namespace, name))
                .orElseThrow(() -> Problem.of(
                                Reason.CredentialsNotFound,
                                "Secret " + name + " of type " + type + " is not in namespace " + namespace
                                        + ": create it with 'kubectl -n " + namespace + " create secret generic " + name
                                        + " --type="
                                        + type + " " + from
                                        + "', or correct its name. A Secret's type can't be changed, and those of"
                                        + " other types are not read.")
                        .asException());
    }

    private static <T> T valid(String secret, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException | OpenStackException e) {
            throw Problem.of(Reason.CredentialsInvalid, "Secret " + secret + ": " + e.getMessage() + ".")
                    .asException();
        }
    }
}
