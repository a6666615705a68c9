package io.l4lb.outer;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.SentFrame;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for bursts of fragments; their bytes are golden cases'. */
class OuterFragmentsTest {
    private static final String CLIENT = "203.0.113.9";
    private static final byte[] OUTER_FLAGS = {0, 0, 0x40, 0};

    private final PipelineRig rig = new PipelineRig(new TestConfig()
            .pool("four", TestConfig.backend("b4", "10.0.0.11", 100))
            .pool("six", TestConfig.backend("b6", "2001:db8:1::12", 100))
            .vip("v1", "198.51.100.1", Protocol.UDP, 53, "four", Encapsulation.IPIP)
            .vip("v2", "198.51.100.2", Protocol.UDP, 53, "six", Encapsulation.GUE)
            .build());

    @AfterEach
    void free() {
        rig.close();
    }

    private static byte[] datagram(String vip, int ipBytes) {
        return PacketBuilder.udp(CLIENT, 40_000, vip, 53).payload(ipBytes - 28).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.51.100.1", "198.51.100.2"})
    void theFragmentsOfEachLengthMakeUpTheInnerPacket(String vip) {
        for (int length = 1500; length < 2040; length++) {
            byte[] datagram = datagram(vip, length);
            rig.receive(datagram);
            rig.work(1);
            byte[] whole = Reassembly.whole(rig.takeSent(), 14, TestConfig.MTU_BYTES, OUTER_FLAGS);
            SentFrame sent = SentFrame.read(whole, whole.length, rig.mac());
            assertThat(Arrays.copyOfRange(whole, sent.innerOffset(), whole.length))
                    .isEqualTo(Arrays.copyOfRange(datagram, 14, datagram.length));
        }
    }

    @Test
    void eachPacketHasItsOwnIdentification() {
        for (int i = 0; i < 32; i++) {
            rig.receive(datagram("198.51.100.1", 1500));
        }
        rig.work(1);
        List<byte[]> sent = rig.takeSent();
        assertThat(sent).hasSize(64);
        assertThat(sent.stream().map(frame -> SentFrame.u16(frame, 18)).distinct())
                .hasSize(32);
    }

    /** Another worker learns of it between the count of pieces and the cut; a higher one, too, when the lowered one has expired. */
    @ParameterizedTest
    @ValueSource(ints = {576, 1500, 9000})
    void anotherPathMtuInTheMiddleOfABurstCutsNothingElse(int mtu) {
        for (String vip : List.of("198.51.100.1", "198.51.100.2")) {
            rig.pathMtu(TestConfig.MTU_BYTES);
            rig.receive(datagram(vip, 1500));
            rig.work(1);
            List<byte[]> before = rig.takeSent();
            rig.whenTaking(() -> rig.pathMtu(mtu));
            for (int i = 0; i < 4; i++) {
                rig.receive(datagram(vip, 1500));
            }
            rig.work(1);
            List<byte[]> sent = rig.takeSent();
            assertThat(sent).hasSize(4 * before.size());
            for (int i = 0; i < sent.size(); i++) {
                assertThat(sent.get(i)).hasSize(before.get(i % before.size()).length);
            }
            rig.whenTaking(() -> {});
        }
    }

    @Test
    void withoutMbufsTheBurstsTooBigPacketsAreDroppedAndTheOthersSent() {
        rig.moreMbufs(1);
        rig.receive(datagram("198.51.100.1", 1500));
        rig.receive(datagram("198.51.100.1", 100));
        rig.receive(datagram("198.51.100.2", 1500));
        rig.work(1);
        assertThat(rig.drops(DropReason.NO_MBUF)).isEqualTo(2);
        assertThat(rig.counter(WorkerCounter.OUTER_FRAGMENTS)).isZero();
        assertThat(rig.takeSent()).hasSize(1);
    }

    @Test
    void whatTheTxQueueDoesNotTakeIsFreedAndCounted() {
        rig.txRoom(3);
        for (int i = 0; i < 4; i++) {
            rig.receive(datagram("198.51.100.1", 1500));
        }
        rig.work(1);
        assertThat(rig.drops(DropReason.TX_FULL)).isEqualTo(5);
        assertThat(rig.counter(WorkerCounter.TX_PACKETS)).isEqualTo(3);
        assertThat(rig.counter(WorkerCounter.OUTER_FRAGMENTS)).isEqualTo(4);
        assertThat(rig.takeSent()).hasSize(3);
    }
}
