package io.l4lb.forwarding;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.flow.FlowHash;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.replica.ReplicaNumbers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToLongFunction;

/**
 * Gives VIPs and destinations numbers that stay theirs for the life of the process, across reloads: what flow entries
 * and counters refer to. A number is never given to another. One thread, the one that makes tables, gives numbers; others may
 * ask for those that have been given.
 */
public final class ForwardingNumbers {
    /** 16 bits of a flow entry, 0 taken for "none". */
    public static final int VIPS_MAX = 65_535;
    /** 20 bits of a flow entry. */
    public static final int DESTINATIONS_MAX = 1 << 20;

    /** What makes a VIP that VIP; its name may change. {@code l4Port} 0: any. */
    public record VipKey(IpAddress address, Protocol protocol, int l4Port) {
        /** {@return what makes that VIP itself} */
        public static VipKey of(VipConfig vip) {
            return new VipKey(vip.address(), vip.protocol(), vip.l4Port());
        }

        /** {@return the seed of its flows' hashes, the same on every node} */
        public long seed() {
            return FlowHash.vipSeed(address.high(), address.low(), protocol.number());
        }
    }

    /**
     * A backend of a pool as reached by the VIPs of one family and one encapsulation.
     *
     * @param rule by which its flows stay while the whole pool is down: VIPs that differ in it have destinations of their own
     */
    public record Destination(
            String pool, IpAddress backend, Encapsulation encapsulation, int guePort, boolean innerIpv6, String rule) {
        /** {@return the rule of a VIP}: with several pools, the others decide too */
        static String ruleOf(VipConfig vip) {
            String rule = vip.whenAllDown().label();
            return vip.pools().size() == 1 ? rule : rule + ' ' + VipKey.of(vip);
        }

        static Destination of(PoolConfig pool, BackendConfig backend, VipConfig vip) {
            int guePort = vip.encapsulation() == Encapsulation.GUE ? vip.guePort() : 0;
            return new Destination(
                    pool.name(),
                    backend.address(),
                    vip.encapsulation(),
                    guePort,
                    vip.address().ipv6(),
                    ruleOf(vip));
        }
    }

    /** A backend of a pool, whatever the encapsulation. */
    public record Backend(String pool, IpAddress address) {}

    private final Map<VipKey, Integer> vipNumbers = new HashMap<>();
    private final Map<Destination, Integer> destinationIndices = new HashMap<>();
    private final List<Destination> destinations = new ArrayList<>();
    private final ReplicaNumbers replicaNumbers = new ReplicaNumbers();

    /** {@return the numbers by which flows are known to peers} */
    public ReplicaNumbers replicaNumbers() {
        return replicaNumbers;
    }

    /** {@return the number of that VIP, 1..65535; a new one if it has none yet} */
    public synchronized int vipNumber(VipConfig vip) {
        return vipNumber(VipKey.of(vip));
    }

    synchronized int vipNumber(VipKey vip) {
        return vipNumbers.computeIfAbsent(vip, key -> {
            if (vipNumbers.size() == VIPS_MAX) {
                throw new IllegalStateException("more than " + VIPS_MAX
                        + " different VIPs since this node started; restart it to give numbers anew");
            }
            return vipNumbers.size() + 1;
        });
    }

    /** {@return the index of that destination; a new one if it has none yet} */
    public synchronized int destinationIndex(PoolConfig pool, BackendConfig backend, VipConfig vip) {
        return destinationIndices.computeIfAbsent(Destination.of(pool, backend, vip), destination -> {
            if (destinations.size() == DESTINATIONS_MAX) {
                throw new IllegalStateException("more than " + DESTINATIONS_MAX
                        + " different destinations since this node started; restart it to give indices anew");
            }
            destinations.add(destination);
            return destinations.size() - 1;
        });
    }

    /** {@return all VIPs ever given a number} A view, for the thread that gives numbers. */
    public Set<VipKey> vips() {
        return Collections.unmodifiableSet(vipNumbers.keySet());
    }

    /** {@return the destination with that index} */
    public synchronized Destination destination(int index) {
        return destinations.get(index);
    }

    /** {@return all destinations ever given an index, in index order} A view, for the thread that gives indices. */
    public List<Destination> destinations() {
        return Collections.unmodifiableList(destinations);
    }

    /** {@return by backend, the sums of two per-destination values (packets, bytes) over its destinations} */
    public synchronized Map<Backend, long[]> sumByBackend(IntToLongFunction packets, IntToLongFunction bytes) {
        Map<Backend, long[]> sums = new HashMap<>();
        for (int index = 0; index < destinations.size(); index++) {
            Destination destination = destinations.get(index);
            long[] sum = sums.computeIfAbsent(
                    new Backend(destination.pool(), destination.backend()), backend -> new long[2]);
            sum[0] += packets.applyAsLong(index);
            sum[1] += bytes.applyAsLong(index);
        }
        return sums;
    }
}
