package io.l4lb.bench.polling;

import io.l4lb.bench.shape.Mode;
import io.l4lb.burst.Burst;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;

/** The floors beneath the worker: the driver alone, and the driver with MACs set in each frame. */
final class FloorPass implements Pass {
    /** Both MACs as testpmd and the twin set them: twelve bytes in memory order. */
    private static final long MACS_FIRST = 0x00_02_01_00_00_00_00_02L;

    private static final int MACS_LAST = 0x02_00_00_00;

    private final Mode mode;
    private final RxQueue rxQueue;
    private final TxQueue txQueue;
    private final MbufRelease release;
    private final Burst burst = new Burst();
    private long packets;
    private long drops;

    FloorPass(Mode mode, RxQueue rxQueue, TxQueue txQueue, MbufRelease release) {
        this.mode = mode;
        this.rxQueue = rxQueue;
        this.txQueue = txQueue;
        this.release = release;
    }

    @Override
    public void run() {
        long mbufs = burst.mbufs();
        int count = rxQueue.receive(mbufs, Burst.CAPACITY);
        packets += count;
        if (mode == Mode.RXFREE) {
            release.release(mbufs, count);
            return;
        }
        if (mode == Mode.MAC) {
            setMacs(mbufs, count);
        }
        int sent = txQueue.transmit(mbufs, count);
        if (sent < count) {
            release.release(mbufs + ((long) sent << 3), count - sent);
            drops += count - sent;
        }
    }

    private static void setMacs(long mbufs, int count) {
        for (int i = 0; i < count; i++) {
            long mbuf = Memory.getLong(mbufs + ((long) i << 3));
            long frame = Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET)
                    + Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET);
            Memory.putLong(frame, MACS_FIRST);
            Memory.putInt(frame + Long.BYTES, MACS_LAST);
        }
    }

    /** {@return what it has counted}; when nobody polls */
    Counts counts() {
        return new Counts(packets, 0, 0, 0, drops, 0);
    }

    @Override
    public void close() {
        burst.close();
    }
}
