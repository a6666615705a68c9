package io.l4lb.dpdk;

import static io.l4lb.dpdk.binding.ColdCall.INT32;
import static io.l4lb.dpdk.binding.ColdCall.POINTER;

import io.l4lb.dpdk.binding.ColdCall;

/**
 * Makes packets by hand, for tests and for the few that the node itself sends. Cold: a boxed call, a byte array per
 * frame. Works on single-segment mbufs.
 */
public final class Mbufs {
    private static final ColdCall ALLOCATE = ColdCall.returningInt("l4lb_mbuf_alloc_bulk", POINTER, POINTER, INT32);

    private Mbufs() {}

    /**
     * Takes {@code count} empty mbufs out of a pool, all or none.
     *
     * @param mbufArrayAddress where their addresses (8 bytes each) are written
     * @return whether the pool had them
     */
    public static boolean allocate(MbufPool pool, long mbufArrayAddress, int count) {
        return ALLOCATE.toInt(pool.address(), mbufArrayAddress, count) == 0;
    }

    /**
     * Puts a frame into an mbuf, behind its headroom.
     *
     * @throws IllegalArgumentException when the frame is longer than the buffer
     */
    public static void setFrame(long mbuf, byte[] frame) {
        int dataOffset = Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET);
        int roomBytes = Memory.getUnsignedShort(mbuf + MbufDescriptor.BUF_LEN_OFFSET) - dataOffset;
        if (frame.length > roomBytes) {
            throw new IllegalArgumentException(frame.length + " bytes do not fit into an mbuf of " + roomBytes);
        }
        Memory.copy(frame, 0, frameAddress(mbuf), frame.length);
        Memory.putInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET, frame.length);
        Memory.putShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET, (short) frame.length);
    }

    /** {@return a copy of the frame in an mbuf} */
    public static byte[] frame(long mbuf) {
        byte[] bytes = new byte[Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET)];
        Memory.copy(frameAddress(mbuf), bytes, 0, bytes.length);
        return bytes;
    }

    /** {@return where the frame in an mbuf starts} */
    public static long frameAddress(long mbuf) {
        return Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET)
                + Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET);
    }
}
