package io.l4lb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code replay} as a process: each run starts DPDK. What becomes of the packets is in GoldenTest and ReplayScapyIT. */
class ReplayCommandTest {
    private static final Path GOLDEN =
            Path.of(System.getProperty("l4lb.root"), "l4lb-core/src/test/resources/golden/any-port-tcp-ipv4");
    private static final int PACKETS = 7;
    private static final int ETHERNET = 1;
    private static final int LINUX_COOKED = 113;

    @TempDir
    private Path directory;

    private Path in;
    private Path out;

    @BeforeEach
    void copyCapture() throws IOException {
        in = Files.copy(GOLDEN.resolve("in.pcap"), directory.resolve("in.pcap"));
        out = directory.resolve("out.pcap");
    }

    private CommandRun replay(Path capture, Object... more) throws IOException, InterruptedException {
        return CommandRun.inChild(directory, arguments(capture, more));
    }

    /** For what must be refused before DPDK starts. */
    private CommandRun refused(Object... more) {
        return CommandRun.here(arguments(in, more));
    }

    private Object[] arguments(Path capture, Object... more) {
        List<Object> arguments =
                new ArrayList<>(List.of("replay", "-c", GOLDEN.resolve("config.yaml"), "--in", capture));
        arguments.addAll(List.of(more));
        if (!arguments.contains("--out")) {
            arguments.addAll(List.of("--out", out));
        }
        return arguments.toArray();
    }

    @Test
    void reportFileAndJsonOutputAreTheSameDocument() throws Exception {
        Path report = directory.resolve("r.json");

        CommandRun run = replay(in, "--json", "--report", report).succeeds();

        assertThat(JSON.std.mapFrom(Files.readString(report))).isEqualTo(run.json());
        assertThat(run.json()).containsEntry("node", "lb1").containsKeys("vips", "backends");
        assertThat((Map<?, ?>) ((List<?>) run.json().get("workers")).getFirst())
                .extracting("rxPackets", "txPackets", "puntedPackets")
                .containsExactly(PACKETS, PACKETS, 0);
        assertThat(out).isNotEmptyFile();
    }

    @Test
    void peopleGetATable() throws Exception {
        CommandRun run = replay(in).succeeds();

        assertThat(run.out()).containsPattern("rxPackets +" + PACKETS).contains("drops: none", "VIP", "backend");
    }

    static Stream<Arguments> badCaptures() {
        return Stream.of(
                Arguments.of("empty", new byte[0], "is empty"),
                Arguments.of("three bytes", new byte[3], "is truncated"),
                Arguments.of("header cut", Arrays.copyOf(pcapHeader(ETHERNET), 20), "is truncated"),
                Arguments.of("no packet", pcapHeader(ETHERNET), "holds no packet"),
                Arguments.of("packet header cut", Arrays.copyOf(pcapHeader(ETHERNET), 30), "is truncated"),
                Arguments.of("packet cut", packetOf(ETHERNET, 60, 59), "is truncated after packet 0"),
                Arguments.of("packet of 2 GiB", packetOf(ETHERNET, Integer.MAX_VALUE, 60), "is damaged"),
                Arguments.of("negative length", packetOf(ETHERNET, -1, 60), "is damaged"),
                Arguments.of("another link type", packetOf(LINUX_COOKED, 60, 60), "link type 113, expected 1"),
                Arguments.of(
                        "text", "no capture at all, but text".getBytes(StandardCharsets.UTF_8), "is not a capture"));
    }

    private static byte[] pcapHeader(int linkType) {
        return ByteBuffer.allocate(24)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0xa1b2c3d4)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(65535)
                .putInt(linkType)
                .array();
    }

    private static byte[] packetOf(int linkType, int claimedBytes, int bytes) {
        return ByteBuffer.allocate(24 + 16 + bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(pcapHeader(linkType))
                .putLong(0)
                .putInt(claimedBytes)
                .putInt(claimedBytes)
                .array();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badCaptures")
    void badCaptureIsOneLineAndLeavesNoOutput(String name, byte[] bytes, String reason) throws Exception {
        Path bad = Files.write(directory.resolve("bad.pcap"), bytes);

        replay(bad).failsWithOneLine(2, bad + ": " + reason);

        assertThat(out).doesNotExist();
    }

    @Test
    void missingCaptureIsOneLine() throws Exception {
        replay(directory.resolve("missing.pcap")).failsWithOneLine(2, "missing.pcap: no such file");
        replay(directory).failsWithOneLine(2, "is a directory, expected a capture");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--out", "--punt", "--report"})
    void outputThatCannotBeWrittenIsOneLineBeforeAnyWork(String option) {
        Path nowhere = directory.resolve("missing").resolve("file");

        refused(option, nowhere).failsWithOneLine(2, nowhere + ": cannot be written: no directory");
        refused(option, directory).failsWithOneLine(2, directory + ": is a directory");

        assertThat(out).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--punt", "--report"})
    void noOutputOverwritesAnother(String option) {
        refused(option, out).failsWithOneLine(2, out + ": is named twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--out", "--punt", "--report"})
    void noOutputOverwritesTheCapture(String option) throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link.pcap"), in);

        refused(option, in).failsWithOneLine(2, in + ": is named twice");
        refused(option, link).failsWithOneLine(2, link + ": is named twice");

        assertThat(in).hasSameBinaryContentAs(GOLDEN.resolve("in.pcap"));
    }
}
