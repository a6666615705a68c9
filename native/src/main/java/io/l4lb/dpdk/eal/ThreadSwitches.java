package io.l4lb.dpdk.eal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.binding.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * How often the calling thread has left its CPU: of its own will, which a polling thread does only when the JVM stops it,
 * or because the kernel wanted the CPU. A system call of 0.2 us that allocates nothing. One thread an instance.
 *
 * <pre>
 * struct rusage (getrusage(2), 64-bit Linux), machine byte order
 *   0  user and system time, memory, faults, messages   128
 * 128  ru_nvcsw: voluntary context switches              8
 * 136  ru_nivcsw: involuntary context switches           8
 * </pre>
 */
public final class ThreadSwitches implements AutoCloseable {
    private static final int RUSAGE_THREAD = 1;
    private static final int VOLUNTARY_OFFSET = 128;
    private static final int INVOLUNTARY_OFFSET = VOLUNTARY_OFFSET + Long.BYTES;
    private static final int LENGTH_BYTES = INVOLUNTARY_OFFSET + Long.BYTES;
    private static final MethodHandle GETRUSAGE =
            NativeLibrary.libcDowncall("getrusage", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));

    private final NativeMemory usage = NativeMemory.allocate(LENGTH_BYTES, true);

    /** Asks the kernel anew. */
    public void read() {
        try {
            int failed = (int) GETRUSAGE.invokeExact(RUSAGE_THREAD, usage.address());
            assert failed == 0;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    /** {@return how often the thread had slept or waited at the last {@link #read}} */
    public long voluntary() {
        return Memory.getLong(usage.address() + VOLUNTARY_OFFSET);
    }

    /** {@return how often the kernel had given its CPU to another at the last {@link #read}} */
    public long involuntary() {
        return Memory.getLong(usage.address() + INVOLUNTARY_OFFSET);
    }

    @Override
    public void close() {
        usage.close();
    }
}
