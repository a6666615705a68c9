package io.l4lb.dpdk.binding;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Symbols of the C shim and, because the shim is linked against them, of all of DPDK's core libraries.
 *
 * <p>The shim is {@code libl4lb-shim.so} in the folder that the system property {@code l4lb.nativeDirectory} names.
 * It is opened on first use, so that a machine without DPDK gets an error and not a failing class initialiser.
 */
public final class NativeLibrary {
    public static final String DIRECTORY_PROPERTY = "l4lb.nativeDirectory";
    private static final String SHIM_NAME = "libl4lb-shim.so";
    private static final Linker LINKER = Linker.nativeLinker();
    private static final int RTLD_LAZY = 1;

    private static SymbolLookup symbols;

    private NativeLibrary() {}

    /**
     * {@return a handle that calls the function {@code name} of the shim or of DPDK}
     *
     * @throws DpdkException when the library cannot be loaded or has no such function
     */
    public static MethodHandle downcall(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        MemorySegment symbol = symbols().find(name).orElseThrow(() -> missing(name));
        return LINKER.downcallHandle(symbol, descriptor, options);
    }

    /** {@return a handle that calls a function of the C library} */
    public static MethodHandle libcDowncall(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
    }

    /** A downcall declares {@code Throwable} but throws nothing of its own; this closes the catch clause. */
    public static AssertionError unexpected(Throwable thrown) {
        return new AssertionError("a downcall threw", thrown);
    }

    private static synchronized SymbolLookup symbols() {
        if (symbols == null) {
            symbols = open();
        }
        return symbols;
    }

    private static SymbolLookup open() {
        String directory = System.getProperty(DIRECTORY_PROPERTY);
        if (directory == null) {
            throw notLoaded(
                    SHIM_NAME, "the system property " + DIRECTORY_PROPERTY + " is not set", "start through ./l4lb");
        }
        Path shim = Path.of(directory, SHIM_NAME).toAbsolutePath();
        if (!Files.isReadable(shim)) {
            throw notLoaded(shim.toString(), "no such file", "build it: make -C native, or start through ./l4lb");
        }
        try {
            return SymbolLookup.libraryLookup(shim, Arena.global());
        } catch (IllegalArgumentException e) {
            DpdkException failure = notLoaded(
                    shim.toString(),
                    loaderText(shim, e),
                    "install DPDK (apt-get install libdpdk-dev) and build the shim again: make -C native");
            failure.initCause(e);
            throw failure;
        }
    }

    /** The JDK drops the loader's explanation; opening the file again by dlopen gets it back. */
    private static String loaderText(Path shim, IllegalArgumentException failure) {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle open = libcDowncall(
                    "dlopen", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
            MethodHandle error = libcDowncall("dlerror", FunctionDescriptor.of(ValueLayout.ADDRESS));
            MemorySegment path = arena.allocateFrom(shim.toString());
            MemorySegment _ = (MemorySegment) open.invokeExact(path, RTLD_LAZY);
            MemorySegment text = (MemorySegment) error.invokeExact();
            return text.address() == 0
                    ? failure.getMessage()
                    : text.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static DpdkException missing(String name) {
        return new DpdkException(
                "this DPDK has no function " + name,
                "symbol not found",
                List.of(),
                "DPDK 22.11 or newer is needed; build the shim against it: make -C native");
    }

    private static DpdkException notLoaded(String what, String reason, String cure) {
        return new DpdkException("cannot load " + what, reason, List.of(), cure);
    }
}
