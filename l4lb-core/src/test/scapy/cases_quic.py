"""Cases of QUIC VIPs: the connection ID decides (draft-ietf-quic-load-balancers-21), and where it cannot, the flow."""
from dataclasses import replace

from scapy.layers.inet import UDP
from scapy.packet import Raw

from balancer import CLIENT
from case import Case
from cases_forwarded import VLAN, ip
from cases_icmp import error
from quic_site import (
    DRAINED,
    HOME,
    NO_CONFIG,
    ONE,
    SCHEMES,
    TWO,
    UNKNOWN_CONFIG,
    UNKNOWN_SERVER_ID,
    VIPS,
    connection_id,
)

OTHER_CLIENT = {4: "192.0.2.200", 6: "2001:db8:d::200"}
VERSION_1, VERSION_2, VERSION_UNKNOWN = b"\0\0\0\x01", b"\x6b\x33\x43\xcf", b"\x0a\x1a\x2a\x3a"
# first bytes of version 1's long headers: Initial, 0-RTT, Handshake, Retry
INITIAL, ZERO_RTT, HANDSHAKE, RETRY = 0xC3, 0xD3, 0xE3, 0xF3
CLIENTS_OWN = bytes.fromhex("c394c8f03e515708")
BEHIND = bytes(range(40))


def short(cid):
    return b"\x43" + cid + BEHIND


def long(cid, first=HANDSHAKE, version=VERSION_1):
    return bytes([first]) + version + bytes([len(cid)]) + cid + b"\x04abcd" + BEHIND


class QuicCase(Case):
    def __init__(self, name, words):
        super().__init__(name, words, "quic")

    def to(self, backend, vip, payload, counter="quicRouted", source_port=40000, tags=(), **fields):
        """A datagram to a QUIC VIP that this backend gets, and what it is counted as."""
        datagram = UDP(sport=source_port, dport=443) / Raw(payload)
        self.forward(ip(vip.family, vip.address, **fields) / datagram, replace(vip, backend=backend), tags)
        self.count(counter)


def by_scheme():
    for (family, encapsulation), vip in VIPS.items():
        for name, scheme in SCHEMES.items():
            case = QuicCase(
                f"quic-short-{name}-ipv{family}-{encapsulation}",
                "A short header goes to the backend that its connection ID names, whatever the 5-tuple.",
            )
            for seed, backend in enumerate((ONE, TWO, ONE, DRAINED, TWO)):
                case.to(backend, vip, short(connection_id(scheme, backend.server_id, seed)))
                case.to(backend, vip, short(connection_id(scheme, backend.server_id, seed)), tags=VLAN)
            yield case


def long_headers():
    for family in (4, 6):
        vip = VIPS[family, "ipip"]
        case = QuicCase(
            f"quic-long-routable-ipv{family}",
            "A long header whose connection ID a backend has made goes there, in every version and packet type.",
        )
        for name, scheme in SCHEMES.items():
            for first in (INITIAL, ZERO_RTT, HANDSHAKE, RETRY):
                for version in (VERSION_1, VERSION_2, VERSION_UNKNOWN):
                    case.to(ONE, vip, long(connection_id(scheme, ONE.server_id, first), first, version))
        yield case
        case = QuicCase(
            f"quic-long-client-chosen-ipv{family}",
            "Initial and 0-RTT packets with a connection ID that the client has chosen go where their flow goes.",
        )
        for first in (INITIAL, ZERO_RTT):
            for length in (0, 1, 8, 20):
                case.to(HOME, vip, long((CLIENTS_OWN * 3)[:length], first), "quicLongUnroutable")
        case.to(HOME, vip, long(b"\x1f" + b"\x01" * 254, INITIAL, VERSION_UNKNOWN), "quicLongUnroutable")
        yield case


def unroutable():
    plain = SCHEMES["plaintext"]
    for family in (4, 6):
        vip = VIPS[family, "gue"]
        case = QuicCase(
            f"quic-unknown-server-ipv{family}", "A server ID that no backend has: the packet goes where its flow goes."
        )
        for name, scheme in SCHEMES.items():
            case.to(HOME, vip, short(connection_id(scheme, UNKNOWN_SERVER_ID)), "quicUnknownServers")
        yield case
        case = QuicCase(
            f"quic-unknown-config-ipv{family}",
            "Configuration bits that nobody configured, and 0b111, which no configuration has.",
        )
        for config_id in (UNKNOWN_CONFIG, NO_CONFIG):
            cid = connection_id(replace(plain, config_id=config_id), ONE.server_id)
            case.to(HOME, vip, short(cid), "quicUnknownConfigurations")
            case.to(HOME, vip, long(cid), "quicLongUnroutable")
        yield case
        case = QuicCase(f"quic-truncated-ipv{family}", "Payloads that end before the server ID does, also within it.")
        cid = connection_id(plain, ONE.server_id)
        for payload in (b"", b"\x43", b"\x43" + cid[:1], b"\x43" + cid[:-1]):
            case.to(HOME, vip, payload, "quicTooShort")
        case.to(ONE, vip, b"\x43" + cid)
        whole = long(cid)
        for length in (1, 4, 5, 6, 7, 6 + len(cid) - 1):
            case.to(HOME, vip, whole[:length], "quicLongUnroutable")
        case.to(ONE, vip, whole[: 6 + len(cid)])
        case.to(HOME, vip, long(cid[:-1]), "quicLongUnroutable")
        yield case


def first_octet():
    self_encoding, plain = SCHEMES["length-in-first-octet"], SCHEMES["plaintext"]
    for family in (4, 6):
        vip = VIPS[family, "ipip"]
        case = QuicCase(
            f"quic-first-octet-ipv{family}",
            "The length in the first octet is looked at only where the configuration says that servers write it.",
        )
        for length in (0, 12, 31):
            case.to(ONE, vip, short(connection_id(plain, ONE.server_id, 0, length)))
        for length in (12, 19, 31):
            case.to(ONE, vip, short(connection_id(self_encoding, ONE.server_id, 0, length)))
        for length in (0, 11):
            cid = connection_id(self_encoding, ONE.server_id, 0, length)
            case.to(HOME, vip, short(cid), "quicTooShort", 41000 + length)
            case.to(HOME, vip, long(cid), "quicLongUnroutable", 41000 + length)
        yield case
        case = QuicCase(f"quic-appended-ipv{family}", "Bytes that the server appends to its connection IDs are its own.")
        for scheme in (plain, self_encoding):
            for count in (1, 7):
                cid = connection_id(scheme, TWO.server_id, 0, None, b"\x5a" * count)
                case.to(TWO, vip, short(cid))
                case.to(TWO, vip, long(cid))
        yield case


def connections():
    scheme = SCHEMES["one-pass"]
    for (family, encapsulation), vip in VIPS.items():
        case = QuicCase(
            f"quic-migration-ipv{family}-{encapsulation}",
            "A connection keeps its backend when its client's port or address changes, with the old connection ID or a new one.",
        )
        case.to(HOME, vip, long(CLIENTS_OWN, INITIAL), "quicLongUnroutable")
        case.to(ONE, vip, long(connection_id(scheme, ONE.server_id)))
        case.to(ONE, vip, short(connection_id(scheme, ONE.server_id)))
        for source_port in (40001, 50000, 65535):
            case.to(ONE, vip, short(connection_id(scheme, ONE.server_id)), source_port=source_port)
        case.to(ONE, vip, short(connection_id(scheme, ONE.server_id, 1)), source=OTHER_CLIENT[family])
        case.to(TWO, vip, short(connection_id(scheme, TWO.server_id, 1)), source=OTHER_CLIENT[family])
        yield case
        case = QuicCase(
            f"quic-drained-ipv{family}-{encapsulation}", "Connections of a backend with weight 0 go on, from any address."
        )
        for source_port in (40000, 40001):
            for cid in (connection_id(SCHEMES["plaintext"], DRAINED.server_id), connection_id(scheme, DRAINED.server_id)):
                case.to(DRAINED, vip, short(cid), source_port=source_port)
                case.to(DRAINED, vip, long(cid), source_port=source_port)
        yield case


def pins():
    scheme = SCHEMES["four-passes-odd"]
    for family in (4, 6):
        vip = VIPS[family, "ipip"]
        case = QuicCase(
            f"quic-pin-ipv{family}",
            "A flow is pinned to where its first packet goes: what cannot be routed follows, an ICMP error too; no connection"
            " ID moves the pin.",
        )
        routable, foreign = short(connection_id(scheme, TWO.server_id)), short(b"\xe8" + bytes(8))
        case.to(TWO, vip, routable)
        case.to(TWO, vip, foreign, "quicUnknownConfigurations")
        case.to(HOME, vip, foreign, "quicUnknownConfigurations", 40001)
        case.to(TWO, vip, routable, source_port=40001)
        case.to(HOME, vip, foreign, "quicUnknownConfigurations", 40001)
        for source_port, backend in ((40000, TWO), (40001, HOME)):
            quoted = ip(family, CLIENT[family], source=vip.address) / UDP(sport=443, dport=source_port) / Raw(BEHIND)
            case.forward(error(family, vip.address, bytes(quoted)), replace(vip, backend=backend))
        yield case


GROUPS = [by_scheme, long_headers, unroutable, first_octet, connections, pins]
