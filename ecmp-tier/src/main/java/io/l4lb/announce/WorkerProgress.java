package io.l4lb.announce;

import io.l4lb.dpdk.SharedMemory;

/**
 * How far each worker's loop has come, in memory that the watchdog's process reads.
 *
 * <pre>
 * worker n at n * 64, a cache line of its own:
 *  0  passes (u64, machine byte order): written by the worker with each pass, read by the watchdog every 10 ms   8
 *  8  unused                                                                                                    56
 * </pre>
 */
public final class WorkerProgress implements AutoCloseable {
    private static final int CELL_BYTES = 64;

    private final SharedMemory memory;

    public WorkerProgress(int workers) {
        memory = SharedMemory.allocate("l4lb-progress", (long) workers * CELL_BYTES);
    }

    /** {@return where a worker writes} */
    public long address(int worker) {
        return memory.address() + (long) worker * CELL_BYTES;
    }

    public SharedMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}
