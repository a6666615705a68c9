package io.l4lb.bench.jmh;

import io.l4lb.bench.shape.BenchSite;
import io.l4lb.burst.Burst;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Mbufs;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.pin.Pin;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerEthPort;
import io.l4lb.worker.WorkerTerms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds a packet of a worker's whole pass over 32 packets of one {@link SlowPath}, without driver and cache misses. Run by
 *
 * <pre>
 * ./l4lb bench jmh SlowPathBenchmark --param family=ipv4,ipv6
 * ./l4lb bench jmh SlowPathBenchmark --param path=echo,too_big
 * </pre>
 *
 * <p>What a pass writes to is put back within the measured time; {@link #restore} measures that alone, with identifications
 * of fragments. Time goes on by a millisecond a pass, so that no limit is met and fragments' records give way.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Burst.CAPACITY)
@State(Scope.Thread)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SlowPathBenchmark {
    private static final int HEADROOM_BYTES = 128;
    private static final int ROOM_BYTES = 1_792;
    private static final int CELL_BYTES = MbufDescriptor.LENGTH_BYTES + HEADROOM_BYTES + ROOM_BYTES;
    /** No path writes further behind: headers go before what is there, outer fragments are copied elsewhere. */
    private static final int RESTORED_BYTES = MbufDescriptor.LENGTH_BYTES + HEADROOM_BYTES + 128;

    private static final long PASS_NS = 1_000_000;
    private static final int FLOWS = 1_024;

    @Param({"plain", "stateless", "echo", "icmp_error", "port_unreachable", "too_big", "outer_fragments", "fragments"})
    public String path;

    @Param({"ipv4"})
    public String family;

    private final NativeMemory memory = NativeMemory.allocate(2L * Burst.CAPACITY * CELL_BYTES, true);
    private final NativeMemory before = NativeMemory.allocate((long) Burst.CAPACITY * CELL_BYTES, true);
    private SlowPath slow;
    private boolean ipv6;
    private ForwardingTable table;
    private Worker worker;
    private long nowNs = 1;
    private int passes;

    @Setup(Level.Trial)
    public void prepare() throws IOException {
        slow = SlowPath.valueOf(path.toUpperCase(Locale.ROOT));
        ipv6 = family.equals("ipv6");
        for (int i = 0; i < Burst.CAPACITY; i++) {
            put(mbuf(i), slow.frame(i, ipv6));
            put(mbuf(Burst.CAPACITY + i), new byte[0]);
        }
        Memory.copy(memory.address(), before.address(), before.lengthBytes());
        table = new ForwardingTableBuilder(
                        config(),
                        new ForwardingNumbers(),
                        List.of(BenchSite.ETH_PORT_MAC),
                        _ -> Optional.of(BenchSite.NEXT_HOP))
                .build();
        FlowTimeouts timeouts =
                new FlowTimeouts(FlowTableConfig.DEFAULT_TCP_IDLE_SECONDS, FlowTableConfig.DEFAULT_UDP_IDLE_SECONDS);
        WorkerTerms terms = new WorkerTerms(
                DataplaneConfig.DEFAULT_MTU_BYTES,
                DataplaneConfig.Limits.MAX_ICMP_PER_SECOND,
                0,
                DataplaneConfig.Fragments.DEFAULTS,
                1);
        worker = new Worker(
                List.of(new WorkerEthPort(this::receive, (_, count) -> count, null, this::take)),
                (_, count) -> dropped(count),
                terms,
                new Pin(FLOWS, true, true, timeouts),
                table);
        worker.doWork(nowNs); // pins the flows
    }

    /** Both families have the same backend, of the outer family. */
    private L4lbConfig config() throws IOException {
        Path file = Files.createTempFile("l4lb-jmh", ".yaml");
        try {
            String vips = List.of(SlowPath.VIP_IPV4, SlowPath.VIP_IPV6).stream()
                    .map(address -> vip(address.toString(), SlowPath.VIP_L4_PORT, "stateful")
                            + vip(address.toString(), SlowPath.STATELESS_L4_PORT, "stateless"))
                    .reduce("vips:\n", String::concat);
            Files.writeString(file, """
                    node: {id: bench, stateDirectory: /nonexistent}
                    dataplane:
                      ethPorts: [{name: edge, device: net_null0}]
                      outerSource: {ipv4: 192.0.2.1, ipv6: "2001:db8::1"}
                      nextHop: "02:00:00:00:00:01"
                    pools:
                      - {name: web, backends: [{name: b, address: "%s"}]}
                    """.formatted(ipv6 ? "2001:db8:200::1" : "10.200.0.1") + vips);
            return switch (ConfigReader.read(file)) {
                case ConfigResult.Loaded loaded -> loaded.config();
                case ConfigResult.Rejected rejected -> throw new IllegalStateException("" + rejected.faults());
            };
        } finally {
            Files.delete(file);
        }
    }

    private static String vip(String address, int l4Port, String mode) {
        return "  - {name: \"%s-%d\", address: \"%s\", protocol: udp, l4Port: %d, pool: web, encapsulation: ipip, mode: %s}\n"
                .formatted(address.replaceAll("[.:]", "-"), l4Port, address, l4Port, mode);
    }

    private static void put(long mbuf, byte[] frame) {
        Memory.putLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET, mbuf + MbufDescriptor.LENGTH_BYTES);
        Memory.putShort(mbuf + MbufDescriptor.BUF_LEN_OFFSET, (short) (HEADROOM_BYTES + ROOM_BYTES));
        Memory.putShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET, (short) HEADROOM_BYTES);
        Memory.putShort(mbuf + MbufDescriptor.REFCNT_OFFSET, (short) 1);
        Memory.putShort(mbuf + MbufDescriptor.NB_SEGS_OFFSET, (short) 1);
        Mbufs.setFrame(mbuf, frame);
    }

    private long mbuf(int i) {
        return memory.address() + (long) i * CELL_BYTES;
    }

    private int receive(long mbufs, int capacity) {
        restore();
        for (int i = 0; i < Burst.CAPACITY; i++) {
            Memory.putLong(mbufs + ((long) i << 3), mbuf(i));
        }
        return Burst.CAPACITY;
    }

    /** For outer fragments: those that the last pass had, as if sent and come back. */
    private boolean take(long mbufs, int count) {
        for (int i = 0; i < count; i++) {
            long mbuf = mbuf(Burst.CAPACITY + i);
            Memory.putShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET, (short) HEADROOM_BYTES);
            Memory.putLong(mbufs + ((long) i << 3), mbuf);
        }
        return count <= Burst.CAPACITY;
    }

    private static void dropped(int count) {
        throw new IllegalStateException(count + " packets were dropped");
    }

    @Benchmark
    public int pass() {
        nowNs += PASS_NS;
        return worker.doWork(nowNs);
    }

    @Benchmark
    public void restore() {
        passes++;
        for (int i = 0; i < Burst.CAPACITY; i++) {
            Memory.copy(before.address() + (long) i * CELL_BYTES, mbuf(i), RESTORED_BYTES);
        }
        if (slow == SlowPath.FRAGMENTS) {
            identify();
        }
    }

    /** Another datagram each time. */
    private void identify() {
        for (int i = 0; i < Burst.CAPACITY; i++) {
            SlowPath.identify(mbuf(i) + MbufDescriptor.LENGTH_BYTES + HEADROOM_BYTES, ipv6, passes);
        }
    }

    /** After each iteration: every packet has taken its path. */
    @TearDown(Level.Iteration)
    public void check() {
        long counted = worker.counters().get(slow.counter());
        long sent = worker.counters().get(WorkerCounter.TX_PACKETS);
        pass();
        if (worker.counters().get(slow.counter()) != counted + Burst.CAPACITY
                || worker.counters().get(WorkerCounter.TX_PACKETS) != sent + (long) slow.sent() * Burst.CAPACITY) {
            throw new IllegalStateException("not every packet took the path " + path);
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        worker.close();
        table.close();
        memory.close();
        before.close();
    }
}
