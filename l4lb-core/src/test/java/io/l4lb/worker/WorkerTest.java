package io.l4lb.worker;

import static io.l4lb.testing.PacketBuilder.ACK;
import static io.l4lb.testing.PacketBuilder.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshot.BackendSnapshot;
import io.l4lb.counters.CounterSnapshot.VipSnapshot;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.MemoryMbufs;
import io.l4lb.testing.MemorySink;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.SentFrame;
import io.l4lb.testing.Sums;
import io.l4lb.testing.TestConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What devices do to a worker, and what it counts; the packets themselves are the golden tests' matter. */
class WorkerTest {
    private static final String CLIENT = "203.0.113.7";
    private static final String VIP = "198.51.100.1";
    /** Outer IPv4 and Ethernet; the VIPs' one backend has an IPv4 address. */
    private static final int IPIP_BYTES = 14 + 20;

    private final PipelineRig rig = rig(1, true);

    private static PipelineRig rig(int ethPorts, boolean withPuntQueue) {
        return new PipelineRig(
                new TestConfig()
                        .pool("web", TestConfig.backend("b1", "10.0.0.1", 100))
                        .pool("segment", TestConfig.backend("s1", "10.0.1.1", 100, "02:00:00:00:01:01"))
                        .vip("tcp", VIP, Protocol.TCP, 443, "web", Encapsulation.IPIP)
                        .vip("udp", VIP, Protocol.UDP, 53, "segment", Encapsulation.L2)
                        .vip("gue", VIP, Protocol.UDP, 54, "web", Encapsulation.GUE)
                        .build(),
                ethPorts,
                withPuntQueue);
    }

    @AfterEach
    void free() {
        rig.close();
    }

    private static byte[] tcp(int l4Port, int payloadBytes) {
        return PacketBuilder.tcp(CLIENT, l4Port, VIP, 443, ACK)
                .payload(payloadBytes)
                .build();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 31, 32, 33, 64, 65, 200})
    void anyNumberOfPacketsLeavesInTheOrderOfArrival(int count) {
        for (int i = 0; i < count; i++) {
            rig.receive(tcp(1000 + i, i));
        }
        rig.work(1);
        List<byte[]> sent = rig.takeSent();
        assertThat(sent).hasSize(count);
        for (int i = 0; i < count; i++) {
            assertThat(Arrays.copyOfRange(sent.get(i), IPIP_BYTES, sent.get(i).length))
                    .isEqualTo(Arrays.copyOfRange(tcp(1000 + i, i), 14, 14 + 40 + i));
        }
    }

    @Test
    void onePassTakesNoMoreThanABurst() {
        for (int i = 0; i < 40; i++) {
            rig.receive(tcp(i, 0));
        }
        assertThat(rig.worker().doWork(1)).isEqualTo(32);
        assertThat(rig.worker().doWork(1)).isEqualTo(8);
        assertThat(rig.worker().doWork(1)).isZero();
    }

    @Test
    void aTxQueueThatTakesAFewPerCallIsAskedAgainAndGetsAll() {
        rig.ethPorts.getFirst().txQueue.takePerCall(5);
        for (int i = 0; i < 32; i++) {
            rig.receive(tcp(i, i));
        }
        rig.work(1);
        assertThat(rig.counter(WorkerCounter.TX_PACKETS)).isEqualTo(32);
        assertThat(rig.ethPorts.getFirst().txQueue.callCount()).isEqualTo(7);
        assertThat(rig.drops(DropReason.TX_FULL)).isZero();
        assertThat(rig.takeSent()).hasSize(32);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 17, 31})
    void whatAFullTxQueueDoesNotTakeIsReleasedAndCounted(int room) {
        rig.ethPorts.getFirst().txQueue.room(room);
        for (int i = 0; i < 32; i++) {
            rig.receive(tcp(i, i));
        }
        rig.work(1);
        long bytes = 0;
        for (int i = 0; i < room; i++) {
            bytes += IPIP_BYTES + 40 + i;
        }
        assertThat(rig.counter(WorkerCounter.TX_PACKETS)).isEqualTo(room);
        assertThat(rig.counter(WorkerCounter.TX_BYTES)).isEqualTo(bytes);
        assertThat(rig.drops(DropReason.TX_FULL)).isEqualTo(32 - room);
        assertOwnedOnce(rig.ethPorts.getFirst().txQueue, room, 0);
        assertOwnedOnce(rig.released, 32 - room, room);
        // a queue that takes nothing is not asked for ever
        assertThat(rig.ethPorts.getFirst().txQueue.callCount()).isLessThanOrEqualTo(5);
    }

    @Test
    void whatAFullPuntQueueDoesNotTakeIsReleasedAndCounted() {
        rig.ethPorts.getFirst().puntQueue.room(3);
        for (int i = 0; i < 10; i++) {
            rig.receive(PacketBuilder.tcp(CLIENT, i, "198.51.100.77", 22, SYN).build());
        }
        rig.work(1);
        assertThat(rig.counter(WorkerCounter.PUNTED_PACKETS)).isEqualTo(3);
        assertThat(rig.drops(DropReason.TX_FULL)).isEqualTo(7);
        assertOwnedOnce(rig.ethPorts.getFirst().puntQueue, 3, 0);
        assertOwnedOnce(rig.released, 7, 3);
    }

    @Test
    void withoutAKernelsSideWhatIsNotForAVipIsDroppedWithThatReason() {
        try (PipelineRig alone = rig(1, false)) {
            alone.receive(PacketBuilder.echoRequest(CLIENT, "198.51.100.77").build());
            alone.receive(tcp(1, 1));
            alone.work(1);
            assertThat(alone.drops(DropReason.PUNT_UNAVAILABLE)).isEqualTo(1);
            assertThat(alone.counter(WorkerCounter.PUNTED_PACKETS)).isZero();
            assertOwnedOnce(alone.released, 1, 0);
            assertThat(alone.takeSent()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 20, 1", "0, 19, 0", "4, 16, 1", "4, 15, 0", "8, 12, 1", "8, 11, 0"})
    void aFrameWithTooLittleRoomBeforeItIsDropped(int tagBytes, int headroomBytes, int sent) {
        PacketBuilder packet = PacketBuilder.tcp(CLIENT, 1, VIP, 443, ACK);
        for (int i = 0; i < tagBytes; i += 4) {
            packet.tag(0x8100, 7);
        }
        rig.receive(0, packet.build(), headroomBytes);
        rig.work(1);
        assertThat(rig.drops(DropReason.NO_HEADROOM)).isEqualTo(1 - sent);
        assertThat(rig.counter(WorkerCounter.TX_PACKETS)).isEqualTo(sent);
        assertThat(rig.takeSent()).hasSize(sent);
    }

    @Test
    void aFrameInSeveralSegmentsIsDroppedUnreadAndItsBytesAreCounted() {
        int index = rig.receive(0, tcp(1, 1), MemoryMbufs.HEADROOM_BYTES);
        rig.mbufs.setSegments(index, 3, 9000);
        rig.work(1);
        assertThat(rig.drops(DropReason.MULTI_SEGMENT)).isEqualTo(1);
        assertThat(rig.counter(WorkerCounter.RX_BYTES)).isEqualTo(9000);
        assertOwnedOnce(rig.released, 1, 0);
    }

    @Test
    void anL2FrameKeepsTagsAndPaddingAndGetsBothMacs() {
        byte[] frame = PacketBuilder.udp(CLIENT, 9, VIP, 53)
                .tag(0x88a8, 3)
                .tag(0x8100, 4)
                .payload(1)
                .padTo(80)
                .build();
        byte[] sent = rig.forward(frame, 1);
        byte[] expected = frame.clone();
        System.arraycopy(new byte[] {2, 0, 0, 0, 1, 1}, 0, expected, 0, 6);
        System.arraycopy(rig.mac(), 0, expected, 6, 6);
        assertThat(sent).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1480, 1481})
    void aPacketThatFitsTheLinkExactlyIsForwardedWholeAndOneByteMoreIsNot(int innerBytes) {
        rig.receive(tcp(1, innerBytes - 40));
        rig.work(1);
        assertThat(rig.counter(WorkerCounter.OUTER_FRAGMENTS)).isEqualTo(innerBytes - 1480);
        assertThat(rig.takeSent()).hasSize(innerBytes - 1479);
    }

    @Test
    void eachEthPortAnswersAndForwardsWithItsOwnMac() {
        try (PipelineRig two = rig(2, true)) {
            for (int ethPort = 0; ethPort < 2; ethPort++) {
                two.receive(ethPort, tcp(1, 1), MemoryMbufs.HEADROOM_BYTES);
                two.receive(
                        ethPort,
                        PacketBuilder.echoRequest(CLIENT, VIP).payload(5).build(),
                        MemoryMbufs.HEADROOM_BYTES);
                two.receive(ethPort, PacketBuilder.udp(CLIENT, 1, VIP, 53).build(), MemoryMbufs.HEADROOM_BYTES);
            }
            two.work(1);
            for (PipelineRig.EthPortRig ethPort : two.ethPorts) {
                List<byte[]> frames = two.frames(ethPort.txQueue);
                assertThat(frames).hasSize(3);
                assertThat(frames)
                        .allSatisfy(frame ->
                                assertThat(Arrays.copyOfRange(frame, 6, 12)).isEqualTo(ethPort.mac.bytes()));
            }
            // one flow table for both ethPorts
            assertThat(two.counter(WorkerCounter.FLOW_MISSES)).isEqualTo(2);
            assertThat(two.counter(WorkerCounter.FLOW_HITS)).isEqualTo(2);
            assertThat(two.counter(WorkerCounter.RX_PACKETS)).isEqualTo(6);
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2", "7", "8", "55", "56", "1400"})
    void anEchoReplyHasRightChecksumsWhateverItsLength(int payloadBytes) {
        byte[] reply = rig.forward(
                PacketBuilder.echoRequest(CLIENT, VIP).payload(payloadBytes).build(), 1);
        assertThat(Sums.fold(Sums.words(reply, 14, 20))).isEqualTo(0xffff);
        assertThat(Sums.fold(Sums.words(reply, 34, reply.length - 34))).isEqualTo(0xffff);
        assertThat(reply[34]).isZero();
        assertThat(rig.counter(WorkerCounter.ECHO_REPLIES)).isEqualTo(1);
    }

    @Test
    void packetsAndBytesAreCountedByVipAndBackendAndNothingThatIsDropped() {
        List<byte[]> frames = new ArrayList<>();
        frames.add(tcp(1, 100));
        frames.add(tcp(2, 0));
        frames.add(PacketBuilder.udp(CLIENT, 1, VIP, 53).payload(10).padTo(60).build());
        frames.add(PacketBuilder.udp(CLIENT, 1, VIP, 54).payload(20).build());
        frames.add(PacketBuilder.tcp(CLIENT, 1, VIP, 443, ACK)
                .payload(1460)
                .fragment(0x4000)
                .build()); // answered
        frames.forEach(rig::receive);
        rig.work(1);
        CounterSnapshot snapshot = rig.snapshot();
        assertThat(snapshot.vips())
                .containsExactly(
                        new VipSnapshot("tcp", 2, 140 + 40),
                        new VipSnapshot("udp", 1, 38),
                        new VipSnapshot("gue", 1, 48));
        assertThat(snapshot.backends())
                .containsExactly(
                        new BackendSnapshot("web", "b1", 3, 140 + 40 + 48),
                        new BackendSnapshot("segment", "s1", 1, 38));
        assertThat(snapshot.total(WorkerCounter.RX_BYTES))
                .isEqualTo(frames.stream().mapToInt(frame -> frame.length).sum());
        assertThat(snapshot.total(WorkerCounter.TX_BYTES))
                .isEqualTo(2 * IPIP_BYTES + 140 + 40 + 60 + (IPIP_BYTES + 12 + 48) + 14 + 576);
        assertThat(snapshot.total(WorkerCounter.FLOWS)).isEqualTo(4);
        assertThat(snapshot.total(WorkerCounter.TOO_BIG_REPLIES)).isEqualTo(1);
    }

    @Test
    void theGueSourcePortIsAFlowsOwnAndSpreadOverFlows() {
        int[] first = new int[50];
        for (int round = 0; round < 3; round++) {
            for (int flow = 0; flow < first.length; flow++) {
                byte[] sent = rig.forward(
                        PacketBuilder.udp(CLIENT, 1000 + flow, VIP, 54)
                                .payload(round)
                                .build(),
                        round);
                int spread = SentFrame.read(sent, sent.length, rig.mac()).spread();
                first[flow] = round == 0 ? spread : first[flow];
                assertThat(spread).isEqualTo(first[flow]);
            }
        }
        assertThat(Arrays.stream(first).distinct().count()).isGreaterThan(45);
    }

    /** The {@code count} mbufs from {@code firstIndex} on, each once, in order. */
    private static void assertOwnedOnce(MemorySink sink, int count, int firstIndex) {
        assertThat(sink.size()).isEqualTo(count);
        for (int i = 1; i < count; i++) {
            assertThat(sink.mbuf(i)).as("mbuf %d", firstIndex + i).isGreaterThan(sink.mbuf(i - 1));
        }
    }
}
