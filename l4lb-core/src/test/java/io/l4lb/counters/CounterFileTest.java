package io.l4lb.counters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.counters.CounterSnapshot.BackendSnapshot;
import io.l4lb.counters.CounterSnapshot.VipSnapshot;
import io.l4lb.counters.CounterSnapshot.WorkerSnapshot;
import io.l4lb.testing.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one process writes, another reads: the same counters, whatever happens to the file. */
class CounterFileTest {
    private static final long NOW_MS = 1_700_000_000_000L;

    @TempDir
    Path directory;

    private static WorkerSnapshot worker(int index, long value) {
        Map<WorkerCounter, Long> values = new EnumMap<>(WorkerCounter.class);
        for (WorkerCounter counter : WorkerCounter.values()) {
            values.put(counter, value + counter.ordinal());
        }
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        drops.put(DropReason.values()[index], value);
        drops.put(DropReason.TX_FULL, value * 2);
        return new WorkerSnapshot(index, values, drops);
    }

    private static CounterSnapshot snapshot(int workers, int vips, int backends, long value) {
        List<WorkerSnapshot> workerSnapshots = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            workerSnapshots.add(worker(i, value + i));
        }
        List<VipSnapshot> vipSnapshots = new ArrayList<>();
        for (int i = 0; i < vips; i++) {
            vipSnapshots.add(new VipSnapshot("vip." + i, value * i, value * i * 1500));
        }
        List<BackendSnapshot> backendSnapshots = new ArrayList<>();
        for (int i = 0; i < backends; i++) {
            backendSnapshots.add(new BackendSnapshot("pool" + i % 3, "b" + i, value + i, Long.MAX_VALUE - i));
        }
        return new CounterSnapshot("lb1", workerSnapshots, vipSnapshots, backendSnapshots);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        CounterSnapshot snapshot = snapshot(3, 5, 7, 1000);
        try (CounterFile file = CounterFile.create(directory, snapshot, NOW_MS)) {
            CounterFile.Reading reading = CounterFile.read(directory, NOW_MS + 250);
            assertThat(reading.snapshot()).isEqualTo(snapshot);
            assertThat(reading.ageMs()).isEqualTo(250);
            CounterSnapshot later = snapshot(3, 5, 7, 1_000_000_007);
            file.publish(later, NOW_MS + 900);
            assertThat(CounterFile.read(directory, NOW_MS + 1000)).isEqualTo(new CounterFile.Reading(later, 100));
        }
    }

    @Test
    void theLastCountsCanBeReadAfterTheNodeHasGone() throws IOException {
        CounterSnapshot snapshot = snapshot(1, 1, 1, 5);
        CounterFile.create(directory, snapshot, NOW_MS).close();
        assertThat(CounterFile.read(directory, NOW_MS + 60_000)).isEqualTo(new CounterFile.Reading(snapshot, 60_000));
    }

    @Test
    void aChangedSetOfCountersReplacesTheFileWhileTheOldOneIsMapped() throws IOException {
        CounterFile old = CounterFile.create(directory, snapshot(1, 1, 1, 5), NOW_MS);
        CounterSnapshot wider = snapshot(2, 40, 60, 9);
        try (CounterFile fresh = CounterFile.create(directory, wider, NOW_MS)) {
            old.publish(snapshot(1, 1, 1, 6), NOW_MS); // into the file that nobody finds any more
            old.close();
            assertThat(CounterFile.read(directory, NOW_MS).snapshot()).isEqualTo(wider);
            fresh.publish(snapshot(2, 40, 60, 10), NOW_MS);
        }
        assertThat(CounterFile.read(directory, NOW_MS).snapshot()).isEqualTo(snapshot(2, 40, 60, 10));
        assertThat(directory.toFile().list()).hasSize(1);
    }

    @Test
    void aFileLeftHalfMadeByADeadNodeIsNoObstacle() throws IOException {
        Files.write(directory.resolve("counters.new"), new byte[] {1, 2, 3});
        CounterFile.create(directory, snapshot(1, 1, 1, 5), NOW_MS).close();
        assertThat(CounterFile.read(directory, NOW_MS).snapshot()).isEqualTo(snapshot(1, 1, 1, 5));
    }

    @Test
    void thousandsOfVipsAndTheLongestNamesFit() throws IOException {
        String longest = "x".repeat(63);
        List<VipSnapshot> vips = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            vips.add(new VipSnapshot(longest.substring(4) + (1000 + i), i, i));
        }
        List<BackendSnapshot> backends = List.of(
                new BackendSnapshot(longest, longest, 1, 2), new BackendSnapshot(longest, longest.substring(1), 3, 4));
        CounterSnapshot snapshot = new CounterSnapshot("lb1", List.of(worker(0, 1)), vips, backends);
        CounterFile.create(directory, snapshot, NOW_MS).close();
        assertThat(CounterFile.read(directory, NOW_MS).snapshot()).isEqualTo(snapshot);
    }

    @Test
    void noFileIsToldFromABadOne() {
        assertThatThrownBy(() -> CounterFile.read(directory, NOW_MS)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void whatIsNotACounterFileIsRefused() throws IOException {
        for (byte[] bytes : List.of(
                new byte[0],
                new byte[7],
                new byte[64],
                new byte[100_000],
                "counters\n".repeat(100).getBytes(java.nio.charset.StandardCharsets.UTF_8))) {
            Files.write(CounterFile.pathIn(directory), bytes);
            assertThatThrownBy(() -> CounterFile.read(directory, NOW_MS))
                    .as("%d bytes", bytes.length)
                    .isInstanceOf(IOException.class)
                    .hasMessage("not a counter file of l4lb");
        }
    }

    /** Any bytes: a reading or an {@link IOException}, never a crash or another exception. */
    @Test
    void mutatedFilesAreReadOrRefused() throws IOException {
        long seed = Seed.of(CounterFileTest.class);
        SplittableRandom random = new SplittableRandom(seed);
        CounterFile.create(directory, snapshot(1, 2, 2, 77), NOW_MS).close();
        byte[] sound = Files.readAllBytes(CounterFile.pathIn(directory));
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = sound.clone();
            for (int change = random.nextInt(5); change >= 0; change--) {
                int at = random.nextInt(random.nextInt(4) == 0 ? 8 : bytes.length);
                bytes[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xff * random.nextInt(2));
            }
            boolean cut = random.nextInt(4) == 0;
            Files.write(
                    CounterFile.pathIn(directory), cut ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
            try {
                assertThat(CounterFile.read(directory, NOW_MS).snapshot().workers())
                        .isNotNull();
            } catch (IOException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", file " + i, e);
            }
        }
        assertThat(refused).isBetween(300, 2900);
    }
}
