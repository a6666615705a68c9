package io.l4lb.quic;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.cid.CidDecoder;
import io.l4lb.cid.CidDecoders;
import io.l4lb.cid.ConnectionIdDescriptor;
import io.l4lb.cid.QuicRoutes;
import io.l4lb.cid.ServerIdTable;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowEvent;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import io.l4lb.packet.QuicDescriptor;

/**
 * Reads the destination connection ID of packets to QUIC VIPs: one that a backend of the VIP has made says where the packet goes,
 * whatever its flow; all others go where their flow goes (draft-ietf-quic-load-balancers-21, section 4.2, steps 1, 4 and 5).
 *
 * <p>Knows of QUIC what no version may change (RFC 8999), so it does not know an Initial packet from others with a long header:
 * where such an ID can be decoded, the draft has it obeyed, and client-chosen IDs for which that is so by chance are obeyed by
 * every node alike. One instance a worker; worker thread.
 */
public final class Quic {
    // What becomes of a packet that has no destination by its connection ID: below ServerIdTable's two.
    private static final int TOO_SHORT = -3;
    private static final int NO_CONFIGURATION = -4;

    /** By the outcome's complement, of packets with a short header: what they are counted as. */
    private static final WorkerCounter[] UNROUTABLE = {
        WorkerCounter.QUIC_UNKNOWN_SERVERS,
        WorkerCounter.QUIC_UNUSABLE_SERVERS,
        WorkerCounter.QUIC_TOO_SHORT,
        WorkerCounter.QUIC_UNKNOWN_CONFIGURATIONS
    };

    private CidDecoders decoders;

    /** @param decoders this worker's own, for the table that it begins with */
    public Quic(CidDecoders decoders) {
        this.decoders = decoders;
    }

    /** Goes by another table from the next burst on; the decoders were made for that table and this worker. */
    public void use(CidDecoders next) {
        decoders = next;
    }

    /** Gives the diverted packets a plain packet's verdict, and those that their connection ID routes a destination. */
    public void run(Burst burst, ForwardingTable table, WorkerCounters counters) {
        long[] columns = burst.columns();
        int count = burst.count;
        int diverted = 0;
        int routed = 0;
        for (int i = 0; i < count; i++) {
            if (Burst.verdict(columns, i) != Verdict.QUIC) {
                continue;
            }
            diverted++;
            Burst.verdict(columns, i, isIpv6(columns, i) ? Verdict.IPV6 : Verdict.IPV4);
            long payload = Burst.l4Address(columns, i) + L4Descriptor.UDP_LENGTH_BYTES;
            int length = payloadBytes(columns, i);
            int destination = destination(table.quic(Burst.vip(columns, i)), payload, length);
            if (destination >= 0) {
                routed++;
                Burst.destination(columns, i, destination);
                Burst.event(columns, i, FlowEvent.ROUTED);
            } else {
                counters.add(unroutable(destination, payload, length), 1);
            }
        }
        burst.toVipCount += diverted;
        counters.add(WorkerCounter.QUIC_ROUTED, routed);
    }

    private static boolean isIpv6(long[] columns, int i) {
        return Memory.getUnsignedByte(Burst.l3Address(columns, i)) >> 4 == Ipv6Descriptor.VERSION;
    }

    /** {@return bytes behind the UDP header, by its own word: classify has seen that they are there} */
    private static int payloadBytes(long[] columns, int i) {
        short lengthBe = Memory.getShort(Burst.l4Address(columns, i) + L4Descriptor.UDP_LENGTH_OFFSET);
        return Short.toUnsignedInt(Short.reverseBytes(lengthBe)) - L4Descriptor.UDP_LENGTH_BYTES;
    }

    private static WorkerCounter unroutable(int outcome, long payload, int length) {
        return isLong(payload, length) ? WorkerCounter.QUIC_LONG_UNROUTABLE : UNROUTABLE[~outcome];
    }

    private static boolean isLong(long payload, int length) {
        return length > 0 && (Memory.getByte(payload + QuicDescriptor.FORM_OFFSET) & QuicDescriptor.FORM_LONG) != 0;
    }

    /** {@return the destination index that the connection ID names, or why there is none} */
    private int destination(QuicRoutes routes, long payload, int length) {
        if (!isLong(payload, length)) {
            // the connection ID may be any part of what follows
            return ofId(routes, payload + QuicDescriptor.SHORT_ID_OFFSET, length - QuicDescriptor.SHORT_ID_OFFSET);
        }
        if (length < QuicDescriptor.LONG_ID_OFFSET) {
            return TOO_SHORT;
        }
        int idLength = Memory.getUnsignedByte(payload + QuicDescriptor.ID_LENGTH_OFFSET);
        return QuicDescriptor.LONG_ID_OFFSET + idLength > length
                ? TOO_SHORT
                : ofId(routes, payload + QuicDescriptor.LONG_ID_OFFSET, idLength);
    }

    private int ofId(QuicRoutes routes, long id, int lengthMax) {
        if (lengthMax <= 0) {
            return TOO_SHORT;
        }
        int firstOctet = Memory.getUnsignedByte(id);
        int number = routes.decoderOf(ConnectionIdDescriptor.configuration(firstOctet));
        if (number == QuicRoutes.NONE) {
            return NO_CONFIGURATION;
        }
        CidDecoder decoder = decoders.of(number);
        if (lengthMax < decoder.lengthBytesMin() || !decoder.isPlausible(firstOctet)) {
            return TOO_SHORT;
        }
        return decoder.decode(id)
                ? routes.servers().destinationOf(decoder.serverIdHigh, decoder.serverIdLow)
                : ServerIdTable.UNKNOWN;
    }
}
