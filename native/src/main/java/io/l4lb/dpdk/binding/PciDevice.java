package io.l4lb.dpdk.binding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A PCI device as the kernel shows it in sysfs.
 *
 * @param address with domain, lower case: 0000:3b:00.0
 * @param exists whether the machine has it
 * @param kernelDriver the driver that it is bound to
 */
public record PciDevice(String address, boolean exists, Optional<String> kernelDriver) {
    private static final Path SYS = Path.of("/sys");
    private static final Pattern ADDRESS =
            Pattern.compile("(?<![\\w:.])(?:([0-9a-fA-F]{4}):)?([0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7])(?![\\w:.])");

    /** Drivers that hand a device to user space, and those that share it with DPDK (Mellanox, Microsoft). */
    private static final Set<String> DPDK_DRIVERS =
            Set.of("vfio-pci", "uio_pci_generic", "igb_uio", "mlx4_core", "mlx5_core", "mana");

    /** {@return the first PCI device that {@code text} names} */
    static Optional<PciDevice> find(String text, Path sys) {
        Matcher matcher = ADDRESS.matcher(text);
        if (!matcher.find()) {
            return Optional.empty();
        }
        String domain = matcher.group(1) == null ? "0000" : matcher.group(1);
        String address = (domain + ":" + matcher.group(2)).toLowerCase(Locale.ROOT);
        Path device = sys.resolve("bus/pci/devices").resolve(address);
        return Optional.of(new PciDevice(address, Files.exists(device), linkName(device.resolve("driver"))));
    }

    /**
     * Throws when the kernel drives the device. DPDK would refuse most such devices by itself, but not a virtio NIC: on
     * that it starts to work beside the kernel, and takes the machine's network away.
     */
    public static void requireNotTheKernels(String address) {
        requireNotTheKernels(address, SYS);
    }

    static void requireNotTheKernels(String address, Path sys) {
        PciDevice device =
                find(address, sys).orElseThrow(() -> new IllegalArgumentException(address + " is no PCI address"));
        if (device.kernelDriver().isPresent() && device.boundCure().isPresent()) {
            throw new DpdkException(
                    "cannot use " + address,
                    "the kernel driver " + device.kernelDriver().orElseThrow() + " has it",
                    List.of(),
                    device.boundCure().orElseThrow());
        }
    }

    /** {@return what to do about the device itself; empty when nothing is wrong with it} */
    Optional<String> cure() {
        return exists
                ? boundCure()
                : Optional.of("there is no PCI device " + address + ": see dpdk-devbind.py --status");
    }

    private Optional<String> boundCure() {
        if (kernelDriver.filter(DPDK_DRIVERS::contains).isPresent()) {
            return Optional.empty();
        }
        String driver = kernelDriver.map(name -> "the kernel driver " + name).orElse("no driver");
        return Optional.of("device " + address + " is bound to " + driver + ": dpdk-devbind.py -b vfio-pci " + address
                + " (its interface then vanishes from the kernel)");
    }

    private static Optional<String> linkName(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link).getFileName().toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
