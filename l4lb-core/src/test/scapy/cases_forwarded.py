"""Cases whose packets leave for a backend: every encapsulation, family, header variant and size."""
import random

from scapy.layers.inet import IP, TCP, UDP, IPOption
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    PadN,
)
from scapy.packet import Raw

from balancer import CLIENT, encapsulate, forwarded_frame, frame_of, tag
from case import Case
from lab_site import ENCAPSULATIONS, L4_PORT, SPECIAL_VIPS, TUNNEL_VIPS

VLAN = (tag(0x8100, 100, priority=5, dei=1),)
QINQ = (tag(0x88A8, 200, priority=3), tag(0x8100, 4094))
EXTENSIONS = {
    "hop-by-hop": lambda: IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]),
    "destination-options": lambda: IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 12)]),
    "routing": lambda: IPv6ExtHdrRouting(type=0, segleft=0, addresses=["2001:db8::77"]),
    "atomic-fragment": lambda: IPv6ExtHdrFragment(offset=0, m=0, id=0x01020304),
}


def payload_of(length, seed=0):
    return random.Random(f"payload {length} {seed}").randbytes(length)


def ip(family, destination, **fields):
    """An IPv4 or IPv6 header from the client; tos and ttl mean traffic class and hop limit in IPv6."""
    source = fields.pop("source", CLIENT[family])
    if family == 4:
        return IP(src=source, dst=destination, **{"id": 0x1234, "ttl": 57, **fields})
    names = {"tos": "tc", "ttl": "hlim"}
    values = {"tos": 0, "ttl": 57, **fields}
    return IPv6(src=source, dst=destination, fl=0xABCDE, **{names.get(key, key): value for key, value in values.items()})


def l4(protocol, length, l4_port=L4_PORT, source_port=40000, **fields):
    header = TCP(flags="PA", seq=1, ack=1, **fields) if protocol == "tcp" else UDP(**fields)
    header.sport, header.dport = source_port, l4_port
    return header / Raw(payload_of(length))


def packet_to(vip, length=20, **fields):
    l4_port = fields.pop("l4_port", vip.l4_port)
    source_port = fields.pop("source_port", 40000)
    return ip(vip.family, vip.address, **fields) / l4(vip.protocol, length, l4_port, source_port)


def sized_packet(vip, ip_bytes):
    """A packet of exactly that many bytes, IP header included."""
    return bytes(packet_to(vip, ip_bytes - len(bytes(packet_to(vip, 0)))))


def plain():
    for (encapsulation, family, protocol), vip in TUNNEL_VIPS.items():
        case = Case(
            f"{protocol}-ipv{family}-{encapsulation}",
            f"{protocol.upper()} over IPv{family} to a VIP leaves as {encapsulation}, inner packet untouched.",
        )
        head = ip(family, vip.address)
        if protocol == "tcp":
            opened = TCP(sport=40000, dport=L4_PORT, flags="S", seq=7, options=[("MSS", 1460), ("WScale", 7)])
            case.forward(head / opened, vip)
            for flags in ("A", "PA", "FA", "R"):
                case.forward(head / TCP(sport=40000, dport=L4_PORT, flags=flags, seq=8, ack=9), vip)
        for length in (0, 1, 2, 7, 64, 255, 536, 1200):
            case.forward(packet_to(vip, length), vip)
            case.forward(packet_to(vip, length, source_port=40001 + length), vip)
        yield case


def ipv4_options():
    for encapsulation in ENCAPSULATIONS:
        case = Case(
            f"ipv4-options-{encapsulation}",
            "IPv4 headers with 4 to 40 bytes of options (IHL 6 to 15) are walked and stay as they are.",
        )
        for protocol in ("tcp", "udp"):
            vip = TUNNEL_VIPS[encapsulation, 4, protocol]
            for words in range(1, 11):
                options = IPOption(b"\x94\x04\0\0" + b"\x01" * (4 * words - 4))
                case.forward(ip(4, vip.address, options=options) / l4(protocol, 5 + words), vip)
        yield case


def chain(kinds, vip, length=9):
    packet = ip(6, vip.address)
    for kind in kinds:
        packet = packet / EXTENSIONS[kind]()
    return packet / l4(vip.protocol, length)


def ipv6_extensions():
    for kind in EXTENSIONS:
        case = Case(f"ipv6-extension-{kind}", f"An IPv6 {kind} header before TCP and UDP is walked.")
        for encapsulation in ENCAPSULATIONS:
            for protocol in ("tcp", "udp"):
                vip = TUNNEL_VIPS[encapsulation, 6, protocol]
                case.forward(chain([kind], vip), vip)
        yield case
    kinds = ["hop-by-hop", "destination-options", "routing", "atomic-fragment", *["destination-options"] * 4]
    for encapsulation in ENCAPSULATIONS:
        case = Case(f"ipv6-extensions-1-to-8-{encapsulation}", "One to eight IPv6 extension headers are walked.")
        for protocol in ("tcp", "udp"):
            for count in range(1, 9):
                vip = TUNNEL_VIPS[encapsulation, 6, protocol]
                case.forward(chain(kinds[:count], vip), vip)
        yield case
    case = Case("ipv6-extension-long", "Extension headers of up to 2048 bytes fit the length field and are walked.")
    for length in (6, 14, 246, 254, 1022):
        vip = TUNNEL_VIPS["ipip-over-ipv4", 6, "tcp"]
        option_bytes, options = length, []
        while option_bytes > 0:
            piece = min(option_bytes, 255)
            piece -= 1 if option_bytes - piece == 1 else 0
            options.append(PadN(optdata=b"\0" * (piece - 2)))
            option_bytes -= piece
        case.forward(ip(6, vip.address) / IPv6ExtHdrDestOpt(options=options, autopad=0) / l4("tcp", 3), vip)
    yield case


def ipv6_rare_extensions():
    """IANA's "IPv6 Extension Header Types" that scapy has no layer for: (number, bytes, length field)."""
    kinds = {"authentication": (51, 24, 4), "mobility": (135, 16, 1), "hip": (139, 40, 4), "shim6": (140, 8, 0)}
    for kind, (number, size, length) in kinds.items():
        case = Case(f"ipv6-extension-{kind}", f"An IPv6 {kind} header before TCP and UDP is walked.")
        for protocol, next_header in (("tcp", 6), ("udp", 17)):
            vip = TUNNEL_VIPS["ipip-over-ipv4", 6, protocol]
            plain_packet = bytes(packet_to(vip))
            extension = bytes([next_header, length]) + b"\0" * (size - 2)
            case.forward(ip(6, vip.address, nh=number) / Raw(extension + plain_packet[40:]), vip)
        yield case


def vlan():
    for encapsulation in ENCAPSULATIONS:
        for family in (4, 6):
            for words, tags in (("dot1q", VLAN), ("qinq", QINQ)):
                fate = "stay" if encapsulation == "l2" else "come off"
                case = Case(
                    f"{words}-ipv{family}-{encapsulation}", f"The {words} tags of a packet to a VIP {fate} on the way."
                )
                for protocol in ("tcp", "udp"):
                    vip = TUNNEL_VIPS[encapsulation, family, protocol]
                    for length in (0, 33):
                        case.forward(packet_to(vip, length), vip, tags)
                yield case
    case = Case("qinq-two-dot1q-tags", "Two tags of 802.1Q, as switches before 802.1ad send them, are QinQ too.")
    for family in (4, 6):
        vip = TUNNEL_VIPS["gre-over-ipv6", family, "tcp"]
        case.forward(packet_to(vip), vip, (tag(0x8100, 7), tag(0x8100, 8)))
    yield case
    case = Case("dot1q-priority-tag", "A priority tag (VLAN 0) and VLAN 4095 are tags like any other.")
    for vlan_id in (0, 1, 4095):
        for family in (4, 6):
            vip = TUNNEL_VIPS["ipip-over-ipv4", family, "tcp"]
            case.forward(packet_to(vip), vip, (tag(0x8100, vlan_id, priority=7),))
    yield case


def traffic_class():
    for encapsulation in ENCAPSULATIONS:
        for family in (4, 6):
            vip = TUNNEL_VIPS[encapsulation, family, "udp"]
            case = Case(
                f"dscp-ecn-ipv{family}-{encapsulation}",
                "All 8 bits of DSCP and ECN are copied into the outer header (for l2: stay as they are).",
            )
            for dscp in (0, 1, 8, 10, 32, 46, 63):
                for ecn in range(4):
                    case.forward(packet_to(vip, 0, tos=dscp << 2 | ecn), vip)
            yield case


def padding():
    for encapsulation in ENCAPSULATIONS:
        for family in (4, 6):
            fate = "stays" if encapsulation == "l2" else "is not carried into the tunnel"
            case = Case(f"padding-ipv{family}-{encapsulation}", f"Ethernet padding, zero or not, {fate}.")
            for protocol in ("tcp", "udp"):
                vip = TUNNEL_VIPS[encapsulation, family, protocol]
                for length in (0, 1, 5):
                    packet = bytes(packet_to(vip, length))
                    short = max(0, 46 - len(packet))
                    case.forward(packet, vip, padding=b"\0" * short)
                    case.forward(packet, vip, padding=b"\xa5" * (short + 3))
                    case.forward(packet, vip, VLAN, padding=b"\x5a" * (short + 40))
            yield case


def sizes():
    for encapsulation in ENCAPSULATIONS:
        for family in (4, 6):
            case = Case(
                f"mtu-ipv{family}-{encapsulation}",
                "A packet that after encapsulation is exactly mtuBytes leaves; of one byte more the sender is told, with DF.",
            )
            largest_for(case, encapsulation, family, 1500)
            yield case
            case = Case(f"jumbo-ipv{family}-{encapsulation}", "Packets of 9000 bytes pass with mtuBytes 9216.", "jumbo")
            vip = TUNNEL_VIPS[encapsulation, family, "tcp"]
            case.forward(sized_packet(vip, 9000 - 14), vip)
            yield case


def largest_for(case, encapsulation, family, mtu_bytes):
    for protocol in ("tcp", "udp"):
        vip = TUNNEL_VIPS[encapsulation, family, protocol]
        small = sized_packet(vip, 100)
        overhead = 0 if encapsulation == "l2" else len(encapsulate(small, vip)) - 100
        case.forward(sized_packet(vip, mtu_bytes - overhead - 1), vip)
        case.forward(sized_packet(vip, mtu_bytes - overhead), vip)
        too_big = forwarded_frame(sized_packet(vip, mtu_bytes - overhead + 1), vip)
        assert len(too_big) == 14 + mtu_bytes + 1
        one_more = sized_packet(vip, mtu_bytes - overhead + 1)
        if family == 4:
            case.fragment(one_more, vip, mtu_bytes, fragments=2)
            one_more = dont_fragment(one_more)
        case.too_big(one_more, mtu_bytes - overhead)
        case.too_big(one_more, mtu_bytes - overhead, QINQ)
        case.too_big(one_more, mtu_bytes - overhead, (), b"\0" * 3)
        case.forward(sized_packet(vip, mtu_bytes - overhead), vip, QINQ)


def dont_fragment(packet):
    header = IP(packet)
    header.flags, header.chksum = "DF", None
    return bytes(header)


def vips():
    for family in (4, 6):
        for protocol in ("tcp", "udp"):
            suffix = f"{protocol}-ipv{family}"
            anywhere, specific = SPECIAL_VIPS[f"any-{suffix}"], SPECIAL_VIPS[f"specific-{suffix}"]
            case = Case(f"any-port-{suffix}", "An any-port VIP takes every l4Port but the one that has its own VIP.")
            for l4_port in (1, 22, 443, 8442, 8443, 8444, 65535):
                vip = specific if l4_port == 8443 else anywhere
                case.forward(packet_to(vip, 4, l4_port=l4_port), vip)
            yield case
        for over in ("over-ipv4", "over-ipv6"):
            vip = SPECIAL_VIPS[f"gue-port-ipv{family}-{over}"]
            case = Case(f"gue-port-ipv{family}-{over}", f"guePort {vip.gue_port} becomes the GUE destination port.")
            for length in (0, 1, 100):
                case.forward(packet_to(vip, length), vip)
            yield case


def header_details():
    for family in (4, 6):
        vip = TUNNEL_VIPS["gue-over-ipv4", family, "udp"]
        case = Case(f"udp-zero-checksum-ipv{family}", "A UDP checksum of zero stays zero.")
        for length in (0, 1, 30):
            case.forward(ip(family, vip.address) / l4("udp", length, chksum=0), vip)
        yield case
        case = Case(f"ttl-one-ipv{family}", "A TTL or hop limit of 1 or 255 is the client's; the outer header has 64.")
        for encapsulation in ENCAPSULATIONS:
            vip = TUNNEL_VIPS[encapsulation, family, "tcp"]
            for ttl in (1, 64, 255):
                case.forward(packet_to(vip, ttl=ttl), vip)
        yield case
        vip = TUNNEL_VIPS["gre-over-ipv6", family, "udp"]
        case = Case(
            f"udp-short-length-ipv{family}", "A UDP length shorter than the IP payload, but at least 8, is legal."
        )
        for udp_length in (8, 9, 27):
            case.forward(ip(family, vip.address) / l4("udp", 20, len=udp_length), vip)
        yield case
        vip = TUNNEL_VIPS["ipip-over-ipv4", family, "tcp"]
        case = Case(f"tcp-wrong-checksum-ipv{family}", "Checksums of the inner L4 header are the backend's to check.")
        case.forward(ip(family, vip.address) / l4("tcp", 20, chksum=0x1234), vip)
        case.forward(ip(family, vip.address) / l4("tcp", 20, chksum=0), vip)
        yield case
        case = Case(f"tcp-options-ipv{family}", "TCP data offsets 5 to 15 are legal, also without a payload.")
        for words in range(11):
            segment = TCP(sport=40000, dport=L4_PORT, flags="A", options=[("NOP", None)] * (4 * words))
            case.forward(ip(family, vip.address) / segment, vip)
            case.forward(ip(family, vip.address) / segment / Raw(payload_of(words)), vip)
        yield case
        case = Case(f"tcp-flags-ipv{family}", "Every combination of the eight TCP flags is forwarded.")
        for flags in range(256):
            case.forward(ip(family, vip.address) / TCP(sport=1024 + flags, dport=L4_PORT, flags=flags), vip)
        yield case
    vip = TUNNEL_VIPS["ipip-over-ipv6", 4, "tcp"]
    case = Case("ipv4-flags", "DF, and the reserved flag, do not make a fragment and stay as they are.")
    for flags in (0, "DF", "evil", "DF+evil"):
        case.forward(packet_to(vip, flags=flags), vip)
    yield case


GROUPS = [
    plain,
    ipv4_options,
    ipv6_extensions,
    ipv6_rare_extensions,
    vlan,
    traffic_class,
    padding,
    sizes,
    vips,
    header_details,
]
