package io.l4lb.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.cid.CidKey;
import io.l4lb.cid.CidScheme;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.testing.Allocation;
import io.l4lb.testing.MemorySink;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.Seed;
import io.l4lb.testing.TestConfig;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A million packets of every kind through a worker, on a thread of its own: both families, every encapsulation, hits,
 * misses, evictions, expirations, echo replies, punts, drops, a full TX queue.
 */
class WorkerAllocationTest {
    private static final int BURST = 32;
    private static final int PACKETS = 1_000_000;
    private static final int WARM_UP_PACKETS = 1_500_000;
    private static final int FRAME_BYTES_MAX = 2048;
    private static final long BURST_NS = 100_000;

    private final PipelineRig rig = new PipelineRig(TestConfig.ofEveryKind()
            .flows(16)
            .idleSeconds(2, 1)
            .fragments(256, 0, 300) // mbufs are used again with every burst: none is held
            .build());
    private final SplittableRandom random = new SplittableRandom(Seed.of(WorkerAllocationTest.class));
    private final FrameMutator mutator = new FrameMutator(FrameCorpus.all(), random);
    private final byte[] frame = new byte[FRAME_BYTES_MAX];
    private long nowNs;

    @Test
    void aMillionPacketsOfEveryKindAllocateNothing() {
        try (rig) {
            long allocatedBytes = Allocation.bytes(WARM_UP_PACKETS, PACKETS, this::work);
            for (WorkerCounter counter : List.of(
                    WorkerCounter.FLOW_HITS,
                    WorkerCounter.FLOW_MISSES,
                    WorkerCounter.FLOW_EVICTIONS,
                    WorkerCounter.FLOW_EXPIRATIONS,
                    WorkerCounter.FLOW_UNPINNED,
                    WorkerCounter.ECHO_REPLIES,
                    WorkerCounter.OUTER_FRAGMENTS,
                    WorkerCounter.PUNTED_PACKETS)) {
                assertThat(rig.counter(counter)).as(counter.label()).isPositive();
            }
            assertThat(rig.drops(DropReason.TX_FULL)).isPositive();
            assertThat(rig.drops(DropReason.MULTI_SEGMENT)).isPositive();
            assertThat(rig.drops(DropReason.NO_HEADROOM)).isPositive();
            assertThat(rig.drops(DropReason.NO_MBUF)).isPositive();
            assertThat(allocatedBytes).isZero();
        }
    }

    private void work(int packets) {
        PipelineRig.EthPortRig ethPort = rig.ethPorts.getFirst();
        MemorySink txQueue = ethPort.txQueue;
        for (int from = 0; from < packets; from += BURST) {
            for (int i = 0; i < BURST; i++) {
                int length = mutator.next(frame);
                rig.mbufs.setFrame(i, frame, length, i == 3 ? 20 : 128);
                if (i == 5) {
                    rig.mbufs.setSegments(i, 2, length);
                }
                ethPort.rxQueue.add(rig.mbufs.address(i));
            }
            txQueue.room((from & 1023) == 0 ? 3 : Integer.MAX_VALUE);
            rig.mbufs.room((from & 2047) == 0 ? 0 : Integer.MAX_VALUE);
            rig.worker().doWork(nowNs);
            rig.worker().doWork(nowNs); // an empty pass
            nowNs += BURST_NS;
            txQueue.clear();
            ethPort.puntQueue.clear();
            rig.released.clear();
        }
    }

    @Test
    void packetsToQuicVipsAllocateNothing() {
        CidKey key = CidKey.parse("8f95f09245765f80256934e50c66207f").orElseThrow();
        String[] payloads = {
            "031fed793a4504cc4f00", "e50000000104010203040506", "0320b1d07b359d3c00000000", "03ff01", ""
        };
        try (rig;
                PipelineRig quic = new PipelineRig(new TestConfig()
                        .pool("web", TestConfig.withServerId(TestConfig.backend("b", "10.0.0.1", 1), "ed793a"))
                        .quicVip(
                                "quic",
                                "198.51.100.1",
                                "web",
                                Encapsulation.IPIP,
                                new CidScheme(0, 3, 4, false, Optional.empty()),
                                new CidScheme(1, 3, 4, false, Optional.of(key)),
                                new CidScheme(2, 3, 13, false, Optional.of(key)))
                        .build())) {
            byte[][] frames = new byte[BURST][];
            for (int i = 0; i < BURST; i++) {
                frames[i] = PacketBuilder.udp("203.0.113.9", 1000 + i % 7, "198.51.100.1", 443)
                        .payload(HexFormat.of().parseHex(payloads[i % payloads.length]))
                        .build();
            }
            long allocatedBytes = Allocation.bytes(PACKETS, PACKETS, packets -> repeat(quic, packets, frames));
            assertThat(quic.counter(WorkerCounter.QUIC_ROUTED)).isGreaterThan(PACKETS / 10);
            assertThat(quic.counter(WorkerCounter.QUIC_LONG_UNROUTABLE)).isGreaterThan(PACKETS / 10);
            assertThat(quic.counter(WorkerCounter.TX_PACKETS)).isEqualTo(quic.counter(WorkerCounter.RX_PACKETS));
            assertThat(allocatedBytes).isZero();
        }
    }

    /** The same burst again and again. */
    private void repeat(PipelineRig quic, int packets, byte[]... frames) {
        PipelineRig.EthPortRig ethPort = quic.ethPorts.getFirst();
        for (int from = 0; from < packets; from += BURST) {
            for (int i = 0; i < BURST; i++) {
                quic.mbufs.setFrame(i, frames[i], frames[i].length, 128);
                ethPort.rxQueue.add(quic.mbufs.address(i));
            }
            quic.worker().doWork(nowNs);
            nowNs += BURST_NS;
            ethPort.txQueue.clear();
            quic.released.clear();
        }
    }
}
