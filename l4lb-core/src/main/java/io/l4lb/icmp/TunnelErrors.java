package io.l4lb.icmp;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import io.l4lb.path.TunnelTable;
import io.l4lb.prefix.PrefixLimit;
import io.l4lb.quote.TunnelQuote;

/**
 * ICMP errors that routers between node and backend send about encapsulated packets: "too big" lowers the path MTU of the backend, and
 * the client whose packet is quoted is told, as far as RFC 2003 (section 4) and RFC 2473 (section 8) have it: "too big" with the MTU
 * that is left, what is unreachable or in a loop as an unreachable host. What quotes none of our packets is the kernel's.
 *
 * <p>Nobody off the path can know that a packet was sent, but anybody can guess. So as much of the quote is compared as there is, the
 * error must be to where that came from, its checksum right, an MTU smaller than the quoted packet, and not below a floor. Errors are
 * limited by the prefix of their source, and what is told by that of who is told. One instance a worker; worker thread.
 */
public final class TunnelErrors {
    /** What every IPv4 host takes (RFC 791); real links below are history. RFC 1191 has 68: a forger's eight-fold work for us. */
    private static final int FLOOR_IPV4 = 576;

    private static final int DROP_RATE = Verdict.drop(DropReason.ICMP_RATE);
    private static final int DROP_INVALID = Verdict.drop(DropReason.TUNNEL_ERROR_INVALID);
    private static final int DROP_UNTOLD = Verdict.drop(DropReason.TUNNEL_ERROR);

    private final PrefixLimit heedLimit;
    private final PrefixLimit tellLimit;

    /** @param perSecond heeded here from one source prefix, and told to one */
    public TunnelErrors(int perSecond, long seed) {
        heedLimit = new PrefixLimit(perSecond, Long.rotateLeft(~seed, Integer.SIZE));
        tellLimit = new PrefixLimit(perSecond, Long.rotateLeft(~seed, Short.SIZE));
    }

    /**
     * Gives the packets of the burst with {@link Verdict#TUNNEL_ERROR} another verdict.
     *
     * @param destinations address of destination 0's record
     * @param sourceMac of the ethPort
     */
    public void run(Burst burst, ForwardingTable table, long destinations, long sourceMac, WorkerCounters counters) {
        long[] columns = burst.columns();
        int heeded = 0;
        int told = 0;
        for (int i = 0; i < burst.count; i++) {
            if (Burst.verdict(columns, i) == Verdict.TUNNEL_ERROR) {
                int destination = TunnelQuote.destination(columns, i, table.tunnels(), destinations);
                int verdict = destination == TunnelTable.NONE
                        ? Verdict.PUNT
                        : error(burst, i, table, destination, destinations, sourceMac);
                Burst.verdict(columns, i, verdict);
                heeded += verdict == Verdict.REPLY || verdict == DROP_UNTOLD ? 1 : 0;
                told += verdict == Verdict.REPLY ? 1 : 0;
            }
        }
        counters.add(WorkerCounter.TUNNEL_ERRORS, heeded);
        counters.add(WorkerCounter.TUNNEL_ERRORS_TOLD, told);
    }

    private int error(Burst burst, int i, ForwardingTable table, int destination, long destinations, long sourceMac) {
        long[] columns = burst.columns();
        long l3 = Burst.l3Address(columns, i);
        boolean ipv4 = Burst.l4Protocol(columns, i) == L4Descriptor.ICMP;
        if (!take(heedLimit, l3, ipv4, burst.nowNs)) {
            return DROP_RATE;
        }
        if (Answerable.isToGroup(Burst.frameAddress(columns, i))
                || !TunnelQuote.isToSender(columns, i)
                || !IcmpChecksum.isRight(columns, i)) {
            return DROP_INVALID;
        }
        long record = destinations + ((long) destination << DestinationDescriptor.LENGTH_SHIFT);
        int mtu = mtu(Burst.l4Address(columns, i), ipv4);
        if (mtu >= 0) {
            int sent = TunnelQuote.sentBytes(columns, i, ipv4);
            if (mtu >= sent || sent > DestinationDescriptor.linkMtu(record)) {
                return DROP_INVALID; // what fits, or was never sent, cannot have been too big
            }
            int floor = Math.max(mtu, ipv4 ? FLOOR_IPV4 : Ipv6Descriptor.MTU_MIN_BYTES);
            lower(table, destination, floor, burst.nowNs);
        } else if (!isUnreachable(Burst.l4Address(columns, i), ipv4)) {
            return DROP_UNTOLD;
        }
        int told = mtu < 0 ? TunnelReply.UNREACHABLE : PacketTooBig.mtuFor(record);
        return tell(burst, i, table.vips(), record, told, sourceMac) ? Verdict.REPLY : DROP_UNTOLD;
    }

    private boolean tell(Burst burst, int i, VipTable vips, long record, int mtu, long sourceMac) {
        long inner = TunnelReply.toBeTold(burst.columns(), i, vips, record, mtu);
        return inner != 0
                && take(tellLimit, inner, TunnelReply.isIpv4(inner), burst.nowNs)
                && TunnelReply.make(burst, i, inner, mtu, sourceMac);
    }

    private static boolean take(PrefixLimit limit, long l3, boolean ipv4, long nowNs) {
        return ipv4
                ? limit.takeIpv4(Memory.getInt(l3 + Ipv4Descriptor.SOURCE_OFFSET), nowNs)
                : limit.takeIpv6(Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET), nowNs);
    }

    /** {@return the MTU that an error tells of; less than 0: it tells of none} A router from before RFC 1191 says 0: the floor. */
    private static int mtu(long icmp, boolean ipv4) {
        int typeAndCode = Memory.getUnsignedShort(icmp);
        if (ipv4) {
            return typeAndCode == L4Descriptor.ICMP_TOO_BIG_BE
                    ? Integer.reverseBytes(Memory.getInt(icmp + ErrorMessage.MTU_OFFSET)) & 0xffff
                    : -1;
        }
        if ((typeAndCode & 0xff) != L4Descriptor.ICMPV6_TOO_BIG) {
            return -1;
        }
        int mtu = Integer.reverseBytes(Memory.getInt(icmp + ErrorMessage.MTU_OFFSET));
        return mtu < 0 ? Integer.MAX_VALUE : mtu;
    }

    /** Port unreachable (nobody takes the tunnel's packets), source route, redirect, parameter problem are no client's business. */
    private static boolean isUnreachable(long icmp, boolean ipv4) {
        int type = Memory.getUnsignedByte(icmp);
        int code = Memory.getUnsignedByte(icmp + 1);
        if (!ipv4) {
            return type == 3 || (type == 1 && code != 4);
        }
        return type == 11 || (type == 3 && code != 3 && code != 5);
    }

    /** All destinations of the backend, whatever the encapsulation: their packets take the same path. */
    private static void lower(ForwardingTable table, int first, int mtu, long nowNs) {
        TunnelTable tunnels = table.tunnels();
        for (int i = tunnels.firstOfSame(first); i != TunnelTable.NONE; i = tunnels.next(i)) {
            table.lowerPathMtu(i, mtu, nowNs);
        }
    }
}
