package io.l4lb.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.testing.MemoryMbufs;
import io.l4lb.testing.MemorySink;
import io.l4lb.testing.ReferenceModel;
import io.l4lb.testing.ReferenceModel.Outcome;
import io.l4lb.testing.Seed;
import io.l4lb.testing.TestConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ten million random and mutated frames through a whole worker, each ending at memory that cannot be read. What becomes of
 * each is compared with {@link ReferenceModel}, and what leaves with the packet that came ({@link FrameCheck}).
 */
class MalformedFramesTest {
    private static final int FRAMES = 10_000_000;
    private static final int BURST = 32;
    private static final int FRAME_BYTES_MAX = 2048;
    /** 50 us a burst: the ten million frames last 16 s, so flows expire too. */
    private static final long BURST_NS = 50_000;

    /** What a frame alone cannot bring about: it takes a device, a kernel's side, or many frames of one source. */
    private static final Set<DropReason> NOT_FROM_THE_WIRE = EnumSet.of(
            DropReason.ACCESS_DENIED,
            DropReason.FRAGMENT_PIECES,
            DropReason.FRAGMENT_TIMEOUT,
            DropReason.BACKEND_NOT_CONFIGURED,
            DropReason.ICMP_RATE,
            DropReason.ECHO_RATE,
            DropReason.ACCESS_DENIED,
            DropReason.NEW_FLOW_RATE,
            DropReason.VIP_RATE,
            DropReason.MULTI_SEGMENT,
            DropReason.NO_HEADROOM,
            DropReason.NO_MBUF,
            DropReason.PUNT_UNAVAILABLE,
            DropReason.PUNT_RATE,
            DropReason.KERNEL_TX_FULL,
            DropReason.TX_FULL,
            DropReason.NEXT_HOP_UNRESOLVED,
            DropReason.WORKER_ERROR);

    /** What becomes of a fragment is FragmentPropertyTest's matter; here: that it is one of these, and counted. */
    private static final Set<DropReason> OF_FRAGMENTS = EnumSet.of(
            DropReason.FRAGMENT_TINY,
            DropReason.FRAGMENT_MALFORMED,
            DropReason.FRAGMENT_DUPLICATE,
            DropReason.FRAGMENT_OVERLAP,
            DropReason.FRAGMENT_REFUSED,
            DropReason.FRAGMENT_PROTOCOL,
            DropReason.FRAGMENT_HOLD_FULL,
            DropReason.IPV6_EXTENSION_LIMIT,
            DropReason.TCP_DATA_OFFSET,
            DropReason.UDP_LENGTH,
            DropReason.NO_BACKEND,
            DropReason.TOO_BIG);

    /** What becomes of an error about an encapsulated packet is the golden cases' matter; here likewise. */
    private static final Set<DropReason> OF_TUNNEL_ERRORS =
            EnumSet.of(DropReason.TUNNEL_ERROR, DropReason.TUNNEL_ERROR_INVALID, DropReason.ICMP_RATE);

    private static final Set<Outcome> MAY_BE_PUNTED = EnumSet.of(Outcome.PUNT, Outcome.FRAGMENT, Outcome.TUNNEL_ERROR);

    private final L4lbConfig config = TestConfig.ofEveryKind()
            .flows(1024)
            .idleSeconds(5, 2)
            .fragments(1024, 0, 300) // mbufs are used again with every burst: none is held
            .build();
    private final PipelineRig rig = new PipelineRig(config);
    private final ReferenceModel model = new ReferenceModel(config);
    private final FrameCheck check = new FrameCheck(config, rig.mac());

    private final byte[][] frames = new byte[BURST][FRAME_BYTES_MAX];
    private final int[] lengths = new int[BURST];
    private final Outcome[] expected = new Outcome[BURST];
    private final int[] fates = new int[BURST];
    private final byte[] left = new byte[FRAME_BYTES_MAX + MemoryMbufs.HEADROOM_BYTES];
    private final long[] expectedDrops = new long[DropReason.count()];
    private long expectedEchoReplies;
    /** Of fragments, and of errors about encapsulated packets. */
    private long drops;

    private long sent;
    private long punted;

    @AfterEach
    void free() {
        rig.close();
    }

    @Test
    void everyFrameIsForwardedUntouchedAnsweredPuntedOrDroppedForItsReason() {
        long seed = Seed.of(MalformedFramesTest.class);
        FrameMutator mutator = new FrameMutator(FrameCorpus.all(), new SplittableRandom(seed));
        for (int burst = 0; burst < FRAMES / BURST; burst++) {
            try {
                fill(mutator);
                rig.worker().doWork(burst * BURST_NS);
                checkFates();
                rig.takeBackAll();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("burst " + burst + " of seed " + seed, e);
            }
        }
        checkTotals();
    }

    /** Twice: with the lengths in its headers as they were, and with the IP header's made to fit. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyFrameCutAtEveryByteIsForwardedUntouchedAnsweredPuntedOrDroppedForItsReason(boolean fitIpLength) {
        List<byte[]> cut = new ArrayList<>();
        for (byte[] frame : FrameCorpus.all()) {
            for (int length = 0; length <= frame.length; length++) {
                byte[] rest = Arrays.copyOf(frame, length);
                if (fitIpLength && length >= 14) {
                    FrameMutator.fitIpLength(rest, length);
                }
                cut.add(rest);
            }
        }
        for (int from = 0; from + BURST <= cut.size(); from += BURST) {
            for (int i = 0; i < BURST; i++) {
                System.arraycopy(cut.get(from + i), 0, frames[i], 0, cut.get(from + i).length);
                prepare(i, cut.get(from + i).length);
            }
            rig.worker().doWork(from * BURST_NS);
            checkFates();
            rig.takeBackAll();
        }
    }

    private void fill(FrameMutator mutator) {
        for (int i = 0; i < BURST; i++) {
            prepare(i, mutator.next(frames[i]));
        }
    }

    private void prepare(int i, int length) {
        lengths[i] = length;
        model.judge(frames[i], length);
        expected[i] = model.outcome();
        if (expected[i] == Outcome.TUNNEL_ERROR) {
            neverTooBig(frames[i], model.l4());
        }
        if (expected[i] == Outcome.DROP) {
            expectedDrops[model.reason().ordinal()]++;
        } else if (expected[i] == Outcome.ECHO) {
            expectedEchoReplies++;
        }
        fates[i] = 0;
        rig.mbufs.setFrame(i, frames[i], length);
        rig.ethPorts.getFirst().rxQueue.add(rig.mbufs.address(i));
    }

    /** It could lower the path MTU of all later packets: PathMtuTest's matter. Another error instead. */
    private static void neverTooBig(byte[] frame, int icmp) {
        boolean ipv6 = (frame[icmp] & 0xff) == 2;
        if (ipv6 || (frame[icmp] == 3 && frame[icmp + 1] == 4)) {
            frame[icmp] = (byte) (ipv6 ? 4 : 12);
        }
    }

    private void checkFates() {
        PipelineRig.EthPortRig ethPort = rig.ethPorts.getFirst();
        MemorySink released = rig.released;
        for (int i = 0; i < ethPort.txQueue.size(); i++) {
            int index = fateOf(ethPort.txQueue.mbuf(i));
            model.judge(frames[index], lengths[index]);
            int end = i + 1;
            while (end < ethPort.txQueue.size() && rig.mbufs.index(ethPort.txQueue.mbuf(end)) >= PipelineRig.MBUFS) {
                end++;
            }
            if (end == i + 1) {
                check.sent(model, frames[index], lengths[index], left, rig.mbufs.copyFrame(index, left));
            } else {
                List<byte[]> fragments = rig.frames(ethPort.txQueue).subList(i, end);
                check.sentInFragments(model, frames[index], lengths[index], fragments);
                i = end - 1;
            }
        }
        for (int i = 0; i < ethPort.puntQueue.size(); i++) {
            int index = fateOf(ethPort.puntQueue.mbuf(i));
            require(MAY_BE_PUNTED.contains(expected[index]), index, "punted");
            check.untouched(frames[index], lengths[index], left, rig.mbufs.copyFrame(index, left));
        }
        for (int i = 0; i < released.size(); i++) {
            int index = fateOf(released.mbuf(i));
            if (expected[index] == Outcome.TO_VIP) {
                model.judge(frames[index], lengths[index]);
                expectedDrops[check.reasonNotSent(model).ordinal()]++;
            } else if (expected[index] == Outcome.FRAGMENT || expected[index] == Outcome.TUNNEL_ERROR) {
                drops++;
            } else {
                require(expected[index] == Outcome.DROP, index, "released");
            }
        }
        for (int i = 0; i < BURST; i++) {
            require(fates[i] == 1, i, "given to " + fates[i] + " owners");
        }
        sent += ethPort.txQueue.size();
        punted += ethPort.puntQueue.size();
        checkDrops();
    }

    private int fateOf(long mbuf) {
        int index = rig.mbufs.index(mbuf);
        fates[index]++;
        return index;
    }

    private void require(boolean right, int index, String fate) {
        if (!right) {
            throw new AssertionError("frame was " + fate + ", expected " + expected[index] + ": "
                    + HexFormat.of().formatHex(frames[index], 0, lengths[index]));
        }
    }

    private void checkDrops() {
        long counted = 0;
        for (int reason = 0; reason < expectedDrops.length; reason++) {
            long more = rig.drops(DropReason.of(reason)) - expectedDrops[reason];
            counted += more;
            DropReason why = DropReason.of(reason);
            if (more < 0 || (more > 0 && !OF_FRAGMENTS.contains(why) && !OF_TUNNEL_ERRORS.contains(why))) {
                throw new AssertionError(DropReason.of(reason) + ": counted " + rig.drops(DropReason.of(reason))
                        + ", expected " + expectedDrops[reason]);
            }
        }
        if (counted != drops) {
            throw new AssertionError(drops + " fragments and errors dropped, counted " + counted);
        }
    }

    private void checkTotals() {
        long allDrops = 0;
        for (DropReason reason : DropReason.values()) {
            allDrops += rig.drops(reason);
            System.out.printf("%-26s %,12d%n", reason.label(), rig.drops(reason));
            if (!NOT_FROM_THE_WIRE.contains(reason)) {
                assertThat(rig.drops(reason)).as(reason.label()).isPositive();
            }
        }
        for (WorkerCounter counter : WorkerCounter.values()) {
            System.out.printf("%-26s %,12d%n", counter.label(), rig.counter(counter));
        }
        assertThat(rig.counter(WorkerCounter.RX_PACKETS)).isEqualTo(FRAMES);
        assertThat(rig.counter(WorkerCounter.TX_PACKETS)).isEqualTo(sent).isPositive();
        assertThat(rig.counter(WorkerCounter.PUNTED_PACKETS)).isEqualTo(punted).isPositive();
        assertThat(rig.counter(WorkerCounter.ECHO_REPLIES))
                .isEqualTo(expectedEchoReplies)
                .isPositive();
        assertThat(sent + punted + allDrops).isEqualTo(FRAMES + rig.counter(WorkerCounter.OUTER_FRAGMENTS));
        assertThat(check.kinds()).contains("ipip", "gue", "gre", "l2", "too-big", "fragments", "told");
        for (WorkerCounter counter : List.of(
                WorkerCounter.FLOW_HITS,
                WorkerCounter.FLOW_MISSES,
                WorkerCounter.FLOW_EVICTIONS,
                WorkerCounter.FLOW_EXPIRATIONS)) {
            assertThat(rig.counter(counter)).as(counter.label()).isPositive();
        }
    }
}
