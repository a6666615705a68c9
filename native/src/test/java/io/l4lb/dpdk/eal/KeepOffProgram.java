package io.l4lb.dpdk.eal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Keeps its threads off the CPUs that its arguments name, then prints how many moved and which CPUs each now has. */
final class KeepOffProgram {
    private KeepOffProgram() {}

    public static void main(String[] arguments) throws IOException {
        List<Integer> cpus = Arrays.stream(arguments).map(Integer::valueOf).toList();
        System.out.println("moved " + ServiceThreads.keepOff(cpus));
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            tasks.forEach(task -> System.out.println("cpus " + AllowedCpus.read(task.resolve("status"))));
        }
        System.out.println("end");
    }
}
