package io.l4lb.health;

import io.l4lb.health.probe.Deadline;
import io.l4lb.health.probe.OwnFaultException;
import io.l4lb.health.probe.Probe;
import io.l4lb.health.probe.Ticker;
import io.l4lb.health.probe.Way;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats one check: a virtual thread for each try. Checks have their places in the interval by hash, so that thousands are spread over it, and
 * move a little about them each time, so that several nodes do not fall into step.
 */
final class CheckLoop {
    private static final Logger LOG = LoggerFactory.getLogger(CheckLoop.class);
    /** One part in so many of the interval: how far a try may be from its place. */
    private static final int JITTER_PART = 20;

    /** Checks that are due within this time wake together: of 2,000 a second 20. */
    private static final long TOGETHER_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long NS_PER_MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final String NO_FILES = "Too many open files";

    private final CheckKey key;
    private final Probe probe;
    private final Way way;
    private final int firstRoundMs;
    private final Ticker ticker;
    private final OwnFaults ownFaults;
    private volatile List<BackendHealth> backends = List.of();
    private volatile boolean stopped;
    private volatile boolean hasResult;
    /** When the next try would be without jitter. Only one thread at a time: each try has the next one begun. */
    private long placeNs;

    private final Thread.Builder threads;

    /** @param firstRoundMs over which the first tries are spread, however long the interval: a node waits for them */
    CheckLoop(CheckKey key, Probe probe, Way way, int firstRoundMs, Ticker ticker, OwnFaults ownFaults) {
        this.key = key;
        this.probe = probe;
        this.way = way;
        this.firstRoundMs = firstRoundMs;
        this.ticker = ticker;
        this.ownFaults = ownFaults;
        this.threads = Thread.ofVirtual().name("health " + key.way());
    }

    void start() {
        long startNs = System.nanoTime();
        long intervalNs = key.intervalMs() * NS_PER_MS;
        // the place in the interval counts from 0 of the clock: loops that start at different times stay spread
        placeNs = startNs - Math.floorMod(startNs, intervalNs) + Math.floorMod(key.spread(), intervalNs);
        ticker.runAt(startNs + Math.floorMod(key.spread(), firstRoundMs * NS_PER_MS), this::begin);
    }

    void setBackends(List<BackendHealth> next) {
        backends = List.copyOf(next);
    }

    boolean hasResult() {
        return hasResult;
    }

    /** A try that is under way still ends, and is not heard. */
    void stop() {
        stopped = true;
    }

    private void begin() {
        if (!stopped) {
            threads.start(this::run);
        }
    }

    private void run() {
        attempt();
        long intervalNs = key.intervalMs() * NS_PER_MS;
        long jitterNs = intervalNs / JITTER_PART;
        long pastNs = System.nanoTime() + jitterNs - placeNs;
        placeNs += (Math.floorDiv(pastNs, intervalNs) + 1) * intervalNs;
        long dueNs = placeNs + ThreadLocalRandom.current().nextLong(-jitterNs, jitterNs + 1);
        ticker.runAt(dueNs - Math.floorMod(dueNs, Math.min(TOGETHER_NS, Math.max(jitterNs, 1))), this::begin);
    }

    private void attempt() {
        Deadline deadline = Deadline.in(key.timeoutMs(), ticker);
        try {
            observe(true, probe.run(way, deadline));
        } catch (OwnFaultException e) {
            ownFaults.add(key.way().toString(), e.getMessage());
        } catch (IOException e) {
            if (e instanceof SocketException && String.valueOf(e.getMessage()).contains(NO_FILES)) {
                ownFaults.add(key.way().toString(), "too many open files; raise the limit (ulimit -n)");
            } else {
                observe(false, words(e));
            }
        } catch (RuntimeException | Error e) { // a fault of ours must neither end the loop nor take a backend down
            LOG.error("health check of {} failed", key.way(), e);
        }
    }

    private void observe(boolean success, String words) {
        if (stopped) {
            return;
        }
        for (BackendHealth backend : backends) {
            backend.observe(key, success, words);
        }
        hasResult = true;
    }

    private String words(IOException e) {
        return switch (e) {
            case SocketTimeoutException _ -> "no answer in " + key.timeoutMs() + " ms";
            case PortUnreachableException _ -> "connection refused";
            case ConnectException refused ->
                String.valueOf(refused.getMessage()).contains("timed out")
                        ? "no answer in " + key.timeoutMs() + " ms"
                        : "connection refused";
            case NoRouteToHostException _ -> "no route";
            case EOFException _ -> "connection ended before the answer did";
            case SSLException tls -> "TLS: " + tls.getMessage();
            default -> String.valueOf(e.getMessage());
        };
    }
}
