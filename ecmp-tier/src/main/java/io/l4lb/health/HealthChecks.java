package io.l4lb.health;

import io.l4lb.config.HealthCheckConfig.Pace;
import io.l4lb.config.HealthCheckConfig.Request;
import io.l4lb.config.L4lbConfig;
import io.l4lb.health.dns.DnsProbe;
import io.l4lb.health.grpc.GrpcProbe;
import io.l4lb.health.http.HttpProbe;
import io.l4lb.health.http.TlsLayer;
import io.l4lb.health.path.DataPath;
import io.l4lb.health.path.PlainWay;
import io.l4lb.health.path.WaySpec;
import io.l4lb.health.ping.PingProbe;
import io.l4lb.health.ping.Pinger;
import io.l4lb.health.probe.Probe;
import io.l4lb.health.probe.TcpProbe;
import io.l4lb.health.probe.Ticker;
import io.l4lb.health.probe.Way;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All health checks of a node. {@link #apply} and {@link #close} by one thread, the rest by any.
 *
 * <p>The first result of a backend decides at once about new flows. Until then nothing is said of those that a node starts with: it waits
 * for their results. A backend that comes by a reload is doubted until then.
 */
public final class HealthChecks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthChecks.class);
    private static final long FIRST_RESULTS_PAUSE_NS = 10_000_000;

    private static final int FIRST_ROUND_MS = 1000;
    /** A JVM that has just begun is slow: 2,000 checks in its first second would time out for its own sake. */
    private static final int FIRST_ROUND_MS_PER_CHECK = 2;

    private final HealthListener listener;
    private final Supplier<DataPath> openDataPath;
    private final Pinger pinger = new Pinger();
    private final Ticker ticker = new Ticker();
    private final OwnFaults ownFaults = new OwnFaults(System::nanoTime, LOG::warn);
    private final Map<CheckKey, CheckLoop> loops = new HashMap<>();
    private final Map<BackendKey, BackendHealth> backends = new LinkedHashMap<>();
    private final Set<BackendKey> configured = new HashSet<>();
    private boolean isRunning;
    private Optional<DataPath> dataPath = Optional.empty();

    private record BackendKey(String pool, String backend) {}

    /**
     * @param listener is told the first result of each backend, and then of each change
     * @param openDataPath asked once, when a check via dataplane is first wanted; closed here
     */
    public HealthChecks(HealthListener listener, Supplier<DataPath> openDataPath) {
        this.listener = listener;
        this.openDataPath = openDataPath;
    }

    /** {@return whether a configuration needs the data path} */
    public static boolean needsDataPath(L4lbConfig config) {
        return !HealthPlan.of(config).routedVips().isEmpty();
    }

    /** Checks what this configuration wants from now on. What was wanted before and still is goes on undisturbed. */
    public synchronized void apply(L4lbConfig config) {
        HealthPlan plan = HealthPlan.of(config);
        if (!plan.routedVips().isEmpty() && dataPath.isEmpty()) {
            dataPath = Optional.of(openDataPath.get());
        }
        dataPath.ifPresent(path -> path.route(plan.routedVips()));
        Map<CheckKey, List<BackendHealth>> wanted = new HashMap<>();
        Map<BackendKey, BackendHealth> kept = new LinkedHashMap<>();
        for (HealthPlan.Item item : plan.items()) {
            BackendKey key = new BackendKey(item.pool(), item.backend());
            BackendHealth known = backends.get(key);
            BackendHealth backend = known != null ? known : new BackendHealth(item.pool(), item.backend(), listener);
            if (isRunning && !configured.contains(key)) {
                backend.tellUnknown();
            }
            backend.setWays(item.checks(), item.pace());
            kept.put(key, backend);
            item.checks()
                    .forEach(check -> wanted.computeIfAbsent(check, ignored -> new ArrayList<>())
                            .add(backend));
        }
        backends.forEach((key, backend) -> {
            if (!kept.containsKey(key)) {
                backend.setWays(List.of(), Pace.DEFAULT);
                backend.release();
            }
        });
        backends.clear();
        backends.putAll(kept);
        remember(config);
        restart(wanted);
    }

    /** Notes whose backends a running node has: who is checked for the first time later is not new. */
    synchronized void remember(L4lbConfig config) {
        isRunning = true;
        configured.clear();
        config.pools()
                .forEach(pool -> pool.backends()
                        .forEach(backend -> configured.add(new BackendKey(pool.name(), backend.name()))));
    }

    private void restart(Map<CheckKey, List<BackendHealth>> wanted) {
        loops.entrySet().removeIf(entry -> {
            boolean isGone = !wanted.containsKey(entry.getKey());
            if (isGone) {
                entry.getValue().stop();
            }
            return isGone;
        });
        int firstRoundMs = Math.max(FIRST_ROUND_MS, FIRST_ROUND_MS_PER_CHECK * wanted.size());
        Map<TlsKey, TlsLayer> tls = new HashMap<>();
        wanted.forEach((key, observers) -> {
            CheckLoop running = loops.get(key);
            if (running != null) {
                running.setBackends(observers);
            } else {
                CheckLoop loop = new CheckLoop(key, probe(key, tls), way(key.way()), firstRoundMs, ticker, ownFaults);
                loop.setBackends(observers);
                loops.put(key, loop);
                loop.start();
            }
        });
    }

    private record TlsKey(Optional<String> serverName, boolean verifyCertificate) {}

    private Probe probe(CheckKey key, Map<TlsKey, TlsLayer> tls) {
        Request request = key.request();
        return switch (key.type()) {
            case TCP -> new TcpProbe(key.l4Port());
            case HTTP -> new HttpProbe(key.l4Port(), request, Optional.empty());
            case HTTPS ->
                new HttpProbe(
                        key.l4Port(),
                        request,
                        Optional.of(tls.computeIfAbsent(
                                new TlsKey(request.serverName(), request.verifyCertificate()),
                                wanted -> new TlsLayer(wanted.serverName, wanted.verifyCertificate))));
            case DNS -> new DnsProbe(key.l4Port(), request.query());
            case GRPC -> new GrpcProbe(key.l4Port(), request.serverName(), request.service());
            case PING -> new PingProbe(pinger);
        };
    }

    private Way way(WaySpec spec) {
        return spec.tunnel().isEmpty()
                ? new PlainWay(spec.backend(), spec.source())
                : dataPath.orElseThrow().way(spec);
    }

    /** Waits until every check has had a result; {@return whether that was so within the limit}. */
    public boolean awaitFirstResults(Duration limit) {
        long endNs = System.nanoTime() + limit.toNanos();
        while (!haveAllResults()) {
            if (System.nanoTime() - endNs >= 0) {
                return false;
            }
            LockSupport.parkNanos(FIRST_RESULTS_PAUSE_NS);
        }
        return true;
    }

    private synchronized boolean haveAllResults() {
        return loops.values().stream().allMatch(CheckLoop::hasResult);
    }

    /** {@return the number of different checks} */
    public synchronized int checkCount() {
        return loops.size();
    }

    /** {@return what is known of each backend that is checked, in the order of the configuration} */
    public synchronized List<BackendReport> report() {
        return backends.values().stream().map(BackendHealth::report).toList();
    }

    @Override
    public synchronized void close() {
        loops.values().forEach(CheckLoop::stop);
        loops.clear();
        pinger.close();
        ticker.close();
        dataPath.ifPresent(DataPath::close);
        dataPath = Optional.empty();
    }
}
