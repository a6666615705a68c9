package io.l4lb.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds on disk and in memory alike. */
class JournalContractTest {
    enum Kind {
        DISK,
        MEMORY
    }

    @TempDir
    Path directory;

    static Stream<Kind> kinds() {
        return Stream.of(Kind.values());
    }

    private Journal open(Kind kind) {
        return switch (kind) {
            case DISK -> ChronicleJournal.open(directory);
            case MEMORY -> new MemoryJournal(7, 1 << 24);
        };
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void readerGetsWhatWasAppendedAndGoesOn(Kind kind) {
        try (Journal journal = open(kind);
                JournalReader reader = journal.reader()) {
            assertThat(reader.next()).isFalse();
            IntStream.range(0, 30).forEach(number -> Records.append(journal, number));
            assertThat(Records.read(reader))
                    .isEqualTo(IntStream.range(0, 30).boxed().toList());
            Records.append(journal, 30, 17);
            assertThat(reader.next()).isTrue();
            assertThat(reader.length()).isEqualTo(17);
            assertThat(reader.next()).isFalse();
            reader.toStart();
            assertThat(Records.read(reader)).hasSize(31);
            assertThat(journal.problems()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void indexLeadsToItsRecord(Kind kind) {
        try (Journal journal = open(kind);
                JournalReader reader = journal.reader()) {
            List<Long> indices = new ArrayList<>();
            IntStream.range(0, 40).forEach(number -> indices.add(Records.append(journal, number)));
            assertThat(indices).isSorted().doesNotHaveDuplicates();
            for (int number = 39; number >= 0; number -= 3) {
                assertThat(reader.moveTo(indices.get(number))).isTrue();
                assertThat(reader.next()).isTrue();
                assertThat(reader.index()).isEqualTo(indices.get(number));
                assertThat(Records.number(reader)).isEqualTo(number);
            }
            reader.moveTo(indices.get(10));
            assertThat(reader.moveTo(indices.get(39) + 1)).isFalse();
            assertThat(reader.moveTo(1L << 50)).isFalse();
            assertThat(Records.read(reader))
                    .as("nothing has changed")
                    .startsWith(10)
                    .hasSize(30);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void newestFileIsNeverDeleted(Kind kind) {
        try (Journal journal = open(kind)) {
            long last = 0;
            for (int number = 0; number < 3; number++) {
                last = Records.append(journal, number);
            }
            journal.deleteBefore(last + (1L << 40));
            // three of them at least, as a minute may have ended in between
            assertThat(Records.readAll(journal)).contains(2);
            assertThat(journal.bytesOnDisk()).isGreaterThanOrEqualTo(Records.LENGTH_BYTES);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void oldRecordsGoWhenTheNewOnesAreOnDisk(Kind kind) throws InterruptedException {
        try (Journal journal = open(kind)) {
            long last = Records.append(journal, 1);
            CountDownLatch done = new CountDownLatch(2);
            for (int time = 0; time < 2; time++) {
                journal.whenOnDisk(() -> {
                    journal.deleteBefore(last);
                    done.countDown();
                });
            }
            assertThat(done.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(Records.readAll(journal)).containsExactly(1);
            assertThat(journal.problems()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void recordThatIsTooLongIsRefusedAndTheNextOneIsNot(Kind kind) {
        try (Journal journal = open(kind)) {
            Records.append(journal, 1, Journal.LENGTH_MAX_BYTES);
            assertThatThrownBy(() -> Records.append(journal, 2, Journal.LENGTH_MAX_BYTES + 1))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("longer than");
            Records.append(journal, 3);
            assertThat(Records.readAll(journal)).containsExactly(1, 3);
        }
    }
}
