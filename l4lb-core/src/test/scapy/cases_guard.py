"""Cases of who is let in, how many flows may begin, idle times of VIPs, and VIPs that keep no flows."""
from scapy.layers.inet import TCP, UDP

import case as cases
import lab_site
from balancer import CLIENT, frame_of
from case import Case
from cases_forwarded import VLAN, ip, l4
from lab_site import make_vip

LISTS = {
    "but-some": ("allow", [], ["203.0.113.0/25", "2001:db8:c::/64"]),
    "only-some": ("deny", ["203.0.113.7/32", "2001:db8:c::7/128"], []),
    "nested": (
        "deny",
        ["0.0.0.0/1", "203.0.0.0/16", "203.0.113.6/31", "::/0", "2001:db8:c::6/127"],
        ["203.0.113.0/24", "203.0.113.7/32", "2001:db8:c::/48", "2001:db8:c::6/128"],
    ),
}
TERMS = {
    "access-but-some": "accessList: but-some",
    "access-only-some": "accessList: only-some",
    "access-nested": "accessList: nested",
    "ceiling": "newFlowsPerSecond: 10",
    "idle": "idleSeconds: 1",
    "stateless": "mode: stateless",
}
ENCAPSULATIONS = {"access-but-some": "ipip", "access-only-some": "gue", "access-nested": "gre"}
# Clients, and whether each list lets them in: (but-some, only-some, nested)
CLIENTS = {
    4: {
        "203.0.113.7": (False, True, False),
        "203.0.113.6": (False, False, True),
        "203.0.113.8": (False, False, False),
        "203.0.113.128": (True, False, False),
        "203.0.112.255": (True, False, True),
        "203.1.0.0": (True, False, False),
        "127.255.255.254": (True, False, True),
        "223.255.255.255": (True, False, False),
    },
    6: {
        "2001:db8:c::7": (False, True, True),
        "2001:db8:c::6": (False, False, False),
        "2001:db8:c::8": (False, False, False),
        "2001:db8:c:0:ffff:ffff:ffff:ffff": (False, False, False),
        "2001:db8:c:1::": (True, False, False),
        "2001:db8:b:ffff:ffff:ffff:ffff:ffff": (True, False, True),
        "2001:db8:d::": (True, False, True),
    },
}


def make_vips():
    vips = {}
    for number, kind in enumerate(TERMS):
        for family in (4, 6):
            protocol = "udp" if kind == "stateless" else "tcp"
            pool, encapsulation = f"over-ipv{family}", ENCAPSULATIONS.get(kind, "ipip")
            vips[kind, family] = make_vip(f"{kind}-ipv{family}", family, 30 + number, protocol, 443, pool, encapsulation)
    return vips


VIPS = make_vips()
OPEN = {family: make_vip(f"open-ipv{family}", family, 29, "tcp", 443, "over-ipv4", "ipip") for family in (4, 6)}


def quoted(prefixes):
    return ", ".join(f'"{prefix}"' for prefix in prefixes)


def configuration(limits=""):
    text = lab_site.configuration(1500, vips=[*OPEN.values(), *VIPS.values()])
    for (kind, _), vip in VIPS.items():
        start = text.index(f"{{name: {vip.name},")
        end = text.index("}", start)
        text = text[:end] + f", {TERMS[kind]}" + text[end:]
    lists = [
        f"  - {{name: {name}, default: {default}, allow: [{quoted(allow)}], deny: [{quoted(deny)}]}}"
        for name, (default, allow, deny) in LISTS.items()
    ]
    return text.replace("pools:\n", limits + "accessLists:\n" + "\n".join(lists) + "\npools:\n", 1)


cases.CONFIGURATIONS["guard"] = configuration()
cases.CONFIGURATIONS["prefix-limit"] = configuration("  limits: {newFlowsPerSecond: 10}\n")


def segment(vip, flags, source_port=40000, client=None):
    source = client or CLIENT[vip.family]
    return ip(vip.family, vip.address, source=source) / TCP(sport=source_port, dport=443, flags=flags, seq=1, ack=1)


def access():
    for family in (4, 6):
        for index, kind in enumerate(ENCAPSULATIONS):
            vip = VIPS[kind, family]
            case = Case(
                f"{kind}-ipv{family}",
                "The longest prefix that holds the client's address says whether its packets are let in.",
                "guard",
            )
            for client, verdicts in CLIENTS[family].items():
                for flags, tags in (("S", ()), ("A", ()), ("FA", VLAN)):
                    packet = segment(vip, flags, client=client)
                    if verdicts[index]:
                        case.forward(packet, vip, tags)
                    else:
                        case.drop(frame_of(bytes(packet), tags), "access-denied")
                case.forward(segment(OPEN[family], "S", client=client), OPEN[family])
            yield case


def stateless():
    for family in (4, 6):
        vip = VIPS["stateless", family]
        case = Case(f"stateless-ipv{family}", "A VIP that keeps no flows sends every packet to its backend.", "guard")
        for length in (0, 7, 512):
            for source_port in (40000, 40001, 40000):
                case.forward(ip(family, vip.address) / l4("udp", length, 443, source_port), vip)
            case.forward(segment(OPEN[family], "A"), OPEN[family])
        case.drop(frame_of(bytes(ip(family, vip.address) / UDP(sport=1, dport=443, len=4))), "udp-length")
        yield case


def idle():
    for family in (4, 6):
        vip = VIPS["idle", family]
        case = Case(
            f"idle-seconds-ipv{family}", "Flows of a VIP with an idle time of its own are forwarded as others are.", "guard"
        )
        for flags in ("S", "A", "PA", "FA", "S", "A", "R"):
            case.forward(segment(vip, flags), vip)
        yield case


def ceilings():
    """Eight may begin at once where ten may a second; the case takes some milliseconds."""
    for family in (4, 6):
        vip = VIPS["ceiling", family]
        case = Case(f"vip-ceiling-ipv{family}", "Beyond a VIP's ceiling no flow begins, and known ones go on.", "guard")
        for number in range(12):
            packet = segment(vip, "S", 40000 + number, f"198.18.{number}.1" if family == 4 else f"2001:db8:{number}::1")
            case.forward(packet, vip) if number < 8 else case.drop(frame_of(bytes(packet)), "vip-rate")
        for number in range(8):
            client = f"198.18.{number}.1" if family == 4 else f"2001:db8:{number}::1"
            case.forward(segment(vip, "A", 40000 + number, client), vip)
        case.forward(segment(vip, "A", 50000), vip)
        case.forward(segment(OPEN[family], "S"), OPEN[family])
        yield case


def prefix_limits():
    """Eight from each of two buckets: sixteen at most, whatever the hash."""
    for family in (4, 6):
        vip = OPEN[family]
        case = Case(
            f"prefix-limit-ipv{family}",
            "Beyond its limit a source prefix begins no flow, its known ones go on, and others begin theirs.",
            "prefix-limit",
        )
        for number in range(20):
            packet = segment(vip, "S", 40000 + number)
            case.forward(packet, vip) if number < 16 else case.drop(frame_of(bytes(packet)), "new-flow-rate")
        for number in range(16):
            case.forward(segment(vip, "A", 40000 + number), vip)
        for number in range(20):
            case.forward(segment(vip, "A", 50000 + number), vip)
        case.forward(segment(vip, "S", client="198.18.0.1" if family == 4 else "2001:db8:99::1"), vip)
        yield case


GROUPS = [access, stateless, idle, ceilings, prefix_limits]
