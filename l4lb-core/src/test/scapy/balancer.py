"""What the specification says a balancer does with a packet, built with scapy: encapsulation and the echo reply.

Nothing here is taken from the balancer's own code. Where the result depends on the balancer's flow hash (GUE source
port, IPv6 flow label of the outer header) the expected bytes are zero and the case lists the field as masked.
"""
import ipaddress
import struct
from dataclasses import dataclass

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6PacketTooBig, IPv6, IPv6ExtHdrFragment
from scapy.layers.l2 import GRE
from scapy.packet import Raw

ETH_PORT_MAC = "02:70:63:61:70:00"
NEXT_HOP_MAC = "02:00:00:00:00:01"
ROUTER_MAC = "02:00:00:00:00:fe"
OUTER_SOURCE = {4: "192.0.2.1", 6: "2001:db8::1"}
CLIENT = {4: "203.0.113.7", 6: "2001:db8:c::7"}
OTHER = {4: "192.0.2.99", 6: "2001:db8:99::99"}

GUE_PORT_MASK, FLOW_LABEL_MASK = "gue.sourcePort", "ipv6.flowLabel"
ETHERTYPE = {4: 0x0800, 6: 0x86DD}
INNER_PROTOCOL = {4: 4, 6: 41}


@dataclass(frozen=True)
class Backend:
    name: str
    address: str
    mac: str = ""
    weight: int = 100
    server_id: str = ""

    @property
    def family(self):
        return ipaddress.ip_address(self.address).version


@dataclass(frozen=True)
class Vip:
    name: str
    address: str
    protocol: str
    l4_port: object
    pool: str
    encapsulation: str
    backend: Backend
    gue_port: int = 0
    affinity: str = "flow"
    quic: str = ""

    @property
    def family(self):
        return ipaddress.ip_address(self.address).version


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def tag(tpid, vlan_id, priority=0, dei=0):
    """One VLAN tag as (TPID, TCI)."""
    return tpid, priority << 13 | dei << 12 | vlan_id


def ethernet(ether_type, payload, tags=(), padding=b"", destination=ETH_PORT_MAC, source=ROUTER_MAC):
    """A frame; scapy would do, but some of ours end inside the header."""
    types = [*(tpid for tpid, _ in tags), ether_type]
    frame = mac(destination) + mac(source) + struct.pack("!H", types[0])
    for index, (_, tci) in enumerate(tags):
        frame += struct.pack("!HH", tci, types[index + 1])
    return frame + bytes(payload) + padding


def frame_of(packet, tags=(), padding=b""):
    """The frame in which the router hands us an IP packet."""
    packet = bytes(packet)
    return ethernet(ETHERTYPE[packet[0] >> 4], packet, tags, padding)


def traffic_class(packet):
    return packet[1] if packet[0] >> 4 == 4 else (packet[0] & 15) << 4 | packet[1] >> 4


def tunnel_payload(inner, vip):
    """Returns (protocol number of the outer header, what follows the outer header)."""
    family = inner[0] >> 4
    if vip.encapsulation == "ipip":
        return INNER_PROTOCOL[family], inner
    if vip.encapsulation == "gre":
        return 47, bytes(GRE(proto=ETHERTYPE[family]) / Raw(inner))
    gue = bytes([0, INNER_PROTOCOL[family], 0, 0])
    length = 8 + len(gue) + len(inner)
    return 17, bytes(UDP(sport=0, dport=vip.gue_port or 6080, len=length, chksum=0) / Raw(gue + inner))


def encapsulate(inner, vip):
    """The IP packet that leaves for the backend."""
    inner = bytes(inner)
    protocol, payload = tunnel_payload(inner, vip)
    family = vip.backend.family
    addresses = {"src": OUTER_SOURCE[family], "dst": vip.backend.address}
    if family == 4:
        outer = IP(tos=traffic_class(inner), id=0, flags="DF", ttl=64, proto=protocol, **addresses)
    else:
        outer = IPv6(tc=traffic_class(inner), fl=0, hlim=64, nh=protocol, **addresses)
    return bytes(outer / Raw(payload))


def forwarded_frame(inner, vip, tags=(), padding=b""):
    """The frame that leaves for the backend of the VIP."""
    if vip.encapsulation == "l2":
        ether_type = ETHERTYPE[bytes(inner)[0] >> 4]
        return ethernet(ether_type, inner, tags, padding, vip.backend.mac, ETH_PORT_MAC)
    return ethernet(ETHERTYPE[vip.backend.family], encapsulate(inner, vip), (), b"", NEXT_HOP_MAC, ETH_PORT_MAC)


def fragment_frames(inner, vip, mtu, identification, tags=()):
    """The frames in which a packet leaves that is larger than the path's MTU: fragments of the outer packet; with l2 of itself."""
    if vip.encapsulation == "l2":
        packets = ipv4_fragments(bytes(inner), mtu)
        return [ethernet(ETHERTYPE[4], packet, tags, b"", vip.backend.mac, ETH_PORT_MAC) for packet in packets]
    outer = bytearray(encapsulate(inner, vip))
    if vip.backend.family == 4:
        outer[4:6] = struct.pack("!H", identification & 0xFFFF)
        packets = ipv4_fragments(bytes(outer), mtu)
    else:
        packets = ipv6_fragments(bytes(outer), mtu, identification)
    return [ethernet(ETHERTYPE[vip.backend.family], packet, (), b"", NEXT_HOP_MAC, ETH_PORT_MAC) for packet in packets]


def ipv4_fragments(packet, mtu):
    """RFC 791, section 3.2: options of the copied class in all fragments, the others in the first alone; DF in none."""
    head_length = (packet[0] & 15) * 4
    head, payload = packet[:20], packet[head_length:]
    field = struct.unpack_from("!H", packet, 6)[0]
    start, last_more, fragments, at = field & 0x1FFF, field & 0x2000, [], 0
    options, copied = packet[20:head_length], copied_options(packet[20:head_length])
    while at < len(payload):
        own = options if at == 0 else copied
        room = (mtu - 20 - len(own)) // 8 * 8
        data = payload[at : at + room]
        more = 0x2000 if at + room < len(payload) else last_more
        words = struct.pack("!BBHHH", 0x40 | 5 + len(own) // 4, head[1], 20 + len(own) + len(data), u16(head, 4), more | start + at // 8)
        words += head[8:10] + b"\0\0" + head[12:20] + own
        fragments.append(words[:10] + struct.pack("!H", internet_checksum(words)) + words[12:] + data)
        at += room
    return fragments


def u16(data, offset):
    return data[offset] << 8 | data[offset + 1]


def copied_options(options):
    """The options whose type has the highest bit, up to the end of options or one that is malformed, in whole words."""
    copied, at = b"", 0
    while at < len(options) and options[at] != 0:
        length = 1 if options[at] == 1 else options[at + 1] if at + 1 < len(options) else 0
        if length == 0 or (options[at] != 1 and length < 2) or at + length > len(options):
            break
        copied += options[at : at + length] if options[at] & 0x80 else b""
        at += length
    return copied + b"\0" * (-len(copied) % 4)


def ipv6_fragments(packet, mtu, identification):
    """RFC 8200, section 4.5, of a packet without extension headers."""
    whole, payload = IPv6(packet[:40]), packet[40:]
    room, fragments = (mtu - 48) // 8 * 8, []
    for at in range(0, len(payload), room):
        head = IPv6(tc=whole.tc, fl=whole.fl, hlim=whole.hlim, src=whole.src, dst=whole.dst, nh=44)
        more = at + room < len(payload)
        part = IPv6ExtHdrFragment(nh=whole.nh, offset=at // 8, m=int(more), id=identification)
        fragments.append(bytes(head / part / Raw(payload[at : at + room])))
    return fragments


def masks_of(vip):
    """The fields of the forwarded frame that the balancer's flow hash decides."""
    masks = set()
    if vip.encapsulation != "l2" and vip.backend.family == 6:
        masks.add(FLOW_LABEL_MASK)
    if vip.encapsulation == "gue":
        masks.add(GUE_PORT_MASK)
    return masks


def internet_checksum(data):
    """RFC 1071, the slow way."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def too_big_reply(packet, mtu):
    """The IP packet that tells the sender which MTU is left: from the VIP, quoting as much as the RFCs let it."""
    packet = bytes(packet)
    if packet[0] >> 4 == 4:
        message = struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + packet[:548]
        message = message[:2] + struct.pack("!H", internet_checksum(message)) + message[4:]
        inside = IP(packet)
        return bytes(IP(src=inside.dst, dst=inside.src, tos=0xC0, id=0, flags="DF", ttl=64, proto=1) / Raw(message))
    inside = IPv6(packet)
    head = IPv6(src=inside.dst, dst=inside.src, hlim=64)
    return bytes(head / ICMPv6PacketTooBig(mtu=max(mtu, 1280)) / Raw(packet[:1232]))


def unreachable_reply(packet, codes):
    """The IP packet that tells the sender what is unreachable: from the VIP, an even number of bytes quoted. codes: by family."""
    packet = bytes(packet)
    if packet[0] >> 4 == 4:
        message = struct.pack("!BBHI", 3, codes[4], 0, 0) + packet[: min(len(packet), 548) & ~1]
        message = message[:2] + struct.pack("!H", internet_checksum(message)) + message[4:]
        inside = IP(packet)
        return bytes(IP(src=inside.dst, dst=inside.src, tos=0xC0, id=0, flags="DF", ttl=64, proto=1) / Raw(message))
    inside = IPv6(packet)
    head = IPv6(src=inside.dst, dst=inside.src, hlim=64)
    return bytes(head / ICMPv6DestUnreach(code=codes[6]) / Raw(packet[: min(len(packet), 1232) & ~1]))


def echo_reply(request, icmp_offset):
    """The IP packet that answers an echo request: addresses swapped, TTL 64, type changed, checksums computed anew."""
    reply = bytearray(bytes(request))
    if reply[0] >> 4 == 4:
        length = (reply[0] & 15) * 4
        reply[8] = 64
        reply[12:16], reply[16:20] = reply[16:20], reply[12:16]
        reply[10:12] = b"\0\0"
        reply[10:12] = struct.pack("!H", internet_checksum(bytes(reply[:length])))
        kind, pseudo = 0, b""
    else:
        reply[7] = 64
        reply[8:24], reply[24:40] = reply[24:40], reply[8:24]
        kind, pseudo = 129, bytes(reply[8:40]) + struct.pack("!II", len(reply) - icmp_offset, 58)
    reply[icmp_offset] = kind
    reply[icmp_offset + 2 : icmp_offset + 4] = b"\0\0"
    checksum = internet_checksum(pseudo + bytes(reply[icmp_offset:]))
    reply[icmp_offset + 2 : icmp_offset + 4] = struct.pack("!H", checksum)
    return bytes(reply)
