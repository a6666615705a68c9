package io.l4lb.dpdk.binding;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;

/**
 * System calls that the JDK does not offer: memory maps and the scheduling of threads. Cold; any platform thread.
 */
public final class Libc {
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle MMAP =
            link("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MUNMAP = link("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MADVISE = link("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle MPROTECT = link("mprotect", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SET_AFFINITY =
            link("sched_setaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PRCTL =
            link("prctl", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int PR_SET_TIMERSLACK = 29;

    /** Thrown when the kernel refuses; the message has the call and the error number. */
    public static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int errno;

        RefusedException(String call, int errno) {
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
        return call("mmap", MMAP, 0L, lengthBytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
    }

    public static void unmap(long address, long lengthBytes) {
        call("munmap", MUNMAP, address, lengthBytes);
    }

    public static void advise(long address, long lengthBytes, int advice) {
        call("madvise", MADVISE, address, lengthBytes, advice);
    }

    /** Makes every access to the pages crash the process. */
    public static void forbid(long address, long lengthBytes) {
        call("mprotect", MPROTECT, address, lengthBytes, 0);
    }

    /** Lets the calling thread run on the CPUs of {@code mask} only; bit n of word n/64 is CPU n. */
    public static void bindThread(long[] mask) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bits = arena.allocateFrom(JAVA_LONG, mask);
            call("sched_setaffinity", SET_AFFINITY, 0, bits.byteSize(), bits.address());
        }
    }

    /** Sets how late the kernel may wake the calling thread, to save wake-ups (50,000 ns by default). */
    public static void timerSlackNs(long slackNs) {
        call("prctl", PRCTL, PR_SET_TIMERSLACK, slackNs, 0L, 0L, 0L);
    }

    private static MethodHandle link(String name, ValueLayout result, ValueLayout... parameters) {
        MethodHandle handle = NativeLibrary.libcDowncall(
                name, FunctionDescriptor.of(result, parameters), Linker.Option.captureCallState("errno"));
        MethodType widened = handle.type().changeReturnType(long.class);
        return MethodHandles.explicitCastArguments(handle, widened);
    }

    private static long call(String name, MethodHandle handle, Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            Object[] all = new Object[arguments.length + 1];
            all[0] = state;
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            long result = (long) handle.invokeWithArguments(Arrays.asList(all));
            if (result == -1) {
                throw new RefusedException(name, state.get(JAVA_INT, ERRNO_OFFSET));
            }
            return result;
        } catch (RefusedException e) {
            throw e;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }
}
