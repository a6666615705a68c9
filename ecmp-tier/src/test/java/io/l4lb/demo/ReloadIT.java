package io.l4lb.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.demo.client.Knock;
import io.l4lb.demo.lab.Knocks;
import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import io.l4lb.demo.lab.LabVip;
import io.l4lb.demo.lab.NodeCounters;
import io.l4lb.demo.lab.Transfer;
import io.l4lb.demo.lab.Transfers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Three nodes that reload changed weights over and over while downloads run through them and new connections are made: real TCP,
 * so a packet that is lost or sent to the wrong backend tells. {@code ControlIT} does the same as fast as a worker can. Prints
 * its figures.
 */
class ReloadIT {
    private static final Duration READY_LIMIT = Duration.ofMinutes(2);
    private static final Duration DOWNLOAD_LIMIT = Duration.ofSeconds(40);
    private static final Duration COUNTERS_LIMIT = Duration.ofSeconds(10);
    private static final int NODES = 3;
    private static final int RELOADS_PER_NODE = 334;
    /** They last five seconds; so many more every three. */
    private static final int DOWNLOADS = 112;

    private static final long MORE_NS = Duration.ofSeconds(3).toNanos();
    private static final long DOWNLOAD_BYTES = 192 * 1024;
    private static final int NEW_PER_SECOND = 50;
    private static final Pattern WEIGHT = Pattern.compile("weight: 100");
    private static final int WEIGHT_MAX = 1000;

    private static Lab lab;
    private final List<LabNode> nodes = new ArrayList<>();
    private final List<Transfers> waves = new ArrayList<>();
    private final List<Double> firstPacketMs = new ArrayList<>();
    private final Random random = new Random(11);

    @AfterAll
    static void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void aThousandReloadsUnderRunningDownloadsBreakNoConnection() throws IOException, InterruptedException {
        start();
        List<Knock> knocks;
        double seconds;
        List<Transfer> downloads = new ArrayList<>();
        try (Knocks running = lab.knock(NEW_PER_SECOND)) {
            seconds = reload();
            for (Transfers wave : waves) {
                downloads.addAll(wave.await(DOWNLOAD_LIMIT));
            }
            knocks = running.soFar();
        }
        List<NodeCounters> counters = restingCounters();
        print(seconds, downloads, knocks, counters);

        assertThat(firstPacketMs).hasSize(NODES * RELOADS_PER_NODE);
        assertThat(downloads).hasSize(waves.size() * DOWNLOADS).allSatisfy(download -> {
            assertThat(download.ok()).as(download::toString).isTrue();
            assertThat(download.bytes()).isEqualTo(DOWNLOAD_BYTES);
        });
        assertThat(knocks).isNotEmpty().allMatch(Knock::answered);
        assertThat(counters).allSatisfy(node -> {
            assertThat(node.drops()).isEmpty();
            assertThat(node.flowRepins()).isZero();
            assertThat(node.txPackets()).isPositive().isEqualTo(node.rxPackets());
        });
    }

    private void start() throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason();
        reason.ifPresent(text -> System.err.println("ReloadIT is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        lab = new Lab("l4lb-reload-" + ProcessHandle.current().pid());
        lab.up(NODES);
        for (int number = 1; number <= NODES; number++) {
            nodes.add(lab.startNode(number));
        }
        for (LabNode node : nodes) {
            node.awaitReady(READY_LIMIT);
        }
    }

    /** {@return how long it took, in seconds} */
    private double reload() throws IOException, InterruptedException {
        long startNs = System.nanoTime();
        long waveNs = startNs - MORE_NS;
        for (int i = 0; i < NODES * RELOADS_PER_NODE; i++) {
            if (System.nanoTime() - waveNs >= MORE_NS) {
                waves.add(lab.request(urls(), DOWNLOADS, DOWNLOAD_LIMIT));
                waveNs = System.nanoTime();
            }
            int number = 1 + i % NODES;
            lab.configure(
                    number,
                    text -> WEIGHT.matcher(text).replaceAll(_ -> "weight: " + (1 + random.nextInt(WEIGHT_MAX))));
            Map<String, Object> answer = nodes.get(number - 1).post("reload", "{}");
            firstPacketMs.add(((Number) answer.get("firstPacketMs")).doubleValue());
        }
        return (System.nanoTime() - startNs) / 1e9;
    }

    private static List<String> urls() throws IOException {
        return Stream.generate(lab.vips()::stream)
                .flatMap(all -> all)
                .limit(DOWNLOADS)
                .map(LabVip::slowFile)
                .toList();
    }

    /** {@return the counters when what was received has been dealt with}: a node publishes them ten times a second. */
    private List<NodeCounters> restingCounters() throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + COUNTERS_LIMIT.toNanos();
        List<NodeCounters> before = List.of();
        List<NodeCounters> now = counters();
        while (!now.equals(before) && System.nanoTime() - deadlineNs < 0) {
            Thread.sleep(500);
            before = now;
            now = counters();
        }
        return now;
    }

    private List<NodeCounters> counters() throws IOException, InterruptedException {
        List<NodeCounters> counters = new ArrayList<>();
        for (LabNode node : nodes) {
            counters.add(node.counters());
        }
        return counters;
    }

    private void print(double seconds, List<Transfer> downloads, List<Knock> knocks, List<NodeCounters> counters) {
        List<Double> sorted = firstPacketMs.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "ReloadIT: %d reloads of %d nodes in %.1f s; %d of %d downloads broken or short, %d of %d new connections"
                        + " failed; nodes received %,d packets, sent %,d, dropped %s, moved %d flows; first packet on the new"
                        + " table after %.1f ms (median), %.1f ms (99 %%), %.1f ms (longest)%n",
                sorted.size(),
                NODES,
                seconds,
                downloads.stream()
                        .filter(download -> !download.ok() || download.bytes() != DOWNLOAD_BYTES)
                        .count(),
                downloads.size(),
                knocks.stream().filter(knock -> !knock.answered()).count(),
                knocks.size(),
                counters.stream().mapToLong(NodeCounters::rxPackets).sum(),
                counters.stream().mapToLong(NodeCounters::txPackets).sum(),
                counters.stream().map(NodeCounters::drops).toList(),
                counters.stream().mapToLong(NodeCounters::flowRepins).sum(),
                sorted.get(sorted.size() / 2),
                sorted.get(sorted.size() * 99 / 100),
                sorted.getLast());
    }
}
