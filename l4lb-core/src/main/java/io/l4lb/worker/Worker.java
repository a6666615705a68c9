package io.l4lb.worker;

import io.l4lb.access.Access;
import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.cid.CidDecoders;
import io.l4lb.classify.Classify;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.Tally;
import io.l4lb.counters.TrafficCounters;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.encapsulate.Encapsulate;
import io.l4lb.encapsulate.VlanTag;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.fragment.Fragments;
import io.l4lb.icmp.Icmp;
import io.l4lb.icmp.PacketTooBig;
import io.l4lb.icmp.PortUnreachable;
import io.l4lb.icmp.TunnelErrors;
import io.l4lb.outer.OuterFragments;
import io.l4lb.parse.Parse;
import io.l4lb.pin.FlowInspection;
import io.l4lb.pin.FlowTableStatistics;
import io.l4lb.pin.Pin;
import io.l4lb.punt.FromKernel;
import io.l4lb.punt.KernelSide;
import io.l4lb.quic.Quic;
import io.l4lb.receive.Receive;
import io.l4lb.transmit.Transmit;
import java.util.List;

/**
 * One core's share of the data plane: {@link #doWork} takes a burst from each ethPort through the six stages.
 *
 * <pre>
 * receive → parse → classify → pin → encapsulate → transmit
 * </pre>
 *
 * <p>Owns its queues, burst, flow tables and counters; shares only the immutable {@link ForwardingTable}. One thread;
 * allocates nothing and waits for nobody after construction.
 */
public final class Worker {
    private static final long FRAGMENTS = 1L << Verdict.CLIENT_FRAGMENT;
    private static final long QUIC = 1L << Verdict.QUIC;
    private static final long UNSERVED = 1L << Verdict.UDP_UNSERVED;

    private final WorkerEthPort[] ethPorts;
    private final MbufRelease release;
    private final Icmp icmp;
    private final Quic quic;
    private final PacketTooBig packetTooBig;
    private final TunnelErrors tunnelErrors;
    private final PortUnreachable portUnreachable;
    private final OuterFragments outerFragments;
    private final Fragments fragments;
    private final Pin pin;
    private final Burst burst = new Burst();
    private final WorkerCounters counters = new WorkerCounters();
    private final TrafficCounters traffic =
            new TrafficCounters(ForwardingNumbers.VIPS_MAX + 1, ForwardingNumbers.DESTINATIONS_MAX);
    private ForwardingTable table;
    private boolean holdsMbufs;

    /**
     * @param ethPorts this worker's queues, in the order of the table's ethPorts
     * @param release where the mbufs of dropped packets go
     * @param table what to forward by until {@link #swap}
     */
    public Worker(
            List<WorkerEthPort> ethPorts, MbufRelease release, WorkerTerms terms, Pin pin, ForwardingTable table) {
        this.ethPorts = ethPorts.toArray(WorkerEthPort[]::new);
        this.release = release;
        this.packetTooBig = new PacketTooBig(terms.icmpPerSecond(), terms.limitSeed());
        this.tunnelErrors = new TunnelErrors(terms.icmpPerSecond(), terms.limitSeed());
        this.portUnreachable = new PortUnreachable(terms.icmpPerSecond(), terms.limitSeed());
        this.outerFragments = new OuterFragments(terms.limitSeed());
        this.quic = new Quic(table.newCidDecoders());
        this.icmp = new Icmp(terms.icmpPerSecond(), terms.limitSeed());
        this.fragments = new Fragments(
                terms.fragments().datagrams(),
                terms.fragments().heldPackets(),
                terms.fragments().holdNs(),
                terms.limitSeed(),
                counters);
        this.pin = pin;
        this.table = table;
    }

    /**
     * One pass over the ethPorts.
     *
     * @param nowNs a clock that only goes forward; one reading serves all packets of the pass
     * @return how many packets were received, from the NIC and from the kernel
     */
    public int doWork(long nowNs) {
        int tick = FlowStateDescriptor.tick(nowNs);
        burst.nowNs = nowNs;
        WorkerEthPort[] all = ethPorts;
        int received = 0;
        fragments.expire(nowNs);
        for (int i = 0; i < all.length; i++) {
            received += forward(all[i], i, tick, nowNs);
            release(tick, nowNs);
            fragments.giveBack(release);
            KernelSide kernelSide = all[i].kernelSide();
            if (kernelSide != null) {
                burst.count = 0;
                holdsMbufs = true;
                received += FromKernel.run(burst, kernelSide.rxQueue(), all[i].txQueue(), release, counters);
                holdsMbufs = false;
            }
        }
        pin.sweep(tick, received == 0);
        publish();
        return received;
    }

    private int forward(WorkerEthPort ethPort, int ethPortIndex, int tick, long nowNs) {
        long bytes = Receive.run(burst, ethPort.rxQueue());
        int received = burst.count;
        if (received == 0) {
            return 0;
        }
        counters.countReceived(received, bytes);
        holdsMbufs = true;
        Parse.run(burst);
        Classify.run(burst, table);
        if (burst.diverted != 0) {
            divert(ethPort, ethPortIndex, nowNs);
        }
        passOn(ethPort, ethPortIndex, tick, nowNs);
        return received;
    }

    private void divert(WorkerEthPort ethPort, int ethPortIndex, long nowNs) {
        if ((burst.diverted & FRAGMENTS) != 0) {
            fragments.run(burst, table.vips(), ethPortIndex, nowNs);
        }
        if ((burst.diverted & QUIC) != 0) {
            quic.run(burst, table, counters);
        }
        if ((burst.diverted & UNSERVED) != 0) {
            portUnreachable.run(
                    burst, table.vips(), ethPort.puntQueue() != null, table.sourceMac(ethPortIndex), counters);
        }
        if ((burst.diverted & ~(FRAGMENTS | QUIC | UNSERVED)) != 0) {
            icmp.run(burst, table, table.sourceMac(ethPortIndex), nowNs, counters);
            tunnelErrors.run(burst, table, table.destinations(ethPortIndex), table.sourceMac(ethPortIndex), counters);
        }
    }

    private void passOn(WorkerEthPort ethPort, int ethPortIndex, int tick, long nowNs) {
        ForwardingTable current = table;
        long destinations = current.destinations(ethPortIndex);
        if (current.hasAccessLists()) {
            Access.run(burst, current);
        }
        pin.run(burst, current, destinations, tick, nowNs);
        if (fragments.areInBurst()) {
            fragments.settle(burst, nowNs);
        }
        Encapsulate.run(burst, destinations, traffic);
        int vlanTag = current.vlanTag(ethPortIndex);
        if (vlanTag != 0) {
            VlanTag.run(burst, vlanTag);
        }
        int listed = 0;
        if (Tally.packets(burst.ready) != burst.count) {
            if (packetTooBig.run(
                    burst, current.vips(), destinations, current.sourceMac(ethPortIndex), nowNs, counters)) {
                listed = outerFragments.run(burst, destinations, vlanTag, ethPort.mbufs(), traffic, counters);
            }
            if (ethPort.kernelSide() != null) {
                ethPort.kernelSide().limit().run(burst, nowNs);
            }
        }
        holdsMbufs = false; // transmit gives each of them an owner
        Transmit.run(burst, ethPort.txQueue(), ethPort.puntQueue(), release, counters);
        if (listed != 0) {
            Transmit.run(outerFragments.list(), listed, ethPort.txQueue(), release, counters);
        }
    }

    /** Sends the fragments on whose first one has come, by the ethPort that each came by. */
    private void release(int tick, long nowNs) {
        while (fragments.hasReady()) {
            int ethPort = fragments.readyEthPort();
            burst.count = 0;
            holdsMbufs = true;
            fragments.load(burst, table.vips(), nowNs);
            passOn(ethPorts[ethPort], ethPort, tick, nowNs);
        }
    }

    /** After {@link #doWork} threw: gives the mbufs of the burst back that no stage had handed on. Worker thread. */
    void recover() {
        fragments.forgetBurst();
        if (holdsMbufs) {
            holdsMbufs = false;
            int count = 0;
            for (int i = 0; i < burst.count; i++) {
                long mbuf = Burst.entry(burst.mbufs(), i);
                if (mbuf != Burst.NO_MBUF) {
                    Burst.entry(burst.freeList(), count++, mbuf);
                }
            }
            counters.countDrop(DropReason.WORKER_ERROR.ordinal(), count);
            release.release(burst.freeList(), count);
        }
        fragments.giveBack(release);
    }

    /** Drops the fragments that are held: no first fragment will come any more. Nobody may be in {@link #doWork}. */
    public void dropHeld() {
        fragments.dropAll(release);
        publish();
    }

    private void publish() {
        FlowTableStatistics flows = pin.statistics();
        counters.set(WorkerCounter.FLOW_HITS, flows.hits);
        counters.set(WorkerCounter.FLOW_MISSES, flows.misses);
        counters.set(WorkerCounter.FLOW_EVICTIONS, flows.evictions);
        counters.set(WorkerCounter.FLOW_EXPIRATIONS, flows.expirations);
        counters.set(WorkerCounter.FLOW_REPINS, flows.repins);
        counters.set(WorkerCounter.FLOW_UNPINNED, flows.unpinned);
        counters.set(WorkerCounter.FLOW_STATELESS, flows.stateless);
        counters.set(WorkerCounter.FLOW_TAKEOVERS, flows.takeovers);
        counters.set(WorkerCounter.FLOW_MOVES, flows.moved);
        counters.set(WorkerCounter.FLOW_UNKNOWN, flows.unknown);
        counters.set(WorkerCounter.FLOW_QUOTES_UNKNOWN, flows.quotesUnknown);
        counters.set(WorkerCounter.FLOW_UNTOLD, pin.untoldChanges());
        counters.set(WorkerCounter.FLOWS, pin.flowCount());
        counters.set(WorkerCounter.FRAGMENTS_WAITING, fragments.heldCount());
    }

    /**
     * Forwards by another table from the next burst on. Worker thread; the old table is no longer used after this.
     *
     * @param decoders made from {@code next} for this worker
     */
    void swap(ForwardingTable next, CidDecoders decoders) {
        assert !next.isClosed() : "its maker has freed it already";
        table = next;
        quic.use(decoders);
    }

    /** Polls other queues for an ethPort from the next burst on; no mbuf of the old one is left here. Worker thread. */
    void use(int ethPort, WorkerEthPort queues) {
        fragments.dropAll(release); // rare enough for those of the others to go too
        ethPorts[ethPort] = queues;
    }

    /** {@return its flow tables, to be read between two bursts} Worker thread. */
    FlowInspection flows() {
        return pin.inspection();
    }

    public WorkerCounters counters() {
        return counters;
    }

    public TrafficCounters traffic() {
        return traffic;
    }

    /** Gives back what is held and frees all native memory; the thread must have stopped, and nobody may read the counters any more. */
    public void close() {
        fragments.dropAll(release);
        fragments.close();
        burst.close();
        outerFragments.close();
        counters.close();
        traffic.close();
        pin.close();
    }
}
