"""Cases of what may not be answered, or not heeded: sources that are no host, further stops, redirects, errors that cannot be true."""
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6ExtHdrDestOpt, IPv6ExtHdrRouting
from scapy.packet import Raw

from balancer import CLIENT, ETHERTYPE, OTHER, OUTER_SOURCE, encapsulate, ethernet, frame_of
from case import Case
from cases_answered import ICMP_OFFSET, VIP, echo_request, icmp_packet
from cases_forwarded import QINQ, VLAN, dont_fragment, ip, l4, payload_of, sized_packet
from cases_icmp import answer, error
from cases_mtu import MTU, ROUTER, TOO_BIG, UNREACHABLE, error_about, overhead_of
from lab_site import ENCAPSULATIONS, TUNNEL_VIPS, address

# no host's: what RFC 1122, section 3.2.1.3, and RFC 4291, section 2.7, have; the VIP itself; another VIP
NO_HOSTS = {
    4: ("0.0.0.0", "0.0.0.1", "0.255.255.255", "127.0.0.1", "127.255.0.7", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"),
    6: ("::", "::1", "::203.0.113.7", "::ffff:203.0.113.7", "ff02::1", "ff0e::1234", "ffff::1"),
}
NO_HOSTS = {family: (*NO_HOSTS[family], VIP[family], address(family, 3)) for family in (4, 6)}
# hosts, beside the blocks above
HOSTS = {
    4: ("1.0.0.0", "126.255.255.255", "128.0.0.0", "223.255.255.255", "169.254.1.1"),
    6: ("0:0:0:1::", "0:0:0:1::1", "100::1", "fe80::1", "feff::1"),
}
GROUP_MACS = ("ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "33:33:00:00:00:01", "03:00:00:00:00:01")


def on_its_way(segments_left, stops=1):
    return IPv6ExtHdrRouting(type=0, segleft=segments_left, addresses=["2001:db8::77"] * stops)


def echo_of_no_host():
    for family in (4, 6):
        offset = ICMP_OFFSET[family]
        case = Case(f"echo-no-host-ipv{family}", "An echo request of no single host, or sent to many, is not answered; one of a host is.")
        for source in NO_HOSTS[family]:
            for tags in ((), VLAN):
                case.drop(frame_of(echo_request(family, 20, source=source), tags), "unanswerable")
        for destination in GROUP_MACS:
            case.drop(ethernet(ETHERTYPE[family], echo_request(family, 20), destination=destination), "unanswerable")
        for source in HOSTS[family]:
            case.echo(echo_request(family, 20, source=source), offset)
        yield case


def echo_on_its_way():
    case = Case("echo-routing-header", "An echo request whose routing header names a further stop is not for the VIP: not answered.")
    other = IPv6ExtHdrDestOpt()
    for before in ([], [other], [other, on_its_way(0)]):
        for stops, left in ((1, 0), (2, 0), (1, 1), (2, 1), (2, 2), (0, 255)):
            packet, headers = ip(6, VIP[6]), [*before, on_its_way(left, stops), other]
            for header in headers:
                packet = packet / header
            packet = packet / ICMPv6EchoRequest(id=9, seq=stops) / Raw(payload_of(20))
            if left:
                case.drop(frame_of(packet), "unanswerable")
            else:
                case.echo(packet, 40 + sum(len(bytes(header)) for header in headers))
    yield case


def too_big_of_no_host():
    for encapsulation in ("ipip-over-ipv4", "gue-over-ipv6", "l2"):
        for family in (4, 6):
            vip = TUNNEL_VIPS[encapsulation, family, "udp"]
            case = Case(
                f"too-big-no-host-ipv{family}-{encapsulation}",
                "A packet that is too big, of no single host or sent to many, is dropped without an answer.",
            )

            def full(source):
                head = 28 if family == 4 else 48
                packet = bytes(ip(family, vip.address, source=source) / l4("udp", MTU + 1 - head))
                return dont_fragment(packet) if family == 4 else packet

            for source in NO_HOSTS[family]:
                case.drop(frame_of(full(source)), "too-big")
            for destination in GROUP_MACS:
                case.drop(ethernet(ETHERTYPE[family], full(CLIENT[family]), destination=destination), "too-big")
            for source in HOSTS[family]:
                case.too_big(full(source), MTU - overhead_of(vip))
            yield case


IGNORED = {4: {"source-quench": (4, (0,)), "redirect": (5, (0, 1, 2, 3))}, 6: {"redirect": (137, (0,))}}


def redirects():
    for family, kinds in IGNORED.items():
        for name, (kind, codes) in kinds.items():
            case = Case(f"icmp-{name}-ipv{family}", "Goes to no backend, whatever it quotes, and not to the kernel.")
            for encapsulation in ENCAPSULATIONS:
                for protocol in ("tcp", "udp"):
                    vip = TUNNEL_VIPS[encapsulation, family, protocol]
                    for code in codes:
                        case.drop(frame_of(error(family, vip.address, answer(vip), kind, code)), "icmp-ignored")
                    case.drop(frame_of(error(family, vip.address, answer(vip), kind), QINQ), "icmp-ignored")
            for rest in (b"\0" * 4, payload_of(40), bytes(ip(family, OTHER[family]) / l4("tcp", 20))):
                case.drop(frame_of(icmp_packet(family, VIP[family], kind, rest, 0, OTHER[family])), "icmp-ignored")
            case.drop(frame_of(icmp_packet(family, VIP[family], kind, b"\0" * 3, 0, OTHER[family])), "icmp-truncated")
            vip = TUNNEL_VIPS["ipip-over-ipv4", family, "tcp"]
            case.forward(error(family, vip.address, answer(vip)), vip)
            yield case


def full_packet(vip):
    packet = sized_packet(vip, MTU - overhead_of(vip))
    return dont_fragment(packet) if vip.family == 4 else packet


def errors_to_none():
    """Errors about encapsulated packets that are to another address, or whose checksum is wrong: no path MTU falls."""
    for encapsulation in ENCAPSULATIONS[:-1]:
        for family in (4, 6):
            vip = TUNNEL_VIPS[encapsulation, family, "tcp"]
            outer_family, overhead, packet = vip.backend.family, overhead_of(vip), full_packet(vip)
            outer, at = encapsulate(packet, vip), 20 if vip.backend.family == 4 else 40
            case = Case(
                f"path-error-checksum-ipv{family}-{encapsulation}",
                "An error about an encapsulated packet with a wrong checksum, or to another address or to many, is not heeded.",
            )
            case.remembers = True
            case.forward(packet, vip)
            for length in (500, 501):
                sound = bytes(error_about(outer, 1400, length))
                for place in (at + 2, at + 3, at + 7, at + 8 + 1, len(sound) - 2, len(sound) - 1):
                    wrong = bytearray(sound)
                    wrong[place] ^= 0x10
                    case.drop(frame_of(bytes(wrong)), "tunnel-error-invalid")
            zero = bytearray(sound)
            zero[at + 2 : at + 4] = b"\0\0"
            case.drop(frame_of(bytes(zero)), "tunnel-error-invalid")
            kind, code = TOO_BIG[outer_family]
            body = sound[at + 4 :]
            for destination in (OTHER[outer_family], CLIENT[outer_family]):
                message = icmp_packet(outer_family, destination, kind, body, code, ROUTER[outer_family])
                case.drop(frame_of(message), "tunnel-error-invalid")
            for destination in GROUP_MACS:
                case.drop(ethernet(ETHERTYPE[outer_family], sound, destination=destination), "tunnel-error-invalid")
            case.forward(packet, vip)
            for length in (548, 501):
                message = error_about(outer, 1400, length)
                case.told(message, outer[overhead : length if length == 548 else 500], 1400 - overhead)
                case.count("tunnelErrors")
                case.count("tunnelErrorsTold")
            case.too_big(packet, 1400 - overhead)
            yield case


def told_to_none():
    """Errors about packets whose client may not be told: heeded, and dropped."""
    for encapsulation in ENCAPSULATIONS[:-1]:
        for family in (4, 6):
            vip = TUNNEL_VIPS[encapsulation, family, "udp"]
            case = Case(
                f"path-error-no-host-ipv{family}-{encapsulation}",
                "An error about an encapsulated packet of no single host, or of an ICMP error, is told to nobody.",
            )
            unreachable = UNREACHABLE[vip.backend.family][0]

            def drop(packet):
                case.drop(frame_of(error_about(encapsulate(bytes(packet), vip), 0, 300, unreachable)), "tunnel-error")
                case.count("tunnelErrors")

            for source in NO_HOSTS[family]:
                drop(ip(family, vip.address, source=source) / l4("udp", 60))
            drop(error(family, vip.address, answer(vip)))
            if family == 6:
                body = bytes(error(6, vip.address, answer(vip)))[40:]
                for headers in (1, 2):
                    packet = ip(6, vip.address)
                    for _ in range(headers):
                        packet = packet / IPv6ExtHdrDestOpt()
                    packet.lastlayer().nh = 58
                    drop(packet / Raw(body))
                longer = ip(6, vip.address) / IPv6ExtHdrDestOpt(len=200) / Raw(b"\0" * 200)
                drop(longer)
            case.remembers = True
            packet = sized_packet(vip, 200)
            outer, overhead = encapsulate(packet, vip), overhead_of(vip)
            case.told_unreachable(error_about(outer, 0, len(outer), unreachable), outer[overhead:])
            case.count("tunnelErrors")
            case.count("tunnelErrorsTold")
            yield case


GROUPS = [echo_of_no_host, echo_on_its_way, too_big_of_no_host, redirects, errors_to_none, told_to_none]
