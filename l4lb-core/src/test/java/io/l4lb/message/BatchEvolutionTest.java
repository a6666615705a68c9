package io.l4lb.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.message.EventModel.Event;
import io.l4lb.message.sbe.FlowBatchDecoder;
import io.l4lb.message.sbe.MessageHeaderDecoder;
import io.l4lb.message.sbe.MessageHeaderEncoder;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.testing.Seed;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A batch as a newer node writes it: fields appended to the message and to each group, another group at the end. */
class BatchEvolutionTest {
    private static final int GROUPS = 5;
    private static final int GROUP_HEADER_BYTES = 4;

    private final ReplicaNumbers numbers = new ReplicaNumbers();
    private final Random random = new Random(Seed.of(BatchEvolutionTest.class));

    @Test
    void todaysReaderSkipsWhatANewerSchemaAppends() {
        List<Event> events = EventModel.random(random, 500);
        BatchWriter writer = new BatchWriter(numbers);
        writer.begin(7, 8, 9, 10, Purpose.CHECKPOINT_END, false);
        events.forEach(event -> EventModel.add(event, writer, numbers));
        int length = writer.finish();
        UnsafeBuffer newer = new UnsafeBuffer(new byte[length * 2]);
        int newerLength = extended(writer.buffer(), newer);
        BatchReader reader = new BatchReader(numbers);
        EventModel.Collector told = new EventModel.Collector(numbers);

        assertThat(reader.wrap(newer, 0, newerLength)).as(reader.problem()).isTrue();
        reader.forEach(told);

        assertThat(newerLength).isGreaterThan(length + 500 * 3);
        assertThat(told.events).isEqualTo(EventModel.asRead(events));
        assertThat(reader.sequence()).isEqualTo(8);
        assertThat(reader.purpose()).isEqualTo(Purpose.CHECKPOINT_END);
    }

    @Test
    void purposeThatOnlyANewerNodeKnowsIsNotAFault() {
        BatchWriter writer = new BatchWriter(numbers);
        writer.begin(7, 8, 9, 10, Purpose.JOURNAL, false);
        UnsafeBuffer batch = new UnsafeBuffer(new byte[writer.finish()]);
        batch.putBytes(0, writer.buffer(), 0, batch.capacity());
        batch.putByte(MessageHeaderDecoder.ENCODED_LENGTH + FlowBatchDecoder.purposeEncodingOffset(), (byte) 99);
        sign(batch, batch.capacity());
        BatchReader reader = new BatchReader(numbers);

        assertThat(reader.wrap(batch, 0, batch.capacity())).isTrue();
        assertThat(reader.purpose()).isEqualTo(Purpose.NULL_VAL);
    }

    /** {@return the length of the copy, in which each block has 3 to 9 more bytes} */
    private int extended(DirectBuffer from, UnsafeBuffer to) {
        int read = MessageHeaderDecoder.ENCODED_LENGTH + FlowBatchDecoder.BLOCK_LENGTH;
        to.putBytes(0, from, 0, read);
        new MessageHeaderEncoder().wrap(to, 0).version(3).blockLength(FlowBatchDecoder.BLOCK_LENGTH + 6);
        int written = read + noise(to, read, 6);
        for (int group = 0; group < GROUPS; group++) {
            int block = from.getShort(read, ByteOrder.LITTLE_ENDIAN);
            int count = from.getShort(read + 2, ByteOrder.LITTLE_ENDIAN);
            int appended = random.nextInt(3, 10);
            to.putShort(written, (short) (block + appended), ByteOrder.LITTLE_ENDIAN);
            to.putShort(written + 2, (short) count, ByteOrder.LITTLE_ENDIAN);
            read += GROUP_HEADER_BYTES;
            written += GROUP_HEADER_BYTES;
            for (int entry = 0; entry < count; entry++) {
                to.putBytes(written, from, read, block);
                read += block;
                written += block + noise(to, written + block, appended);
            }
        }
        written += noise(to, written, 50);
        sign(to, written);
        return written;
    }

    private int noise(UnsafeBuffer buffer, int offset, int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        buffer.putBytes(offset, noise);
        return length;
    }

    private static void sign(UnsafeBuffer batch, int length) {
        batch.putInt(BatchDescriptor.CHECKSUM_OFFSET, new BatchChecksum().of(batch, 0, length));
    }
}
