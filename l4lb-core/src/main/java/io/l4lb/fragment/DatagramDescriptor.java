package io.l4lb.fragment;

import io.l4lb.dpdk.Memory;

/**
 * What is known of a datagram whose fragments come: four cache lines, machine byte order, written by its worker.
 *
 * <pre>
 *   0  key             40  source, destination (16 each, IPv4 in the last 8), protocol and identification
 *  40  deadline         8  when it is forgotten, ns
 *  48  state            4
 *  52  total            4  bytes of the datagram's payload; 0: its last fragment has not come
 *  56  protocol         4  of layer 4
 *  60  ports            4  both L4 ports, memory order
 *  64  held: first      4  number of the first packet held, from 1; 0: none
 *  68  held: last       4
 *  72  held: count      4
 *  76  range count      4
 *  80  waiting since    8  when the first of the held packets came, ns
 *  88  waiting before   8  the record that began to wait before it; 0: none
 *  96  waiting after    8
 * 104  ranges         152  of what has come, in 8-byte units: begin 2, end 2 (behind the last); in order, apart
 * </pre>
 *
 * <p>38 ranges: the 54 fragments of the largest datagram over IPv6's smallest link are 27 apart at the most.
 */
final class DatagramDescriptor {
    static final int KEY_WORDS = 5;
    static final int RANGES_MAX = 38;

    private static final int KEY_OFFSET = 0;
    private static final int DEADLINE_OFFSET = KEY_OFFSET + KEY_WORDS * Long.BYTES;
    private static final int STATE_OFFSET = DEADLINE_OFFSET + Long.BYTES;
    private static final int TOTAL_OFFSET = STATE_OFFSET + Integer.BYTES;
    private static final int PROTOCOL_OFFSET = TOTAL_OFFSET + Integer.BYTES;
    private static final int PORTS_OFFSET = PROTOCOL_OFFSET + Integer.BYTES;
    private static final int HELD_FIRST_OFFSET = PORTS_OFFSET + Integer.BYTES;
    private static final int HELD_LAST_OFFSET = HELD_FIRST_OFFSET + Integer.BYTES;
    private static final int HELD_COUNT_OFFSET = HELD_LAST_OFFSET + Integer.BYTES;
    private static final int RANGE_COUNT_OFFSET = HELD_COUNT_OFFSET + Integer.BYTES;
    private static final int SINCE_OFFSET = RANGE_COUNT_OFFSET + Integer.BYTES;
    private static final int BEFORE_OFFSET = SINCE_OFFSET + Long.BYTES;
    private static final int AFTER_OFFSET = BEFORE_OFFSET + Long.BYTES;
    private static final int RANGES_OFFSET = AFTER_OFFSET + Long.BYTES;
    private static final int RANGE_SHIFT = 2;

    static final int LENGTH_BYTES = RANGES_OFFSET + (RANGES_MAX << RANGE_SHIFT);
    static final int LENGTH_SHIFT = 8;

    /** States. */
    static final int FREE = 0;
    /** The first fragment has not come; others are held. */
    static final int WAITING = 1;
    /** The first fragment has come. */
    static final int FLOWING = 2;
    /** All bytes have come. */
    static final int WHOLE = 3;
    /** Its fragments contradict each other: none is passed on. */
    static final int REFUSED = 4;
    /** Its first fragment was dropped for its flow's sake: no other one is passed on, of those either that came before. */
    static final int UNWANTED = 5;

    private DatagramDescriptor() {}

    static long key(long record, int word) {
        return Memory.getLong(record + KEY_OFFSET + ((long) word << 3));
    }

    static void key(long record, int word, long value) {
        Memory.putLong(record + KEY_OFFSET + ((long) word << 3), value);
    }

    static long deadlineNs(long record) {
        return Memory.getLong(record + DEADLINE_OFFSET);
    }

    static void deadlineNs(long record, long value) {
        Memory.putLong(record + DEADLINE_OFFSET, value);
    }

    static int state(long record) {
        return Memory.getInt(record + STATE_OFFSET);
    }

    static void state(long record, int value) {
        Memory.putInt(record + STATE_OFFSET, value);
    }

    static int totalBytes(long record) {
        return Memory.getInt(record + TOTAL_OFFSET);
    }

    static void totalBytes(long record, int value) {
        Memory.putInt(record + TOTAL_OFFSET, value);
    }

    static int protocol(long record) {
        return Memory.getInt(record + PROTOCOL_OFFSET);
    }

    static int ports(long record) {
        return Memory.getInt(record + PORTS_OFFSET);
    }

    static void flow(long record, int protocol, int ports) {
        Memory.putInt(record + PROTOCOL_OFFSET, protocol);
        Memory.putInt(record + PORTS_OFFSET, ports);
    }

    static int heldFirst(long record) {
        return Memory.getInt(record + HELD_FIRST_OFFSET);
    }

    static int heldLast(long record) {
        return Memory.getInt(record + HELD_LAST_OFFSET);
    }

    static int heldCount(long record) {
        return Memory.getInt(record + HELD_COUNT_OFFSET);
    }

    static void held(long record, int first, int last, int count) {
        Memory.putInt(record + HELD_FIRST_OFFSET, first);
        Memory.putInt(record + HELD_LAST_OFFSET, last);
        Memory.putInt(record + HELD_COUNT_OFFSET, count);
    }

    static int rangeCount(long record) {
        return Memory.getInt(record + RANGE_COUNT_OFFSET);
    }

    static void rangeCount(long record, int value) {
        Memory.putInt(record + RANGE_COUNT_OFFSET, value);
    }

    static long sinceNs(long record) {
        return Memory.getLong(record + SINCE_OFFSET);
    }

    static void sinceNs(long record, long value) {
        Memory.putLong(record + SINCE_OFFSET, value);
    }

    static long before(long record) {
        return Memory.getLong(record + BEFORE_OFFSET);
    }

    static void before(long record, long value) {
        Memory.putLong(record + BEFORE_OFFSET, value);
    }

    static long after(long record) {
        return Memory.getLong(record + AFTER_OFFSET);
    }

    static void after(long record, long value) {
        Memory.putLong(record + AFTER_OFFSET, value);
    }

    static int begin(long record, int range) {
        return Memory.getUnsignedShort(record + RANGES_OFFSET + ((long) range << RANGE_SHIFT));
    }

    static int end(long record, int range) {
        return Memory.getUnsignedShort(record + RANGES_OFFSET + ((long) range << RANGE_SHIFT) + Short.BYTES);
    }

    static void range(long record, int range, int begin, int end) {
        long at = record + RANGES_OFFSET + ((long) range << RANGE_SHIFT);
        Memory.putShort(at, (short) begin);
        Memory.putShort(at + Short.BYTES, (short) end);
    }
}
