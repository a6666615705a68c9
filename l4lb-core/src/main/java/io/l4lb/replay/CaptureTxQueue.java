package io.l4lb.replay;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.TxQueue;

/** The pcap device's TX queue, noting the capture time of every packet that it takes: its own, or that of the
 * one before it if that came later, for which a held fragment has waited. Replay thread. */
final class CaptureTxQueue implements TxQueue {
    private final TxQueue device;
    private final int timestampOffset;
    private final LongList timesMicros = new LongList();
    private long latestMicros = Long.MIN_VALUE;

    CaptureTxQueue(TxQueue device, int timestampOffset) {
        this.device = device;
        this.timestampOffset = timestampOffset;
    }

    LongList timesMicros() {
        return timesMicros;
    }

    @Override
    public int transmit(long mbufArrayAddress, int count) {
        for (int i = 0; i < count; i++) {
            // one at a time: what is taken is freed, and its time has to be read before
            long time = Memory.getLong(Memory.getLong(mbufArrayAddress + ((long) i << 3)) + timestampOffset);
            if (device.transmit(mbufArrayAddress + ((long) i << 3), 1) != 1) {
                return i;
            }
            latestMicros = Math.max(latestMicros, time);
            timesMicros.add(latestMicros);
        }
        return count;
    }
}
