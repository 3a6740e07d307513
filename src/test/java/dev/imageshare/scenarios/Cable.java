package dev.imageshare.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Between a client and a server of TCP, until it is cut. */
final class Cable implements AutoCloseable {

    private final ServerSocket entry;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "cable");
        thread.setDaemon(true);
        return thread;
    });

    Cable(String host, int port) {
        try {
            entry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(() -> {
            while (!entry.isClosed()) {
                try {
                    var client = entry.accept();
                    var server = new Socket(host, port);
                    open.add(client);
                    open.add(server);
                    threads.execute(() -> carry(client, server));
                    threads.execute(() -> carry(server, client));
                } catch (IOException e) {
                    // Cut, or the server is not there: the client sees a connection that ends.
                }
            }
        });
    }

    int port() {
        return entry.getLocalPort();
    }

    private void carry(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // One of the two has ended, and so do both.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    /** Ends all connections, and takes no more. */
    void cut() {
        try {
            entry.close();
            for (var socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        cut();
        threads.shutdownNow();
    }
}
