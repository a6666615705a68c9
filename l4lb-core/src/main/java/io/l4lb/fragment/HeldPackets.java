package io.l4lb.fragment;

import io.l4lb.burst.Burst;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.NativeMemory;

/**
 * Packets that wait for the first fragment of their datagram, those whose first has come and which are ready to go on, and those that
 * were dropped and not yet given back. Each packet has a number from 1; chains of a datagram's packets are kept in the order of
 * arrival. Worker thread.
 */
final class HeldPackets {
    /** Of one datagram: 54 are the largest over IPv6's smallest link. */
    static final int DATAGRAM_MAX = 64;

    private static final int NONE = 0;

    private final int capacity;
    private final long[] mbufs;
    private final int[] next;
    private final int[] shares;
    private final int[] ethPorts;
    private final int[] l3Offsets;
    private final int[] l3Lengths;
    private final int[] l4Offsets;
    private final int[] protocols;
    private final int[] ports;
    private final HoldShares limit;
    /** A burst may have its own fragments dropped again with all that were held before. */
    private final NativeMemory gone;

    private int goneCount;
    private int free = NONE;
    private int readyFirst = NONE;
    private int readyLast = NONE;
    private int count;

    HeldPackets(int capacity, HoldShares limit) {
        this.capacity = capacity;
        this.limit = limit;
        mbufs = new long[capacity + 1];
        next = new int[capacity + 1];
        shares = new int[capacity + 1];
        ethPorts = new int[capacity + 1];
        l3Offsets = new int[capacity + 1];
        l3Lengths = new int[capacity + 1];
        l4Offsets = new int[capacity + 1];
        protocols = new int[capacity + 1];
        ports = new int[capacity + 1];
        gone = NativeMemory.allocate((long) (capacity + Burst.CAPACITY) * Long.BYTES, true);
        for (int packet = capacity; packet > NONE; packet--) {
            next[packet] = free;
            free = packet;
        }
    }

    /** {@return packets whose mbufs are here: waiting or ready} */
    int count() {
        return count;
    }

    boolean isFull() {
        return count == capacity;
    }

    /** Takes packet {@code i} of a burst to those of the datagram: its mbuf is not the burst's any more. */
    void add(long record, Burst burst, int i, int ethPort, int share) {
        long[] columns = burst.columns();
        int packet = free;
        free = next[packet];
        next[packet] = NONE;
        mbufs[packet] = Burst.entry(burst.mbufs(), i);
        Burst.entry(burst.mbufs(), i, Burst.NO_MBUF);
        shares[packet] = share;
        ethPorts[packet] = ethPort;
        l3Offsets[packet] = (int) (Burst.l3Address(columns, i) - Burst.frameAddress(columns, i));
        l3Lengths[packet] = Burst.l3Length(columns, i);
        l4Offsets[packet] = (int) (Burst.l4Address(columns, i) - Burst.frameAddress(columns, i));
        limit.take(share);
        int last = DatagramDescriptor.heldLast(record);
        if (last != NONE) {
            next[last] = packet;
        }
        int first = last == NONE ? packet : DatagramDescriptor.heldFirst(record);
        DatagramDescriptor.held(record, first, packet, DatagramDescriptor.heldCount(record) + 1);
        count++;
    }

    /** Makes the packets of a datagram ready, with its layer 4. */
    void makeReady(long record) {
        int first = DatagramDescriptor.heldFirst(record);
        for (int packet = first; packet != NONE; packet = next[packet]) {
            protocols[packet] = DatagramDescriptor.protocol(record);
            ports[packet] = DatagramDescriptor.ports(record);
        }
        if (readyLast == NONE) {
            readyFirst = first;
        } else {
            next[readyLast] = first;
        }
        readyLast = DatagramDescriptor.heldLast(record);
        DatagramDescriptor.held(record, NONE, NONE, 0);
    }

    /** {@return the number of the packet that is to go on next; 0: none} */
    int ready() {
        return readyFirst;
    }

    long mbuf(int packet) {
        return mbufs[packet];
    }

    int ethPort(int packet) {
        return ethPorts[packet];
    }

    int l3Offset(int packet) {
        return l3Offsets[packet];
    }

    int l3Length(int packet) {
        return l3Lengths[packet];
    }

    int l4Offset(int packet) {
        return l4Offsets[packet];
    }

    int protocol(int packet) {
        return protocols[packet];
    }

    int ports(int packet) {
        return ports[packet];
    }

    /** Lets go of the packet that was ready first: its mbuf is another's now. */
    void takeReady() {
        int packet = readyFirst;
        readyFirst = next[packet];
        if (readyFirst == NONE) {
            readyLast = NONE;
        }
        forget(packet);
    }

    private void forget(int packet) {
        limit.giveBack(shares[packet]);
        next[packet] = free;
        free = packet;
        count--;
    }

    /** Drops the packets of a datagram; {@return how many} */
    int drop(long record) {
        int dropped = dropChain(DatagramDescriptor.heldFirst(record));
        DatagramDescriptor.held(record, NONE, NONE, 0);
        return dropped;
    }

    /** Drops what is ready; {@return how many} */
    int dropReady() {
        int dropped = dropChain(readyFirst);
        readyFirst = NONE;
        readyLast = NONE;
        return dropped;
    }

    private int dropChain(int first) {
        int dropped = 0;
        for (int packet = first; packet != NONE; ) {
            int following = next[packet];
            Burst.entry(gone.address(), goneCount++, mbufs[packet]);
            forget(packet);
            packet = following;
            dropped++;
        }
        return dropped;
    }

    /** Gives the mbufs back that were dropped; to be called after each burst. */
    void giveBack(MbufRelease release) {
        if (goneCount != 0) {
            int mbufsGone = goneCount;
            goneCount = 0;
            release.release(gone.address(), mbufsGone);
        }
    }

    void close() {
        gone.close();
    }
}
