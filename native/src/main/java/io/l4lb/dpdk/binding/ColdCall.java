package io.l4lb.dpdk.binding;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * A function of DPDK or of the shim for set-up and tear-down: looked up when first called, arguments boxed.
 *
 * <p>Not for the hot path, where handles are {@code static final} and called by {@code invokeExact}. Any platform
 * thread may call; rte_errno belongs to the thread, so the call and the reading of its error must share one.
 */
public final class ColdCall {
    public static final ValueLayout POINTER = ValueLayout.JAVA_LONG;
    public static final ValueLayout INT32 = ValueLayout.JAVA_INT;
    public static final ValueLayout UINT16 = ValueLayout.JAVA_SHORT;

    private final String name;
    private final FunctionDescriptor descriptor;
    private volatile MethodHandle handle;

    private ColdCall(String name, FunctionDescriptor descriptor) {
        this.name = name;
        this.descriptor = descriptor;
    }

    public static ColdCall returningInt(String name, MemoryLayout... parameters) {
        return new ColdCall(name, FunctionDescriptor.of(INT32, parameters));
    }

    public static ColdCall returningLong(String name, MemoryLayout... parameters) {
        return new ColdCall(name, FunctionDescriptor.of(ValueLayout.JAVA_LONG, parameters));
    }

    public static ColdCall returningNothing(String name, MemoryLayout... parameters) {
        return new ColdCall(name, FunctionDescriptor.ofVoid(parameters));
    }

    /** Calls; {@code int} arguments are narrowed to what the C function takes. */
    public int toInt(Object... arguments) {
        return (int) call(arguments);
    }

    /** Calls; {@code int} arguments are narrowed to what the C function takes. */
    public long toLong(Object... arguments) {
        return call(arguments);
    }

    private long call(Object... arguments) {
        MethodHandle target = handle;
        if (target == null) {
            target = link();
            handle = target;
        }
        try {
            Object result = target.invokeWithArguments(arguments);
            return result == null ? 0 : ((Number) result).longValue();
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    private MethodHandle link() {
        MethodHandle target = NativeLibrary.downcall(name, descriptor);
        MethodType boxable = target.type();
        for (int i = 0; i < boxable.parameterCount(); i++) {
            if (boxable.parameterType(i) == short.class) {
                boxable = boxable.changeParameterType(i, int.class);
            }
        }
        return MethodHandles.explicitCastArguments(target, boxable);
    }
}
