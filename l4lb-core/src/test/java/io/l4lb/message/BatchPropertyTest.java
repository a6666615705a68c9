package io.l4lb.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.message.EventModel.Event;
import io.l4lb.message.sbe.FlowBatchEncoder.Ipv4EventsEncoder;
import io.l4lb.message.sbe.FlowBatchEncoder.Ipv6EventsEncoder;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.replica.ClaimDescriptor;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.testing.Seed;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What one node writes another one reads, by name: their numbers differ. */
class BatchPropertyTest {
    private final ReplicaNumbers writerNumbers = new ReplicaNumbers();
    private final ReplicaNumbers readerNumbers = new ReplicaNumbers();
    private final BatchWriter writer = new BatchWriter(writerNumbers);
    private final BatchReader reader = new BatchReader(readerNumbers);

    @Test
    void readerTellsWhatTheWriterWasTold() {
        Random random = new Random(Seed.of(BatchPropertyTest.class));
        // numbers that are already taken on one side
        random.ints(50).forEach(number -> readerNumbers.backend(0, number & 0xff, false));
        for (int batch = 0; batch < 300; batch++) {
            List<Event> events = EventModel.random(random, random.nextInt(BatchDescriptor.EVENTS_MAX + 1));
            long lamport = random.nextLong(ClaimDescriptor.LAMPORT_MAX / 2 + 1);
            long[] header = {random.nextLong(), random.nextLong(), lamport, random.nextLong()};
            Purpose purpose = Purpose.values()[random.nextInt(5)];
            boolean first = random.nextBoolean();
            writer.begin(header[0], header[1], header[2], header[3], purpose, first);
            events.forEach(event -> EventModel.add(event, writer, writerNumbers));
            assertThat(writer.count()).isEqualTo(events.size());
            assertThat(writer.isFull()).isEqualTo(events.size() == BatchDescriptor.EVENTS_MAX);
            int length = writer.finish();
            EventModel.Collector told = new EventModel.Collector(readerNumbers);

            int offset = random.nextInt(9);
            UnsafeBuffer copy = new UnsafeBuffer(
                    random.nextBoolean() ? ByteBuffer.allocateDirect(length + 9) : ByteBuffer.allocate(length + 9));
            copy.putBytes(offset, writer.buffer(), 0, length);
            assertThat(reader.wrap(copy, offset, length)).as(reader.problem()).isTrue();
            reader.forEach(told);

            assertThat(told.events).isEqualTo(EventModel.asRead(events));
            assertThat(new long[] {reader.incarnation(), reader.sequence(), reader.lamport(), reader.writtenMs()})
                    .isEqualTo(header);
            assertThat(reader.purpose()).isEqualTo(purpose);
            assertThat(reader.isFirstOfItsKind()).isEqualTo(first);
            assertThat(reader.eventCount()).isEqualTo(events.size());
        }
        assertThat(reader.skippedCount()).isZero();
    }

    @Test
    void eventsHaveTheirStatedSizes() {
        assertThat(Ipv4EventsEncoder.sbeBlockLength()).isEqualTo(24);
        assertThat(Ipv6EventsEncoder.sbeBlockLength()).isEqualTo(40);
    }

    @Test
    void largestBatchFitsAFrame() {
        writer.begin(1, 1, 1, 1, Purpose.JOURNAL, false);
        for (int index = 0; index < BatchDescriptor.EVENTS_MAX; index++) {
            int vip = writerNumbers.vip(0, index, false, 6);
            int backend = writerNumbers.backend(1, index, true);
            writer.addIpv6(1, 2, 3, vip, backend, 4, true, 5, writerNumbers.node("n" + index), 6);
        }
        int length = writer.finish();

        assertThat(length).isEqualTo(BatchDescriptor.LENGTH_MAX_BYTES).isLessThan(1 << 20);
        assertThat(reader.wrap(writer.buffer(), 0, length)).isTrue();
    }

    @Test
    void eventWithoutARoomForItsNumbersIsSkippedAndCounted() {
        for (int index = 0; index < ReplicaNumbers.BACKENDS_MAX; index++) {
            readerNumbers.backend(1, index, true);
        }
        writer.begin(1, 1, 1, 1, Purpose.JOURNAL, false);
        int vip = writerNumbers.vip(0, 1, false, 6);
        int node = writerNumbers.node("a");
        writer.addIpv4(1, vip, writerNumbers.backend(2, 7, true), 4, true, 5, node, 6);
        writer.addIpv4(2, vip, writerNumbers.backend(1, 7, true), 4, true, 5, node, 6);
        // a state that only a newer node knows, a time that is none
        writer.addIpv4(3, vip, writerNumbers.backend(1, 7, true), 5, true, 5, node, 6);
        writer.addIpv4(4, vip, writerNumbers.backend(1, 7, true), 4, true, 0, node, 6);
        int length = writer.finish();
        EventModel.Collector told = new EventModel.Collector(readerNumbers);

        assertThat(reader.wrap(writer.buffer(), 0, length)).isTrue();
        reader.forEach(told);

        assertThat(told.events)
                .singleElement()
                .satisfies(event -> assertThat(event.low()).isEqualTo(2));
        assertThat(reader.skippedCount()).isEqualTo(3);
    }

    @Test
    void batchAllocatesNoMoreThanTheNamesOfItsNodes() {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int vip = writerNumbers.vip(0, 1, false, 6);
        int node = writerNumbers.node("a");
        for (int index = 0; index < 5000; index++) {
            writerNumbers.backend(0, index, false);
        }
        write(2000, vip, node);
        long before = threads.getCurrentThreadAllocatedBytes();
        write(2000, vip, node);

        // SBE turns a name into bytes
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(2000L * 200);
    }

    private void write(int batches, int vip, int node) {
        for (int batch = 0; batch < batches; batch++) {
            writer.begin(1, batch, 1, 1, Purpose.JOURNAL, false);
            for (int index = 0; !writer.isFull(); index++) {
                writer.addIpv4(index, vip, (batch + index) % 5000, 4, true, 5, node, 6);
            }
            writer.finish();
        }
    }
}
