package dev.imageshare.operator;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /livez}, {@code /readyz} (200 or 503) and {@code /metrics} (Prometheus' text format), one request per
 * connection.
 *
 * <p>The JDK's server reads each request on a thread of its pool, so as many unfinished requests as it has threads
 * block a probe, and the kubelet restarts the operator. Here one thread serves all connections without blocking. If
 * there are too many, the oldest are closed, since a probe's is the newest. Metrics are rendered on another thread; at
 * most {@value #MAX_SCRAPES} results are in memory, even if nobody reads them.
 */
final class ManagementServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);

    private static final int MAX_CONNECTIONS = 256;
    private static final int MAX_SCRAPES = 4;
    private static final int MAX_REQUEST_BYTES = 8 * 1024;
    private static final Duration MAX_TIME = Duration.ofSeconds(10);
    private static final long TICK_MILLIS = 500;

    private final Supplier<String> metrics;
    private final BooleanSupplier live;
    private final BooleanSupplier ready;
    private final Selector selector;
    private final ServerSocketChannel listener;
    private final int port;
    private final Thread thread = new Thread(this::serve, "management");
    private final ExecutorService scraper = Executors.newSingleThreadExecutor(task -> {
        var scraping = new Thread(task, "metrics");
        scraping.setDaemon(true);
        return scraping;
    });

    /** What other threads want done by the serving thread. */
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** In the order of their arrival. */
    private final Set<Connection> connections = new LinkedHashSet<>();

    /** Metrics that are being rendered or sent. */
    private int scrapes;

    private volatile boolean closing;

    ManagementServer(
            String address, int port, PrometheusMeterRegistry registry, BooleanSupplier live, BooleanSupplier ready)
            throws IOException {
        this(address, port, registry::scrape, live, ready);
    }

    /**
     * @param metrics renders the metrics; may take its time
     */
    ManagementServer(String address, int port, Supplier<String> metrics, BooleanSupplier live, BooleanSupplier ready)
            throws IOException {
        this.metrics = metrics;
        this.live = live;
        this.ready = ready;
        selector = Selector.open();
        listener = ServerSocketChannel.open();
        try {
            listener.bind(new InetSocketAddress(address, port), MAX_CONNECTIONS);
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            this.port = listener.socket().getLocalPort();
        } catch (IOException | RuntimeException e) {
            listener.close();
            selector.close();
            throw e;
        }
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        scraper.shutdownNow();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() {
        while (!closing) {
            try {
                selector.select(this::handle, connections.isEmpty() ? 0 : TICK_MILLIS);
                for (var task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                closeOverdue();
            } catch (IOException | RuntimeException | Error e) {
                // Any error: if it stopped serving, the kubelet would restart the operator.
                LOG.atWarn().addKeyValue("failure", e.getClass().getName()).log("Checking the connections failed");
            }
        }
        connections.forEach(Connection::closeQuietly);
        try {
            listener.close();
            selector.close();
        } catch (IOException e) {
            LOG.debug("Not closed: {}", e.getMessage());
        }
    }

    private void handle(SelectionKey key) {
        if (key.attachment() instanceof Connection connection) {
            connection.attempt(connection::advance);
        } else {
            accept();
        }
    }

    private void accept() {
        try {
            var channel = listener.accept();
            if (channel != null) {
                channel.configureBlocking(false);
                var connection = new Connection(channel, channel.register(selector, SelectionKey.OP_READ));
                connection.key.attach(connection);
                connections.add(connection);
            }
        } catch (IOException e) {
            LOG.debug("A connection could not be accepted: {}", e.getMessage());
            closeOldest(); // perhaps there are too many open files
            return;
        }
        if (connections.size() > MAX_CONNECTIONS) {
            closeOldest();
        }
    }

    private void closeOldest() {
        connections.stream().findFirst().ifPresent(Connection::close);
    }

    private void closeOverdue() {
        var now = System.nanoTime();
        for (var connection : new ArrayList<>(connections)) {
            if (now - connection.begun > MAX_TIME.toNanos()) {
                connection.close();
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Used by the serving thread only. */
    private final class Connection {
        final SocketChannel channel;
        final SelectionKey key;
        final long begun = System.nanoTime();

        private final ByteBuffer request = ByteBuffer.allocate(MAX_REQUEST_BYTES);
        private ByteBuffer @Nullable [] answer;
        private boolean isScrape;
        private boolean isBeingMade;

        Connection(SocketChannel channel, SelectionKey key) {
            this.channel = channel;
            this.key = key;
        }

        private interface Step {
            void run() throws IOException;
        }

        void attempt(Step step) {
            try {
                step.run();
            } catch (IOException | RuntimeException e) {
                close(); // closed, or not HTTP
            }
        }

        void advance() throws IOException {
            if (answer != null) {
                write();
                return;
            }
            if (channel.read(request) < 0) {
                close();
            } else if (!isBeingMade) {
                var head = StandardCharsets.ISO_8859_1
                        .decode(request.duplicate().flip())
                        .toString();
                if (head.contains("\r\n\r\n") || head.contains("\n\n")) {
                    respond(head.substring(0, head.indexOf('\n')).trim().split(" "));
                } else if (!request.hasRemaining()) {
                    close(); // too long
                }
            } else {
                request.clear(); // nothing more is expected from it
            }
        }

        private void respond(String[] line) throws IOException {
            var isHead = line[0].equals("HEAD");
            if (line.length != 3 || !line[2].startsWith("HTTP/1.")) {
                answer(400, "no HTTP\n", false);
            } else if (!isHead && !line[0].equals("GET")) {
                answer(405, "only GET and HEAD\n", false);
            } else {
                // A query has no meaning here.
                switch (line[1].split("\\?", 2)[0]) {
                    case "/livez" -> probe(live, isHead);
                    case "/readyz" -> probe(ready, isHead);
                    case "/metrics" -> scrape(isHead);
                    default -> answer(404, "not found\n", isHead);
                }
            }
        }

        private void probe(BooleanSupplier good, boolean isHead) throws IOException {
            var isGood = good.getAsBoolean();
            answer(isGood ? 200 : 503, isGood ? "ok\n" : "not ok\n", isHead);
        }

        private void scrape(boolean isHead) throws IOException {
            if (scrapes >= MAX_SCRAPES) {
                answer(503, "too many at once\n", isHead);
                return;
            }
            scrapes++;
            isScrape = true;
            isBeingMade = true;
            request.clear();
            scraper.execute(() -> {
                byte @Nullable [] made = null;
                try {
                    made = bytes(metrics.get());
                } catch (RuntimeException | Error e) {
                    LOG.atWarn().addKeyValue("failure", e.getClass().getName()).log("Metrics could not be rendered");
                }
                var body = made;
                tasks.add(() -> attempt(() -> made(body, isHead)));
                selector.wakeup();
            });
        }

        private void made(byte @Nullable [] body, boolean isHead) throws IOException {
            isBeingMade = false;
            if (!channel.isOpen()) {
                scrapes--;
            } else {
                answer(body == null ? 500 : 200, body == null ? bytes("failed\n") : body, isHead);
            }
        }

        private void answer(int status, String text, boolean isHead) throws IOException {
            answer(status, bytes(text), isHead);
        }

        private void answer(int status, byte[] body, boolean isHead) throws IOException {
            var type = isScrape ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain";
            var head = "HTTP/1.1 " + status + " \r\nContent-Type: " + type + "\r\nContent-Length: " + body.length
                    + "\r\nConnection: close\r\n\r\n";
            answer = new ByteBuffer[] {ByteBuffer.wrap(bytes(head)), ByteBuffer.wrap(isHead ? new byte[0] : body)};
            key.interestOps(SelectionKey.OP_WRITE);
            write();
        }

        private void write() throws IOException {
            var left = answer;
            if (left != null) {
                channel.write(left);
                if (!left[1].hasRemaining()) {
                    close();
                }
            }
        }

        void close() {
            if (connections.remove(this)) {
                if (isScrape && !isBeingMade) {
                    scrapes--;
                }
                closeQuietly();
            }
        }

        void closeQuietly() {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("Not closed: {}", e.getMessage());
            }
        }
    }
}
