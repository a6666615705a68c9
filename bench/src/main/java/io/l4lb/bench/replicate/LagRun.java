package io.l4lb.bench.replicate;

import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.config.replication.ReplicationConfig.PeerConfig;
import io.l4lb.config.replication.ReplicationConfig.TlsConfig;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.net.IpAddress;
import io.l4lb.net.L4Address;
import io.l4lb.peer.LagMeter.Lag;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.replication.Replication;
import io.l4lb.replication.ReplicationStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Two nodes' replication in one process, journals on disk, TLS over loopback: one pins flows at a rate, the other applies them. The
 * thread that pins looks at what has been applied, so a lag is from a burst's last pin to the look that found it applied.
 */
final class LagRun {
    private static final int LOOPBACK_IPV4 = 0x7f_00_00_01;
    private static final long PAUSE_NS = 20_000;
    private static final long CATCH_UP_NS = TimeUnit.SECONDS.toNanos(120);
    private static final FlowTimeouts TIMEOUTS = new FlowTimeouts(900, 60);
    private static final String FROM = "a";
    private static final String TO = "b";

    private final Replication from;
    private final Replication to;
    private final FlowSource source;
    private final AppliedLag applied;

    private LagRun(Replication from, Replication to, FlowSource source) {
        this.from = from;
        this.to = to;
        this.source = source;
        this.applied = new AppliedLag(source, () -> link(to).appliedEvents());
    }

    /** @param isPlain without TLS */
    static Map<String, Object> run(
            Path place, double perSecond, double seconds, double warmUpSeconds, int table, boolean isPlain)
            throws IOException {
        int fromPort = freePort();
        int toPort = freePort();
        Optional<TlsConfig> fromTls = Optional.empty();
        Optional<TlsConfig> toTls = Optional.empty();
        if (!isPlain) {
            Certificates certificates = new Certificates(place.resolve("tls"));
            fromTls = Optional.of(certificates.of(FROM));
            toTls = Optional.of(certificates.of(TO));
        }
        ReplicaNumbers numbers = new ReplicaNumbers();
        try (Replication from = new Replication(
                        FROM, config(fromPort, TO, toPort, fromTls, table), place.resolve(FROM), TIMEOUTS, numbers, 1);
                Replication to = new Replication(
                        TO,
                        config(toPort, FROM, fromPort, toTls, table),
                        place.resolve(TO),
                        TIMEOUTS,
                        new ReplicaNumbers(),
                        1)) {
            from.start();
            to.start();
            LagRun run = new LagRun(from, to, new FlowSource(from.ring(0), numbers, 0, table / 4 * 3L));
            run.awaitCaughtUp();
            run.offer(perSecond, warmUpSeconds);
            run.awaitApplied();
            run.applied.reset();
            return run.measure(perSecond, seconds);
        }
    }

    private Map<String, Object> measure(double perSecond, double seconds) {
        long offered = source.offered();
        long refused = source.refused();
        long startNs = System.nanoTime();
        offer(perSecond, seconds);
        double took = (System.nanoTime() - startNs) / 1e9;
        Lag acknowledged = link(from).link().lag();
        awaitApplied();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("seconds", took);
        result.put("eventsPerSecond", (source.offered() - offered) / took);
        result.put("refused", source.refused() - refused);
        result.put("applied", link(to).appliedEvents());
        result.putAll(applied.toMap());
        result.put("acknowledgedP50Ms", acknowledged.p50Ns() / 1e6);
        result.put("acknowledgedP99Ms", acknowledged.p99Ns() / 1e6);
        return result;
    }

    private void offer(double perSecond, double seconds) {
        long before = source.offered();
        long startNs = System.nanoTime();
        for (long nowNs = startNs; nowNs - startNs < seconds * 1e9; nowNs = System.nanoTime()) {
            if (source.offerDue(nowNs - startNs, before, perSecond)) {
                applied.offered(System.nanoTime());
            } else {
                LockSupport.parkNanos(PAUSE_NS);
            }
            applied.look();
        }
    }

    private static ReplicationConfig config(int l4Port, String peer, int peerPort, Optional<TlsConfig> tls, int flows) {
        return new ReplicationConfig(
                "bench",
                address(l4Port),
                List.of(new PeerConfig(peer, address(peerPort))),
                tls,
                flows,
                ReplicationConfig.DEFAULT_DISK_BYTES,
                ReplicationConfig.DEFAULT_CATCH_UP_SECONDS);
    }

    private static L4Address address(int l4Port) {
        return new L4Address(IpAddress.ipv4(LOOPBACK_IPV4), l4Port);
    }

    /** Free now; another program may take it until it is listened at. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static ReplicationStatus.Peer link(Replication of) {
        return of.status().peers().getFirst();
    }

    private void awaitCaughtUp() {
        long startNs = System.nanoTime();
        while (!link(to).caughtUp() || !link(from).caughtUp()) {
            pause(startNs);
        }
    }

    private void awaitApplied() {
        long startNs = System.nanoTime();
        while (!applied.look()) {
            pause(startNs);
        }
    }

    private void pause(long sinceNs) {
        if (System.nanoTime() - sinceNs > CATCH_UP_NS) {
            throw new IllegalStateException("not caught up after 120 s: " + to.status());
        }
        LockSupport.parkNanos(PAUSE_NS);
    }
}
