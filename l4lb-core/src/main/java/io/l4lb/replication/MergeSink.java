package io.l4lb.replication;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.replica.ClaimDescriptor;
import io.l4lb.replica.ReplicaTable;

/** Puts what batches say into the replica table. Journal thread, or the one that recovers. */
final class MergeSink implements FlowEventSink {
    private final ReplicaTable table;
    private int tick;

    MergeSink(ReplicaTable table, int tick) {
        this.table = table;
        this.tick = tick;
    }

    /** Ages count from that tick on. */
    void now(int nowTick) {
        tick = nowTick;
    }

    @Override
    public void ipv4(long key, int vip, int backend, int code, boolean proven, long lamport, int node, int age) {
        long claim = ClaimDescriptor.of(proven, lamport, node);
        table.merge(false, 0, key, 0, vip, backend, code, claim, tick, FlowStateDescriptor.ticks(age));
    }

    @Override
    public void ipv6(
            long high,
            long low,
            int ports,
            int vip,
            int backend,
            int code,
            boolean proven,
            long lamport,
            int node,
            int age) {
        long claim = ClaimDescriptor.of(proven, lamport, node);
        table.merge(true, high, low, ports, vip, backend, code, claim, tick, FlowStateDescriptor.ticks(age));
    }
}
