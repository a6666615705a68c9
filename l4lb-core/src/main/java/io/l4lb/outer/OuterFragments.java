package io.l4lb.outer;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.Tally;
import io.l4lb.counters.TrafficCounters;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.MbufSource;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.encapsulate.Encapsulate;
import io.l4lb.encapsulate.VlanTag;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;

/**
 * Encapsulates what is too big for its path and cuts the outer packet into fragments (RFC 791; RFC 8200, section 4.5), which the backend
 * puts together before it decapsulates. With l2, which has no outer header, the IPv4 packet itself is cut. The first fragment stays in
 * the packet's mbuf; the others are copied into mbufs of the ethPort's pool, taken once a burst.
 *
 * <p>A burst with such packets is sent by a list of its own, in the order of arrival, with {@value #FRAGMENTS_MAX} fragments at the
 * most. Their identification counts up from a random
 * place, one a packet: two workers use the same one towards a backend only where their counts cross, and then what is mixed up fails
 * its checksums. One instance a worker; worker thread.
 */
public final class OuterFragments {
    /** 32 packets of 9,000 bytes on a path of 1,280 make 256. */
    static final int FRAGMENTS_MAX = 256;

    /** What a fragment may have before the frame that it is cut from: an IPv6 fragment header, a tag of the ethPort. */
    private static final int HEADROOM_BYTES =
            Ipv6Descriptor.FRAGMENT_HEADER_BYTES + EthernetDescriptor.VLAN_TAG_LENGTH_BYTES;

    private static final int TAKEN_BYTES = FRAGMENTS_MAX * Long.BYTES;
    private static final int DROP_NO_MBUF = Verdict.drop(DropReason.NO_MBUF);
    private static final int DROP_NO_HEADROOM = Verdict.drop(DropReason.NO_HEADROOM);
    private static final int DROP_TOO_BIG = Verdict.drop(DropReason.TOO_BIG);

    private final NativeMemory memory = NativeMemory.allocate(2 * TAKEN_BYTES + Burst.CAPACITY * Long.BYTES, true);
    private final long taken = memory.address();
    private final long list = taken + TAKEN_BYTES;
    /** By packet of the burst, read once: another worker may learn of another MTU between counting the pieces and cutting them. */
    private final int[] mtus = new int[Burst.CAPACITY];

    private int identification;

    /** @param seed where identifications begin */
    public OuterFragments(long seed) {
        identification = (int) seed;
    }

    /** {@return the list of mbufs to be sent: fragments, and what of the burst was ready} */
    public long list() {
        return list;
    }

    /**
     * Makes the fragments of the burst's packets with {@link Verdict#FRAGMENT}.
     *
     * @param destinations address of destination 0's record
     * @param vlanTag of the ethPort's frames to backends, 0: none
     * @return how many mbufs the list has now
     */
    public int run(
            Burst burst,
            long destinations,
            int vlanTag,
            MbufSource mbufs,
            TrafficCounters traffic,
            WorkerCounters counters) {
        int more = encapsulate(burst, destinations);
        if (more == 0) {
            return 0;
        }
        if (!mbufs.take(taken, more)) {
            dropAll(burst);
            return 0;
        }
        counters.add(WorkerCounter.OUTER_FRAGMENTS, more);
        return cut(burst, destinations, vlanTag, traffic);
    }

    /** {@return how many mbufs are needed besides those of the packets} */
    private int encapsulate(Burst burst, long destinations) {
        long[] columns = burst.columns();
        int fragments = 0;
        int more = 0;
        for (int i = 0; i < burst.count; i++) {
            if (Burst.verdict(columns, i) == Verdict.FRAGMENT) {
                long record = record(columns, i, destinations);
                int verdict = encapsulate(columns, burst.mbufs(), i, record);
                int pieces = 0;
                if (verdict == Verdict.FRAGMENT) {
                    // if it fits by now: two pieces do no harm
                    mtus[i] = Math.min(DestinationDescriptor.pathMtu(record), length(columns, i, record) - 1);
                    pieces = pieces(columns, i, record, mtus[i]);
                }
                if (fragments + pieces > FRAGMENTS_MAX) {
                    verdict = DROP_NO_MBUF;
                    pieces = 0;
                }
                Burst.verdict(columns, i, verdict);
                fragments += pieces;
                more += pieces == 0 ? 0 : pieces - 1;
            }
        }
        return more;
    }

    private static long record(long[] columns, int i, long destinations) {
        return destinations + ((long) Burst.destination(columns, i) << DestinationDescriptor.LENGTH_SHIFT);
    }

    /** Lets the l3 columns be of the packet that is cut: the outer one, if there is one. */
    private static int encapsulate(long[] columns, long mbufs, int i, long record) {
        boolean innerIpv6 = Memory.getUnsignedByte(Burst.l3Address(columns, i)) >> 4 == Ipv6Descriptor.VERSION;
        int verdict = Encapsulate.whole(columns, mbufs, i, record, innerIpv6);
        if (verdict != Verdict.SEND) {
            return verdict == Verdict.TOO_BIG ? DROP_TOO_BIG : verdict;
        }
        long mbuf = Burst.entry(mbufs, i);
        long frame = frame(mbuf);
        if (frame - HEADROOM_BYTES < Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET)) {
            return DROP_NO_HEADROOM;
        }
        if (DestinationDescriptor.kind(record) == DestinationDescriptor.L2) {
            return Verdict.FRAGMENT;
        }
        Burst.frameAddress(columns, i, frame);
        Burst.l3Address(columns, i, frame + EthernetDescriptor.LENGTH_BYTES);
        return Verdict.FRAGMENT;
    }

    private static long frame(long mbuf) {
        return Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET)
                + Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET);
    }

    /** {@return the bytes of the packet that is cut} */
    private static int length(long[] columns, int i, long record) {
        return DestinationDescriptor.kind(record) == DestinationDescriptor.L2
                ? Burst.l3Length(columns, i)
                : Burst.frameLength(columns, i) - EthernetDescriptor.LENGTH_BYTES;
    }

    private static int pieces(long[] columns, int i, long record, int mtu) {
        return DestinationDescriptor.kind(record) == DestinationDescriptor.OUTER_IPV6
                ? FragmentIpv6.pieces(length(columns, i, record), mtu)
                : FragmentIpv4.pieces(Burst.l3Address(columns, i), length(columns, i, record), mtu);
    }

    private int cut(Burst burst, long destinations, int vlanTag, TrafficCounters traffic) {
        long[] columns = burst.columns();
        int listed = 0;
        long next = taken;
        for (int i = 0; i < burst.count; i++) {
            int kind = Burst.verdict(columns, i);
            if (kind != Verdict.FRAGMENT && kind != Verdict.SEND && kind != Verdict.REPLY) {
                continue;
            }
            Burst.verdict(columns, i, Verdict.LISTED);
            Burst.entry(list, listed++, Burst.entry(burst.mbufs(), i));
            if (kind == Verdict.FRAGMENT) {
                int more = cut(columns, i, Burst.entry(burst.mbufs(), i), record(columns, i, destinations), next) - 1;
                Memory.copy(next, list + ((long) listed << 3), (long) more << 3);
                next += (long) more << 3;
                listed += more;
                if (vlanTag != 0) {
                    tag(listed - 1 - more, listed, vlanTag);
                }
                int bytes = Burst.l3Length(columns, i);
                traffic.countDestination(Burst.destination(columns, i), bytes);
                traffic.countVip(Burst.vip(columns, i), Tally.plus(Tally.NONE, bytes));
            }
        }
        return listed;
    }

    private void tag(int from, int to, int vlanTag) {
        for (int i = from; i < to; i++) {
            boolean hasRoom = VlanTag.put(Burst.entry(list, i), vlanTag);
            assert hasRoom : "a fragment's header lies behind the room for a tag";
        }
    }

    /** {@return into how many pieces} {@code others}: the list of mbufs for all but the first */
    private int cut(long[] columns, int i, long mbuf, long record, long others) {
        long l3 = Burst.l3Address(columns, i);
        int length = length(columns, i, record);
        int mtu = mtus[i];
        long frame = Burst.frameAddress(columns, i);
        if (DestinationDescriptor.kind(record) == DestinationDescriptor.OUTER_IPV6) {
            return FragmentIpv6.cut(mbuf, frame, length, mtu, ++identification, others);
        }
        if (DestinationDescriptor.kind(record) == DestinationDescriptor.OUTER_IPV4) {
            Memory.putShort(l3 + Ipv4Descriptor.IDENTIFICATION_OFFSET, Short.reverseBytes((short) ++identification));
        }
        return FragmentIpv4.cut(mbuf, frame, l3, length, mtu, others);
    }

    private static void dropAll(Burst burst) {
        long[] columns = burst.columns();
        for (int i = 0; i < burst.count; i++) {
            if (Burst.verdict(columns, i) == Verdict.FRAGMENT) {
                Burst.verdict(columns, i, DROP_NO_MBUF);
            }
        }
    }

    /** Frees the lists; the worker must have stopped. */
    public void close() {
        memory.close();
    }
}
