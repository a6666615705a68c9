package io.l4lb.bench.strict;

import static io.l4lb.bench.strict.BrokenPromise.unless;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a configuration promises: which VIPs a packet may be for, and what their backends are sent. */
public final class Service {
    private final L4lbConfig config;
    private final byte[] mac;
    private final byte[] nextHop;
    private final Map<String, PoolConfig> pools;

    /**
     * Reads it from a configuration with a next hop.
     *
     * @param mac the ethPort's
     */
    public Service(L4lbConfig config, MacAddress mac) {
        this.config = config;
        this.mac = mac.bytes();
        nextHop = config.dataplane().nextHop().orElseThrow().bytes();
        pools = config.pools().stream().collect(Collectors.toMap(PoolConfig::name, Function.identity()));
    }

    byte[] mac() {
        return mac;
    }

    byte[] nextHop() {
        return nextHop;
    }

    /** {@return the frame without the tag that it must have, if the ethPort sends with one} */
    byte[] untagged(byte[] frame) {
        int vlan = config.dataplane().ethPorts().getFirst().transmitVlan();
        if (vlan == 0) {
            return frame;
        }
        unless(frame.length >= 18 && Wire.u32(frame, 12) == (0x8100L << 16 | vlan), "the ethPort's VLAN tag");
        byte[] without = Arrays.copyOf(frame, frame.length - 4);
        System.arraycopy(frame, 16, without, 12, without.length - 12);
        return without;
    }

    int mtuBytes() {
        return config.dataplane().mtuBytes();
    }

    byte[] outerSource(boolean ipv6) {
        return (ipv6
                        ? config.dataplane().outerSource().ipv6()
                        : config.dataplane().outerSource().ipv4())
                .map(IpAddress::bytes)
                .orElseThrow(() -> new BrokenPromise("an outer header of a family without a source"));
    }

    boolean isVip(byte[] address) {
        return config.vips().stream()
                .anyMatch(vip -> Arrays.equals(vip.address().bytes(), address));
    }

    /** {@return those that the packet may be for: one, unless its L4 ports are elsewhere, in a quote or in another fragment} */
    List<VipConfig> vipsOf(ClientPacket packet) {
        if (packet.isIcmp()) { // to the VIP's address, about a flow of any VIP
            return packet.isPart() || packet.isForNoBackend() || !isVip(packet.destination())
                    ? List.of()
                    : config.vips().stream()
                            .filter(vip -> vip.address().ipv6() == packet.ipv6())
                            .toList();
        }
        List<VipConfig> all = config.vips().stream()
                .filter(vip -> Arrays.equals(vip.address().bytes(), packet.destination()))
                .filter(vip -> (packet.ipv6() && packet.isPart()) || number(vip) == packet.protocol())
                .toList();
        if (packet.isPart()) {
            return all;
        }
        int l4Port = packet.l4() + 4 <= packet.end() ? Wire.u16(packet.frame(), packet.l4() + 2) : 0;
        List<VipConfig> exact = all.stream()
                .filter(vip -> !vip.isAnyL4Port() && vip.l4Port() == l4Port)
                .toList();
        return exact.isEmpty() ? all.stream().filter(VipConfig::isAnyL4Port).toList() : exact;
    }

    private static int number(VipConfig vip) {
        return switch (vip.protocol()) {
            case TCP -> ClientPacket.TCP;
            case UDP -> ClientPacket.UDP;
        };
    }

    List<BackendConfig> backends(VipConfig vip) {
        return vip.pools().stream()
                .flatMap(share -> pools.get(share.pool()).backends().stream())
                .toList();
    }

    /** {@return whether a backend on the node's own segment has that MAC, at the beginning of {@code frame}} */
    boolean isBackendMac(VipConfig vip, byte[] frame) {
        return vip.encapsulation() == Encapsulation.L2
                && backends(vip).stream()
                        .anyMatch(backend -> backend.mac()
                                .filter(its -> Wire.same(its.bytes(), 0, frame, 0, 6))
                                .isPresent());
    }
}
