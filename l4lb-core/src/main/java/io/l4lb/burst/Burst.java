package io.l4lb.burst;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.packet.Ipv6Extensions;

/**
 * Up to {@value #CAPACITY} packets as columns; index i is the i-th packet received.
 *
 * <pre>
 * column              unit                         written by            read by
 * mbuf (list)        address of the mbuf, or none receive               all
 * frameAddress        address of the Ethernet hdr  receive               parse, classify, encapsulate
 * frameLength         bytes in the mbuf            receive, encapsulate  parse, encapsulate
 * verdict             {@link Verdict}              parse, then any       all later
 * l3Address           address of the IP header     parse                 classify, encapsulate
 * l3Length            bytes of the IP packet       parse                 classify, encapsulate
 * l4Address           address behind the IP hdrs   parse                 classify
 * l4Protocol          IP protocol, or FRAGMENT     parse                 classify
 * vip                 VIP number, 1..65535         classify, fragment    pin, encapsulate
 * event               {@code FlowEvent}            classify, then quic   pin
 * ports               both L4 ports; IPv6 only     classify              pin
 * clientHigh          IPv6 source, first 8 bytes   classify              pin
 * clientLow           IPv6 source, last 8 bytes;   classify              pin
 *                     IPv4: source and ports
 * hash                flow hash, 64 bits           classify              pin, encapsulate
 * bucket (list)      address of first bucket      pin                   prefetch, pin
 * destination         index of the destination     quic, then pin        pin, encapsulate
 * </pre>
 *
 * <p>Owned by one worker. 32 packets keep all columns together in 5 KiB, a small part of L1; it is the burst that DPDK's own
 * examples use, and its twin in C. The columns lie in one array: as an array each, they would cost the loops a pointer, a
 * load barrier and a bounds check; in native memory, an instruction to make an address, at every access, and C2 would
 * have to read them again behind every store to a frame. Lists of mbufs, which native calls read, lie in native memory.
 */
public final class Burst {
    public static final int CAPACITY = 32;
    /** In the mbuf list: another has taken it. */
    public static final long NO_MBUF = 0;
    /** In the l4Protocol column: a fragment that is not a whole datagram, whose L4 header may not be here. */
    public static final int FRAGMENT = Ipv6Extensions.FRAGMENT;

    private static final int COLUMNS = 14;
    private static final int COLUMN_BYTES = CAPACITY * Long.BYTES;

    // Where the columns begin. Every cell is 8 bytes, also where an int would do: one index serves all columns, and a
    // column is four cache lines.
    private static final long FRAME_ADDRESS = Memory.CELLS_OFFSET;
    private static final long FRAME_LENGTH = FRAME_ADDRESS + COLUMN_BYTES;
    private static final long VERDICT = FRAME_LENGTH + COLUMN_BYTES;
    private static final long L3_ADDRESS = VERDICT + COLUMN_BYTES;
    private static final long L3_LENGTH = L3_ADDRESS + COLUMN_BYTES;
    private static final long L4_ADDRESS = L3_LENGTH + COLUMN_BYTES;
    private static final long L4_PROTOCOL = L4_ADDRESS + COLUMN_BYTES;
    private static final long VIP = L4_PROTOCOL + COLUMN_BYTES;
    private static final long EVENT = VIP + COLUMN_BYTES;
    private static final long PORTS = EVENT + COLUMN_BYTES;
    private static final long CLIENT_HIGH = PORTS + COLUMN_BYTES;
    private static final long CLIENT_LOW = CLIENT_HIGH + COLUMN_BYTES;
    private static final long HASH = CLIENT_LOW + COLUMN_BYTES;
    private static final long DESTINATION = HASH + COLUMN_BYTES;

    private static final int MBUF_LIST = 0;
    private static final int BUCKET_LIST = MBUF_LIST + COLUMN_BYTES;
    private static final int SEND_LIST = BUCKET_LIST + COLUMN_BYTES;
    private static final int PUNT_LIST = SEND_LIST + COLUMN_BYTES;
    private static final int FREE_LIST = PUNT_LIST + COLUMN_BYTES;
    private static final int LISTS_BYTES = FREE_LIST + COLUMN_BYTES;

    private final long[] columns = new long[COLUMNS * CAPACITY];
    private final NativeMemory memory = NativeMemory.allocate(LISTS_BYTES, true);
    private final long lists = memory.address();

    /** How many packets the burst holds now. */
    public int count;
    /** How many of them classify found to be for a VIP. */
    public int toVipCount;
    /** Whether classify found packets that are none of a plain flow's: set of bits by verdict. */
    public long diverted;
    /** The time of the pass that the burst belongs to; goes forward only. */
    public long nowNs;
    /** What encapsulate made ready to be sent: packets and bytes of frames, a {@link io.l4lb.counters.Tally}. */
    public long ready;

    /** {@return the columns, for the accessors below: hot loops hold them in a local} */
    public long[] columns() {
        return columns;
    }

    /** {@return the address of the mbuf list, a column that native calls read} */
    public long mbufs() {
        return lists + MBUF_LIST;
    }

    /** {@return the address of the bucket list, a column that the prefetch reads} */
    public long buckets() {
        return lists + BUCKET_LIST;
    }

    /** {@return the address of the list of mbufs to send} */
    public long sendList() {
        return lists + SEND_LIST;
    }

    /** {@return the address of the list of mbufs to punt} */
    public long puntList() {
        return lists + PUNT_LIST;
    }

    /** {@return the address of the list of mbufs to free} */
    public long freeList() {
        return lists + FREE_LIST;
    }

    /** Frees the lists; the worker must have stopped. */
    public void close() {
        memory.close();
    }

    /** {@return entry {@code i} of one of the lists} */
    public static long entry(long list, int i) {
        return Memory.getLong(list + ((long) i << 3));
    }

    /** Sets entry {@code i} of one of the lists. */
    public static void entry(long list, int i, long value) {
        Memory.putLong(list + ((long) i << 3), value);
    }

    public static long frameAddress(long[] columns, int i) {
        return Memory.getLong(columns, FRAME_ADDRESS + ((long) i << 3));
    }

    public static void frameAddress(long[] columns, int i, long value) {
        Memory.putLong(columns, FRAME_ADDRESS + ((long) i << 3), value);
    }

    public static int frameLength(long[] columns, int i) {
        return Memory.getInt(columns, FRAME_LENGTH + ((long) i << 3));
    }

    public static void frameLength(long[] columns, int i, int value) {
        Memory.putInt(columns, FRAME_LENGTH + ((long) i << 3), value);
    }

    public static int verdict(long[] columns, int i) {
        return Memory.getInt(columns, VERDICT + ((long) i << 3));
    }

    public static void verdict(long[] columns, int i, int value) {
        Memory.putInt(columns, VERDICT + ((long) i << 3), value);
    }

    public static long l3Address(long[] columns, int i) {
        return Memory.getLong(columns, L3_ADDRESS + ((long) i << 3));
    }

    public static void l3Address(long[] columns, int i, long value) {
        Memory.putLong(columns, L3_ADDRESS + ((long) i << 3), value);
    }

    public static int l3Length(long[] columns, int i) {
        return Memory.getInt(columns, L3_LENGTH + ((long) i << 3));
    }

    public static void l3Length(long[] columns, int i, int value) {
        Memory.putInt(columns, L3_LENGTH + ((long) i << 3), value);
    }

    public static long l4Address(long[] columns, int i) {
        return Memory.getLong(columns, L4_ADDRESS + ((long) i << 3));
    }

    public static void l4Address(long[] columns, int i, long value) {
        Memory.putLong(columns, L4_ADDRESS + ((long) i << 3), value);
    }

    public static int l4Protocol(long[] columns, int i) {
        return Memory.getInt(columns, L4_PROTOCOL + ((long) i << 3));
    }

    public static void l4Protocol(long[] columns, int i, int value) {
        Memory.putInt(columns, L4_PROTOCOL + ((long) i << 3), value);
    }

    public static int vip(long[] columns, int i) {
        return Memory.getInt(columns, VIP + ((long) i << 3));
    }

    public static void vip(long[] columns, int i, int value) {
        Memory.putInt(columns, VIP + ((long) i << 3), value);
    }

    public static int event(long[] columns, int i) {
        return Memory.getInt(columns, EVENT + ((long) i << 3));
    }

    public static void event(long[] columns, int i, int value) {
        Memory.putInt(columns, EVENT + ((long) i << 3), value);
    }

    public static int ports(long[] columns, int i) {
        return Memory.getInt(columns, PORTS + ((long) i << 3));
    }

    public static void ports(long[] columns, int i, int value) {
        Memory.putInt(columns, PORTS + ((long) i << 3), value);
    }

    public static long clientHigh(long[] columns, int i) {
        return Memory.getLong(columns, CLIENT_HIGH + ((long) i << 3));
    }

    public static void clientHigh(long[] columns, int i, long value) {
        Memory.putLong(columns, CLIENT_HIGH + ((long) i << 3), value);
    }

    public static long clientLow(long[] columns, int i) {
        return Memory.getLong(columns, CLIENT_LOW + ((long) i << 3));
    }

    public static void clientLow(long[] columns, int i, long value) {
        Memory.putLong(columns, CLIENT_LOW + ((long) i << 3), value);
    }

    public static long hash(long[] columns, int i) {
        return Memory.getLong(columns, HASH + ((long) i << 3));
    }

    public static void hash(long[] columns, int i, long value) {
        Memory.putLong(columns, HASH + ((long) i << 3), value);
    }

    public static int destination(long[] columns, int i) {
        return Memory.getInt(columns, DESTINATION + ((long) i << 3));
    }

    public static void destination(long[] columns, int i, int value) {
        Memory.putInt(columns, DESTINATION + ((long) i << 3), value);
    }
}
