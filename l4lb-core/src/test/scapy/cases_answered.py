"""Cases the node answers itself (echo) and cases it passes to the kernel's side."""
import ipaddress
import struct

from scapy.contrib.lldp import LLDPDUChassisID, LLDPDUEndOfLLDPDU, LLDPDUPortID, LLDPDUTimeToLive
from scapy.layers.inet import ICMP, IPOption
from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    ICMPv6MLReport,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_RS,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrHopByHop,
    PadN,
    RouterAlert,
)
from scapy.layers.l2 import ARP, LLC, STP, Ether
from scapy.layers.sctp import SCTP
from scapy.packet import Raw

from balancer import CLIENT, OTHER, OUTER_SOURCE, ROUTER_MAC, ethernet, frame_of, internet_checksum, tag
from case import Case
from cases_forwarded import QINQ, VLAN, ip, l4, payload_of
from lab_site import L4_PORT, SPECIAL_VIPS, address

VIP = {4: address(4, 1), 6: address(6, 1)}
THREE_TAGS = (tag(0x88A8, 1), tag(0x8100, 2), tag(0x8100, 3))
ICMP_OFFSET = {4: 20, 6: 40}


def echo_request(family, length, identifier=0x4242, sequence=1, destination=None, payload=None, **fields):
    data = Raw(payload_of(length) if payload is None else payload)
    head = ip(family, destination or VIP[family], **fields)
    if family == 4:
        return head / ICMP(type=8, id=identifier, seq=sequence) / data
    return head / ICMPv6EchoRequest(id=identifier, seq=sequence) / data


def echo():
    for family in (4, 6):
        offset = ICMP_OFFSET[family]
        case = Case(f"echo-ipv{family}", "An echo request to a VIP is answered: any length, odd ones too.")
        for sequence, length in enumerate((0, 1, 2, 3, 55, 56, 57, 1000, 1001, 1400, 1451 if family == 6 else 1471)):
            case.echo(echo_request(family, length, sequence=sequence), offset)
        yield case
        case = Case(f"echo-every-vip-ipv{family}", "Every address that has a VIP answers, whatever its encapsulation.")
        for number in range(1, 13):
            case.echo(echo_request(family, 20, destination=address(family, number)), offset)
        yield case
        for words, tags in (("dot1q", VLAN), ("qinq", QINQ)):
            case = Case(f"echo-{words}-ipv{family}", f"The answer keeps the {words} tags of the request.")
            for length in (0, 7, 56):
                case.echo(echo_request(family, length), offset, tags)
            yield case
        case = Case(f"echo-padding-ipv{family}", "Ethernet padding is no part of the checksum and stays.")
        for length in (0, 1, 2):
            case.echo(echo_request(family, length), offset, padding=b"\xa5" * 21)
            case.echo(echo_request(family, length), offset, VLAN, padding=b"\0" * 18)
        yield case
        case = Case(f"echo-header-fields-ipv{family}", "TTL becomes 64; DSCP, ECN and the other fields stay.")
        for ttl in (1, 63, 64, 65, 255):
            case.echo(echo_request(family, 9, ttl=ttl, tos=ttl), offset)
        yield case
        case = Case(f"echo-checksum-carry-ipv{family}", "The checksum is right for sums at the edges of 16 bits.")
        for wanted in (0x0000, 0x0001, 0x07FF, 0x0800, 0xF7FF, 0xF800, 0xFFFE, 0x00FF, 0x0100, 0xFEFF, 0xFF00):
            case.echo(echo_with_sum(family, wanted), offset)
        yield case


def echo_with_sum(family, wanted):
    """An echo request whose own checksum field is that value: two payload bytes make up the difference."""
    blank = bytes(echo_request(family, 0, identifier=0x0102, payload=b"\0\0"))
    offset = ICMP_OFFSET[family]
    checksum = struct.unpack_from("!H", blank, offset + 2)[0]
    filler = (checksum - wanted) % 0xFFFF
    request = echo_request(family, 0, identifier=0x0102, payload=struct.pack("!H", filler))
    assert struct.unpack_from("!H", bytes(request), offset + 2)[0] == wanted
    return request


def echo_specials():
    case = Case("echo-ipv4-zeros", "Identifier, sequence and data of zero: the reply's checksum is ffff, never 0000.")
    for length in (0, 1, 32):
        request = ip(4, VIP[4]) / ICMP(type=8, id=0, seq=0) / Raw(b"\0" * length)
        assert internet_checksum(b"\0" * 8) == 0xFFFF
        case.echo(request, 20)
    yield case
    case = Case("echo-ipv4-options", "IPv4 options of the request stay in the answer; the header checksum is right.")
    for words in range(1, 11):
        options = IPOption(b"\x94\x04\0\0" + b"\x01" * (4 * words - 4))
        case.echo(echo_request(4, 3 + words, options=options), 20 + 4 * words)
    yield case
    case = Case("echo-ipv6-extensions", "Extension headers of the request stay in the answer.")
    extensions = [IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]), IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 12)])]
    for count in (1, 2):
        packet, length = ip(6, VIP[6]), 0
        for extension in extensions[:count]:
            packet, length = packet / extension, length + len(bytes(extension))
        packet = packet / ICMPv6EchoRequest(id=9, seq=8) / Raw(payload_of(31))
        case.echo(packet, 40 + length)
    yield case


def punted_icmp():
    for family in (4, 6):
        case = Case(f"echo-to-others-ipv{family}", "An echo request to an address without a VIP is the kernel's.")
        for destination in (OTHER[family], OUTER_SOURCE[family]):
            case.punt(frame_of(echo_request(family, 56, destination=destination)))
            case.punt(frame_of(echo_request(family, 0, destination=destination), VLAN))
        yield case
    case = Case("icmp-other-to-vip", "ICMP to a VIP that is neither echo request nor error is the kernel's.")
    for kind in (0, 9, 10, 13, 14, 15, 16, 17, 18, 40, 42, 255):
        case.punt(frame_of(icmp_packet(4, VIP[4], kind, payload_of(20))))
    yield case
    case = Case("icmpv6-other-to-vip", "ICMPv6 to a VIP that is neither echo request nor error is the kernel's.")
    for kind in (129, 130, 131, 132, 133, 134, 135, 136, 138, 143, 160, 255):
        case.punt(frame_of(icmp_packet(6, VIP[6], kind, payload_of(20))))
    yield case
    case = Case("icmp-of-the-other-family", "ICMPv6 in IPv4 and ICMP in IPv6 mean nothing: the kernel's.")
    case.punt(frame_of(ip(4, VIP[4], proto=58) / Raw(b"\x80\0\0\0" + b"\0" * 8)))
    case.punt(frame_of(ip(6, VIP[6], nh=1) / Raw(b"\x08\0\0\0" + b"\0" * 8)))
    yield case
    case = Case("icmp-error-to-others", "ICMP errors to an address without a VIP are the kernel's.")
    for kind in (3, 4, 5, 11, 12):
        case.punt(frame_of(icmp_packet(4, OTHER[4], kind, payload_of(32))))
    for kind in (1, 2, 3, 4):
        case.punt(frame_of(icmp_packet(6, OTHER[6], kind, payload_of(52))))
    yield case


def icmp_packet(family, destination, kind, rest, code=0, source=None):
    """An ICMP or ICMPv6 message of any type to that address; rest follows the message's first 4 bytes."""
    source = source or CLIENT[family]
    body = struct.pack("!BBH", kind, code, 0) + rest
    pseudo = b"" if family == 4 else in6(source) + in6(destination) + struct.pack("!II", len(body), 58)
    body = body[:2] + struct.pack("!H", internet_checksum(pseudo + body)) + rest
    protocol = {"proto": 1} if family == 4 else {"nh": 58}
    return ip(family, destination, source=source, **protocol) / Raw(body)


def in6(text):
    return ipaddress.ip_address(text).packed


def link_neighbours():
    case = Case("arp", "ARP is the kernel's, also when it asks for a VIP, padded or tagged.")
    for operation in (1, 2):
        for target in (OTHER[4], VIP[4]):
            message = ARP(op=operation, hwsrc=ROUTER_MAC, psrc=CLIENT[4], hwdst="00:00:00:00:00:00", pdst=target)
            for tags in ((), VLAN, QINQ):
                case.punt(ethernet(0x0806, message, tags, b"\0" * 18, "ff:ff:ff:ff:ff:ff"))
    yield case
    case = Case("neighbour-discovery", "Neighbour and router discovery and MLD are the kernel's.")
    multicast = "ff02::1:ff00:1"
    for message in (ICMPv6ND_NS(tgt=VIP[6]), ICMPv6ND_NA(tgt="fe80::1"), ICMPv6ND_RS(), ICMPv6ND_RA()):
        case.punt(frame_of(IPv6(src="fe80::1", dst=multicast, hlim=255) / message))
    alert = IPv6ExtHdrHopByHop(options=[RouterAlert(), PadN(optdata=b"")])
    case.punt(frame_of(IPv6(src="fe80::1", dst="ff02::16", hlim=1) / alert / ICMPv6MLReport(mladdr=multicast)))
    yield case
    case = Case("lldp", "LLDP is the kernel's.")
    chassis = LLDPDUChassisID(subtype=4, id=ROUTER_MAC)
    message = chassis / LLDPDUPortID(subtype=5, id=b"eth0") / LLDPDUTimeToLive(ttl=120) / LLDPDUEndOfLLDPDU()
    case.punt(Ether(src=ROUTER_MAC, dst="01:80:c2:00:00:0e") / message)
    yield case
    case = Case("spanning-tree", "A frame with a length in place of an EtherType (802.3) is the kernel's.")
    message = bytes(LLC(dsap=0x42, ssap=0x42, ctrl=3) / STP())
    case.punt(ethernet(len(message), message, (), b"\0" * 8, "01:80:c2:00:00:00"))
    yield case
    case = Case("ethertype-unknown", "Other EtherTypes (MPLS, PPPoE, EAPOL, loopback, 0xffff) are the kernel's.")
    for ether_type in (0x8847, 0x8864, 0x888E, 0x9000, 0xFFFF, 0x0000):
        case.punt(ethernet(ether_type, payload_of(46)))
        case.punt(ethernet(ether_type, payload_of(46), VLAN))
    case.punt(ethernet(0x9000, b""))
    yield case
    case = Case("three-vlan-tags", "More than two VLAN tags are not understood: the kernel's.")
    for family in (4, 6):
        case.punt(frame_of(ip(family, VIP[family]) / l4("tcp", 20), THREE_TAGS))
        case.punt(frame_of(echo_request(family, 20), THREE_TAGS))
    yield case


def other_destinations():
    for family in (4, 6):
        case = Case(f"ipv{family}-to-others", "TCP, UDP and other protocols to an address without a VIP: the kernel's.")
        near_misses = ("198.51.100.0", "198.51.101.1", "199.51.100.1", "1.100.51.198", CLIENT[4], "255.255.255.255")
        if family == 6:
            near_misses = ("2001:db8:100::", "2001:db8:101::1", "3001:db8:100::1", "2001:db8:100::1:0:0:1", "ff02::1")
        for destination in (OTHER[family], OUTER_SOURCE[family], *near_misses):
            for protocol in ("tcp", "udp"):
                case.punt(frame_of(ip(family, destination) / l4(protocol, 12)))
        for l4_port in (22, 179):
            case.punt(frame_of(ip(family, OUTER_SOURCE[family]) / l4("tcp", 0, l4_port), (), b"\0" * 6))
            case.punt(frame_of(ip(family, OUTER_SOURCE[family]) / l4("tcp", 0, l4_port), QINQ))
        case.punt(frame_of(ip(family, CLIENT[family], source=VIP[family]) / l4("tcp", 0)))
        yield case
        case = Case(f"other-port-ipv{family}", "TCP or UDP to a VIP's address on an l4Port without a VIP: the kernel's.")
        for protocol in ("tcp", "udp"):
            for l4_port in (1, 80, 442, 444, 0xBB01, 65535):
                case.punt(frame_of(ip(family, VIP[family]) / l4(protocol, 12, l4_port)))
            case.punt(frame_of(ip(family, VIP[family]) / l4(protocol, 12, 40000, source_port=L4_PORT)))
        tcp_only = SPECIAL_VIPS[f"tcp-only-ipv{family}"]
        case.punt(frame_of(ip(family, tcp_only.address) / l4("udp", 12)))
        yield case
        case = Case(f"other-protocol-ipv{family}", "Neither TCP, UDP nor ICMP, to a VIP's address: the kernel's.")
        case.punt(frame_of(ip(family, VIP[family]) / SCTP(sport=40000, dport=L4_PORT)))
        for number in (2, 4, 33, 41, 47, 50, 89, 112, 136, 253, 255):
            protocol = {"proto": number} if family == 4 else {"nh": number}
            case.punt(frame_of(ip(family, VIP[family], **protocol) / Raw(payload_of(40))))
        yield case


def order():
    case = Case("order", "Forwarded, answered and punted packets each leave in the order in which they came.")
    any_vip = {family: SPECIAL_VIPS[f"any-tcp-ipv{family}"] for family in (4, 6)}
    for step in range(80):
        family = 4 if step % 3 else 6
        vip = any_vip[family]
        if step % 5 == 1:
            case.echo(echo_request(family, step, sequence=step), ICMP_OFFSET[family])
        elif step % 7 == 2:
            case.punt(frame_of(ip(family, OTHER[family]) / l4("udp", step)))
        elif step % 11 == 3:
            case.drop(frame_of(ip(family, VIP[family]) / l4("tcp", 0, dataofs=4)), "tcp-data-offset")
        else:
            packet = ip(family, vip.address) / l4("tcp", step, 1 + step % 4, source_port=40000 + step % 6)
            case.forward(packet, vip, VLAN if step % 2 else ())
    yield case


GROUPS = [echo, echo_specials, punted_icmp, link_neighbours, other_destinations, order]
