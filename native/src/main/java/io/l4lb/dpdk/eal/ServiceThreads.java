package io.l4lb.dpdk.eal;

import io.l4lb.dpdk.binding.Libc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * The threads of this process that are not workers: collector, compilers, control. Left alone, the kernel runs them on
 * the workers' CPUs too, and a worker then waits for milliseconds. Cold; control thread.
 */
public final class ServiceThreads {
    private static final Path TASKS = Path.of("/proc/self/task");
    /** Threads that start while we walk have their starter's CPUs: a second walk finds those, a third nobody. */
    private static final int WALKS_MAX = 3;

    private ServiceThreads() {}

    /**
     * Takes the workers' CPUs away from every thread that could run elsewhere too; threads started later inherit it. A
     * thread that is bound to the workers' CPUs alone stays, so that with no other CPU left nothing changes.
     *
     * @return how many threads were moved
     */
    public static int keepOff(Collection<Integer> workerCpus) {
        BitSet taken = new BitSet();
        workerCpus.forEach(taken::set);
        int moved = 0;
        for (int walk = 0; walk < WALKS_MAX; walk++) {
            int before = moved;
            for (Path task : tasks()) {
                moved += keepOff(task, taken) ? 1 : 0;
            }
            if (moved == before) {
                break;
            }
        }
        return moved;
    }

    private static boolean keepOff(Path task, BitSet taken) {
        try {
            BitSet cpus = AllowedCpus.read(task.resolve("status"));
            if (!cpus.intersects(taken)) {
                return false;
            }
            cpus.andNot(taken);
            if (cpus.isEmpty()) {
                return false;
            }
            Libc.bindThread(Integer.parseInt(task.getFileName().toString()), cpus.toLongArray());
            return true;
        } catch (UncheckedIOException | Libc.RefusedException e) {
            return false; // it has ended
        }
    }

    private static List<Path> tasks() {
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return tasks.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
