package io.l4lb.hash;

/**
 * The 64-bit hash that turns a backend's identity into its offset and skip. Nodes written in another language must
 * get the same numbers, so this is a contract (arithmetic is modulo 2^64):
 *
 * <pre>
 * hash(identity, seed):
 *   h = fmix64(seed + length(identity))
 *   for each 8 bytes of identity, little-endian, the last group padded with zero bytes:
 *     h = fmix64(h ^ group)
 *   return h
 *
 * fmix64(x):  x ^= x &gt;&gt;&gt; 33;  x *= 0xff51afd7ed558ccd
 *             x ^= x &gt;&gt;&gt; 33;  x *= 0xc4ceb9fe1a85ec53
 *             x ^= x &gt;&gt;&gt; 33
 *
 * offset = high 64 bits of hash(identity, OFFSET_SEED) * tableSize                (0 .. tableSize-1)
 * skip   = high 64 bits of hash(identity, SKIP_SEED)   * (tableSize - 1), plus 1  (1 .. tableSize-1)
 * </pre>
 *
 * <p>{@code fmix64} is the finaliser of MurmurHash3: a bijection in which every input bit reaches every output bit.
 * So addresses that differ in one bit get unrelated offsets, and two IPv4 addresses never share a hash. The seeds
 * are the first 128 fractional bits of pi, the usual numbers with nothing up the sleeve. Cold; any thread.
 */
final class IdentityHash {
    static final long OFFSET_SEED = 0x243f6a8885a308d3L;
    static final long SKIP_SEED = 0x13198a2e03707344L;

    private IdentityHash() {}

    static int offset(byte[] identity, int tableSize) {
        return MaglevTable.slotOf(hash(identity, OFFSET_SEED), tableSize);
    }

    static int skip(byte[] identity, int tableSize) {
        return MaglevTable.slotOf(hash(identity, SKIP_SEED), tableSize - 1) + 1;
    }

    static long hash(byte[] identity, long seed) {
        long hash = fmix64(seed + identity.length);
        for (int start = 0; start < identity.length; start += Long.BYTES) {
            hash = fmix64(hash ^ group(identity, start));
        }
        return hash;
    }

    private static long group(byte[] identity, int start) {
        long group = 0;
        int end = Math.min(start + Long.BYTES, identity.length);
        for (int index = start; index < end; index++) {
            group |= (identity[index] & 0xffL) << (Byte.SIZE * (index - start));
        }
        return group;
    }

    private static long fmix64(long value) {
        long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
