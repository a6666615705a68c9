package io.l4lb.worker;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.counters.DropReason;
import io.l4lb.net.Encapsulation;
import io.l4lb.outer.Reassembly;
import io.l4lb.testing.ReferenceModel;
import io.l4lb.testing.ReferenceModel.Outcome;
import io.l4lb.testing.SentFrame;
import io.l4lb.testing.Sums;
import io.l4lb.testing.TestConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compares a frame that left with the one that came, as {@link ReferenceModel} judged it. */
final class FrameCheck {
    private final Map<String, PoolConfig> pools = new HashMap<>();
    private final byte[] mac;
    private final Set<String> kinds = new TreeSet<>();

    FrameCheck(L4lbConfig config, byte[] mac) {
        config.pools().forEach(pool -> pools.put(pool.name(), pool));
        this.mac = mac;
    }

    /** {@return the encapsulations seen so far} */
    Set<String> kinds() {
        return kinds;
    }

    void sent(ReferenceModel judged, byte[] in, int inLength, byte[] out, int outLength) {
        if (judged.outcome() == Outcome.ECHO) {
            echoReply(judged, in, inLength, out, outLength);
        } else if (judged.outcome() == Outcome.FRAGMENT) {
            fragment(judged, in, inLength, out, outLength);
        } else if (judged.outcome() == Outcome.TUNNEL_ERROR) {
            told(judged, in, inLength, out, outLength);
        } else {
            require(judged.outcome() == Outcome.TO_VIP, "sent, expected " + judged.outcome(), in, inLength);
            if (isTooBigAnswer(judged, in, out)) {
                tooBig(judged, in, inLength, out, outLength);
            } else {
                toVip(judged, in, inLength, out, outLength, TestConfig.MTU_BYTES);
            }
        }
    }

    /** Outer fragments of one packet, in order: they make up the packet that did not fit. */
    void sentInFragments(ReferenceModel judged, byte[] in, int inLength, List<byte[]> fragments) {
        if (judged.outcome()
                == Outcome.FRAGMENT) { // of which VIP is not known here; what they make up is the golden cases' matter
            int innerLength = judged.end() - judged.l3();
            require(innerLength > TestConfig.MTU_BYTES - 52, "a fragment in outer fragments", in, inLength);
            return;
        }
        require(judged.outcome() == Outcome.TO_VIP && judged.isFragmentable(), "fragmented", in, inLength);
        boolean l2 = judged.vip().encapsulation() == Encapsulation.L2;
        int l3 = l2 ? judged.l3() : 14;
        byte[] idAndFlags = l2 ? Arrays.copyOfRange(in, l3 + 4, l3 + 8) : new byte[] {0, 0, 0x40, 0};
        byte[] whole = Reassembly.whole(fragments, l3, TestConfig.MTU_BYTES, idAndFlags);
        if (l2) { // which of these came with a right checksum is the client's affair; padding is left out
            System.arraycopy(in, l3 + 10, whole, l3 + 10, 2);
        }
        kinds.add("fragments");
        toVip(judged, in, l2 ? judged.end() : inLength, whole, whole.length, Integer.MAX_VALUE);
    }

    void untouched(byte[] in, int inLength, byte[] out, int outLength) {
        require(Arrays.equals(in, 0, inLength, out, 0, outLength), "punted frame changed", in, inLength);
    }

    /** Ends with the packet as it came; or is an answer to one that may be too big. */
    private static void fragment(ReferenceModel judged, byte[] in, int inLength, byte[] out, int outLength) {
        int innerLength = judged.end() - judged.l3();
        require(
                innerLength > TestConfig.MTU_BYTES - 52
                        || Arrays.equals(in, 12, inLength, out, 12, outLength)
                        || Arrays.equals(in, judged.l3(), judged.end(), out, outLength - innerLength, outLength),
                "fragment changed",
                in,
                inLength);
    }

    /** {@return why a packet to a VIP may have been dropped, or fails if there is no reason} */
    DropReason reasonNotSent(ReferenceModel judged) {
        VipConfig vip = judged.vip();
        if (backends(vip).stream().allMatch(backend -> backend.weight() == 0)) {
            return DropReason.NO_BACKEND;
        }
        int innerBytes = judged.end() - judged.l3();
        if (innerBytes + overheadMax(vip) <= TestConfig.MTU_BYTES) {
            throw new AssertionError("dropped a sound packet to " + vip.name());
        }
        if (judged.isAnswerable() || judged.isFragmentable()) {
            throw new AssertionError(
                    "dropped a packet that is too big without an answer or fragments, to " + vip.name());
        }
        return DropReason.TOO_BIG;
    }

    private static int overheadMax(VipConfig vip) {
        return switch (vip.encapsulation()) {
            case IPIP -> 40;
            case GRE -> 44;
            case GUE -> 52;
            case L2 -> 0;
        };
    }

    private void toVip(ReferenceModel judged, byte[] in, int inLength, byte[] out, int outLength, int mtuBytes) {
        VipConfig vip = judged.vip();
        int innerLength = judged.end() - judged.l3();
        if (vip.encapsulation() == Encapsulation.L2) {
            kinds.add("l2");
            require(innerLength <= mtuBytes, "too big for the link", in, inLength);
            require(Arrays.equals(in, 12, inLength, out, 12, outLength), "l2 frame changed", in, inLength);
            require(isSegmentMac(vip, out) && Arrays.equals(out, 6, 12, mac, 0, 6), "MACs", in, inLength);
            return;
        }
        SentFrame sent = SentFrame.read(out, outLength, mac);
        kinds.add(sent.kind());
        require(sent.kind().equals(vip.encapsulation().label()), "encapsulation", in, inLength);
        require(outLength - 14 <= mtuBytes, "too big for the link", in, inLength);
        require(sent.innerIpv6() == vip.address().ipv6(), "inner protocol", in, inLength);
        require(
                Arrays.equals(in, judged.l3(), judged.end(), out, sent.innerOffset(), outLength),
                "inner packet changed",
                in,
                inLength);
        int trafficClass = vip.address().ipv6()
                ? ((in[judged.l3()] & 15) << 4) | ((in[judged.l3() + 1] & 0xf0) >> 4)
                : in[judged.l3() + 1] & 0xff;
        require(sent.trafficClass() == trafficClass, "DSCP and ECN", in, inLength);
        require(
                backendOf(vip, sent) != null,
                "backend " + sent.backend() + " is not of " + vip.poolNames(),
                in,
                inLength);
    }

    /** ICMP to where the packet came from; it may have come from the next hop's MAC, to which all packets in tunnels go. */
    private static boolean isTooBigAnswer(ReferenceModel judged, byte[] in, byte[] out) {
        int l3 = judged.l3();
        boolean ipv6 = judged.vip().address().ipv6();
        return Arrays.equals(in, 6, 12, out, 0, 6)
                && Arrays.equals(in, 12, l3, out, 12, l3)
                && out[l3 + (ipv6 ? 6 : 9)] == (ipv6 ? 58 : 1)
                && in[l3 + (ipv6 ? 6 : 9)] != (ipv6 ? 58 : 1);
    }

    /** ICMP with the MTU that is left, from the VIP to the client, quoting the packet; link header as it came. */
    private void tooBig(ReferenceModel judged, byte[] in, int inLength, byte[] out, int outLength) {
        kinds.add("too-big");
        int l3 = judged.l3();
        boolean ipv6 = judged.vip().address().ipv6();
        int header = ipv6 ? 40 : 20;
        int addressBytes = ipv6 ? 16 : 4;
        int source = l3 + header - 2 * addressBytes;
        int inner = judged.end() - l3;
        require(inner + overheadMax(judged.vip()) > TestConfig.MTU_BYTES, "not too big", in, inLength);
        require(ipv6 || (in[l3 + 6] & 0x40) != 0, "answered, without DF", in, inLength);
        require(!judged.isError(), "an error about an error", in, inLength);
        require(judged.isAnswerable(), "an answer to no host", in, inLength);
        require(
                Arrays.equals(mac, 0, 6, out, 6, 12) && Arrays.equals(in, 12, l3, out, 12, l3),
                "link header of an answer",
                in,
                inLength);
        require(
                Arrays.equals(in, source, source + addressBytes, out, source + addressBytes, source + 2 * addressBytes)
                        && Arrays.equals(
                                in,
                                source + addressBytes,
                                source + 2 * addressBytes,
                                out,
                                source,
                                source + addressBytes),
                "addresses of an answer",
                in,
                inLength);
        int icmp = l3 + header;
        int quoted = outLength - icmp - 8;
        require(quoted == (ipv6 ? 1280 - 48 : 576 - 28), "length of the quote", in, inLength);
        require(Arrays.equals(in, l3, l3 + quoted, out, icmp + 8, outLength), "quote", in, inLength);
        require(SentFrame.u16(out, icmp) == (ipv6 ? 0x0200 : 0x0304), "type and code", in, inLength);
        int mtu = SentFrame.u16(out, icmp + 6);
        require(
                mtu < inner && mtu >= TestConfig.MTU_BYTES - overheadMax(judged.vip()),
                "MTU of an answer",
                in,
                inLength);
        long pseudoHeader = ipv6 ? Sums.words(out, source, 32) + 58 + (outLength - icmp) : 0;
        require(
                Sums.fold(Sums.words(out, icmp, outLength - icmp) + pseudoHeader) == 0xffff
                        && (ipv6 || residue(out, l3, icmp) == 0),
                "checksums of an answer",
                in,
                inLength);
    }

    /** A client learns of an unreachable host, in its own family; what lowers a path MTU is not among the frames. */
    private void told(ReferenceModel judged, byte[] in, int inLength, byte[] out, int outLength) {
        kinds.add("told");
        int l3 = judged.l3();
        boolean ipv6 = out[l3] >> 4 == 6;
        int icmp = l3 + (ipv6 ? 40 : 20);
        require(
                Arrays.equals(in, 6, 12, out, 0, 6) && Arrays.equals(mac, 0, 6, out, 6, 12),
                "link header of what a client is told",
                in,
                inLength);
        require(SentFrame.u16(out, icmp) == (ipv6 ? 0x0103 : 0x0301), "type and code", in, inLength);
        require(judged.isHost(out, l3 + (ipv6 ? 24 : 16), ipv6), "told to no host", in, inLength);
        long pseudoHeader = ipv6 ? Sums.words(out, l3 + 8, 32) + 58 + (outLength - icmp) : 0;
        require(
                Sums.fold(Sums.words(out, icmp, outLength - icmp) + pseudoHeader) == 0xffff
                        && (ipv6 || residue(out, l3, icmp) == 0),
                "checksums of what a client is told",
                in,
                inLength);
    }

    private BackendConfig backendOf(VipConfig vip, SentFrame sent) {
        for (BackendConfig backend : backends(vip)) {
            if (backend.address().equals(sent.backend()) && backend.weight() > 0) {
                return backend;
            }
        }
        return null;
    }

    private boolean isSegmentMac(VipConfig vip, byte[] out) {
        for (BackendConfig backend : backends(vip)) {
            if (Arrays.equals(out, 0, 6, backend.mac().orElseThrow().bytes(), 0, 6)) {
                return true;
            }
        }
        return false;
    }

    /** The very frame but for MACs, addresses, type, TTL and checksums; and those as right or wrong as they came. */
    private void echoReply(ReferenceModel judged, byte[] in, int inLength, byte[] out, int outLength) {
        int l3 = judged.l3();
        int l4 = judged.l4();
        boolean ipv6 = in[l3] >> 4 == 6;
        byte[] reply = Arrays.copyOf(in, inLength);
        System.arraycopy(in, 6, reply, 0, 6);
        System.arraycopy(mac, 0, reply, 6, 6);
        int addressBytes = ipv6 ? 16 : 4;
        int source = l3 + (ipv6 ? 8 : 12);
        System.arraycopy(in, source, reply, source + addressBytes, addressBytes);
        System.arraycopy(in, source + addressBytes, reply, source, addressBytes);
        reply[l3 + (ipv6 ? 7 : 8)] = 64;
        reply[l4] = (byte) (ipv6 ? 129 : 0);
        System.arraycopy(out, l4 + 2, reply, l4 + 2, 2);
        int headerSum = 0xffff;
        if (!ipv6) {
            System.arraycopy(out, l3 + 10, reply, l3 + 10, 2);
            headerSum = residue(in, l3, l4);
            require(residue(out, l3, l4) == headerSum, "header checksum of an echo reply", in, inLength);
        }
        require(Arrays.equals(reply, 0, inLength, out, 0, outLength), "echo reply", in, inLength);
        require(
                residue(in, l4, judged.end()) == residue(out, l4, judged.end()),
                "ICMP checksum of an echo reply",
                in,
                inLength);
    }

    private static int residue(byte[] bytes, int from, int to) {
        return Sums.fold(Sums.words(bytes, from, to - from)) % 0xffff;
    }

    private static void require(boolean right, String what, byte[] in, int inLength) {
        if (!right) {
            throw new AssertionError(what + ": " + HexFormat.of().formatHex(in, 0, inLength));
        }
    }

    private List<BackendConfig> backends(VipConfig vip) {
        return vip.pools().stream()
                .flatMap(share -> pools.get(share.pool()).backends().stream())
                .toList();
    }
}
