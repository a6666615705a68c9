package io.l4lb.prefix;

import io.l4lb.flow.FlowHash;

/**
 * How much a second one source prefix may ask for: /24 of IPv4, /48 of IPv6 (what a site gets; its addresses are free to vary).
 * Memory is fixed: prefixes share {@value #BUCKETS} buckets by their hash, each prefix has half of its share in
 * each of two, so that a flood takes another prefix's share only where it hits both. Nothing is stored for a prefix.
 *
 * <p>A bucket is one long, as in {@code PuntLimit}: the time up to which it is paid for (the generic cell rate algorithm, ITU-T
 * I.371, annex A). Worker thread.
 */
public final class PrefixLimit {
    private static final long SECOND_NS = 1_000_000_000;
    /** What may come at once, as time: an idle worker sleeps for 1 ms, a sender has bursts. */
    private static final long BURST_NS = 100_000_000;
    /** And as packets, where the rate is low. */
    private static final int BURST_PACKETS_MIN = 8;

    private static final int BUCKETS = 4096;
    private static final int BUCKET_MASK = BUCKETS - 1;
    private static final int SECOND_BUCKET_SHIFT = 32;

    private static final int IPV4_PREFIX_MASK_BE = 0x00ff_ffff;
    private static final long IPV6_PREFIX_MASK_BE = 0x0000_ffff_ffff_ffffL;

    private final long[] paidNs = new long[BUCKETS];
    private final long seed;
    private final long costNs;
    private final long burstNs;

    /**
     * @param perSecond 1 or more
     * @param seed so that nobody can choose prefixes that share buckets
     */
    public PrefixLimit(int perSecond, long seed) {
        this.seed = seed;
        costNs = 2 * SECOND_NS / perSecond; // half of it from either bucket
        burstNs = Math.max(BURST_NS, BURST_PACKETS_MIN * costNs);
    }

    /** {@return whether one more from that IPv4 address is within the limit, which it then uses up} Memory order. */
    public boolean takeIpv4(int sourceBe, long nowNs) {
        return take(FlowHash.ipv4(sourceBe & IPV4_PREFIX_MASK_BE, seed), nowNs);
    }

    /** {@return the same for an IPv6 address}, of which the first 8 bytes are given */
    public boolean takeIpv6(long sourceHighBe, long nowNs) {
        return take(FlowHash.ipv4(sourceHighBe & IPV6_PREFIX_MASK_BE, seed), nowNs);
    }

    private boolean take(long hash, long nowNs) {
        int first = (int) hash & BUCKET_MASK;
        int second = (int) (hash >>> SECOND_BUCKET_SHIFT) & BUCKET_MASK;
        long aheadOfFirst = aheadNs(first, nowNs);
        long aheadOfSecond = aheadNs(second, nowNs);
        long ahead = Math.min(aheadOfFirst, aheadOfSecond) + costNs;
        if (ahead > burstNs) {
            return false;
        }
        paidNs[aheadOfFirst <= aheadOfSecond ? first : second] = nowNs + ahead;
        return true;
    }

    /** {@return for how long the bucket is paid for}; what is beyond a burst was never paid: the clock may begin anywhere */
    private long aheadNs(int bucket, long nowNs) {
        long ahead = paidNs[bucket] - nowNs;
        return ahead < 0 || ahead > burstNs ? 0 : ahead;
    }
}
