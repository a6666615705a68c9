package io.l4lb.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.Seed;
import io.l4lb.testing.SentFrame;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Random datagrams in random fragments, in random order, repeated, overlapped, lost, of many senders at once: what the backends get
 * is looked at by {@link Reassembler} and {@link SlowModel}, and every mbuf is accounted for.
 */
class FragmentPropertyTest {
    private static final int ROUNDS = 3_000;
    private static final int DATAGRAMS_A_ROUND = 6;
    /** Half of what one source prefix may have held. */
    private static final int PARTS_MAX = 28;

    private static final int HOLD_MS = 300;
    private static final String[] VIPS = {"198.51.100.1", "2001:db8:f::1"};

    private final long seed = Seed.of(FragmentPropertyTest.class);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final PipelineRig rig = new PipelineRig(new TestConfig()
            .pool(
                    "web",
                    TestConfig.backend("b1", "10.0.0.11", 100),
                    TestConfig.backend("b2", "10.0.0.12", 100),
                    TestConfig.backend("b3", "10.0.0.13", 100))
            .vip("udp4", VIPS[0], Protocol.UDP, 53, "web", Encapsulation.IPIP)
            .vip("tcp4", VIPS[0], Protocol.TCP, 443, "web", Encapsulation.IPIP)
            .vip("udp6", VIPS[1], Protocol.UDP, 53, "web", Encapsulation.IPIP)
            .vip("tcp6", VIPS[1], Protocol.TCP, 443, "web", Encapsulation.IPIP)
            .fragments(4096, 400, HOLD_MS)
            .build());
    private long nowNs = 1;
    private int id;
    private int whole;
    private int refused;

    /** Frames to come, and what they are of. */
    private record Round(List<byte[]> frames, Map<String, byte[]> datagrams, Set<String> forged) {}

    @Test
    void whatABackendGetsIsWhatWasSentOrNotAll() {
        for (int round = 0; round < ROUNDS; round++) {
            try {
                Round next = next();
                check(next);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("round " + round + " of seed " + seed, e);
            }
        }
        assertThat(whole).isGreaterThan(ROUNDS);
        assertThat(refused).isGreaterThan(ROUNDS / 10);
        assertThat(rig.counter(WorkerCounter.FRAGMENTS_RELEASED)).isGreaterThan(ROUNDS);
        assertThat(rig.drops(DropReason.FRAGMENT_HOLD_FULL)).isZero(); // there is room for all
        assertThat(rig.counter(WorkerCounter.RX_PACKETS)).isEqualTo(rig.counter(WorkerCounter.TX_PACKETS) + allDrops());
        rig.close();
    }

    private long allDrops() {
        long drops = 0;
        for (DropReason reason : DropReason.values()) {
            drops += rig.drops(reason);
        }
        return drops;
    }

    private Round next() {
        List<byte[]> frames = new ArrayList<>();
        Map<String, byte[]> datagrams = new HashMap<>();
        Set<String> forged = new HashSet<>();
        for (int i = 0; i < DATAGRAMS_A_ROUND; i++) {
            int family = random.nextInt(2);
            Datagram datagram = new Datagram(packet(family), id++ & 0xffff);
            List<byte[]> parts = datagram.cut(8 * (3 + random.nextInt(150)));
            if (parts.size() > 1 && parts.size() < PARTS_MAX) {
                String key = Reassembler.key(packetOf(parts.getFirst()), family == 1);
                datagrams.put(key, datagram.data());
                if (damage(datagram, parts)) {
                    forged.add(key);
                }
                frames.addAll(parts);
            }
        }
        if (random.nextInt(4) != 0) {
            shuffle(frames);
        }
        return new Round(frames, datagrams, forged);
    }

    private byte[] packet(int family) {
        int site = random.nextInt(10_000); // a source prefix each: their shares are FragmentsTest's matter
        String client = family == 0
                ? "10." + site / 100 + "." + site % 100 + ".7"
                : "2001:db8:" + Integer.toHexString(0x1000 + site) + "::7";
        int payload = 40 + random.nextInt(6000);
        return random.nextBoolean()
                ? PacketBuilder.udp(client, 1000 + random.nextInt(1000), VIPS[family], 53)
                        .payload(payload)
                        .packet()
                : PacketBuilder.tcp(client, 1000 + random.nextInt(1000), VIPS[family], 443, PacketBuilder.ACK)
                        .payload(payload)
                        .packet();
    }

    /** {@return whether there are bytes of somebody else among the parts now, who may have come first} */
    private boolean damage(Datagram datagram, List<byte[]> parts) {
        int from = 8 * (1 + random.nextInt(datagram.dataBytes() / 8 - 1)); // at 0 the last would be no fragment
        int to = Math.min(datagram.dataBytes(), from + 8 * (1 + random.nextInt(100)));
        int kind = random.nextInt(12);
        switch (kind) {
            case 0, 1 -> parts.add(parts.get(random.nextInt(parts.size())));
            case 2 -> parts.add(datagram.part(from, to));
            case 3 -> parts.remove(random.nextInt(parts.size()));
            case 4 -> parts.add(datagram.fragment(from, new byte[8 * (1 + random.nextInt(20))], random.nextBoolean()));
            case 5 -> parts.add(datagram.fragment(from, new byte[random.nextInt(30)], true));
            case 6 -> parts.add(datagram.fragment(65_528, new byte[random.nextInt(60)], false));
            default -> {}
        }
        return kind >= 4 && kind <= 6;
    }

    private void shuffle(List<byte[]> frames) {
        for (int i = frames.size() - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            byte[] frame = frames.get(i);
            frames.set(i, frames.get(other));
            frames.set(other, frame);
        }
    }

    private void check(Round round) {
        SlowModel model = new SlowModel();
        List<byte[]> sent = new ArrayList<>();
        for (int from = 0; from < round.frames().size(); ) {
            int to = Math.min(round.frames().size(), from + 1 + random.nextInt(40));
            for (byte[] frame : round.frames().subList(from, to)) {
                rig.receive(frame);
                model.take(packetOf(frame));
            }
            rig.work(nowNs);
            nowNs += random.nextInt(200_000);
            sent.addAll(rig.takeSent());
            from = to;
        }
        assertThat(rig.heldMbufs()).isEqualTo(model.held());
        nowNs += HOLD_MS * 1_000_000L;
        rig.work(nowNs);
        assertThat(rig.heldMbufs()).isZero();
        checkSent(round, sent, model);
    }

    private void checkSent(Round round, List<byte[]> sent, SlowModel model) {
        Reassembler backend = new Reassembler();
        Map<String, String> backends = new HashMap<>();
        Set<String> made = new HashSet<>();
        List<String> inners = new ArrayList<>();
        for (byte[] frame : sent) {
            SentFrame read = SentFrame.read(frame, frame.length, rig.mac());
            byte[] inner = Arrays.copyOfRange(frame, read.innerOffset(), frame.length);
            String key = Reassembler.key(inner, inner[0] >> 4 == 6);
            String to = read.backend().toString();
            assertThat(backends.merge(key, to, (first, _) -> first)).isEqualTo(to);
            inners.add(Arrays.toString(inner));
            byte[] data = backend.take(inner);
            if (data != null) {
                made.add(key);
                assertThat(round.forged().contains(key)
                                || Arrays.equals(data, round.datagrams().get(key)))
                        .isTrue();
            }
        }
        assertThat(inners).containsExactlyInAnyOrderElementsOf(model.passed());
        assertThat(made).isEqualTo(model.whole());
        whole += made.size();
        refused += model.refused();
    }

    private static byte[] packetOf(byte[] frame) {
        return Arrays.copyOfRange(frame, 14, frame.length);
    }
}
