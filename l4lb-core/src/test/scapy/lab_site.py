"""The site that all golden cases share: pools of one backend each, so that no outcome depends on the flow hash."""
from balancer import NEXT_HOP_MAC, OUTER_SOURCE, Backend, Vip

POOLS = {
    "over-ipv4": Backend("b4", "10.0.0.11"),
    "over-ipv6": Backend("b6", "2001:db8:1::12"),
    "second": Backend("b4-second", "10.0.0.12"),
    "segment-ipv4": Backend("s4", "10.0.1.21", "02:00:00:00:0b:04"),
    "segment-ipv6": Backend("s6", "2001:db8:1::21", "02:00:00:00:0b:06"),
    "drained": Backend("b4-drained", "10.0.0.13", weight=0),
}
# (last number of the VIP's address, encapsulation, pool for {IPv4, IPv6} VIPs)
TUNNELS = [
    (1, "ipip", {4: "over-ipv4", 6: "over-ipv4"}),
    (2, "ipip", {4: "over-ipv6", 6: "over-ipv6"}),
    (3, "gue", {4: "over-ipv4", 6: "over-ipv4"}),
    (4, "gue", {4: "over-ipv6", 6: "over-ipv6"}),
    (5, "gre", {4: "over-ipv4", 6: "over-ipv4"}),
    (6, "gre", {4: "over-ipv6", 6: "over-ipv6"}),
    (7, "l2", {4: "segment-ipv4", 6: "segment-ipv6"}),
]
L4_PORT = 443


def address(family, number):
    return f"198.51.100.{number}" if family == 4 else f"2001:db8:100::{number}"


def make_vip(name, family, number, protocol, l4_port, pool, encapsulation, gue_port=0):
    return Vip(name, address(family, number), protocol, l4_port, pool, encapsulation, POOLS[pool], gue_port)


def tunnel_vips():
    """(encapsulation and outer family in words, inner family, protocol) -> VIP on l4Port 443."""
    vips = {}
    for number, encapsulation, pools in TUNNELS:
        for family in (4, 6):
            over = "" if encapsulation == "l2" else "-" + pools[family]
            for protocol in ("tcp", "udp"):
                name = f"{protocol}-ipv{family}-{encapsulation}{over}"
                vip = make_vip(name, family, number, protocol, L4_PORT, pools[family], encapsulation)
                vips[encapsulation + over, family, protocol] = vip
    return vips


def special_vips():
    """Name -> VIP: any-port with one specific l4Port beside it, other GUE ports, a pool without a usable backend."""
    vips = []
    for family in (4, 6):
        for protocol in ("tcp", "udp"):
            suffix = f"{protocol}-ipv{family}"
            vips.append(make_vip(f"any-{suffix}", family, 8, protocol, "any", "over-ipv4", "ipip"))
            vips.append(make_vip(f"specific-{suffix}", family, 8, protocol, 8443, "second", "ipip"))
            vips.append(make_vip(f"drained-{suffix}", family, 11, protocol, L4_PORT, "drained", "ipip"))
        vips.append(make_vip(f"gue-port-ipv{family}-over-ipv4", family, 9, "udp", L4_PORT, "over-ipv4", "gue", 5555))
        vips.append(make_vip(f"gue-port-ipv{family}-over-ipv6", family, 10, "udp", L4_PORT, "over-ipv6", "gue", 65535))
        vips.append(make_vip(f"tcp-only-ipv{family}", family, 12, "tcp", L4_PORT, "over-ipv4", "ipip"))
    return {vip.name: vip for vip in vips}


TUNNEL_VIPS = tunnel_vips()
SPECIAL_VIPS = special_vips()
ENCAPSULATIONS = sorted({key[0] for key in TUNNEL_VIPS})


def backend_line(backend):
    mac = f', mac: "{backend.mac}"' if backend.mac else ""
    server_id = f', quicServerId: "{backend.server_id}"' if backend.server_id else ""
    return f'{{name: {backend.name}, address: "{backend.address}", weight: {backend.weight}{mac}{server_id}}}'


def vip_line(vip):
    further = f", guePort: {vip.gue_port}" if vip.gue_port else ""
    further += f", quic: {vip.quic}" if vip.quic else ""
    return (
        f'{{name: {vip.name}, address: "{vip.address}", protocol: {vip.protocol}, l4Port: {vip.l4_port}, '
        f"pool: {vip.pool}, encapsulation: {vip.encapsulation}, affinity: {vip.affinity}{further}}}"
    )


def configuration(mtu_bytes, flows=1024, pools=None, vips=None, table_size=251, fragments=""):
    """The YAML text; pools is name -> list of backends, the golden site's by default."""
    pools = pools or {name: [backend] for name, backend in POOLS.items()}
    vips = vips or [*TUNNEL_VIPS.values(), *SPECIAL_VIPS.values()]
    lines = [
        "node:",
        "  id: lb1",
        "  stateDirectory: /var/lib/l4lb",
        "dataplane:",
        '  eal: ["--in-memory"]',
        "  ethPorts:",
        '    - {name: edge, device: "net_null0"}',
        "  workers: 1",
        "  idle: backoff",
        f'  outerSource: {{ipv4: {OUTER_SOURCE[4]}, ipv6: "{OUTER_SOURCE[6]}"}}',
        f'  nextHop: "{NEXT_HOP_MAC}"',
        f"  mtuBytes: {mtu_bytes}",
        f"  flowTable: {{flows: {flows}, idleSeconds: {{tcp: 900, udp: 60}}}}",
        *([f"  fragments: {fragments}"] if fragments else []),
        "pools:",
    ]
    for name, backends in pools.items():
        lines += [f"  - name: {name}", f"    tableSize: {table_size}", "    backends:"]
        lines += [f"      - {backend_line(backend)}" for backend in backends]
    lines += ["vips:", *(f"  - {vip_line(vip)}" for vip in vips)]
    return "\n".join(lines) + "\n"
