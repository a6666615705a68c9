package io.l4lb.node.admin;

import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.node.control.Publication;
import io.l4lb.node.control.TablePublisher;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the node go by what its configuration file says now; a file that cannot be used changes nothing. Whatever asks for it:
 * the command, SIGHUP, a change of the file. Any thread.
 */
public final class Reloader {
    private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);
    private static final long TAKEN_LIMIT_NS = TimeUnit.SECONDS.toNanos(1);
    /** Without traffic there is no first packet. */
    private static final long FIRST_PACKET_LIMIT_NS = TimeUnit.SECONDS.toNanos(1);

    private final Path file;
    private final TablePublisher publisher;
    private final Runnable reloaded;
    private Map<String, Object> last = Map.of();

    /** @param reloaded run after each reload that was carried out */
    public Reloader(Path file, TablePublisher publisher, Runnable reloaded) {
        this.file = file;
        this.publisher = publisher;
        this.reloaded = reloaded;
    }

    /** {@return the file that the node was started with} */
    public Path file() {
        return file;
    }

    /** {@return when and how the last reload ended; empty: there was none} */
    synchronized Map<String, Object> last() {
        return last;
    }

    /**
     * Reloads; the log tells as well. {@return what was done, and how long each step took from the call on}
     *
     * @throws AdminException when nothing has been changed, with every reason
     */
    public Map<String, Object> reload() {
        long startNs = System.nanoTime();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("file", file.toString());
        try {
            Publication publication = publish(startNs, document);
            document.put("workersMs", ms(startNs, await(publication)));
            reloaded.run();
            firstPacket(publication).ifPresent(usedNs -> document.put("firstPacketMs", ms(startNs, usedNs)));
            LOG.info("reloaded: {}", text(document));
            remember("reloaded", text(document));
            return document;
        } catch (AdminException e) {
            e.faults().forEach(LOG::error);
            LOG.error("reload refused: {}", e.getMessage());
            remember("refused", e.getMessage());
            throw e;
        }
    }

    private Publication publish(long startNs, Map<String, Object> document) {
        ConfigResult.Loaded loaded = switch (ConfigReader.read(file)) {
            case ConfigResult.Loaded read -> read;
            case ConfigResult.Rejected rejected ->
                throw new AdminException(
                        AdminException.REFUSED,
                        file + " has " + rejected.faults().size() + " fault(s), nothing has been changed",
                        rejected.faults().stream().map(Object::toString).toList());
        };
        document.put(
                "warnings", loaded.warnings().stream().map(Object::toString).toList());
        document.put("readMs", ms(startNs, System.nanoTime()));
        try {
            Publication publication = publisher.publish(loaded.config()).join();
            document.put("tableMs", ms(startNs, publication.builtNs()));
            return publication;
        } catch (CompletionException e) {
            throw new AdminException(
                    AdminException.REFUSED,
                    Optional.ofNullable(e.getCause().getMessage())
                            .orElse(e.getCause().toString()));
        }
    }

    private static long await(Publication publication) {
        try {
            if (!publication.awaitTaken(TAKEN_LIMIT_NS)) {
                throw new AdminException(
                        AdminException.FAILED, "a worker stands still; it takes the new configuration when it goes on");
            }
            return System.nanoTime();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AdminException(AdminException.FAILED, "the node is stopping");
        }
    }

    private static OptionalLong firstPacket(Publication publication) {
        try {
            return publication.awaitFirstPacket(FIRST_PACKET_LIMIT_NS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }

    private static double ms(long startNs, long endNs) {
        return Math.round((endNs - startNs) / 1e4) / 100.0;
    }

    /** {@return the times as one line} */
    public static String text(Map<String, Object> document) {
        Object first = document.get("firstPacketMs");
        return String.format(
                Locale.ROOT,
                "%s in %s ms: read and checked after %s, table made after %s, %s",
                document.get("file"),
                document.get("workersMs"),
                document.get("readMs"),
                document.get("tableMs"),
                first == null ? "no packet to forward by it yet" : "first packet forwarded by it after " + first);
    }

    private synchronized void remember(String outcome, String words) {
        Map<String, Object> next = new LinkedHashMap<>();
        next.put("at", Instant.now().toString());
        next.put("outcome", outcome);
        next.put("details", words);
        last = next;
    }
}
