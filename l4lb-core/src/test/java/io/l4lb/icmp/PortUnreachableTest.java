package io.l4lb.icmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who answers UDP to an L4 port of no VIP, and how often. The bytes are golden cases'. */
class PortUnreachableTest {
    private static final int LIMIT = 100;
    private static final long SECOND_NS = 1_000_000_000;

    private static PipelineRig rig(boolean hasKernelSide) {
        return new PipelineRig(
                new TestConfig()
                        .icmpPerSecond(LIMIT)
                        .pool("web", TestConfig.backend("b1", "10.0.0.11", 100))
                        .vip("web4", "198.51.100.1", Protocol.TCP, 443, "web", Encapsulation.IPIP)
                        .vip("web6", "2001:db8:f::1", Protocol.TCP, 443, "web", Encapsulation.IPIP)
                        .build(),
                1,
                hasKernelSide);
    }

    @ParameterizedTest
    @CsvSource({"198.51.100.1, 203.0.113.9", "2001:db8:f::1, 2001:db8:2::9"})
    void aKernelsSideHasItUnchangedAndNobodyAnswersHere(String vip, String client) {
        try (PipelineRig rig = rig(true)) {
            byte[] datagram =
                    PacketBuilder.udp(client, 40_000, vip, 33_434).payload(12).build();
            rig.receive(datagram);
            rig.work(1);
            assertThat(rig.punted()).containsExactly(datagram);
            assertThat(rig.counter(WorkerCounter.PORT_UNREACHABLE_REPLIES)).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"198.51.100.1, 203.0.113.9, 203.0.112.9", "2001:db8:f::1, 2001:db8:2::9, 2001:db8:3::9"})
    void answersAreLimitedForASourcePrefixAndNotForOthers(String vip, String flooding, String other) {
        try (PipelineRig rig = rig(false)) {
            for (int i = 0; i < 200; i++) {
                rig.receive(PacketBuilder.udp(flooding, 1000 + i, vip, 53).build());
            }
            rig.work(1);
            long replies = rig.counter(WorkerCounter.PORT_UNREACHABLE_REPLIES);
            assertThat(replies).isBetween(9L, LIMIT / 4L);
            assertThat(rig.drops(DropReason.ICMP_RATE)).isEqualTo(200 - replies);
            assertThat(rig.takeSent()).hasSize((int) replies);

            rig.receive(PacketBuilder.udp(other, 1, vip, 53).build());
            rig.work(1);
            assertThat(rig.takeSent()).hasSize(1);
            rig.receive(PacketBuilder.udp(flooding, 1, vip, 53).build());
            rig.work(1 + SECOND_NS);
            assertThat(rig.takeSent()).hasSize(1);
            assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isZero();
        }
    }
}
