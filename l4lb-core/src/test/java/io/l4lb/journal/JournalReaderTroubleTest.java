package io.l4lb.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five files of ten records, and readers in the middle of the second when that is hurt under them. */
class JournalReaderTroubleTest {
    private static final int FILES = 5;
    private static final int RECORDS = 10;
    private static final int READ = 12;

    @TempDir
    Path directory;

    private final List<JournalReader> readers = new ArrayList<>();
    private long nowNs;

    private Journal journal(int readerCount) {
        Journal journal = ChronicleJournal.open(directory, () -> nowNs);
        for (int record = 0; record < FILES * RECORDS; record++) {
            Records.append(journal, record);
            nowNs += record % RECORDS == RECORDS - 1 ? TimeUnit.MINUTES.toNanos(1) : 0;
        }
        for (int number = 0; number < readerCount; number++) {
            JournalReader reader = journal.reader();
            for (int record = 0; record < READ; record++) {
                assertThat(reader.next()).isTrue();
            }
            readers.add(reader);
        }
        return journal;
    }

    /** The header of record 15 claims more than there is. */
    private void hurtSecondFile() throws IOException {
        Path file =
                new QueueFiles(directory).byCycle().values().stream().toList().get(1);
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(text.indexOf("15 ....") - 4);
            access.write(new byte[] {-1, -1, -1, 0x3f});
        }
    }

    private static List<Integer> withoutTheRestOfTheSecondFile(int first) {
        return IntStream.range(first, FILES * RECORDS)
                .filter(number -> number < 15 || number >= 2 * RECORDS)
                .boxed()
                .toList();
    }

    @Test
    void severalReadersSetAsideTheDamagedFileAndNoOther() throws IOException {
        try (Journal journal = journal(3)) {
            hurtSecondFile();
            for (JournalReader reader : readers) {
                assertThat(Records.read(reader)).isEqualTo(withoutTheRestOfTheSecondFile(READ));
                reader.close();
            }
            assertThat(journal.problems()).hasSize(1);
        }
    }

    @Test
    void readerThatCannotOpenTheJournalForATimeGoesOnWhereItWas() throws IOException {
        Path metadata = directory.resolve("metadata.cq4t");
        Path away = directory.resolve("away");
        try (Journal journal = journal(1);
                JournalReader reader = readers.getFirst()) {
            hurtSecondFile();
            Files.move(metadata, away);
            Files.createDirectory(metadata);
            for (int time = 0; time < 3; time++) {
                assertThatThrownBy(() -> Records.read(reader)).isInstanceOf(JournalException.class);
            }
            Files.delete(metadata);
            Files.move(away, metadata);

            List<Integer> rest = Records.read(reader);
            assertThat(rest)
                    .endsWith(FILES * RECORDS - 1)
                    .doesNotHaveDuplicates()
                    .isSorted();
            assertThat(rest)
                    .containsAll(IntStream.range(2 * RECORDS, FILES * RECORDS)
                            .boxed()
                            .toList());
            assertThat(journal.problems()).hasSize(1);
        }
    }

    @Test
    void fileThatAFailedAppendMayHaveMadeIsNotUsedAgain() {
        QueueRoll roll = new QueueRoll(7, () -> nowNs);
        roll.roll();
        assertThat(roll.currentTimeMillis()).isEqualTo(TimeUnit.MINUTES.toMillis(7));
        roll.leave();
        assertThat(roll.isDue()).isTrue();
        assertThat(roll.currentTimeMillis())
                .as("no room for a new file: no name is spent")
                .isEqualTo(TimeUnit.MINUTES.toMillis(7));
        roll.roll();
        assertThat(roll.currentTimeMillis()).isEqualTo(TimeUnit.MINUTES.toMillis(8));
    }
}
