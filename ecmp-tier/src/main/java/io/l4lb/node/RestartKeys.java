package io.l4lb.node;

import io.l4lb.announce.Announcing;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.EthPortConfig;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.L4lbConfig;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What of a configuration only a restart can change, in the words of the file. */
final class RestartKeys {
    /** In place of a section's values. */
    static final String ABSENT = "no such section";

    private RestartKeys() {}

    /** @throws NodeException with the key and both values when a reload would have to change one of these */
    static void requireSame(L4lbConfig before, L4lbConfig after) {
        DataplaneConfig a = before.dataplane();
        DataplaneConfig b = after.dataplane();
        requireSame("node.id", before.node().id(), after.node().id());
        requireSame(
                "node.stateDirectory",
                before.node().stateDirectory(),
                after.node().stateDirectory());
        requireSame("dataplane.eal", a.eal(), b.eal());
        requireSame("dataplane.ethPorts", text(a.ethPorts().stream()), text(b.ethPorts().stream()));
        requireSame("dataplane.workers", a.workers(), b.workers());
        requireSame("dataplane.lcores", a.lcores(), b.lcores());
        requireSame("dataplane.idle", a.idle().label(), b.idle().label());
        requireSame("dataplane.mtuBytes", a.mtuBytes(), b.mtuBytes());
        requireSame("dataplane.flowTable", text(a.flowTable()), text(b.flowTable()));
        requireSame("dataplane.puntPacketsPerSecond", a.puntPacketsPerSecond(), b.puntPacketsPerSecond());
        requireSame("dataplane.limits", text(a.limits()), text(b.limits()));
        requireSame("dataplane.fragments", text(a.fragments()), text(b.fragments()));
        requireSame("replication", NodeReplication.fixed(before), NodeReplication.fixed(after));
        requireSame(
                "announce",
                before.announce().map(Announcing::fixed).orElse(ABSENT),
                after.announce().map(Announcing::fixed).orElse(ABSENT));
    }

    private static void requireSame(String key, Object before, Object after) {
        if (!before.equals(after)) {
            throw new NodeException(key + " has changed from " + before + " to " + after
                    + "; that needs a restart of the node, nothing has been changed");
        }
    }

    private static String text(Stream<EthPortConfig> ethPorts) {
        return ethPorts.map(RestartKeys::text).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String text(EthPortConfig ethPort) {
        String kernelInterface = ethPort.kernelInterface()
                .map(tap -> ", kernelInterface: {name: " + tap.name() + ", addresses: " + tap.addresses()
                        + ", gateways: " + tap.gateways() + "}")
                .orElse("");
        return "{name: " + ethPort.name() + ", device: \"" + ethPort.device() + "\"" + kernelInterface
                + (ethPort.xdpFilter() ? ", xdpFilter: true}" : "}");
    }

    private static String text(DataplaneConfig.Limits limits) {
        return "{icmpPerSecond: " + limits.icmpPerSecond() + ", newFlowsPerSecond: " + limits.newFlowsPerSecond() + "}";
    }

    private static String text(DataplaneConfig.Fragments fragments) {
        return "{datagrams: " + fragments.datagrams() + ", heldPackets: " + fragments.heldPackets()
                + ", holdMilliseconds: " + fragments.holdMilliseconds() + "}";
    }

    private static String text(FlowTableConfig flows) {
        return "{flows: " + flows.flows() + ", idleSeconds: {tcp: " + flows.tcpIdleSeconds() + ", udp: "
                + flows.udpIdleSeconds() + "}}";
    }
}
