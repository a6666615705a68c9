package io.l4lb.fragment;

import io.l4lb.flow.FlowHash;

/**
 * How many of the packets held are of one source prefix: /24 of IPv4, /48 of IPv6. Prefixes share {@value #BUCKETS} buckets by their
 * hash, each has half of its share in each of two: a flood takes another prefix's share only where it hits both. Unlike {@code
 * PrefixLimit} it counts packets that are there, not packets a second: room comes back when they go. Worker thread.
 */
final class HoldShares {
    static final int NO_ROOM = -1;
    /** An eighth of all room, but the fragments of one datagram of any size where there is room for as many. */
    private static final int SHARES = 8;

    private static final int BUCKETS = 4096;
    private static final int BUCKET_MASK = BUCKETS - 1;
    private static final int SECOND_BUCKET_SHIFT = 32;
    private static final long IPV4_PREFIX_MASK_BE = 0x00ff_ffff;
    private static final long IPV6_PREFIX_MASK_BE = 0x0000_ffff_ffff_ffffL;

    private final int[] held = new int[BUCKETS];
    private final int bucketMax;
    private final long seed;

    HoldShares(int packets, long seed) {
        int share = Math.max(packets / SHARES, Math.min(packets, HeldPackets.DATAGRAM_MAX));
        bucketMax = (share + 1) / 2;
        this.seed = seed;
    }

    /** {@return a bucket that has room for one more of the fragment's source prefix, or {@link #NO_ROOM}} */
    int bucketWithRoom(FragmentHeader header) {
        long prefix = header.ipv4 ? header.key[1] & IPV4_PREFIX_MASK_BE : header.key[0] & IPV6_PREFIX_MASK_BE;
        long hash = FlowHash.mix(prefix ^ seed);
        int first = (int) hash & BUCKET_MASK;
        int second = (int) (hash >>> SECOND_BUCKET_SHIFT) & BUCKET_MASK;
        int bucket = held[first] <= held[second] ? first : second;
        return held[bucket] < bucketMax ? bucket : NO_ROOM;
    }

    void take(int bucket) {
        held[bucket]++;
    }

    void giveBack(int bucket) {
        held[bucket]--;
    }
}
