package io.l4lb.fragment;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What has to become of each fragment, from the words of the design page: a bit for every byte of every datagram. It knows no time:
 * what it is given comes within 100 ms.
 */
final class SlowModel {
    private static final int L4_BYTES_TCP = 20;
    private static final int L4_BYTES_UDP = 8;
    private static final int TCP = 6;

    private static final class Known {
        private final BitSet bytes = new BitSet();
        private final List<String> held = new ArrayList<>();
        private final List<String> passed = new ArrayList<>();
        private int total = -1;
        private boolean first;
        private boolean refused;
        private boolean whole;
    }

    private final Map<String, Known> datagrams = new HashMap<>();

    void take(byte[] packet) {
        boolean ipv6 = packet[0] >> 4 == 6;
        ByteBuffer buffer = ByteBuffer.wrap(packet);
        int word = ipv6 ? buffer.getShort(42) & 0xffff : buffer.getShort(6) & 0xffff;
        int offset = ipv6 ? word & 0xfff8 : (word & 0x1fff) * 8;
        boolean more = ipv6 ? (word & 1) != 0 : (word & 0x2000) != 0;
        int header = ipv6 ? 48 : 20;
        int length = packet.length - header;
        int protocol = ipv6 ? packet[40] : packet[9];
        String key = Reassembler.key(packet, ipv6);
        Known known = datagrams.computeIfAbsent(key, _ -> new Known());
        if (known.refused) {
            return;
        }
        if (length == 0
                || (more && length % 8 != 0)
                || (ipv6 ? 0 : 20) + offset + length > 65_535
                || (!ipv6 && protocol == TCP && offset == 8)
                || (offset == 0 && !isSound(length, more, protocol))) {
            refuse(known);
            return;
        }
        if (!known.whole) {
            fit(known, offset, length, more, Arrays.toString(packet));
        }
    }

    private static boolean isSound(int length, boolean more, int protocol) {
        return length >= (protocol == TCP ? L4_BYTES_TCP : L4_BYTES_UDP) && (!more || length % 8 == 0);
    }

    private static void fit(Known known, int offset, int length, boolean more, String packet) {
        int end = offset + length;
        boolean contradicts = known.total >= 0
                ? (more ? end > known.total : end != known.total)
                : !more && end < known.bytes.length();
        int there = known.bytes.get(offset, end).cardinality();
        if (contradicts || (there > 0 && there < length)) {
            refuse(known);
        } else if (there == 0) {
            known.bytes.set(offset, end);
            known.total = more ? known.total : end;
            known.held.add(packet);
            known.first |= offset == 0;
            if (known.first) {
                known.passed.addAll(known.held);
                known.held.clear();
            }
            known.whole = known.first && known.bytes.cardinality() == known.total;
        }
    }

    private static void refuse(Known known) {
        known.refused = true;
        known.held.clear();
    }

    /** {@return packets that wait for their first fragment} */
    int held() {
        return datagrams.values().stream().mapToInt(known -> known.held.size()).sum();
    }

    /** {@return what backends get} */
    List<String> passed() {
        List<String> passed = new ArrayList<>();
        datagrams.values().forEach(known -> passed.addAll(known.passed));
        return passed;
    }

    /** {@return the datagrams that a backend can put together} */
    Set<String> whole() {
        Set<String> whole = new HashSet<>();
        datagrams.forEach((key, known) -> {
            if (known.whole) {
                whole.add(key);
            }
        });
        return whole;
    }

    int refused() {
        return (int) datagrams.values().stream().filter(known -> known.refused).count();
    }
}
