package io.l4lb.worker;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes frames that are nearly right: a valid one as it is, cut at any byte, with a few bytes or lengths changed, from
 * other clients; and now and then noise. Allocates nothing.
 */
final class FrameMutator {
    private static final int[] BYTES = {0, 1, 4, 5, 6, 7, 8, 17, 41, 44, 51, 58, 60, 127, 128, 255};
    private static final int NOISE_BYTES_MAX = 128;
    /** Where source addresses and L4 ports end in nearly all frames. */
    private static final int HEADERS_BYTES = 100;

    private final byte[][] corpus;
    private final SplittableRandom random;

    FrameMutator(List<byte[]> corpus, SplittableRandom random) {
        this.corpus = corpus.toArray(byte[][]::new);
        this.random = random;
    }

    /** Writes a frame to {@code to}; {@return its length} */
    int next(byte[] to) {
        int kind = random.nextInt(16);
        if (kind == 0) {
            return noise(to);
        }
        byte[] base = corpus[random.nextInt(corpus.length)];
        System.arraycopy(base, 0, to, 0, base.length);
        int length = base.length;
        switch (kind) {
            case 1, 2, 3 -> varyClient(to, length);
            case 4 -> length = random.nextInt(length + 1);
            case 5 -> {
                length = random.nextInt(length + 1);
                fitIpLength(to, length);
            }
            case 6, 7, 8 -> change(to, length, 1);
            case 9, 10 -> change(to, length, 1 + random.nextInt(6));
            case 11 -> changeLength(to, length);
            case 12 -> length = pad(to, length);
            case 13 -> {
                change(to, length, 1 + random.nextInt(3));
                length = random.nextInt(length + 1);
            }
            case 14 -> flip(to, length);
            default -> {} // as it is
        }
        return length;
    }

    private int noise(byte[] to) {
        int length = random.nextInt(NOISE_BYTES_MAX);
        for (int i = 0; i < length; i += Long.BYTES) {
            long bytes = random.nextLong();
            for (int j = 0; j < Long.BYTES; j++) {
                to[i + j] = (byte) (bytes >>> (j << 3));
            }
        }
        if (length >= 15 && random.nextBoolean()) {
            boolean ipv6 = random.nextBoolean();
            to[12] = (byte) (ipv6 ? 0x86 : 0x08);
            to[13] = (byte) (ipv6 ? 0xdd : 0x00);
            to[14] = (byte) (ipv6 ? 0x60 : 0x45);
        }
        return length;
    }

    /** New source address and source port, where they are without tags and options. */
    private void varyClient(byte[] to, int length) {
        boolean ipv6 = to[12] == (byte) 0x86;
        int address = ipv6 ? 14 + 20 : 14 + 14;
        int l4Port = ipv6 ? 14 + 40 : 14 + 20;
        if (length >= l4Port + 2) {
            int bits = random.nextInt();
            to[address] = (byte) bits;
            to[address + 1] = (byte) (bits >> 8);
            to[l4Port] = (byte) (bits >> 16);
            to[l4Port + 1] = (byte) (bits >> 24);
        }
    }

    private void change(byte[] to, int length, int count) {
        for (int i = 0; i < count; i++) {
            int bits = random.nextInt() >>> 1;
            int at = bits % Math.min(length, HEADERS_BYTES);
            to[at] = (byte) ((bits & 1 << 29) == 0 ? bits >> 8 : BYTES[(bits >> 8) % BYTES.length]);
        }
    }

    private void flip(byte[] to, int length) {
        int bits = random.nextInt() >>> 1;
        to[bits % Math.min(length, HEADERS_BYTES)] ^= (byte) (1 << (bits >>> 28));
    }

    /** The length in the IP header, off by a little. */
    private void changeLength(byte[] to, int length) {
        int at = to[12] == (byte) 0x86 ? 14 + 5 : 14 + 3;
        if (length > at) {
            to[at] += (byte) (random.nextInt(9) - 4);
        }
    }

    /** Makes the length in the IP header that of what is left, so that only what lies behind is cut. */
    static void fitIpLength(byte[] frame, int length) {
        boolean ipv6 = frame[12] == (byte) 0x86;
        int packetBytes = length - 14 - (ipv6 ? 40 : 0);
        int at = ipv6 ? 14 + 4 : 14 + 2;
        if (packetBytes >= 0 && length >= at + 2) {
            frame[at] = (byte) (packetBytes >> 8);
            frame[at + 1] = (byte) packetBytes;
        }
    }

    private int pad(byte[] to, int length) {
        int padding = 1 + random.nextInt(46);
        java.util.Arrays.fill(to, length, length + padding, (byte) 0xee);
        return length + padding;
    }
}
