package io.l4lb.testing;

import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.MbufSource;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * Mbufs without DPDK. Each frame ends where a page begins that cannot be read: one byte beyond it and the process
 * crashes. Before its headroom stands a word that nobody may change.
 */
public final class MemoryMbufs implements MbufSource, AutoCloseable {
    /** DPDK's usual RTE_PKTMBUF_HEADROOM. */
    public static final int HEADROOM_BYTES = 128;

    private static final byte[] EMPTY = {};
    private static final long CANARY = 0x5ca1ab1e_0ddba11L;

    private final NativeMemory structs;
    private final List<NativeMemory> buffers = new ArrayList<>();
    private final long[] bufferEnds;
    private final int frameBytesMax;
    private final int takenFrom;
    private int takenNext;
    private int room = Integer.MAX_VALUE;
    private Runnable whenTaking = () -> {};

    public MemoryMbufs(int count, int frameBytesMax) {
        this(count, frameBytesMax, 0);
    }

    /** @param toTake how many more there are for {@link #take}, which gives them in turn and does not ask for them back */
    public MemoryMbufs(int ownCount, int frameBytesMax, int toTake) {
        int count = ownCount + toTake;
        this.frameBytesMax = frameBytesMax;
        takenFrom = ownCount;
        structs = NativeMemory.allocate((long) count * MbufDescriptor.LENGTH_BYTES, true);
        bufferEnds = new long[count];
        for (int i = 0; i < count; i++) {
            NativeMemory buffer = NativeMemory.allocateGuarded((long) Long.BYTES + HEADROOM_BYTES + frameBytesMax);
            buffers.add(buffer);
            bufferEnds[i] = buffer.address() + buffer.lengthBytes();
        }
    }

    public int count() {
        return bufferEnds.length;
    }

    /** {@return the address of the mbuf with that index} */
    public long address(int index) {
        return structs.address() + (long) index * MbufDescriptor.LENGTH_BYTES;
    }

    /** {@return the index of the mbuf at that address} */
    public int index(long mbuf) {
        long offset = mbuf - structs.address();
        if (offset < 0 || offset >= structs.lengthBytes() || offset % MbufDescriptor.LENGTH_BYTES != 0) {
            throw new AssertionError("not an mbuf: " + Long.toHexString(mbuf));
        }
        return (int) (offset / MbufDescriptor.LENGTH_BYTES);
    }

    public void setFrame(int index, byte[] frame, int lengthBytes) {
        setFrame(index, frame, lengthBytes, HEADROOM_BYTES);
    }

    public void setFrame(int index, byte[] frame, int lengthBytes, int headroomBytes) {
        long mbuf = address(index);
        long bufferStart = bufferEnds[index] - lengthBytes - headroomBytes;
        Memory.putLong(bufferStart - Long.BYTES, CANARY);
        Memory.copy(frame, 0, bufferStart + headroomBytes, lengthBytes);
        Memory.putLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET, bufferStart);
        Memory.putShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET, (short) headroomBytes);
        Memory.putShort(mbuf + MbufDescriptor.REFCNT_OFFSET, (short) 1);
        Memory.putShort(mbuf + MbufDescriptor.NB_SEGS_OFFSET, (short) 1);
        Memory.putInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET, lengthBytes);
        Memory.putShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET, (short) lengthBytes);
        Memory.putShort(mbuf + MbufDescriptor.BUF_LEN_OFFSET, (short) (headroomBytes + lengthBytes));
    }

    /** Gives so many more mbufs, then none. */
    public void room(int count) {
        room = count;
    }

    /** Something that another thread may do in that moment. */
    public void whenTaking(Runnable action) {
        whenTaking = action;
    }

    @Override
    public boolean take(long mbufArrayAddress, int count) {
        whenTaking.run();
        if (count > Math.min(room, count() - takenFrom)) {
            return false;
        }
        room -= count;
        for (int i = 0; i < count; i++) {
            int index = takenFrom + takenNext;
            takenNext = (takenNext + 1) % (count() - takenFrom);
            setFrame(index, EMPTY, 0, HEADROOM_BYTES);
            long start = bufferEnds[index] - HEADROOM_BYTES - frameBytesMax;
            Memory.putLong(start - Long.BYTES, CANARY);
            Memory.putLong(address(index) + MbufDescriptor.BUF_ADDR_OFFSET, start);
            Memory.putShort(address(index) + MbufDescriptor.BUF_LEN_OFFSET, (short) (HEADROOM_BYTES + frameBytesMax));
            Memory.putLong(mbufArrayAddress + ((long) i << 3), address(index));
        }
        return true;
    }

    /** Makes an mbuf look like the first of several that hold one frame. */
    public void setSegments(int index, int segments, int packetBytes) {
        Memory.putShort(address(index) + MbufDescriptor.NB_SEGS_OFFSET, (short) segments);
        Memory.putInt(address(index) + MbufDescriptor.PKT_LEN_OFFSET, packetBytes);
    }

    /** Copies the frame out; {@return its length} Checks that its lengths agree and that it lies in its buffer. */
    public int copyFrame(int index, byte[] to) {
        long mbuf = address(index);
        long bufferStart = Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET);
        int dataOffset = Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET);
        int length = Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET);
        check(length == Memory.getInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET), "pkt_len is not data_len");
        check(bufferStart + dataOffset + length <= bufferEnds[index], "frame ends beyond its buffer");
        check(Memory.getLong(bufferStart - Long.BYTES) == CANARY, "written before the buffer");
        Memory.copy(bufferStart + dataOffset, to, 0, length);
        return length;
    }

    private static void check(boolean right, String otherwise) {
        if (!right) {
            throw new AssertionError(otherwise);
        }
    }

    @Override
    public void close() {
        structs.close();
        buffers.forEach(NativeMemory::close);
    }
}
