package io.l4lb.dpdk;

import java.nio.ByteOrder;
import jdk.internal.misc.Unsafe;

/**
 * Reads and writes of native memory by absolute address, for the hot path.
 *
 * <p>Over the JDK's internal Unsafe, which Agrona's buffers use too. A segment that spans all memory was tried first: each
 * access kept a comparison with a 64-bit constant and a branch, two dozen a packet, and used up C2's inlining budget;
 * {@code docs/design/07-speed.md} has the figures. Nothing checks the addresses: callers own their bounds. All values
 * are in the machine's byte order (little-endian; checked when the class loads); names that end in {@code Be} hold network
 * byte order as it lies in memory. Any thread; no state.
 */
public final class Memory {
    /** Offset of the first cell of a {@code long[]} from its beginning, in bytes. */
    public static final long CELLS_OFFSET = Unsafe.ARRAY_LONG_BASE_OFFSET;

    private static final Unsafe UNSAFE = Unsafe.getUnsafe();

    static {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new ExceptionInInitializerError("l4lb runs on little-endian machines only (x86-64, aarch64)");
        }
    }

    private Memory() {}

    public static byte getByte(long address) {
        return UNSAFE.getByte(address);
    }

    /** {@return the byte at {@code address} as 0..255} */
    public static int getUnsignedByte(long address) {
        return UNSAFE.getByte(address) & 0xff;
    }

    public static short getShort(long address) {
        return UNSAFE.getShort(address);
    }

    /** {@return the two bytes at {@code address} as 0..65535, machine order} */
    public static int getUnsignedShort(long address) {
        return UNSAFE.getShort(address) & 0xffff;
    }

    public static int getInt(long address) {
        return UNSAFE.getInt(address);
    }

    public static long getLong(long address) {
        return UNSAFE.getLong(address);
    }

    public static void putByte(long address, byte value) {
        UNSAFE.putByte(address, value);
    }

    public static void putShort(long address, short value) {
        UNSAFE.putShort(address, value);
    }

    public static void putInt(long address, int value) {
        UNSAFE.putInt(address, value);
    }

    public static void putLong(long address, long value) {
        UNSAFE.putLong(address, value);
    }

    /** {@return 4 bytes of an array}, {@code offset} counted from {@link #CELLS_OFFSET}; no check but for an assertion */
    public static int getInt(long[] cells, long offset) {
        assert isInside(cells, offset);
        return UNSAFE.getInt(cells, offset);
    }

    /** {@return 8 bytes of an array}, as {@link #getInt(long[], long)} */
    public static long getLong(long[] cells, long offset) {
        assert isInside(cells, offset);
        return UNSAFE.getLong(cells, offset);
    }

    /** Writes 4 bytes of an array, as {@link #getInt(long[], long)} reads them. */
    public static void putInt(long[] cells, long offset, int value) {
        assert isInside(cells, offset);
        UNSAFE.putInt(cells, offset, value);
    }

    /** Writes 8 bytes of an array, as {@link #getLong(long[], long)} reads them. */
    public static void putLong(long[] cells, long offset, long value) {
        assert isInside(cells, offset);
        UNSAFE.putLong(cells, offset, value);
    }

    private static boolean isInside(long[] cells, long offset) {
        return offset >= CELLS_OFFSET && offset < CELLS_OFFSET + ((long) cells.length << 3);
    }

    /** Reads 8 aligned bytes that another thread may be writing with {@link #putLongOpaque}: never torn. */
    public static long getLongOpaque(long address) {
        return UNSAFE.getLongOpaque(null, address);
    }

    /** Writes 8 aligned bytes so that {@link #getLongOpaque} in another thread sees them whole. */
    public static void putLongOpaque(long address, long value) {
        UNSAFE.putLongOpaque(null, address, value);
    }

    /** Writes 2 aligned bytes that other threads may be reading. */
    public static void putShortOpaque(long address, short value) {
        UNSAFE.putShortOpaque(null, address, value);
    }

    /** Writes 4 aligned bytes that other threads may be reading. */
    public static void putIntOpaque(long address, int value) {
        UNSAFE.putIntOpaque(null, address, value);
    }

    /** Reads 8 aligned bytes before anything that the program reads later. */
    public static long getLongAcquire(long address) {
        return UNSAFE.getLongAcquire(null, address);
    }

    /** Writes 8 aligned bytes after everything that the program has written before. */
    public static void putLongRelease(long address, long value) {
        UNSAFE.putLongRelease(null, address, value);
    }

    /** Copies {@code lengthBytes} between areas that may overlap. */
    public static void copy(long fromAddress, long toAddress, long lengthBytes) {
        UNSAFE.copyMemory(fromAddress, toAddress, lengthBytes);
    }

    public static void copy(byte[] from, int fromIndex, long toAddress, int lengthBytes) {
        checkRange(from, fromIndex, lengthBytes);
        UNSAFE.copyMemory(from, Unsafe.ARRAY_BYTE_BASE_OFFSET + (long) fromIndex, null, toAddress, lengthBytes);
    }

    public static void copy(long fromAddress, byte[] to, int toIndex, int lengthBytes) {
        checkRange(to, toIndex, lengthBytes);
        UNSAFE.copyMemory(null, fromAddress, to, Unsafe.ARRAY_BYTE_BASE_OFFSET + (long) toIndex, lengthBytes);
    }

    public static void fill(long address, long lengthBytes, byte value) {
        UNSAFE.setMemory(address, lengthBytes, value);
    }

    private static void checkRange(byte[] array, int index, int lengthBytes) {
        java.util.Objects.checkFromIndexSize(index, lengthBytes, array.length);
    }
}
