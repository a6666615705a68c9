package io.l4lb.outer;

import io.l4lb.testing.SentFrame;
import io.l4lb.testing.Sums;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/**
 * Puts the fragments of one packet together, strictly: in order, no gap, no overlap, none larger than the path's MTU. Written without
 * the pipeline's descriptors.
 */
public final class Reassembly {
    private Reassembly() {}

    /**
     * {@return the frame as it would have been whole}
     *
     * @param l3 where the IP header begins
     * @param idAndFlags bytes 4 to 7 of the whole IPv4 header
     */
    public static byte[] whole(List<byte[]> frames, int l3, int mtuBytes, byte[] idAndFlags) {
        byte[] first = frames.getFirst();
        boolean ipv6 = first[l3] >> 4 == 6;
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int i = 0; i < frames.size(); i++) {
            byte[] frame = frames.get(i);
            require(frame.length - l3 <= mtuBytes, "length");
            require(Arrays.equals(first, 0, l3, frame, 0, l3), "link header");
            boolean last = i == frames.size() - 1;
            payload.writeBytes(
                    ipv6 ? ipv6(first, frame, l3, payload.size(), last) : ipv4(first, frame, l3, payload.size(), last));
        }
        byte[] header =
                ipv6 ? ipv6Header(first, l3, payload.size()) : ipv4Header(first, l3, payload.size(), idAndFlags);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(Arrays.copyOf(first, l3));
        whole.writeBytes(header);
        whole.writeBytes(payload.toByteArray());
        return whole.toByteArray();
    }

    private static byte[] ipv4(byte[] first, byte[] frame, int l3, int offset, boolean last) {
        int headerBytes = (frame[l3] & 15) * 4;
        require(SentFrame.u16(frame, l3 + 2) == frame.length - l3, "total length");
        require(SentFrame.u16(frame, l3 + 4) == SentFrame.u16(first, l3 + 4), "identification");
        require(SentFrame.u16(frame, l3 + 6) == ((last ? 0 : 0x2000) | offset / 8), "flags and offset");
        require(
                frame[l3 + 1] == first[l3 + 1] && Arrays.equals(frame, l3 + 8, l3 + 10, first, l3 + 8, l3 + 10),
                "fields");
        require(Arrays.equals(frame, l3 + 12, l3 + 20, first, l3 + 12, l3 + 20), "addresses");
        require(Sums.fold(Sums.words(frame, l3, headerBytes)) == 0xffff, "checksum");
        byte[] data = Arrays.copyOfRange(frame, l3 + headerBytes, frame.length);
        require(last || data.length % 8 == 0, "length in units of 8");
        return data;
    }

    private static byte[] ipv6(byte[] first, byte[] frame, int l3, int offset, boolean last) {
        require(SentFrame.u16(frame, l3 + 4) == frame.length - l3 - 40, "payload length");
        require(frame[l3 + 6] == 44 && frame[l3 + 41] == 0 && frame[l3 + 40] == first[l3 + 40], "next headers");
        require(SentFrame.u16(frame, l3 + 42) == (offset | (last ? 0 : 1)), "offset and flag");
        require(Arrays.equals(frame, l3 + 44, l3 + 48, first, l3 + 44, l3 + 48), "identification");
        require(
                Arrays.equals(frame, l3, l3 + 4, first, l3, l3 + 4)
                        && Arrays.equals(frame, l3 + 7, l3 + 40, first, l3 + 7, l3 + 40),
                "header");
        byte[] data = Arrays.copyOfRange(frame, l3 + 48, frame.length);
        require(last || data.length % 8 == 0, "length in units of 8");
        return data;
    }

    private static byte[] ipv4Header(byte[] first, int l3, int payloadBytes, byte[] idAndFlags) {
        byte[] header = Arrays.copyOfRange(first, l3, l3 + (first[l3] & 15) * 4);
        putU16(header, 2, header.length + payloadBytes);
        System.arraycopy(idAndFlags, 0, header, 4, 4);
        putU16(header, 10, 0);
        putU16(header, 10, ~Sums.fold(Sums.words(header, 0, header.length)));
        return header;
    }

    private static byte[] ipv6Header(byte[] first, int l3, int payloadBytes) {
        byte[] header = Arrays.copyOfRange(first, l3, l3 + 40);
        putU16(header, 4, payloadBytes);
        header[6] = first[l3 + 40];
        return header;
    }

    private static void putU16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
    }

    private static void require(boolean right, String what) {
        if (!right) {
            throw new AssertionError("fragment: wrong " + what);
        }
    }
}
