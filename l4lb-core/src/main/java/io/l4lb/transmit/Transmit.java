package io.l4lb.transmit;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.Tally;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.TxQueue;

/**
 * Sorts a burst by verdict, in the order of arrival, and hands each part on: to the TX queue, to the kernel's side, back
 * to the mbuf pool. After it every mbuf of the burst has an owner; one that is held has had it before. Worker thread.
 */
public final class Transmit {
    /** A queue that takes nothing this many times in a row is full: the rest of the burst is dropped, not waited for. */
    private static final int TRANSMIT_ATTEMPTS = 4;

    private Transmit() {}

    /**
     * Sends what is to be sent.
     *
     * @param puntQueue the kernel's side of this ethPort, or null when there is none
     * @param release where mbufs go that are dropped
     */
    public static void run(
            Burst burst, TxQueue txQueue, TxQueue puntQueue, MbufRelease release, WorkerCounters counters) {
        int count = burst.count;
        if (Tally.packets(burst.ready) == count) { // nearly always: nothing to sort, nothing to look up again
            send(burst.mbufs(), count, Tally.bytes(burst.ready), txQueue, release, counters);
            return;
        }
        long[] columns = burst.columns();
        int sendCount = 0;
        int puntCount = 0;
        int freeCount = 0;
        for (int i = 0; i < count; i++) {
            long mbuf = Burst.entry(burst.mbufs(), i);
            int kind = Burst.verdict(columns, i);
            if (kind == Verdict.SEND || kind == Verdict.REPLY) {
                Burst.entry(burst.sendList(), sendCount++, mbuf);
            } else if (kind == Verdict.PUNT && puntQueue != null) {
                Burst.entry(burst.puntList(), puntCount++, mbuf);
            } else if (kind != Verdict.LISTED && kind != Verdict.HELD) { // which have another owner
                Burst.entry(burst.freeList(), freeCount++, mbuf);
                counters.countDrop(
                        kind == Verdict.PUNT ? DropReason.PUNT_UNAVAILABLE.ordinal() : kind - Verdict.DROP, 1);
            }
        }
        if (freeCount != 0) {
            release.release(burst.freeList(), freeCount);
        }
        if (sendCount != 0) {
            send(burst.sendList(), sendCount, bytes(burst.sendList(), 0, sendCount), txQueue, release, counters);
        }
        if (puntCount != 0) {
            int sent = offer(burst.puntList(), puntCount, puntQueue);
            if (sent < puntCount) {
                dropRest(burst.puntList(), sent, puntCount, release, counters);
            }
            counters.countPunted(sent);
        }
    }

    /** Sends a list of mbufs that are no burst's. */
    public static void run(long list, int count, TxQueue txQueue, MbufRelease release, WorkerCounters counters) {
        send(list, count, bytes(list, 0, count), txQueue, release, counters);
    }

    /** {@code bytes}: of all frames of the list. */
    private static void send(
            long list, int count, long bytes, TxQueue txQueue, MbufRelease release, WorkerCounters counters) {
        int sent = offer(list, count, txQueue);
        long bytesSent = bytes;
        if (sent < count) {
            bytesSent -= bytes(list, sent, count);
            dropRest(list, sent, count, release, counters);
        }
        counters.countTransmitted(sent, bytesSent);
    }

    /** Read before sending, or of what was not taken: the mbufs that the device has taken may be somebody else's now. */
    private static long bytes(long list, int from, int to) {
        long bytes = 0;
        for (int i = from; i < to; i++) {
            bytes += Memory.getInt(Burst.entry(list, i) + MbufDescriptor.PKT_LEN_OFFSET);
        }
        return bytes;
    }

    private static int offer(long list, int count, TxQueue txQueue) {
        int sent = 0;
        for (int attempt = 0; attempt < TRANSMIT_ATTEMPTS && sent < count; ) {
            int taken = txQueue.transmit(list + ((long) sent << 3), count - sent);
            sent += taken;
            attempt += taken == 0 ? 1 : 0;
        }
        return sent;
    }

    private static void dropRest(long list, int from, int to, MbufRelease release, WorkerCounters counters) {
        counters.countDrop(DropReason.TX_FULL.ordinal(), to - from);
        release.release(list + ((long) from << 3), to - from);
    }
}
