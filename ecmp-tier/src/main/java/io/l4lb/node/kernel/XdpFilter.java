package io.l4lb.node.kernel;

import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code vip_filter.bpf.c} on an interface that the kernel keeps: what is addressed to a VIP goes to DPDK, and ICMP errors about
 * encapsulated packets, all else to the kernel. net_af_xdp attaches it when the ethPort is configured and takes it off when it is
 * closed; the addresses are in a map that this class fills and changes while packets pass. Control thread.
 */
public final class XdpFilter {
    private static final Logger LOG = LoggerFactory.getLogger(XdpFilter.class);
    private static final String PROGRAM = "vip_filter";
    private static final String MAP = "node_addresses";
    private static final Pattern INTERFACE = Pattern.compile("net_af_xdp[^,]*,(?:.*,)?iface=([^,]+).*");
    private static final int KEY_BYTES = 16;
    /** Before an IPv4 address in a key: the mapped address of RFC 4291, section 2.5.5.2. */
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

    private final String interfaceName;
    private final int mapId;
    private Map<IpAddress, Use> shown = Map.of();

    /** What packets are handed over of those to an address; the values of the map. */
    public enum Use {
        VIP("01"),
        /** ICMP errors that quote an encapsulated packet. */
        OUTER_SOURCE("02");

        private final String value;

        Use(String value) {
            this.value = value;
        }
    }

    private XdpFilter(String interfaceName, int mapId) {
        this.interfaceName = interfaceName;
        this.mapId = mapId;
    }

    /** {@return the interface under a device of net_af_xdp} */
    public static Optional<String> interfaceOf(String device) {
        Matcher matcher = INTERFACE.matcher(device);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** {@return the device with the filter among its arguments} */
    public static String deviceWithFilter(String device) {
        Path object = Path.of(System.getProperty("l4lb.nativeDirectory", "."), PROGRAM + ".o")
                .toAbsolutePath();
        if (!Files.isReadable(object)) {
            throw new KernelException("xdpFilter: " + object + " is not there: install clang and build again (make -C"
                    + " native), or start through ./l4lb");
        }
        return device + ",xdp_prog=" + object;
    }

    /**
     * Takes off a filter that a killed node has left, which would keep net_af_xdp from attaching a new one.
     *
     * @throws KernelException when another node runs on the interface
     */
    public static void removeLeftOver(String interfaceName) {
        OptionalInt program = programOn(interfaceName);
        if (program.isEmpty() || !PROGRAM.equals(programName(program.getAsInt()))) {
            return; // nobody's, or somebody's whom net_af_xdp's own message will name
        }
        OptionalInt holder = processWith(program.getAsInt());
        if (holder.isPresent()) {
            throw new KernelException("interface " + interfaceName + " is in use by another node, process "
                    + holder.getAsInt() + "; stop it, or give this node another device");
        }
        for (String mode : List.of("xdpdrv", "xdpgeneric", "xdpoffload")) {
            SystemTool.run("ip", "link", "set", "dev", interfaceName, mode, "off");
        }
        LOG.info("interface {}: the XDP filter of a node that was killed has been taken off", interfaceName);
    }

    /** The filter that net_af_xdp has attached; it passes everything to the kernel until {@link #show}. */
    public static XdpFilter on(String interfaceName) {
        OptionalInt program = programOn(interfaceName);
        if (program.isEmpty()) {
            throw new KernelException("interface " + interfaceName + " has no XDP program, though net_af_xdp started");
        }
        Map<String, Object> shown = bpftool("prog", "show", "id", Integer.toString(program.getAsInt()));
        for (Object id : shown.get("map_ids") instanceof List<?> ids ? ids : List.of()) {
            Map<String, Object> map = bpftool("map", "show", "id", String.valueOf(id));
            if (MAP.equals(map.get("name"))) {
                return new XdpFilter(interfaceName, ((Number) id).intValue());
            }
        }
        throw new KernelException("the XDP program on interface " + interfaceName + " (" + shown.get("name")
                + ") is not the node's filter: it has no map " + MAP);
    }

    /** Makes {@code addresses} those that DPDK gets packets to, and no others. */
    public void show(Map<IpAddress, Use> addresses) {
        List<String> lines = new ArrayList<>();
        addresses.forEach((address, use) -> {
            if (shown.get(address) != use) {
                lines.add("map update id " + mapId + " key hex " + key(address) + " value hex " + use.value);
            }
        });
        shown.keySet().stream()
                .filter(address -> !addresses.containsKey(address))
                .forEach(address -> lines.add("map delete id " + mapId + " key hex " + key(address)));
        if (lines.isEmpty()) {
            return;
        }
        SystemTool.run(List.of("bpftool", "batch", "file", "-"), lines)
                .orThrow("the node's addresses cannot be put into the XDP filter on " + interfaceName);
        shown = Map.copyOf(addresses);
    }

    static String key(IpAddress address) {
        byte[] key = new byte[KEY_BYTES];
        byte[] bytes = address.bytes();
        System.arraycopy(bytes, 0, key, KEY_BYTES - bytes.length, bytes.length);
        if (!address.ipv6()) {
            System.arraycopy(MAPPED, 0, key, 0, MAPPED.length);
        }
        return HexFormat.ofDelimiter(" ").formatHex(key);
    }

    private static OptionalInt programOn(String interfaceName) {
        SystemTool.Answer answer = SystemTool.run("ip", "-j", "link", "show", "dev", interfaceName);
        if (answer.exitCode() != 0) {
            return OptionalInt.empty(); // no such interface: net_af_xdp will say so
        }
        return answer.objects().stream()
                .map(link -> link.get("xdp"))
                .filter(Map.class::isInstance)
                .map(xdp -> ((Map<?, ?>) xdp).get("prog"))
                .filter(Map.class::isInstance)
                .map(program -> ((Map<?, ?>) program).get("id"))
                .filter(Number.class::isInstance)
                .mapToInt(id -> ((Number) id).intValue())
                .findFirst();
    }

    private static String programName(int programId) {
        return String.valueOf(
                bpftool("prog", "show", "id", Integer.toString(programId)).get("name"));
    }

    private static Map<String, Object> bpftool(String... arguments) {
        List<String> command = new ArrayList<>(List.of("bpftool", "-j"));
        command.addAll(List.of(arguments));
        return SystemTool.run(command, List.of()).orThrow("the XDP filter cannot be looked at").objects().stream()
                .findFirst()
                .orElse(Map.of());
    }

    /** {@return a process that has the program open: a node that lives} */
    private static OptionalInt processWith(int programId) {
        String line = "prog_id:\t" + programId;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (hasOpen(process.resolve("fdinfo"), line)) {
                    return OptionalInt.of(Integer.parseInt(process.getFileName().toString()));
                }
            }
            return OptionalInt.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean hasOpen(Path descriptors, String line) {
        try (DirectoryStream<Path> infos = Files.newDirectoryStream(descriptors)) {
            for (Path info : infos) {
                if (Files.readAllLines(info).contains(line)) {
                    return true;
                }
            }
        } catch (IOException e) {
            LOG.debug("{} has ended meanwhile", descriptors);
        }
        return false;
    }
}
