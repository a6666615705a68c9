package io.l4lb.dpdk.eal;

import io.l4lb.dpdk.binding.PciDevice;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a configuration names a device: a PCI address ("0000:3b:00.0", also with driver arguments behind a comma) or a
 * vdev string ("net_af_xdp0,iface=eth1").
 *
 * @param isPci whether it is a PCI address
 * @param ethPortName the name by which DPDK then knows the ethPort
 * @param devargs what DPDK is asked for
 */
record DeviceName(boolean isPci, String ethPortName, String devargs) {
    private static final Pattern PCI =
            Pattern.compile("(?:([0-9a-fA-F]{4}):)?([0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7])(,.*)?");

    static DeviceName parse(String device) {
        Matcher pci = PCI.matcher(device);
        if (!pci.matches()) {
            int comma = device.indexOf(',');
            return new DeviceName(false, comma < 0 ? device : device.substring(0, comma), device);
        }
        String domain = pci.group(1) == null ? "0000" : pci.group(1);
        String address = (domain + ":" + pci.group(2)).toLowerCase(Locale.ROOT);
        return new DeviceName(true, address, address + (pci.group(3) == null ? "" : pci.group(3)));
    }

    /** Throws when this is a PCI device that the kernel drives. */
    void requireNotTheKernels() {
        if (isPci) {
            PciDevice.requireNotTheKernels(ethPortName);
        }
    }
}
