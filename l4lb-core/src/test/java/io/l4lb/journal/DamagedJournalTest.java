package io.l4lb.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.testing.Seed;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three files of ten records, made in three minutes of a hand-moved clock; the one in the middle gets hurt. */
class DamagedJournalTest {
    private static final int FILES = 3;
    private static final int RECORDS = 10;
    private static final int MINUTE_MS = 60_000;

    /** An hour ago: before any file that the journal under test makes. Chronicle looks for a file of each minute in between. */
    private static final long FIRST_MS = (System.currentTimeMillis() / MINUTE_MS - 60) * MINUTE_MS;

    @TempDir
    Path directory;

    private List<Path> files;

    private void make() throws IOException {
        for (int file = 0; file < FILES; file++) {
            long nowMs = FIRST_MS + (long) file * MINUTE_MS;
            try (SingleChronicleQueue chronicle = SingleChronicleQueueBuilder.binary(directory)
                            .rollCycle(LegacyRollCycles.MINUTELY)
                            .blockSize(16 * Journal.LENGTH_MAX_BYTES)
                            .timeProvider(() -> nowMs)
                            .build();
                    ExcerptAppender appender = chronicle.createAppender()) {
                for (int record = 0; record < RECORDS; record++) {
                    byte[] bytes = new byte[Records.LENGTH_BYTES];
                    Arrays.fill(bytes, (byte) '.');
                    byte[] text = (file * RECORDS + record + " ").getBytes(StandardCharsets.US_ASCII);
                    System.arraycopy(text, 0, bytes, 0, text.length);
                    try (DocumentContext document = appender.writingDocument()) {
                        document.wire().bytes().write(bytes);
                    }
                }
            }
        }
        files = queueFiles();
        assertThat(files).hasSize(FILES);
    }

    private List<Path> queueFiles() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> file.toString().endsWith(".cq4")).sorted().toList();
        }
    }

    private void hurt(int file, long position, byte[] bytes) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(files.get(file).toFile(), "rw")) {
            access.seek(position);
            access.write(bytes);
        }
    }

    /** {@return the numbers that are left} The journal is usable, whatever was hurt. */
    private List<Integer> survivors(int problems) throws IOException {
        try (Journal journal = ChronicleJournal.open(directory)) {
            assertThat(journal.problems()).hasSize(problems);
            List<Integer> left = Records.readAll(journal);
            Records.append(journal, 99);
            assertThat(Records.readAll(journal)).hasSize(left.size() + 1).endsWith(99);
            try (Stream<Path> all = Files.list(directory)) {
                assertThat(all.filter(file -> file.toString().contains(".cq4.corrupt-")))
                        .hasSize(problems);
            }
            return left;
        }
    }

    private static List<Integer> withoutFile(int hurt) {
        return IntStream.range(0, FILES * RECORDS)
                .filter(number -> number / RECORDS != hurt)
                .boxed()
                .toList();
    }

    @Test
    void unhurtFilesAreRead() throws IOException {
        make();
        assertThat(survivors(0)).isEqualTo(withoutFile(FILES));
    }

    @Test
    void truncatedFileIsSetAside() throws IOException {
        for (int file = 0; file < FILES; file++) {
            make();
            try (RandomAccessFile access = new RandomAccessFile(files.get(file).toFile(), "rw")) {
                access.setLength(90_001);
            }
            assertThat(survivors(1)).isEqualTo(withoutFile(file));
            clear();
        }
    }

    /** A process that dies while it appends leaves bytes behind the last record, and no header before them. */
    @Test
    void recordThatWasBeingWrittenIsNoDamage() throws IOException {
        for (int file = 0; file < FILES; file++) {
            make();
            hurt(file, QueueFileCheck.usedBytes(files.get(file)) + 4, new byte[] {'9', '9', ' '});
            assertThat(survivors(0)).isEqualTo(withoutFile(FILES));
            clear();
        }
    }

    @Test
    void emptyFileIsSetAside() throws IOException {
        make();
        try (RandomAccessFile access = new RandomAccessFile(files.get(1).toFile(), "rw")) {
            access.setLength(0);
        }
        assertThat(survivors(1)).isEqualTo(withoutFile(1));
    }

    /** Zeroed where a record begins: Chronicle would take it for the end, and overwrite what follows. */
    @Test
    void fileWithAZeroedPageIsSetAsideOrItsRecordsAreThere() throws IOException {
        // the file's header, its indices, and records with and without the beginning of one; 58 is the last
        for (int page : new int[] {0, 1, 4, 5, 8, 9, 13, 18, 57, 58}) {
            make();
            hurt(1, page * 4096L, new byte[4096]);
            try (Journal journal = ChronicleJournal.open(directory)) {
                int problems = journal.problems().size();
                assertThat(problems).as("page %d", page).isLessThanOrEqualTo(1);
                // zeroes within a record are for its checksum to find
                assertThat(count(journal)).as("page %d", page).isEqualTo(problems == 1 ? 20 : 30);
            }
            clear();
        }
    }

    private static int count(Journal journal) {
        int records = 0;
        try (JournalReader reader = journal.reader()) {
            while (reader.next()) {
                records++;
            }
        }
        return records;
    }

    /** What kill -9 leaves: no end mark, and perhaps the header of a record that was never finished. */
    @Test
    void fileWhoseProcessDiedLeadsToTheNext() throws IOException {
        for (int header : new int[] {0, 0x80000000, 0x80004e20}) {
            make();
            byte[] bytes = Files.readAllBytes(files.get(1));
            int mark = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("EOF") - 5;
            ByteBuffer torn = ByteBuffer.allocate(header == 0 ? 8 : 3000).order(ByteOrder.LITTLE_ENDIAN);
            Arrays.fill(torn.array(), (byte) (header == 0 ? 0 : 'x'));
            hurt(1, mark, torn.putInt(0, header).array());
            assertThat(survivors(0)).isEqualTo(withoutFile(FILES));
            assertThat(survivors(0)).as("mended for good").hasSize(FILES * RECORDS + 1);
            clear();
        }
    }

    @Test
    void randomBytesAreSetAside() throws IOException {
        make();
        Random random = new Random(Seed.of(DamagedJournalTest.class));
        byte[] noise = new byte[150_000];
        random.nextBytes(noise);
        hurt(1, 0, noise);
        assertThat(survivors(1)).isEqualTo(withoutFile(1));
    }

    @Test
    void garbageInChroniclesNotesLosesNothing() throws IOException {
        make();
        byte[] noise = new byte[70_000];
        new Random(Seed.of(DamagedJournalTest.class)).nextBytes(noise);
        Files.write(directory.resolve("metadata.cq4t"), noise);
        assertThat(survivors(0)).isEqualTo(withoutFile(FILES));
        Files.write(directory.resolve("metadata.cq4t"), new byte[0]);
        assertThat(survivors(0)).hasSize(FILES * RECORDS + 1);
    }

    @Test
    void queueOfAnotherRollCycleIsRefused() throws IOException {
        try (SingleChronicleQueue chronicle = SingleChronicleQueueBuilder.binary(directory)
                        .rollCycle(LegacyRollCycles.HOURLY)
                        .build();
                ExcerptAppender appender = chronicle.createAppender()) {
            appender.writeText("hour");
        }
        assertThatThrownBy(() -> ChronicleJournal.open(directory))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("another roll cycle");
        Files.delete(directory.resolve("metadata.cq4t"));
        assertThatThrownBy(() -> ChronicleJournal.open(directory))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("another roll cycle");
    }

    @Test
    void directoryThatIsAFileOrInUseIsRefused() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> ChronicleJournal.open(file)).isInstanceOf(JournalException.class);
        try (Journal journal = ChronicleJournal.open(directory.resolve("used"))) {
            assertThatThrownBy(() -> ChronicleJournal.open(directory.resolve("used")))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("in use");
            Records.append(journal, 1);
        }
    }

    @Test
    void oldFilesAreDeletedAndReadersGoOnWithTheRest() throws IOException {
        make();
        try (Journal journal = ChronicleJournal.open(directory);
                JournalReader reader = journal.reader()) {
            long before = journal.bytesOnDisk();
            reader.toStart();
            assertThat(reader.next()).isTrue();
            long first = reader.index();
            long second = first + (1L << 32);
            assertThat(reader.moveTo(second)).isTrue();
            journal.deleteBefore(second + 5);

            assertThat(queueFiles()).isEqualTo(files.subList(1, FILES));
            assertThat(journal.bytesOnDisk()).isBetween(before * 5 / 9, before * 7 / 9);
            assertThat(reader.moveTo(first)).isFalse();
            assertThat(Records.readAll(journal)).isEqualTo(withoutFile(0));
        }
    }

    private void clear() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.toList()) {
                Files.delete(file);
            }
        }
    }
}
