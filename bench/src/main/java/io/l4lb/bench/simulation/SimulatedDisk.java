package io.l4lb.bench.simulation;

import io.l4lb.journal.Journal;
import io.l4lb.journal.JournalReader;
import io.l4lb.journal.MemoryJournal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.agrona.DirectBuffer;

/** What outlives a node's process: its journal and those of its peers. Whoever wants to know is told of what the node writes. */
final class SimulatedDisk {
    static final long BYTES_MAX = 1L << 40;
    /** What is older has been written back when the power fails. */
    private static final long WRITTEN_BACK_NS = 30_000_000_000L;

    /** Of each journal. */
    private static final int RECORDS_LOST_MAX = 20;

    private final Timed own;
    private final Map<String, Journal> peers = new TreeMap<>();
    private final List<Timed> all = new ArrayList<>();

    /** Sees what is appended to the node's own journal. */
    interface Watch {
        void appended(long index, DirectBuffer buffer, int offset, int length);
    }

    SimulatedDisk(List<String> peerIds, int recordsAFile, SimulatedNode.Clock clock, Watch watch) {
        own = journal(recordsAFile, clock, watch);
        peerIds.forEach(id -> peers.put(id, journal(recordsAFile, clock, (_, _, _, _) -> {})));
    }

    private Timed journal(int recordsAFile, SimulatedNode.Clock clock, Watch watch) {
        Timed journal = new Timed(new MemoryJournal(recordsAFile, BYTES_MAX), clock, new ArrayDeque<>(), watch);
        all.add(journal);
        return journal;
    }

    Journal own() {
        return own;
    }

    Map<String, Journal> peers() {
        return peers;
    }

    /** Takes the last records of each journal away; {@return from which index of the own journal on} */
    long losePower(SplittableRandom random) {
        long firstLost = Long.MAX_VALUE;
        for (Timed journal : all) {
            long lost = journal.losePower(random.nextInt(RECORDS_LOST_MAX));
            firstLost = journal.equals(own) ? lost : firstLost;
        }
        return firstLost;
    }

    /** A journal that knows when its last records were written. */
    private record Timed(MemoryJournal journal, SimulatedNode.Clock clock, ArrayDeque<Long> lastWrittenNs, Watch watch)
            implements Journal {
        @Override
        public long append(DirectBuffer buffer, int offset, int length) {
            long index = journal.append(buffer, offset, length);
            lastWrittenNs.add(clock.ns);
            if (lastWrittenNs.size() > RECORDS_LOST_MAX) {
                lastWrittenNs.remove();
            }
            watch.appended(index, buffer, offset, length);
            return index;
        }

        private long losePower(int records) {
            lastWrittenNs.removeIf(writtenNs -> clock.ns - writtenNs > WRITTEN_BACK_NS);
            int lost = Math.min(records, lastWrittenNs.size());
            lastWrittenNs.clear();
            return journal.loseLast(lost);
        }

        @Override
        public JournalReader reader() {
            return journal.reader();
        }

        @Override
        public void whenOnDisk(Runnable then) {
            lastWrittenNs.clear(); // synced
            journal.whenOnDisk(then);
        }

        @Override
        public void deleteBefore(long index) {
            journal.deleteBefore(index);
        }

        @Override
        public long bytesOnDisk() {
            return journal.bytesOnDisk();
        }

        @Override
        public List<String> problems() {
            return journal.problems();
        }

        @Override
        public void close() {
            journal.close();
        }
    }
}
