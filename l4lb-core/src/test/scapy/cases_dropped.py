"""Cases that end as a counted drop: malformed packets of every kind, no backend."""
import struct

from scapy.layers.inet import IP, IPOption
from scapy.packet import Raw

from balancer import CLIENT, ETHERTYPE, OTHER, ethernet, frame_of
from case import Case
from cases_answered import VIP, echo_request, icmp_packet
from cases_forwarded import EXTENSIONS, QINQ, VLAN, chain, ip, l4, packet_to, payload_of
from lab_site import L4_PORT, SPECIAL_VIPS, TUNNEL_VIPS

TCP_VIP = {family: TUNNEL_VIPS["ipip-over-ipv4", family, "tcp"] for family in (4, 6)}
UDP_VIP = {family: TUNNEL_VIPS["ipip-over-ipv4", family, "udp"] for family in (4, 6)}


def patched(packet, offset, value):
    data = bytearray(bytes(packet))
    data[offset : offset + len(value)] = value
    return bytes(data)


def with_total_length(packet, length):
    """The packet claims another length; its checksum is right for that, where there is one."""
    packet = bytes(packet)
    if packet[0] >> 4 == 6:
        return patched(packet, 4, struct.pack("!H", length))
    header = IP(packet)
    header.len, header.chksum = length, None
    return bytes(header)[:20] + packet[20:]


def ip_payload(family, protocol, payload):
    """An IP packet to a VIP's address with a payload of raw bytes."""
    field = {"proto": protocol} if family == 4 else {"nh": protocol}
    return ip(family, VIP[family], **field) / Raw(payload)


def truncated_frames():
    for words, tags in (("untagged", ()), ("dot1q", VLAN), ("qinq", QINQ)):
        for family in (4, 6):
            case = Case(
                f"truncated-{words}-ipv{family}",
                "A packet to a VIP, cut at every byte from 1 to its length: always dropped, the reason says where.",
            )
            packet = bytes(packet_to(TCP_VIP[family], 24))
            frame = frame_of(packet, tags)
            ethernet_bytes, ip_bytes = len(frame) - len(packet), 20 if family == 4 else 40
            beyond = "ipv4-total-length" if family == 4 else "ipv6-payload-length"
            for length in range(1, len(frame)):
                if length < ethernet_bytes:
                    case.drop(frame[:length], "ethernet-truncated")
                elif length < ethernet_bytes + ip_bytes:
                    case.drop(frame[:length], f"ipv{family}-truncated")
                else:
                    case.drop(frame[:length], beyond)
            case.forward(packet, TCP_VIP[family], tags)
            yield case


def truncated_elsewhere():
    case = Case("truncated-ipv4-options", "A frame that ends inside the IPv4 options.")
    vip = UDP_VIP[4]
    packet = bytes(ip(4, vip.address, options=IPOption(b"\x94\x04\0\0" + b"\x01" * 36)) / l4("udp", 30))
    for length in range(20, 60):
        case.drop(frame_of(packet)[: 14 + length], "ipv4-truncated")
    case.forward(packet, vip)
    yield case
    for family in (4, 6):
        case = Case(f"truncated-udp-ipv{family}", "UDP to a VIP, cut at every byte behind the IP header.")
        packet = bytes(packet_to(UDP_VIP[family], 12))
        head = 34 if family == 4 else 54
        for length in range(head, 14 + len(packet)):
            case.drop(frame_of(packet)[:length], "ipv4-total-length" if family == 4 else "ipv6-payload-length")
        yield case
    case = Case("snap-length", "A capture cut by its snap length shows as lengths that disagree.")
    for family, label in ((4, "ipv4-total-length"), (6, "ipv6-payload-length")):
        frame = frame_of(packet_to(TCP_VIP[family], 400))
        case.drop(frame[:128], label, len(frame))
    yield case


def ip_headers():
    packets = {family: bytes(packet_to(TCP_VIP[family], 40)) for family in (4, 6)}
    for family, other in ((4, 6), (6, 4)):
        case = Case(f"ipv{family}-version", f"EtherType of IPv{family}, but the version field says otherwise.")
        for version in (0, 1, 5, 7, 15, other):
            first = bytes([version << 4 | packets[family][0] & 15])
            case.drop(ethernet(ETHERTYPE[family], patched(packets[family], 0, first)), f"ipv{family}-version")
        case.drop(ethernet(ETHERTYPE[family], packets[other], VLAN), f"ipv{family}-version")
        yield case
    case = Case("ipv4-header-length", "IHL from 0 to 4.")
    for words in range(5):
        case.drop(frame_of(patched(packets[4], 0, bytes([0x40 | words]))), "ipv4-header-length")
    yield case
    case = Case("ipv4-total-length", "Total length below the header's, or beyond the frame.")
    for length in (0, 1, 19, len(packets[4]) + 1, 1500, 65535):
        case.drop(frame_of(with_total_length(packets[4], length)), "ipv4-total-length")
        case.drop(frame_of(with_total_length(packets[4], length), QINQ), "ipv4-total-length")
    options = bytes(ip(4, VIP[4], options=IPOption(b"\x94\x04\0\0")) / l4("tcp", 40))
    for length in (20, 23):
        case.drop(frame_of(patched(options, 2, struct.pack("!H", length))), "ipv4-total-length")
    yield case
    case = Case("ipv6-payload-length", "Payload length beyond the frame.")
    for length in (len(packets[6]) - 39, 1500, 65535):
        case.drop(frame_of(with_total_length(packets[6], length)), "ipv6-payload-length")
        case.drop(frame_of(with_total_length(packets[6], length), VLAN), "ipv6-payload-length")
    yield case
    yield headers_to_others()


def headers_to_others():
    case = Case("malformed-headers-to-others", "Malformed IP headers are dropped whatever the destination.")
    for source, label in ((4, "ipv4"), (6, "ipv6")):
        packet = bytes(ip(source, OTHER[source]) / l4("tcp", 40))
        case.drop(ethernet(ETHERTYPE[source], patched(packet, 0, bytes([0x50 | packet[0] & 15]))), f"{label}-version")
        case.drop(frame_of(packet)[:30], f"{label}-truncated")
        too_long = "ipv4-total-length" if source == 4 else "ipv6-payload-length"
        case.drop(frame_of(with_total_length(packet, 1400)), too_long)
    packet = bytes(ip(4, OTHER[4]) / l4("tcp", 40))
    case.drop(frame_of(patched(packet, 0, b"\x44")), "ipv4-header-length")
    return case


def ipv6_extensions():
    case = Case("ipv6-extension-limit", "Nine or more IPv6 extension headers are hostile.")
    for kind in ("destination-options", "routing"):
        for count in (9, 10, 20):
            case.drop(frame_of(chain([kind] * count, TCP_VIP[6])), "ipv6-extension-limit")
    mixed = [*EXTENSIONS, *["destination-options", "routing"] * 2, "destination-options"]
    case.drop(frame_of(chain(mixed, UDP_VIP[6])), "ipv6-extension-limit")
    yield case
    case = Case("ipv6-extension-truncated", "The packet ends inside an extension header, the frame here or later.")
    for kind in ("hop-by-hop", "destination-options", "routing", "atomic-fragment"):
        packet = bytes(chain([kind], TCP_VIP[6]))
        extension_bytes = len(bytes(EXTENSIONS[kind]()))
        for length in range(extension_bytes):
            shorter = with_total_length(packet, length)
            case.drop(frame_of(shorter), "ipv6-extension-truncated")
            case.drop(frame_of(shorter[: 40 + length]), "ipv6-extension-truncated")
        if kind != "atomic-fragment":
            case.drop(frame_of(patched(packet, 41, b"\xff")), "ipv6-extension-truncated")
    yield case
    case = Case("ipv6-second-extension-truncated", "The packet ends inside its second extension header.")
    packet = bytes(chain(["hop-by-hop", "destination-options"], UDP_VIP[6]))
    for length in range(8, 24):
        case.drop(frame_of(with_total_length(packet, length)), "ipv6-extension-truncated")
    yield case


def l4_headers():
    for family in (4, 6):
        head = 20 if family == 4 else 0
        case = Case(f"tcp-truncated-ipv{family}", "The IP packet to a VIP ends inside the TCP header.")
        packet = bytes(packet_to(TCP_VIP[family], 0))
        for length in range(20):
            case.drop(frame_of(with_total_length(packet, head + length)), "tcp-truncated")
            case.drop(frame_of(ip_payload(family, 6, packet[-20:][:length]), QINQ), "tcp-truncated")
        yield case
        case = Case(f"tcp-data-offset-ipv{family}", "TCP data offset below 5, or beyond the packet.")
        for words in range(5):
            case.drop(frame_of(ip(family, VIP[family]) / l4("tcp", 60, dataofs=words)), "tcp-data-offset")
        for words in range(6, 16):
            length = words * 4 - 20 - 1
            malformed = ip(family, VIP[family]) / l4("tcp", length, dataofs=words)
            case.drop(frame_of(malformed, (), b"\0" * 40), "tcp-data-offset")
        yield case
        case = Case(f"udp-truncated-ipv{family}", "The IP packet to a VIP ends inside the UDP header.")
        packet = bytes(packet_to(UDP_VIP[family], 0))
        for length in range(8):
            case.drop(frame_of(with_total_length(packet, head + length)), "udp-truncated")
            case.drop(frame_of(ip_payload(family, 17, packet[-8:][:length]), VLAN), "udp-truncated")
        yield case
        case = Case(f"udp-length-ipv{family}", "UDP length below 8, or beyond the packet.")
        for length in (0, 1, 7, 29, 30, 65535):
            malformed = ip(family, VIP[family]) / l4("udp", 20, len=length)
            case.drop(frame_of(malformed, (), b"\0" * 30), "udp-length")
        yield case
        case = Case(f"icmp-truncated-ipv{family}", "ICMP to a VIP that is shorter than the 8 bytes of its header.")
        echo = bytes(echo_request(family, 0))[-8:]
        for length in range(8):
            case.drop(frame_of(ip_payload(family, 1 if family == 4 else 58, echo[:length])), "icmp-truncated")
        yield case
        yield l4_headers_of_no_vip(family)
        yield l4_headers_to_others(family)


def l4_headers_of_no_vip(family):
    case = Case(
        f"malformed-l4-without-vip-ipv{family}",
        "Malformed TCP and UDP to a VIP's address are dropped, also on an l4Port or protocol without a VIP.",
    )
    case.drop(frame_of(ip(family, VIP[family]) / l4("tcp", 60, 80, dataofs=4)), "tcp-data-offset")
    case.drop(frame_of(ip(family, VIP[family]) / l4("udp", 20, 80, len=7)), "udp-length")
    tcp_only = SPECIAL_VIPS[f"tcp-only-ipv{family}"].address
    case.drop(frame_of(ip(family, tcp_only) / l4("udp", 20, len=7)), "udp-length")
    return case


def l4_headers_to_others(family):
    case = Case(f"malformed-l4-to-others-ipv{family}", "Malformed TCP, UDP and ICMP to others are the kernel's.")
    protocols = {"tcp": 6, "udp": 17, "icmp": 1 if family == 4 else 58}
    for number in protocols.values():
        for length in (0, 1, 7):
            field = {"proto": number} if family == 4 else {"nh": number}
            case.punt(frame_of(ip(family, OTHER[family], **field) / Raw(payload_of(length))))
    case.punt(frame_of(ip(family, OTHER[family]) / l4("tcp", 60, dataofs=4)))
    case.punt(frame_of(ip(family, OTHER[family]) / l4("udp", 20, len=7)))
    return case


def no_backend():
    for family in (4, 6):
        for protocol in ("tcp", "udp"):
            vip = SPECIAL_VIPS[f"drained-{protocol}-ipv{family}"]
            case = Case(f"no-backend-{protocol}-ipv{family}", "The pool's only backend has weight 0.")
            for length in (0, 100):
                case.drop(frame_of(packet_to(vip, length)), "no-backend")
            yield case


GROUPS = [
    truncated_frames,
    truncated_elsewhere,
    ip_headers,
    ipv6_extensions,
    l4_headers,
    no_backend,
]
