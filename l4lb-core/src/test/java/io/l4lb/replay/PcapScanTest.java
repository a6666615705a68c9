package io.l4lb.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.l4lb.testing.Seed;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which captures are read, and in what one line the others are refused. */
class PcapScanTest {
    private static final byte[] SHORT_FRAME = new byte[61];
    private static final byte[] LONG_FRAME = new byte[1514];
    private static final ByteOrder BIG = ByteOrder.BIG_ENDIAN;
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

    @TempDir
    Path directory;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("in.pcap"), bytes);
    }

    private static CaptureBytes twoRecords(CaptureBytes capture) {
        return capture.record(1, 2, SHORT_FRAME).record(3, 4, LONG_FRAME);
    }

    private static CaptureBytes twoBlocks(CaptureBytes capture) {
        return capture.enhanced(1, SHORT_FRAME).comment("of another kind").enhanced(2, LONG_FRAME);
    }

    static Stream<Arguments> sound() {
        return Stream.of(
                arguments("little-endian", twoRecords(CaptureBytes.classic())),
                arguments("big-endian", twoRecords(CaptureBytes.classic(BIG, CaptureBytes.MICROSECONDS, 2, 1))),
                arguments("nanoseconds", twoRecords(CaptureBytes.classic(LITTLE, CaptureBytes.NANOSECONDS, 2, 1))),
                arguments(
                        "big-endian nanoseconds",
                        twoRecords(CaptureBytes.classic(BIG, CaptureBytes.NANOSECONDS, 2, 1))),
                arguments(
                        "link type with the length of a frame check sequence",
                        twoRecords(CaptureBytes.classic(LITTLE, CaptureBytes.MICROSECONDS, 2, 0x2400_0001))),
                arguments("pcapng", twoBlocks(CaptureBytes.ng())),
                arguments("big-endian pcapng", twoBlocks(CaptureBytes.ng(BIG).ngInterface(1, 0))),
                arguments(
                        "pcapng of simple packets",
                        CaptureBytes.ng().simple(SHORT_FRAME).simple(LONG_FRAME)),
                arguments(
                        "pcapng of obsolete packets",
                        CaptureBytes.ng().obsolete(1, SHORT_FRAME).obsolete(2, LONG_FRAME)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sound")
    void aSoundCaptureIsCounted(String name, CaptureBytes capture) throws Exception {
        assertThat(PcapScan.of(file(capture.bytes()))).as(name).isEqualTo(new PcapScan(2, LONG_FRAME.length));
    }

    static Stream<Arguments> faulty() {
        return Stream.concat(faultyHeadersAndRecords(), faultyBlocks());
    }

    private static Stream<Arguments> faultyHeadersAndRecords() {
        CaptureBytes classic = twoRecords(CaptureBytes.classic());
        return Stream.of(
                arguments("nothing", new byte[0], "is empty, expected a capture"),
                arguments("two bytes", new byte[] {1, 2}, "is truncated, expected a capture"),
                arguments(
                        "text",
                        "#!/bin/sh\n".repeat(9).getBytes(StandardCharsets.UTF_8),
                        "is not a capture (pcap or pcapng)"),
                arguments("half a file header", classic.cutBy(16 + 16 + 61 + 1514 + 10), "is truncated after packet 0"),
                arguments("no packets", CaptureBytes.classic().bytes(), "holds no packet"),
                arguments(
                        "no packets, pcapng", CaptureBytes.ng().comment("alone").bytes(), "holds no packet"),
                arguments("cut in the last frame", classic.cutBy(1), "is truncated after packet 1"),
                arguments("cut in the last header", classic.cutBy(1514 + 1), "is truncated after packet 1"),
                arguments(
                        "cut in the last block", twoBlocks(CaptureBytes.ng()).cutBy(1), "is truncated after packet 1"),
                arguments(
                        "cut in a block's type",
                        twoBlocks(CaptureBytes.ng()).cutBy(1516 + 32 - 2),
                        "is truncated after packet 1"),
                arguments(
                        "Wi-Fi",
                        CaptureBytes.classic(LITTLE, CaptureBytes.MICROSECONDS, 2, 105)
                                .bytes(),
                        "link type 105, expected 1 (Ethernet)"),
                arguments(
                        "Linux cooked, pcapng",
                        CaptureBytes.ng(BIG).ngInterface(113, 0).bytes(),
                        "link type 113, expected 1 (Ethernet)"),
                arguments(
                        "version 1",
                        twoRecords(CaptureBytes.classic(LITTLE, CaptureBytes.MICROSECONDS, 1, 1))
                                .bytes(),
                        "is of pcap version 1, expected 2"),
                arguments(
                        "a negative length",
                        CaptureBytes.classic().record(1, 2, -1, SHORT_FRAME).bytes(),
                        "is damaged: packet 1 claims 4294967295 bytes"),
                arguments(
                        "a huge length",
                        twoRecords(CaptureBytes.classic())
                                .record(1, 2, 262_145, SHORT_FRAME)
                                .bytes(),
                        "is damaged: packet 3 claims 262145 bytes"));
    }

    private static Stream<Arguments> faultyBlocks() {
        return Stream.of(
                arguments(
                        "a packet longer than its block",
                        CaptureBytes.ng().enhanced(1, 65, SHORT_FRAME).bytes(),
                        "is damaged: packet 1 claims 65 bytes"),
                arguments(
                        "a packet of negative length",
                        CaptureBytes.ng().enhanced(1, -5, SHORT_FRAME).bytes(),
                        "is damaged: packet 1 claims 4294967291 bytes"),
                arguments(
                        "a packet block without fields",
                        CaptureBytes.ng().block(6, new byte[8]).bytes(),
                        "is damaged: bad pcapng packet block"),
                arguments(
                        "a packet of an interface that is not there",
                        CaptureBytes.ng()
                                .block(6, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
                                .bytes(),
                        "is damaged: packet 1 is of interface 1, which has no pcapng block before it"),
                arguments(
                        "a packet before any interface",
                        CaptureBytes.ng(BIG).simple(SHORT_FRAME).bytes(),
                        "is damaged: packet 1 is of interface 0, which has no pcapng block before it"),
                arguments(
                        "a block of 8 bytes",
                        CaptureBytes.ng().block(5, 8, new byte[0], 8).bytes(),
                        "is damaged: a pcapng block of type 5 claims 8 bytes"),
                arguments(
                        "a block of 4 GB",
                        CaptureBytes.ng().block(5, -4, new byte[0], -4).bytes(),
                        "is damaged: a pcapng block of type 5 claims 4294967292 bytes"),
                arguments(
                        "a block whose lengths disagree",
                        CaptureBytes.ng().block(5, 20, new byte[8], 24).bytes(),
                        "is damaged: a pcapng block of type 5 claims 20 and 24 bytes"),
                arguments(
                        "a block of odd length",
                        CaptureBytes.ng().block(5, 21, new byte[9], 21).bytes(),
                        "is damaged: a pcapng block of type 5 claims 21 bytes"),
                arguments(
                        "a section of neither byte order",
                        CaptureBytes.ng(LITTLE).block(0x0a0d0d0a, new byte[16]).bytes(),
                        "is damaged: bad pcapng section header"));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("faulty")
    void aFaultyCaptureIsRefusedInOneLine(String name, byte[] bytes, String reason) throws IOException {
        Path file = file(bytes);
        assertThatThrownBy(() -> PcapScan.of(file))
                .as(name)
                .isInstanceOf(PcapException.class)
                .hasMessage(file + ": " + reason);
    }

    @Test
    void whatIsNotAFileIsRefusedInOneLine() {
        assertThatThrownBy(() -> PcapScan.of(directory))
                .isInstanceOf(PcapException.class)
                .hasMessage(directory + ": is a directory, expected a capture");
        Path missing = directory.resolve("missing, really.pcap");
        assertThatThrownBy(() -> PcapScan.of(missing))
                .isInstanceOf(PcapException.class)
                .hasMessage(missing + ": no such file");
    }

    /** Any bytes: a result or a {@link PcapException}, never anything else, nor memory without end. */
    @Test
    void mutatedCapturesAreReadOrRefused() throws IOException {
        long seed = Seed.of(PcapScanTest.class);
        SplittableRandom random = new SplittableRandom(seed);
        byte[][] captures =
                sound().map(each -> ((CaptureBytes) each.get()[1]).bytes()).toArray(byte[][]::new);
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = captures[random.nextInt(captures.length)].clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = random.nextInt(random.nextBoolean() ? 120 : bytes.length);
                bytes[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(4) * 85);
            }
            Path file = file(random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
            try {
                assertThat(PcapScan.of(file).packets()).isPositive();
            } catch (PcapException e) {
                assertThat(e.getMessage()).as("seed %d", seed).doesNotContain("\n");
                refused++;
            }
        }
        assertThat(refused).isBetween(300, 2900);
    }
}
