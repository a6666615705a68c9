package io.l4lb.forwarding;

import io.l4lb.dpdk.Memory;

/**
 * One destination: a backend of a pool, reached through one encapsulation, for inner packets of one family. A record of
 * 128 bytes (two cache lines; what an outer IPv4 header needs lies in the first), read-only once a table is in use but for the path MTU,
 * which any worker may change: later ones see it soon, a torn one cannot be.
 *
 * <pre>
 *  0  kind              1   {@link #UNUSABLE}, {@link #UNRESOLVED}, {@link #L2}, {@link #OUTER_IPV4},
 *                          {@link #OUTER_IPV6}
 *  1  between           1   what stands between outer IP header and inner packet: {@link #NOTHING}, {@link #GUE},
 *                          {@link #GRE}
 *  2  headerLength      2   bytes of the template: Ethernet, outer IP and what follows it
 *  4  checksumBase      4   sum of the outer IPv4 header's words but for DSCP/ECN, total length and checksum
 *  8  loweredTick       4   when pathMtu was lowered last, in ticks of 2^30 ns
 * 12  pathMtu           2   largest IP packet that is sent towards the backend
 * 14  template     66 max   the outer frame header, network byte order; L2: the two MACs
 * 80  linkMtu           2   what pathMtu is when nothing has lowered it
 * </pre>
 *
 * <p>The first 8 bytes are the record's head: hot code reads them at once and takes it apart in registers.
 *
 * <p>The template stands at 14 so that Ethernet + IPv4 + GUE (46 bytes) end at 60.
 */
public final class DestinationDescriptor {
    public static final int KIND_OFFSET = 0;
    public static final int BETWEEN_OFFSET = KIND_OFFSET + 1;
    public static final int HEADER_LENGTH_OFFSET = BETWEEN_OFFSET + 1;
    public static final int CHECKSUM_BASE_OFFSET = HEADER_LENGTH_OFFSET + 2;
    public static final int LOWERED_TICK_OFFSET = 8;
    public static final int PATH_MTU_OFFSET = 12;
    public static final int TEMPLATE_OFFSET = PATH_MTU_OFFSET + 2;
    public static final int LINK_MTU_OFFSET = 80;
    private static final int TAKES_NEW_FLOWS_OFFSET = LINK_MTU_OFFSET + 2;
    public static final int LENGTH_BYTES = 128;
    public static final int LENGTH_SHIFT = 7;

    /** Down, or not in the configuration any more: flows pinned to it choose anew. */
    public static final int UNUSABLE = 0;
    /** Flows stay pinned to it, their packets are dropped: its next hop has no MAC address yet. */
    public static final int UNRESOLVED = 1;

    public static final int L2 = 2;
    /** From here on: kinds with an outer IP header. */
    public static final int OUTER_IPV4 = 3;

    public static final int OUTER_IPV6 = 4;

    public static final int NOTHING = 0;
    public static final int GUE = 1;
    public static final int GRE = 2;

    private static final int TICK_SHIFT = 30;
    /** 600 s, when a node tries again whether the path carries more (RFC 1191, section 6.3; RFC 8201, section 5.3). */
    private static final int LOWERED_TICKS = (int) (600_000_000_000L >>> TICK_SHIFT) + 1;

    private DestinationDescriptor() {}

    public static int kind(long record) {
        return Memory.getByte(record + KIND_OFFSET);
    }

    /** {@return the first 8 bytes of a record, for the methods below} */
    public static long head(long record) {
        return Memory.getLong(record);
    }

    public static int kindOf(long head) {
        return (int) head & 0xff;
    }

    public static int betweenOf(long head) {
        return ((int) head >>> (BETWEEN_OFFSET * Byte.SIZE)) & 0xff;
    }

    public static int headerLengthOf(long head) {
        return (int) head >>> (HEADER_LENGTH_OFFSET * Byte.SIZE);
    }

    /** {@return the largest IP packet that is sent towards the backend, outer header included} */
    public static int pathMtu(long record) {
        return Memory.getUnsignedShort(record + PATH_MTU_OFFSET);
    }

    /** {@return what the link carries, outer header included} */
    public static int linkMtu(long record) {
        return Memory.getUnsignedShort(record + LINK_MTU_OFFSET);
    }

    /** {@return whether new flows are given to it} */
    public static boolean takesNewFlows(long record) {
        return Memory.getByte(record + TAKES_NEW_FLOWS_OFFSET) != 0;
    }

    static void takesNewFlows(long record, boolean takes) {
        Memory.putByte(record + TAKES_NEW_FLOWS_OFFSET, (byte) (takes ? 1 : 0));
    }

    /** Lets the path carry no more than that. Any worker. */
    public static void lowerPathMtu(long record, int mtu, long nowNs) {
        Memory.putIntOpaque(record + LOWERED_TICK_OFFSET, (int) (nowNs >>> TICK_SHIFT));
        Memory.putShortOpaque(record + PATH_MTU_OFFSET, (short) mtu);
    }

    /** Forgets a lowered path MTU after its time. {@return whether there was one} Any worker. */
    public static boolean raisePathMtu(long record, long nowNs) {
        // below 0: another worker has lowered it, whose clock was read later
        int age = (int) (nowNs >>> TICK_SHIFT) - Memory.getInt(record + LOWERED_TICK_OFFSET);
        if (pathMtu(record) >= linkMtu(record) || age < LOWERED_TICKS) {
            return false;
        }
        Memory.putShortOpaque(record + PATH_MTU_OFFSET, (short) linkMtu(record));
        return true;
    }

    /** {@return a lowered path MTU, which has not had its time; 0: there is none} Any thread. */
    static int loweredPathMtu(long record, long nowNs) {
        int mtu = pathMtu(record);
        int age = (int) (nowNs >>> TICK_SHIFT) - Memory.getInt(record + LOWERED_TICK_OFFSET);
        return mtu < linkMtu(record) && age < LOWERED_TICKS ? mtu : 0;
    }

    /** Takes over from the record of the same destination in the table before. */
    static void keepPathMtu(long record, long before) {
        int mtu = pathMtu(before);
        if (mtu != 0 && mtu < pathMtu(record)) {
            Memory.putInt(record + LOWERED_TICK_OFFSET, Memory.getInt(before + LOWERED_TICK_OFFSET));
            Memory.putShort(record + PATH_MTU_OFFSET, (short) mtu);
        }
    }

    public static int checksumBaseOf(long head) {
        return (int) (head >>> (CHECKSUM_BASE_OFFSET * Byte.SIZE));
    }
}
