package dev.imageshare.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A progress line on standard error that overwrites itself; only on a terminal, and not during the first second. Own
 * code, since libraries for it bring a terminal library with native code, about which newer JDKs warn.
 */
final class Progress implements AutoCloseable {

    private static final long SILENT = Duration.ofSeconds(1).toNanos();
    private static final long BETWEEN = Duration.ofMillis(100).toNanos();
    private static final int WIDTH = 30;

    private final PrintWriter err;
    private final String what;
    private final int total;
    private final long began = System.nanoTime();
    private final AtomicInteger done = new AtomicInteger();
    private long drawn;
    private Terminal terminal = Terminal.UNKNOWN;

    private enum Terminal {
        UNKNOWN,
        YES,
        NO
    }

    Progress(PrintWriter err, String what, int total) {
        this.err = err;
        this.what = what;
        this.total = total;
    }

    /** Counts one more item as done. */
    void step() {
        draw(done.incrementAndGet());
    }

    private synchronized void draw(int count) {
        var now = System.nanoTime();
        if (now - began < SILENT || now - drawn < BETWEEN || terminal == Terminal.NO) {
            return;
        }
        if (terminal == Terminal.UNKNOWN) {
            terminal = isTerminal() ? Terminal.YES : Terminal.NO;
            if (terminal == Terminal.NO) {
                return;
            }
        }
        drawn = now;
        var filled = total == 0 ? WIDTH : (int) ((long) WIDTH * count / total);
        err.print("\r" + what + " [" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + count + "/" + total);
        err.flush();
    }

    /** Java detects a terminal only if standard output is one as well. */
    private static boolean isTerminal() {
        try {
            var test = new ProcessBuilder("test", "-t", "2").inheritIO().start();
            return test.waitFor(1, TimeUnit.SECONDS) && test.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Clears the line. */
    @Override
    public synchronized void close() {
        if (drawn != 0) {
            err.print("\r\033[K");
            err.flush();
        }
    }
}
