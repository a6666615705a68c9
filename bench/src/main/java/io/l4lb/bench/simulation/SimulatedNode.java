package io.l4lb.bench.simulation;

import io.l4lb.bench.simulation.Simulation.Scale;
import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.config.L4lbConfig;
import io.l4lb.flow.FlowHash;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.peer.Position;
import io.l4lb.pin.FlowTracker;
import io.l4lb.pin.Pin;
import io.l4lb.replication.ReplicationEngine;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A node: a disk that stays, and a process that comes and goes. */
final class SimulatedNode {
    static final int DROPPED = -1;

    private static final int FIRST_CLIENT = 0x0b_00_00_00; // 11.0.0.0
    private static final long CLIENT_IPV6_HIGH = 0x2001_0db8_00c1_0000L;
    private static final int L4_PORTS = 0xbb01_1234;
    private static final long NS_PER_MS = 1_000_000;
    private static final int PASSES_MAX = 8;
    /** A stalled journal thread fills it. */
    private static final int RING_SLOTS = 1024;

    final int index;
    final String id;
    final SimulatedDisk disk;
    private final Site site;
    private final long skewMs;
    private final int workers;
    /** Peers whose news had all been applied when this node was announced. */
    final BitSet caughtUp = new BitSet();

    boolean isAlive;
    boolean isAnnounced;
    long bornNs;
    long diedNs;
    /** Packets are spread over workers by it; another one after each start. */
    private long rssSalt;

    /** When the journal thread had last taken all that workers had said. */
    long journaledNs;

    private final Deque<Written> written = new ArrayDeque<>();
    private long originNs;
    private ForwardingNumbers numbers;
    private ReplicationEngine engine;
    private ForwardingTable table;
    private Backends.View view;
    private Worker[] crew = {};

    /** What all nodes share. */
    record Site(Scale scale, Backends backends, int idleSeconds, Clock clock, Packets packets) {}

    /** A batch of its journal: nothing in it was said by a worker before {@code sinceNs}. */
    private record Written(long incarnation, long index, long sinceNs) {}

    /** The simulation's time. */
    static final class Clock {
        long ns;
    }

    /** Told where packets went. */
    interface Packets {
        void delivered(Flow flow, int event, SimulatedNode at, int backend);
    }

    /** A worker's pin stage, and what classify would have put into its burst. */
    private static final class Worker {
        final Pin pin;
        final Burst burst = new Burst();
        final Flow[] flows = new Flow[Burst.CAPACITY];

        Worker(Pin pin) {
            this.pin = pin;
        }
    }

    SimulatedNode(int index, SimulatedDisk disk, Site site, long skewMs, int workers) {
        this.index = index;
        this.id = id(index);
        this.disk = disk;
        this.site = site;
        this.skewMs = skewMs;
        this.workers = workers;
    }

    static String id(int index) {
        return "lb" + index;
    }

    /** Starts a process: reads the journals, if there are any. */
    void start(long incarnation, long clockOriginNs, Backends.View first) {
        originNs = clockOriginNs;
        bornNs = site.clock.ns;
        journaledNs = bornNs;
        written.clear();
        rssSalt = incarnation;
        isAlive = true;
        numbers = new ForwardingNumbers();
        see(first);
        FlowTimeouts timeouts = new FlowTimeouts(site.idleSeconds, site.idleSeconds);
        int flows = Math.max(1024, 2 * site.scale.flows());
        if (site.scale.replication()) {
            engine = new ReplicationEngine(
                    new ReplicationEngine.Parts(
                            id,
                            flows,
                            timeouts,
                            numbers.replicaNumbers(),
                            workers,
                            RING_SLOTS,
                            incarnation,
                            this::nowNs,
                            this::nowMs),
                    disk.own(),
                    disk.peers(),
                    SimulatedDisk.BYTES_MAX,
                    _ -> {});
        }
        crew = new Worker[workers];
        for (int worker = 0; worker < workers; worker++) {
            Optional<FlowTracker> tracker = engine == null
                    ? Optional.empty()
                    : Optional.of(new FlowTracker(engine.ring(worker), engine.table(), timeouts));
            crew[worker] = new Worker(new Pin(flows, false, false, timeouts, tracker));
        }
    }

    /** Ends the process, with all that is only in its memory. */
    void kill() {
        for (Worker worker : crew) {
            worker.pin.close();
            worker.burst.close();
        }
        crew = new Worker[0];
        table.close();
        table = null;
        if (engine != null) {
            engine.close();
            engine = null;
        }
        isAlive = false;
        isAnnounced = false;
        diedNs = site.clock.ns;
    }

    long nowNs() {
        return site.clock.ns + originNs;
    }

    private long nowMs() {
        return site.clock.ns / NS_PER_MS + skewMs;
    }

    /** Configuration and health checks say something else. */
    void see(Backends.View next) {
        L4lbConfig config = site.backends.config(next, site.scale.flows(), site.idleSeconds);
        ForwardingTable before = table;
        table = new ForwardingTableBuilder(
                        config, numbers, List.of(Backends.NEXT_HOP), _ -> Optional.of(Backends.NEXT_HOP))
                .withUse(next.use(), next.tables())
                .build();
        view = next;
        if (before != null) {
            before.close();
        }
    }

    Backends.View view() {
        return view;
    }

    ReplicationEngine engine() {
        return engine;
    }

    /** {@return whether that batch of a peer's journal has been applied} */
    boolean hasApplied(int peer, long incarnation, long batchIndex) {
        Position applied = engine.sink(id(peer)).applied();
        return applied.incarnation() == incarnation
                ? applied.index() >= batchIndex
                : applied.incarnation() > incarnation;
    }

    /** RSS spreads flows in another way. */
    void spreadAnew(long salt) {
        rssSalt = salt;
    }

    /** Puts a packet into a burst. */
    void receive(Flow flow, int event) {
        Worker worker = crew[workerOf(flow)];
        int i = worker.burst.count++;
        long[] columns = worker.burst.columns();
        int number = numbers.vipNumber(Backends.VIPS.get(flow.vip));
        long seed = table.vipSeeds()[number];
        boolean ipv6 = flow.isIpv6();
        long low =
                ipv6 ? flow.id : ((long) (FIRST_CLIENT + flow.id) << Integer.SIZE) | Integer.toUnsignedLong(L4_PORTS);
        long high = ipv6 ? CLIENT_IPV6_HIGH : 0;
        Burst.verdict(columns, i, ipv6 ? Verdict.IPV6 : Verdict.IPV4);
        Burst.vip(columns, i, number);
        Burst.event(columns, i, event);
        Burst.ports(columns, i, L4_PORTS);
        Burst.clientHigh(columns, i, high);
        Burst.clientLow(columns, i, low);
        Burst.hash(columns, i, ipv6 ? FlowHash.ipv6(high, low, L4_PORTS, seed) : FlowHash.ipv4(low, seed));
        worker.burst.toVipCount++;
        worker.flows[i] = flow;
        if (worker.burst.count == Burst.CAPACITY) {
            run(worker);
        }
    }

    /** {@return which flow an event of a batch is about} */
    static int flowId(boolean ipv6, long low) {
        return ipv6 ? (int) low : (int) (low >>> Integer.SIZE) - FIRST_CLIENT;
    }

    /** The workers take what has come. */
    void work() {
        for (Worker worker : crew) {
            run(worker);
            worker.pin.sweep(FlowStateDescriptor.tick(nowNs()), true);
        }
    }

    private void run(Worker worker) {
        Burst burst = worker.burst;
        worker.pin.run(burst, table, table.destinations(0), FlowStateDescriptor.tick(nowNs()), nowNs());
        int count = burst.count;
        burst.count = 0;
        burst.toVipCount = 0;
        for (int i = 0; i < count; i++) {
            boolean dropped = Burst.verdict(burst.columns(), i) >= Verdict.DROP;
            int backend = dropped
                    ? DROPPED
                    : Backends.index(numbers.destination(Burst.destination(burst.columns(), i))
                            .backend());
            site.packets.delivered(worker.flows[i], Burst.event(burst.columns(), i), this, backend);
        }
    }

    /** The journal thread does what there is to do, or a part of it. */
    void journal() {
        for (int pass = 0; pass < PASSES_MAX; pass++) {
            if (engine.doWork() == 0) {
                journaledNs = site.clock.ns;
                return;
            }
        }
    }

    /** Its journal has another batch. */
    void wrote(long incarnation, long batchIndex, Collection<SimulatedNode> all) {
        written.add(new Written(incarnation, batchIndex, journaledNs));
        while (!written.isEmpty() && all.stream().allMatch(other -> other.has(this, written.peek()))) {
            written.remove();
        }
    }

    /** {@return whether this node, if it is alive, has taken that in} */
    private boolean has(SimulatedNode writer, Written batch) {
        return this == writer || !isAlive || hasApplied(writer.index, batch.incarnation, batch.index);
    }

    /** {@return since when the other one, which is alive, may lack what workers of this one said} */
    long unknownSinceNs(SimulatedNode other) {
        if (!other.engine.isCaughtUp(id)) {
            return bornNs; // it has started, and no snapshot has come to it yet
        }
        for (int worker = 0; worker < workers; worker++) {
            if (engine.ring(worker).refused() > 0) {
                return bornNs; // of what a full ring refused, a flow's next refresh tells, some time
            }
        }
        for (Written batch : written) {
            if (!other.has(this, batch)) {
                return batch.sinceNs;
            }
        }
        return journaledNs;
    }

    /** {@return a number for the worker that gets the flow's packets now} */
    long placeOf(Flow flow) {
        return rssSalt * crew.length + workerOf(flow);
    }

    private int workerOf(Flow flow) {
        return (int) Long.remainderUnsigned(FlowHash.mix(flow.id ^ rssSalt), crew.length);
    }
}
