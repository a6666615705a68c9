package io.l4lb.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.access.FlowTerms;
import io.l4lb.config.access.FlowTerms.Mode;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.SentFrame;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bounds, times and owners; which fragment becomes what is also the golden cases' matter. {@code family}: 0 or 1. */
class FragmentsTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1000 * MS;
    private static final int HOLD_MS = 300;
    private static final int HELD = 256;
    private static final String[] VIPS = {"198.51.100.1", "2001:db8:f::1"};
    private static final String[] CLIENTS = {"203.0.113.9", "2001:db8:2::9"};

    private final PipelineRig rig = rig(64, HELD);
    private long nowNs = SECOND;

    private static TestConfig config() {
        return new TestConfig()
                .pool(
                        "web",
                        TestConfig.backend("b1", "10.0.0.11", 100),
                        TestConfig.backend("b2", "10.0.0.12", 100),
                        TestConfig.backend("b3", "10.0.0.13", 100))
                .vip("udp4", VIPS[0], Protocol.UDP, 53, "web", Encapsulation.IPIP)
                .vip("udp6", VIPS[1], Protocol.UDP, 53, "web", Encapsulation.IPIP)
                .vip("tcp4", VIPS[0], Protocol.TCP, 443, "web", Encapsulation.IPIP);
    }

    private static PipelineRig rig(int datagrams, int held) {
        return new PipelineRig(config().fragments(datagrams, held, HOLD_MS).build(), 2, true);
    }

    @AfterEach
    void everyMbufHasGoneBack() {
        rig.worker().dropHeld();
        assertThat(rig.heldMbufs()).isZero();
        rig.close();
    }

    private static Datagram datagram(int family, int l4Port, int bytes, int id) {
        return Datagram.udp(CLIENTS[family], l4Port, VIPS[family], bytes, id);
    }

    private void come(byte[] frame) {
        rig.receive(frame);
        rig.work(nowNs);
    }

    private Set<String> backends(List<byte[]> frames) {
        Set<String> backends = new HashSet<>();
        for (byte[] frame : frames) {
            backends.add(
                    SentFrame.read(frame, frame.length, rig.mac()).backend().toString());
        }
        return backends;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void allFragmentsGoToTheBackendOfTheFirstWhateverTheirOrder(int family) {
        for (int flow = 0; flow < 20; flow++) {
            Datagram datagram = datagram(family, 1000 + flow, 4000, flow);
            List<byte[]> frames = datagram.cut(1000);
            if (flow % 2 == 0) {
                Collections.reverse(frames);
            }
            frames.forEach(rig::receive);
            rig.work(nowNs);
            List<byte[]> sent = rig.takeSent();
            assertThat(sent).hasSize(5);
            assertThat(backends(sent)).hasSize(1);
            come(PacketBuilder.udp(CLIENTS[family], 1000 + flow, VIPS[family], 53)
                    .build());
            assertThat(backends(rig.takeSent())).isEqualTo(backends(sent));
        }
        assertThat(rig.counter(WorkerCounter.FRAGMENTS)).isEqualTo(100);
        assertThat(rig.counter(WorkerCounter.FRAGMENTS_HELD)).isEqualTo(40);
        assertThat(rig.counter(WorkerCounter.FRAGMENTS_RELEASED)).isEqualTo(40);
        assertThat(rig.counter(WorkerCounter.FLOWS)).isEqualTo(20);
        assertThat(rig.counter(WorkerCounter.FLOW_QUOTES_UNKNOWN)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatIsHeldLeavesInTheOrderOfItsArrivalBehindTheFirst(int family) {
        Datagram datagram = datagram(family, 7, 64_000, 1);
        List<byte[]> frames = datagram.cut(1400);
        for (int i = frames.size() - 1; i > 0; i--) {
            come(frames.get(i));
        }
        assertThat(rig.takeSent()).isEmpty();
        assertThat(rig.counter(WorkerCounter.FRAGMENTS_WAITING)).isEqualTo(frames.size() - 1);
        rig.receive(PacketBuilder.udp(CLIENTS[family], 8, VIPS[family], 53).build());
        come(frames.getFirst());
        List<byte[]> sent = rig.takeSent();
        assertThat(sent).hasSize(frames.size() + 1);
        for (int i = 1; i < sent.size(); i++) {
            byte[] frame = i == 1 ? frames.getFirst() : frames.get(frames.size() + 1 - i);
            assertThat(inner(sent.get(i))).isEqualTo(Arrays.copyOfRange(frame, 14, frame.length));
        }
        assertThat(rig.counter(WorkerCounter.FRAGMENTS_WAITING)).isZero();
    }

    private byte[] inner(byte[] frame) {
        return Arrays.copyOfRange(
                frame, SentFrame.read(frame, frame.length, rig.mac()).innerOffset(), frame.length);
    }

    @Test
    void eachFragmentLeavesByTheEthPortThatItCameBy() {
        List<byte[]> frames = datagram(0, 7, 4000, 1).cut(1000);
        rig.receive(1, frames.get(3));
        rig.receive(0, frames.get(2));
        rig.receive(1, frames.get(1));
        rig.work(nowNs);
        rig.receive(0, frames.get(0));
        rig.work(nowNs);
        assertThat(rig.sent(0)).hasSize(2);
        assertThat(rig.sent(1)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aFragmentWaitsForItsFirstAsLongAsConfiguredAlsoWhenNothingElseComes(int family) {
        List<byte[]> frames = datagram(family, 7, 2000, 1).cut(1000);
        come(frames.get(1));
        nowNs += (HOLD_MS - 1) * MS;
        rig.work(nowNs);
        assertThat(rig.drops(DropReason.FRAGMENT_TIMEOUT)).isZero();
        nowNs += MS;
        rig.work(nowNs);
        assertThat(rig.drops(DropReason.FRAGMENT_TIMEOUT)).isEqualTo(1);
        assertThat(rig.heldMbufs()).isZero();
        come(frames.get(0));
        assertThat(rig.takeSent()).hasSize(1);
    }

    @Test
    void whatIsHeldOfADatagramGoesWhenItsOldestHasWaitedForTooLong() {
        List<byte[]> frames = datagram(0, 7, 5000, 1).cut(1000);
        for (int i = 1; i < 5; i++) {
            come(frames.get(i));
            nowNs += 60 * MS;
        }
        come(datagram(0, 8, 2000, 2).part(1000, 2008));
        nowNs += 60 * MS;
        rig.work(nowNs);
        assertThat(rig.drops(DropReason.FRAGMENT_TIMEOUT)).isEqualTo(4);
        assertThat(rig.heldMbufs()).isEqualTo(1);
    }

    @Test
    void roomIsBoundedForADatagram() {
        Datagram datagram = datagram(0, 7, 8000, 1);
        for (int part = 1; part <= HeldPackets.DATAGRAM_MAX + 3; part++) {
            come(datagram.part(part * 16, part * 16 + 16));
        }
        assertThat(rig.heldMbufs()).isEqualTo(HeldPackets.DATAGRAM_MAX);
        assertThat(rig.drops(DropReason.FRAGMENT_HOLD_FULL)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aFloodOfOneSourcePrefixLeavesRoomForOthers(int family) {
        String prefix = family == 0 ? "192.0.2." : "2001:db8:77::";
        for (int id = 0; id < 2 * HELD; id++) {
            come(Datagram.udp(prefix + (1 + id % 200), 7, VIPS[family], 2000, id)
                    .part(1000, 2008));
        }
        int flooding = rig.heldMbufs();
        assertThat(flooding).isEqualTo(HeldPackets.DATAGRAM_MAX);
        for (byte[] frame : datagram(family, 7, 30_000, 9).cut(1000).reversed()) {
            come(frame);
        }
        assertThat(rig.takeSent()).hasSize(31);
        nowNs += HOLD_MS * MS;
        rig.work(nowNs);
        assertThat(rig.heldMbufs()).isZero();
        come(Datagram.udp(prefix + 1, 7, VIPS[family], 2000, 9_999).part(1000, 2008));
        assertThat(rig.heldMbufs()).as("its room is its again").isEqualTo(1);
    }

    @Test
    void roomIsBoundedForAllSources() {
        for (int id = 0; id < 2 * HELD; id++) {
            come(Datagram.udp("10." + id / 250 + "." + id % 250 + ".1", 7, VIPS[0], 2000, id)
                    .part(1000, 2008));
        }
        // 64 datagrams are known: of a bucket's four the oldest goes, and with it what was held
        assertThat(rig.heldMbufs()).isBetween(1, 64);
        assertThat(rig.drops(DropReason.FRAGMENT_HOLD_FULL)).isEqualTo(2L * HELD - rig.heldMbufs());
    }

    @Test
    void noneIsHeldWhereThereIsNoRoomAtAll() {
        try (PipelineRig none = rig(64, 0)) {
            List<byte[]> frames = datagram(0, 7, 2000, 1).cut(1000);
            none.receive(frames.get(1));
            none.receive(frames.get(0));
            none.receive(frames.get(2));
            none.work(nowNs);
            assertThat(none.takeSent()).hasSize(2);
            assertThat(none.drops(DropReason.FRAGMENT_HOLD_FULL)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void anIdentificationIsUsedAgainOnceItsDatagramIsWhole(int family) {
        for (int flow = 0; flow < 3; flow++) {
            datagram(family, 1000 + flow, 2000, 77).cut(1000).forEach(this::come);
            nowNs += Fragments.REPEAT_NS - 1;
            come(datagram(family, 1000 + flow, 2000, 77).part(0, 1000)); // repeated
            nowNs += 1;
        }
        assertThat(rig.takeSent()).hasSize(9);
        assertThat(rig.drops(DropReason.FRAGMENT_DUPLICATE)).isEqualTo(3);
        come(datagram(family, 1002, 2000, 77).part(1000, 2000));
        assertThat(rig.drops(DropReason.FRAGMENT_DUPLICATE)).isEqualTo(4);
        assertThat(rig.heldMbufs()).isZero();
        nowNs += Fragments.WHOLE_LIFE_NS;
        come(datagram(family, 1002, 2000, 77).part(1000, 2000));
        assertThat(rig.heldMbufs()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void nothingOfADatagramPassesAfterAnOverlapForAsLongAsABackendMightPutItTogether(int family) {
        Datagram datagram = datagram(family, 7, 4000, 5);
        come(datagram.part(0, 1000));
        come(datagram.part(2000, 3000));
        assertThat(rig.takeSent()).hasSize(2);
        come(datagram.part(2992, 3992));
        come(datagram.part(1000, 2000));
        come(datagram.part(0, 1000));
        assertThat(rig.drops(DropReason.FRAGMENT_OVERLAP)).isEqualTo(1);
        assertThat(rig.drops(DropReason.FRAGMENT_REFUSED)).isEqualTo(2);
        nowNs += Fragments.LIFE_NS - 1;
        come(datagram.part(1000, 2000));
        assertThat(rig.drops(DropReason.FRAGMENT_REFUSED)).isEqualTo(3);
        nowNs += 1;
        come(datagram.part(0, 1000));
        assertThat(rig.takeSent()).hasSize(1);
    }

    @Test
    void anOverlapDropsWhatIsHeldToo() {
        Datagram datagram = datagram(0, 7, 4000, 5);
        come(datagram.part(1000, 2000));
        come(datagram.part(2000, 3000));
        come(datagram.part(2992, 3992));
        assertThat(rig.drops(DropReason.FRAGMENT_OVERLAP)).isEqualTo(1);
        assertThat(rig.drops(DropReason.FRAGMENT_REFUSED)).isEqualTo(2);
        assertThat(rig.heldMbufs()).isZero();
    }

    @Test
    void aFragmentedSynProvesNoConnection() {
        byte[] syn = PacketBuilder.tcp(CLIENTS[0], 7, VIPS[0], 443, PacketBuilder.SYN)
                .payload(80)
                .packet();
        Datagram datagram = new Datagram(syn, 3);
        come(datagram.part(0, 48));
        come(datagram.part(48, 100));
        assertThat(rig.takeSent()).hasSize(2);
        assertThat(rig.counter(WorkerCounter.FLOW_HITS)).isZero();
        assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isEqualTo(1);
    }

    @Test
    void theFragmentsOfWhatNoVipServesAreTheKernelsAlsoWhenTheirVipGoesMeanwhile() {
        byte[] other =
                PacketBuilder.udp(CLIENTS[0], 7, VIPS[0], 9).payload(3000).packet();
        for (byte[] frame : new Datagram(other, 3).cut(1000).reversed()) {
            come(frame);
        }
        assertThat(rig.punted()).hasSize(4);
        Datagram datagram = datagram(0, 7, 2000, 4);
        come(datagram.part(0, 1000));
        rig.reload(new TestConfig()
                .pool("web", TestConfig.backend("b1", "10.0.0.11", 100))
                .vip("tcp4", VIPS[0], Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .build());
        come(datagram.part(1000, 2008));
        assertThat(rig.punted()).hasSize(5);
        assertThat(rig.takeSent()).hasSize(1);
    }

    /** Nothing of a datagram is of use without its first fragment, and the backend would wait for it for 30 s. */
    @Test
    void aDatagramWhoseFirstFragmentIsDroppedForItsFlowIsRefused() {
        int begun = 8; // what a ceiling of 1 lets begin at once
        rig.reload(config().terms(new FlowTerms(Optional.empty(), 1, 0, Mode.STATEFUL))
                .build());
        for (int flow = 0; flow < begun; flow++) {
            come(PacketBuilder.tcp(CLIENTS[0], flow, VIPS[0], 443, PacketBuilder.SYN)
                    .build());
        }
        for (long id = 1; id < 4; id++) {
            List<byte[]> parts = segment((int) id).cut(1000);
            if (id == 1) {
                parts.forEach(this::come);
            } else {
                (id == 2 ? parts : parts.reversed()).forEach(rig::receive);
                rig.work(nowNs);
            }
            assertThat(rig.drops(DropReason.VIP_RATE)).isEqualTo(id);
            assertThat(rig.drops(DropReason.FRAGMENT_REFUSED)).isEqualTo(4 * id);
        }
        segment(9).cut(1000).reversed().forEach(this::come);
        assertThat(rig.drops(DropReason.FRAGMENT_REFUSED)).isEqualTo(16);
        assertThat(rig.heldMbufs()).isZero();
        assertThat(rig.counter(WorkerCounter.TX_PACKETS)).isEqualTo(begun);
        assertThat(rig.counter(WorkerCounter.FRAGMENTS)).isZero();
    }

    private static Datagram segment(int id) {
        byte[] syn = PacketBuilder.tcp(CLIENTS[0], 4000 + id, VIPS[0], 443, PacketBuilder.SYN)
                .payload(4000)
                .packet();
        return new Datagram(syn, id);
    }

    @Test
    void whatWasRefusedByItsFirstFragmentToComeBlocksItsIdentificationForASecond() {
        byte[] tiny = new Datagram(
                        PacketBuilder.udp(CLIENTS[0], 7, VIPS[0], 53)
                                .payload(100)
                                .packet(),
                        9)
                .part(0, 0);
        come(tiny);
        assertThat(rig.drops(DropReason.FRAGMENT_MALFORMED)).isEqualTo(1);
        come(datagram(0, 7, 2000, 9).part(0, 1000));
        assertThat(rig.drops(DropReason.FRAGMENT_REFUSED)).isEqualTo(1);
        nowNs += Fragments.UNHEARD_LIFE_NS;
        come(datagram(0, 7, 2000, 9).part(0, 1000));
        assertThat(rig.takeSent()).hasSize(1);
    }
}
