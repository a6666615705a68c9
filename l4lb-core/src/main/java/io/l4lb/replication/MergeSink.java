package io.l4lb.replication;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.replica.ClaimDescriptor;
import io.l4lb.replica.ReplicaTable;

/**
 * Puts what batches say into the replica table, in the order in which they say it, some events at a time so that their cache misses
 * overlap. Journal thread, or the one that recovers.
 */
final class MergeSink implements FlowEventSink {
    private static final int HELD_MAX = ReplicaTable.EXPECTED_MAX;

    private final ReplicaTable table;
    // events held back, a column each
    private final boolean[] ipv6 = new boolean[HELD_MAX];
    private final long[] high = new long[HELD_MAX];
    private final long[] low = new long[HELD_MAX];
    private final int[] ports = new int[HELD_MAX];
    private final int[] vip = new int[HELD_MAX];
    private final int[] backend = new int[HELD_MAX];
    private final int[] code = new int[HELD_MAX];
    private final long[] claim = new long[HELD_MAX];
    private final int[] ageTicks = new int[HELD_MAX];
    private int held;
    private int tick;
    private int batchAgeSeconds;
    private long events;

    MergeSink(ReplicaTable table, int tick) {
        this.table = table;
        this.tick = tick;
    }

    /** {@return how many it has been told} */
    long events() {
        return events;
    }

    /** Ages count from that tick on. */
    void now(int nowTick) {
        tick = nowTick;
    }

    /** What comes now was written that long ago: a node that nobody could reach tells of its flows late. */
    void writtenBefore(long seconds) {
        // half of an int: an event's own age is added; a clock that was set back makes no flow younger than new
        batchAgeSeconds = Math.clamp(seconds, 0, Integer.MAX_VALUE / 2);
    }

    @Override
    public void ipv4(long key, int vip, int backend, int code, boolean proven, long lamport, int node, int age) {
        hold(false, 0, key, 0, vip, backend, code, ClaimDescriptor.of(proven, lamport, node), age);
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
        hold(true, high, low, ports, vip, backend, code, ClaimDescriptor.of(proven, lamport, node), age);
    }

    private void hold(
            boolean isIpv6,
            long clientHigh,
            long clientLow,
            int l4Ports,
            int vipNumber,
            int backendNumber,
            int flowCode,
            long flowClaim,
            int ageSeconds) {
        int i = held++;
        ipv6[i] = isIpv6;
        high[i] = clientHigh;
        low[i] = clientLow;
        ports[i] = l4Ports;
        vip[i] = vipNumber;
        backend[i] = backendNumber;
        code[i] = flowCode;
        claim[i] = flowClaim;
        ageTicks[i] = FlowStateDescriptor.ticks(batchAgeSeconds + ageSeconds);
        table.expect(isIpv6, clientHigh, clientLow, l4Ports, vipNumber);
        if (held == HELD_MAX) {
            end();
        }
    }

    @Override
    public void end() {
        int count = held;
        held = 0;
        events += count;
        table.fetch();
        for (int i = 0; i < count; i++) {
            table.merge(ipv6[i], high[i], low[i], ports[i], vip[i], backend[i], code[i], claim[i], tick, ageTicks[i]);
        }
    }
}
