package io.l4lb.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.access.FlowTerms;
import io.l4lb.config.access.FlowTerms.Mode;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The terms of a VIP's flows: limits for new ones, idle times, and none kept at all. */
class FlowTermsTest {
    private static final int ACK = 0x10;
    private static final long SECOND_NS = 1_000_000_000;
    private static final List<String> VIPS = List.of("198.51.100.1", "2001:db8:f::1");
    private static final List<String> CLIENTS = List.of("203.0.113.9", "2001:db8:2::9");
    private static final List<String> OTHERS = List.of("203.0.114.9", "2001:db8:3::9");
    private static final FlowTerms STATELESS = new FlowTerms(Optional.empty(), 0, 0, Mode.STATELESS);

    private long nowNs = SECOND_NS;

    private static L4lbConfig config(int perPrefix, FlowTerms terms, String... backends) {
        return config(perPrefix, 1 << 16, terms, backends);
    }

    private static L4lbConfig config(int perPrefix, int flows, FlowTerms terms, String... backends) {
        BackendConfig[] pool = Arrays.stream(backends)
                .map(address -> TestConfig.backend("b" + address, address, 100))
                .toArray(BackendConfig[]::new);
        TestConfig config = new TestConfig()
                .newFlowsPerSecond(perPrefix)
                .flows(flows)
                .pool("web", pool)
                .vip("udp4", VIPS.get(0), Protocol.UDP, 443, "web", Encapsulation.IPIP)
                .vip("udp6", VIPS.get(1), Protocol.UDP, 443, "web", Encapsulation.IPIP)
                .terms(terms)
                .vip("tcp4", VIPS.get(0), Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .vip("tcp6", VIPS.get(1), Protocol.TCP, 443, "web", Encapsulation.IPIP);
        return (terms.isStateless() ? config : config.terms(terms)).build();
    }

    private static byte[] tcp(int family, String client, int l4Port, int flags) {
        return PacketBuilder.tcp(client, l4Port, VIPS.get(family), 443, flags).build();
    }

    private static byte[] udp(int family, String client, int l4Port) {
        return PacketBuilder.udp(client, l4Port, VIPS.get(family), 443).build();
    }

    private int forwarded(PipelineRig rig, byte[] frame) {
        rig.receive(frame);
        rig.work(nowNs);
        return rig.takeSent().size();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aPrefixBeginsNoMoreFlowsThanItsLimitAndItsKnownOnesGoOn(int family) {
        try (PipelineRig rig = new PipelineRig(config(1000, FlowTerms.DEFAULTS, "10.0.0.1"))) {
            int begun = 0;
            for (int i = 0; i < 5000; i++) {
                begun += forwarded(rig, tcp(family, CLIENTS.get(family), 1000 + i, PacketBuilder.SYN));
            }
            assertThat(begun).isBetween(50, 100); // a tenth of a second's worth, half of it in each of two buckets
            assertThat(rig.drops(DropReason.NEW_FLOW_RATE)).isEqualTo(5000 - begun);
            assertThat(forwarded(rig, tcp(family, CLIENTS.get(family), 1000, ACK)))
                    .isEqualTo(1);
            assertThat(forwarded(rig, tcp(family, OTHERS.get(family), 1000, PacketBuilder.SYN)))
                    .isEqualTo(1);
            nowNs += SECOND_NS;
            assertThat(forwarded(rig, tcp(family, CLIENTS.get(family), 9000, PacketBuilder.SYN)))
                    .isEqualTo(1);
        }
    }

    /** A node that was restarted knows nobody's connections, and must not end them. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void beyondTheLimitPacketsUnderWayOfUnknownFlowsAreForwardedWithoutAnEntry(int family) {
        try (PipelineRig rig = new PipelineRig(config(1000, FlowTerms.DEFAULTS, "10.0.0.1"))) {
            for (int i = 0; i < 5000; i++) {
                assertThat(forwarded(rig, tcp(family, CLIENTS.get(family), 1000 + i, ACK)))
                        .isEqualTo(1);
            }
            assertThat(rig.counter(WorkerCounter.FLOWS)).isBetween(50L, 100L);
            assertThat(rig.counter(WorkerCounter.FLOW_UNPINNED)).isEqualTo(5000 - rig.counter(WorkerCounter.FLOWS));
            assertThat(forwarded(rig, tcp(family, CLIENTS.get(family), 60_000, PacketBuilder.SYN)))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aVipBeginsNoMoreFlowsThanItsCeilingFromAllClientsTogether(int family) {
        FlowTerms terms = new FlowTerms(Optional.empty(), 1000, 0, Mode.STATEFUL);
        try (PipelineRig rig = new PipelineRig(config(0, terms, "10.0.0.1"))) {
            int begun = 0;
            for (int i = 0; i < 1000; i++) {
                String client = family == 0 ? "203.0." + i % 250 + ".9" : "2001:db8:" + i + "::9";
                begun += forwarded(rig, udp(family, client, 1000 + i));
            }
            assertThat(begun).isEqualTo(100);
            assertThat(rig.drops(DropReason.VIP_RATE)).isEqualTo(900);
            assertThat(forwarded(rig, tcp(family, CLIENTS.get(family), 1, PacketBuilder.SYN)))
                    .isEqualTo(1); // another VIP
            assertThat(forwarded(rig, tcp(family, CLIENTS.get(family), 2, ACK))).isEqualTo(1);
            nowNs += SECOND_NS / 10;
            assertThat(forwarded(rig, udp(family, CLIENTS.get(family), 3))).isEqualTo(1);
        }
    }

    /** Its packets look like first ones; so a flood of proven flows would have the limits end it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aUdpFlowThatFindsNoPlaceGoesOnBeyondTheLimits(int family) {
        FlowTerms terms = new FlowTerms(Optional.empty(), 1000, 0, Mode.STATEFUL);
        try (PipelineRig rig = new PipelineRig(config(1000, 1, terms, "10.0.0.1"))) {
            int first = 1000;
            while (rig.counter(WorkerCounter.FLOW_UNPINNED) == 0) { // each proven, until one finds no place
                first++;
                nowNs += SECOND_NS / 100;
                forwarded(rig, udp(family, CLIENTS.get(family), first));
                forwarded(rig, udp(family, CLIENTS.get(family), first));
            }
            long misses = rig.counter(WorkerCounter.FLOW_MISSES);
            for (int i = 0; i < 1000; i++) {
                assertThat(forwarded(rig, udp(family, CLIENTS.get(family), first)))
                        .isEqualTo(1);
            }
            assertThat(rig.drops(DropReason.NEW_FLOW_RATE) + rig.drops(DropReason.VIP_RATE))
                    .isZero();
            assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isEqualTo(misses);
            assertThat(forwarded(rig, tcp(family, CLIENTS.get(family), 1, PacketBuilder.SYN)))
                    .isEqualTo(1); // nobody paid
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aVipsIdleTimeComesBeforeTheTables(int family) {
        for (int idleSeconds : new int[] {5, 3600}) {
            FlowTerms terms = new FlowTerms(Optional.empty(), 0, idleSeconds, Mode.STATEFUL);
            try (PipelineRig rig = new PipelineRig(config(0, terms, "10.0.0.1"))) {
                for (byte[] frame : List.of(
                        udp(family, CLIENTS.get(family), 1), tcp(family, CLIENTS.get(family), 1, PacketBuilder.SYN))) {
                    assertThat(forwarded(rig, frame)).isEqualTo(1);
                    assertThat(forwarded(rig, frame)).isEqualTo(1);
                }
                forwarded(rig, tcp(family, CLIENTS.get(family), 1, ACK));
                assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isEqualTo(2);
                nowNs += (idleSeconds - 1) * SECOND_NS;
                forwarded(rig, udp(family, CLIENTS.get(family), 1));
                forwarded(rig, tcp(family, CLIENTS.get(family), 1, ACK));
                assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isEqualTo(2);
                nowNs += (idleSeconds + 2) * SECOND_NS;
                forwarded(rig, udp(family, CLIENTS.get(family), 1));
                forwarded(rig, tcp(family, CLIENTS.get(family), 1, ACK));
                assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isEqualTo(4);
            }
        }
    }

    @Test
    void aReloadChangesTheIdleTimeOfFlowsThatAreThere() {
        try (PipelineRig rig = new PipelineRig(config(0, FlowTerms.DEFAULTS, "10.0.0.1"))) {
            forwarded(rig, udp(0, CLIENTS.get(0), 1));
            rig.reload(config(0, new FlowTerms(Optional.empty(), 0, 600, Mode.STATEFUL), "10.0.0.1"));
            nowNs += 500 * SECOND_NS;
            forwarded(rig, udp(0, CLIENTS.get(0), 1));
            assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isEqualTo(1);
            rig.reload(config(0, FlowTerms.DEFAULTS, "10.0.0.1"));
            nowNs += 65 * SECOND_NS;
            forwarded(rig, udp(0, CLIENTS.get(0), 1));
            assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aStatelessVipKeepsNothingAndSendsEachPacketWhereMaglevHasIt(int family) {
        String[] two = {"10.0.0.1", "10.0.0.2"};
        try (PipelineRig rig = new PipelineRig(config(0, STATELESS, two));
                PipelineRig stateful = new PipelineRig(config(0, FlowTerms.DEFAULTS, two))) {
            for (int i = 0; i < 200; i++) {
                byte[] frame = udp(family, CLIENTS.get(family), 1000 + i);
                assertThat(rig.forward(frame, nowNs)).isEqualTo(stateful.forward(frame, nowNs));
            }
            assertThat(rig.counter(WorkerCounter.FLOWS)).isZero();
            assertThat(rig.counter(WorkerCounter.FLOW_STATELESS)).isEqualTo(200);
            assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isZero();
            rig.reload(config(0, STATELESS, "10.0.0.2"));
            stateful.reload(config(0, FlowTerms.DEFAULTS, "10.0.0.2"));
            for (int i = 0; i < 200; i++) {
                byte[] frame = udp(family, CLIENTS.get(family), 1000 + i);
                assertThat(rig.forward(frame, nowNs)).isEqualTo(stateful.forward(frame, nowNs));
            }
        }
    }

    @Test
    void packetsToStatelessAndOtherVipsMayShareABurst() {
        try (PipelineRig rig = new PipelineRig(config(0, STATELESS, "10.0.0.1"))) {
            for (int i = 0; i < 8; i++) {
                rig.receive(i % 2 == 0 ? udp(i / 2 % 2, CLIENTS.get(i / 2 % 2), i) : tcp(0, CLIENTS.get(0), i, ACK));
            }
            rig.work(nowNs);
            assertThat(rig.takeSent()).hasSize(8);
            assertThat(rig.counter(WorkerCounter.FLOWS)).isEqualTo(4);
            assertThat(rig.counter(WorkerCounter.FLOW_STATELESS)).isEqualTo(4);
        }
    }
}
