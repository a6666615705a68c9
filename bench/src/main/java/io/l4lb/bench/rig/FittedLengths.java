package io.l4lb.bench.rig;

/** Lets a frame that was cut or grew say so in its headers, so that it gets further than the first check. */
final class FittedLengths {
    private static final int UDP = 17;

    private FittedLengths() {}

    static void fit(byte[] frame) {
        int l3 = 14;
        while (l3 < 22 && l3 <= frame.length && isTag(frame, l3 - 2)) {
            l3 += 4;
        }
        if (frame.length < l3 + 40) {
            return;
        }
        boolean ipv6 = (frame[l3] & 0xf0) == 0x60;
        put(frame, l3 + (ipv6 ? 4 : 2), frame.length - l3 - (ipv6 ? 40 : 0));
        int l4 = l3 + (ipv6 ? 40 : (frame[l3] & 15) * 4);
        if (frame[l3 + (ipv6 ? 6 : 9)] == UDP && l4 + 8 <= frame.length) {
            put(frame, l4 + 4, frame.length - l4);
        }
    }

    private static boolean isTag(byte[] frame, int at) {
        int type = (frame[at] & 0xff) << 8 | (frame[at + 1] & 0xff);
        return type == 0x8100 || type == 0x88a8 || type == 0x9100;
    }

    private static void put(byte[] frame, int at, int value) {
        frame[at] = (byte) (value >> 8);
        frame[at + 1] = (byte) value;
    }
}
