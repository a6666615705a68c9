"""Cases of an ethPort with a VLAN tag of its own for what leaves for backends."""
from case import Case
from cases_answered import ICMP_OFFSET, echo_request
from cases_forwarded import QINQ, VLAN, dont_fragment, packet_to, sized_packet
from lab_site import ENCAPSULATIONS, TUNNEL_VIPS


def transmitted():
    for encapsulation in ENCAPSULATIONS:
        case = Case(
            f"vlan-transmit-{encapsulation}",
            "What leaves for a backend has the ethPort's own tag, in place of those that it came with.",
            "tagged",
        )
        for family in (4, 6):
            for protocol in ("tcp", "udp"):
                vip = TUNNEL_VIPS[encapsulation, family, protocol]
                for tags in ((), VLAN, QINQ):
                    case.forward(packet_to(vip), vip, tags)
                    case.forward(packet_to(vip, 0), vip, tags, b"\xa5" * 6)
        yield case


def fragmented():
    for encapsulation in ENCAPSULATIONS:
        vip = TUNNEL_VIPS[encapsulation, 4, "udp"]
        case = Case(f"vlan-transmit-fragments-{encapsulation}", "Outer fragments have the ethPort's tag, each of them.", "tagged")
        for tags in ((), VLAN, QINQ):
            case.fragment(sized_packet(vip, 4000), vip, 1500, tags)
            case.forward(packet_to(vip), vip, tags)
        yield case


def answered():
    case = Case("vlan-transmit-answers", "What the node answers goes back with the tags that it came with.", "tagged")
    for family in (4, 6):
        for tags in ((), VLAN, QINQ):
            case.echo(echo_request(family, 56), ICMP_OFFSET[family], tags)
            vip = TUNNEL_VIPS["ipip-over-ipv4", family, "tcp"]
            packet = sized_packet(vip, 1500)
            case.too_big(dont_fragment(packet) if family == 4 else packet, 1480, tags)
    yield case


GROUPS = [transmitted, fragmented, answered]
