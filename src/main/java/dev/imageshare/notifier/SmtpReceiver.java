package dev.imageshare.notifier;

import dev.imageshare.notifier.Outbox.Parcel;
import dev.imageshare.notifier.Receipt.Result;
import dev.imageshare.openstack.CloudHosts;
import dev.imageshare.openstack.Tls;
import jakarta.activation.DataHandler;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.util.ByteArrayDataSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;

/** Sends mails, each on a connection of its own. The only class here that knows Jakarta Mail, which is loaded with it. */
final class SmtpReceiver implements Receiver {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    /** For all of one message: who answers a byte every second is not waited for. */
    private static final Duration WHOLE = Duration.ofSeconds(60);

    private final SmtpServer server;
    private final String from;
    private final CloudHosts hosts;
    private final Tls tls;
    private final Function<Parcel, Letter> text;
    private final Clock clock;

    /**
     * @param from the sender's address
     * @param hosts where the server may be
     * @param tls whom to trust
     * @param text of a message
     */
    SmtpReceiver(
            SmtpServer server, String from, CloudHosts hosts, Tls tls, Function<Parcel, Letter> text, Clock clock) {
        this.server = server;
        this.from = from;
        this.hosts = hosts;
        this.tls = tls;
        this.text = text;
        this.clock = clock;
    }

    @Override
    public Receipt send(Parcel parcel) {
        var session = Session.getInstance(properties());
        Socket socket;
        try {
            socket = connect();
        } catch (IOException e) {
            return failure(e);
        }
        var guard = CompletableFuture.runAsync(
                () -> close(socket), CompletableFuture.delayedExecutor(WHOLE.toMillis(), TimeUnit.MILLISECONDS));
        try (var transport = new SMTPTransport(
                session,
                new URLName("smtp", server.host(), server.port(), null, server.username(), server.password()))) {
            return send(transport, socket, message(session, parcel));
        } catch (MessagingException e) {
            return failure(e); // of the message itself, or of its goodbye
        } finally {
            guard.cancel(false);
            close(socket);
        }
    }

    private Receipt send(SMTPTransport transport, Socket socket, MimeMessage message) {
        try {
            transport.connect(socket);
            transport.sendMessage(message, message.getAllRecipients());
            return Receipt.taken(
                    String.valueOf(transport.getLastServerResponse()).strip());
        } catch (AuthenticationFailedException e) {
            return Receipt.of(
                            Result.LATER,
                            "The mail server rejects the username and password" + code(transport)
                                    + ": correct them in the Secret.")
                    .replied(reply(transport));
        } catch (MessagingException e) {
            return refusal(transport, e).replied(reply(transport));
        }
    }

    private Receipt refusal(SMTPTransport transport, MessagingException failure) {
        var io = find(failure, IOException.class);
        if (io != null) {
            return failure(io);
        }
        var recipient = find(failure, SMTPAddressFailedException.class);
        if (recipient != null) {
            return recipient.getReturnCode() >= 500
                    ? Receipt.of(
                            Result.REFUSED, "The mail server rejects an address (" + recipient.getReturnCode() + ").")
                    : Receipt.of(
                            Result.RECIPIENT_LATER,
                            "The mail server doesn't accept mail for an address now (" + recipient.getReturnCode()
                                    + ").");
        }
        var data = find(failure, SMTPSendFailedException.class);
        var isSender =
                data != null && data.getCommand() != null && data.getCommand().startsWith("MAIL");
        if (data != null && data.getReturnCode() > 0 && !isSender) {
            return data.getReturnCode() >= 500
                    ? Receipt.of(Result.REFUSED, "The mail server rejects the message (" + data.getReturnCode() + ").")
                    : Receipt.of(
                            Result.RECIPIENT_LATER,
                            "The mail server doesn't accept the message now (" + data.getReturnCode() + ").");
        }
        if (String.valueOf(failure.getMessage()).startsWith("STARTTLS is required")) {
            return Receipt.of(
                    Result.LATER,
                    "The mail server doesn't offer STARTTLS: use smtps:// in the Secret's key address, or a server that offers it.");
        }
        var last = transport.getLastReturnCode();
        return Receipt.of(
                Result.LATER,
                last >= 400 && last < 600
                        ? "The mail server rejects the connection or the sender (" + last + ")."
                        : "The mail server doesn't answer like a mail server.");
    }

    private static String code(SMTPTransport transport) {
        var code = transport.getLastReturnCode();
        return code >= 400 && code < 600 ? " (" + code + ")" : "";
    }

    private static String reply(SMTPTransport transport) {
        var reply = transport.getLastServerResponse();
        return reply == null ? "" : reply.strip();
    }

    private Receipt failure(MessagingException e) {
        var io = find(e, IOException.class);
        return io == null ? Receipt.of(Result.LATER, "The mail server closed the connection.") : failure(io);
    }

    private Receipt failure(IOException e) {
        if (e instanceof UnknownHostException) {
            return Receipt.of(Result.LATER, "The mail server can't be used: " + e.getMessage() + ".");
        }
        if (find(e, SocketTimeoutException.class) != null) {
            return Receipt.of(Result.LATER, "The mail server didn't answer in time.");
        }
        if (e instanceof SSLException) {
            return Receipt.of(
                    Result.LATER,
                    find(e, GeneralSecurityException.class) == null
                            ? "The mail server doesn't use TLS there: check smtp or smtps and the port in the Secret."
                            : "The mail server's certificate is not trusted, or is for another host name: give its CA's"
                                    + " certificate (PEM) under the Secret's key cacert, or check the address.");
        }
        return Receipt.of(Result.LATER, "The mail server can't be reached, or closed the connection.");
    }

    private Socket connect() throws IOException {
        IOException last = new UnknownHostException("it has no address");
        for (var address : hosts.resolve(server.host())) {
            var socket = new Socket();
            try {
                socket.setSoTimeout((int) ANSWER.toMillis());
                // Named as it was written, which is what its certificate is held against.
                var named = InetAddress.getByAddress(server.host(), address.getAddress());
                socket.connect(new InetSocketAddress(named, server.port()), (int) CONNECT.toMillis());
                return server.isImplicitTls() ? wrapped(socket) : socket;
            } catch (IOException e) {
                close(socket);
                last = e;
            }
        }
        throw last;
    }

    private Socket wrapped(Socket plain) throws IOException {
        var socket = (SSLSocket) tls.sockets().createSocket(plain, server.host(), server.port(), true);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private Properties properties() {
        var properties = new Properties();
        properties.put("mail.smtp.localhost", "imageshare-operator");
        properties.put("mail.smtp.starttls.enable", Boolean.toString(!server.isImplicitTls()));
        properties.put(
                "mail.smtp.starttls.required", Boolean.toString(!server.isImplicitTls() && server.isTlsRequired()));
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        properties.put("mail.smtp.ssl.socketFactory", tls.sockets());
        properties.put("mail.smtp.auth", Boolean.toString(server.username() != null));
        properties.put("mail.smtp.auth.mechanisms", "PLAIN LOGIN");
        properties.put("mail.smtp.quitwait", "false");
        return properties;
    }

    private MimeMessage message(Session session, Parcel parcel) throws MessagingException {
        var letter = text.apply(parcel);
        var message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", "<" + letter.id() + "@" + from.substring(from.indexOf('@') + 1) + ">");
            }
        };
        message.setFrom(new InternetAddress(from, true));
        message.setRecipients(
                Message.RecipientType.TO,
                new Address[] {new InternetAddress(parcel.recipient().address(), true)});
        message.setSubject(letter.subject(), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(clock.instant()));
        message.setHeader("Auto-Submitted", "auto-generated");
        message.setHeader("X-Auto-Response-Suppress", "All");
        message.setHeader("X-Imageshare-Event-ID", letter.folded());
        // As bytes: of text, Jakarta Activation would look for somebody who can write it.
        message.setDataHandler(new DataHandler(
                new ByteArrayDataSource(letter.text().getBytes(StandardCharsets.UTF_8), "text/plain; charset=UTF-8")));
        message.saveChanges();
        return message;
    }

    private static <T extends Exception> @Nullable T find(Exception failure, Class<T> type) {
        for (@Nullable Throwable each = failure; each != null; each = next(each)) {
            if (type.isInstance(each)) {
                return type.cast(each);
            }
        }
        return null;
    }

    /** A MessagingException is nested by a way of its own. */
    private static @Nullable Throwable next(Throwable failure) {
        return failure instanceof MessagingException nested && nested.getNextException() != null
                ? nested.getNextException()
                : failure.getCause();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is of no use any longer
        }
    }
}
