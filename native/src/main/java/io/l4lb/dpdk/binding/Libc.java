package io.l4lb.dpdk.binding;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * System calls that the JDK does not offer: memory maps and the scheduling of threads. Cold; any platform thread.
 */
public final class Libc {
    private static final SystemCall MMAP =
            SystemCall.of("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final SystemCall MUNMAP = SystemCall.of("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final SystemCall MADVISE = SystemCall.of("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final SystemCall MPROTECT = SystemCall.of("mprotect", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final SystemCall SET_AFFINITY =
            SystemCall.of("sched_setaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final SystemCall PRCTL =
            SystemCall.of("prctl", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private static final SystemCall MEMFD_CREATE = SystemCall.of("memfd_create", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final SystemCall FTRUNCATE = SystemCall.of("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final SystemCall CLOSE = SystemCall.of("close", JAVA_INT, JAVA_INT);

    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int MFD_CLOEXEC = 1;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int PR_SET_TIMERSLACK = 29;

    /** Thrown when the kernel refuses; the message has the call and the error number. */
    public static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int errno;

        public RefusedException(String call, int errno) {
            super(call + " failed with errno " + errno);
            this.errno = errno;
        }

        /** {@return the kernel's error number} */
        public int errno() {
            return errno;
        }
    }

    private Libc() {}

    /** {@return the address of {@code lengthBytes} of new, zeroed, private memory} */
    public static long map(long lengthBytes) {
        return MMAP.call(0L, lengthBytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
    }

    /** {@return the address of all {@code lengthBytes} of a file that {@link #memoryFile} made} */
    public static long mapShared(int fileDescriptor, long lengthBytes) {
        return MMAP.call(0L, lengthBytes, PROT_READ_WRITE, MAP_SHARED, fileDescriptor, 0L);
    }

    /** {@return the descriptor of a new file of zeroes that has no name and lives in memory} */
    public static int memoryFile(String label, long lengthBytes) {
        try (Arena arena = Arena.ofConfined()) {
            int fileDescriptor =
                    (int) MEMFD_CREATE.call(arena.allocateFrom(label).address(), MFD_CLOEXEC);
            FTRUNCATE.call(fileDescriptor, lengthBytes);
            return fileDescriptor;
        }
    }

    public static void close(int fileDescriptor) {
        CLOSE.call(fileDescriptor);
    }

    public static void unmap(long address, long lengthBytes) {
        MUNMAP.call(address, lengthBytes);
    }

    public static void advise(long address, long lengthBytes, int advice) {
        MADVISE.call(address, lengthBytes, advice);
    }

    /** Makes every access to the pages crash the process. */
    public static void forbid(long address, long lengthBytes) {
        MPROTECT.call(address, lengthBytes, 0);
    }

    /** Lets the calling thread run on the CPUs of {@code mask} only; bit n of word n/64 is CPU n. */
    public static void bindThread(long[] mask) {
        bindThread(0, mask);
    }

    /** Likewise any thread, by the number that the kernel has given it; 0: the calling one. */
    public static void bindThread(int threadId, long[] mask) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bits = arena.allocateFrom(JAVA_LONG, mask);
            SET_AFFINITY.call(threadId, bits.byteSize(), bits.address());
        }
    }

    /** Sets how late the kernel may wake the calling thread, to save wake-ups (50,000 ns by default). */
    public static void timerSlackNs(long slackNs) {
        PRCTL.call(PR_SET_TIMERSLACK, slackNs, 0L, 0L, 0L);
    }
}
