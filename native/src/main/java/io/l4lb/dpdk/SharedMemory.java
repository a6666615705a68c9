package io.l4lb.dpdk;

import io.l4lb.dpdk.binding.Libc;

/**
 * A page or more of zeroed memory that another process can map too, by {@link #path}: what is written here is seen there at
 * once, and there is no file that a killed process would leave behind. Cold to make; used by address ({@link Memory}).
 */
public final class SharedMemory implements AutoCloseable {
    private final int fileDescriptor;
    private final long address;
    private final long lengthBytes;
    private boolean freed;

    private SharedMemory(int fileDescriptor, long address, long lengthBytes) {
        this.fileDescriptor = fileDescriptor;
        this.address = address;
        this.lengthBytes = lengthBytes;
    }

    /** Makes and touches it; {@code label} is what the kernel shows of it in /proc. */
    public static SharedMemory allocate(String label, long lengthBytes) {
        int fileDescriptor = Libc.memoryFile(label, lengthBytes);
        long address = Libc.mapShared(fileDescriptor, lengthBytes);
        Memory.fill(address, lengthBytes, (byte) 0);
        return new SharedMemory(fileDescriptor, address, lengthBytes);
    }

    public long address() {
        return address;
    }

    /** {@return where another process of the same user can open it while this one lives} */
    public String path() {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + fileDescriptor;
    }

    @Override
    public synchronized void close() {
        if (!freed) {
            freed = true;
            Libc.unmap(address, lengthBytes);
            Libc.close(fileDescriptor);
        }
    }
}
