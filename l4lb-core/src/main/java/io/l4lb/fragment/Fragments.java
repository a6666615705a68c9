package io.l4lb.fragment;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowEvent;
import io.l4lb.forwarding.VipTable;

/**
 * Gives each fragment to a VIP's address the columns of its flow. The first fragment of a datagram has the L4 ports; what comes before
 * it is held, within bounds of packets, packets a datagram, packets a source prefix and time. What no sender makes, and what
 * contradicts what has come, is dropped, and all of its datagram after it. One instance a worker, memory fixed; worker thread.
 */
public final class Fragments {
    /** Linux puts a datagram together for as long (ipfrag_time): what it would take for one datagram, is one here. */
    static final long LIFE_NS = 30_000_000_000L;
    /** For repeated fragments of a whole datagram; short, for IPv4 uses identifications again after 65,536 datagrams. */
    static final long WHOLE_LIFE_NS = 1_000_000_000;
    /** Of what was refused by its first fragment to come: no backend has a part of it, and whoever forged it blocks the id no longer. */
    static final long UNHEARD_LIFE_NS = 1_000_000_000;
    /** Until then a first fragment is a repeated one, then the first of another datagram with the same identification. */
    static final long REPEAT_NS = 100_000_000;
    /** An idle worker makes 1,000 passes a second: enough for the largest room and the default time. */
    private static final int TIMEOUTS_PER_PASS = 64;

    private static final int DROP_TINY = Verdict.drop(DropReason.FRAGMENT_TINY);
    private static final int DROP_MALFORMED = Verdict.drop(DropReason.FRAGMENT_MALFORMED);
    private static final int DROP_DUPLICATE = Verdict.drop(DropReason.FRAGMENT_DUPLICATE);
    private static final int DROP_OVERLAP = Verdict.drop(DropReason.FRAGMENT_OVERLAP);
    private static final int DROP_PIECES = Verdict.drop(DropReason.FRAGMENT_PIECES);
    private static final int DROP_REFUSED = Verdict.drop(DropReason.FRAGMENT_REFUSED);
    private static final int DROP_PROTOCOL = Verdict.drop(DropReason.FRAGMENT_PROTOCOL);
    private static final int DROP_HOLD_FULL = Verdict.drop(DropReason.FRAGMENT_HOLD_FULL);
    /** No verdict: the fragment is what was missing. */
    private static final int FITS = -1;

    private final DatagramTable table;
    private final HoldShares shares;
    private final HeldPackets held;
    private final long holdNs;
    private final FragmentHeader header = new FragmentHeader();
    private final FirstFragment firstFragment = new FirstFragment();
    private final WorkerCounters counters;
    /** Which packets of the burst are fragments that have the columns of a flow, and which of them are first ones. */
    private long inBurst;

    private long firsts;

    /**
     * @param datagrams known at a time; rounded up to a power of two
     * @param heldPackets held at a time, 0 or more
     * @param holdNs for how long
     * @param seed so that nobody can choose datagrams that share a bucket
     */
    public Fragments(int datagrams, int heldPackets, long holdNs, long seed, WorkerCounters counters) {
        table = new DatagramTable(datagrams, seed);
        shares = new HoldShares(heldPackets, ~seed);
        held = new HeldPackets(heldPackets, shares);
        this.holdNs = holdNs;
        this.counters = counters;
    }

    /** {@return packets that are held} */
    public int heldCount() {
        return held.count();
    }

    /**
     * Gives the diverted fragments of the burst another verdict.
     *
     * @param ethPort index of the ethPort that they came by
     */
    public void run(Burst burst, VipTable vips, int ethPort, long nowNs) {
        long[] columns = burst.columns();
        int count = burst.count;
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (Burst.verdict(columns, i) == Verdict.CLIENT_FRAGMENT) {
                int verdict = fragment(burst, i, vips, ethPort, nowNs);
                Burst.verdict(columns, i, verdict);
                if (verdict <= Verdict.IPV6) {
                    inBurst |= 1L << i;
                    firsts |= header.offsetBytes == 0 ? 1L << i : 0;
                }
                kept += verdict == Verdict.HELD ? 1 : 0;
            }
        }
        burst.toVipCount += Long.bitCount(inBurst);
        counters.add(WorkerCounter.FRAGMENTS_HELD, kept);
    }

    /** {@return whether there are fragments in the burst that {@link #settle} is to be called for} */
    public boolean areInBurst() {
        return inBurst != 0;
    }

    /** After the flows' stages: a datagram whose first fragment they have dropped is refused, of this burst and later. */
    public void settle(Burst burst, long nowNs) {
        long[] columns = burst.columns();
        boolean anyUnwanted = false;
        for (long left = firsts; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            if (Verdict.isDrop(Burst.verdict(columns, i))) {
                header.read(columns, i);
                long record = table.find(header, nowNs);
                if (record != DatagramTable.NONE) {
                    refuse(record, DROP_REFUSED, nowNs);
                    DatagramDescriptor.state(record, DatagramDescriptor.UNWANTED);
                    anyUnwanted = true;
                }
            }
        }
        int passed = 0;
        for (long left = inBurst; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            if (anyUnwanted && (firsts >>> i & 1) == 0) {
                dropIfUnwanted(columns, i, nowNs);
            }
            passed += Burst.verdict(columns, i) <= Verdict.IPV6 ? 1 : 0;
        }
        counters.add(WorkerCounter.FRAGMENTS, passed);
        forgetBurst();
    }

    /** The burst is nobody's any more. */
    public void forgetBurst() {
        inBurst = 0;
        firsts = 0;
    }

    private void dropIfUnwanted(long[] columns, int i, long nowNs) {
        header.read(columns, i);
        long record = table.find(header, nowNs);
        if (record != DatagramTable.NONE && DatagramDescriptor.state(record) == DatagramDescriptor.UNWANTED) {
            Burst.verdict(columns, i, DROP_REFUSED);
        }
    }

    private int fragment(Burst burst, int i, VipTable vips, int ethPort, long nowNs) {
        header.read(burst.columns(), i);
        if (header.ipv4 && header.isOfOtherProtocol()) {
            return DROP_PROTOCOL;
        }
        long record = table.find(header, nowNs);
        if (record != DatagramTable.NONE && DatagramDescriptor.state(record) >= DatagramDescriptor.REFUSED) {
            return DROP_REFUSED;
        }
        if (header.isMalformed()) {
            return refuse(record, DROP_MALFORMED, nowNs);
        }
        if (header.isInTcpHeader()) {
            return refuse(record, DROP_TINY, nowNs);
        }
        return header.offsetBytes == 0
                ? first(burst.columns(), i, vips, record, nowNs)
                : later(burst, i, vips, ethPort, record, nowNs);
    }

    private int first(long[] columns, int i, VipTable vips, long found, long nowNs) {
        int unsound = firstFragment.read(header, columns, i);
        if (unsound != FirstFragment.SOUND) {
            boolean isAsSaid = unsound == DROP_PROTOCOL && header.isOfOtherProtocol();
            return isAsSaid && found == DatagramTable.NONE ? unsound : refuse(found, unsound, nowNs);
        }
        long record = found;
        if (record == DatagramTable.NONE) {
            record = begin(DatagramDescriptor.FLOWING, nowNs);
        } else if (isUsedAgain(record, nowNs)) {
            table.begin(record, header, DatagramDescriptor.FLOWING, nowNs + LIFE_NS);
        }
        int misfit = add(record, nowNs);
        if (misfit != FITS) {
            return misfit;
        }
        DatagramDescriptor.flow(record, firstFragment.protocol, firstFragment.ports);
        if (DatagramDescriptor.state(record) == DatagramDescriptor.WAITING) {
            table.endWaiting(record);
            held.makeReady(record);
            DatagramDescriptor.state(record, DatagramDescriptor.FLOWING);
        }
        endIfWhole(record, nowNs);
        return FlowColumns.fill(columns, i, vips, firstFragment.protocol, firstFragment.ports, firstFragment.event);
    }

    private static boolean isUsedAgain(long record, long nowNs) {
        return DatagramDescriptor.state(record) == DatagramDescriptor.WHOLE
                && nowNs - (DatagramDescriptor.deadlineNs(record) - WHOLE_LIFE_NS) >= REPEAT_NS;
    }

    private int later(Burst burst, int i, VipTable vips, int ethPort, long record, long nowNs) {
        int state = record == DatagramTable.NONE ? DatagramDescriptor.FREE : DatagramDescriptor.state(record);
        if (state == DatagramDescriptor.WHOLE) {
            return DROP_DUPLICATE;
        }
        if (state != DatagramDescriptor.FLOWING) {
            return hold(burst, i, ethPort, record, nowNs);
        }
        int misfit = add(record, nowNs);
        if (misfit != FITS) {
            return misfit;
        }
        endIfWhole(record, nowNs);
        return FlowColumns.fill(
                burst.columns(),
                i,
                vips,
                DatagramDescriptor.protocol(record),
                DatagramDescriptor.ports(record),
                FlowEvent.PART);
    }

    private int hold(Burst burst, int i, int ethPort, long found, long nowNs) {
        if (found == DatagramTable.NONE && header.isOfOtherProtocol()) {
            return DROP_PROTOCOL;
        }
        int share = shares.bucketWithRoom(header);
        if (held.isFull() || share == HoldShares.NO_ROOM) {
            return DROP_HOLD_FULL;
        }
        long record = found;
        if (record == DatagramTable.NONE) {
            record = begin(DatagramDescriptor.WAITING, nowNs);
            table.beginWaiting(record, nowNs);
        } else if (DatagramDescriptor.heldCount(record) == HeldPackets.DATAGRAM_MAX) {
            return DROP_HOLD_FULL;
        }
        int misfit = add(record, nowNs);
        if (misfit != FITS) {
            return misfit;
        }
        held.add(record, burst, i, ethPort, share);
        return Verdict.HELD;
    }

    /** {@return a record for the fragment's datagram}; another gives way if it has to */
    private long begin(int state, long nowNs) {
        long record = table.place(header, nowNs);
        endWaiting(record, DropReason.FRAGMENT_HOLD_FULL);
        table.begin(record, header, state, nowNs + LIFE_NS);
        return record;
    }

    /** Adds the fragment to what has come of its datagram; {@return {@link #FITS}, or the verdict on it} */
    private int add(long record, long nowNs) {
        int end = header.endBytes();
        int total = DatagramDescriptor.totalBytes(record);
        if (total != 0 && (header.isLast ? end != total : end > total)) {
            return refuse(record, DROP_MALFORMED, nowNs);
        }
        if (total == 0 && header.isLast && end < Ranges.end(record) << 3) {
            return refuse(record, DROP_MALFORMED, nowNs);
        }
        return switch (Ranges.add(record, header.offsetBytes >> 3, units(end))) {
            case Ranges.NEW -> added(record, end, nowNs);
            case Ranges.KNOWN -> DROP_DUPLICATE;
            case Ranges.OVERLAP -> refuse(record, DROP_OVERLAP, nowNs);
            default -> DROP_PIECES;
        };
    }

    private int added(long record, int end, long nowNs) {
        if (header.isLast) {
            DatagramDescriptor.totalBytes(record, end);
        }
        DatagramDescriptor.deadlineNs(record, nowNs + LIFE_NS);
        return FITS;
    }

    private static int units(int bytes) {
        return (bytes + 7) >> 3;
    }

    private static void endIfWhole(long record, long nowNs) {
        int total = DatagramDescriptor.totalBytes(record);
        if (total != 0 && Ranges.isWhole(record, units(total))) {
            DatagramDescriptor.state(record, DatagramDescriptor.WHOLE);
            DatagramDescriptor.deadlineNs(record, nowNs + WHOLE_LIFE_NS);
        }
    }

    /** {@return the verdict}, after which nothing of the datagram is passed on; what is held of it goes too */
    private int refuse(long found, int verdict, long nowNs) {
        long record = found == DatagramTable.NONE ? begin(DatagramDescriptor.REFUSED, nowNs) : found;
        endWaiting(record, DropReason.FRAGMENT_REFUSED);
        DatagramDescriptor.state(record, DatagramDescriptor.REFUSED);
        // from here on: more fragments do not make it longer
        DatagramDescriptor.deadlineNs(record, nowNs + (found == DatagramTable.NONE ? UNHEARD_LIFE_NS : LIFE_NS));
        return verdict;
    }

    /** Drops what is held of a datagram, if it waits, and forgets the datagram. {@return how many packets} */
    private int endWaiting(long record, DropReason reason) {
        if (DatagramDescriptor.state(record) != DatagramDescriptor.WAITING) {
            return 0;
        }
        table.endWaiting(record);
        DatagramDescriptor.state(record, DatagramDescriptor.FREE);
        int dropped = held.drop(record);
        counters.countDrop(reason.ordinal(), dropped);
        return dropped;
    }

    /** Drops what has been held for too long, all of a datagram with its first; to be called before each pass. */
    public void expire(long nowNs) {
        int dropped = 0;
        for (long record = table.longestWaiting();
                record != DatagramTable.NONE
                        && nowNs - DatagramDescriptor.sinceNs(record) >= holdNs
                        && dropped < TIMEOUTS_PER_PASS;
                record = table.longestWaiting()) {
            dropped += endWaiting(record, DropReason.FRAGMENT_TIMEOUT);
        }
    }

    /** {@return whether there are packets whose first fragment has come} */
    public boolean hasReady() {
        return held.ready() != 0;
    }

    /** {@return the ethPort of those that {@link #load} gives next} */
    public int readyEthPort() {
        return held.ethPort(held.ready());
    }

    /** Fills an empty burst with packets whose first fragment has come, of one ethPort, in the order of their arrival. */
    public void load(Burst burst, VipTable vips, long nowNs) {
        long[] columns = burst.columns();
        int ethPort = readyEthPort();
        int count = 0;
        int packet = held.ready();
        while (packet != 0 && count < Burst.CAPACITY && held.ethPort(packet) == ethPort) {
            long mbuf = held.mbuf(packet);
            long frame = Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET)
                    + Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET);
            Burst.entry(burst.mbufs(), count, mbuf);
            Burst.frameAddress(columns, count, frame);
            Burst.frameLength(columns, count, Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET));
            Burst.l3Address(columns, count, frame + held.l3Offset(packet));
            Burst.l3Length(columns, count, held.l3Length(packet));
            Burst.l4Address(columns, count, frame + held.l4Offset(packet));
            int verdict =
                    FlowColumns.fill(columns, count, vips, held.protocol(packet), held.ports(packet), FlowEvent.PART);
            Burst.verdict(columns, count, verdict);
            dropIfUnwanted(columns, count, nowNs);
            inBurst |= Burst.verdict(columns, count) <= Verdict.IPV6 ? 1L << count : 0;
            count++;
            held.takeReady();
            packet = held.ready();
        }
        burst.count = count;
        burst.toVipCount = Long.bitCount(inBurst);
        counters.add(WorkerCounter.FRAGMENTS_RELEASED, count);
    }

    /** Gives the mbufs back that were dropped while they were held; to be called after each burst. */
    public void giveBack(MbufRelease release) {
        held.giveBack(release);
    }

    /** Drops all that is held: nobody will ask for it any more, or its ethPort is being closed. */
    public void dropAll(MbufRelease release) {
        for (long record = table.longestWaiting(); record != DatagramTable.NONE; record = table.longestWaiting()) {
            endWaiting(record, DropReason.FRAGMENT_TIMEOUT);
        }
        counters.countDrop(DropReason.FRAGMENT_TIMEOUT.ordinal(), held.dropReady());
        held.giveBack(release);
    }

    /** Frees the memory; nothing may be held any more. */
    public void close() {
        table.close();
        held.close();
    }
}
