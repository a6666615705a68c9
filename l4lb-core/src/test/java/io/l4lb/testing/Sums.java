package io.l4lb.testing;

/** The Internet checksum over byte arrays, big-endian and slow. */
public final class Sums {
    private Sums() {}

    /** {@return the sum of the 16-bit words; an odd last byte counts as a high one} */
    public static long words(byte[] bytes, int from, int lengthBytes) {
        long sum = 0;
        for (int i = 0; i < lengthBytes; i++) {
            sum += (long) (bytes[from + i] & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        return sum;
    }

    /** {@return the one's-complement sum in 16 bits} */
    public static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }
}
