package io.l4lb.dpdk.eal;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.dpdk.testing.SharedEal;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class EalArgumentsTest {
    private static final String PCI = "0000:3b:00.0";

    @Test
    void theEalGetsTheLowestCpuAndNoPciUnlessToldOtherwise() {
        assertThat(EalArguments.complete(List.of("--no-huge"), List.of("net_null0"), 3))
                .containsExactly("l4lb", "-l", "3", "--no-pci", "--no-telemetry", "--no-huge");
    }

    @Test
    void onlyConfiguredPciDevicesAreProbed() {
        assertThat(EalArguments.complete(List.of(), List.of("net_null0", PCI, "3B:00.1,x=1"), 0))
                .containsExactly("l4lb", "-l", "0", "-a", PCI, "-a", "0000:3b:00.1,x=1", "--no-telemetry");
    }

    @Test
    void whatTheUserGaveIsNotOverruled() {
        for (String lcores : List.of("-l2", "-l", "-c", "-c3", "--lcores=0@1", "--lcores", "-S")) {
            assertThat(EalArguments.complete(List.of(lcores), List.of(), 0))
                    .containsExactly("l4lb", "--no-pci", "--no-telemetry", lcores);
        }
        for (String pci : List.of("-a", "--allow", "-b0000:00:01.0", "--no-pci")) {
            assertThat(EalArguments.complete(List.of(pci), List.of(PCI), 0))
                    .containsExactly("l4lb", "-l", "0", "--no-telemetry", pci);
        }
        assertThat(EalArguments.complete(List.of("--telemetry"), List.of(), 0))
                .containsExactly("l4lb", "-l", "0", "--no-pci", "--telemetry");
    }

    @Test
    void devicesAreKnownByThePartBeforeTheComma() {
        assertThat(DeviceName.parse("net_af_xdp0,iface=eth1"))
                .isEqualTo(new DeviceName(false, "net_af_xdp0", "net_af_xdp0,iface=eth1"));
        assertThat(DeviceName.parse("3B:00.1")).isEqualTo(new DeviceName(true, "0000:3b:00.1", "0000:3b:00.1"));
    }

    @Test
    void cpuListsAreUnderstood() {
        BitSet expected = new BitSet();
        expected.set(0, 4);
        expected.set(8);
        assertThat(AllowedCpus.parse("0-3,8")).isEqualTo(expected);
        assertThat(AllowedCpus.read().isEmpty()).isFalse();
    }

    @Test
    void startingTheEalLeavesTheCpusOfOtherThreadsAlone() {
        BitSet before = AllowedCpus.read();
        SharedEal.get();
        assertThat(AllowedCpus.read()).isEqualTo(before);
    }
}
