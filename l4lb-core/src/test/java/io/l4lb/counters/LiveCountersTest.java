package io.l4lb.counters;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The cells that a worker writes and others read. */
class LiveCountersTest {
    private static final int PACKETS = 3_000_000;

    @Test
    void everyCounterAndEveryReasonHasACellOfItsOwn() {
        WorkerCounters counters = new WorkerCounters();
        for (WorkerCounter counter : WorkerCounter.values()) {
            counters.add(counter, 1L << counter.ordinal());
        }
        for (DropReason reason : DropReason.values()) {
            counters.countDrop(reason.ordinal(), 1000 + reason.ordinal());
        }
        assertThat(Arrays.stream(WorkerCounter.values()).map(counters::get))
                .containsExactlyElementsOf(Arrays.stream(WorkerCounter.values())
                        .map(counter -> 1L << counter.ordinal())
                        .toList());
        assertThat(Arrays.stream(DropReason.values()).map(counters::drops))
                .containsExactlyElementsOf(Arrays.stream(DropReason.values())
                        .map(reason -> 1000L + reason.ordinal())
                        .toList());
        counters.close();
    }

    @Test
    void theFirstAndTheLastNumbersOfVipsAndDestinationsDoNotTouch() {
        TrafficCounters counters = new TrafficCounters(65_536, 1 << 20);
        counters.countVip(1, Tally.plus(Tally.NONE, 100));
        counters.countDestination(0, 100);
        counters.countVip(65_535, Tally.plus(Tally.NONE, 7));
        counters.countDestination((1 << 20) - 1, 7);
        counters.countVip(65_535, Tally.plus(Tally.NONE, 1));
        counters.countDestination(0, 1);
        assertThat(counters.vipPackets(1)).isEqualTo(1);
        assertThat(counters.vipBytes(1)).isEqualTo(100);
        assertThat(counters.vipPackets(65_535)).isEqualTo(2);
        assertThat(counters.vipBytes(65_535)).isEqualTo(8);
        assertThat(counters.destinationPackets(0)).isEqualTo(2);
        assertThat(counters.destinationBytes(0)).isEqualTo(101);
        assertThat(counters.destinationBytes((1 << 20) - 1)).isEqualTo(7);
        assertThat(counters.destinationPackets(1)).isZero();
        counters.close();
    }

    @Test
    void aReaderSeesCountsThatOnlyGrowWhileTheWorkerCounts() {
        WorkerCounters counters = new WorkerCounters();
        CompletableFuture<Void> worker = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < PACKETS; i++) {
                counters.countTransmitted(1, 1L << 33);
            }
        });
        long lastBytes = 0;
        while (!worker.isDone()) {
            long bytes = counters.get(WorkerCounter.TX_BYTES);
            assertThat(bytes).isGreaterThanOrEqualTo(lastBytes);
            assertThat(bytes % (1L << 33)).isZero();
            lastBytes = bytes;
        }
        worker.join();
        assertThat(counters.get(WorkerCounter.TX_PACKETS)).isEqualTo(PACKETS);
        assertThat(counters.get(WorkerCounter.TX_BYTES)).isEqualTo((long) PACKETS << 33);
        counters.close();
    }
}
