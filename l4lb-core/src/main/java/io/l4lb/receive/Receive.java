package io.l4lb.receive;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.RxQueue;

/** Polls one RX queue and fills the frame columns. Worker thread; at most {@link Burst#CAPACITY} packets a call. */
public final class Receive {
    private static final int DROP_MULTI_SEGMENT = Verdict.drop(DropReason.MULTI_SEGMENT);

    private Receive() {}

    /** {@return the bytes received}; {@code burst.count} says how many packets */
    public static long run(Burst burst, RxQueue rxQueue) {
        int count = rxQueue.receive(burst.mbufs(), Burst.CAPACITY);
        burst.count = count;
        long[] columns = burst.columns();
        long mbufs = burst.mbufs();
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            long mbuf = Burst.entry(mbufs, i);
            int length = Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET);
            Burst.frameAddress(
                    columns,
                    i,
                    Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET)
                            + Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET));
            Burst.frameLength(columns, i, length);
            bytes += Memory.getInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET);
            Burst.verdict(
                    columns,
                    i,
                    Memory.getUnsignedShort(mbuf + MbufDescriptor.NB_SEGS_OFFSET) == 1
                            ? Verdict.IPV4 // until parse has looked
                            : DROP_MULTI_SEGMENT);
        }
        return bytes;
    }
}
