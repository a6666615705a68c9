package io.l4lb.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that were set aside are somebody's to look at, but not without bound. */
class SetAsideTest {
    private static final int LENGTH = 5000;
    private static final int MANY = 2 * QueueFiles.SET_ASIDE_MAX;

    @TempDir
    Path directory;

    /** The later a file was set aside, the earlier it was written. */
    private Path aside(int number) {
        return directory.resolve("20261122-%04d.cq4.corrupt-%d".formatted(1000 - number, 1_800_000_000_000L + number));
    }

    private List<Path> there() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().contains("corrupt")).toList();
        }
    }

    @Test
    void theNewestAreKeptAndCounted() throws IOException {
        for (int number = 0; number < MANY; number++) {
            Files.write(aside(number), new byte[LENGTH]);
        }
        try (Journal journal = ChronicleJournal.open(directory)) {
            assertThat(there())
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(MANY - QueueFiles.SET_ASIDE_MAX, MANY)
                            .mapToObj(this::aside)
                            .toList());
            long withThem = journal.bytesOnDisk();
            journal.deleteSetAside();
            assertThat(there()).isEmpty();
            assertThat(withThem - journal.bytesOnDisk()).isEqualTo((long) QueueFiles.SET_ASIDE_MAX * LENGTH);
        }
    }

    @Test
    void twoThatAreTooLongTogetherAreNotKept() throws IOException {
        QueueFiles files = new QueueFiles(directory);
        Files.write(aside(1), new byte[LENGTH]);
        Files.write(aside(2), new byte[LENGTH]);
        files.keepSetAside(QueueFiles.SET_ASIDE_MAX, 2 * LENGTH);
        assertThat(there()).hasSize(2);
        files.keepSetAside(QueueFiles.SET_ASIDE_MAX, LENGTH + 1);
        assertThat(there()).containsExactly(aside(2));
        files.keepSetAside(QueueFiles.SET_ASIDE_MAX, 1);
        assertThat(there()).as("the newest stays").containsExactly(aside(2));
    }

    @Test
    void aJournalThatIsDeletedLeavesNothing() throws IOException {
        Path place = directory.resolve("journal");
        Journal journal = ChronicleJournal.open(place);
        Records.append(journal, 1);
        journal.close();
        assertThat(journal.bytesOnDisk()).isPositive();
        journal.delete();
        assertThat(place).doesNotExist();
        assertThat(journal.bytesOnDisk()).isZero();
    }
}
