package io.l4lb.dpdk.binding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The likely cure for a failure of DPDK, from its error number and the text it logged. The first rule that fits wins;
 * the special ones stand before the general. Cold; any thread.
 */
public final class Cure {
    private static final int EPERM = 1;
    private static final int EACCES = 13;
    private static final int EEXIST = 17;
    private static final int ENODEV = 19;
    private static final int EALREADY = 114;

    private static final Pattern IFACE = Pattern.compile("iface=([^,\"\\s]+)");
    private static final Pattern PCI =
            Pattern.compile("\\b(?:([0-9a-fA-F]{4}):)?([0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7])\\b");
    private static final Path SYS = Path.of("/sys");

    /** What is known: what was tried (names the device), the error number, all text in lower case, where sysfs is. */
    private record Failure(String what, int errno, String log, Path sys) {
        boolean says(String... texts) {
            for (String text : texts) {
                if (log.contains(text)) {
                    return true;
                }
            }
            return false;
        }

        Optional<String> iface() {
            Matcher matcher = IFACE.matcher(what);
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        }

        boolean ifaceIsMissing() {
            return iface().isPresent() && !Files.exists(sys.resolve("class/net").resolve(iface().get()));
        }
    }

    private record Rule(Predicate<Failure> fits, Function<Failure, String> cure) {}

    private static final List<Rule> RULES = List.of(
            new Rule(
                    f -> f.errno == EALREADY || f.says("already called initialization"),
                    _ -> "the EAL starts once per process: keep the first, or start a new process"),
            new Rule(
                    f -> f.says("xdp program already attached", "device or resource busy")
                            && f.iface().isPresent(),
                    f -> "an XDP program was left attached (by a process that was killed?): ip link set dev "
                            + f.iface().orElseThrow() + " xdp off"),
            new Rule(
                    Failure::ifaceIsMissing,
                    f -> "there is no interface " + f.iface().orElseThrow()
                            + " in this network namespace: see ip link, and start the node in the right namespace"),
            new Rule(f -> pciCure(f).isPresent(), f -> pciCure(f).orElseThrow()),
            new Rule(
                    f -> f.errno == EPERM
                            || f.errno == EACCES
                            || f.says("operation not permitted", "permission denied"),
                    _ -> "run as root, or with CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN, CAP_IPC_LOCK"
                            + " (and read access to /dev/vfio for a PCI device)"),
            new Rule(
                    f -> f.says("hugepage", "cannot init memory", "hugetlb"),
                    _ -> "no huge pages: sysctl -w vm.nr_hugepages=256 (2 MiB each), or do without:"
                            + " dataplane: eal: [\"--no-huge\", \"-m\", \"512\"]"),
            new Rule(
                    f -> f.says("cannot create lock", "is there another primary process", "failed to lock"),
                    _ -> "another DPDK process uses the same files: give each its own, eal: [\"--file-prefix\","
                            + " \"NAME\"], or \"--in-memory\""),
            new Rule(
                    f -> f.errno == EEXIST,
                    _ -> "each device may be given once: look for the same device twice in dataplane.ethPorts"),
            new Rule(f -> f.says("couldn't open", "no such file"), _ -> "check the file names in the device string"),
            new Rule(
                    f -> f.errno == ENODEV || f.says("cannot find driver", "no driver found", "driver cannot attach"),
                    _ ->
                            "no such device or driver: PCI addresses are listed by dpdk-devbind.py --status, virtual devices"
                                    + " start with their driver's name (net_af_xdp0,iface=eth1)"));

    private Cure() {}

    /** {@return the cure, empty when none is known} */
    static String forFailure(String what, int errno, List<String> logLines) {
        return forFailure(what, errno, logLines, SYS);
    }

    /** As above with another place for sysfs, so that the rules can be tested without devices. */
    static String forFailure(String what, int errno, List<String> logLines, Path sys) {
        Failure failure = new Failure(what, errno, String.join("\n", logLines).toLowerCase(java.util.Locale.ROOT), sys);
        return RULES.stream()
                .filter(rule -> rule.fits.test(failure))
                .map(rule -> rule.cure.apply(failure))
                .findFirst()
                .orElse("");
    }

    private static Optional<String> pciCure(Failure failure) {
        Matcher matcher = PCI.matcher(failure.what);
        if (!matcher.find()) {
            return Optional.empty();
        }
        String address = (matcher.group(1) == null ? "0000" : matcher.group(1)) + ":" + matcher.group(2);
        Path device = failure.sys.resolve("bus/pci/devices").resolve(address);
        if (!Files.exists(device)) {
            return Optional.of("there is no PCI device " + address + ": see dpdk-devbind.py --status");
        }
        String driver = linkName(device.resolve("driver")).orElse("no driver");
        if (driver.equals("vfio-pci") || driver.equals("uio_pci_generic") || driver.equals("igb_uio")) {
            return Optional.empty();
        }
        return Optional.of("device " + address + " is bound to "
                + (driver.equals("no driver") ? driver : "the kernel driver " + driver)
                + ": dpdk-devbind.py -b vfio-pci " + address + " (its interface vanishes from the kernel)");
    }

    private static Optional<String> linkName(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link).getFileName().toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
