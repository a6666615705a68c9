package io.l4lb.node.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code ip monitor} as a child process, started again when it ends. Its lines are handed on by a thread of its own; an
 * empty one means that some may have been missed, so that everything has to be looked at anew.
 */
final class KernelMonitor implements AutoCloseable {
    /** Handed on when events may have been lost. */
    static final String MISSED = "";

    private static final Logger LOG = LoggerFactory.getLogger(KernelMonitor.class);
    private static final List<String> COMMAND =
            List.of("ip", "monitor", "label", "route", "neigh", "link", "address", "rule", "nexthop");
    private static final long RESTART_SECONDS = 1;

    private final Consumer<String> lines;
    private final Thread thread;
    private volatile boolean open = true;
    private volatile Process process;

    /** {@code lines}: called by one thread; must not throw. */
    KernelMonitor(Consumer<String> lines) {
        this.lines = lines;
        thread = Thread.ofPlatform().daemon().name("kernel-monitor").start(this::run);
    }

    private void run() {
        while (open) {
            try {
                follow();
            } catch (IOException e) {
                LOG.error(
                        "changes of the kernel's routes and neighbours are not seen: ip monitor fails: {}",
                        e.toString());
            }
            try {
                TimeUnit.SECONDS.sleep(RESTART_SECONDS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void follow() throws IOException {
        process = SystemTool.start(COMMAND, false);
        if (!open) {
            process.destroy(); // close() came between
        }
        lines.accept(MISSED);
        try (BufferedReader reader = process.inputReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.accept(line.startsWith("[") ? line : missedOrNothing(line));
            }
        }
        if (open) {
            LOG.warn("ip monitor has ended and is started again");
        }
    }

    /** {@return what a line without a label says: the rest of an event, or that the socket has overflowed} */
    private static String missedOrNothing(String line) {
        return line.contains("receive error") ? MISSED : line;
    }

    @Override
    public void close() {
        open = false;
        Process running = process;
        if (running != null) {
            running.destroy();
        }
        thread.interrupt();
    }
}
