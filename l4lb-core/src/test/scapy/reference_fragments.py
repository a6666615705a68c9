"""A slow second reading of what becomes of fragments: a set with every byte of every datagram that has come."""
from dataclasses import dataclass, field

from reference import EXTENSIONS, ethernet_end, extension_bytes, outcome_of, parse_ipv4, parse_ipv6, u16, Verdict

LIFE_US, WHOLE_LIFE_US, REPEAT_US, OF_A_DATAGRAM = 30_000_000, 1_000_000, 100_000, 64
UNHEARD_LIFE_US = 1_000_000


@dataclass
class Datagram:
    deadline: int
    seen: set = field(default_factory=set)
    total: int = -1
    flow: tuple = ()
    held: list = field(default_factory=list)
    since: int = 0
    refused: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Part:
    key: tuple
    ip: object
    offset: int
    data: bytes
    more: bool
    is_too_long: bool


def part_of(frame):
    ether_type, at = ethernet_end(frame)
    ip = parse_ipv4(frame, at) if ether_type == 0x0800 else parse_ipv6(frame, at)
    data = ip.packet[ip.payload_offset :]
    if ip.family == 4:
        word = u16(ip.packet, 6)
        offset, more, extra = (word & 0x1FFF) * 8, word & 0x2000 != 0, ip.payload_offset
        key = (ip.source, ip.destination, ip.protocol, u16(ip.packet, 4))
    else:
        word = u16(ip.packet, ip.payload_offset - 6)
        offset, more, extra = word & 0xFFF8, word & 1 != 0, ip.payload_offset - 48
        key = (ip.source, ip.destination, ip.packet[ip.payload_offset - 4 : ip.payload_offset])
    return Part(key, ip, offset, data, more, extra + offset + len(data) > 65535)


def layer4(part):
    """Returns (protocol, L4 ports) of a first fragment, or the label of the drop."""
    protocol, at, data = part.ip.protocol, 0, part.data
    while part.ip.family == 6 and protocol in EXTENSIONS:
        if len(data) < at + 8 or len(data) < at + extension_bytes(protocol, data[at + 1]):
            return "fragment-tiny"
        protocol, at = data[at], at + extension_bytes(protocol, data[at + 1])
    if protocol not in (6, 17):
        return "fragment-protocol"
    if len(data) - at < (20 if protocol == 6 else 8):
        return "fragment-tiny"
    if protocol == 6 and data[at + 12] >> 4 < 5:
        return "tcp-data-offset"
    if protocol == 17 and u16(data, at + 4) < 8:
        return "udp-length"
    return protocol, u16(data, at + 2)


class FragmentModel:
    def __init__(self, site):
        self.site, self.datagrams = site, {}

    def waiting(self):
        return [datagram for datagram in self.datagrams.values() if datagram.held]

    def end(self):
        """Returns the packets that are still held."""
        return [index for datagram in self.waiting() for index, _ in datagram.held]

    def take(self, index, time_us, frame):
        """Returns (packet, outcome) of this packet, and of those whose fate it decides."""
        outcomes = self.time_out(time_us)
        part = part_of(frame)
        found = self.datagrams.get(part.key)
        if found and not found.held and found.deadline <= time_us:
            del self.datagrams[part.key]
        label = self.fault(part)
        known = self.datagrams.setdefault(part.key, Datagram(time_us + LIFE_US))
        if known.refused:
            return [*outcomes, (index, "drop fragment-refused")]
        if label:
            return [*outcomes, *self.refuse(known, time_us), (index, f"drop {label}")]
        if known.whole and part.offset == 0 and time_us - (known.deadline - WHOLE_LIFE_US) >= REPEAT_US:
            known = self.datagrams[part.key] = Datagram(time_us + LIFE_US)
        return [*outcomes, *self.fit(known, part, index, time_us, frame)]

    def time_out(self, time_us):
        late = [datagram for datagram in self.waiting() if time_us - datagram.since >= self.site.hold_us]
        outcomes = [(index, "drop fragment-timeout") for datagram in late for index, _ in datagram.held]
        self.datagrams = {key: one for key, one in self.datagrams.items() if one not in late}
        return outcomes

    @staticmethod
    def fault(part):
        if not part.data or part.is_too_long or (part.more and len(part.data) % 8):
            return "fragment-malformed"
        if part.ip.family == 4 and part.ip.protocol == 6 and part.offset == 8:
            return "fragment-tiny"
        found = layer4(part) if part.offset == 0 else ()
        return found if isinstance(found, str) else ""

    @staticmethod
    def refuse(known, time_us):
        outcomes = [(index, "drop fragment-refused") for index, _ in known.held]
        life_us = LIFE_US if known.seen else UNHEARD_LIFE_US
        known.held, known.refused, known.deadline = [], True, time_us + life_us
        return outcomes

    def fit(self, known, part, index, time_us, frame):
        held = sum(len(datagram.held) for datagram in self.waiting())
        if known.whole:
            return [(index, "drop fragment-duplicate")]
        is_held = part.offset != 0 and not known.flow
        if is_held and (held >= self.site.held_max or len(known.held) >= OF_A_DATAGRAM):
            if not known.held:
                del self.datagrams[part.key]
            return [(index, "drop fragment-hold-full")]
        wanted = set(range(part.offset, part.offset + len(part.data)))
        end = part.offset + len(part.data)
        if known.total >= 0:
            contradicts = end > known.total if part.more else end != known.total
        else:
            contradicts = not part.more and known.seen and max(known.seen) >= end
        if contradicts:
            return [*self.refuse(known, time_us), (index, "drop fragment-malformed")]
        if wanted & known.seen:
            if wanted <= known.seen:
                return [(index, "drop fragment-duplicate")]
            return [*self.refuse(known, time_us), (index, "drop fragment-overlap")]
        known.seen |= wanted
        known.total = known.total if part.more else end
        known.deadline = time_us + LIFE_US
        known.since = known.since if known.held else time_us
        known.held.append((index, frame))
        if part.offset == 0:
            known.flow = layer4(part)
        return self.pass_on(known, time_us) if known.flow else [(index, "held")]

    def pass_on(self, known, time_us):
        protocol, l4_port = known.flow
        outcomes = []
        for index, frame in known.held:
            part = part_of(frame)
            vip = self.site.vip_of(part.ip.destination, protocol, l4_port)
            verdict = Verdict("punt") if vip is None else Verdict("forward", "", vip, part.ip.packet)
            outcome = outcome_of(verdict, self.site)
            if outcome.startswith("drop"):
                known.refused = True
                outcome = outcome if part.offset == 0 else "drop fragment-refused"
            outcomes.append((index, outcome))
        known.held = []
        if known.refused:
            return outcomes
        known.whole = len(known.seen) == known.total
        known.deadline = time_us + (WHOLE_LIFE_US if known.whole else LIFE_US)
        return outcomes
