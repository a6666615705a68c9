"""Cases of packets that do not fit their path with the outer header and are fragmented outside, and of errors from that path."""
import struct

from scapy.layers.inet import IPOption

from balancer import OUTER_SOURCE, encapsulate, fragment_frames, frame_of
from case import Case
from cases_answered import icmp_packet
from cases_forwarded import QINQ, VLAN, dont_fragment, ip, l4, packet_to, sized_packet
from lab_site import ENCAPSULATIONS, TUNNEL_VIPS

MTU = 1500


def overhead_of(vip):
    return 0 if vip.encapsulation == "l2" else len(encapsulate(sized_packet(vip, 100), vip)) - 100


def by_size():
    """IPv4 without DF: one byte too many, the edges between two and three fragments, large ones."""
    for encapsulation in ENCAPSULATIONS:
        vip = TUNNEL_VIPS[encapsulation, 4, "udp"]
        overhead, head = overhead_of(vip), 48 if vip.backend.family == 6 else 20
        room, outer = (MTU - head) // 8 * 8, 40 if vip.backend.family == 6 else 20
        edge = outer + 2 * room - overhead
        case = Case(
            f"fragment-outside-ipv4-{encapsulation}",
            "IPv4 without DF that does not fit leaves in outer fragments, for l2 in fragments of its own.",
        )
        for count, length in ((2, MTU - overhead + 1), (2, 1500 if overhead else 1501), (2, edge), (3, edge + 1), (3, 4000)):
            case.fragment(sized_packet(vip, length), vip, MTU, fragments=count)
        case.fragment(sized_packet(TUNNEL_VIPS[encapsulation, 4, "tcp"], 9000), TUNNEL_VIPS[encapsulation, 4, "tcp"], MTU)
        for tags in (VLAN, QINQ):
            case.fragment(sized_packet(vip, 3000), vip, MTU, tags)
        case.fragment(sized_packet(vip, 2000), vip, MTU, (), b"\xa5" * 7)
        yield case


def with_options():
    option_sets = {
        "not-copied": b"\x07\x07\x04\0\0\0\0\0",  # record route, end
        "copied": b"\x94\x04\0\0",  # router alert
        "both": b"\x01\x94\x04\0\0\x07\x07\x04\0\0\0\0\x88\x04\x12\x34" + b"\0" * 4,
        "most": b"\x94\x04\0\0" * 10,
        "malformed": b"\x94\x04\0\0\x94\x28\0\0",
        "zero-length": b"\x94\0\0\0",
        "odd": b"\x94\x05\0\0\0" + b"\x01" * 3,
    }
    for encapsulation in ("l2", "ipip-over-ipv4", "gue-over-ipv6"):
        case = Case(
            f"fragment-outside-options-{encapsulation}",
            "Of the options of an l2 packet, every fragment has those that are copied; inside a tunnel they stay as they are.",
        )
        vip = TUNNEL_VIPS[encapsulation, 4, "udp"]
        for options in option_sets.values():
            assert len(options) % 4 == 0
            head = ip(4, vip.address, options=IPOption(options))
            packet = bytes(head / l4("udp", 3000 - 28 - len(options)))
            assert len(packet) == 3000 and packet[20 : 20 + len(options)] == options
            case.fragment(packet, vip, MTU, fragments=3)
        yield case


def header_fields():
    for encapsulation in ENCAPSULATIONS:
        vip = TUNNEL_VIPS[encapsulation, 4, "udp"]
        case = Case(
            f"fragment-outside-fields-{encapsulation}",
            "DSCP and ECN stand in every outer fragment; an l2 packet keeps its identification and the reserved flag goes.",
        )
        for tos in (0, 0x2E << 2 | 1, 255):
            case.fragment(packet_to(vip, 1900, tos=tos, id=tos + 0xFF00, ttl=7), vip, MTU)
        yield case


def mixed():
    case = Case("fragment-outside-order", "Fragments leave in their packet's place, among plain packets and answers.")
    for step, encapsulation in enumerate(ENCAPSULATIONS * 2):
        vip = TUNNEL_VIPS[encapsulation, 4, "udp" if step % 2 else "tcp"]
        case.forward(sized_packet(vip, 60 + step), vip)
        case.fragment(sized_packet(vip, 1600 + step), vip, MTU, QINQ if step % 3 == 0 else ())
        case.too_big(dont_fragment(sized_packet(vip, 1501)), MTU - overhead_of(vip))
    yield case


def jumbo():
    for encapsulation in ("ipip-over-ipv4", "gue-over-ipv6", "l2"):
        case = Case(
            f"fragment-outside-jumbo-{encapsulation}",
            "With mtuBytes 9216 packets pass up to that, larger ones leave in fragments of that.",
            "jumbo",
        )
        vip = TUNNEL_VIPS[encapsulation, 4, "udp"]
        case.forward(sized_packet(vip, 9216 - overhead_of(vip)), vip)
        case.fragment(sized_packet(vip, 9216 - overhead_of(vip) + 1), vip, 9216, fragments=2)
        case.fragment(sized_packet(vip, 30_000), vip, 9216, fragments=4)
        yield case


ROUTER = {4: "192.0.2.254", 6: "2001:db8::fe"}
TOO_BIG = {4: (3, 4), 6: (2, 0)}


def error_about(outer, mtu, length, kind=None):
    """What a router between node and backend sends about an encapsulated packet, of which it quotes so many bytes."""
    family = outer[0] >> 4
    kind, code = kind or TOO_BIG[family]
    quote = bytearray(outer[:length])
    head = 20 if family == 4 else 40
    if quote[9 if family == 4 else 6] == 17:
        quote[head : head + 2] = b"\xc0\x01"  # a GUE source port; which one depends on the flow's hash
    return icmp_packet(family, OUTER_SOURCE[family], kind, struct.pack("!I", mtu) + bytes(quote), code, ROUTER[family])


def path_mtu():
    """A narrower link between node and backend: heeded, told to the client, forgotten after ten minutes."""
    for encapsulation in ENCAPSULATIONS[:-1]:
        for family in (4, 6):
            vip = TUNNEL_VIPS[encapsulation, family, "tcp"]
            overhead = overhead_of(vip)
            full = sized_packet(vip, MTU - overhead)
            full = dont_fragment(full) if family == 4 else full
            outer = encapsulate(full, vip)
            case = Case(
                f"path-mtu-ipv{family}-{encapsulation}",
                "An error about an encapsulated packet lowers the path's MTU for ten minutes, and the client is told.",
            )
            case.remembers = True
            case.forward(full, vip)
            length = 548 if vip.backend.family == 4 else 1232
            case.told(error_about(outer, 1400, length), outer[overhead:length], 1400 - overhead)
            case.too_big(full, 1400 - overhead)
            fits = sized_packet(vip, 1400 - overhead)
            case.forward(fits, vip)
            if family == 4:
                case.fragment(sized_packet(vip, 1400 - overhead + 1), vip, 1400, fragments=2)
            head = 20 if vip.backend.family == 4 else 40
            case.drop(frame_of(error_about(outer, 1350, head + 8)), "tunnel-error")
            case.too_big(full, 1350 - overhead)
            case.wait(601_000)
            case.forward(full, vip)
            yield case


def path_mtu_floor():
    for family, floor in ((4, 576), (6, 1280)):
        vip = TUNNEL_VIPS[f"ipip-over-ipv{family}", family, "udp"]
        case = Case(f"path-mtu-floor-ipv{family}", f"No error lets a path's MTU fall below {floor}.")
        overhead, packet = overhead_of(vip), sized_packet(vip, 1400)
        packet = dont_fragment(packet) if family == 4 else packet
        case.told(error_about(encapsulate(packet, vip), 68, 500), encapsulate(packet, vip)[overhead:500], floor - overhead)
        case.too_big(packet, floor - overhead)
        if family == 6:
            case.fragment(sized_packet(vip, 1280), vip, 1280, fragments=2)
        yield case


def path_mtu_forged():
    for family in (4, 6):
        vip = TUNNEL_VIPS[f"ipip-over-ipv{family}", family, "tcp"]
        case = Case(f"path-mtu-forged-ipv{family}", "An error that quotes nothing that was sent is the kernel's, or dropped.")
        case.remembers = True
        full = sized_packet(vip, MTU - overhead_of(vip))
        full = dont_fragment(full) if family == 4 else full
        outer = encapsulate(full, vip)
        for at in (9, 12, 19, 6) if family == 4 else (6, 8, 39):
            other = bytearray(outer)
            other[at] ^= 0x40
            case.punt(frame_of(error_about(bytes(other), 1400, 500)))
        case.punt(frame_of(error_about(outer, 1400, 27 if family == 4 else 47)))
        case.drop(frame_of(error_about(outer, len(outer), 500)), "tunnel-error-invalid")
        longer = bytearray(outer)
        longer[2 if family == 4 else 4] |= 0x20
        case.drop(frame_of(error_about(bytes(longer), 1400, 500)), "tunnel-error-invalid")
        case.forward(full, vip)
        yield case


UNREACHABLE = {4: [(3, 0), (3, 1), (3, 2), (3, 13), (11, 0), (11, 1)], 6: [(1, 0), (1, 1), (1, 3), (3, 0), (3, 1)]}
NOT_THE_CLIENTS = {4: [(3, 3), (3, 5), (4, 0), (5, 1), (12, 0)], 6: [(1, 4), (4, 1), (100, 0)]}


def path_unreachable():
    """What says that packets do not arrive is told to the client, what is between node, router and backend is not."""
    for encapsulation in ENCAPSULATIONS[:-1]:
        for family in (4, 6):
            vip = TUNNEL_VIPS[encapsulation, family, "udp"]
            outer_family, overhead = vip.backend.family, overhead_of(vip)
            case = Case(
                f"path-unreachable-ipv{family}-{encapsulation}",
                "An unreachable host, network or protocol and a routing loop are told to the client as an unreachable host.",
            )
            packet = sized_packet(vip, 200)  # without DF: it matters to "too big" only
            outer = encapsulate(packet, vip)
            least = overhead + (28 if family == 4 else 48)
            for kind, code in UNREACHABLE[outer_family]:
                for length in (len(outer), least + 1, least):
                    message = error_about(outer, 0, length, (kind, code))
                    case.told_unreachable(message, outer[overhead : length & ~1])
                case.drop(frame_of(error_about(outer, 0, least - 1, (kind, code))), "tunnel-error")
            for kind, code in NOT_THE_CLIENTS[outer_family]:
                case.drop(frame_of(error_about(outer, 0, len(outer), (kind, code))), "tunnel-error")
            ping = bytes(icmp_packet(family, vip.address, *((8, b"\0" * 60) if family == 4 else (128, b"\0" * 60))))
            case.drop(frame_of(error_about(encapsulate(ping, vip), 0, 200, UNREACHABLE[outer_family][0])), "tunnel-error")
            if family == 4:
                later = bytearray(packet)
                later[6:8] = b"\0\x10"
                case.drop(frame_of(error_about(encapsulate(bytes(later), vip), 0, 200, UNREACHABLE[outer_family][0])), "tunnel-error")
            case.forward(packet, vip)
            yield case


def path_mtu_of_fragments():
    """Outer IPv6 fragments that are too big too: nobody is told, the next packet is cut smaller."""
    for encapsulation in ("ipip-over-ipv6", "gre-over-ipv6", "gue-over-ipv6"):
        vip = TUNNEL_VIPS[encapsulation, 4, "udp"]
        case = Case(
            f"path-mtu-fragments-{encapsulation}",
            "An error about an outer IPv6 fragment, the first or a later one, lowers the path's MTU.",
        )
        case.remembers = True
        packet = sized_packet(vip, 4000)
        case.fragment(packet, vip, MTU)
        for number, told, before in ((0, 1400, MTU), (1, 1320, 1400)):
            quoted = fragment_frames(packet, vip, before, 1, ())[number][14:]
            other = bytearray(quoted)
            other[40] ^= 0x40  # the protocol that the fragment header names
            case.punt(frame_of(error_about(bytes(other), told, 500)))
            case.drop(frame_of(error_about(quoted, before, 500)), "tunnel-error-invalid")
            case.drop(frame_of(error_about(quoted, told, 500)), "tunnel-error")
            case.fragment(packet, vip, told)
        yield case


GROUPS = [by_size, with_options, header_fields, mixed, jumbo, path_mtu, path_mtu_floor, path_mtu_forged, path_unreachable]
GROUPS += [path_mtu_of_fragments]
