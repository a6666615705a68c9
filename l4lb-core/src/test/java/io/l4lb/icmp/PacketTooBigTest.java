package io.l4lb.icmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.SentFrame;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The MTU that clients are told for each outer header, and the limit of answers. Their bytes are golden cases'. */
class PacketTooBigTest {
    private static final int LIMIT = 100;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final String CLIENT = "203.0.113.9";
    private static final String CLIENT6 = "2001:db8:2::9";

    private final PipelineRig rig = new PipelineRig(new TestConfig()
            .icmpPerSecond(LIMIT)
            .pool("four", TestConfig.backend("b4", "10.0.0.11", 100))
            .pool("six", TestConfig.backend("b6", "2001:db8:1::12", 100))
            .vip("v1", "198.51.100.1", Protocol.UDP, 53, "four", Encapsulation.IPIP)
            .vip("v2", "198.51.100.2", Protocol.UDP, 53, "six", Encapsulation.GUE)
            .vip("v3", "198.51.100.3", Protocol.UDP, 53, "four", Encapsulation.GRE)
            .vip("v4", "2001:db8:f::4", Protocol.UDP, 53, "six", Encapsulation.IPIP)
            .build());

    @AfterEach
    void free() {
        rig.close();
    }

    private static byte[] datagram(String vip, int ipBytes) {
        return vip.contains(":")
                ? PacketBuilder.udp(CLIENT6, 40_000, vip, 53)
                        .payload(ipBytes - 48)
                        .build()
                : PacketBuilder.udp(CLIENT, 40_000, vip, 53)
                        .payload(ipBytes - 28)
                        .fragment(DONT_FRAGMENT)
                        .build();
    }

    @ParameterizedTest
    @CsvSource({"198.51.100.1, 1480", "198.51.100.2, 1448", "198.51.100.3, 1476", "2001:db8:f::4, 1460"})
    void theClientIsToldWhatFitsAndWhatItIsToldFits(String vip, int mtu) {
        byte[] answer = rig.forward(datagram(vip, mtu + 1), 1);
        int icmp = vip.contains(":") ? 54 : 34;
        assertThat(SentFrame.u16(answer, icmp + 6)).isEqualTo(mtu);
        assertThat(rig.counter(WorkerCounter.TOO_BIG_REPLIES)).isEqualTo(1);
        rig.forward(datagram(vip, mtu), 1);
        assertThat(rig.counter(WorkerCounter.TOO_BIG_REPLIES)).isEqualTo(1);
        assertThat(rig.drops(DropReason.TOO_BIG)).isZero();
    }

    @Test
    void answersAreLimitedForASourcePrefixAndTheRestIsDroppedAndCounted() {
        for (int i = 0; i < 200; i++) {
            rig.receive(datagram("198.51.100.1", 1500));
        }
        rig.receive(datagram("2001:db8:f::4", 1500));
        rig.work(1);
        long replies = rig.counter(WorkerCounter.TOO_BIG_REPLIES);
        assertThat(replies).isBetween(9L, LIMIT / 4L);
        assertThat(rig.drops(DropReason.TOO_BIG)).isEqualTo(201 - replies);
        List<byte[]> sent = rig.takeSent();
        assertThat(sent).hasSize((int) replies);
        assertThat(sent.getLast()[14] >> 4).as("the other prefix's").isEqualTo(6);
    }
}
