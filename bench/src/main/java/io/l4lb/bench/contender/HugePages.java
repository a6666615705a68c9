package io.l4lb.bench.contender;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A number of huge pages asked of the kernel for the length of a benchmark, and given back. Needs root. */
public final class HugePages implements AutoCloseable {
    private static final Path COUNT = Path.of("/proc/sys/vm/nr_hugepages");
    private static final Path FREE = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
    private static final int PAGE_MEGABYTES = 2;

    private final long before;
    private final boolean granted;
    private final Thread restorer = Thread.ofPlatform().unstarted(this::restore);

    private HugePages(long before, boolean granted) {
        this.before = before;
        this.granted = granted;
        if (before >= 0) {
            Runtime.getRuntime().addShutdownHook(restorer);
        }
    }

    /** Asks for so much more than others use; {@link #granted} says whether it is there. */
    public static HugePages ask(long megabytes) {
        long pages = megabytes / PAGE_MEGABYTES + 1;
        try {
            long free = read(FREE);
            if (free >= pages) {
                return new HugePages(-1, true);
            }
            long before = read(COUNT);
            Files.writeString(COUNT, Long.toString(before + pages - free));
            return new HugePages(before, read(FREE) >= pages);
        } catch (IOException e) {
            return new HugePages(-1, false);
        }
    }

    /** {@return whether there are as many as were asked for} */
    public boolean granted() {
        return granted;
    }

    private static long read(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).strip());
    }

    private void restore() {
        try {
            Files.writeString(COUNT, Long.toString(before));
        } catch (IOException e) {
            System.err.println("could not set " + COUNT + " back to " + before + ": " + e.getMessage());
        }
    }

    @Override
    public void close() {
        if (before >= 0) {
            Runtime.getRuntime().removeShutdownHook(restorer);
            restore();
        }
    }
}
