"""Cases of fragments to a VIP: all of a datagram go where its first goes, in any order; attacks are dropped."""
from scapy.layers.inet import UDP, IPOption
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, PadN
from scapy.packet import Raw

from balancer import OTHER, frame_of
from case import Case
from cases_answered import VIP, echo_request
from cases_forwarded import QINQ, VLAN, ip, l4, payload_of
from lab_site import ENCAPSULATIONS, L4_PORT, SPECIAL_VIPS, TUNNEL_VIPS

NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
UDP_VIP = {family: TUNNEL_VIPS["ipip-over-ipv4", family, "udp"] for family in (4, 6)}
TCP_VIP = {family: TUNNEL_VIPS["ipip-over-ipv4", family, "tcp"] for family in (4, 6)}


def part(family, destination, protocol, data, offset, more, identification=77, **fields):
    """One fragment; offset in bytes."""
    number = NUMBERS[protocol]
    if family == 4:
        head = ip(4, destination, proto=number, flags="MF" if more else 0, frag=offset // 8, id=identification, **fields)
        return bytes(head / Raw(data))
    head = ip(6, destination, **fields)
    return bytes(head / IPv6ExtHdrFragment(nh=number, offset=offset // 8, m=int(more), id=identification) / Raw(data))


class Datagram:
    """A datagram to a VIP, and its fragments."""

    def __init__(self, vip, length=400, identification=77, l4_port=None, source_port=40000, **fields):
        port = l4_port or (L4_PORT if vip.l4_port == "any" else vip.l4_port)
        self.data = bytes(ip(vip.family, vip.address) / l4(vip.protocol, length, port, source_port))
        self.data = self.data[20 if vip.family == 4 else 40 :]
        self.vip, self.identification, self.fields = vip, identification, fields

    def part(self, begin, end, data=None, more=None):
        data = self.data[begin:end] if data is None else data
        more = end < len(self.data) if more is None else more
        vip = self.vip
        return part(vip.family, vip.address, vip.protocol, data, begin, more, self.identification, **self.fields)

    def parts(self, size=128):
        return [self.part(at, min(at + size, len(self.data))) for at in range(0, len(self.data), size)]


def send(case, datagram, order, tags=(), padding=b"", parts=None):
    """The fragments in that order: those before the first are held, and leave behind it."""
    parts, held, first_came = parts or datagram.parts(), [], False
    for index in order:
        if first_came or index == 0:
            case.forward(parts[index], datagram.vip, tags, padding)
        else:
            held.append(case.hold(parts[index], tags, padding))
        if index == 0:
            first_came = True
            for each in held:
                case.release(each, datagram.vip)


def orders():
    for family in (4, 6):
        for encapsulation in ENCAPSULATIONS:
            case = Case(
                f"fragments-ipv{family}-{encapsulation}",
                "Fragments leave as any packet, in order and in reverse, tagged or not, padded or not.",
            )
            for number, protocol in enumerate(("tcp", "udp")):
                vip = TUNNEL_VIPS[encapsulation, family, protocol]
                for turn, (tags, padding) in enumerate((((), b""), (VLAN, b""), (QINQ, b"\0" * 9))):
                    identification = 100 * number + 10 * turn
                    send(case, Datagram(vip, 400, identification + 1), (0, 1, 2, 3), tags, padding)
                    send(case, Datagram(vip, 400, identification + 2), (3, 2, 1, 0), tags, padding)
            yield case
        case = Case(f"fragments-shuffled-ipv{family}", "The first fragment at every place among five, the others mixed.")
        for place, order in enumerate(((0, 4, 2, 1, 3), (4, 0, 1, 3, 2), (2, 4, 0, 3, 1), (1, 3, 4, 0, 2), (3, 1, 4, 2, 0))):
            send(case, Datagram(UDP_VIP[family], 600, place), order)
        yield case
        case = Case(f"fragments-large-ipv{family}", "The largest datagram, in reverse.")
        large = Datagram(UDP_VIP[family], 65_535 - 28 if family == 4 else 65_535 - 8, 7)
        send(case, large, range(len(large.parts(1424)) - 1, -1, -1), parts=large.parts(1424))
        yield case
        case = Case(f"fragments-of-a-byte-ipv{family}", "The last fragment has one byte.")
        send(case, Datagram(UDP_VIP[family], 128 - 8 + 1), (1, 0))
        send(case, Datagram(UDP_VIP[family], 128 - 8 + 1, 78), (0, 1))
        yield case


def interleaved():
    for family in (4, 6):
        case = Case(f"fragments-interleaved-ipv{family}", "Datagrams of one client to two VIPs at a time, told by their ids.")
        one, two = Datagram(UDP_VIP[family], 400, 1), Datagram(TUNNEL_VIPS["gre-over-ipv4", family, "udp"], 400, 1)
        three = Datagram(UDP_VIP[family], 400, 2, source_port=50_000)
        parts = [datagram.parts() for datagram in (one, two, three)]
        held = [case.hold(parts[2][1]), case.hold(parts[2][3])]
        for index in range(4):
            case.forward(parts[0][index], one.vip)
            case.forward(parts[1][index], two.vip)
        case.forward(parts[2][0], three.vip)
        for each in held:
            case.release(each, three.vip)
        case.forward(parts[2][2], three.vip)
        yield case
        case = Case(f"fragments-ids-ipv{family}", "The same id again, 100 ms after the datagram before it was whole: another flow.")
        for source_port in (40_000, 40_001, 40_002):
            send(case, Datagram(UDP_VIP[family], 400, 5, source_port=source_port), (0, 1, 2, 3))
            case.drop(frame_of(Datagram(UDP_VIP[family], 400, 5).part(0, 128)), "fragment-duplicate")
            case.wait(100)
        yield case
        case = Case(f"fragments-any-port-ipv{family}", "Fragments to a VIP of any L4 port, and to the one beside it.")
        send(case, Datagram(SPECIAL_VIPS[f"any-udp-ipv{family}"], 300, 1), (2, 1, 0))
        send(case, Datagram(SPECIAL_VIPS[f"specific-udp-ipv{family}"], 300, 2), (2, 0, 1))
        yield case
    case = Case("fragments-protocols-ipv4", "For IPv4 the protocol tells datagrams too: TCP and UDP of one id.")
    tcp, udp = Datagram(TCP_VIP[4], 400, 9), Datagram(UDP_VIP[4], 400, 9)
    held = case.hold(udp.part(128, 256))
    send(case, tcp, (0, 1, 2, 3))
    case.forward(udp.part(0, 128), udp.vip)
    case.release(held, udp.vip)
    yield case
    case = Case("fragments-options-ipv4", "The first fragment has IPv4 options that the others have not.")
    datagram = Datagram(UDP_VIP[4], 400, 9)
    first = part(4, datagram.vip.address, "udp", datagram.data[:128], 0, True, 9, options=IPOption(b"\x44\x04\x05\0"))
    held = case.hold(datagram.part(128, 256))
    case.forward(first, datagram.vip)
    case.release(held, datagram.vip)
    yield case


def extension_headers():
    case = Case("fragments-extensions-ipv6", "Extension headers before and behind the fragment header; L4 behind them all.")
    vip = UDP_VIP[6]
    option = IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])
    udp = bytes(UDP(sport=40_000, dport=L4_PORT, len=8 + 112) / Raw(payload_of(112)))
    data = bytes([17, 0, 1, 4, 0, 0, 0, 0]) + udp
    head = ip(6, vip.address) / option
    later = bytes(head / IPv6ExtHdrFragment(nh=60, offset=8, m=0, id=3) / Raw(data[64:]))
    first = bytes(head / IPv6ExtHdrFragment(nh=60, offset=0, m=1, id=3) / Raw(data[:64]))
    held = case.hold(later)
    case.forward(first, vip)
    case.release(held, vip)
    yield case
    case = Case("fragment-tiny-extensions-ipv6", "A first fragment without all of its extension headers (RFC 7112).")
    case.drop(frame_of(head / IPv6ExtHdrFragment(nh=60, offset=0, m=1, id=4) / Raw(data[:8])), "fragment-tiny")
    case.drop(frame_of(head / IPv6ExtHdrFragment(nh=60, offset=0, m=1, id=5) / Raw(b"\x11\x01" + data[2:8])), "fragment-tiny")
    case.drop(frame_of(later[: 48 + 4] + b"\0\0\0\x05" + later[48 + 8 :]), "fragment-refused")
    yield case


def timeouts():
    for family in (4, 6):
        case = Case(f"fragment-timeout-ipv{family}", "The first fragment does not come: what is held goes after 300 ms.")
        datagram = Datagram(UDP_VIP[family], 400)
        held = [case.hold(datagram.part(128, 256)), case.hold(datagram.part(256, 384))]
        case.wait(290)
        held.append(case.hold(datagram.part(384, 408)))
        case.wait(10)
        for each in held:
            case.give_up(each)
        case.forward(datagram.part(0, 128), datagram.vip)
        case.forward(datagram.part(128, 256), datagram.vip)
        yield case
        case = Case(f"fragment-in-time-ipv{family}", "The first fragment comes just in time.")
        held = case.hold(datagram.part(128, 256))
        case.wait(298)
        case.forward(datagram.part(0, 128), datagram.vip)
        case.release(held, datagram.vip)
        yield case
        case = Case(f"fragment-end-ipv{family}", "At the end of a capture what is held has waited in vain.")
        case.give_up(case.hold(datagram.part(128, 256)))
        yield case
        case = Case(f"fragment-life-ipv{family}", "A datagram is known for 30 s after its last fragment, and then is not.")
        case.forward(datagram.part(0, 128), datagram.vip)
        case.wait(29_900)
        case.forward(datagram.part(128, 256), datagram.vip)
        case.wait(29_900)
        case.forward(datagram.part(256, 384), datagram.vip)
        case.wait(30_000)
        case.give_up(case.hold(datagram.part(384, 408)))
        yield case


def duplicates():
    for family in (4, 6):
        case = Case(f"fragment-duplicate-ipv{family}", "What has come before is dropped, and the datagram goes on.")
        datagram = Datagram(UDP_VIP[family], 400)
        held = case.hold(datagram.part(256, 384))
        case.drop(frame_of(datagram.part(256, 384)), "fragment-duplicate")
        case.drop(frame_of(datagram.part(264, 272)), "fragment-duplicate")
        case.forward(datagram.part(0, 128), datagram.vip)
        case.release(held, datagram.vip)
        case.drop(frame_of(datagram.part(0, 128)), "fragment-duplicate")
        case.forward(datagram.part(128, 256), datagram.vip)
        case.drop(frame_of(datagram.part(64, 320)), "fragment-duplicate")
        case.forward(datagram.part(384, 408), datagram.vip)
        case.drop(frame_of(datagram.part(384, 408)), "fragment-duplicate")
        case.drop(frame_of(datagram.part(128, 256)), "fragment-duplicate")
        yield case


def contradictions():
    kinds = {
        "overlap-before": (lambda d: d.part(120, 136), "fragment-overlap", "into what came, from before"),
        "overlap-behind": (lambda d: d.part(248, 264), "fragment-overlap", "out of what came"),
        "overlap-around": (lambda d: d.part(120, 264), "fragment-overlap", "around what came"),
        "two-ends": (lambda d: d.part(384, 400, more=False), "fragment-malformed", "another end of the datagram"),
        "behind-the-end": (lambda d: d.part(408, 424, b"x" * 16, more=True), "fragment-malformed", "behind the end"),
        "not-of-8-bytes": (lambda d: d.part(8, 21, more=True), "fragment-malformed", "no multiple of 8 bytes, not the last"),
        "empty": (lambda d: d.part(8, 8, more=True), "fragment-malformed", "of no bytes"),
        "too-long": (lambda d: d.part(65_528, 0, b"x" * 8, more=False), "fragment-malformed", "beyond 65,535 bytes"),
    }
    for family in (4, 6):
        for name, (bad, label, words) in kinds.items():
            case = Case(f"fragment-{name}-ipv{family}", f"A fragment {words}: nothing of the datagram passes after it.")
            datagram = Datagram(UDP_VIP[family], 400)
            if name in ("overlap-before", "overlap-behind", "overlap-around"):
                case.forward(datagram.part(0, 64), datagram.vip)
                case.forward(datagram.part(128, 256), datagram.vip)
            else:
                case.forward(datagram.part(0, 8), datagram.vip)
                case.forward(datagram.part(384, 408), datagram.vip)
            case.drop(frame_of(bad(datagram)), label)
            case.drop(frame_of(datagram.part(256, 384)), "fragment-refused")
            case.drop(frame_of(datagram.part(0, 64)), "fragment-refused")
            other = Datagram(UDP_VIP[family], 400, 78)
            held = case.hold(other.part(128, 256))
            held_last = case.hold(other.part(384, 408))
            case.drop(frame_of(bad(other)), label)
            case.give_up(held, "fragment-refused")
            case.give_up(held_last, "fragment-refused")
            case.drop(frame_of(other.part(0, 64)), "fragment-refused")
            yield case


def tiny():
    for family in (4, 6):
        case = Case(f"fragment-tiny-ipv{family}", "A first fragment without all of its L4 header, and what comes after it.")
        for number, (vip, length) in enumerate(((TCP_VIP[family], 8), (TCP_VIP[family], 16))):
            datagram = Datagram(vip, 400, number)
            case.drop(frame_of(datagram.part(0, length)), "fragment-tiny")
            case.drop(frame_of(datagram.part(length, length + 64)), "fragment-refused")
        datagram = Datagram(UDP_VIP[family], 400, 10)
        held = case.hold(datagram.part(128, 256))
        short = Datagram(UDP_VIP[family], 400, 10, l4_port=L4_PORT)
        short.data = short.data[:4] + b"\0\x07" + short.data[6:]
        case.drop(frame_of(short.part(0, 128)), "udp-length")
        case.give_up(held, "fragment-refused")
        yield case
        case = Case(f"fragment-least-ipv{family}", "The least first fragments that have all of their L4 header.")
        for number, (vip, length) in enumerate(((TCP_VIP[family], 24), (UDP_VIP[family], 8))):
            datagram = Datagram(vip, 400, number)
            case.forward(datagram.part(0, length), vip)
            case.forward(datagram.part(length, len(datagram.data)), vip)
        yield case
    case = Case("fragment-tiny-second-ipv4", "A TCP fragment at byte 8 would write over the flags (RFC 1858, RFC 3128).")
    datagram = Datagram(TCP_VIP[4], 400, 1)
    case.drop(frame_of(datagram.part(8, 72)), "fragment-tiny")
    case.drop(frame_of(datagram.part(0, 64)), "fragment-refused")
    yield case


def bounds():
    for family in (4, 6):
        datagram = Datagram(UDP_VIP[family], 400)
        case = Case(f"fragment-no-hold-ipv{family}", "heldPackets: 0: what comes before the first is dropped.", "no-hold")
        case.drop(frame_of(datagram.part(128, 256)), "fragment-hold-full")
        case.forward(datagram.part(0, 128), datagram.vip)
        case.forward(datagram.part(256, 384), datagram.vip)
        yield case
        case = Case(f"fragment-hold-full-ipv{family}", "No more are held than there is room for; time makes room.", "small-hold")
        other = Datagram(UDP_VIP[family], 400, 78)
        held = [case.hold(datagram.part(128, 256)), case.hold(other.part(128, 256)), case.hold(other.part(256, 384))]
        case.drop(frame_of(datagram.part(256, 384)), "fragment-hold-full")
        case.drop(frame_of(Datagram(UDP_VIP[family], 400, 79).part(256, 384)), "fragment-hold-full")
        case.forward(other.part(0, 128), other.vip)
        case.release(held[1], other.vip)
        case.release(held[2], other.vip)
        last = case.hold(datagram.part(384, 408))
        case.wait(100)
        case.give_up(held[0])
        case.give_up(last)
        case.forward(datagram.part(0, 128), datagram.vip)
        yield case
        case = Case(f"fragments-of-one-datagram-ipv{family}", "Of one datagram at most 64 fragments are held.")
        long_one = Datagram(UDP_VIP[family], 3_000)
        held = [case.hold(long_one.part(at * 16, at * 16 + 16)) for at in range(1, 65)]
        case.drop(frame_of(long_one.part(65 * 16, 66 * 16)), "fragment-hold-full")
        case.forward(long_one.part(0, 16), long_one.vip)
        for each in held:
            case.release(each, long_one.vip)
        yield case
        case = Case(
            f"fragment-no-backend-ipv{family}",
            "The pool's only backend has weight 0: the first fragment is dropped for it, the others with it.",
        )
        first, *others = Datagram(SPECIAL_VIPS[f"drained-udp-ipv{family}"], 400).parts()
        case.drop(frame_of(first), "no-backend")
        for each in others:
            case.drop(frame_of(each), "fragment-refused")
        yield case


def others():
    for family in (4, 6):
        case = Case(f"fragment-to-others-ipv{family}", "Fragments to an address without a VIP are the kernel's.")
        for offset, more in ((0, True), (64, True), (128, False)):
            for protocol in ("tcp", "udp"):
                case.punt(frame_of(part(family, OTHER[family], protocol, payload_of(64), offset, more)))
        yield case
        case = Case(f"fragment-to-other-port-ipv{family}", "Fragments to an L4 port that no VIP has are the kernel's, all of them.")
        stranger = Datagram(UDP_VIP[family], 400, l4_port=9)
        held = case.hold(stranger.part(256, 384))
        case.punt(frame_of(stranger.part(0, 128)))
        case.release_to_kernel(held)
        case.punt(frame_of(stranger.part(128, 256)))
        yield case
        case = Case(f"fragment-protocol-ipv{family}", "An echo request in fragments, and other protocols: dropped.")
        request = bytes(echo_request(family, 200))[20 if family == 4 else 40 :]
        name = "icmp" if family == 4 else "icmpv6"
        for begin in (0, 64, 128):
            more = begin < 128
            case.drop(frame_of(part(family, VIP[family], name, request[begin : begin + 64], begin, more)), "fragment-protocol")
        yield case


GROUPS = [orders, interleaved, extension_headers, timeouts, duplicates, contradictions, tiny, bounds, others]
