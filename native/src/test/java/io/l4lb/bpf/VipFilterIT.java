package io.l4lb.bpf;

import static io.l4lb.bpf.BpfProgram.XDP_DROP;
import static io.l4lb.bpf.BpfProgram.XDP_PASS;
import static io.l4lb.bpf.Frames.ethernet;
import static io.l4lb.bpf.Frames.frameOf;
import static io.l4lb.bpf.Frames.hex;
import static io.l4lb.bpf.Frames.inner;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
            filter.update("vip_addresses", "00000000000000000000ffffcb007101", "01");
            filter.update("vip_addresses", "20010db8000f00000000000000000001", "01");
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
