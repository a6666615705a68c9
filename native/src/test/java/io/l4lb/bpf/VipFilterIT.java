package io.l4lb.bpf;

import static io.l4lb.bpf.BpfProgram.XDP_DROP;
import static io.l4lb.bpf.BpfProgram.XDP_PASS;
import static io.l4lb.bpf.Frames.PROTOCOL_GRE;
import static io.l4lb.bpf.Frames.PROTOCOL_IPV4;
import static io.l4lb.bpf.Frames.PROTOCOL_UDP;
import static io.l4lb.bpf.Frames.ethernet;
import static io.l4lb.bpf.Frames.frameOf;
import static io.l4lb.bpf.Frames.hex;
import static io.l4lb.bpf.Frames.inner;
import static io.l4lb.bpf.Frames.ipv4;
import static io.l4lb.bpf.Frames.ipv6;
import static io.l4lb.bpf.Frames.join;
import static io.l4lb.bpf.Frames.outer;
import static io.l4lb.bpf.Frames.protocolOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code vip_filter.bpf.c} in the kernel, without a socket: what would go to DPDK is dropped, all else passes. */
class VipFilterIT {
    private static final int IPV4_DESTINATION = 14 + 16;
    private static final int IPV6_DESTINATION = 14 + 24;

    @TempDir
    private static Path workDirectory;

    @Test
    void onlyPacketsForVipsAreKeptFromTheKernel() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root to load a BPF program");
        try (BpfProgram filter = new BpfProgram("vip_filter", workDirectory)) {
            assertThat(verdict(filter, to("cb007101"))).isEqualTo(XDP_PASS);
            filter.update("node_addresses", "00000000000000000000ffffcb007101", "01");
            filter.update("node_addresses", "20010db8000f00000000000000000001", "01");
            assertThat(verdict(filter, to("cb007101"))).isEqualTo(XDP_DROP);
            assertThat(verdict(filter, to("cb007102"))).isEqualTo(XDP_PASS);
            assertThat(verdict(filter, to("20010db8000f00000000000000000001"))).isEqualTo(XDP_DROP);
            assertThat(verdict(filter, to("20010db8000f00000000000000000002"))).isEqualTo(XDP_PASS);
            assertThat(verdict(filter, to("00000000000000000000000000000001"))).isEqualTo(XDP_PASS);
            assertThat(verdict(filter, tagged("8100", to("cb007101")))).isEqualTo(XDP_DROP);
            assertThat(verdict(filter, tagged("88a8", tagged("8100", to("20010db8000f00000000000000000001")))))
                    .isEqualTo(XDP_DROP);
            assertThat(verdict(filter, tagged("8100", to("cb007102")))).isEqualTo(XDP_PASS);
            assertThat(verdict(filter, Arrays.copyOf(tagged("8100", to("cb007101")), 17)))
                    .isEqualTo(XDP_PASS);
            assertThat(verdict(filter, ethernet(0x0806, new byte[28]))).isEqualTo(XDP_PASS);
            assertThat(verdict(filter, Arrays.copyOf(to("cb007101"), 33))).isEqualTo(XDP_PASS);
            assertThat(verdict(filter, Arrays.copyOf(to("20010db8000f00000000000000000001"), 53)))
                    .isEqualTo(XDP_PASS);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void icmpErrorsThatQuoteAnEncapsulatedPacketAreKeptFromTheKernel(boolean ipv6) throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root to load a BPF program");
        byte[] tunnelled = inner(!ipv6, 0);
        byte[] ipip = outer(ipv6, protocolOf(tunnelled), 0, tunnelled);
        int tooBig = ipv6 ? 2 : 3;
        try (BpfProgram filter = new BpfProgram("vip_filter", workDirectory)) {
            assertThat(verdict(filter, error(ipv6, tooBig, ipip))).isEqualTo(XDP_PASS);
            filter.update("node_addresses", source(ipv6), "02");
            assertThat(verdict(filter, error(ipv6, tooBig, ipip))).isEqualTo(XDP_DROP);
            assertThat(verdict(filter, tagged("8100", error(ipv6, tooBig, ipip))))
                    .isEqualTo(XDP_DROP);
            for (int type : ipv6 ? new int[] {1, 2, 3, 4} : new int[] {3, 4, 5, 11, 12}) {
                assertThat(verdict(filter, error(ipv6, type, ipip))).isEqualTo(XDP_DROP);
                assertThat(verdict(filter, error(ipv6, type, outer(ipv6, PROTOCOL_GRE, 0, hex("00000800 4500")))))
                        .isEqualTo(XDP_DROP);
                assertThat(verdict(filter, error(ipv6, type, outer(ipv6, PROTOCOL_UDP, 0, gue(0xc123, 0)))))
                        .isEqualTo(XDP_DROP);
            }
            for (byte[] kernels : kernels(ipv6, tooBig, ipip)) {
                assertThat(verdict(filter, kernels))
                        .as(HexFormat.of().formatHex(kernels))
                        .isEqualTo(XDP_PASS);
            }
        }
    }

    /** {@return what the kernel gets} */
    private static List<byte[]> kernels(boolean ipv6, int type, byte[] ipip) {
        byte[] otherSource = ipip.clone();
        otherSource[ipv6 ? 23 : 15]++;
        byte[] error = error(ipv6, type, ipip);
        int header = ipv6 ? 40 : 20;
        return List.of(
                to("0a62010b"),
                error(ipv6, ipv6 ? 128 : 8, ipip),
                error(ipv6, type, otherSource),
                error(ipv6, type, inner(ipv6, 0)),
                error(ipv6, type, outer(ipv6, PROTOCOL_UDP, 0, gue(0xc123, 0x1234))),
                error(ipv6, type, outer(ipv6, PROTOCOL_UDP, 0, gue(0x1234, 0))),
                Arrays.copyOf(
                        error(ipv6, type, outer(ipv6, PROTOCOL_UDP, 0, gue(0xc123, 0))), 14 + header + 8 + header + 7),
                Arrays.copyOf(error, 14 + header + 8 + header - 1),
                Arrays.copyOf(error, 14 + header + 7),
                Arrays.copyOf(error, 14 + header));
    }

    @Test
    void anErrorMayHaveOptionsAndQuoteAnOuterFragmentButIsNoLaterFragmentItself() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root to load a BPF program");
        byte[] ipip = outer(false, PROTOCOL_IPV4, 0, inner(false, 0));
        byte[] later = hex("11000010 00000001 00112233");
        byte[] tcp = hex("06000010 00000001 00112233");
        try (BpfProgram filter = new BpfProgram("vip_filter", workDirectory)) {
            filter.update("node_addresses", source(false), "02");
            filter.update("node_addresses", source(true), "02");
            byte[] icmp = join(hex("03040000 00000578"), ipip);
            assertThat(verdict(filter, back(ipv4(1, 0, 0x4000, hex("94040000"), icmp))))
                    .isEqualTo(XDP_DROP);
            assertThat(verdict(filter, back(ipv4(1, 0, 0x0010, hex(""), icmp)))).isEqualTo(XDP_PASS);
            assertThat(verdict(filter, error(true, 2, ipv6(44, 0, later)))).isEqualTo(XDP_DROP);
            assertThat(verdict(filter, error(true, 2, ipv6(44, 0, tcp)))).isEqualTo(XDP_PASS);
            assertThat(verdict(filter, error(true, 2, ipv6(44, 0, hex("11000010")))))
                    .isEqualTo(XDP_PASS);
        }
    }

    private static byte[] gue(int sourceL4Port, int checksum) {
        return hex("%04x 17c0 0020 %04x 00040000".formatted(sourceL4Port, checksum));
    }

    /** {@return the key of the address that {@link Frames}' packets come from} */
    private static String source(boolean ipv6) {
        return ipv6 ? "fd980001000000000000000000000011" : "00000000000000000000ffff0a62010b";
    }

    /** {@return an ICMP error of that type, to the source of what it quotes} */
    private static byte[] error(boolean ipv6, int type, byte[] quote) {
        byte[] icmp = join(hex("%02x040000 00000578".formatted(type)), quote);
        return back(ipv6 ? ipv6(58, 0, icmp) : ipv4(1, 0, 0x4000, hex(""), icmp));
    }

    /** {@return the packet in a frame, addressed to where it comes from} */
    private static byte[] back(byte[] packet) {
        boolean ipv6 = packet[0] >> 4 == 6;
        System.arraycopy(packet, ipv6 ? 8 : 12, packet, ipv6 ? 24 : 16, ipv6 ? 16 : 4);
        return frameOf(packet);
    }

    /** {@return the frame with one more tag of that EtherType} */
    private static byte[] tagged(String etherType, byte... frame) {
        byte[] tagged = new byte[frame.length + 4];
        System.arraycopy(frame, 0, tagged, 0, 12);
        System.arraycopy(hex(etherType + "0064"), 0, tagged, 12, 4);
        System.arraycopy(frame, 12, tagged, 16, frame.length - 12);
        return tagged;
    }

    private static byte[] to(String address) {
        byte[] destination = hex(address);
        boolean ipv6 = destination.length == 16;
        byte[] frame = frameOf(inner(ipv6, 0));
        System.arraycopy(destination, 0, frame, ipv6 ? IPV6_DESTINATION : IPV4_DESTINATION, destination.length);
        return frame;
    }

    private static int verdict(BpfProgram filter, byte[] frame) throws IOException {
        return filter.run(frame).verdict();
    }
}
