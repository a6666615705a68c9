package io.l4lb.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/** What packets cost in heap memory. */
public final class Allocation {
    /** What packets allocate is allocated in all of them. */
    private static final int WINDOWS_MAX = 4;

    private Allocation() {}

    /**
     * {@return bytes that a thread of its own allocates while it works on so many packets} Of several windows the last: what the JVM compiles late, on
     * a busy machine, may cost an earlier one some bytes; one of 0 ends it.
     *
     * @param work takes the number of packets
     */
    public static long bytes(int warmUpPackets, int packets, IntConsumer work) {
        return CompletableFuture.supplyAsync(
                        () -> measure(warmUpPackets, packets, work),
                        task -> Thread.ofPlatform().name("worker").start(task))
                .join();
    }

    private static long measure(int warmUpPackets, int packets, IntConsumer work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        threads.getCurrentThreadAllocatedBytes(); // the first call allocates
        work.accept(warmUpPackets);
        long allocated = Long.MAX_VALUE;
        for (int window = 0; window < WINDOWS_MAX && allocated != 0; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            work.accept(packets);
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        return allocated;
    }
}
