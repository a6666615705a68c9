package io.l4lb.bench.replicate;

import io.l4lb.flow.FlowHash;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.track.FlowChange;
import io.l4lb.track.FlowChangeRing;

/**
 * Offers pins of IPv4 flows to a ring as a worker does, published a burst at a time: of new flows, and once all are there of the same
 * again. One thread.
 */
final class FlowSource {
    static final int BURST = 32;

    private static final int BACKENDS = 100;
    private static final int BACKEND_IPV4 = 0x0a_c8_00_01;
    private static final int VIP_IPV4 = 0xc6_33_64_01;

    private final FlowChangeRing ring;
    private final int vip;
    private final int[] backends = new int[BACKENDS];
    private final long first;
    private final long flows;
    private long offered;

    /** @param first number of the first of so many flows: those from another number on are others */
    FlowSource(FlowChangeRing ring, ReplicaNumbers numbers, long first, long flows) {
        this.ring = ring;
        this.first = first;
        this.flows = flows;
        vip = numbers.vip(IpAddress.ipv4(VIP_IPV4), Protocol.TCP.number());
        for (int backend = 0; backend < BACKENDS; backend++) {
            backends[backend] = numbers.backend(IpAddress.ipv4(BACKEND_IPV4 + backend));
        }
    }

    /** Offers the next flows. A refused one is not offered again: a worker does not wait either. */
    void offer(int count) {
        int tick = FlowStateDescriptor.tick(System.nanoTime());
        for (int i = 0; i < count; i++) {
            long flow = first + offered++ % flows;
            int backend = backends[(int) (flow % BACKENDS)];
            long state = FlowStateDescriptor.word(vip, backend, FlowStateDescriptor.ESTABLISHED, tick);
            // mixing maps no two numbers to one
            ring.offer(0, FlowHash.mix(flow), state, 0, FlowChange.PIN, false);
        }
        ring.publish();
    }

    /** Offers what is due at that rate since {@code before} were offered; {@return whether it was something} */
    boolean offerDue(long sinceNs, long before, double perSecond) {
        long due = (long) (sinceNs * perSecond / 1e9) - (offered - before);
        if (due < BURST) {
            return false;
        }
        offer(BURST);
        return true;
    }

    long offered() {
        return offered;
    }

    long refused() {
        return ring.refused();
    }
}
