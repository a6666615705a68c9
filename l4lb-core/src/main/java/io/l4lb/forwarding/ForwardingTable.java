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
    private final VipTable vips;
    private final long[] vipSeeds;
    private final int[][] slots;
    private final boolean[] sourceAffinity;
    private final boolean[] udp;
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
        this.records = records;
        this.recordBytesPerEthPort = recordBytesPerEthPort;
        this.sourceMacs = sourceMacs;
    }

    /** Per VIP number: hash seed, Maglev slots (slot to destination index; empty: no backend), affinity, protocol. */
    static final class VipColumns {
        final long[] seeds;
        final int[][] slots;
        final boolean[] sourceAffinity;
        final boolean[] udp;

        VipColumns(int vipNumbers) {
            seeds = new long[vipNumbers];
            slots = new int[vipNumbers][0];
            sourceAffinity = new boolean[vipNumbers];
            udp = new boolean[vipNumbers];
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
    }
}
