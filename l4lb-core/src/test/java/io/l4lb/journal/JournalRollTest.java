package io.l4lb.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A journal whose minutes change by a hand-moved clock, whose process dies, and whose readers were there before or come later. */
class JournalRollTest {
    private static final int STEPS = 150;
    private static final int RECORD_BYTES = 300;

    @TempDir
    Path parent;

    private long nowNs;
    private final List<Journal> dead = new ArrayList<>();
    private final List<Integer> appended = new ArrayList<>();
    private final List<Integer> read = new ArrayList<>();
    private Path directory;
    private Journal journal;
    private JournalReader reader;
    private long lastIndex;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void nothingIsMissedWhenMinutesChangeAndProcessesDie(int seed) throws IOException {
        Random random = new Random(seed);
        directory = Files.createDirectory(parent.resolve("0"));
        journal = ChronicleJournal.open(directory, () -> nowNs);
        reader = journal.reader();
        try {
            for (int step = 0; step < STEPS; step++) {
                step(random);
            }
            read.addAll(Records.read(reader));
            assertThat(read).isEqualTo(appended);
            assertThat(Records.readAll(journal)).isEqualTo(appended);
            assertThat(journal.problems()).isEmpty();
        } finally {
            reader.close();
            journal.close();
            dead.forEach(Journal::close);
        }
    }

    @Test
    void readerPassesFromThreadToThread() throws Exception {
        try (Journal mine = ChronicleJournal.open(parent, () -> nowNs);
                JournalReader early = mine.reader()) {
            Records.append(mine, 0, RECORD_BYTES);
            assertThat(Records.read(early)).containsExactly(0);
            try (ExecutorService other = Executors.newSingleThreadExecutor()) {
                for (int record = 1; record < 4; record++) {
                    int number = record;
                    nowNs += TimeUnit.MINUTES.toNanos(1);
                    assertThat(other.submit(() -> {
                                        Records.append(mine, number, RECORD_BYTES);
                                        return Records.read(early);
                                    })
                                    .get(1, TimeUnit.MINUTES))
                            .containsExactly(number);
                }
            }
        }
    }

    @Test
    void eachMinuteWithRecordsAndEachStartHasAFile() {
        for (int start = 0; start < 2; start++) {
            try (Journal mine = ChronicleJournal.open(parent, () -> nowNs)) {
                for (int record = 0; record < 4; record++) {
                    Records.append(mine, record, RECORD_BYTES);
                    nowNs += TimeUnit.HOURS.toNanos(record % 2);
                }
            }
        }
        NavigableSet<Long> cycles = new QueueFiles(parent).byCycle().navigableKeySet();
        assertThat(cycles).hasSize(4);
        assertThat(cycles.last() - cycles.first()).isEqualTo(3);
    }

    private void step(Random random) throws IOException {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> append(random.nextInt(4));
            case 3, 4 -> nowNs += random.nextLong(TimeUnit.MINUTES.toNanos(3));
            case 5 -> read.addAll(Records.read(reader));
            case 6 -> reopenReader();
            default -> {
                if (random.nextInt(4) == 0) {
                    die(random.nextBoolean());
                }
            }
        }
    }

    private void append(int count) {
        for (int i = 0; i < count; i++) {
            lastIndex = Records.append(journal, appended.size(), RECORD_BYTES);
            appended.add(appended.size());
        }
    }

    /** As a peer does that comes back: it names the last record that it has. */
    private void reopenReader() {
        read.addAll(Records.read(reader));
        reader.close();
        reader = journal.reader();
        if (!read.isEmpty()) {
            assertThat(reader.moveTo(lastIndex)).isTrue();
            assertThat(reader.next()).isTrue();
            assertThat(Records.number(reader)).isEqualTo(read.getLast());
        }
    }

    /** What a killed process leaves is what the directory holds while it is open. */
    private void die(boolean hasRead) throws IOException {
        if (hasRead) {
            read.addAll(Records.read(reader));
        }
        Path copy = Files.createDirectory(parent.resolve(String.valueOf(dead.size() + 1)));
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        dead.add(journal);
        reader.close();
        directory = copy;
        journal = ChronicleJournal.open(directory, () -> nowNs);
        reader = journal.reader();
        read.clear();
    }
}
