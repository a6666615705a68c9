package io.l4lb.forwarding;

import io.l4lb.dpdk.NativeMemory;

/**
 * One consistent view of VIPs, Maglev tables and destinations. Immutable while any worker uses it; {@link #close} frees
 * its native records after the last worker has moved on.
 *
 * <p>Arrays are indexed by VIP number (1..65535) or by destination index. Numbers and indices are stable for the life of
 * the process ({@link ForwardingNumbers}), so flow entries made under an older table stay valid under a newer one: every
 * index ever given out has a record here, unusable when its backend is gone.
 */
public final class ForwardingTable {
    /** What {@link #successor} returns when there is none. */
    public static final int NO_DESTINATION = -1;

    private final VipTable vips;
    private final long[] vipSeeds;
    private final int[][] slots;
    private final boolean[] sourceAffinity;
    private final boolean[] udp;
    private final int[][] destinationsOfVip;
    private final int[] backendOfDestination;
    private final NativeMemory records;
    private final long recordBytesPerEthPort;
    private final long[] sourceMacs;

    ForwardingTable(
            VipTable vips, VipColumns columns, NativeMemory records, long recordBytesPerEthPort, long[] sourceMacs) {
        this.vips = vips;
        this.vipSeeds = columns.seeds;
        this.slots = columns.slots;
        this.sourceAffinity = columns.sourceAffinity;
        this.udp = columns.udp;
        this.destinationsOfVip = columns.destinations;
        this.backendOfDestination = columns.backendOfDestination;
        this.records = records;
        this.recordBytesPerEthPort = recordBytesPerEthPort;
        this.sourceMacs = sourceMacs;
    }

    /**
     * Per VIP number: hash seed, Maglev slots (slot to destination index; empty: no backend), affinity, protocol,
     * destinations that can be used. Per destination index: which backend, the same number for the same address.
     */
    static final class VipColumns {
        final long[] seeds;
        final int[][] slots;
        final boolean[] sourceAffinity;
        final boolean[] udp;
        final int[][] destinations;
        int[] backendOfDestination = {};

        VipColumns(int vipNumbers) {
            seeds = new long[vipNumbers];
            slots = new int[vipNumbers][0];
            sourceAffinity = new boolean[vipNumbers];
            udp = new boolean[vipNumbers];
            destinations = new int[vipNumbers][0];
        }
    }

    public VipTable vips() {
        return vips;
    }

    public long[] vipSeeds() {
        return vipSeeds;
    }

    /** {@return slot to destination index of that VIP; length 0 when no backend takes new flows} */
    public int[] slots(int vip) {
        return slots[vip];
    }

    public boolean isSourceAffinity(int vip) {
        return sourceAffinity[vip];
    }

    public boolean isUdp(int vip) {
        return udp[vip];
    }

    /**
     * {@return how a VIP now reaches the backend of a destination that has become unusable, or {@link #NO_DESTINATION}
     * when it is none of its backends any more, or down} Once a flow, after its VIP's encapsulation or pool changed; looks at every
     * backend of the pool.
     */
    public int successor(int vip, int destination) {
        int[] backends = backendOfDestination;
        for (int candidate : destinationsOfVip[vip]) {
            if (backends[candidate] == backends[destination]) {
                return candidate;
            }
        }
        return NO_DESTINATION;
    }

    /** {@return the address of destination 0's record for packets that leave by that ethPort} */
    public long destinations(int ethPortIndex) {
        return records.address() + ethPortIndex * recordBytesPerEthPort;
    }

    /** {@return the ethPort's own MAC, six bytes in memory order in the low 48 bits} */
    public long sourceMac(int ethPortIndex) {
        return sourceMacs[ethPortIndex];
    }

    /** Frees the records. Only when no worker uses this table any more. */
    public void close() {
        records.close();
        vips.close();
    }
}
