package io.l4lb.bench.jmh;

import io.l4lb.bench.shape.BenchSite;
import io.l4lb.bench.shape.Mode;
import io.l4lb.bench.shape.Shape;
import io.l4lb.bench.shape.Source;
import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.cid.CidDecoder;
import io.l4lb.cid.CidKey;
import io.l4lb.cid.CidScheme;
import io.l4lb.cid.ServerId;
import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.quic.QuicConfig;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.L4Descriptor;
import io.l4lb.packet.QuicDescriptor;
import io.l4lb.quic.Quic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds a packet of the stage that reads QUIC connection IDs, on a burst of 32 short headers in L1 that all are routed. Run by
 *
 * <pre>
 * ./l4lb bench jmh QuicBenchmark
 * ./l4lb bench jmh QuicBenchmark.route --param cid=plaintext,one-pass
 * </pre>
 *
 * <p>Three passes are the usual case of the four: the server ID is no longer than the nonce. The verdicts that the stage changes
 * are put back within the measured time ({@link StageBenchmark#restoreVerdicts} measures that alone).
 */
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Burst.CAPACITY)
@State(Scope.Thread)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class QuicBenchmark {
    private static final int CELL_BYTES = 128;
    private static final int PAYLOAD_BYTES = 40;
    private static final int FIRST_IPV4 = 0x0a_00_00_01;
    private static final IpAddress VIP = IpAddress.ipv4(0xc6_33_64_01);
    private static final CidKey KEY =
            CidKey.parse("8f95f09245765f80256934e50c66207f").orElseThrow();

    @Param({"plaintext", "one-pass", "three-passes", "four-passes"})
    public String cid;

    private final Burst burst = new Burst();
    private final WorkerCounters counters = new WorkerCounters();
    private final NativeMemory packets = NativeMemory.allocate((long) Burst.CAPACITY * CELL_BYTES, true);
    private ForwardingTable table;
    private Quic quic;

    private CidScheme scheme() {
        return switch (cid) {
            case "plaintext" -> new CidScheme(0, 4, 6, false, Optional.empty());
            case "one-pass" -> new CidScheme(0, 8, 8, false, Optional.of(KEY));
            case "three-passes" -> new CidScheme(0, 4, 6, false, Optional.of(KEY));
            case "four-passes" -> new CidScheme(0, 10, 5, false, Optional.of(KEY));
            default -> throw new IllegalArgumentException("cid=" + cid);
        };
    }

    /** Random connection IDs; each backend gets the server ID that is in one. */
    @Setup(Level.Trial)
    public void prepare() {
        CidScheme scheme = scheme();
        CidDecoder decoder = new CidDecoder(scheme);
        SplittableRandom random = new SplittableRandom(1);
        List<BackendConfig> backends = new ArrayList<>();
        for (int i = 0; i < Burst.CAPACITY; i++) {
            byte[] payload = new byte[PAYLOAD_BYTES];
            random.nextBytes(payload);
            payload[QuicDescriptor.FORM_OFFSET] = 0x43;
            payload[QuicDescriptor.SHORT_ID_OFFSET] = (byte) scheme.blockBytes();
            long udp = udp(i);
            Memory.putShort(udp + L4Descriptor.UDP_LENGTH_OFFSET, Short.reverseBytes((short)
                    (L4Descriptor.UDP_LENGTH_BYTES + PAYLOAD_BYTES)));
            Memory.copy(payload, 0, udp + L4Descriptor.UDP_LENGTH_BYTES, PAYLOAD_BYTES);
            decoder.decode(udp + L4Descriptor.UDP_LENGTH_BYTES + QuicDescriptor.SHORT_ID_OFFSET);
            ServerId id = new ServerId(decoder.serverIdHigh, decoder.serverIdLow, scheme.serverIdBytes());
            backends.add(
                    new BackendConfig("b" + i, IpAddress.ipv4(FIRST_IPV4 + i), 1, Optional.empty(), Optional.of(id)));
        }
        ForwardingNumbers numbers = new ForwardingNumbers();
        L4lbConfig config = config(backends, scheme);
        table = new ForwardingTableBuilder(
                        config, numbers, List.of(BenchSite.ETH_PORT_MAC), _ -> Optional.of(BenchSite.NEXT_HOP))
                .build();
        quic = new Quic(table.newCidDecoders());
        burst.count = Burst.CAPACITY;
        for (int i = 0; i < Burst.CAPACITY; i++) {
            Memory.putByte(ip(i), (byte) Ipv4Descriptor.VERSION_IHL_PLAIN);
            Burst.l3Address(burst.columns(), i, ip(i));
            Burst.l4Address(burst.columns(), i, udp(i));
            Burst.vip(burst.columns(), i, numbers.vipNumber(config.vips().getFirst()));
        }
    }

    private long ip(int i) {
        return packets.address() + (long) i * CELL_BYTES;
    }

    private long udp(int i) {
        return ip(i) + Ipv4Descriptor.LENGTH_BYTES;
    }

    private static L4lbConfig config(List<BackendConfig> backends, CidScheme scheme) {
        Source source = new Source(Burst.CAPACITY, 1, Burst.CAPACITY, 0, 0);
        L4lbConfig site = BenchSite.config(new Shape(Mode.LB, false, Encapsulation.IPIP, 10, 1, 1, 1, source));
        PoolConfig pool = new PoolConfig("web", PoolConfig.DEFAULT_TABLE_SIZE, backends, Optional.empty(), 0);
        VipConfig vip = new VipConfig(
                        "web",
                        VIP,
                        Protocol.UDP,
                        443,
                        "web",
                        Encapsulation.IPIP,
                        VipConfig.DEFAULT_GUE_PORT,
                        Affinity.FLOW,
                        VipConfig.WhenAllDown.FORWARD)
                .withQuic(new QuicConfig(List.of(scheme)));
        return new L4lbConfig(site.node(), site.dataplane(), List.of(pool), List.of(vip));
    }

    @Benchmark
    public int route() {
        long[] columns = burst.columns();
        for (int i = 0; i < Burst.CAPACITY; i++) {
            Burst.verdict(columns, i, Verdict.QUIC);
        }
        quic.run(burst, table, counters);
        return burst.toVipCount;
    }

    /** After each iteration: all were routed. */
    @TearDown(Level.Iteration)
    public void check() {
        long before = counters.get(WorkerCounter.QUIC_ROUTED);
        route();
        if (counters.get(WorkerCounter.QUIC_ROUTED) != before + Burst.CAPACITY) {
            throw new IllegalStateException("not every packet was routed");
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        burst.close();
        counters.close();
        table.close();
        packets.close();
    }
}
