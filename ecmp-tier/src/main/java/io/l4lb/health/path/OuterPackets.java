package io.l4lb.health.path;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.TrafficCounters;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.raw.RawSocket;
import io.l4lb.encapsulate.Encapsulate;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.packet.EthernetDescriptor;

/**
 * Encapsulates single packets by the very stage that the workers run, as bursts of one, and has the kernel send them. One
 * thread.
 */
final class OuterPackets implements AutoCloseable {
    private static final int HEADROOM_BYTES = 128;
    private static final int MBUF_BYTES = 128;
    private static final int IPV4_TYPE_BE = 0x0008;
    private static final int IPV6_TYPE_BE = 0xdd86;
    private static final int TYPE_OFFSET = 2 * EthernetDescriptor.MAC_LENGTH_BYTES;

    private final NativeMemory memory = NativeMemory.allocate(
            MBUF_BYTES + DestinationDescriptor.LENGTH_BYTES + HEADROOM_BYTES + RawSocket.PACKET_BYTES_MAX, true);
    private final long mbuf = memory.address();
    private final long record = mbuf + MBUF_BYTES;
    private final long buffer = record + DestinationDescriptor.LENGTH_BYTES;
    private final long inner = buffer + HEADROOM_BYTES;
    private final Burst burst = new Burst();
    private final TrafficCounters counters = new TrafficCounters(2, 1);
    private final int mtuBytes;
    private final RawSocket ipv4 = RawSocket.forIpPackets(false);
    private final RawSocket ipv6 = RawSocket.forIpPackets(true);
    private final RawSocket frames = RawSocket.forFrames();

    OuterPackets(int mtuBytes) {
        this.mtuBytes = mtuBytes;
        Memory.putLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET, buffer);
    }

    /**
     * Sends one IP packet to the way's backend.
     *
     * @param hash of its flow
     * @return whether the encoder took it
     */
    boolean send(TunnelWay way, byte[] packet, int lengthBytes, boolean innerIpv6, long hash) {
        way.writeRecord(record, mtuBytes);
        Memory.copy(packet, 0, inner, lengthBytes);
        long frame = inner - EthernetDescriptor.LENGTH_BYTES;
        Memory.putShort(frame + TYPE_OFFSET, (short) (innerIpv6 ? IPV6_TYPE_BE : IPV4_TYPE_BE));
        if (!encapsulate(frame, lengthBytes, innerIpv6, hash)) {
            return false;
        }
        if (way.isFrame()) {
            frames.sendFrame(frame, EthernetDescriptor.LENGTH_BYTES + lengthBytes, way.interfaceIndex());
        } else {
            long outer = buffer
                    + Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET)
                    + EthernetDescriptor.LENGTH_BYTES;
            int outerLength =
                    Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET) - EthernetDescriptor.LENGTH_BYTES;
            (way.backend().ipv6() ? ipv6 : ipv4)
                    .send(outer, outerLength, way.backend().bytes());
        }
        return true;
    }

    private boolean encapsulate(long frame, int lengthBytes, boolean innerIpv6, long hash) {
        long[] columns = burst.columns();
        Burst.entry(burst.mbufs(), 0, mbuf);
        Burst.frameAddress(columns, 0, frame);
        Burst.frameLength(columns, 0, EthernetDescriptor.LENGTH_BYTES + lengthBytes);
        Burst.verdict(columns, 0, innerIpv6 ? Verdict.IPV6 : Verdict.IPV4);
        Burst.l3Address(columns, 0, inner);
        Burst.l3Length(columns, 0, lengthBytes);
        Burst.vip(columns, 0, 1);
        Burst.hash(columns, 0, hash);
        Burst.destination(columns, 0, 0);
        burst.count = 1;
        burst.toVipCount = 1;
        Encapsulate.run(burst, record, counters);
        return Burst.verdict(columns, 0) == Verdict.SEND;
    }

    @Override
    public void close() {
        ipv4.close();
        ipv6.close();
        frames.close();
        burst.close();
        counters.close();
        memory.close();
    }
}
