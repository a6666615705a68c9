package io.l4lb.health;

import io.l4lb.config.L4lbConfig;
import io.l4lb.dpdk.raw.RawSocketException;
import io.l4lb.dpdk.tun.TunException;
import io.l4lb.health.path.DataPath;
import io.l4lb.health.path.ReversePath;
import io.l4lb.net.BackendState;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node's health checks: how long a start waits for them, and what a reload does. Control thread. */
public final class NodeHealth implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeHealth.class);
    /** The first round takes 2 ms a check and a time-out; who needs longer is not waited for. */
    private static final Duration FIRST_RESULTS = Duration.ofSeconds(10);

    private final HealthListener listener;
    private final HealthChecks checks;
    private L4lbConfig config;

    /** Checks nothing yet. */
    public NodeHealth(L4lbConfig config, HealthListener listener) {
        this(
                config,
                listener,
                wanted -> new DataPath(wanted.node().id(), wanted.dataplane().mtuBytes()));
    }

    NodeHealth(L4lbConfig config, HealthListener listener, Function<L4lbConfig, DataPath> openDataPath) {
        this.config = config;
        this.listener = listener;
        this.checks = new HealthChecks(listener, () -> openDataPath.apply(this.config));
    }

    /** Begins to check, and waits, up to a limit, until each backend has been tried once. */
    public void start() {
        if (HealthChecks.needsDataPath(config)) {
            ReversePath.strictInterfaces()
                    .forEach(name -> LOG.warn(
                            "net.ipv4.conf.{}.rp_filter is 1: the kernel drops what backends answer to health checks via dataplane;"
                                    + " set it to 0 or 2, or check via: address",
                            name));
        }
        applyTo(config);
        if (!checks.awaitFirstResults(FIRST_RESULTS)) {
            LOG.warn("not all backends have been checked after {} s; the node goes on", FIRST_RESULTS.toSeconds());
        }
    }

    /** Goes by another configuration. What was checked before and still is goes on undisturbed. */
    public void apply(L4lbConfig next) {
        try {
            applyTo(next);
        } catch (TunException | RawSocketException e) {
            LOG.error("health checks are still those of the last configuration: {}", e.getMessage());
            tellUncheckedUp(next, e.getMessage());
            checks.remember(next); // a later reload that can check them leaves them up until they have been tried
        }
    }

    /** Nobody would ever find them up: without a check a backend counts as up. */
    private void tellUncheckedUp(L4lbConfig next, String why) {
        Set<String> checked = checks.report().stream()
                .map(each -> each.pool() + "/" + each.backend())
                .collect(Collectors.toSet());
        next.pools().stream()
                .filter(pool -> pool.healthCheck().isPresent())
                .forEach(pool -> pool.backends().stream()
                        .filter(backend -> !checked.contains(pool.name() + "/" + backend.name()))
                        .forEach(backend ->
                                listener.changed(pool.name(), backend.name(), BackendState.UP, "not checked: " + why)));
    }

    private void applyTo(L4lbConfig next) {
        config = next;
        checks.apply(next);
    }

    /** {@return what is known of each backend that is checked}; any thread */
    public List<BackendReport> report() {
        return checks.report();
    }

    @Override
    public void close() {
        checks.close();
    }
}
