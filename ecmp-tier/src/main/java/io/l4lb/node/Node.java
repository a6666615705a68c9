package io.l4lb.node;

import io.l4lb.announce.AnnounceDocument;
import io.l4lb.announce.Announcing;
import io.l4lb.announce.WorkerProgress;
import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshots;
import io.l4lb.dpdk.binding.DpdkLog;
import io.l4lb.dpdk.raw.RawSocketException;
import io.l4lb.dpdk.tun.TunException;
import io.l4lb.forwarding.BackendUse;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.forwarding.MaglevTables;
import io.l4lb.health.HealthDocument;
import io.l4lb.health.NodeHealth;
import io.l4lb.node.admin.AdminDocuments;
import io.l4lb.node.admin.AdminException;
import io.l4lb.node.admin.AdminRoutes;
import io.l4lb.node.admin.AdminServer;
import io.l4lb.node.admin.FileWatch;
import io.l4lb.node.admin.FlowInspector;
import io.l4lb.node.admin.NodeControl;
import io.l4lb.node.admin.Reloader;
import io.l4lb.node.admin.StatusSection;
import io.l4lb.node.control.BackendStates;
import io.l4lb.node.control.NodeDrain;
import io.l4lb.node.control.OperatorFile;
import io.l4lb.node.control.TablePublisher;
import io.l4lb.node.device.Devices;
import io.l4lb.node.device.EthPortWatch;
import io.l4lb.node.kernel.KernelException;
import io.l4lb.node.kernel.NextHops;
import io.l4lb.node.kernel.TwinTap;
import io.l4lb.warmup.WarmUp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    private static final Duration NEXT_HOP_LIMIT = Duration.ofSeconds(1);
    /** And a reload, for gateways that it brings: their packets would be dropped. */
    private static final Duration NEXT_HOP_RELOAD_LIMIT = Duration.ofMillis(200);

    /** Ends when C2 is done, 1 to 2 s where two cores are free; the limit is for machines that have none to spare. */
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(10);

    private final Phases phases = new Phases();
    private final ForwardingNumbers numbers = new ForwardingNumbers();
    private final Closing closing = new Closing();
    private final StateDirectory stateDirectory;
    private final Devices devices;
    private final EthPortWatch ethPortWatch;
    private final Workers workers;
    private final NodeReplication replication;
    private final Optional<Announcing> announcing;
    private final NodeHealth health;
    private final MaglevTables maglevTables = new MaglevTables();
    private final BackendStates states;
    private final TablePublisher publisher;
    private final Reloader reloader;
    private final FileWatch fileWatch;
    private final NextHops nextHops;
    private volatile boolean publishing;
    private long dpdkLogPosition;
    private long ticks;

    /**
     * Starts the node; when the constructor returns, it forwards.
     *
     * @param file where {@code config} was read from, and where a reload reads it anew
     */
    public Node(L4lbConfig config, Path file) {
        fileWatch = new FileWatch(file); // first: a change while the node starts is one
        try {
            stateDirectory = closing.last(StateDirectory.open(config.node().stateDirectory()));
            phases.end("JVM and configuration");
            devices = closing.last(Devices.open(config.dataplane()));
            phases.end("devices");
            warmUp(config);
            phases.end("warm-up");
            nextHops = closing.last(new NextHops(this::nextHopsChanged));
            follow(config);
            if (!devices.haveTwinTaps()) {
                nextHops.await(NEXT_HOP_LIMIT);
            }
            phases.end("next hops");
            OperatorFile operatorFile = new OperatorFile(config.node().stateDirectory());
            states = new BackendStates(config, operatorFile.read(), System::nanoTime);
            ForwardingTable table = build(config, states.use(config));
            WorkerProgress progress =
                    closing.last(new WorkerProgress(config.dataplane().workers()));
            replication = closing.last(new NodeReplication(config, numbers));
            phases.end("journals");
            workers = closing.last(new Workers(config, devices, table, progress, replication.trackers()));
            announcing = config.announce().map(_ -> closing.last(new Announcing(config, progress)));
            drain(states.settings().nodeDrained());
            ethPortWatch = new EthPortWatch(
                    devices, config.dataplane().ethPorts(), workers, this::ethPortTrouble, this::ethPortsChanged);
            health = closing.last(new NodeHealth(config, states::healthChanged));
            publisher = new TablePublisher(config, table, states, new Tables(), workers::swap);
            phases.end("tables");
            startForwarding(config);
            publisher.changed();
            startHealth();
            phases.end("health checks");
            replication.start(config);
            announcing.ifPresent(announced -> announced.start(replication.isReady()));
            NodeControl control = new NodeControl(states, operatorFile, publisher, nodeDrains());
            reloader = new Reloader(file, publisher, () -> {
                control.forgetTheGone();
                stateDirectory.publish(snapshot());
            });
            closing.last(openAdmin(control));
        } catch (KernelException e) {
            closing.close();
            throw new NodeException(e.getMessage(), e);
        } catch (Throwable e) { // an Error too: devices must be given back whatever happened
            closing.close();
            throw e;
        }
        devices.descriptions().forEach(LOG::info);
        LOG.info("started in {}", phases);
    }

    private void startForwarding(L4lbConfig config) {
        devices.show(config);
        devices.start();
        ethPortWatch.look();
        workers.start(config.dataplane().lcores());
        publisher.start();
        stateDirectory.publish(snapshot());
        phases.end("workers");
        if (devices.haveTwinTaps()) {
            nextHops.await(NEXT_HOP_LIMIT); // the kernel asks them through the workers
            phases.end("next hops by the taps");
        }
        warnOfUnresolved();
        publishing = true;
    }

    /** Before VIPs are announced: they are only when backends have been found up. */
    private void startHealth() {
        try {
            health.start();
        } catch (TunException | RawSocketException e) {
            throw new NodeException(
                    "health checks via dataplane cannot be carried out: " + e.getMessage()
                            + "; or let them go via: address",
                    e);
        }
        tellBackendsUp();
    }

    private List<NodeDrain> nodeDrains() {
        return announcing.isPresent() ? List.of(this::drain) : List.of();
    }

    private void drain(boolean drained) {
        announcing.ifPresent(announced -> announced.announcer().drain(drained));
    }

    private void ethPortTrouble(Optional<String> reason) {
        announcing.ifPresent(announced -> announced.announcer().ethPorts(reason));
    }

    /** An interface that came back may have another MAC address. */
    private void ethPortsChanged() {
        publisher.changed();
    }

    /** A VIP is announced while enough of its backends are up. */
    private void tellBackendsUp() {
        announcing.ifPresent(announced -> states.takingFlows().forEach(announced.announcer()::backendsUp));
    }

    private AdminServer openAdmin(NodeControl control) {
        List<StatusSection> sections = new ArrayList<>();
        sections.add(StatusSection.of("ethPorts", ethPortWatch::status));
        sections.add(StatusSection.of("health", () -> HealthDocument.of(health.report())));
        announcing.ifPresent(
                announced -> sections.add(StatusSection.of("announce", () -> AnnounceDocument.of(announced))));
        replication.status().ifPresent(sections::add);
        AdminRoutes routes = new AdminRoutes(
                new AdminDocuments(publisher, states, this::snapshot),
                new FlowInspector(workers, publisher, numbers),
                control,
                reloader,
                sections);
        try {
            return AdminServer.open(publisher.config().node().stateDirectory(), routes);
        } catch (IOException e) {
            throw new NodeException("the admin API cannot be offered: " + e.getMessage(), e);
        }
    }

    /** Before the devices receive: a node that is not warm attracts no traffic. */
    private void warmUp(L4lbConfig config) {
        WarmUp warmUp = new WarmUp(
                devices.eal(),
                config,
                () -> Workers.idleStrategy(config.dataplane().idle()));
        try {
            if (!warmUp.run(WARM_UP_LIMIT).compiled()) {
                LOG.warn(
                        "the hot path was not compiled after {} s of warm-up: the first packets will be slower, the"
                                + " machine is busy or lacks CPU time for the JVM's compiler",
                        WARM_UP_LIMIT.toSeconds());
            }
        } catch (RuntimeException e) { // such as a DPDK without net_ring: a slow start is better than none
            LOG.warn("no warm-up, the first packets will be slower: {}", e.getMessage());
        }
    }

    private void follow(L4lbConfig from) {
        nextHops.follow(
                from.pools().stream()
                        .flatMap(pool -> pool.backends().stream())
                        .map(BackendConfig::address)
                        .toList(),
                from.dataplane().nextHop());
    }

    /** A thread of the next hops' own. */
    private void nextHopsChanged() {
        if (publishing) {
            publisher.changed();
            LOG.info("next hops have changed");
        }
    }

    private void warnOfUnresolved() {
        nextHops.unresolved()
                .forEach(backend -> LOG.warn(
                        "no next hop for backend {}: no route, or its gateway does not answer ARP or ND; its packets are"
                                + " dropped (next-hop-unresolved), the kernel goes on asking",
                        backend));
    }

    private ForwardingTable build(L4lbConfig from, BackendUse use) {
        return new ForwardingTableBuilder(from, numbers, devices.macAddresses(), nextHops)
                .withUse(use, maglevTables)
                .after(Optional.ofNullable(publisher).map(TablePublisher::table))
                .build();
    }

    /** What the publisher's thread makes tables of. */
    private final class Tables implements TablePublisher.TableSource {
        @Override
        public ForwardingTable build(L4lbConfig from, BackendUse use) {
            L4lbConfig now = publisher.config();
            RestartKeys.requireSame(now, from);
            tellBackendsUp();
            if (from.equals(now)) {
                return Node.this.build(from, use);
            }
            try {
                follow(from);
                nextHops.await(NEXT_HOP_RELOAD_LIMIT);
                return Node.this.build(from, use);
            } catch (RuntimeException e) {
                follow(now);
                throw e;
            }
        }

        @Override
        public void adopted(L4lbConfig next) {
            workers.populate(next);
            filter(() -> devices.hide(next));
            announcing.ifPresent(announced -> announced.configure(next));
            replication.configure(next);
            health.apply(next);
            tellBackendsUp();
        }

        @Override
        public void stays(L4lbConfig config) {
            follow(config);
            adopted(config);
            taken(config);
        }

        /** A VIP's packets come when every worker knows what to do with them. */
        @Override
        public void taken(L4lbConfig config) {
            filter(() -> devices.show(config));
        }
    }

    /** Never throws: the table is built, and a filter that cannot be changed concerns the VIPs that come or go. */
    private static void filter(Runnable change) {
        try {
            change.run();
        } catch (KernelException e) {
            LOG.error("{}", e.getMessage());
        }
    }

    private CounterSnapshot snapshot() {
        return CounterSnapshots.live(publisher.config(), numbers, workers.counters(), workers.traffic());
    }

    /** {@return whether {@code node.watch} says so and the configuration file has changed} */
    private boolean isFileChanged() {
        return fileWatch.isChanged() && publisher.config().node().watch();
    }

    /** {@return what the node says when it is ready, one line} */
    public String description() {
        L4lbConfig config = publisher.config();
        return "node " + config.node().id() + ": " + config.dataplane().workers() + " worker(s) on "
                + config.dataplane().ethPorts().size() + " ethPort(s), "
                + config.vips().size() + " VIP(s), " + devices.version();
    }

    /**
     * Publishes the counters, logs what workers, devices and DPDK had to say; to be called ten times a second. Never throws: whatever fails here, the node forwards on.
     */
    public void tick() {
        try {
            stateDirectory.publish(snapshot());
            workers.report();
            boolean caughtUp = replication.isReady();
            announcing.ifPresent(announced -> announced.announcer().ready(caughtUp));
            logDpdk();
            ethPortWatch.look();
            if (++ticks % TICKS_PER_SECOND == 0) {
                ethPortWatch.attach();
                ethPortWatch.report();
                if (isFileChanged()) {
                    LOG.info("{} has changed", reloader.file());
                    reload();
                }
            }
        } catch (RuntimeException | InternalError e) { // InternalError: the counters' disk has failed under the mapping
            LOG.error("the control loop failed, forwarding goes on", e);
        }
    }

    private void logDpdk() {
        List<DpdkLog.Line> lines = DpdkLog.since(dpdkLogPosition);
        dpdkLogPosition = DpdkLog.position();
        lines.stream()
                .filter(line -> line.isComplaint() && !TwinTap.isHarmless(line.text()))
                .forEach(line -> LOG.warn("DPDK: {}", line.text()));
    }

    /**
     * Forwards by what the configuration file says now, from the next burst on; flows whose backend is still there stay where
     * they are. A file that cannot be used changes nothing. The log tells what came of it. Returns at once.
     */
    public void reload() {
        Thread.ofVirtual().name("reload").start(() -> {
            try {
                reloader.reload();
            } catch (AdminException e) {
                LOG.debug("told by the reloader", e);
            }
        });
    }

    /**
     * Withdraws all VIPs, for good, when this returns. {@return for how long to go on forwarding before {@link #close}, until no
     * router sends anything here any more}
     */
    public Duration withdraw() {
        announcing.ifPresent(Announcing::withdraw);
        return publisher
                .config()
                .announce()
                .map(announce -> Duration.ofSeconds(announce.drainSeconds()))
                .orElse(Duration.ZERO);
    }

    /** Stops in order: announcements, workers, last counters, devices and DPDK, tables. One step that fails does not stop the others. */
    @Override
    public void close() {
        announcing.ifPresent(Announcing::close); // and with it the watch over the workers
        publisher.close();
        workers.stop();
        try {
            stateDirectory.publish(snapshot());
        } catch (RuntimeException | InternalError e) {
            LOG.error("the last counters could not be written", e);
        }
        closing.close();
        publisher.free();
    }
}
