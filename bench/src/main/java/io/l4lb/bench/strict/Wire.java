package io.l4lb.bench.strict;

import java.util.Arrays;

/** Network byte order and the Internet checksum (RFC 1071), on arrays. */
final class Wire {
    private Wire() {}

    static int u8(byte[] bytes, int at) {
        return bytes[at] & 0xff;
    }

    static int u16(byte[] bytes, int at) {
        return u8(bytes, at) << 8 | u8(bytes, at + 1);
    }

    static long u32(byte[] bytes, int at) {
        return (long) u16(bytes, at) << 16 | u16(bytes, at + 2);
    }

    static boolean same(byte[] a, int aFrom, byte[] b, int bFrom, int length) {
        return aFrom + length <= a.length
                && bFrom + length <= b.length
                && Arrays.equals(a, aFrom, aFrom + length, b, bFrom, bFrom + length);
    }

    /** {@return the folded sum of the words, of an odd last byte the high half}: ffff where the checksum among them is right */
    static int sum(byte[] bytes, int from, int to, long before) {
        long sum = before;
        for (int i = from; i < to; i++) {
            sum += (i - from & 1) == 0 ? u8(bytes, i) << 8 : u8(bytes, i);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) sum;
    }
}
