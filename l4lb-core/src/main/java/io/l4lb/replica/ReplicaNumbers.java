package io.l4lb.replica;

import io.l4lb.flow.FlowHash;
import io.l4lb.net.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Short numbers for what flow events name by address: VIP addresses with their protocol, backends, nodes. Given in this process, for
 * its life; nodes number alike only by chance. Any thread.
 */
public final class ReplicaNumbers {
    /** There are no more numbers of that kind. */
    public static final int NO_NUMBER = -1;

    /** 16 bits of a state word, 0 taken for "none". */
    static final int VIPS_MAX = 65_535;

    static final int NODES_MAX = 1 << 16;

    private record Vip(IpAddress address, int protocol) {}

    private final Map<Vip, Integer> vipNumbers = new HashMap<>();
    private final List<Vip> vips = new ArrayList<>();
    private final Map<IpAddress, Integer> backendNumbers = new HashMap<>();
    private final List<IpAddress> backends = new ArrayList<>();
    private final Map<String, Integer> nodeNumbers = new HashMap<>();
    private final List<String> nodes = new ArrayList<>();
    private volatile long[] vipSeeds = new long[1];

    /** {@return the number of a VIP's address and protocol, 1..65535, or {@link #NO_NUMBER}} */
    public synchronized int vip(IpAddress address, int protocol) {
        Vip vip = new Vip(address, protocol);
        Integer known = vipNumbers.get(vip);
        if (known != null) {
            return known;
        }
        if (vips.size() == VIPS_MAX) {
            return NO_NUMBER;
        }
        vips.add(vip);
        int number = vips.size();
        vipNumbers.put(vip, number);
        long[] seeds = Arrays.copyOf(vipSeeds, Math.max(vipSeeds.length, Integer.highestOneBit(number) << 1));
        seeds[number] = FlowHash.vipSeed(address.high(), address.low(), protocol);
        vipSeeds = seeds;
        return number;
    }

    /** {@return the number of a backend, or {@link #NO_NUMBER}} */
    public synchronized int backend(IpAddress address) {
        return number(address, backendNumbers, backends, ReplicaBuckets.BACKENDS_MAX);
    }

    /** {@return the number of a node, 0..65535, or {@link #NO_NUMBER}} */
    public synchronized int node(String id) {
        return number(id, nodeNumbers, nodes, NODES_MAX);
    }

    private static <T> int number(T thing, Map<T, Integer> numbers, List<T> things, int max) {
        Integer known = numbers.get(thing);
        if (known != null) {
            return known;
        }
        if (things.size() == max) {
            return NO_NUMBER;
        }
        things.add(thing);
        numbers.put(thing, things.size() - 1);
        return things.size() - 1;
    }

    public synchronized IpAddress vipAddress(int number) {
        return vips.get(number - 1).address();
    }

    public synchronized int vipProtocol(int number) {
        return vips.get(number - 1).protocol();
    }

    /** {@return the seed of the hashes of a VIP's flows} */
    public long vipSeed(int number) {
        return vipSeeds[number];
    }

    public synchronized IpAddress backendAddress(int number) {
        return backends.get(number);
    }

    public synchronized String nodeId(int number) {
        return nodes.get(number);
    }
}
