package io.l4lb.golden;

import io.l4lb.golden.CaptureFile.Frame;
import java.util.Arrays;
import java.util.List;

/**
 * Zeroes, in frames that leave for a backend, the fields that the flow hash decides. Offsets are of an untagged frame, with a tag 4
 * more:
 *
 * <pre>
 *   12  EtherType
 *   14  IPv4 header: +6 fragment offset in the low 13 bits, +9 protocol, +12 source, 20 bytes
 *   14  IPv6 header: +1 low 20 bits of 4 bytes: flow label, +6 next header, +8 source, 40 bytes
 *   54  fragment header, if there is one: +0 next header, +2 fragment offset in the high 13 bits, 8 bytes
 *   34, 54 or 62  UDP source port, in a first fragment too
 * </pre>
 */
final class HashMask {
    private static final int ETHER_TYPE = 12;
    private static final int VLAN = 0x8100;
    private static final int TAG_BYTES = 4;
    private static final int IP = 14;
    private static final int UDP_PROTOCOL = 17;
    private static final int FRAGMENT = 44;

    private final boolean flowLabel;
    private final boolean sourcePort;
    private final byte[] outerIpv4;
    private final byte[] outerIpv6;

    /** @param masked the list of expected.yaml */
    HashMask(List<String> masked, byte[] outerIpv4, byte[] outerIpv6) {
        if (!List.of("gue.sourcePort", "ipv6.flowLabel").containsAll(masked)) {
            throw new IllegalArgumentException("unknown field in " + masked);
        }
        this.flowLabel = masked.contains("ipv6.flowLabel");
        this.sourcePort = masked.contains("gue.sourcePort");
        this.outerIpv4 = outerIpv4;
        this.outerIpv6 = outerIpv6;
    }

    Frame apply(Frame frame) {
        byte[] bytes = frame.bytes().clone();
        int tag = etherType(bytes, ETHER_TYPE) == VLAN ? TAG_BYTES : 0;
        int ip = IP + tag;
        int etherType = etherType(bytes, ETHER_TYPE + tag);
        if (etherType == 0x0800 && isFrom(bytes, ip + 12, outerIpv4)) {
            if (((bytes[ip + 6] & 0x1F) | bytes[ip + 7]) == 0) {
                maskPort(bytes, bytes[ip + 9], ip + 20);
            }
        } else if (etherType == 0x86DD && isFrom(bytes, ip + 8, outerIpv6)) {
            if (bytes[ip + 6] != FRAGMENT) {
                maskPort(bytes, bytes[ip + 6], ip + 40);
            } else if ((bytes[ip + 42] | (bytes[ip + 43] & 0xF8)) == 0) {
                maskPort(bytes, bytes[ip + 40], ip + 48);
            }
            maskLabel(bytes, ip);
        }
        return new Frame(frame.timeUs(), bytes);
    }

    /** {@return the two bytes there, or -1 behind the end} */
    private static int etherType(byte[] bytes, int offset) {
        return bytes.length < offset + 2 ? -1 : ((bytes[offset] & 0xFF) << 8) | (bytes[offset + 1] & 0xFF);
    }

    private static boolean isFrom(byte[] bytes, int sourceOffset, byte[] source) {
        int end = sourceOffset + source.length;
        return bytes.length >= end && Arrays.equals(bytes, sourceOffset, end, source, 0, source.length);
    }

    private void maskPort(byte[] bytes, int protocol, int udp) {
        if (sourcePort && protocol == UDP_PROTOCOL) {
            bytes[udp] = 0;
            bytes[udp + 1] = 0;
        }
    }

    private void maskLabel(byte[] bytes, int ip) {
        if (flowLabel) {
            bytes[ip + 1] &= (byte) 0xF0;
            bytes[ip + 2] = 0;
            bytes[ip + 3] = 0;
        }
    }
}
