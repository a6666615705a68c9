package io.l4lb.dpdk.binding;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The likely cure for a failure of DPDK, from its error number and the text it logged. The first rule that knows one
 * wins; the special ones stand before the general. Cold; any thread.
 */
final class Cure {
    private static final int EPERM = 1;
    private static final int EACCES = 13;
    private static final int EEXIST = 17;
    private static final int ENODEV = 19;
    private static final int EALREADY = 114;

    private static final Path SYS = Path.of("/sys");
    private static final Pattern INTERFACE = Pattern.compile("\\biface=([^,\"\\s]+)");

    private static final List<Function<Failure, Optional<String>>> RULES = List.of(
            Cure::secondStart,
            Cure::xdpLeftAttached,
            Cure::interfaceMissing,
            Cure::noHugePages, // before the device: without memory the EAL does not get as far as looking for it
            failure -> PciDevice.find(failure.what, failure.sys).flatMap(PciDevice::cure),
            Cure::filesInUse,
            Cure::wrongText,
            Cure::notAllowed,
            Cure::noSuchDevice,
            Cure::xdpSocketRefused);

    /** What is known: what was tried (names the device), the error number, the log in lower case, where sysfs is. */
    private record Failure(String what, int errno, String log, Path sys) {
        boolean says(String... texts) {
            for (String text : texts) {
                if (log.contains(text)) {
                    return true;
                }
            }
            return false;
        }

        Optional<String> interfaceName() {
            Matcher matcher = INTERFACE.matcher(what);
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        }
    }

    private Cure() {}

    /** {@return the cure, empty when none is known} */
    static String forFailure(String what, int errno, List<String> logLines) {
        return forFailure(what, errno, logLines, SYS);
    }

    /** As above with another place for sysfs, so that the rules can be tested without devices. */
    static String forFailure(String what, int errno, List<String> logLines, Path sys) {
        Failure failure = new Failure(what, errno, String.join("\n", logLines).toLowerCase(Locale.ROOT), sys);
        return RULES.stream()
                .flatMap(rule -> rule.apply(failure).stream())
                .findFirst()
                .orElse("");
    }

    private static Optional<String> when(boolean fits, String cure) {
        return fits ? Optional.of(cure) : Optional.empty();
    }

    private static Optional<String> secondStart(Failure failure) {
        return when(
                failure.errno == EALREADY || failure.says("already called initialization"),
                "DPDK's EAL starts once per process: start a new process");
    }

    private static Optional<String> xdpLeftAttached(Failure failure) {
        boolean attached = failure.says("xdp program already attached", "existing program is not using a dispatcher");
        return failure.interfaceName()
                .filter(_ -> attached)
                .map(name -> "an XDP program was left attached, by a process that was killed, or is another's: ip link"
                        + " set dev " + name + " xdp off");
    }

    private static Optional<String> interfaceMissing(Failure failure) {
        return failure.interfaceName()
                .filter(name -> !Files.exists(failure.sys.resolve("class/net").resolve(name)))
                .map(name -> "there is no interface " + name + " in this network namespace: see ip link; a node in a"
                        + " namespace is started with ip netns exec");
    }

    private static Optional<String> noHugePages(Failure failure) {
        return when(
                failure.says("hugepage", "hugetlb", "not enough memory available", "cannot init memory"),
                "not enough huge pages: sysctl vm.nr_hugepages=512 (of 2 MiB), or do without: dataplane: eal:"
                        + " [\"--no-huge\", \"-m\", \"512\"]");
    }

    private static Optional<String> filesInUse(Failure failure) {
        return when(
                failure.says("cannot create lock", "is another primary process running"),
                "another DPDK process has the same file prefix: add \"--in-memory\" or \"--file-prefix\", \"NAME\" to"
                        + " dataplane.eal");
    }

    private static Optional<String> wrongText(Failure failure) {
        if (failure.says("invalid 'command line' arguments")) {
            return Optional.of("correct dataplane.eal: DPDK names above what it did not understand");
        }
        if (failure.says("invalid kvargs key")) {
            return Optional.of("the driver does not know an argument of the device: check the names before each =");
        }
        return when(failure.says("no such file", "couldn't open"), "check the file names in the device");
    }

    private static Optional<String> notAllowed(Failure failure) {
        boolean refused = failure.errno == EPERM || failure.errno == EACCES;
        return when(
                refused
                        || failure.says(
                                "operation not permitted",
                                "permission denied",
                                "failed to create umem",
                                "af_packet socket"),
                "run as root, or with CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN and CAP_IPC_LOCK (a PCI device also"
                        + " needs read and write access to /dev/vfio)");
    }

    private static Optional<String> noSuchDevice(Failure failure) {
        if (failure.errno == EEXIST) {
            return Optional.of("a device can be given once: look for it twice in dataplane.ethPorts");
        }
        return when(
                failure.errno == ENODEV || failure.says("failed to parse device", "cannot find device"),
                "there is no such device or driver: PCI addresses are listed by dpdk-devbind.py --status; a virtual"
                        + " device starts with its driver's name, such as net_af_xdp0,iface=eth1");
    }

    /** net_af_xdp says no more than this when its fill ring cannot be filled, unless it runs at debug level. */
    private static Optional<String> xdpSocketRefused(Failure failure) {
        if (failure.says("failed to create xsk socket")) {
            return Optional.of("the interface has no such queue (start_queue, queue_count; see ethtool -l), or another"
                    + " process receives from it");
        }
        return when(
                failure.says("failed to configure xdp socket"),
                "the mbuf pool is too small: net_af_xdp keeps 2048 mbufs per receive queue and more in flight");
    }
}
