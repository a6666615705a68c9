package io.l4lb.bench.jmh;

import io.l4lb.bench.shape.BenchSite;
import io.l4lb.bench.shape.Mode;
import io.l4lb.bench.shape.Shape;
import io.l4lb.bench.shape.Source;
import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.classify.Classify;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.counters.TrafficCounters;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.encapsulate.Encapsulate;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.net.Encapsulation;
import io.l4lb.parse.Parse;
import io.l4lb.pin.Pin;
import io.l4lb.receive.Receive;
import io.l4lb.transmit.Transmit;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerEthPort;
import io.l4lb.worker.WorkerTerms;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A burst whose packets have been through the stages up to one of them, and all that the stages work with. Each stage can
 * then be run on it again and again: what it reads is what the stages before have left.
 */
@State(Scope.Thread)
public class StageState {
    private static final int BACKENDS = 100;
    private static final int BUCKET_BITS = 10;
    private static final int MTU_BYTES = 1500;
    private static final int TICK = 1;

    @Param({"ipv4"})
    public String family;

    @Param({"ipip"})
    public String encapsulation;

    private BurstInMemory packets;
    private RxQueue untouched;
    private Burst burst;
    private WorkerCounters counters;
    private TrafficCounters traffic;
    private ForwardingTable table;
    private Pin pin;
    private Worker worker;
    private byte[] sent;

    /** Takes the burst through all stages once; then the packets alone are put back, the columns stay as they are. */
    @Setup(Level.Trial)
    public void prepare() {
        boolean ipv6 = family.equals("ipv6");
        Shape shape = new Shape(
                Mode.LB,
                ipv6,
                Encapsulation.valueOf(encapsulation.toUpperCase(Locale.ROOT)),
                BUCKET_BITS,
                1,
                BACKENDS,
                1,
                new Source(Burst.CAPACITY, 1, Burst.CAPACITY, 0, 0));
        packets = new BurstInMemory(ipv6);
        untouched = (mbufs, capacity) -> packets.give(mbufs);
        burst = new Burst();
        counters = new WorkerCounters();
        traffic = new TrafficCounters(ForwardingNumbers.VIPS_MAX + 1, ForwardingNumbers.DESTINATIONS_MAX);
        table = new ForwardingTableBuilder(
                        BenchSite.config(shape),
                        new ForwardingNumbers(),
                        List.of(BenchSite.ETH_PORT_MAC),
                        address -> Optional.of(BenchSite.NEXT_HOP))
                .build();
        FlowTimeouts timeouts =
                new FlowTimeouts(FlowTableConfig.DEFAULT_TCP_IDLE_SECONDS, FlowTableConfig.DEFAULT_UDP_IDLE_SECONDS);
        pin = new Pin(shape.configuredFlows(), !ipv6, ipv6, timeouts);
        worker = new Worker(
                List.of(new WorkerEthPort(packets, packets, null)),
                packets,
                WorkerTerms.ofMtu(MTU_BYTES),
                new Pin(shape.configuredFlows(), !ipv6, ipv6, timeouts),
                table);
        receive();
        parse();
        classify();
        pin();
        encapsulate();
        sent = packets.frame(0);
        transmit();
        packets.restore();
    }

    long receive() {
        return Receive.run(burst, untouched);
    }

    int parse() {
        Parse.run(burst);
        return burst.count;
    }

    int classify() {
        Classify.run(burst, table);
        return burst.toVipCount;
    }

    int pin() {
        pin.run(burst, table, table.destinations(0), TICK, (long) TICK << FlowStateDescriptor.TICK_SHIFT);
        return burst.toVipCount;
    }

    /** Puts back what this stage changes of its input: the verdicts. The packets it writes to in the same way each time. */
    void restoreVerdicts() {
        long[] columns = burst.columns();
        int kind = family.equals("ipv6") ? Verdict.IPV6 : Verdict.IPV4;
        for (int i = 0; i < Burst.CAPACITY; i++) {
            Burst.verdict(columns, i, kind);
        }
    }

    int encapsulate() {
        Encapsulate.run(burst, table.destinations(0), traffic);
        return burst.count;
    }

    int transmit() {
        Transmit.run(burst, packets, null, packets, counters);
        return burst.count;
    }

    int pass(long nowNs) {
        return worker.doWork(nowNs);
    }

    void restorePackets() {
        packets.restore();
    }

    /** Makes the verdicts those that encapsulate leaves: what transmit reads. */
    void sendAll() {
        long[] columns = burst.columns();
        for (int i = 0; i < Burst.CAPACITY; i++) {
            Burst.verdict(columns, i, Verdict.SEND);
        }
    }

    /** After each iteration: whatever was repeated, the stages still make of the burst what they made at first. */
    @TearDown(Level.Iteration)
    public void check() {
        packets.restore();
        receive();
        parse();
        classify();
        pin();
        encapsulate();
        for (int i = 0; i < Burst.CAPACITY; i++) {
            if (Burst.verdict(burst.columns(), i) != Verdict.SEND) {
                throw new IllegalStateException("packet " + i + " has verdict " + Burst.verdict(burst.columns(), i));
            }
        }
        if (!Arrays.equals(sent, packets.frame(0))) {
            throw new IllegalStateException("the state has drifted: the first packet is no longer what it was");
        }
        packets.restore();
    }

    @TearDown(Level.Trial)
    public void close() {
        worker.close();
        pin.close();
        burst.close();
        counters.close();
        traffic.close();
        table.close();
        packets.close();
    }
}
