package io.l4lb.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.Seed;
import io.l4lb.testing.SentFrame;
import io.l4lb.testing.SharedEal;
import io.l4lb.testing.TestConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files around a replay: formats in, times out, paths, what cannot be written. Packets are the golden tests' matter. */
class ReplayTest {
    private static final String VIP = "198.51.100.1";

    @TempDir
    Path directory;

    private final L4lbConfig config = TestConfig.ofEveryKind().build();

    private static byte[] toVip(int l4Port, int payloadBytes) {
        return PacketBuilder.tcp("203.0.113.7", l4Port, VIP, 443, PacketBuilder.ACK)
                .payload(payloadBytes)
                .build();
    }

    private static byte[] notForUs() {
        return PacketBuilder.echoRequest("203.0.113.7", "198.51.100.99").build();
    }

    private CounterSnapshot replay(Path in, Path out, Optional<Path> punt) throws PcapException {
        return new Replay(SharedEal.get(), config, _ -> {}).run(in, out, punt);
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private static List<Long> timesMicros(Path capture) throws IOException {
        ByteBuffer data = ByteBuffer.wrap(Files.readAllBytes(capture)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(data.getInt(0)).isEqualTo(CaptureBytes.MICROSECONDS);
        List<Long> times = new ArrayList<>();
        for (int at = 24; at < data.capacity(); at += 16 + data.getInt(at + 8)) {
            assertThat(data.getInt(at + 12)).isEqualTo(data.getInt(at + 8));
            times.add(Integer.toUnsignedLong(data.getInt(at)) * 1_000_000 + data.getInt(at + 4));
        }
        return times;
    }

    @ParameterizedTest
    @CsvSource({
        "little, a1b2c3d4, 250000",
        "big, a1b2c3d4, 250000",
        "little, a1b23c4d, 250000999",
        "big, a1b23c4d, 250000000"
    })
    void timesAreCopiedInMicrosecondsWhateverTheFormat(String order, String magic, int fraction) throws Exception {
        ByteOrder byteOrder = order.equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        byte[] capture = CaptureBytes.classic(byteOrder, Integer.parseUnsignedInt(magic, 16), 2, 1)
                .record(CaptureBytes.SECONDS, fraction, toVip(1, 1))
                .record(CaptureBytes.SECONDS + 9, 0, notForUs())
                .record(CaptureBytes.SECONDS + 5, 0, toVip(1, 2))
                .bytes();
        Path out = directory.resolve("out.pcap");
        Path punt = directory.resolve("punt.pcap");
        replay(file("in.pcap", capture), out, Optional.of(punt));
        long second = 1_000_000L;
        assertThat(timesMicros(out))
                .containsExactly(CaptureBytes.SECONDS * second + 250_000, (CaptureBytes.SECONDS + 5) * second);
        assertThat(timesMicros(punt)).containsExactly((CaptureBytes.SECONDS + 9) * second);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void pcapngIsReadInBothByteOrders(boolean bigEndian) throws Exception {
        byte[] capture = CaptureBytes.ng(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                .ngInterface(1, 65_535)
                .enhanced(CaptureBytes.SECONDS * 1_000_000L + 7, toVip(1, 1))
                .comment("between")
                .obsolete(CaptureBytes.SECONDS * 1_000_000L + 8, toVip(1, 2))
                .simple(notForUs())
                .bytes();
        Path out = directory.resolve("out.pcap");
        CounterSnapshot counters = replay(file("in.pcapng", capture), out, Optional.empty());
        assertThat(timesMicros(out))
                .containsExactly(CaptureBytes.SECONDS * 1_000_000L + 7, CaptureBytes.SECONDS * 1_000_000L + 8);
        assertThat(counters.total(WorkerCounter.RX_PACKETS)).isEqualTo(3);
        assertThat(counters.drops(DropReason.PUNT_UNAVAILABLE)).isEqualTo(1);
    }

    @Test
    void flowsExpireByTheTimeOfTheCapture() throws Exception {
        CaptureBytes capture = CaptureBytes.classic();
        int[] seconds = {0, 800, 1600, 1600 + 902, 1600 + 903};
        for (int second : seconds) {
            capture.record(second, 0, toVip(1, 1));
        }
        CounterSnapshot counters =
                replay(file("in.pcap", capture.bytes()), directory.resolve("out.pcap"), Optional.empty());
        assertThat(counters.total(WorkerCounter.FLOW_MISSES)).isEqualTo(2);
        assertThat(counters.total(WorkerCounter.FLOW_EXPIRATIONS)).isEqualTo(1);
        assertThat(counters.total(WorkerCounter.FLOW_HITS)).isEqualTo(3);
    }

    @Test
    void aClockThatStepsBackInACaptureLosesNoFlow() throws Exception {
        CaptureBytes capture = CaptureBytes.classic();
        for (int i = 0; i < 40; i++) {
            capture.record(CaptureBytes.SECONDS - i * 3, 0, toVip(1, i));
        }
        CounterSnapshot counters =
                replay(file("in.pcap", capture.bytes()), directory.resolve("out.pcap"), Optional.empty());
        assertThat(counters.total(WorkerCounter.FLOW_MISSES)).isEqualTo(1);
        assertThat(counters.total(WorkerCounter.TX_PACKETS)).isEqualTo(40);
    }

    @Test
    void twoReplaysOfACaptureAreTheSameFileAndInOrder() throws Exception {
        CaptureBytes capture = CaptureBytes.classic();
        for (int i = 0; i < 5000; i++) {
            capture.record(CaptureBytes.SECONDS, i, i % 5 == 4 ? notForUs() : toVip(i, i % 1200));
        }
        Path in = file("in.pcap", capture.bytes());
        List<Path> outs = Stream.of("1", "2").map(directory::resolve).toList();
        List<Path> punts = Stream.of("3", "4").map(directory::resolve).toList();
        for (int run = 0; run < 2; run++) {
            replay(in, outs.get(run), Optional.of(punts.get(run)));
        }
        assertThat(outs.get(0)).hasSameBinaryContentAs(outs.get(1));
        assertThat(punts.get(0)).hasSameBinaryContentAs(punts.get(1));
        assertThat(timesMicros(outs.get(0))).hasSize(4000).isSorted();
        assertThat(timesMicros(punts.get(0))).hasSize(1000).isSorted();
    }

    @Test
    void pathsMayHaveCommasSpacesEqualsSignsAndOtherAlphabets() throws Exception {
        Path odd = Files.createDirectory(directory.resolve("a, b=c,d 'e' äß中"));
        byte[] capture = CaptureBytes.classic().record(1, 2, toVip(1, 1)).bytes();
        Path in = Files.write(odd.resolve("in, 1.pcap"), capture);
        replay(in, odd.resolve("out=,1"), Optional.of(odd.resolve("-punt ,")));
        assertThat(timesMicros(odd.resolve("out=,1"))).containsExactly(1_000_002L);
        assertThat(timesMicros(odd.resolve("-punt ,"))).isEmpty();
        assertThat(odd.toFile().list()).hasSize(3);
    }

    @Test
    void framesBeyondAnMbufAreDroppedAndTheRestIsForwarded() throws Exception {
        byte[] jumbo = new byte[200_000];
        byte[] capture = CaptureBytes.classic()
                .record(1, 2, toVip(1, 1))
                .record(1, 3, jumbo)
                .record(1, 4, toVip(1, 1))
                .bytes();
        Path out = directory.resolve("out.pcap");
        CounterSnapshot counters = replay(file("in.pcap", capture), out, Optional.empty());
        assertThat(counters.total(WorkerCounter.RX_PACKETS)).isEqualTo(3);
        assertThat(timesMicros(out)).containsExactly(1_000_002L, 1_000_004L);
    }

    @Test
    void aFrameWithoutAByteIsDroppedAsTruncated() throws Exception {
        byte[] capture = CaptureBytes.classic()
                .record(1, 2, new byte[0])
                .record(1, 3, toVip(1, 1))
                .bytes();
        CounterSnapshot counters = replay(file("in.pcap", capture), directory.resolve("out"), Optional.empty());
        assertThat(counters.drops(DropReason.ETHERNET_TRUNCATED)).isEqualTo(1);
        assertThat(counters.total(WorkerCounter.TX_PACKETS)).isEqualTo(1);
    }

    /** libpcap and DPDK read the file after the scan has passed it: a replay ends well, or with one line. */
    @Test
    void mutatedCapturesAreReplayedOrRefused() throws Exception {
        long seed = Seed.of(ReplayTest.class);
        SplittableRandom random = new SplittableRandom(seed);
        byte[][] captures = PcapScanTest.sound()
                .map(each -> ((CaptureBytes) each.get()[1]).bytes())
                .toArray(byte[][]::new);
        int replayed = 0;
        for (int i = 0; i < 150; i++) {
            byte[] bytes = captures[random.nextInt(captures.length)].clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                bytes[random.nextInt(random.nextBoolean() ? 150 : bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                replay(file("in.pcap", bytes), directory.resolve("out.pcap"), Optional.empty());
                replayed++;
            } catch (PcapException e) {
                assertThat(e.getMessage()).as("seed %d", seed).doesNotContain("\n");
            }
        }
        assertThat(replayed).isPositive();
    }

    @Test
    void anOutputThatTheDeviceCutShortIsAFault() throws Exception {
        byte[] written = CaptureBytes.classic().record(1, 2, new byte[60]).bytes();
        LongList times = new LongList();
        times.add(1);
        times.add(2);
        for (int cutBytes : new int[] {0, 10, 70}) {
            Path source = file("device", Arrays.copyOf(written, written.length - cutBytes));
            Path target = directory.resolve("cut.pcap");
            assertThatThrownBy(() -> PcapRetime.copy(source, times, target))
                    .isInstanceOf(PcapException.class)
                    .hasMessage(target + ": cannot be written: DPDK's pcap device wrote fewer packets than it took;"
                            + " is the disk full?");
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void aFullDeviceAsOutputIsAFaultInOneLine() throws Exception {
        Path in =
                file("in.pcap", CaptureBytes.classic().record(1, 2, toVip(1, 1)).bytes());
        assertThatThrownBy(() -> replay(in, Path.of("/dev/full"), Optional.empty()))
                .isInstanceOf(PcapException.class)
                .hasMessageStartingWith("/dev/full: cannot be written: ");
    }

    @Test
    void aFaultyCaptureLeavesAnOlderOutputAsItWas() throws Exception {
        Path in =
                file("in.pcap", CaptureBytes.classic().record(1, 2, toVip(1, 1)).cutBy(1));
        Path out = file("out.pcap", new byte[] {1, 2, 3});
        assertThatThrownBy(() -> replay(in, out, Optional.empty())).isInstanceOf(PcapException.class);
        assertThat(out).hasBinaryContent(new byte[] {1, 2, 3});
    }

    @Test
    void theFrameThatLeavesIsSound() throws Exception {
        Path out = directory.resolve("out.pcap");
        byte[] in = toVip(1, 33);
        replay(file("in.pcap", CaptureBytes.classic().record(1, 2, in).bytes()), out, Optional.empty());
        byte[] file = Files.readAllBytes(out);
        byte[] frame = Arrays.copyOfRange(file, 40, file.length);
        SentFrame sent = SentFrame.read(frame, frame.length, Replay.ETH_PORT_MAC.bytes());
        assertThat(Arrays.copyOfRange(frame, sent.innerOffset(), frame.length))
                .isEqualTo(Arrays.copyOfRange(in, 14, in.length));
    }
}
