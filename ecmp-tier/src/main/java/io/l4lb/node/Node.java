package io.l4lb.node;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshots;
import io.l4lb.dpdk.binding.DpdkLog;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node: started whole or not at all, reloaded, stopped in order. Control thread only; the workers have threads
 * of their own.
 */
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final int TICKS_PER_SECOND = 10;
    /** How long a start waits for neighbours to answer, before it goes on without the silent ones. */
    private static final int NEXT_HOP_ATTEMPTS = 5;

    private static final long NEXT_HOP_PAUSE_NS = 200_000_000;

    private final ForwardingNumbers numbers = new ForwardingNumbers();
    private final Closing closing = new Closing();
    private final StateDirectory stateDirectory;
    private final Devices devices;
    private final DeviceWatch deviceWatch;
    private final Workers workers;
    private L4lbConfig config;
    private NextHops nextHops;
    private ForwardingTable table;
    private long dpdkLogPosition;
    private long ticks;

    /** Starts the node; when the constructor returns, it forwards. */
    public Node(L4lbConfig config) {
        this.config = config;
        try {
            stateDirectory = closing.last(StateDirectory.open(config.node().stateDirectory()));
            devices = closing.last(Devices.open(config.dataplane()));
            deviceWatch = new DeviceWatch(devices.ethDevs(), config.dataplane().ethPorts());
            nextHops = awaitNextHops(config);
            table = build(config);
            workers = closing.last(new Workers(config, devices, table));
            devices.start();
            workers.start(config.dataplane().lcores());
            stateDirectory.create(snapshot());
        } catch (Throwable e) { // an Error too: devices must be given back whatever happened
            closing.close();
            throw e;
        }
        devices.descriptions(config.dataplane().ethPorts()).forEach(LOG::info);
    }

    private static NextHops awaitNextHops(L4lbConfig config) {
        NextHops nextHops = new NextHops(config.dataplane());
        config.pools().stream()
                .flatMap(pool -> pool.backends().stream())
                .forEach(backend -> nextHops.apply(backend.address()));
        for (int i = 0; i < NEXT_HOP_ATTEMPTS && !nextHops.unresolved().isEmpty(); i++) {
            LockSupport.parkNanos(NEXT_HOP_PAUSE_NS);
            nextHops.refresh();
        }
        nextHops.unresolved()
                .forEach(backend -> LOG.warn(
                        "no next hop for backend {}: no route, or its gateway does not answer ARP or ND; its packets are"
                                + " dropped (next-hop-unresolved), the kernel is asked again every second",
                        backend));
        return nextHops;
    }

    private ForwardingTable build(L4lbConfig from) {
        return new ForwardingTableBuilder(from, numbers, devices.macAddresses(), nextHops).build();
    }

    private CounterSnapshot snapshot() {
        return CounterSnapshots.live(config, numbers, workers.counters(), workers.traffic());
    }

    /** {@return what the node says when it is ready, one line} */
    public String description() {
        return "node " + config.node().id() + ": " + config.dataplane().workers() + " worker(s) on "
                + config.dataplane().ethPorts().size() + " ethPort(s), "
                + config.vips().size() + " VIP(s), " + devices.version();
    }

    /**
     * Publishes the counters, logs what workers, devices and DPDK had to say, and follows the next hops; to be called ten
     * times a second. Never throws: whatever fails here, the node forwards on.
     */
    public void tick() {
        try {
            stateDirectory.publish(snapshot());
            workers.report();
            logDpdk();
            if (++ticks % TICKS_PER_SECOND == 0) {
                deviceWatch.report();
                if (nextHops.refresh()) {
                    swap(build(config));
                    LOG.info("next hops have changed");
                }
            }
        } catch (RuntimeException | InternalError e) { // InternalError: the counters' disk has failed under the mapping
            LOG.error("the control loop failed, forwarding goes on", e);
        }
    }

    private void logDpdk() {
        List<DpdkLog.Line> lines = DpdkLog.since(dpdkLogPosition);
        dpdkLogPosition = DpdkLog.position();
        lines.stream().filter(DpdkLog.Line::isComplaint).forEach(line -> LOG.warn("DPDK: {}", line.text()));
    }

    /**
     * Forwards by a new configuration from the next burst on; flows whose backend is still there stay where they are.
     *
     * @throws NodeException when something changed that needs a restart; nothing has changed then
     */
    public void reload(L4lbConfig next) {
        requireSame(config, next);
        NextHops before = nextHops;
        nextHops = before.under(next.dataplane());
        ForwardingTable nextTable;
        try {
            nextTable = build(next);
        } catch (RuntimeException e) {
            nextHops = before;
            throw e;
        }
        workers.populate(next);
        config = next;
        swap(nextTable);
        stateDirectory.publish(snapshot());
    }

    private void swap(ForwardingTable next) {
        ForwardingTable old = table;
        table = next;
        if (workers.swap(next)) {
            old.close();
        } else {
            LOG.error("a worker stands still; it takes the new table when it goes on, and the old one is not freed");
        }
    }

    private static void requireSame(L4lbConfig before, L4lbConfig after) {
        DataplaneConfig a = before.dataplane();
        DataplaneConfig b = after.dataplane();
        requireSame("node", before.node(), after.node());
        requireSame("dataplane.eal", a.eal(), b.eal());
        requireSame("dataplane.ethPorts", a.ethPorts(), b.ethPorts());
        requireSame("dataplane.workers", a.workers(), b.workers());
        requireSame("dataplane.lcores", a.lcores(), b.lcores());
        requireSame("dataplane.idle", a.idle(), b.idle());
        requireSame("dataplane.mtuBytes", a.mtuBytes(), b.mtuBytes());
        requireSame("dataplane.flowTable", a.flowTable(), b.flowTable());
    }

    private static void requireSame(String key, Object before, Object after) {
        if (!before.equals(after)) {
            throw new NodeException(key + " has changed from " + before + " to " + after
                    + "; that needs a restart of the node, nothing has been changed");
        }
    }

    /** Stops in order: workers, last counters, devices and DPDK, tables. One step that fails does not stop the others. */
    @Override
    public void close() {
        workers.stop();
        try {
            stateDirectory.publish(snapshot());
        } catch (RuntimeException | InternalError e) {
            LOG.error("the last counters could not be written", e);
        }
        closing.close();
        table.close();
    }
}
