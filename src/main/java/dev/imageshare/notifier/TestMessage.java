package dev.imageshare.notifier;

import dev.imageshare.api.v1alpha1.ImageNotifier;
import dev.imageshare.api.v1alpha1.ImageNotifierSpec.ReceiverType;
import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.openstack.Certificates;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.OpenStackException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A message that only shows that messages arrive; sent by who may read the Secret, and sees what the receiver says. */
public final class TestMessage {

    /**
     * What became of it.
     *
     * @param isTaken whether the receiver took it
     * @param text what the receiver said, and if it didn't take it, why; for the person who sent it only
     */
    public record TestAnswer(boolean isTaken, String text) {}

    private final ImageNotifier notifier;
    private final CloudSettings settings;

    /** @param settings whom to trust, and the way there */
    public TestMessage(ImageNotifier notifier, CloudSettings settings) {
        this.notifier = notifier;
        this.settings = settings;
    }

    /**
     * Sends it.
     *
     * @param secret the keys and texts of the Secret that the notifier names
     * @param to a mail's recipient; null: the notifier's own sender address
     * @throws IllegalArgumentException if spec or Secret are of no use; the message says what to do
     */
    public TestAnswer send(Map<String, String> secret, @Nullable String to) {
        NotifierRules.violation(notifier.getSpec()).ifPresent(violation -> {
            throw new IllegalArgumentException(violation);
        });
        var isMail = notifier.getSpec().type() == ReceiverType.smtp;
        if (to != null && (!isMail || !Contacts.ADDRESS.matcher(to).matches())) {
            throw new IllegalArgumentException("--to is a mail address, and only for notifiers of type smtp");
        }
        try {
            var recipient = isMail ? new Recipient("", to == null ? from() : to) : Recipient.WEBHOOK;
            var receipt = receiver(secret).send(new Parcel(recipient, List.of(), Set.of(), 0, true));
            var said = receipt.reply().isBlank()
                    ? ""
                    : "the receiver said: " + receipt.reply().replaceAll("\\R", " ");
            return receipt.outcome() == Receipt.Result.TAKEN
                    ? new TestAnswer(true, said)
                    : new TestAnswer(false, receipt.message() + (said.isEmpty() ? "" : " In its own words, " + said));
        } catch (OpenStackException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private String from() {
        return Objects.requireNonNull(notifier.getSpec().from());
    }

    private Receiver receiver(Map<String, String> secret) {
        var spec = notifier.getSpec();
        var name = notifier.getMetadata().getNamespace() + "/"
                + notifier.getMetadata().getName();
        if (spec.type() == ReceiverType.smtp) {
            var server = SmtpServer.of(secret, Set.of());
            var letter = new MailText(spec).test(name);
            return new SmtpReceiver(
                    server,
                    from(),
                    settings.hosts(),
                    Certificates.tls(server.authorities(), settings.authorities()),
                    parcel -> letter,
                    Clock.systemUTC());
        }
        var webhook = Webhook.of(secret, true);
        var isChat = spec.type() == ReceiverType.slack;
        var body = isChat ? new ChatText(spec).test(name) : new EventText(SecretReceivers.source(notifier)).test();
        return new HttpReceiver(
                webhook,
                isChat ? ChatText.CONTENT_TYPE : EventText.CONTENT_TYPE,
                parcel -> body,
                settings.hosts(),
                Certificates.tls(webhook.authorities(), settings.authorities()),
                settings.proxies());
    }
}
