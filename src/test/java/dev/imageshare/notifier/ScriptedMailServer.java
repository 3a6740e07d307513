package dev.imageshare.notifier;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** An SMTP server that answers as a test says; the real one is Postfix, in {@code NotifierRealIT}. */
public final class ScriptedMailServer implements AutoCloseable {

    /** What it says to a command, by its beginning, instead of what a server that takes everything says; an empty text: nothing, ever. */
    public final Map<String, String> replies = new ConcurrentHashMap<>();

    /** The commands it got, with a mark where TLS began. */
    public final List<String> commands = new CopyOnWriteArrayList<>();

    /** The mails it took. */
    final List<String> mails = new CopyOnWriteArrayList<>();

    private final ServerSocket listener;
    private final SSLContext tls;
    private final boolean implicit;
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** @param tls null: without STARTTLS */
    public ScriptedMailServer(SSLContext tls, boolean implicit) throws IOException {
        this.tls = tls;
        this.implicit = implicit;
        listener = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        var thread = new Thread(this::accept, "mail-server");
        thread.setDaemon(true);
        thread.start();
    }

    public int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var socket = listener.accept();
                open.add(socket);
                var thread = new Thread(() -> serve(socket), "mail-session");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket plain) {
        try (plain) {
            var socket = implicit ? wrapped(plain) : plain;
            var in = reader(socket);
            say(socket, "", "220 mail.example.org ESMTP");
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                commands.add(line);
                var command = line.toUpperCase(Locale.ROOT);
                if (command.startsWith("STARTTLS") && !replies.containsKey("STARTTLS")) {
                    say(socket, line, "220 go ahead");
                    socket = wrapped(plain);
                    in = reader(socket);
                    commands.add("<TLS>");
                } else if (command.equals("DATA") && !replies.containsKey("DATA")) {
                    say(socket, line, "354 end with a dot");
                    var mail = new StringBuilder();
                    for (var text = in.readLine(); text != null && !text.equals("."); text = in.readLine()) {
                        mail.append(text).append('\n');
                    }
                    if (!replies.containsKey(".")) {
                        mails.add(mail.toString());
                    }
                    say(socket, ".", "250 taken");
                } else if (command.startsWith("EHLO")) {
                    say(socket, line, ehlo(socket));
                } else if (command.startsWith("AUTH")) {
                    say(socket, line, "235 welcome");
                } else if (command.startsWith("QUIT")) {
                    say(socket, line, "221 bye");
                    return;
                } else {
                    say(socket, line, "250 ok");
                }
            }
        } catch (IOException e) {
            commands.add("<" + e.getClass().getSimpleName() + ">");
        }
    }

    private String ehlo(Socket socket) {
        return "250-mail.example.org\r\n"
                + (tls == null || socket instanceof SSLSocket ? "" : "250-STARTTLS\r\n")
                + "250-AUTH PLAIN LOGIN\r\n250 8BITMIME";
    }

    private void say(Socket socket, String command, String otherwise) throws IOException {
        var reply = replies.entrySet().stream()
                .filter(e -> command.toUpperCase(Locale.ROOT).startsWith(e.getKey())
                        && (!e.getKey().isEmpty() || command.isEmpty()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(otherwise);
        if (!reply.isEmpty()) {
            OutputStream out = socket.getOutputStream();
            out.write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    private SSLSocket wrapped(Socket plain) throws IOException {
        var socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
        socket.setUseClientMode(false);
        socket.startHandshake();
        return socket;
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (var socket : open) {
            socket.close();
        }
    }
}
