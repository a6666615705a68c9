"""Cases of a node that has no kernel's side: what is for a VIP's address, but for none of its L4 ports."""
from scapy.layers.inet6 import IPv6ExtHdrDestOpt
from scapy.layers.sctp import SCTP
from scapy.packet import Raw

from balancer import ETHERTYPE, OTHER, ethernet, frame_of
from case import Case
from cases_answered import VIP
from cases_forwarded import QINQ, VLAN, ip, l4, packet_to, payload_of
from cases_unanswerable import GROUP_MACS, NO_HOSTS, on_its_way
from lab_site import L4_PORT, SPECIAL_VIPS

TRACEROUTE_L4_PORT = 33434


def alone(name, words):
    case = Case(name, words)
    case.kernel_side = False
    return case


def probe(family, length, l4_port=TRACEROUTE_L4_PORT, **fields):
    return ip(family, VIP[family], **fields) / l4("udp", length, l4_port)


def answered():
    for family in (4, 6):
        head = 28 if family == 4 else 48
        longest = 548 if family == 4 else 1232
        case = alone(f"port-unreachable-ipv{family}", "UDP to an L4 port of no VIP is answered, however few or many bytes it has.")
        for length in (0, 1, 2, 31, 32, 33, longest - head - 1, longest - head, longest - head + 1, 1500 - head):
            case.port_unreachable(probe(family, length))
        yield case
        case = alone(f"port-unreachable-traceroute-ipv{family}", "Traceroute's probes, whatever is left of their hops, and a served VIP's beside them.")
        for ttl in (1, 2, 255):
            for step in range(3):
                case.port_unreachable(probe(family, 32, TRACEROUTE_L4_PORT + step, ttl=ttl))
        tcp_only, udp = SPECIAL_VIPS[f"tcp-only-ipv{family}"], SPECIAL_VIPS[f"any-udp-ipv{family}"]
        case.port_unreachable(ip(family, tcp_only.address) / l4("udp", 12))
        case.forward(packet_to(udp, l4_port=TRACEROUTE_L4_PORT, ttl=1), udp)
        yield case
        case = alone(f"port-unreachable-link-ipv{family}", "The answer keeps the tags of the datagram, not its padding.")
        for tags in (VLAN, QINQ):
            case.port_unreachable(probe(family, 9), tags)
        case.port_unreachable(probe(family, 3), (), b"\xa5" * 15)
        yield case
    case = alone("port-unreachable-extension-headers", "Extension headers are quoted as they came.")
    case.port_unreachable(ip(6, VIP[6]) / IPv6ExtHdrDestOpt() / l4("udp", 20, TRACEROUTE_L4_PORT))
    yield case


def not_answered():
    label = "punt-unavailable"
    for family in (4, 6):
        case = alone(f"port-unreachable-no-host-ipv{family}", "What comes from no single host, or was sent to many, is not answered.")
        for source in NO_HOSTS[family]:
            case.drop(frame_of(probe(family, 20, source=source)), "unanswerable")
        for destination in GROUP_MACS:
            case.drop(ethernet(ETHERTYPE[family], probe(family, 20), destination=destination), "unanswerable")
        if family == 6:
            case.drop(frame_of(ip(6, VIP[6]) / on_its_way(1) / l4("udp", 20, TRACEROUTE_L4_PORT)), "unanswerable")
            case.port_unreachable(ip(6, VIP[6]) / on_its_way(0) / l4("udp", 20, TRACEROUTE_L4_PORT))
        yield case
        case = alone(f"no-kernel-side-ipv{family}", "Without a kernel's side all else that is not for a VIP is dropped.")
        case.drop(frame_of(ip(family, VIP[family]) / l4("tcp", 0, TRACEROUTE_L4_PORT)), label)
        case.drop(frame_of(ip(family, VIP[family]) / SCTP(sport=40000, dport=L4_PORT)), label)
        case.drop(frame_of(ip(family, OTHER[family]) / l4("udp", 20, TRACEROUTE_L4_PORT)), label)
        protocol = {"proto": 253} if family == 4 else {"nh": 253}
        case.drop(frame_of(ip(family, VIP[family], **protocol) / Raw(payload_of(40))), label)
        yield case


GROUPS = [answered, not_answered]
