package io.l4lb.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.message.sbe.Purpose;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.testing.Seed;
import java.util.Arrays;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Bytes that nobody wrote: refused with a reason or read within bounds, never an exception. */
class BatchFuzzTest {
    private static final int ROUNDS = 200_000;
    private static final byte[] CURIOUS = {0, 1, -1, 127, -128, 4, 16, 24, 40};

    private final Random random = new Random(Seed.of(BatchFuzzTest.class));
    private final ReplicaNumbers numbers = new ReplicaNumbers();
    private final BatchReader reader = new BatchReader(numbers);
    private long readable;
    private long told;
    private long refused;

    @Test
    void mutatedBatchesAreRefusedOrRead() {
        BatchChecksum checksum = new BatchChecksum();
        byte[][] batches = new byte[20][];
        Arrays.setAll(batches, index -> batch(random.nextInt(30)));
        for (int round = 0; round < ROUNDS; round++) {
            byte[] batch = mutate(batches[random.nextInt(batches.length)]);
            // the buffer is as long as the batch: a read beyond it is an exception
            UnsafeBuffer buffer = new UnsafeBuffer(batch);
            if (batch.length > BatchDescriptor.CHECKSUM_OFFSET + 4 && random.nextInt(10) > 0) {
                int right = checksum.of(buffer, 0, batch.length);
                buffer.putInt(BatchDescriptor.CHECKSUM_OFFSET, right);
            }
            read(buffer, 0, batch.length);
        }
        // both outcomes are really tested
        assertThat(readable).isGreaterThan(ROUNDS / 20);
        assertThat(refused).isGreaterThan(ROUNDS / 20);
        assertThat(told).isPositive();
        assertThat(numbers.nodeCount()).isLessThanOrEqualTo(ReplicaNumbers.NODES_MAX);
    }

    @Test
    void noiseAndImpossibleWindowsAreRefused() {
        byte[] noise = new byte[4096];
        for (int round = 0; round < 20_000; round++) {
            random.nextBytes(noise);
            read(new UnsafeBuffer(noise), 0, random.nextInt(noise.length + 1));
        }
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[100]);
        int[][] windows = {{-1, 50}, {0, 101}, {90, 11}, {50, -1}, {Integer.MAX_VALUE, Integer.MAX_VALUE}, {101, 0}};
        for (int[] window : windows) {
            read(buffer, window[0], window[1]);
        }

        assertThat(readable).isZero();
        assertThat(refused).isEqualTo(20_000 + windows.length);
    }

    /** A page that the disk has lost reads as zeroes. */
    @Test
    void anyZeroedPartIsFound() {
        byte[] whole = batch(1000);
        for (int start = 0; start < whole.length; start += 512) {
            byte[] torn = whole.clone();
            Arrays.fill(torn, start, Math.min(start + 512, torn.length), (byte) 0);
            if (!Arrays.equals(torn, whole)) { // the last bytes of an event may be zeroes anyway
                read(new UnsafeBuffer(torn), 0, torn.length);
            }
        }

        assertThat(readable).isZero();
    }

    private void read(UnsafeBuffer buffer, int offset, int length) {
        if (reader.wrap(buffer, offset, length)) {
            readable++;
            EventModel.Collector collector = new EventModel.Collector(numbers);
            reader.forEach(collector);
            told += collector.events.size();
            assertThat(collector.events.size()).isLessThanOrEqualTo(reader.eventCount());
        } else {
            refused++;
            assertThat(reader.problem()).isNotEmpty();
        }
    }

    private byte[] batch(int events) {
        ReplicaNumbers own = new ReplicaNumbers();
        BatchWriter writer = new BatchWriter(own);
        writer.begin(1, 2, 3, 4, Purpose.JOURNAL, false);
        EventModel.random(random, events).forEach(event -> EventModel.add(event, writer, own));
        byte[] batch = new byte[writer.finish()];
        writer.buffer().getBytes(0, batch);
        return batch;
    }

    private byte[] mutate(byte[] whole) {
        byte[] batch = random.nextInt(4) == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length * 2)) : whole.clone();
        for (int changes = random.nextInt(4); changes > 0 && batch.length > 0; changes--) {
            // as often the header as all the rest
            int reach = random.nextBoolean() ? Math.min(80, batch.length) : batch.length;
            int value = random.nextBoolean() ? CURIOUS[random.nextInt(CURIOUS.length)] : random.nextInt();
            batch[random.nextInt(reach)] = (byte) value;
        }
        return batch;
    }
}
