package io.l4lb.dpdk.eal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/** The CPUs that this process may run on (taskset, cgroup cpusets and isolcpus considered). */
final class AllowedCpus {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String KEY = "Cpus_allowed_list:";

    private AllowedCpus() {}

    static BitSet read() {
        return read(STATUS);
    }

    /** {@return the CPUs of the process or thread whose status file that is} */
    static BitSet read(Path status) {
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith(KEY))
                    .map(line -> parse(line.substring(KEY.length()).strip()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(status + " has no " + KEY));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the set that the kernel's list format ("0-3,8") names} */
    static BitSet parse(String list) {
        BitSet cpus = new BitSet();
        for (String range : list.split(",", -1)) {
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
            cpus.set(first, last + 1);
        }
        return cpus;
    }
}
