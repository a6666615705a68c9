package io.l4lb.bench.rig;

import io.l4lb.bench.strict.BrokenPromise;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.binding.Libc;

/**
 * Mbufs without DPDK, each buffer between two pages that cannot be touched. A frame lies at one end: a byte beyond it there and the
 * process ends; at the other end lie bytes that must stay as they are. One thread.
 */
final class GuardedMbufs implements AutoCloseable {
    static final int HEADROOM_BYTES = 128;

    private static final long PAGE = NativeMemory.PAGE_BYTES;
    private static final long ROOM_BYTES =
            (FuzzInput.FRAME_BYTES_MAX + HEADROOM_BYTES + 2 * Long.BYTES + PAGE - 1) / PAGE * PAGE;
    private static final long CANARY = 0x5ca1ab1e_0ddba11L;

    private final NativeMemory structs;
    private final NativeMemory buffers;
    private final int count;
    private final long[] canaries;

    GuardedMbufs(int count) {
        this.count = count;
        structs = NativeMemory.allocate((long) count * MbufDescriptor.LENGTH_BYTES, true);
        buffers = NativeMemory.allocate(count * (ROOM_BYTES + PAGE) + PAGE, false);
        canaries = new long[count];
        for (int i = 0; i <= count; i++) {
            Libc.forbid(buffers.address() + i * (ROOM_BYTES + PAGE), PAGE);
        }
    }

    int count() {
        return count;
    }

    long address(int index) {
        return structs.address() + (long) index * MbufDescriptor.LENGTH_BYTES;
    }

    /** {@return the index of the mbuf at that address} */
    int index(long mbuf) {
        long offset = mbuf - structs.address();
        if (offset < 0
                || offset >= (long) count * MbufDescriptor.LENGTH_BYTES
                || offset % MbufDescriptor.LENGTH_BYTES != 0) {
            throw new BrokenPromise("not an mbuf: " + Long.toHexString(mbuf));
        }
        return (int) (offset / MbufDescriptor.LENGTH_BYTES);
    }

    private long room(int index) {
        return buffers.address() + PAGE + index * (ROOM_BYTES + PAGE);
    }

    void setFrame(int index, byte[] frame, int headroomBytes, boolean atStart) {
        int length = headroomBytes + frame.length;
        long start = atStart ? room(index) : room(index) + ROOM_BYTES - length;
        set(index, start, length, headroomBytes, atStart ? start + length : start - Long.BYTES);
        Memory.copy(frame, 0, start + headroomBytes, frame.length);
        setLength(index, frame.length);
    }

    /** Makes it an empty one, with all the room there is. */
    void setEmpty(int index) {
        long start = room(index) + Long.BYTES;
        set(index, start, (int) (ROOM_BYTES - Long.BYTES), HEADROOM_BYTES, room(index));
        setLength(index, 0);
    }

    private void set(int index, long start, int bufferBytes, int headroomBytes, long canary) {
        long mbuf = address(index);
        canaries[index] = canary;
        Memory.putLong(canary, CANARY);
        Memory.putLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET, start);
        Memory.putShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET, (short) headroomBytes);
        Memory.putShort(mbuf + MbufDescriptor.REFCNT_OFFSET, (short) 1);
        Memory.putShort(mbuf + MbufDescriptor.NB_SEGS_OFFSET, (short) 1);
        Memory.putLong(mbuf + MbufDescriptor.OL_FLAGS_OFFSET, 0);
        Memory.putLong(mbuf + MbufDescriptor.NEXT_OFFSET, 0);
        Memory.putShort(mbuf + MbufDescriptor.BUF_LEN_OFFSET, (short) bufferBytes);
    }

    private void setLength(int index, int lengthBytes) {
        Memory.putInt(address(index) + MbufDescriptor.PKT_LEN_OFFSET, lengthBytes);
        Memory.putShort(address(index) + MbufDescriptor.DATA_LEN_OFFSET, (short) lengthBytes);
    }

    /** Fails if bytes beside the buffer were written. */
    void checkUntouchedAround(int index) {
        if (Memory.getLong(canaries[index]) != CANARY) {
            throw new BrokenPromise("written outside the mbuf's buffer");
        }
    }

    /** {@return what the mbuf says that it holds, which must lie in its buffer} */
    byte[] frame(int index) {
        long mbuf = address(index);
        int offset = Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET);
        int length = Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET);
        if (length != Memory.getInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET)) {
            throw new BrokenPromise("pkt_len is not data_len");
        }
        if (offset + length > Memory.getUnsignedShort(mbuf + MbufDescriptor.BUF_LEN_OFFSET)) {
            throw new BrokenPromise("the frame ends beyond its buffer");
        }
        byte[] frame = new byte[length];
        Memory.copy(Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET) + offset, frame, 0, length);
        return frame;
    }

    @Override
    public void close() {
        structs.close();
        buffers.close();
    }
}
