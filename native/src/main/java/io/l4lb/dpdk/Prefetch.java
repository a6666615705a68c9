package io.l4lb.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.l4lb.dpdk.binding.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * Brings cache lines near before they are read: one call for the addresses of a whole burst. The call never blocks
 * and takes well under a microsecond, so it is a critical one (no thread state transition). Any thread.
 */
public final class Prefetch {
    private static final MethodHandle PREFETCH = NativeLibrary.downcall(
            "l4lb_prefetch", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT), Linker.Option.critical(false));

    private Prefetch() {}

    /**
     * Prefetches the line at each address; addresses that are not mapped do no harm.
     *
     * @param addressArray array of addresses (8 bytes each)
     */
    public static void lines(long addressArray, int count) {
        try {
            PREFETCH.invokeExact(addressArray, count);
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }
}
