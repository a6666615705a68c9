package io.l4lb.journal;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.message.BatchReader;
import io.l4lb.message.PeerRecordDescriptor;
import io.l4lb.replica.ReplicaNumbers;
import java.nio.ByteOrder;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Reads journals at start, before anybody appends, once from where they begin: what is older than the last whole checkpoint, files that
 * were not deleted yet, changes nothing. One thread, as long as it takes.
 */
public final class Recovery {
    /** Between two reports of progress. */
    private static final int PROGRESS_BATCHES = 64;

    private static final long NONE = -1;

    /**
     * What was read.
     *
     * @param events told to the sink
     * @param batches read, whatever for
     * @param badBatches records that are no batch; {@code firstProblem} says what is wrong with the first
     * @param missingBatches as the sequence numbers say: lost with files that were deleted or set aside
     * @param incarnation of the last batch, as its sequence
     * @param lamport the latest time seen
     * @param lastIndex of the last batch; -1 if there is none
     * @param peerIndex of the last batch that is no part of a snapshot, in the peer's own journal; -1 if there is none
     */
    public record Recovered(
            long events,
            long batches,
            long badBatches,
            String firstProblem,
            long missingBatches,
            long incarnation,
            long sequence,
            long lamport,
            long lastIndex,
            long peerIndex) {}

    private final BatchReader batch;
    private final LongSupplier clockMs;
    private final LongConsumer progress;
    private final Aged aged = new Aged();

    private long batches;
    private long badBatches;
    private String firstProblem = "";
    private long missingBatches;
    private long incarnation;
    private long sequence;
    private long lamport;
    private long lastIndex;
    private long peerIndex;
    /** Of the batch in a record. */
    private int batchOffset;

    /**
     * @param clockMs this node's wall clock
     * @param progress is told the number of events so far, now and then
     */
    public Recovery(ReplicaNumbers numbers, LongSupplier clockMs, LongConsumer progress) {
        batch = new BatchReader(numbers);
        this.clockMs = clockMs;
        this.progress = progress;
    }

    /** {@return what was read of the node's own journal} The sink is told of all there is. */
    public Recovered own(Journal journal, FlowEventSink sink) {
        return read(journal, 0, sink);
    }

    /** {@return what was read of a peer's journal} The sink is told of all there is. */
    public Recovered peer(Journal journal, FlowEventSink sink) {
        return read(journal, PeerRecordDescriptor.BATCH_OFFSET, sink);
    }

    private Recovered read(Journal journal, int offset, FlowEventSink sink) {
        begin(offset, sink);
        try (JournalReader reader = journal.reader()) {
            for (long read = 1; reader.next(); read++) {
                take(reader);
                if (read % PROGRESS_BATCHES == 0) {
                    progress.accept(aged.events);
                }
            }
        }
        progress.accept(aged.events);
        return recovered();
    }

    private Recovered recovered() {
        return new Recovered(
                aged.events,
                batches,
                badBatches,
                firstProblem,
                missingBatches,
                incarnation,
                sequence,
                lamport,
                lastIndex,
                peerIndex);
    }

    private void begin(int offset, FlowEventSink sink) {
        batchOffset = offset;
        aged.sink = sink;
        aged.events = 0;
        batches = 0;
        badBatches = 0;
        firstProblem = "";
        missingBatches = 0;
        incarnation = 0;
        sequence = 0;
        lamport = 0;
        lastIndex = NONE;
        peerIndex = PeerRecordDescriptor.NO_INDEX;
    }

    private void take(JournalReader reader) {
        if (wrap(reader)) {
            remember(reader);
            aged.startBatch(clockMs.getAsLong() - writtenMs(reader));
            batch.forEach(aged);
        } else {
            badBatches++;
            firstProblem = firstProblem.isEmpty() ? batch.problem() : firstProblem;
        }
    }

    private boolean wrap(JournalReader reader) {
        int length = reader.length() - batchOffset;
        return length > 0 && batch.wrap(reader.buffer(), reader.offset() + batchOffset, length);
    }

    /** {@return this node's wall clock when the record was written} */
    private long writtenMs(JournalReader reader) {
        return batchOffset == 0
                ? batch.writtenMs()
                : reader.buffer()
                        .getLong(reader.offset() + PeerRecordDescriptor.WRITTEN_MS_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    private void remember(JournalReader reader) {
        lamport = Math.max(lamport, batch.lamport());
        lastIndex = reader.index();
        batches++;
        if (batchOffset != 0) {
            peerIndex = reader.buffer()
                    .getLong(reader.offset() + PeerRecordDescriptor.INDEX_OFFSET, ByteOrder.LITTLE_ENDIAN);
            if (peerIndex == PeerRecordDescriptor.NO_INDEX) {
                return; // part of a snapshot: in no sequence, and what comes behind it is asked for anew
            }
        }
        if (incarnation == batch.incarnation() && batch.sequence() > sequence + 1) {
            missingBatches += batch.sequence() - sequence - 1;
        }
        incarnation = batch.incarnation();
        sequence = batch.sequence();
    }

    /** Adds to each event's age that of its batch. */
    private static final class Aged implements FlowEventSink {
        private static final long SECOND_MS = 1000;

        private FlowEventSink sink;
        private long events;
        private int batchAgeSeconds;

        /** A clock that was set back does not make flows younger than new. */
        private void startBatch(long ageMs) {
            // half of an int: an event's own age is added
            batchAgeSeconds = Math.clamp(ageMs / SECOND_MS, 0, Integer.MAX_VALUE / 2);
        }

        @Override
        public void ipv4(
                long clientAndPorts,
                int vip,
                int backend,
                int code,
                boolean proven,
                long lamport,
                int node,
                int ageSeconds) {
            events++;
            sink.ipv4(clientAndPorts, vip, backend, code, proven, lamport, node, batchAgeSeconds + ageSeconds);
        }

        @Override
        public void ipv6(
                long high,
                long low,
                int ports,
                int vip,
                int backend,
                int code,
                boolean proven,
                long lamport,
                int node,
                int ageSeconds) {
            events++;
            sink.ipv6(high, low, ports, vip, backend, code, proven, lamport, node, batchAgeSeconds + ageSeconds);
        }

        @Override
        public void end() {
            sink.end();
        }
    }
}
