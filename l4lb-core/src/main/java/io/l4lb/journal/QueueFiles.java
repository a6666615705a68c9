package io.l4lb.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The files of a queue, each named after a minute in UTC ({@link QueueRoll} says which). The minute's number, the file's <em>cycle</em>,
 * is the upper half of the indices of its records. Any thread.
 */
final class QueueFiles {
    static final int CYCLE_SHIFT = 32;
    static final int CYCLE_SECONDS = 60;
    private static final String ENDING = ".cq4";
    private static final String METADATA = "metadata.cq4t";
    /** Enough for people; a disk that spoils file after file is not to fill the memory. */
    private static final int PROBLEMS_MAX = 100;
    /** Its header and indices, a record, and what others may take meanwhile. */
    private static final long ROOM_BYTES = 1 << 20;

    private static final String SET_ASIDE = ".corrupt-";
    /** Of a journal, the newest: enough to see what happened. */
    static final int SET_ASIDE_MAX = 8;
    /** But the newest may be longer. */
    static final long SET_ASIDE_BYTES_MAX = 256L << 20;

    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmm");

    private final Path directory;
    private final List<String> problems = new CopyOnWriteArrayList<>();

    QueueFiles(Path directory) {
        this.directory = directory;
    }

    /** {@return the files by cycle; none if there is no directory, as on a disk without room for it} */
    NavigableMap<Long, Path> byCycle() {
        if (!Files.isDirectory(directory)) {
            return new TreeMap<>();
        }
        try (Stream<Path> files = Files.list(directory)) {
            NavigableMap<Long, Path> byCycle = new TreeMap<>();
            files.filter(file -> file.toString().endsWith(ENDING)).forEach(file -> byCycle.put(cycle(file), file));
            return byCycle;
        } catch (IOException e) {
            throw new JournalException("cannot list " + directory, e);
        }
    }

    /** {@return the cycle of the newest file; -1 if there is none} */
    long lastCycle() {
        NavigableMap<Long, Path> byCycle = byCycle();
        return byCycle.isEmpty() ? -1 : byCycle.lastKey();
    }

    /** {@return the cycle of the first file after that one; -1 if there is none} */
    long nextAfter(long cycle) {
        Long next = byCycle().higherKey(cycle);
        return next == null ? -1 : next;
    }

    /** {@return a cycle after all files; the wall clock's, if there is no file} */
    long nextCycle() {
        long last = lastCycle();
        return last >= 0 ? last + 1 : System.currentTimeMillis() / TimeUnit.SECONDS.toMillis(CYCLE_SECONDS);
    }

    private static long cycle(Path file) {
        String name = file.getFileName().toString();
        try {
            return LocalDateTime.parse(name.substring(0, name.length() - ENDING.length()), NAME)
                            .toEpochSecond(ZoneOffset.UTC)
                    / CYCLE_SECONDS;
        } catch (DateTimeParseException e) {
            throw new JournalException(
                    file + " is of a queue with another roll cycle than a minute; move the directory away", e);
        }
    }

    /**
     * Removes Chronicle's own notes: who holds its locks and which files there are. It makes them anew; of a process that was killed
     * they may say that a lock is held, and a restarted container has the same process id.
     */
    void forgetMetadata() {
        Path metadata = directory.resolve(METADATA);
        try {
            if (Files.exists(metadata)) {
                refuseOtherRollCycle(metadata);
                Files.delete(metadata);
            }
        } catch (IOException e) {
            throw new JournalException("cannot replace " + metadata, e);
        }
    }

    private static void refuseOtherRollCycle(Path metadata) throws IOException {
        String text = Files.readString(metadata, StandardCharsets.ISO_8859_1);
        // of garbage nothing can be said, and nothing is lost with it
        int format = text.indexOf("format");
        if (text.contains("SCQMeta") && format >= 0 && !text.startsWith("yyyyMMdd-HHmm\u00c5", format + 7)) {
            throw new JournalException(
                    metadata + " is of a queue with another roll cycle than a minute; move the directory away");
        }
    }

    /**
     * Sets aside all files that are not whole and marks the ends of the others, before anybody maps them.
     *
     * @param marksEnds false: there is no room for marks, {@link #sealAll} does that later
     */
    void mend(boolean marksEnds) {
        byCycle().values().forEach(file -> mend(file, marksEnds));
    }

    private void mend(Path file, boolean marksEnd) {
        String problem = marksEnd ? sealed(file) : QueueFileCheck.problem(file);
        if (!problem.isEmpty()) {
            setAside(file, problem);
        }
    }

    /** Marks the ends of all files that have no mark; nobody writes them. */
    void sealAll() {
        byCycle().values().forEach(QueueFiles::sealed);
    }

    /**
     * After an append that failed: nobody knows what it left behind.
     *
     * @param lastCycle the file with the last record, which gets its end there; files after it have none and are deleted
     */
    void mendAfter(long lastCycle) {
        for (Map.Entry<Long, Path> file : byCycle().tailMap(lastCycle, true).entrySet()) {
            if (file.getKey() == lastCycle) {
                sealed(file.getValue());
            } else {
                delete(file.getValue());
            }
        }
    }

    /**
     * Before each file that is made: Chronicle hangs where it maps a new file on a full disk.
     *
     * @throws JournalException if there is no room
     */
    void requireRoom() {
        long room = room();
        if (room < ROOM_BYTES) {
            throw new JournalException("no room for a new file in " + directory + ": " + room + " bytes are left");
        }
    }

    /** {@return whether a file can be made} */
    boolean hasRoom() {
        return room() >= ROOM_BYTES;
    }

    private long room() {
        try {
            return Files.getFileStore(existing()).getUsableSpace();
        } catch (IOException e) {
            throw new JournalException("cannot tell how much room there is in " + directory, e);
        }
    }

    /** {@return the directory, or where it will be} */
    private Path existing() {
        Path place = directory.toAbsolutePath();
        while (!Files.exists(place) && place.getParent() != null) {
            place = place.getParent();
        }
        return place;
    }

    /** {@return what is wrong with that file; if nothing is, it has the mark of its end now} */
    private static String sealed(Path file) {
        try {
            return QueueFileCheck.mend(file);
        } catch (IOException e) {
            throw new JournalException("cannot mark the end of " + file, e);
        }
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new JournalException("cannot delete " + file, e);
        }
    }

    /** Renames a file so that it is not read again; people may want to look at it. */
    void setAside(Path file, String problem) {
        String name = file.getFileName() + SET_ASIDE + System.currentTimeMillis();
        try {
            Files.move(file, directory.resolve(name));
            note(file + ": " + problem + "; set aside as " + name);
            keepSetAside();
        } catch (IOException e) {
            throw new JournalException(file + ": " + problem + "; cannot set it aside", e);
        }
    }

    /** Lets the oldest go of those beyond the bounds. */
    void keepSetAside() {
        keepSetAside(SET_ASIDE_MAX, SET_ASIDE_BYTES_MAX);
    }

    /** Keeps so many of the newest, as long as they take no more together; the newest anyway, if any. */
    void keepSetAside(int filesMax, long bytesMax) {
        List<Path> newestFirst = setAside().reversed();
        long bytes = 0;
        for (int i = 0; i < newestFirst.size(); i++) {
            bytes += length(newestFirst.get(i));
            if (i >= filesMax || (i > 0 && bytes > bytesMax)) {
                delete(newestFirst.get(i));
            }
        }
    }

    /** {@return the lengths of all that were set aside} */
    long bytesSetAside() {
        return setAside().stream().mapToLong(QueueFiles::length).sum();
    }

    /** {@return the files that were set aside, the oldest first} */
    private List<Path> setAside() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().contains(ENDING + SET_ASIDE))
                    .sorted(Comparator.comparing(QueueFiles::setAsideAt).thenComparing(Comparator.naturalOrder()))
                    .toList();
        } catch (IOException e) {
            throw new JournalException("cannot list " + directory, e);
        }
    }

    private static String setAsideAt(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('-'));
    }

    private static long length(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0; // removed just now
        }
    }

    /** Removes all files, and the directory, of a journal that nobody uses any more. */
    void deleteAll() {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            files.forEach(QueueFiles::delete);
            Files.delete(directory);
        } catch (IOException e) {
            throw new JournalException("cannot delete " + directory, e);
        }
    }

    void note(String problem) {
        if (problems.size() < PROBLEMS_MAX) {
            problems.add(problem);
        }
    }

    List<String> problems() {
        return List.copyOf(problems);
    }
}
