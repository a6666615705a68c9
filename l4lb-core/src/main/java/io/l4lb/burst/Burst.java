package io.l4lb.burst;

import io.l4lb.dpdk.NativeMemory;

/**
 * Up to {@value #CAPACITY} packets as columns; index i is the i-th packet received.
 *
 * <pre>
 * column              unit                         written by            read by
 * mbufs (native)      address of the mbuf          receive               all
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
 * bucket (native)     address of first bucket      classify              prefetch, pin
 * destination         index of the destination     pin                   encapsulate
 * </pre>
 *
 * <p>Owned by one worker. 32 packets keep every column together in about 5 KiB, a small part of L1; it is the burst
 * that DPDK's own examples use, and its twin in C.
 */
public final class Burst {
    public static final int CAPACITY = 32;
    /** In the l4Protocol column: a fragment that is not a whole datagram, whose L4 header may not be here. */
    public static final int FRAGMENT = 256;

    private static final int ARRAY_BYTES = CAPACITY * Long.BYTES;
    private static final int ARRAYS = 5;

    public final long mbufs;
    public final long buckets;
    public final long sendList;
    public final long puntList;
    public final long freeList;

    public final long[] frameAddress = new long[CAPACITY];
    public final int[] frameLength = new int[CAPACITY];
    public final int[] verdict = new int[CAPACITY];
    public final long[] l3Address = new long[CAPACITY];
    public final int[] l3Length = new int[CAPACITY];
    public final long[] l4Address = new long[CAPACITY];
    public final int[] l4Protocol = new int[CAPACITY];
    public final int[] vip = new int[CAPACITY];
    public final int[] event = new int[CAPACITY];
    public final int[] ports = new int[CAPACITY];
    public final long[] clientHigh = new long[CAPACITY];
    public final long[] clientLow = new long[CAPACITY];
    public final long[] hash = new long[CAPACITY];
    public final int[] destination = new int[CAPACITY];

    private final NativeMemory memory;

    /** How many packets the burst holds now. */
    public int count;
    /** How many of them classify found to be for a VIP. */
    public int toVipCount;

    /** Allocates the native columns; {@link #close} frees them. */
    public Burst() {
        memory = NativeMemory.allocate((long) ARRAYS * ARRAY_BYTES, true);
        mbufs = memory.address();
        buckets = mbufs + ARRAY_BYTES;
        sendList = buckets + ARRAY_BYTES;
        puntList = sendList + ARRAY_BYTES;
        freeList = puntList + ARRAY_BYTES;
    }

    /** Frees the native columns; the worker must have stopped. */
    public void close() {
        memory.close();
    }
}
