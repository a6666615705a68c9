package io.l4lb.icmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.SentFrame;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import io.l4lb.worker.WorkerTerms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ICMP errors find the backend of the flow that they quote, leave no trace in it, and are limited; so are echo replies. */
class IcmpTest {
    private static final int ACK = 0x10;
    private static final int LIMIT = 100;
    private static final long SECOND_NS = 1_000_000_000;
    private static final long IDLE_SECONDS = 900;
    private static final List<String> VIPS = List.of("198.51.100.1", "2001:db8:f::1");
    private static final List<String> CLIENTS = List.of("203.0.113.9", "2001:db8:2::9");

    private final PipelineRig rig = new PipelineRig(new TestConfig()
            .icmpPerSecond(LIMIT)
            .pool(
                    "web",
                    TestConfig.backend("b1", "10.0.0.11", 100),
                    TestConfig.backend("b2", "10.0.0.12", 100),
                    TestConfig.backend("b3", "10.0.0.13", 100))
            .vip("web4", VIPS.get(0), Protocol.TCP, 443, "web", Encapsulation.IPIP)
            .vip("web6", VIPS.get(1), Protocol.TCP, 443, "web", Encapsulation.IPIP)
            .build());
    private long nowNs = 1;

    @AfterEach
    void free() {
        rig.close();
    }

    private static byte[] data(int family, int l4Port) {
        return PacketBuilder.tcp(CLIENTS.get(family), l4Port, VIPS.get(family), 443, ACK)
                .build();
    }

    /** {@code family}: 0 or 1, the index in the lists above. */
    private static byte[] error(int family, String from, int l4Port) {
        byte[] quoted = PacketBuilder.tcp(VIPS.get(family), 443, CLIENTS.get(family), l4Port, ACK)
                .packet();
        return PacketBuilder.icmp(from, VIPS.get(family), family == 0 ? 3 : 2, family == 0 ? 4 : 0)
                .payload(Arrays.copyOf(quoted, quoted.length - 12))
                .build();
    }

    private String backend(byte[] frame) {
        byte[] sent = rig.forward(frame, nowNs);
        return SentFrame.read(sent, sent.length, rig.mac()).backend().toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void anErrorGoesToThePinnedBackendAlsoWhenMaglevWouldChooseAnother(int family) {
        List<String> pinned = new ArrayList<>();
        for (int flow = 0; flow < 30; flow++) {
            pinned.add(backend(data(family, 1000 + flow)));
        }
        rig.reload(new TestConfig()
                .icmpPerSecond(LIMIT)
                .pool(
                        "web",
                        TestConfig.backend("b1", "10.0.0.11", 100),
                        TestConfig.backend("b2", "10.0.0.12", 100),
                        TestConfig.backend("b3", "10.0.0.13", 0),
                        TestConfig.backend("b4", "10.0.0.14", 300))
                .vip("web4", VIPS.get(0), Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .vip("web6", VIPS.get(1), Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .build());
        for (int flow = 0; flow < 30; flow++) {
            nowNs += SECOND_NS / LIMIT;
            assertThat(backend(error(family, CLIENTS.get(family), 1000 + flow))).isEqualTo(pinned.get(flow));
        }
        assertThat(rig.counter(WorkerCounter.ICMP_ERRORS)).isEqualTo(30);
        assertThat(rig.counter(WorkerCounter.FLOW_QUOTES_UNKNOWN)).isZero();
        assertThat(rig.counter(WorkerCounter.FLOWS)).isEqualTo(30);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void anErrorOfAFlowThatNobodyKnowsGoesWhereTheFlowWouldAndIsCounted(int family) {
        String backend = backend(error(family, CLIENTS.get(family), 2000));
        assertThat(rig.counter(WorkerCounter.FLOW_QUOTES_UNKNOWN)).isEqualTo(1);
        assertThat(rig.counter(WorkerCounter.FLOWS)).isZero();
        assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isZero();
        assertThat(backend(data(family, 2000))).isEqualTo(backend);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void errorsDoNotKeepAFlowAlive(int family) {
        backend(data(family, 3000));
        backend(data(family, 3000));
        for (int third = 0; third < 4; third++) {
            nowNs += IDLE_SECONDS / 3 * SECOND_NS;
            backend(error(family, CLIENTS.get(family), 3000));
        }
        assertThat(rig.counter(WorkerCounter.FLOW_QUOTES_UNKNOWN)).isPositive();
    }

    /** The burst that a limit allows is a tenth of a second's worth, 8 at least, in each of a prefix's two buckets. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void errorsAndEchoRepliesAreLimitedForASourcePrefixAndNotForOthers(int family) {
        String flooding = family == 0 ? "192.0.2." : "2001:db8:77::";
        for (int i = 0; i < 200; i++) {
            rig.receive(error(family, flooding + (1 + i), 4000));
            rig.receive(PacketBuilder.echoRequest(flooding + (1 + i), VIPS.get(family))
                    .build());
        }
        rig.receive(error(family, CLIENTS.get(family), 4000));
        rig.receive(
                PacketBuilder.echoRequest(CLIENTS.get(family), VIPS.get(family)).build());
        rig.work(nowNs);
        assertThat(rig.counter(WorkerCounter.ICMP_ERRORS)).isBetween(9L, LIMIT / 4L);
        assertThat(rig.counter(WorkerCounter.ECHO_REPLIES)).isBetween(9L, LIMIT / 4L);
        assertThat(rig.drops(DropReason.ICMP_RATE)).isEqualTo(201 - rig.counter(WorkerCounter.ICMP_ERRORS));
        assertThat(rig.drops(DropReason.ECHO_RATE)).isEqualTo(201 - rig.counter(WorkerCounter.ECHO_REPLIES));
        assertThat(rig.takeSent().getLast())
                .as("the quiet client's")
                .satisfies(frame -> assertThat(frame[14] >> 4).isEqualTo(family == 0 ? 4 : 6));

        long before = rig.counter(WorkerCounter.ECHO_REPLIES);
        for (int millisecond = 0; millisecond < 2000; millisecond++) {
            nowNs += SECOND_NS / 1000;
            rig.receive(
                    PacketBuilder.echoRequest(flooding + 1, VIPS.get(family)).build());
            rig.work(nowNs);
            rig.takeSent();
        }
        assertThat(rig.counter(WorkerCounter.ECHO_REPLIES) - before).isBetween(2L * LIMIT - 20, 2L * LIMIT + 20);
    }

    @Test
    void anErrorWhoseVipHasNoBackendIsDroppedForThatReason() {
        rig.reload(new TestConfig()
                .pool("web", TestConfig.backend("b1", "10.0.0.11", 0))
                .vip("web4", VIPS.get(0), Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .build());
        rig.receive(error(0, CLIENTS.get(0), 5000));
        rig.work(nowNs);
        assertThat(rig.drops(DropReason.NO_BACKEND)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatMayNotBeAnsweredIsCountedAndUsesUpNobodysLimit(int family) {
        byte[] request =
                PacketBuilder.echoRequest(CLIENTS.get(family), VIPS.get(family)).build();
        byte[] toMany = request.clone();
        toMany[0] |= 1;
        for (int i = 0; i < 100; i++) {
            rig.receive(toMany);
        }
        for (int i = 0; i < 9; i++) {
            rig.receive(request);
        }
        rig.work(nowNs);
        assertThat(rig.drops(DropReason.UNANSWERABLE)).isEqualTo(100);
        assertThat(rig.counter(WorkerCounter.ECHO_REPLIES)).isEqualTo(9);
        assertThat(rig.takeSent()).hasSize(9);
    }

    @Test
    void theLimitIsTheNodesAndEachWorkerHasItsShare() {
        DataplaneConfig dataplane =
                new TestConfig().workers(3).icmpPerSecond(LIMIT).build().dataplane();
        assertThat(WorkerTerms.of(dataplane, 0).icmpPerSecond()).isEqualTo(34);
        assertThat(WorkerTerms.ofNode(dataplane, 0).icmpPerSecond()).isEqualTo(LIMIT);
    }
}
