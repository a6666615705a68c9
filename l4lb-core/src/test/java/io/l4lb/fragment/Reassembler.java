package io.l4lb.fragment;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a backend does with fragments, slowly and strictly: byte ranges of a datagram in a sorted map, no two of which may touch the
 * same byte. For packets without options and extension headers but the fragment header.
 */
final class Reassembler {
    private final Map<String, TreeMap<Integer, byte[]>> parts = new HashMap<>();
    private final Map<String, Integer> totals = new HashMap<>();

    /** Takes an inner packet; {@return the data of the datagram that it makes whole, or null} */
    byte[] take(byte[] packet) {
        boolean ipv6 = packet[0] >> 4 == 6;
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        int word = ipv6 ? bytes.getShort(42) & 0xffff : bytes.getShort(6) & 0xffff;
        int offset = ipv6 ? word & 0xfff8 : (word & 0x1fff) * 8;
        boolean more = ipv6 ? (word & 1) != 0 : (word & 0x2000) != 0;
        byte[] data = Arrays.copyOfRange(packet, ipv6 ? 48 : 20, packet.length);
        String key = key(packet, ipv6);
        TreeMap<Integer, byte[]> known = parts.computeIfAbsent(key, _ -> new TreeMap<>());
        Map.Entry<Integer, byte[]> before = known.lowerEntry(offset + data.length);
        if (before != null && before.getKey() + before.getValue().length > offset) {
            throw new AssertionError("the backend got the same bytes twice: " + key + " at " + offset);
        }
        known.put(offset, data);
        if (!more && totals.put(key, offset + data.length) != null) {
            throw new AssertionError("two ends");
        }
        return whole(key, known);
    }

    private byte[] whole(String key, Map<Integer, byte[]> known) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Map.Entry<Integer, byte[]> part : known.entrySet()) {
            if (part.getKey() != all.size()) {
                return null;
            }
            all.writeBytes(part.getValue());
        }
        if (totals.getOrDefault(key, -1) != all.size()) {
            return null;
        }
        parts.remove(key);
        totals.remove(key);
        return all.toByteArray();
    }

    /** {@return what tells the packet's datagram from others} */
    static String key(byte[] packet, boolean ipv6) {
        HexFormat hex = HexFormat.of();
        return ipv6
                ? hex.formatHex(packet, 8, 40) + hex.formatHex(packet, 44, 48)
                : hex.formatHex(packet, 12, 20) + hex.formatHex(packet, 9, 10) + hex.formatHex(packet, 4, 6);
    }
}
