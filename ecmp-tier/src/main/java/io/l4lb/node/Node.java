package io.l4lb.node;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.CounterFile;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshots;
import io.l4lb.dpdk.binding.DpdkLog;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node: started whole or not at all, reloaded, stopped in order. Control thread only; the workers have threads
 * of their own.
 */
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final ForwardingNumbers numbers = new ForwardingNumbers();
    private final Devices devices;
    private final Workers workers;
    private L4lbConfig config;
    private ForwardingTable table;
    private CounterFile counterFile;
    private long dpdkLogPosition;

    /** Starts the node; when the constructor returns, it forwards. */
    public Node(L4lbConfig config) {
        this.config = config;
        prepare(config.node().stateDirectory());
        devices = Devices.open(config.dataplane());
        ForwardingTable firstTable = null;
        Workers newWorkers = null;
        try {
            firstTable = build(config);
            newWorkers = new Workers(config, devices, firstTable);
            devices.start();
            newWorkers.start(config.dataplane().lcores());
            table = firstTable;
            workers = newWorkers;
            counterFile = counterFile(snapshot());
        } catch (RuntimeException e) {
            closeAll(newWorkers, firstTable);
            throw e;
        }
        devices.descriptions(config.dataplane().ethPorts()).forEach(LOG::info);
    }

    private void closeAll(Workers startedWorkers, ForwardingTable builtTable) {
        if (startedWorkers != null) {
            startedWorkers.close();
        }
        devices.close();
        if (builtTable != null) {
            builtTable.close();
        }
    }

    private static void prepare(Path stateDirectory) {
        try {
            Files.createDirectories(stateDirectory);
        } catch (IOException e) {
            throw new NodeException("node.stateDirectory " + stateDirectory + " cannot be made: " + e.getMessage(), e);
        }
        if (!Files.isWritable(stateDirectory)) {
            throw new NodeException("node.stateDirectory " + stateDirectory + " cannot be written");
        }
    }

    private ForwardingTable build(L4lbConfig from) {
        return new ForwardingTableBuilder(from, numbers, devices.macAddresses(), new NextHops(from.dataplane()))
                .build();
    }

    private CounterSnapshot snapshot() {
        return CounterSnapshots.live(config, numbers, workers.counters(), workers.traffic());
    }

    private CounterFile counterFile(CounterSnapshot snapshot) {
        try {
            return CounterFile.create(config.node().stateDirectory(), snapshot, System.currentTimeMillis());
        } catch (IOException e) {
            throw new NodeException(
                    "the counters cannot be put into "
                            + CounterFile.pathIn(config.node().stateDirectory()) + ": " + e.getMessage(),
                    e);
        }
    }

    /** {@return what the node says when it is ready, one line} */
    public String description() {
        return "node " + config.node().id() + ": " + config.dataplane().workers() + " worker(s) on "
                + config.dataplane().ethPorts().size() + " ethPort(s), "
                + config.vips().size() + " VIP(s), " + devices.version();
    }

    /** Publishes the counters and logs what workers and DPDK had to say; to be called several times a second. */
    public void tick() {
        counterFile.publish(snapshot(), System.currentTimeMillis());
        workers.reportErrors();
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
        ForwardingTable nextTable = build(next);
        ForwardingTable oldTable = table;
        workers.swap(nextTable);
        table = nextTable;
        config = next;
        oldTable.close();
        CounterFile oldFile = counterFile;
        counterFile = counterFile(snapshot());
        oldFile.close();
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

    /** Stops in order: workers, last counters, devices, DPDK. */
    @Override
    public void close() {
        workers.stop();
        tick();
        counterFile.close();
        devices.close();
        workers.close();
        table.close();
    }
}
