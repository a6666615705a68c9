package io.l4lb.dpdk.eal;

import java.util.ArrayList;
import java.util.List;

/** Completes what the user passes to the EAL with what l4lb wants unless told otherwise. */
final class EalArguments {
    private static final String PROGRAM = "l4lb";
    /** Where DPDK's drivers are when it is not installed but unpacked somewhere; the launcher says so. */
    private static final String DRIVERS_VARIABLE = "L4LB_DPDK_DRIVERS";

    private static final List<String> LCORE_OPTIONS = List.of("-l", "-c", "-S", "--lcores");
    private static final List<String> PCI_OPTIONS = List.of("--no-pci", "-a", "--allow", "-b", "--block");

    private static final List<String> TELEMETRY_OPTIONS = List.of("--telemetry", "--no-telemetry");

    private EalArguments() {}

    /**
     * {@return argv for rte_eal_init}
     *
     * <p>One lcore is enough, the EAL's own: workers are Java threads that register themselves. PCI is scanned for the
     * configured addresses only, so that no NIC is taken that was not named.
     */
    static List<String> complete(List<String> fromUser, List<String> devices, int lowestAllowedCpu) {
        List<String> arguments = new ArrayList<>();
        arguments.add(PROGRAM);
        if (!hasOption(fromUser, LCORE_OPTIONS)) {
            arguments.addAll(List.of("-l", Integer.toString(lowestAllowedCpu)));
        }
        if (!hasOption(fromUser, PCI_OPTIONS)) {
            List<DeviceName> pciDevices = devices.stream()
                    .map(DeviceName::parse)
                    .filter(DeviceName::isPci)
                    .toList();
            pciDevices.forEach(pci -> arguments.addAll(List.of("-a", pci.devargs())));
            if (pciDevices.isEmpty()) {
                arguments.add("--no-pci");
            }
        }
        if (!hasOption(fromUser, TELEMETRY_OPTIONS)) {
            arguments.add("--no-telemetry"); // a thread and a socket that l4lb has no use for
        }
        String drivers = System.getenv(DRIVERS_VARIABLE);
        if (drivers != null) {
            arguments.addAll(List.of("-d", drivers));
        }
        arguments.addAll(fromUser);
        return List.copyOf(arguments);
    }

    private static boolean hasOption(List<String> arguments, List<String> options) {
        return arguments.stream().anyMatch(argument -> options.stream().anyMatch(option -> isOption(argument, option)));
    }

    /** Short options may have their value attached ("-l2"), long ones behind an equals sign. */
    private static boolean isOption(String argument, String option) {
        return option.startsWith("--")
                ? argument.equals(option) || argument.startsWith(option + "=")
                : argument.startsWith(option);
    }
}
