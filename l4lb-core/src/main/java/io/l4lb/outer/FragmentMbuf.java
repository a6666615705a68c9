package io.l4lb.outer;

import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;

/** The mbufs of fragments. Static; worker thread. */
final class FragmentMbuf {
    private FragmentMbuf() {}

    /** Sets the length of the frame that begins at {@code frame}. */
    static void set(long mbuf, long frame, int frameLength) {
        long dataOffset = frame - Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET);
        Memory.putShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET, (short) dataOffset);
        Memory.putShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET, (short) frameLength);
        Memory.putInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET, frameLength);
    }

    /**
     * Lets an empty mbuf have a frame of that length, and what drivers have noted of the packet. {@return where the frame begins}
     */
    static long begin(long mbuf, int frameLength, long packetMbuf) {
        long frame = Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET)
                + Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET);
        assert Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET) + frameLength
                        <= Memory.getUnsignedShort(mbuf + MbufDescriptor.BUF_LEN_OFFSET)
                : "the pool's mbufs hold a frame of dataplane.mtuBytes";
        set(mbuf, frame, frameLength);
        Memory.copy(
                packetMbuf + MbufDescriptor.DYNAMIC_FIELDS_OFFSET,
                mbuf + MbufDescriptor.DYNAMIC_FIELDS_OFFSET,
                MbufDescriptor.DYNAMIC_FIELDS_BYTES);
        return frame;
    }
}
