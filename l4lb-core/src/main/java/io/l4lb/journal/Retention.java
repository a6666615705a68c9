package io.l4lb.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;

/** Deletes old files of a queue and says what all of them take. One thread. */
final class Retention {
    private static final long PAGE_BYTES = 4096;

    private final QueueFiles files;
    /** A file does not grow any more when there is a newer one. */
    private final Map<Path, Long> bytesOfOld = new HashMap<>();

    Retention(QueueFiles files) {
        this.files = files;
    }

    /** Deletes the files all of whose records are before that index, never the newest. */
    void deleteBefore(long index) {
        NavigableMap<Long, Path> byCycle = files.byCycle();
        if (byCycle.isEmpty()) {
            return;
        }
        long firstKept = Math.min(index >>> QueueFiles.CYCLE_SHIFT, byCycle.lastKey());
        for (Path file : byCycle.headMap(firstKept).values()) {
            try {
                Files.deleteIfExists(file);
                bytesOfOld.remove(file);
            } catch (IOException e) {
                throw new JournalException("cannot delete " + file, e);
            }
        }
    }

    /** {@return the bytes that have been written} The files are longer: they grow by holes. */
    long bytesOnDisk() {
        NavigableMap<Long, Path> byCycle = files.byCycle();
        bytesOfOld.keySet().retainAll(byCycle.values());
        long bytes = 0;
        for (Map.Entry<Long, Path> file : byCycle.entrySet()) {
            boolean newest = file.getKey().equals(byCycle.lastKey());
            bytes +=
                    newest ? bytesOf(file.getValue()) : bytesOfOld.computeIfAbsent(file.getValue(), Retention::bytesOf);
        }
        return bytes;
    }

    private static long bytesOf(Path file) {
        try {
            return (QueueFileCheck.usedBytes(file) + PAGE_BYTES - 1) & -PAGE_BYTES;
        } catch (IOException e) {
            // deleted just now, or not readable: there is nothing better to say
            return 0;
        }
    }
}
