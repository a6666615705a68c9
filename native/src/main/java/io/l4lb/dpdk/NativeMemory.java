package io.l4lb.dpdk;

import io.l4lb.dpdk.binding.Libc;

/**
 * An area of zeroed memory outside the Java heap, for the tables and bursts of the hot path, which use it by address
 * ({@link Memory}). Never grows. Made and freed by cold code; whoever owns the table owns its area.
 */
public final class NativeMemory implements AutoCloseable {
    public static final long PAGE_BYTES = 4096;
    public static final long HUGE_PAGE_BYTES = 2L << 20;

    /** madvise(2): back the area with huge pages where it can be; a table look-up then costs one TLB miss less. */
    private static final int MADV_HUGEPAGE = 14;

    private final long mappedAddress;
    private final long mappedBytes;
    private final long address;
    private final long lengthBytes;
    private boolean freed;

    private NativeMemory(long mappedAddress, long mappedBytes, long address, long lengthBytes) {
        this.mappedAddress = mappedAddress;
        this.mappedBytes = mappedBytes;
        this.address = address;
        this.lengthBytes = lengthBytes;
    }

    /**
     * Makes an area, aligned to a page and, from 2 MiB on, to a huge page.
     *
     * @param lengthBytes at least 1
     * @param populate whether to touch each page now, from this thread (and so on this thread's NUMA node), rather
     *     than at first use
     * @throws OutOfMemoryError when the machine does not have it
     */
    public static NativeMemory allocate(long lengthBytes, boolean populate) {
        checkLength(lengthBytes);
        long usedBytes = align(lengthBytes, PAGE_BYTES);
        long address = lengthBytes < HUGE_PAGE_BYTES ? map(usedBytes) : mapHuge(usedBytes);
        if (populate) {
            for (long offset = 0; offset < usedBytes; offset += PAGE_BYTES) {
                Memory.putByte(address + offset, (byte) 0);
            }
        }
        return new NativeMemory(address, usedBytes, address, lengthBytes);
    }

    /**
     * Maps from a huge page's boundary on; what had to be mapped around it goes back at once. Only whole huge pages are
     * asked for, so the area takes no more memory than its length rounded up to a small page.
     */
    private static long mapHuge(long usedBytes) {
        long mappedAddress = map(usedBytes + HUGE_PAGE_BYTES);
        long address = align(mappedAddress, HUGE_PAGE_BYTES);
        if (address != mappedAddress) {
            Libc.unmap(mappedAddress, address - mappedAddress);
        }
        long end = address + usedBytes;
        long mappedEnd = mappedAddress + usedBytes + HUGE_PAGE_BYTES;
        if (end != mappedEnd) {
            Libc.unmap(end, mappedEnd - end);
        }
        advise(address, usedBytes & -HUGE_PAGE_BYTES);
        return address;
    }

    /**
     * Makes an area whose last byte is followed by a page that cannot be read: one byte beyond the end and the process
     * crashes. For tests that nothing reads out of a frame's bounds.
     */
    public static NativeMemory allocateGuarded(long lengthBytes) {
        checkLength(lengthBytes);
        long usedBytes = align(lengthBytes, PAGE_BYTES);
        long mappedAddress = map(usedBytes + PAGE_BYTES);
        long guardAddress = mappedAddress + usedBytes;
        Libc.forbid(guardAddress, PAGE_BYTES);
        return new NativeMemory(mappedAddress, usedBytes + PAGE_BYTES, guardAddress - lengthBytes, lengthBytes);
    }

    /** {@return the address of the first byte} */
    public long address() {
        return address;
    }

    /** {@return how many bytes may be used} */
    public long lengthBytes() {
        return lengthBytes;
    }

    /** Gives the memory back; any use of its addresses afterwards crashes the process. */
    @Override
    public synchronized void close() {
        if (!freed) {
            freed = true;
            Libc.unmap(mappedAddress, mappedBytes);
        }
    }

    /** {@return whether it has been given back} */
    public synchronized boolean isClosed() {
        return freed;
    }

    private static void checkLength(long lengthBytes) {
        if (lengthBytes < 1) {
            throw new IllegalArgumentException("lengthBytes must be at least 1, not " + lengthBytes);
        }
    }

    private static long align(long value, long alignment) {
        return Math.addExact(value, alignment - 1) & -alignment;
    }

    private static long map(long mappedBytes) {
        try {
            return Libc.map(mappedBytes);
        } catch (Libc.RefusedException e) {
            throw (OutOfMemoryError) new OutOfMemoryError(mappedBytes + " bytes of native memory").initCause(e);
        }
    }

    /** A kernel built without transparent huge pages refuses; small pages then do, only slower. */
    private static void advise(long address, long lengthBytes) {
        try {
            Libc.advise(address, lengthBytes, MADV_HUGEPAGE);
        } catch (Libc.RefusedException e) {
            assert e.errno() == 22 : e.getMessage();
        }
    }
}
