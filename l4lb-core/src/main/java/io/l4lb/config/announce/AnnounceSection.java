package io.l4lb.config.announce;

import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code announce:} as read. */
public record AnnounceSection(
        Setting<Daemon> daemon,
        Setting<String> interfaceName,
        Setting<Integer> kernelTable,
        Setting<Integer> minHealthyBackends,
        Setting<Integer> returnSeconds,
        Setting<Integer> returnSecondsMax,
        Setting<Integer> drainSeconds,
        Setting<Integer> stallMs,
        BirdSection bird) {
    private static final List<String> OWN_KEYS = List.of(
            "daemon",
            "interface",
            "kernelTable",
            "minHealthyBackends",
            "returnSeconds",
            "returnSecondsMax",
            "drainSeconds",
            "stallMs");
    private static final int INTERFACE_LENGTH_MAX = 15;
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,14}");
    private static final ValueKind<String> INTERFACE_NAME = ValueKind.of(
            scalar -> Optional.of(scalar.text())
                    .filter(text -> !scalar.isNull() && INTERFACE.matcher(text).matches()),
            "an interface's name of up to " + INTERFACE_LENGTH_MAX + " letters, digits, '-', '_', '.'");

    /** Who tells the routers. */
    public enum Daemon {
        BIRD("bird"),
        NONE("none");

        private final String label;

        Daemon(String label) {
            this.label = label;
        }
    }

    public static AnnounceSection read(YamlNode node, String path, Findings findings) {
        List<String> keys =
                Stream.concat(OWN_KEYS.stream(), BirdSection.KEYS.stream()).toList();
        MappingReader mapping = new MappingReader(node, path, findings, keys);
        ValueKind<Integer> seconds = ValueKind.integer(0, AnnounceConfig.MAX_SECONDS);
        AnnounceSection section = new AnnounceSection(
                mapping.value("daemon", ValueKind.word(Daemon.class, daemon -> daemon.label))
                        .required("bird, or none where a daemon of your own takes the routes"),
                mapping.value("interface", INTERFACE_NAME),
                mapping.value("kernelTable", ValueKind.integer(1, AnnounceConfig.MAX_KERNEL_TABLE))
                        .orElse(AnnounceConfig.DEFAULT_KERNEL_TABLE),
                mapping.value("minHealthyBackends", ValueKind.integer(0, AnnounceConfig.MAX_MIN_HEALTHY_BACKENDS))
                        .orElse(AnnounceConfig.DEFAULT_MIN_HEALTHY_BACKENDS),
                mapping.value("returnSeconds", seconds).orElse(AnnounceConfig.DEFAULT_RETURN_SECONDS),
                mapping.value("returnSecondsMax", seconds).orElse(AnnounceConfig.DEFAULT_RETURN_SECONDS_MAX),
                mapping.value("drainSeconds", seconds).orElse(AnnounceConfig.DEFAULT_DRAIN_SECONDS),
                mapping.value("stallMs", ValueKind.integer(AnnounceConfig.MIN_STALL_MS, AnnounceConfig.MAX_STALL_MS))
                        .orElse(AnnounceConfig.DEFAULT_STALL_MS),
                BirdSection.read(mapping, findings));
        section.daemon.value().ifPresent(section::checkAgainst);
        return section;
    }

    private void checkAgainst(Daemon chosen) {
        if (chosen == Daemon.BIRD) {
            bird.require();
        } else {
            bird.settings().filter(Setting::isGiven).forEach(setting -> setting.fault("no such key with daemon none"));
        }
        boolean known =
                returnSeconds.value().isPresent() && returnSecondsMax.value().isPresent();
        if (known && returnSeconds.get() > returnSecondsMax.get()) {
            Setting<Integer> culprit = returnSecondsMax.isGiven() ? returnSecondsMax : returnSeconds;
            culprit.fault("returnSeconds (" + returnSeconds.get() + ") of at most returnSecondsMax ("
                    + returnSecondsMax.get() + ")");
        }
    }

    /** Checks against the rest of the file: a VIP needs a next hop of its family. */
    public void check(List<IpAddress> vips, Optional<IpAddress> outerIpv4, Optional<IpAddress> outerIpv6) {
        if (daemon.value().equals(Optional.of(Daemon.BIRD))) {
            bird.check(vips, outerIpv4, outerIpv6);
        }
    }

    /** The node makes this interface, and it takes what is sent there: it cannot be one that is in use. */
    public void checkInterface(String nodeId, Set<String> ethPortInterfaces) {
        String name = interfaceName.value().orElseGet(() -> interfaceOf(nodeId));
        if (ethPortInterfaces.contains(name)) {
            interfaceName.fault(
                    "a name that no interface has, as the node makes this one; " + name + " is an ethPort's");
        }
    }

    /** A VIP of a pool that is too small would never be announced. */
    public void warnOfPool(String name, int backends) {
        minHealthyBackends.value().filter(least -> least > backends).ifPresent(least -> {
            minHealthyBackends.warn("pool " + name + " has " + backends + " backend(s): its VIPs are never announced");
        });
    }

    /** {@return the section's record}; what it does not say of itself comes from {@code nodeId} and the outer sources. */
    public AnnounceConfig config(String nodeId, Optional<IpAddress> outerIpv4, Optional<IpAddress> outerIpv6) {
        return new AnnounceConfig(
                interfaceName.value().orElseGet(() -> interfaceOf(nodeId)),
                kernelTable.get(),
                minHealthyBackends.get(),
                returnSeconds.get(),
                returnSecondsMax.get(),
                drainSeconds.get(),
                stallMs.get(),
                daemon.get() == Daemon.BIRD ? Optional.of(bird.config(outerIpv4, outerIpv6)) : Optional.empty());
    }

    /** {@return the name of a node's tun device, if nothing else is said} */
    public static String interfaceOf(String nodeId) {
        String name = "l4lb-" + nodeId;
        return name.substring(0, Math.min(INTERFACE_LENGTH_MAX, name.length()));
    }
}
