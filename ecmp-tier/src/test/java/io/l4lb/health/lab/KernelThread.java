package io.l4lb.health.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A thread of the kernel that receives for one interface (threaded NAPI). */
record KernelThread(Path directory) {
    /** USER_HZ, the same on every Linux that DPDK runs on. */
    private static final double TICKS_PER_SECOND = 100;
    /** In /proc/PID/stat, behind the name in brackets: utime and stime. */
    private static final int USER_FIELD = 11;

    /** {@return those that receive for interfaces of that name, in whatever namespace} */
    static Set<KernelThread> receivingFor(String device) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> name(process).startsWith("napi/" + device + "-"))
                    .map(KernelThread::new)
                    .collect(Collectors.toSet());
        }
    }

    private static String name(Path process) {
        try {
            return Files.readString(process.resolve("comm"));
        } catch (IOException | UncheckedIOException _) {
            return ""; // no process, or one that has just ended
        }
    }

    double cpuSeconds() throws IOException {
        String stat = Files.readString(directory.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[USER_FIELD]) + Long.parseLong(fields[USER_FIELD + 1])) / TICKS_PER_SECOND;
    }
}
