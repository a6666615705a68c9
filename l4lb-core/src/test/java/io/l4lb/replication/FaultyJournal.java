package io.l4lb.replication;

import io.l4lb.journal.Journal;
import io.l4lb.journal.JournalException;
import io.l4lb.journal.JournalReader;
import io.l4lb.journal.MemoryJournal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.DirectBuffer;

/** A journal in memory, a record a file, that fails when it is told to, and of which records vanish. */
final class FaultyJournal implements Journal {
    final Set<Long> hidden = new HashSet<>();
    final List<String> problems = new ArrayList<>();
    boolean isBroken;
    private final MemoryJournal records = new MemoryJournal(1, 1 << 26);

    @Override
    public long append(DirectBuffer buffer, int offset, int length) {
        if (isBroken) {
            throw new JournalException("no room");
        }
        return records.append(buffer, offset, length);
    }

    @Override
    public JournalReader reader() {
        return new Reader(records.reader());
    }

    @Override
    public void deleteBefore(long index) {
        // what a checkpoint lets go is no matter here
    }

    @Override
    public void whenOnDisk(Runnable then) {
        then.run();
    }

    @Override
    public long bytesOnDisk() {
        return records.bytesOnDisk();
    }

    @Override
    public List<String> problems() {
        return problems;
    }

    @Override
    public void close() {
        records.close();
    }

    private final class Reader implements JournalReader {
        private final JournalReader reader;

        private Reader(JournalReader reader) {
            this.reader = reader;
        }

        @Override
        public boolean next() {
            boolean isFound = reader.next();
            while (isFound && hidden.contains(reader.index())) {
                isFound = reader.next();
            }
            return isFound;
        }

        @Override
        public long index() {
            return reader.index();
        }

        @Override
        public DirectBuffer buffer() {
            return reader.buffer();
        }

        @Override
        public int offset() {
            return reader.offset();
        }

        @Override
        public int length() {
            return reader.length();
        }

        @Override
        public boolean moveTo(long index) {
            return reader.moveTo(index);
        }

        @Override
        public void toStart() {
            reader.toStart();
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
