package io.l4lb.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Brings a queue's files to the disk, deletes old ones and says what all of them take. Any thread. */
final class Retention implements AutoCloseable {
    private static final long PAGE_BYTES = 4096;

    private final QueueFiles files;
    /** A file does not grow any more when there is a newer one. */
    private final Map<Path, Long> bytesOfOld = new ConcurrentHashMap<>();

    /** The disk may take seconds, for which nobody waits. */
    private final ExecutorService disk = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("journal-sync").factory());
    /** The disk's thread: files before this one are on it. */
    private long syncedCycle;

    Retention(QueueFiles files) {
        this.files = files;
    }

    void whenOnDisk(Runnable then) {
        disk.execute(() -> {
            try {
                sync();
                then.run();
            } catch (IOException | JournalException e) {
                files.note("old files are kept, as newer ones may not be on the disk: " + e);
            }
        });
    }

    /** What a mapping has written is the file's: it need not be the same channel. */
    private void sync() throws IOException {
        NavigableMap<Long, Path> open = files.byCycle().tailMap(syncedCycle, true);
        for (Map.Entry<Long, Path> file : open.entrySet()) {
            try (FileChannel channel = FileChannel.open(file.getValue(), StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            syncedCycle = file.getKey();
        }
    }

    /** Deletes the files all of whose records are before that index, never the newest. */
    void deleteBefore(long index) {
        NavigableMap<Long, Path> byCycle = files.byCycle();
        if (byCycle.isEmpty()) {
            return;
        }
        long firstKept = Math.min(index >>> QueueFiles.CYCLE_SHIFT, byCycle.lastKey());
        for (Path file : byCycle.headMap(firstKept).values()) {
            QueueFiles.delete(file);
            bytesOfOld.remove(file);
        }
    }

    /** {@return the bytes that have been written} The files are longer: they grow by holes. Of those set aside, which nobody can walk, the length. */
    long bytesOnDisk() {
        NavigableMap<Long, Path> byCycle = files.byCycle();
        bytesOfOld.keySet().retainAll(byCycle.values());
        long bytes = 0;
        for (Map.Entry<Long, Path> file : byCycle.entrySet()) {
            boolean newest = file.getKey().equals(byCycle.lastKey());
            bytes +=
                    newest ? bytesOf(file.getValue()) : bytesOfOld.computeIfAbsent(file.getValue(), Retention::bytesOf);
        }
        return bytes + files.bytesSetAside();
    }

    private static long bytesOf(Path file) {
        try {
            return (QueueFileCheck.usedBytes(file) + PAGE_BYTES - 1) & -PAGE_BYTES;
        } catch (IOException e) {
            // deleted just now, or not readable: there is nothing better to say
            return 0;
        }
    }

    /** What waits is left undone; what is under way is waited for, as the directory is another's afterwards. */
    @Override
    public void close() {
        disk.shutdownNow();
        disk.close();
    }
}
