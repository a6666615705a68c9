package io.l4lb.bench.source;

import io.l4lb.bench.shape.Source;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;

/**
 * Makes the packets of a capture other flows: changes four bytes of the client's address by a pattern, as the twin does
 * ({@code change_clients}).
 */
public final class OtherFlowsRxQueue implements RxQueue {
    /** Odd (2^32 by the golden ratio), so that every number gives another pattern. */
    private static final int SPREAD = (int) 2_654_435_761L;

    private final RxQueue rxQueue;
    private final int offset;
    private final int packetsPerPattern;
    private final int patterns;
    private int packets;
    private int number;

    private OtherFlowsRxQueue(RxQueue rxQueue, boolean ipv6, int packetsPerPattern, int patterns) {
        this.rxQueue = rxQueue;
        this.offset = EthernetDescriptor.LENGTH_BYTES
                + (ipv6 ? Ipv6Descriptor.SOURCE_OFFSET + 12 : Ipv4Descriptor.SOURCE_OFFSET);
        this.packetsPerPattern = packetsPerPattern;
        this.patterns = patterns;
    }

    /** {@return a queue whose flows are new with each burst} */
    public static RxQueue eachBurst(RxQueue rxQueue, boolean ipv6) {
        return new OtherFlowsRxQueue(rxQueue, ipv6, 1, Integer.MAX_VALUE);
    }

    /** {@return a queue whose flows are others each time round the capture, until the first come again} */
    public static RxQueue eachRound(RxQueue rxQueue, boolean ipv6, Source source) {
        return new OtherFlowsRxQueue(rxQueue, ipv6, source.captured(), source.variants());
    }

    @Override
    public int receive(long mbufArrayAddress, int capacity) {
        int count = rxQueue.receive(mbufArrayAddress, capacity);
        packets += count;
        if (packets >= packetsPerPattern) {
            packets = 0;
            number = number + 1 < patterns ? number + 1 : 0;
        }
        int pattern = number * SPREAD;
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
