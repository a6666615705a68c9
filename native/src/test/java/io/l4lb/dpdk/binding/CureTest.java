package io.l4lb.dpdk.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log lines are DPDK 22.11's, libbpf's and libxdp's own, as they were seen. */
class CureTest {
    @TempDir
    private Path sys;

    @BeforeEach
    void fillSysfs() throws IOException {
        Files.createDirectories(sys.resolve("class/net/eth1"));
        bind("0000:3b:00.0", "ixgbe");
        bind("0000:3b:00.1", "vfio-pci");
        bind("0000:3b:00.2", "mlx5_core");
        Files.createDirectories(sys.resolve("bus/pci/devices/0000:3b:00.3"));
    }

    private void bind(String address, String driver) throws IOException {
        Path device = Files.createDirectories(sys.resolve("bus/pci/devices/" + address));
        Files.createSymbolicLink(device.resolve("driver"), Path.of("../../../bus/pci/drivers/" + driver));
    }

    private String cure(String what, int errno, String... lines) {
        return Cure.forFailure(what, errno, List.of(lines), sys);
    }

    @Test
    void missingHugePagesAreNotTakenForMissingPermission() {
        assertThat(cure("cannot start", 13, "EAL: Cannot get hugepage information."))
                .contains("sysctl vm.nr_hugepages=")
                .contains("\"--no-huge\"");
        assertThat(cure("cannot start", 12, "EAL: Not enough memory available on socket 0!"))
                .contains("sysctl vm.nr_hugepages=");
    }

    @Test
    void aProgramLeftAttachedIsTakenOffByName() {
        String device = "cannot set up rx queue 0 of net_af_xdp0,iface=eth1,xdp_prog=/x.o";
        assertThat(cure(device, 22, "libbpf: Kernel error message: XDP program already attached"))
                .contains("ip link set dev eth1 xdp off");
        assertThat(cure(device, 22, "libxdp: Existing program is not using a dispatcher, can't replace; unload first"))
                .contains("ip link set dev eth1 xdp off");
    }

    @Test
    void aMissingInterfaceIsNamed() {
        String line = "init_internals(): Failed to get channel info of interface: nope";
        assertThat(cure("cannot attach net_af_xdp0,iface=nope", 95, line)).contains("no interface nope");
    }

    @Test
    void aDeviceThatTheKernelHasIsToBeBoundToVfio() {
        assertThat(cure("cannot attach 3b:00.0", 95, "x"))
                .contains("is bound to the kernel driver ixgbe: dpdk-devbind.py -b vfio-pci 0000:3b:00.0");
        assertThat(cure("cannot attach 0000:3b:00.3", 95, "x")).contains("is bound to no driver: dpdk-devbind.py");
        assertThat(cure("cannot attach 0000:77:00.3", 19, "x")).contains("no PCI device 0000:77:00.3");
        assertThat(cure("cannot attach 0000:3b:00.1", 1, "x")).contains("/dev/vfio");
        assertThat(cure("cannot attach 0000:3b:00.2", 95, "x")).isEmpty();
    }

    @Test
    void dpdkIsKeptFromADeviceThatTheKernelUses() {
        assertThatThrownBy(() -> PciDevice.requireNotTheKernels("0000:3b:00.0", sys))
                .isInstanceOf(DpdkException.class)
                .hasMessageContaining("cannot use 0000:3b:00.0: the kernel driver ixgbe has it")
                .hasMessageContaining("cure: ");
        PciDevice.requireNotTheKernels("0000:3b:00.1", sys);
        PciDevice.requireNotTheKernels("0000:3b:00.2", sys);
        PciDevice.requireNotTheKernels("0000:3b:00.3", sys);
        PciDevice.requireNotTheKernels("0000:77:00.0", sys);
    }

    @Test
    void permissionIsNamedByItsCapabilities() {
        assertThat(cure("cannot set up net_af_xdp0,iface=eth1", 22, "xdp_umem_configure(): Failed to create umem"))
                .contains("CAP_NET_ADMIN");
        assertThat(cure("cannot attach net_tap0", 1)).contains("CAP_NET_ADMIN");
    }

    @Test
    void wrongTextsAreToldApart() {
        assertThat(cure("start", 22, "EAL: Invalid 'command line' arguments.")).contains("dataplane.eal");
        assertThat(cure("attach", 22, "rte_pmd_af_xdp_probe(): Invalid kvargs key"))
                .contains("an argument");
        assertThat(cure("attach", 14, "EAL: failed to parse device \"net_foo0\""))
                .contains("no such device or driver");
        assertThat(cure("attach", 17)).contains("twice");
        assertThat(cure("start", 114)).contains("once per process");
        assertThat(cure(
                        "start",
                        11,
                        "EAL: Cannot create lock on '/var/run/dpdk/rte/config'. Is another primary"
                                + " process running?"))
                .contains("--file-prefix");
    }

    @Test
    void anXdpSocketThatCannotBeMadeIsExplained() {
        String device = "cannot set up rx queue 0 of net_af_xdp0,iface=eth1";
        String last = "eth_rx_queue_setup(): Failed to configure xdp socket";
        assertThat(cure(device, 22, last)).contains("pool is too small");
        assertThat(cure(device, 22, "xsk_configure(): Failed to create xsk socket.", last))
                .contains("no such queue");
    }

    @Test
    void theUnknownGetsNoCure() {
        assertThat(cure("cannot start net_null0", 5, "something else")).isEmpty();
    }
}
