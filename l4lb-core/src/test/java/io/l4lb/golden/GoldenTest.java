package io.l4lb.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshot.WorkerSnapshot;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.golden.CaptureFile.Frame;
import io.l4lb.net.IpAddress;
import io.l4lb.replay.Replay;
import io.l4lb.testing.SharedEal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every golden case, through the code of {@code replay}: the frames, their order and times, and the counters. */
class GoldenTest {
    private static final Path ROOT =
            Path.of(System.getProperty("l4lb.root"), "l4lb-core", "src", "test", "resources", "golden");
    /** One of DESIGN's rows at least has been lost if there are fewer. */
    private static final int CASES_MIN = 320;

    @TempDir
    Path directory;

    @TestFactory
    Stream<DynamicTest> everyPacketLeavesAsTheGoldenCaseSays() throws IOException {
        return GoldenCase.allUnder(ROOT).stream()
                .map(golden ->
                        DynamicTest.dynamicTest(golden.name(), golden.folder().toUri(), () -> check(golden)));
    }

    @Test
    void noCaseIsLost() throws IOException {
        assertThat(GoldenCase.allUnder(ROOT)).hasSizeGreaterThanOrEqualTo(CASES_MIN);
    }

    private void check(GoldenCase golden) throws Exception {
        Path out = directory.resolve(golden.name() + ".out.pcap");
        Path punt = directory.resolve(golden.name() + ".punt.pcap");
        L4lbConfig config = configOf(golden);
        boolean kernelSide = golden.expected().kernelSide();
        CounterSnapshot counters = new Replay(SharedEal.get(), config, _ -> {})
                .run(golden.input(), out, Optional.of(punt).filter(_ -> kernelSide));
        SoftAssertions softly = new SoftAssertions();
        softly.assertThat(texts(CaptureFile.read(out), maskOf(golden, config)))
                .as("%s: sent", golden.words())
                .isEqualTo(texts(golden.output(), Optional.empty()));
        softly.assertThat(kernelSide ? texts(CaptureFile.read(punt), Optional.empty()) : List.of())
                .as("%s: punted", golden.words())
                .isEqualTo(texts(golden.punted(), Optional.empty()));
        softly.assertThat(summary(counters, golden.expected().counters().keySet()))
                .as("%s: counters", golden.words())
                .isEqualTo(golden.expected().summary());
        softly.assertAll();
    }

    private static L4lbConfig configOf(GoldenCase golden) {
        return switch (ConfigReader.read(golden.config())) {
            case ConfigResult.Loaded loaded -> loaded.config();
            case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.faults());
        };
    }

    private static Optional<HashMask> maskOf(GoldenCase golden, L4lbConfig config) {
        Optional<IpAddress> ipv4 = config.dataplane().outerSource().ipv4();
        Optional<IpAddress> ipv6 = config.dataplane().outerSource().ipv6();
        return Optional.of(new HashMask(
                golden.expected().masked(),
                ipv4.orElseThrow().bytes(),
                ipv6.orElseThrow().bytes()));
    }

    private static List<String> texts(List<Frame> frames, Optional<HashMask> mask) {
        return frames.stream()
                .map(frame ->
                        mask.map(fields -> fields.apply(frame)).orElse(frame).text())
                .toList();
    }

    /** @param further labels of counters that the case is about, beside those that every case states */
    private static Map<String, Long> summary(CounterSnapshot counters, Set<String> further) {
        Map<String, Long> summary = new TreeMap<>();
        for (WorkerCounter counter : List.of(
                WorkerCounter.RX_PACKETS,
                WorkerCounter.TX_PACKETS,
                WorkerCounter.PUNTED_PACKETS,
                WorkerCounter.ECHO_REPLIES,
                WorkerCounter.OUTER_FRAGMENTS)) {
            summary.put(counter.label(), counters.total(counter));
        }
        for (WorkerCounter counter : WorkerCounter.values()) {
            if (further.contains(counter.label())) {
                summary.put(counter.label(), counters.total(counter));
            }
        }
        for (WorkerSnapshot worker : counters.workers()) {
            summary.putAll(worker.drops().entrySet().stream()
                    .collect(Collectors.toMap(drop -> drop.getKey().label(), Map.Entry::getValue)));
        }
        return summary;
    }
}
