package io.l4lb.bench.simulation;

import io.l4lb.journal.Journal;
import io.l4lb.journal.JournalReader;
import io.l4lb.journal.MemoryJournal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.agrona.DirectBuffer;

/** What outlives a node's process: its journal and those of its peers. Whoever wants to know is told of what the node writes. */
final class SimulatedDisk {
    static final long BYTES_MAX = 1L << 40;
    /** Of each journal, when the power fails. */
    private static final int RECORDS_LOST_MAX = 20;

    private final Watched own;
    private final Map<String, Journal> peers = new TreeMap<>();
    private final List<MemoryJournal> all = new ArrayList<>();

    /** Sees what is appended to the node's own journal. */
    interface Watch {
        void appended(long index, DirectBuffer buffer, int offset, int length);
    }

    SimulatedDisk(List<String> peerIds, int recordsAFile, Watch watch) {
        own = new Watched(journal(recordsAFile), watch);
        peerIds.forEach(id -> peers.put(id, journal(recordsAFile)));
    }

    private MemoryJournal journal(int recordsAFile) {
        MemoryJournal journal = new MemoryJournal(recordsAFile, BYTES_MAX);
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
        for (MemoryJournal journal : all) {
            long lost = journal.loseLast(random.nextInt(RECORDS_LOST_MAX));
            firstLost = journal == own.journal ? lost : firstLost;
        }
        return firstLost;
    }

    private record Watched(MemoryJournal journal, Watch watch) implements Journal {
        @Override
        public long append(DirectBuffer buffer, int offset, int length) {
            long index = journal.append(buffer, offset, length);
            watch.appended(index, buffer, offset, length);
            return index;
        }

        @Override
        public JournalReader reader() {
            return journal.reader();
        }

        @Override
        public void whenOnDisk(Runnable then) {
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
