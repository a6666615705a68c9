package io.l4lb.bpf;

import static io.l4lb.bpf.BpfProgram.XDP_DROP;
import static io.l4lb.bpf.BpfProgram.XDP_PASS;
import static io.l4lb.bpf.Frames.PROTOCOL_GRE;
import static io.l4lb.bpf.Frames.PROTOCOL_IPV4;
import static io.l4lb.bpf.Frames.PROTOCOL_UDP;
import static io.l4lb.bpf.Frames.checksum;
import static io.l4lb.bpf.Frames.ethernet;
import static io.l4lb.bpf.Frames.frameOf;
import static io.l4lb.bpf.Frames.hex;
import static io.l4lb.bpf.Frames.inner;
import static io.l4lb.bpf.Frames.ipv4;
import static io.l4lb.bpf.Frames.ipv6;
import static io.l4lb.bpf.Frames.join;
import static io.l4lb.bpf.Frames.outer;
import static io.l4lb.bpf.Frames.udp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code decapsulate.bpf.c} in the kernel: bytes in, bytes and verdict and counter out. */
class DecapsulateIT {
    private static final int LEFT_ALONE = 16;
    private static final int FRAGMENT = 17;
    private static final int MALFORMED = 18;
    private static final int UNSUPPORTED = 19;
    private static final int CONGESTED = 20;
    private static final int COUNTERS = 22;

    private static final byte[] INNER = inner(false, 0);
    private static final int MUTATED_FRAMES = 500;
    private static final List<Tunnel> TUNNELS = List.of(Tunnel.values());

    @TempDir
    private static Path workDirectory;

    private static BpfProgram program;

    @BeforeAll
    static void load() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root to load a BPF program");
        program = new BpfProgram("decapsulate", workDirectory);
    }

    @AfterAll
    static void unload() throws IOException {
        if (program != null) {
            program.close();
        }
    }

    static Stream<Arguments> mixes() {
        return TUNNELS.stream()
                .flatMap(tunnel -> Stream.of(
                        Arguments.of(tunnel, false, false),
                        Arguments.of(tunnel, false, true),
                        Arguments.of(tunnel, true, false),
                        Arguments.of(tunnel, true, true)));
    }

    @ParameterizedTest(name = "{0} outer IPv6 {1} inner IPv6 {2}")
    @MethodSource("mixes")
    void innerPacketComesOutByteForByte(Tunnel tunnel, boolean outerIpv6, boolean innerIpv6) throws IOException {
        byte[] inner = inner(innerIpv6, 0x2a);
        assertThat(outcome(
                        frameOf(tunnel.wrap(outerIpv6, 0x2a, inner)),
                        XDP_PASS,
                        tunnel.counterIndex(outerIpv6, innerIpv6)))
                .isEqualTo(frameOf(inner));
    }

    @ParameterizedTest(name = "{0} outer IPv6 {1} inner IPv6 {2}")
    @MethodSource("mixes")
    void truncatedPacketIsNeverStripped(Tunnel tunnel, boolean outerIpv6, boolean innerIpv6) throws IOException {
        byte[] frame = frameOf(tunnel.wrap(outerIpv6, 0, inner(innerIpv6, 0)));
        long[] before = program.counters(COUNTERS);
        int count = 0;
        for (int length = frame.length - 1; length >= 14; length -= length > 80 ? 7 : 1) {
            byte[] truncated = Arrays.copyOf(frame, length);
            assertThat(program.run(truncated).frame()).as("%d bytes", length).isEqualTo(truncated);
            count++;
        }
        long[] after = program.counters(COUNTERS);
        assertThat(Arrays.copyOf(after, LEFT_ALONE)).isEqualTo(Arrays.copyOf(before, LEFT_ALONE));
        assertThat(after[LEFT_ALONE] + after[MALFORMED] - before[LEFT_ALONE] - before[MALFORMED])
                .isEqualTo(count);
    }

    @Test
    void ethernetPaddingBehindTheOuterPacketIsNoFault() throws IOException {
        byte[] padding = new byte[9];
        assertThat(outcome(join(frameOf(Tunnel.IPIP.wrap(false, 0, INNER)), padding), XDP_PASS, 0))
                .isEqualTo(join(frameOf(INNER), padding));
    }

    @Test
    void outerIpv4OptionsAreStripped() throws IOException {
        byte[] frame = frameOf(ipv4(PROTOCOL_IPV4, 0, 0x4000, hex("01010101 01010100"), INNER));
        assertThat(outcome(frame, XDP_PASS, 0)).isEqualTo(frameOf(INNER));
    }

    @Test
    void whatIsNoTunnelIsLeftAlone() throws IOException {
        leftAlone(frameOf(INNER), LEFT_ALONE);
        leftAlone(frameOf(inner(true, 0)), LEFT_ALONE);
        leftAlone(ethernet(0x0806, new byte[28]), LEFT_ALONE);
        leftAlone(ethernet(0x8100, join(hex("00010800"), Tunnel.IPIP.wrap(false, 0, INNER))), LEFT_ALONE);
        leftAlone(frameOf(outer(false, PROTOCOL_UDP, 0, udp(6081, join(hex("00040000"), INNER)))), LEFT_ALONE);
        leftAlone(frameOf(ipv6(0, 0, join(hex("0400010400000000"), INNER))), LEFT_ALONE);
        byte[] ihlOf4 = frameOf(Tunnel.IPIP.wrap(false, 0, INNER));
        ihlOf4[14] = 0x44;
        leftAlone(ihlOf4, LEFT_ALONE);
    }

    @Test
    void otherUsersOfGreAreLeftAlone() throws IOException {
        for (String header : new String[] {"00006558", "00010800", "40000800", "08000800", "2001880b"}) {
            leftAlone(frameOf(outer(false, PROTOCOL_GRE, 0, join(hex(header), new byte[8], INNER))), LEFT_ALONE);
        }
    }

    @Test
    void fragmentsAreLeftToTheKernel() throws IOException {
        leftAlone(frameOf(ipv4(PROTOCOL_IPV4, 0, 0x2000, hex(""), INNER)), FRAGMENT);
        leftAlone(frameOf(ipv4(PROTOCOL_IPV4, 0, 0x00b9, hex(""), INNER)), FRAGMENT);
        leftAlone(frameOf(ipv6(44, 0, join(hex("0400000100000001"), INNER))), FRAGMENT);
    }

    @Test
    void innerPacketThatContradictsItsTunnelIsDropped() throws IOException {
        byte[] noIpVersion = INNER.clone();
        noIpVersion[0] = 0x55;
        byte[] shortHeader = INNER.clone();
        shortHeader[0] = 0x44;
        byte[] tooLong = INNER.clone();
        tooLong[3]++;
        byte[] tooLong6 = inner(true, 0);
        tooLong6[5]++;
        dropped(frameOf(outer(false, PROTOCOL_IPV4, 0, inner(true, 0))), MALFORMED);
        dropped(frameOf(outer(true, 41, 0, INNER)), MALFORMED);
        dropped(frameOf(outer(true, PROTOCOL_IPV4, 0, noIpVersion)), MALFORMED);
        dropped(frameOf(outer(false, PROTOCOL_IPV4, 0, shortHeader)), MALFORMED);
        dropped(frameOf(Tunnel.GRE.wrap(false, 0, tooLong)), MALFORMED);
        dropped(join(frameOf(Tunnel.GUE.wrap(true, 0, tooLong6)), new byte[4]), MALFORMED);
    }

    @Test
    void gueThatIsNotUnderstoodIsDropped() throws IOException {
        for (String header : new String[] {"20040000", "80040000", "c0040000", "00040001", "00048000", "003b0000"}) {
            dropped(
                    frameOf(outer(false, PROTOCOL_UDP, 0, udp(Tunnel.GUE_L4_PORT, join(hex(header), INNER)))),
                    UNSUPPORTED);
        }
    }

    @Test
    void gueWithWrongUdpLengthIsDropped() throws IOException {
        byte[] packet = Tunnel.GUE.wrap(false, 0, INNER);
        packet[25]--;
        dropped(frameOf(packet), MALFORMED);
    }

    @Test
    void congestionMarkOfTheOuterHeaderGoesOn() throws IOException {
        byte[] marked = frameOf(inner(false, 0x2b));
        byte[] out = outcome(frameOf(Tunnel.GUE.wrap(true, 3, inner(false, 0x2a))), XDP_PASS, 6);
        assertThat(out).isEqualTo(marked);
        assertThat(checksum(Arrays.copyOfRange(out, 14, 34))).isZero();
        assertThat(outcome(frameOf(Tunnel.IPIP.wrap(false, 3, inner(false, 0x29))), XDP_PASS, 0))
                .isEqualTo(marked);
        assertThat(outcome(frameOf(Tunnel.IPIP.wrap(false, 3, inner(true, 0x29))), XDP_PASS, 1))
                .isEqualTo(frameOf(inner(true, 0x2b)));
        assertThat(outcome(frameOf(Tunnel.GRE.wrap(false, 3, inner(false, 0x2b))), XDP_PASS, 12))
                .isEqualTo(marked);
    }

    @Test
    void congestionMarkOnFlowWithoutEcnIsADrop() throws IOException {
        dropped(frameOf(Tunnel.IPIP.wrap(false, 3, inner(false, 0))), CONGESTED);
        dropped(frameOf(Tunnel.IPIP.wrap(true, 3, inner(true, 0))), CONGESTED);
    }

    /** Whatever comes in, what comes out is the frame itself or one that ends with the same bytes. */
    @Test
    void mutatedPacketsAreStrippedOrLeftOrDropped() throws IOException {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < MUTATED_FRAMES; i++) {
            byte[] frame = mutated(random);
            BpfProgram.Run run = program.run(frame);
            byte[] out = run.frame();
            int stripped = frame.length - out.length;
            assertThat(run.verdict()).as("seed %d frame %d", seed, i).isIn(XDP_PASS, XDP_DROP);
            assertThat(stripped).as("seed %d frame %d", seed, i).isBetween(0, 60 + 8 + 128);
            assertThat(Arrays.copyOfRange(out, 34, out.length))
                    .as("seed %d frame %d", seed, i)
                    .isEqualTo(Arrays.copyOfRange(frame, 34 + stripped, frame.length));
        }
    }

    private static byte[] mutated(SplittableRandom random) {
        Tunnel tunnel = TUNNELS.get(random.nextInt(TUNNELS.size()));
        byte[] frame = frameOf(tunnel.wrap(random.nextBoolean(), random.nextInt(4), inner(random.nextBoolean(), 2)));
        for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
            frame[random.nextInt(12, Math.min(frame.length, 100))] ^= (byte) (1 << random.nextInt(8));
        }
        return frame;
    }

    private static void leftAlone(byte[] frame, int counterIndex) throws IOException {
        assertThat(outcome(frame, XDP_PASS, counterIndex)).isEqualTo(frame);
    }

    private static void dropped(byte[] frame, int counterIndex) throws IOException {
        outcome(frame, XDP_DROP, counterIndex);
    }

    private static byte[] outcome(byte[] frame, int verdict, int counterIndex) throws IOException {
        long[] before = program.counters(COUNTERS);
        BpfProgram.Run run = program.run(frame);
        assertThat(run.verdict()).as("verdict").isEqualTo(verdict);
        assertThat(program.countedSince(before)).as("counter").isEqualTo(counterIndex);
        return run.frame();
    }
}
