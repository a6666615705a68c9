package io.l4lb.announce.bird;

import io.l4lb.config.announce.AnnounceConfig;
import io.l4lb.config.announce.BirdConfig;
import io.l4lb.config.announce.BirdConfig.NeighbourConfig;
import io.l4lb.net.IpAddress;
import java.util.Optional;

/**
 * What BIRD's own configuration includes: tables and protocols of this node, under names of their own, with no way into or out
 * of the operator's tables.
 *
 * <pre>
 * kernel table 198 ─learn─► table l4lb_ID_v4 ─export─► bgp l4lb_ID_1, l4lb_ID_2 … (BFD: l4lb_ID_bfd)
 * </pre>
 */
public final class BirdFile {
    private final String prefix;
    private final AnnounceConfig announce;
    private final BirdConfig bird;

    private BirdFile(String nodeId, AnnounceConfig announce, BirdConfig bird) {
        this.prefix = prefixOf(nodeId);
        this.announce = announce;
        this.bird = bird;
    }

    /** {@return the text of {@code announce.configFile}} */
    public static String text(String nodeId, AnnounceConfig announce) {
        return new BirdFile(nodeId, announce, announce.bird().orElseThrow()).text();
    }

    /** {@return what the names of all of a node's protocols begin with; BIRD's names know letters, digits, underscores} */
    static String prefixOf(String nodeId) {
        return "l4lb_" + nodeId.replaceAll("[^A-Za-z0-9]", "_") + "_";
    }

    static String sessionName(String nodeId, int neighbour) {
        return prefixOf(nodeId) + (neighbour + 1);
    }

    static String bfdName(String nodeId) {
        return prefixOf(nodeId) + "bfd";
    }

    private String text() {
        StringBuilder text = new StringBuilder(4096);
        text.append("# Written by l4lb; changes are lost. For bird.conf: include \"")
                .append(bird.configFile())
                .append("\";\n");
        bird.localIpv4().ifPresent(_ -> appendTable(text, 4));
        bird.localIpv6().ifPresent(_ -> appendTable(text, 6));
        text.append("filter ").append(prefix).append("announced { bgp_origin = ORIGIN_IGP; accept; }\n");
        if (bird.neighbours().stream().anyMatch(NeighbourConfig::bfd)) {
            text.append("protocol bfd ").append(prefix).append("bfd { }\n");
        }
        for (int i = 0; i < bird.neighbours().size(); i++) {
            appendSession(text, i + 1, bird.neighbours().get(i));
        }
        return text.toString();
    }

    /** The scan is for what the kernel does not tell: routes that went with their device. BIRD also scans at such times. */
    private void appendTable(StringBuilder text, int family) {
        text.append("""
                ipv%1$d table %2$sv%1$d;
                protocol kernel %2$skernel%1$d {
                  kernel table %3$d;
                  learn;
                  scan time 10;
                  ipv%1$d { table %2$sv%1$d; import where krt_source = %4$d; export none; };
                }
                """.formatted(family, prefix, announce.kernelTable(), AnnounceConfig.ROUTE_PROTOCOL));
    }

    private void appendSession(StringBuilder text, int number, NeighbourConfig neighbour) {
        Optional<IpAddress> local = neighbour.address().ipv6() ? bird.localIpv6() : bird.localIpv4();
        text.append("""
                protocol bgp %s%d {
                  local %s as %d;
                  neighbor %s as %d;
                  hold time 9;
                  keepalive time 3;
                  connect delay time 1;
                  connect retry time 1;
                  error wait time 1, 2;
                  graceful restart off;
                """.formatted(
                        prefix, number, local.orElseThrow(), bird.localAs(), neighbour.address(), neighbour.as()));
        if (neighbour.bfd()) {
            text.append(
                    "  bfd { min rx interval %1$d ms; min tx interval %1$d ms; idle tx interval %2$d ms; multiplier %3$d; };\n"
                            .formatted(
                                    bird.bfdIntervalMs(), Math.max(300, bird.bfdIntervalMs()), bird.bfdMultiplier()));
        }
        bird.localIpv4().ifPresent(address -> appendChannel(text, 4, address));
        bird.localIpv6().ifPresent(address -> appendChannel(text, 6, address));
        text.append("}\n");
    }

    private void appendChannel(StringBuilder text, int family, IpAddress nextHop) {
        text.append("  ipv%1$d { table %2$sv%1$d; import none; export filter %2$sannounced; next hop address %3$s; };\n"
                .formatted(family, prefix, nextHop));
    }
}
