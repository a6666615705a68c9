package io.l4lb.forwarding;

import io.l4lb.cid.CidDecoders;
import io.l4lb.cid.CidScheme;
import io.l4lb.cid.QuicRoutes;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.flow.SourceMask;
import io.l4lb.net.IpAddress;
import io.l4lb.path.TunnelTable;
import io.l4lb.prefix.AccessTable;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

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

    private static final int BITS_SHIFT = 6;

    private final VipTable vips;
    private final long[] vipSeeds;
    private final int[][] slots;
    private final SourceMask[] sourceMasks;
    private final boolean[] udp;
    private final DestinationByBackend[] destinationByBackend;
    private final int[] backendOfDestination;
    private final long[] hadBackends;
    private final int[] vipAddresses;
    private final byte[] tracks;
    private final AccessTable[] access;
    private final boolean hasAccessLists;
    private final long[] newFlowCostNs;
    private final boolean[] stateless;
    private final boolean hasStateless;
    private final FlowTimeouts timeouts;
    private final QuicRoutes[] quic;
    private final List<CidScheme> cidSchemes;
    private final NativeMemory records;
    private final long recordBytesPerEthPort;
    private final long[] sourceMacs;
    private final TunnelTable tunnels;
    private final int[] vlanTags;

    ForwardingTable(
            VipTable vips,
            VipColumns columns,
            NativeMemory records,
            long recordBytesPerEthPort,
            long[] sourceMacs,
            int... vlanTags) {
        this.vips = vips;
        this.vipSeeds = columns.seeds;
        this.slots = columns.slots;
        this.sourceMasks = columns.sourceMasks;
        this.udp = columns.udp;
        this.destinationByBackend = columns.byBackend;
        this.backendOfDestination = columns.backendOfDestination;
        this.hadBackends = bitsOf(columns.backendOfDestination);
        this.vipAddresses = columns.vipAddresses;
        this.tracks = columns.tracks;
        this.access = columns.access;
        this.newFlowCostNs = columns.newFlowCostNs;
        this.stateless = columns.stateless;
        this.hasStateless = columns.hasStateless;
        this.timeouts = columns.timeouts;
        this.hasAccessLists = Arrays.stream(access).anyMatch(Objects::nonNull);
        this.quic = columns.quic;
        this.cidSchemes = List.copyOf(columns.cidSchemes);
        this.records = records;
        this.recordBytesPerEthPort = recordBytesPerEthPort;
        this.sourceMacs = sourceMacs;
        this.tunnels = columns.tunnels;
        this.vlanTags = vlanTags;
    }

    /**
     * Per VIP number: hash seed, Maglev slots (slot to destination index; empty: no backend), affinity, protocol,
     * destinations that can be used, what peers are told, number of the VIP's address, who is let in (null: everybody), time that a new
     * flow takes up, whether flows are kept, routes by QUIC connection ID (null: none). Per destination index: which backend, the
     * same number for the same address.
     */
    static final class VipColumns {
        final long[] seeds;
        final int[][] slots;
        final SourceMask[] sourceMasks;
        final boolean[] udp;
        final DestinationByBackend[] byBackend;
        final int[] vipAddresses;
        final byte[] tracks;
        final AccessTable[] access;
        final long[] newFlowCostNs;
        final boolean[] stateless;
        boolean hasStateless;
        FlowTimeouts timeouts;
        final QuicRoutes[] quic;
        int[] backendOfDestination = {};
        TunnelTable tunnels;
        List<CidScheme> cidSchemes = List.of();

        VipColumns(int vipNumbers) {
            seeds = new long[vipNumbers];
            slots = new int[vipNumbers][0];
            sourceMasks = new SourceMask[vipNumbers];
            udp = new boolean[vipNumbers];
            byBackend = new DestinationByBackend[vipNumbers];
            Arrays.fill(byBackend, DestinationByBackend.EMPTY);
            vipAddresses = new int[vipNumbers];
            tracks = new byte[vipNumbers];
            access = new AccessTable[vipNumbers];
            newFlowCostNs = new long[vipNumbers];
            stateless = new boolean[vipNumbers];
            quic = new QuicRoutes[vipNumbers];
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

    /** {@return which bits of a client's address choose its backend; null: the 5-tuple does} */
    public SourceMask sourceMask(int vip) {
        return sourceMasks[vip];
    }

    public boolean isUdp(int vip) {
        return udp[vip];
    }

    /**
     * {@return how a VIP now reaches the backend of a destination that has become unusable, or {@link #NO_DESTINATION}
     * when it is none of its backends any more, or down}
     */
    public int successor(int vip, int destination) {
        return destinationOf(vip, backendOfDestination[destination]);
    }

    /** {@return how a VIP reaches the backend with that number, or {@link #NO_DESTINATION} when it is none of its or down} */
    public int destinationOf(int vip, int backend) {
        return destinationByBackend[vip].of(backend);
    }

    /** {@return the number of the backend that a destination leads to: what peers know it by, once its address is given} */
    public int backendOf(int destination) {
        return backendOfDestination[destination];
    }

    /** {@return whether a backend with that number has been in the configuration since the process started} */
    public boolean hasHad(int backend) {
        int word = backend >>> BITS_SHIFT;
        return word < hadBackends.length && (hadBackends[word] >>> backend & 1) != 0;
    }

    private static long[] bitsOf(int... numbers) {
        long[] bits = new long[(Arrays.stream(numbers).max().orElse(0) >>> BITS_SHIFT) + 1];
        for (int number : numbers) {
            if (number >= 0) {
                bits[number >>> BITS_SHIFT] |= 1L << number;
            }
        }
        return bits;
    }

    /** {@return the number of a VIP's address and protocol, which VIPs of several L4 ports share} */
    public int vipAddressOf(int vip) {
        return vipAddresses[vip];
    }

    /** {@return what peers are told of a VIP's flows: an ordinal of {@link io.l4lb.net.Track}} */
    public int track(int vip) {
        return tracks[vip];
    }

    /** {@return whether any VIP has an access list} */
    public boolean hasAccessLists() {
        return hasAccessLists;
    }

    /** {@return who is let in to that VIP; null: everybody} */
    public AccessTable access(int vip) {
        return access[vip];
    }

    /** {@return nanoseconds between two new flows of that VIP that one worker lets in at its ceiling; 0: there is none} */
    public long newFlowCostNs(int vip) {
        return newFlowCostNs[vip];
    }

    /** {@return whether any VIP keeps no flows} */
    public boolean hasStateless() {
        return hasStateless;
    }

    /** {@return whether that VIP keeps no flows} */
    public boolean isStateless(int vip) {
        return stateless[vip];
    }

    /** {@return idle times, if any VIP has one of its own; null: no VIP has} */
    public FlowTimeouts timeouts() {
        return timeouts;
    }

    /** {@return how a VIP's packets are routed by connection ID; null for a VIP that does not} */
    public QuicRoutes quic(int vip) {
        return quic[vip];
    }

    /** {@return decoders for all its connection IDs, for one worker} Cold: sets up a cipher for each key. */
    public CidDecoders newCidDecoders() {
        return new CidDecoders(cidSchemes);
    }

    /** {@return the address of destination 0's record for packets that leave by that ethPort} */
    public long destinations(int ethPortIndex) {
        return records.address() + ethPortIndex * recordBytesPerEthPort;
    }

    /** {@return which destinations lead to a backend's address by an outer header} */
    public TunnelTable tunnels() {
        return tunnels;
    }

    /** Lets the paths from all ethPorts to that destination carry no more than that. Any worker. */
    public void lowerPathMtu(int destination, int mtu, long nowNs) {
        for (int ethPort = 0; ethPort < sourceMacs.length; ethPort++) {
            long record = destinations(ethPort) + ((long) destination << DestinationDescriptor.LENGTH_SHIFT);
            if (DestinationDescriptor.pathMtu(record) > mtu) {
                DestinationDescriptor.lowerPathMtu(record, mtu, nowNs);
            }
        }
    }

    /** {@return what the path to that backend carries, if that has been lowered} Any thread, while the table is not closed. */
    public OptionalInt loweredPathMtu(IpAddress backend, long nowNs) {
        int first = tunnels.of(backend);
        int mtu = first == TunnelTable.NONE
                ? 0
                : DestinationDescriptor.loweredPathMtu(
                        destinations(0) + ((long) first << DestinationDescriptor.LENGTH_SHIFT), nowNs);
        return mtu == 0 ? OptionalInt.empty() : OptionalInt.of(mtu);
    }

    /** Of the thread that makes tables, of one that is not closed. Lets a record of the next table have this one's path MTU. */
    void keepPathMtu(int ethPort, int destination, long record) {
        if (ethPort < sourceMacs.length && destination < backendOfDestination.length) {
            long own = destinations(ethPort) + ((long) destination << DestinationDescriptor.LENGTH_SHIFT);
            DestinationDescriptor.keepPathMtu(record, own);
        }
    }

    /** {@return the ethPort's own MAC, six bytes in memory order in the low 48 bits} */
    public long sourceMac(int ethPortIndex) {
        return sourceMacs[ethPortIndex];
    }

    /** {@return the tag of what leaves for backends by that ethPort, four bytes in memory order; 0: none} */
    public int vlanTag(int ethPortIndex) {
        return vlanTags[ethPortIndex];
    }

    /** Frees the records. Only when no worker uses this table any more. */
    public void close() {
        records.close();
        vips.close();
    }

    /** {@return whether it has been freed} */
    public boolean isClosed() {
        return records.isClosed();
    }
}
