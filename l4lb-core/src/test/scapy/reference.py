"""A slow second reading of the specification: what has to happen to a frame. Only struct; no code of the balancer."""
import struct
from dataclasses import dataclass

from balancer import ETH_PORT_MAC, echo_reply, mac

EXTENSIONS = {0, 43, 44, 51, 60, 135, 139, 140}  # IANA's list but for ESP and experiments
PORT_MAC = mac(ETH_PORT_MAC)


class Drop(Exception):
    """The frame is malformed, or may not pass; the argument is the label."""


class Punt(Exception):
    """The frame is not for a VIP."""


@dataclass(frozen=True)
class Verdict:
    kind: str
    label: str = ""
    vip: dict = None
    packet: bytes = b""
    l2_header: bytes = b""
    padding: bytes = b""
    flow: tuple = ()
    reply: bytes = b""
    is_error: bool = False


@dataclass(frozen=True)
class Ip:
    family: int
    packet: bytes
    padding: bytes
    source: bytes
    destination: bytes
    protocol: int
    payload_offset: int
    is_fragment: bool
    is_on_its_way: bool = False


def u16(data, offset):
    return data[offset] << 8 | data[offset + 1]


def verdict_of(frame, site):
    try:
        return judge(frame, site)
    except Drop as drop:
        return Verdict("drop", label=str(drop))
    except Punt:
        return Verdict("punt")


def outcome_of(verdict, site):
    """The verdict in the words of a capture's outcomes: "forward VIP", "echo", "punt", "drop LABEL"."""
    if verdict.kind != "forward":
        return f"{verdict.kind} {verdict.label}".strip()
    if all(backend["weight"] == 0 for backend in site.pools[verdict.vip["pool"]].values()):
        return "drop no-backend"
    if is_too_big(verdict, site) and not is_fragmented_outside(verdict):
        return "too-big" if too_big_replies(verdict, site) else "drop too-big"
    return f"forward {verdict.vip['name']}"


def is_too_big(verdict, site):
    """Depends on the flow's backend only where a pool has both families; captures keep clear of that."""
    encapsulation = verdict.vip["encapsulation"]
    extra = {"ipip": 0, "gre": 4, "gue": 12, "l2": 0}[encapsulation]
    backends = site.pools[verdict.vip["pool"]].values()
    outer = [0] if encapsulation == "l2" else [20 if len(one["packed"]) == 4 else 40 for one in backends]
    fits = {len(verdict.packet) + extra + header <= site.mtu_bytes for header in outer}
    if len(fits) != 1:
        raise ValueError("whether this packet fits depends on the backend's family")
    return not fits.pop()


def is_fragmented_outside(verdict):
    """Of a packet that is too big: IPv4 without DF; IPv6 that no link has to be told a smaller MTU of (RFC 2473, 7.1)."""
    packet = verdict.packet
    if packet[0] >> 4 == 4:
        return not packet[6] & 0x40
    return len(packet) <= 1280 and verdict.vip["encapsulation"] != "l2"


def reassembled(frames, verdict, site):
    """The frame that would have left had the path carried it; raises Wrong unless the frames are exactly its fragments."""
    require(len(frames) > 1, f"{len(frames)} fragments")
    l2 = verdict.vip["encapsulation"] == "l2"
    at = len(verdict.l2_header) if l2 else 14
    require(len({frame[:at] for frame in frames}) == 1, "link headers of fragments differ")
    parts = [frame[at:] for frame in frames]
    require(all(len(part) <= site.mtu_bytes for part in parts), "a fragment is larger than the MTU")
    family = 4 if parts[0][0] >> 4 == 4 else 6
    head_bytes = [(part[0] & 15) * 4 if family == 4 else 48 for part in parts]
    fields = [u16(part, 6) & 0x3FFF if family == 4 else u16(part, 42) for part in parts]
    units = 8 if family == 4 else 1
    more, offset_mask = (0x2000, 0x1FFF) if family == 4 else (1, 0xFFF8)
    payload = b""
    for index, (part, field) in enumerate(zip(parts, fields)):
        require((field & offset_mask) * units == len(payload), "offset of a fragment")
        require(bool(field & more) == (index + 1 < len(parts)), "more-fragments flag")
        payload += part[head_bytes[index] :]
        if family == 4:
            require(part[6] & 0xC0 == 0 and checksum_of(part[: head_bytes[index]]) == 0, "DF or checksum of a fragment")
            require(u16(part, 2) == len(part) and part[4:6] == parts[0][4:6], "length or ID of a fragment")
        else:
            require(u16(part, 4) == len(part) - 40 and part[44:48] == parts[0][44:48], "length or ID of a fragment")
            require(part[6] == 44 and part[40:42] == bytes([parts[0][40], 0]), "fragment header")
    if family == 6:
        head = parts[0][:4] + struct.pack("!HB", len(payload), parts[0][40]) + parts[0][7:40]
        return frames[0][:at] + head + payload
    head = parts[0][: head_bytes[0]]
    own = verdict.packet[4:8] if l2 else b"\0\0\x40\0"
    head = checked(head[:2] + struct.pack("!H", len(head + payload)) + own + head[8:10] + b"\0\0" + head[12:], 10, b"")
    return frames[0][:at] + head + payload + (verdict.padding if l2 else b"")


def too_big_replies(verdict, site):
    """The frames that may answer a packet which is too big, one for each outer header its pool may need; empty: none."""
    packet, l2 = verdict.packet, verdict.l2_header
    protocol = packet[9] if packet[0] >> 4 == 4 else 0
    if verdict.is_error or (packet[0] >> 4 == 4 and (not packet[6] & 0x40 or protocol == 1)):
        return set()
    source = packet[12:16] if packet[0] >> 4 == 4 else packet[8:24]
    if not is_answerable(l2, source, site):
        return set()
    head = l2[6:12] + PORT_MAC + l2[12:]
    return {head + too_big_message(packet, site.mtu_bytes - overhead) for overhead in overheads(verdict, site)}


def is_answerable(frame, source, site):
    """Whether one station was sent to, by an address that is one host's: of no group, reserved block, or VIP."""
    if frame[0] & 1 or source in site.addresses:
        return False
    if len(source) == 4:
        return source[0] not in (0, 127) and source[0] < 224
    return source[:8] != bytes(8) and source[0] != 0xFF


def overheads(verdict, site):
    extra = {"ipip": 0, "gre": 4, "gue": 12, "l2": 0}[verdict.vip["encapsulation"]]
    backends = site.pools[verdict.vip["pool"]].values()
    if verdict.vip["encapsulation"] == "l2":
        return {0}
    return {extra + (20 if len(one["packed"]) == 4 else 40) for one in backends}


def too_big_message(packet, mtu):
    if packet[0] >> 4 == 4:
        quote = packet[:548]
        message = checked(struct.pack("!BBHI", 3, 4, 0, mtu) + quote, 2, b"")
        header = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(message), 0, 0x4000, 64, 1, 0)
        return checked(header + packet[16:20] + packet[12:16], 10, b"") + message
    message = struct.pack("!BBHI", 2, 0, 0, max(mtu, 1280)) + packet[:1232]
    addresses = packet[24:40] + packet[8:24]
    message = checked(message, 2, addresses + struct.pack("!II", len(message), 58))
    return struct.pack("!IHBB", 6 << 28, len(message), 58, 64) + addresses + message


def checksum_of(data):
    return struct.unpack("!H", checked(data + b"\0\0", len(data), b"")[-2:])[0]


def checked(data, at, pseudo_header):
    """The data with its Internet checksum put in at that offset, where zeros are."""
    words = pseudo_header + data
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return data[:at] + struct.pack("!H", total ^ 0xFFFF) + data[at + 2 :]


def judge(frame, site):
    ether_type, offset = ethernet_end(frame)
    if ether_type == 0x0800:
        ip = parse_ipv4(frame, offset)
    elif ether_type == 0x86DD:
        ip = parse_ipv6(frame, offset)
    else:
        raise Punt
    if ip.destination not in site.addresses:
        raise Punt
    if ip.is_fragment:
        if ip.protocol not in (6, 17) and (ip.family == 4 or ip.protocol not in EXTENSIONS):
            raise Drop("fragment-protocol")
        return Verdict("fragment")
    if ip.protocol == (1 if ip.family == 4 else 58):
        return judge_icmp(frame, offset, ip, site)
    if ip.protocol not in (6, 17):
        raise Punt
    source_port, l4_port = l4_ports(ip)
    vip = site.vip_of(ip.destination, ip.protocol, l4_port)
    if vip is None:
        raise Punt
    flow = (ip.protocol, ip.source, source_port, ip.destination, l4_port)
    return Verdict("forward", "", vip, ip.packet, frame[:offset], ip.padding, flow)


def ethernet_end(frame):
    """Returns (EtherType, where the payload starts), at most two tags walked."""
    if len(frame) < 14:
        raise Drop("ethernet-truncated")
    ether_type, offset = u16(frame, 12), 14
    for _ in range(2):
        if ether_type in (0x8100, 0x88A8):
            if len(frame) < offset + 4:
                raise Drop("ethernet-truncated")
            ether_type, offset = u16(frame, offset + 2), offset + 4
    return ether_type, offset


def parse_ipv4(frame, offset):
    data = frame[offset:]
    if len(data) < 20:
        raise Drop("ipv4-truncated")
    if data[0] >> 4 != 4:
        raise Drop("ipv4-version")
    header_bytes, total = (data[0] & 15) * 4, u16(data, 2)
    if header_bytes < 20:
        raise Drop("ipv4-header-length")
    if len(data) < header_bytes:
        raise Drop("ipv4-truncated")
    if not header_bytes <= total <= len(data):
        raise Drop("ipv4-total-length")
    is_fragment = u16(data, 6) & 0x3FFF != 0
    return Ip(4, data[:total], data[total:], data[12:16], data[16:20], data[9], header_bytes, is_fragment)


def parse_ipv6(frame, offset):
    data = frame[offset:]
    if len(data) < 40:
        raise Drop("ipv6-truncated")
    if data[0] >> 4 != 6:
        raise Drop("ipv6-version")
    end = 40 + u16(data, 4)
    if end > len(data):
        raise Drop("ipv6-payload-length")
    packet, protocol, at, walked, is_fragment, is_on_its_way = data[:end], data[6], 40, 0, False, False
    while protocol in EXTENSIONS and not is_fragment:
        walked += 1
        if walked > 8:
            raise Drop("ipv6-extension-limit")
        if at + 8 > end:
            raise Drop("ipv6-extension-truncated")
        length = extension_bytes(protocol, packet[at + 1])
        if at + length > end:
            raise Drop("ipv6-extension-truncated")
        is_fragment = protocol == 44 and u16(packet, at + 2) & 0xFFF9 != 0
        is_on_its_way |= protocol == 43 and packet[at + 3] != 0
        protocol, at = packet[at], at + length
    return Ip(6, packet, data[end:], data[8:24], data[24:40], protocol, at, is_fragment, is_on_its_way)


def extension_bytes(protocol, length_field):
    if protocol == 44:
        return 8
    return (length_field + 2) * 4 if protocol == 51 else length_field * 8 + 8


def l4_ports(ip):
    segment = ip.packet[ip.payload_offset :]
    if ip.protocol == 6:
        if len(segment) < 20:
            raise Drop("tcp-truncated")
        if not 20 <= (segment[12] >> 4) * 4 <= len(segment):
            raise Drop("tcp-data-offset")
    else:
        if len(segment) < 8:
            raise Drop("udp-truncated")
        if not 8 <= u16(segment, 4) <= len(segment):
            raise Drop("udp-length")
    return u16(segment, 0), u16(segment, 2)


def judge_icmp(frame, offset, ip, site):
    message = ip.packet[ip.payload_offset :]
    if len(message) < 8:
        raise Drop("icmp-truncated")
    kind = message[0]
    if kind in ((4, 5) if ip.family == 4 else (137,)):
        raise Drop("icmp-ignored")
    if kind in ((3, 11, 12) if ip.family == 4 else (1, 2, 3, 4)):
        vip, flow = quoted_flow(ip.family, message[8:], site)
        return Verdict("forward", "", vip, ip.packet, frame[:offset], ip.padding, flow, is_error=True)
    if kind != (8 if ip.family == 4 else 128):
        raise Punt
    if ip.is_on_its_way or not is_answerable(frame, ip.source, site):
        raise Drop("unanswerable")
    reply = echo_reply(ip.packet, ip.payload_offset)
    return Verdict("echo", reply=frame[6:12] + PORT_MAC + frame[12:offset] + reply + ip.padding)


def quoted_flow(family, quote, site):
    """Returns the VIP and the flow, seen from the client, of the packet that an ICMP error quotes."""
    protocol, source, destination, at = (quoted_ipv4 if family == 4 else quoted_ipv6)(quote)
    if protocol not in (6, 17) or len(quote) < at + 4:
        raise Drop("icmp-quote")
    source_port, destination_port = u16(quote, at), u16(quote, at + 2)
    vip = site.vip_of(source, protocol, source_port)
    if vip is not None:
        return vip, (protocol, destination, destination_port, source, source_port)
    vip = site.vip_of(destination, protocol, destination_port)
    if vip is None:
        raise Drop("icmp-quote")
    return vip, (protocol, source, source_port, destination, destination_port)


def quoted_ipv4(quote):
    if len(quote) < 20 or quote[0] >> 4 != 4 or (quote[0] & 15) < 5 or u16(quote, 6) & 0x1FFF:
        raise Drop("icmp-quote")
    return quote[9], quote[12:16], quote[16:20], (quote[0] & 15) * 4


def quoted_ipv6(quote):
    if len(quote) < 40 or quote[0] >> 4 != 6:
        raise Drop("icmp-quote")
    protocol, at, walked = quote[6], 40, 0
    while protocol in EXTENSIONS:
        walked += 1
        if walked > 8 or len(quote) < at + 8 or len(quote) < at + extension_bytes(protocol, quote[at + 1]):
            raise Drop("icmp-quote")
        if protocol == 44 and u16(quote, at + 2) & 0xFFF8:
            raise Drop("icmp-quote")
        protocol, at = quote[at], at + extension_bytes(protocol, quote[at + 1])
    return protocol, quote[8:24], quote[24:40], at


@dataclass(frozen=True)
class Tunnel:
    """What a forwarded frame says about itself; source_port and flow_label are -1 where there is none."""

    backend_key: bytes
    inner: bytes
    source_port: int = -1
    flow_label: int = -1


class Wrong(Exception):
    """A forwarded frame that is not as the specification has it."""


def require(condition, words):
    if not condition:
        raise Wrong(words)


def decapsulate(frame, verdict, site):
    """Returns the Tunnel of an output frame; raises Wrong with the first thing that is not right."""
    require(frame[6:12] == PORT_MAC, "source MAC is not the ethPort's")
    encapsulation = verdict.vip["encapsulation"]
    if encapsulation == "l2":
        require(frame[12:] == verdict.l2_header[12:] + verdict.packet + verdict.padding, "l2: more than MACs changed")
        return Tunnel(frame[:6], verdict.packet)
    require(frame[:6] == site.next_hop, "destination MAC is not the next hop's")
    wanted_class = verdict.packet[1] if verdict.packet[0] >> 4 == 4 else u16(verdict.packet, 0) >> 4 & 255
    ether_type = u16(frame, 12)
    require(ether_type in (0x0800, 0x86DD), "outer EtherType")
    outer = frame[14:]
    if ether_type == 0x0800:
        protocol, destination, label, payload = outer_ipv4(outer, wanted_class, site)
    else:
        protocol, destination, label, payload = outer_ipv6(outer, wanted_class, site)
    inner, source_port = {"ipip": ipip, "gre": gre, "gue": gue}[encapsulation](protocol, payload, verdict)
    require(inner == verdict.packet, "inner packet differs from the input")
    return Tunnel(destination, inner, source_port, label)


def outer_ipv4(outer, wanted_class, site):
    require(outer[0] == 0x45, "outer version and IHL")
    require(outer[1] == wanted_class, "outer DSCP/ECN is not the inner's")
    require(u16(outer, 2) == len(outer), "outer total length is not the frame's")
    require(outer[4:8] == b"\0\0\x40\0", "outer ID 0, DF, no offset")
    require(outer[8] == 64, "outer TTL is not 64")
    total = sum(struct.unpack("!10H", outer[:20]))
    require((total & 0xFFFF) + (total >> 16) == 0xFFFF, "outer header checksum")
    require(outer[12:16] == site.outer_source[4], "outer source")
    return outer[9], outer[16:20], -1, outer[20:]


def outer_ipv6(outer, wanted_class, site):
    require(outer[0] >> 4 == 6, "outer version")
    require(u16(outer, 0) >> 4 & 255 == wanted_class, "outer traffic class is not the inner's")
    require(u16(outer, 4) == len(outer) - 40, "outer payload length is not the frame's")
    require(outer[7] == 64, "outer hop limit is not 64")
    require(outer[8:24] == site.outer_source[6], "outer source")
    return outer[6], outer[24:40], (outer[1] & 15) << 16 | u16(outer, 2), outer[40:]


def ipip(protocol, payload, verdict):
    require(protocol == (4 if verdict.packet[0] >> 4 == 4 else 41), "outer protocol of ipip")
    return payload, -1


def gre(protocol, payload, verdict):
    wanted = b"\0\0\x08\0" if verdict.packet[0] >> 4 == 4 else b"\0\0\x86\xdd"
    require(protocol == 47 and payload[:4] == wanted, "GRE header")
    return payload[4:], -1


def gue(protocol, payload, verdict):
    require(protocol == 17, "outer protocol of GUE")
    source_port, l4_port, length, checksum = struct.unpack("!4H", payload[:8])
    require(l4_port == int(verdict.vip.get("guePort", 6080)), "GUE destination port")
    require(length == len(payload), "UDP length of GUE")
    require(checksum == 0, "UDP checksum of GUE is not zero")
    require(source_port >= 49152, "GUE source port outside 49152..65535")
    require(payload[8:12] == bytes([0, 4 if verdict.packet[0] >> 4 == 4 else 41, 0, 0]), "GUE header")
    return payload[12:], source_port
