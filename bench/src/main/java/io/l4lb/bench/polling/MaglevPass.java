package io.l4lb.bench.polling;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.classify.Classify;
import io.l4lb.counters.TrafficCounters;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.encapsulate.Encapsulate;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.hash.MaglevTable;
import io.l4lb.parse.Parse;
import io.l4lb.receive.Receive;
import io.l4lb.transmit.Transmit;

/** The product's stages with another pin: every packet's backend straight from the Maglev table, no flow remembered. */
final class MaglevPass implements Pass {
    private final RxQueue rxQueue;
    private final TxQueue txQueue;
    private final MbufRelease release;
    private final ForwardingTable table;
    private final Burst burst = new Burst();
    private final WorkerCounters counters = new WorkerCounters();
    private final TrafficCounters traffic =
            new TrafficCounters(ForwardingNumbers.VIPS_MAX + 1, ForwardingNumbers.DESTINATIONS_MAX);

    MaglevPass(RxQueue rxQueue, TxQueue txQueue, MbufRelease release, ForwardingTable table) {
        this.rxQueue = rxQueue;
        this.txQueue = txQueue;
        this.release = release;
        this.table = table;
    }

    @Override
    public void run() {
        long bytes = Receive.run(burst, rxQueue);
        counters.countReceived(burst.count, bytes);
        Parse.run(burst);
        Classify.run(burst, table);
        choose(burst, table);
        Encapsulate.run(burst, table.destinations(0), traffic);
        Transmit.run(burst, txQueue, null, release, counters);
    }

    private static void choose(Burst burst, ForwardingTable table) {
        long[] columns = burst.columns();
        for (int i = 0; i < burst.count; i++) {
            if (Burst.verdict(columns, i) <= Verdict.IPV6) {
                int[] slots = table.slots(Burst.vip(columns, i));
                Burst.destination(columns, i, slots[MaglevTable.slotOf(Burst.hash(columns, i), slots.length)]);
            }
        }
    }

    WorkerCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        burst.close();
        counters.close();
        traffic.close();
    }
}
