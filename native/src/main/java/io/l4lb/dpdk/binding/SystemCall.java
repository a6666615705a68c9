package io.l4lb.dpdk.binding;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.l4lb.dpdk.binding.Libc.RefusedException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A function of the C library that answers -1 and an error number when the kernel refuses. Cold: arguments are boxed. Any
 * platform thread.
 */
public final class SystemCall {
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private final String name;
    private final MethodHandle handle;

    private SystemCall(String name, MethodHandle handle) {
        this.name = name;
        this.handle = handle;
    }

    public static SystemCall of(String name, ValueLayout result, ValueLayout... parameters) {
        return link(name, FunctionDescriptor.of(result, parameters), List.of());
    }

    /** A function that C declares with "..." after {@code fixedCount} parameters. */
    public static SystemCall variadic(String name, int fixedCount, ValueLayout result, ValueLayout... parameters) {
        Linker.Option variadic = Linker.Option.firstVariadicArg(fixedCount);
        return link(name, FunctionDescriptor.of(result, parameters), List.of(variadic));
    }

    private static SystemCall link(String name, FunctionDescriptor descriptor, List<Linker.Option> options) {
        List<Linker.Option> all = new ArrayList<>(options);
        all.add(Linker.Option.captureCallState("errno"));
        MethodHandle exact = NativeLibrary.libcDowncall(name, descriptor, all.toArray(Linker.Option[]::new));
        MethodType widened = exact.type().changeReturnType(long.class);
        return new SystemCall(name, MethodHandles.explicitCastArguments(exact, widened));
    }

    /**
     * {@return what the function returned}
     *
     * @throws RefusedException when that is -1
     */
    public long call(Object... arguments) {
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
