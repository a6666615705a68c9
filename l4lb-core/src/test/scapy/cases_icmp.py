"""Cases of ICMP and ICMPv6 errors to a VIP: they go where the flow goes that they quote."""
import struct

from scapy.layers.inet import IPOption
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, PadN
from scapy.packet import Raw

from balancer import CLIENT, frame_of
from case import Case
from cases_answered import OTHER, icmp_packet
from cases_forwarded import QINQ, VLAN, ip, l4
from lab_site import L4_PORT, SPECIAL_VIPS, TUNNEL_VIPS, ENCAPSULATIONS

KINDS = {
    4: {3: (0, 1, 3, 4, 13), 11: (0, 1), 12: (0,)},
    6: {1: (0, 3, 4), 2: (0,), 3: (0, 1), 4: (0, 1)},
}
UNREACHABLE = {4: 3, 6: 1}
L4_BYTES = {"tcp": 20, "udp": 8}


def answer(vip, length=20, between=None, **fields):
    """A packet from the VIP to the client, as its backend sends it; between: options or extension headers."""
    head = ip(vip.family, CLIENT[vip.family], source=vip.address, **fields)
    head = head if between is None else head / between
    return bytes(head / l4(vip.protocol, length, 40000, L4_PORT if vip.l4_port == "any" else vip.l4_port))


def error(family, destination, quoted, kind=None, code=0):
    kind = UNREACHABLE[family] if kind is None else kind
    return icmp_packet(family, destination, kind, struct.pack("!I", 1400) + quoted, code, OTHER[family])


def by_type():
    for family, kinds in KINDS.items():
        vip = TUNNEL_VIPS["ipip-over-ipv4", family, "tcp"]
        quoted = answer(vip)
        for kind, codes in kinds.items():
            case = Case(
                f"icmp-error-ipv{family}-type-{kind}",
                "An ICMP error to a VIP goes to the quoted flow's backend; 8 bytes of the L4 header are enough.",
            )
            for code in codes:
                for cut in (0, 20, 32):
                    case.forward(error(family, vip.address, quoted[: len(quoted) - cut], kind, code), vip)
            case.forward(error(family, vip.address, quoted, kind), vip, VLAN)
            yield case


def by_encapsulation():
    for encapsulation in ENCAPSULATIONS:
        for family in (4, 6):
            case = Case(
                f"icmp-error-ipv{family}-{encapsulation}",
                "An ICMP error is encapsulated as the flow is that it quotes, tagged or not, padded or not.",
            )
            for protocol in ("tcp", "udp"):
                vip = TUNNEL_VIPS[encapsulation, family, protocol]
                message = error(family, vip.address, answer(vip)[: (20 if family == 4 else 40) + 8])
                case.forward(message, vip)
                case.forward(message, vip, QINQ)
                case.forward(message, vip, (), b"\0" * 6)
            yield case


def quotes():
    for family in (4, 6):
        vip = TUNNEL_VIPS["ipip-over-ipv4", family, "udp"]
        case = Case(f"icmp-quote-headers-ipv{family}", "Options or extension headers of the quoted packet are walked.")
        if family == 4:
            for words in (1, 10):
                options = IPOption(b"\x94\x04\0\0" + b"\x01" * (4 * words - 4))
                case.forward(error(4, vip.address, answer(vip, options=options)), vip)
        else:
            for count in (1, 8):
                between = IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])
                for _ in range(count - 1):
                    between = between / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])
                case.forward(error(6, vip.address, answer(vip, between=between)), vip)
        yield case
        case = Case(f"icmp-quote-first-fragment-ipv{family}", "A quoted first fragment has the L4 ports, a later one not.")
        for offset in (0, 64):
            if family == 4:
                quoted = answer(vip, flags="MF", frag=offset)
            else:
                quoted = answer(vip, between=IPv6ExtHdrFragment(m=1, offset=offset, id=7, nh=17))
            message = error(family, vip.address, quoted)
            if offset:
                case.drop(frame_of(message), "icmp-quote")
            else:
                case.forward(message, vip)
        yield case
        case = Case(f"icmp-quote-to-vip-ipv{family}", "An error may also quote a packet on its way to a VIP.")
        packet = bytes(ip(family, vip.address) / l4("udp", 20))
        case.forward(error(family, vip.address, packet), vip)
        yield case
        case = Case(f"icmp-quote-any-port-ipv{family}", "A VIP of any L4 port owns what no other VIP does.")
        any_port, specific = SPECIAL_VIPS[f"any-tcp-ipv{family}"], SPECIAL_VIPS[f"specific-tcp-ipv{family}"]
        case.forward(error(family, any_port.address, answer(any_port)), any_port)
        case.forward(error(family, specific.address, answer(specific)), specific)
        yield case


def no_flow():
    for family in (4, 6):
        vip = TUNNEL_VIPS["ipip-over-ipv4", family, "tcp"]
        header_bytes = 20 if family == 4 else 40
        quoted = answer(vip)
        case = Case(f"icmp-quote-cut-ipv{family}", "A quote that ends before the L4 ports says of no flow.")
        for length in (0, 1, header_bytes - 1, header_bytes, header_bytes + 3):
            case.drop(frame_of(error(family, vip.address, quoted[:length])), "icmp-quote")
        case.forward(error(family, vip.address, quoted[: header_bytes + 4]), vip)
        yield case
        case = Case(f"icmp-quote-of-no-vip-ipv{family}", "Errors that quote no flow of a VIP: another service or protocol.")
        strangers = [
            ip(family, CLIENT[family], source=vip.address) / l4("tcp", 20, 40000, L4_PORT + 1),
            ip(family, CLIENT[family], source=OTHER[family]) / l4("tcp", 20, 40000, L4_PORT),
            ip(family, CLIENT[family], source=vip.address, **({"proto": 132} if family == 4 else {"nh": 132}))
            / Raw(b"\x9c\x40\x01\xbb" * 5),
        ]
        for stranger in strangers:
            case.drop(frame_of(error(family, vip.address, bytes(stranger))), "icmp-quote")
        case.drop(frame_of(error(family, vip.address, b"\xf5" + quoted[1:])), "icmp-quote")
        yield case


GROUPS = [by_type, by_encapsulation, quotes, no_flow]
