package io.l4lb.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.access.AccessList;
import io.l4lb.config.access.FlowTerms;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a VIP's access list keeps out: every packet of the client's flows, at once; and what it leaves alone. */
class AccessTest {
    private static final int ACK = 0x10;
    private static final List<String> VIPS = List.of("198.51.100.1", "2001:db8:f::1");
    private static final List<String> OPEN_VIPS = List.of("198.51.100.2", "2001:db8:f::2");
    private static final List<String> CLIENTS = List.of("203.0.113.9", "2001:db8:2::9");
    private static final AccessList OTHERS =
            TestConfig.accessList("deny", "allow 203.0.113.0/24", "allow 2001:db8:2::/48");
    private static final AccessList NOT_THEM = TestConfig.accessList(
            "deny", "allow 203.0.113.0/24", "deny 203.0.113.8/31", "allow 2001:db8:2::/48", "deny 2001:db8:2::8/127");

    private final PipelineRig rig = new PipelineRig(config(Optional.of(OTHERS)));
    private long nowNs = 1;

    @AfterEach
    void free() {
        rig.close();
    }

    private static L4lbConfig config(Optional<AccessList> list) {
        return new TestConfig()
                .pool("web", TestConfig.backend("b1", "10.0.0.11", 100))
                .vip("web4", VIPS.get(0), Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .vip("web6", VIPS.get(1), Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .terms(new FlowTerms(list, 0, 0, FlowTerms.Mode.STATEFUL))
                .vip("open4", OPEN_VIPS.get(0), Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .vip("open6", OPEN_VIPS.get(1), Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .build();
    }

    private static byte[] data(int family, String vip) {
        return PacketBuilder.tcp(CLIENTS.get(family), 1000, vip, 443, ACK).build();
    }

    private static byte[] error(int family) {
        byte[] quoted = PacketBuilder.tcp(VIPS.get(family), 443, CLIENTS.get(family), 1000, ACK)
                .packet();
        return PacketBuilder.icmp(
                        family == 0 ? "192.0.2.99" : "2001:db8:99::1", VIPS.get(family), family == 0 ? 3 : 2, 0)
                .payload(quoted)
                .build();
    }

    private int forwarded(byte[] frame) {
        rig.receive(frame);
        rig.work(nowNs++);
        return rig.takeSent().size();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aReloadThatDeniesAClientEndsItsPinnedFlowsAtOnceAndOneThatAllowsItLetsThemGoOn(int family) {
        assertThat(forwarded(data(family, VIPS.get(family)))).isEqualTo(1);
        rig.reload(config(Optional.of(NOT_THEM)));

        assertThat(forwarded(data(family, VIPS.get(family)))).isZero();
        assertThat(rig.drops(DropReason.ACCESS_DENIED)).isEqualTo(1);

        rig.reload(config(Optional.empty()));
        long misses = rig.counter(WorkerCounter.FLOW_MISSES);
        assertThat(forwarded(data(family, VIPS.get(family)))).isEqualTo(1);
        assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isEqualTo(misses);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void anErrorIsTheBusinessOfTheClientWhoseFlowItQuotes(int family) {
        assertThat(forwarded(error(family))).isEqualTo(1);
        rig.reload(config(Optional.of(NOT_THEM)));
        assertThat(forwarded(error(family))).isZero();
        assertThat(rig.drops(DropReason.ACCESS_DENIED)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void echoRequestsAndOtherVipsAreNotAskedFor(int family) {
        rig.reload(config(Optional.of(TestConfig.accessList("deny"))));
        assertThat(forwarded(data(family, VIPS.get(family)))).isZero();
        assertThat(forwarded(data(family, OPEN_VIPS.get(family)))).isEqualTo(1);
        assertThat(forwarded(PacketBuilder.icmp(CLIENTS.get(family), VIPS.get(family), family == 0 ? 8 : 128, 0)
                        .build()))
                .isEqualTo(1);
        assertThat(rig.counter(WorkerCounter.ECHO_REPLIES)).isEqualTo(1);
    }

    @Test
    void whoIsDeniedMakesNoFlow() {
        rig.reload(config(Optional.of(TestConfig.accessList("deny"))));
        assertThat(forwarded(data(0, VIPS.get(0)))).isZero();
        assertThat(rig.counter(WorkerCounter.FLOWS)).isZero();
    }
}
