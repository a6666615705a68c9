package io.l4lb.replay;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.RxQueue;

/**
 * The pcap device's RX queue, cut into bursts that lie within {@value #SPAN_MICROS} us of capture time, so that a burst
 * has one time as on a live node. Replay thread.
 */
final class CaptureRxQueue implements RxQueue, AutoCloseable {
    static final long SPAN_MICROS = 1_000;
    private static final int CAPACITY = 32;
    /** A pcap device gives all its packets without pause; this many empty polls mean the end. */
    private static final int EMPTY_POLLS_MAX = 64;

    private final RxQueue device;
    private final int timestampOffset;
    private final NativeMemory memory = NativeMemory.allocate((long) CAPACITY * Long.BYTES, true);
    private int from;
    private int to;
    private long nowMicros;

    CaptureRxQueue(RxQueue device, int timestampOffset) {
        this.device = device;
        this.timestampOffset = timestampOffset;
    }

    /** Fetches more packets if none are left. {@return whether there is another burst; its time is {@link #nowMicros}} */
    boolean advance() {
        for (int polls = 0; from == to && polls < EMPTY_POLLS_MAX; polls++) {
            from = 0;
            to = device.receive(memory.address(), CAPACITY);
        }
        if (from == to) {
            return false;
        }
        nowMicros = Math.max(nowMicros, timeMicros(mbuf(from))); // captures of several NICs may step back
        return true;
    }

    long nowMicros() {
        return nowMicros;
    }

    long timeMicros(long mbuf) {
        return Memory.getLong(mbuf + timestampOffset);
    }

    @Override
    public int receive(long mbufArrayAddress, int capacity) {
        int count = 0;
        while (from < to && count < capacity && timeMicros(mbuf(from)) - nowMicros < SPAN_MICROS) {
            Memory.putLong(mbufArrayAddress + ((long) count << 3), mbuf(from));
            count++;
            from++;
        }
        return count;
    }

    private long mbuf(int index) {
        return Memory.getLong(memory.address() + ((long) index << 3));
    }

    @Override
    public void close() {
        memory.close();
    }
}
