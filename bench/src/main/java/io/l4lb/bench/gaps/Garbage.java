package io.l4lb.bench.gaps;

import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Allocates so many bytes a second: arrays of 16 bytes to 2 KiB, of which a random one of {@value #ALIVE} dies for each
 * that is born, so that about 64 MiB live. One thread.
 */
final class Garbage implements Runnable {
    private static final int ALIVE = 1 << 16;
    private static final int BYTES_MIN = 16;
    private static final int BYTES_MAX = 2048;
    private static final long PAUSE_NS = 1_000_000;
    /** What is behind after a longer stop is made up for in steps of this. */
    private static final long STEP_BYTES_MAX = 10_000_000;

    private final double bytesPerNs;
    private final SplittableRandom random = new SplittableRandom(1);
    private final byte[][] alive = new byte[ALIVE][];
    private volatile boolean running = true;
    private volatile long allocatedBytes;

    Garbage(int megabytesPerSecond) {
        bytesPerNs = megabytesPerSecond / 1e3;
    }

    @Override
    public void run() {
        long startNs = System.nanoTime();
        while (running) {
            long due = (long) ((System.nanoTime() - startNs) * bytesPerNs);
            allocate(Math.min(due, allocatedBytes + STEP_BYTES_MAX));
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    private void allocate(long upTo) {
        long bytes = allocatedBytes;
        while (bytes < upTo) {
            byte[] array = new byte[random.nextInt(BYTES_MIN, BYTES_MAX)];
            alive[random.nextInt(ALIVE)] = array;
            bytes += array.length;
        }
        allocatedBytes = bytes;
    }

    /** Any thread. */
    void stop() {
        running = false;
    }
}
