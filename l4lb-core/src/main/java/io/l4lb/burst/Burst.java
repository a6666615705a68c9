package io.l4lb.burst;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;

/**
 * Up to {@value #CAPACITY} packets as columns; index i is the i-th packet received.
 *
 * <pre>
 * column              unit                         written by            read by
 * mbuf               address of the mbuf          receive               all
 * frameAddress        address of the Ethernet hdr  receive               parse, classify, encapsulate
 * frameLength         bytes in the mbuf            receive               parse
 * verdict             {@link Verdict}              parse, then any       all later
 * l3Address           address of the IP header     parse                 classify, encapsulate
 * l3Length            bytes of the IP packet       parse                 classify, encapsulate
 * l4Address           address behind the IP hdrs   parse                 classify
 * l4Protocol          IP protocol, or FRAGMENT     parse                 classify
 * vip                 VIP number, 1..65535         classify              pin, encapsulate
 * event               {@code FlowEvent}            classify              pin
 * ports               both L4 ports, memory order  classify              pin
 * clientHigh          IPv6 source, first 8 bytes   classify              pin
 * clientLow           IPv6 source, last 8 bytes;   classify              pin
 *                     IPv4: source and ports
 * hash                flow hash, 64 bits           classify              pin, encapsulate
 * bucket             address of first bucket      classify              prefetch, pin
 * destination         index of the destination     pin                   encapsulate
 * </pre>
 *
 * <p>Owned by one worker. 32 packets keep all columns together in 5 KiB, a small part of L1; it is the burst that DPDK's own
 * examples use, and its twin in C. The columns lie in native memory behind one address: as Java arrays each would cost the
 * loops a pointer, a load barrier and a bounds check.
 */
public final class Burst {
    public static final int CAPACITY = 32;
    /** In the l4Protocol column: a fragment that is not a whole datagram, whose L4 header may not be here. */
    public static final int FRAGMENT = 256;

    private static final int COLUMN_BYTES = CAPACITY * Long.BYTES;

    // Offsets of the columns from their common address. Every cell is 8 bytes, also where an int would do: one index
    // serves
    // all columns, and a column is four cache lines.
    private static final int MBUF = 0;
    private static final int FRAME_ADDRESS = MBUF + COLUMN_BYTES;
    private static final int FRAME_LENGTH = FRAME_ADDRESS + COLUMN_BYTES;
    private static final int VERDICT = FRAME_LENGTH + COLUMN_BYTES;
    private static final int L3_ADDRESS = VERDICT + COLUMN_BYTES;
    private static final int L3_LENGTH = L3_ADDRESS + COLUMN_BYTES;
    private static final int L4_ADDRESS = L3_LENGTH + COLUMN_BYTES;
    private static final int L4_PROTOCOL = L4_ADDRESS + COLUMN_BYTES;
    private static final int VIP = L4_PROTOCOL + COLUMN_BYTES;
    private static final int EVENT = VIP + COLUMN_BYTES;
    private static final int PORTS = EVENT + COLUMN_BYTES;
    private static final int CLIENT_HIGH = PORTS + COLUMN_BYTES;
    private static final int CLIENT_LOW = CLIENT_HIGH + COLUMN_BYTES;
    private static final int HASH = CLIENT_LOW + COLUMN_BYTES;
    private static final int DESTINATION = HASH + COLUMN_BYTES;
    private static final int BUCKET = DESTINATION + COLUMN_BYTES;
    private static final int SEND_LIST = BUCKET + COLUMN_BYTES;
    private static final int PUNT_LIST = SEND_LIST + COLUMN_BYTES;
    private static final int FREE_LIST = PUNT_LIST + COLUMN_BYTES;
    private static final int LENGTH_BYTES = FREE_LIST + COLUMN_BYTES;

    private final NativeMemory memory;
    private final long columns;

    /** How many packets the burst holds now. */
    public int count;
    /** How many of them classify found to be for a VIP. */
    public int toVipCount;

    /** Allocates the columns; {@link #close} frees them. */
    public Burst() {
        memory = NativeMemory.allocate(LENGTH_BYTES, true);
        columns = memory.address();
    }

    /** {@return the address of the columns, for the accessors below: hot loops hold it in a local} */
    public long columns() {
        return columns;
    }

    /** {@return the address of the mbuf column, an array for the native calls} */
    public long mbufs() {
        return columns + MBUF;
    }

    /** {@return the address of the bucket column, an array for the prefetch} */
    public long buckets() {
        return columns + BUCKET;
    }

    /** {@return the address of the list of mbufs to send} */
    public long sendList() {
        return columns + SEND_LIST;
    }

    /** {@return the address of the list of mbufs to punt} */
    public long puntList() {
        return columns + PUNT_LIST;
    }

    /** {@return the address of the list of mbufs to free} */
    public long freeList() {
        return columns + FREE_LIST;
    }

    /** Frees the columns; the worker must have stopped. */
    public void close() {
        memory.close();
    }

    public static long mbuf(long columns, int i) {
        return Memory.getLong(columns + MBUF + ((long) i << 3));
    }

    public static long bucket(long columns, int i) {
        return Memory.getLong(columns + BUCKET + ((long) i << 3));
    }

    public static void bucket(long columns, int i, long address) {
        Memory.putLong(columns + BUCKET + ((long) i << 3), address);
    }

    public static long frameAddress(long columns, int i) {
        return Memory.getLong(columns + FRAME_ADDRESS + ((long) i << 3));
    }

    public static void frameAddress(long columns, int i, long value) {
        Memory.putLong(columns + FRAME_ADDRESS + ((long) i << 3), value);
    }

    public static int frameLength(long columns, int i) {
        return Memory.getInt(columns + FRAME_LENGTH + ((long) i << 3));
    }

    public static void frameLength(long columns, int i, int value) {
        Memory.putInt(columns + FRAME_LENGTH + ((long) i << 3), value);
    }

    public static int verdict(long columns, int i) {
        return Memory.getInt(columns + VERDICT + ((long) i << 3));
    }

    public static void verdict(long columns, int i, int value) {
        Memory.putInt(columns + VERDICT + ((long) i << 3), value);
    }

    public static long l3Address(long columns, int i) {
        return Memory.getLong(columns + L3_ADDRESS + ((long) i << 3));
    }

    public static void l3Address(long columns, int i, long value) {
        Memory.putLong(columns + L3_ADDRESS + ((long) i << 3), value);
    }

    public static int l3Length(long columns, int i) {
        return Memory.getInt(columns + L3_LENGTH + ((long) i << 3));
    }

    public static void l3Length(long columns, int i, int value) {
        Memory.putInt(columns + L3_LENGTH + ((long) i << 3), value);
    }

    public static long l4Address(long columns, int i) {
        return Memory.getLong(columns + L4_ADDRESS + ((long) i << 3));
    }

    public static void l4Address(long columns, int i, long value) {
        Memory.putLong(columns + L4_ADDRESS + ((long) i << 3), value);
    }

    public static int l4Protocol(long columns, int i) {
        return Memory.getInt(columns + L4_PROTOCOL + ((long) i << 3));
    }

    public static void l4Protocol(long columns, int i, int value) {
        Memory.putInt(columns + L4_PROTOCOL + ((long) i << 3), value);
    }

    public static int vip(long columns, int i) {
        return Memory.getInt(columns + VIP + ((long) i << 3));
    }

    public static void vip(long columns, int i, int value) {
        Memory.putInt(columns + VIP + ((long) i << 3), value);
    }

    public static int event(long columns, int i) {
        return Memory.getInt(columns + EVENT + ((long) i << 3));
    }

    public static void event(long columns, int i, int value) {
        Memory.putInt(columns + EVENT + ((long) i << 3), value);
    }

    public static int ports(long columns, int i) {
        return Memory.getInt(columns + PORTS + ((long) i << 3));
    }

    public static void ports(long columns, int i, int value) {
        Memory.putInt(columns + PORTS + ((long) i << 3), value);
    }

    public static long clientHigh(long columns, int i) {
        return Memory.getLong(columns + CLIENT_HIGH + ((long) i << 3));
    }

    public static void clientHigh(long columns, int i, long value) {
        Memory.putLong(columns + CLIENT_HIGH + ((long) i << 3), value);
    }

    public static long clientLow(long columns, int i) {
        return Memory.getLong(columns + CLIENT_LOW + ((long) i << 3));
    }

    public static void clientLow(long columns, int i, long value) {
        Memory.putLong(columns + CLIENT_LOW + ((long) i << 3), value);
    }

    public static long hash(long columns, int i) {
        return Memory.getLong(columns + HASH + ((long) i << 3));
    }

    public static void hash(long columns, int i, long value) {
        Memory.putLong(columns + HASH + ((long) i << 3), value);
    }

    public static int destination(long columns, int i) {
        return Memory.getInt(columns + DESTINATION + ((long) i << 3));
    }

    public static void destination(long columns, int i, int value) {
        Memory.putInt(columns + DESTINATION + ((long) i << 3), value);
    }
}
