package io.l4lb.bench.polling;

import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;

/**
 * Makes every packet a flow not seen before: changes four bytes of the client's address from burst to burst, as the twin
 * does ({@code make_new}).
 */
final class NewFlowRxQueue implements RxQueue {
    /** Odd (2^32 by the golden ratio), so that every burst number gives another pattern. */
    private static final int SPREAD = (int) 2_654_435_761L;

    private final RxQueue rxQueue;
    private final int offset;
    private int burstNumber;

    NewFlowRxQueue(RxQueue rxQueue, boolean ipv6) {
        this.rxQueue = rxQueue;
        this.offset = EthernetDescriptor.LENGTH_BYTES
                + (ipv6 ? Ipv6Descriptor.SOURCE_OFFSET + 12 : Ipv4Descriptor.SOURCE_OFFSET);
    }

    @Override
    public int receive(long mbufArrayAddress, int capacity) {
        int count = rxQueue.receive(mbufArrayAddress, capacity);
        int pattern = ++burstNumber * SPREAD;
        for (int i = 0; i < count; i++) {
            long mbuf = Memory.getLong(mbufArrayAddress + ((long) i << 3));
            long field = Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET)
                    + Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET)
                    + offset;
            Memory.putInt(field, Memory.getInt(field) ^ pattern);
        }
        return count;
    }
}
