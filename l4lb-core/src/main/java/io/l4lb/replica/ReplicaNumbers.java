package io.l4lb.replica;

import io.l4lb.flow.FlowHash;
import io.l4lb.net.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives the VIP addresses, backends and nodes that replication names numbers that stay theirs for the life of the process: what
 * entries of the replica table hold. They are this node's own; batches name the addresses.
 *
 * <p>Unlike {@link io.l4lb.forwarding.ForwardingNumbers} it knows what peers name, configured here or not, and is therefore full
 * some day at worst: then a number is {@link #NO_NUMBER}, which the caller counts. Any thread; what is known is found without allocation.
 */
public final class ReplicaNumbers {
    /** There is no room for another one of that kind. */
    public static final int NO_NUMBER = -1;

    /** 16 bits of an entry, 0 taken for "none". */
    public static final int VIPS_MAX = 65_535;
    /** 19 bits of an entry. */
    public static final int BACKENDS_MAX = ReplicaBuckets.BACKENDS_MAX;
    /** 16 bits of an entry. */
    public static final int NODES_MAX = 1 << 16;

    public static final int NODE_ID_BYTES_MAX = 64;

    private final AddressNumbers vips = new AddressNumbers(VIPS_MAX);
    private final AddressNumbers backends = new AddressNumbers(BACKENDS_MAX);
    private final Map<String, Integer> nodes = new HashMap<>();
    private final List<String> nodeIds = new ArrayList<>();
    /** A seed is there before its number is known to anyone. */
    private final long[] vipSeeds = new long[VIPS_MAX + 1];

    /** {@return the number of that VIP address and IP protocol, 1..65535; {@link #NO_NUMBER} if there is no room for a new one} */
    public synchronized int vip(long high, long low, boolean ipv6, int protocol) {
        int known = vips.count();
        int index = vips.number(high, low, ipv6, protocol);
        if (index == known) {
            vipSeeds[index + 1] = FlowHash.vipSeed(high, low, protocol);
        }
        return index == NO_NUMBER ? NO_NUMBER : index + 1;
    }

    public int vip(IpAddress address, int protocol) {
        return vip(address.high(), address.low(), address.ipv6(), protocol);
    }

    /** {@return the number of that backend address, 0..2^19-1; {@link #NO_NUMBER} if there is no room for a new one} */
    public synchronized int backend(long high, long low, boolean ipv6) {
        return backends.number(high, low, ipv6, 0);
    }

    public int backend(IpAddress address) {
        return backend(address.high(), address.low(), address.ipv6());
    }

    /**
     * {@return the number of that node, 0..65535; {@link #NO_NUMBER} if there is no room for a new one}
     *
     * @param id not empty, at most {@value #NODE_ID_BYTES_MAX} bytes of UTF-8
     */
    public synchronized int node(String id) {
        Integer known = nodes.get(id);
        if (known != null) {
            return known;
        }
        int lengthBytes = id.getBytes(StandardCharsets.UTF_8).length;
        if (lengthBytes == 0 || lengthBytes > NODE_ID_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "expected a node id of 1 to " + NODE_ID_BYTES_MAX + " bytes, not " + lengthBytes);
        }
        if (nodeIds.size() == NODES_MAX) {
            return NO_NUMBER;
        }
        nodes.put(id, nodeIds.size());
        nodeIds.add(id);
        return nodeIds.size() - 1;
    }

    public synchronized IpAddress vipAddress(int vip) {
        return vips.address(vip - 1);
    }

    public synchronized int vipProtocol(int vip) {
        return vips.tag(vip - 1);
    }

    /** {@return the seed of its flows' hashes, the same on every node} */
    public long vipSeed(int vip) {
        return vipSeeds[vip];
    }

    /** {@return the seeds by VIP number, filled as numbers are given} The array itself: for reading only. */
    public long[] vipSeeds() {
        return vipSeeds;
    }

    public synchronized IpAddress backendAddress(int backend) {
        return backends.address(backend);
    }

    public synchronized String nodeId(int node) {
        return nodeIds.get(node);
    }

    public synchronized int vipCount() {
        return vips.count();
    }

    public synchronized int backendCount() {
        return backends.count();
    }

    public synchronized int nodeCount() {
        return nodeIds.size();
    }
}
