"""A second look at every case: reference.py reads the inputs as their author does, scapy dissects the expected outputs,
and decapsulating them gives the inner packets back."""
import ipaddress
import os
import struct

from scapy.layers.inet import IP, UDP, defrag
from scapy.layers.inet6 import ICMPv6EchoReply, IPv6, IPv6ExtHdrFragment, IPv6ExtHdrRouting, defragment6
from scapy.layers.l2 import GRE, Dot1Q, Ether
from scapy.packet import Raw

import capture
from access import Lists
from balancer import ETH_PORT_MAC, NEXT_HOP_MAC, OUTER_SOURCE, ROUTER_MAC, internet_checksum
from mixed_site import Site
from reference import outcome_of, verdict_of
from reference_fragments import FragmentModel

OUTER_HEADER_BYTES_MAX = 32  # of outer IPv4, with GUE
RATE_DROPS = {"drop new-flow-rate", "drop vip-rate"}


def check_case(case, folder):
    """case: what its author stated; folder: what was written for it."""
    site = Site(os.path.join(folder, "config.yaml"))
    lists = Lists(os.path.join(folder, "config.yaml"))
    fragments = FragmentModel(site)
    owns = []
    for index, (time_us, frame) in enumerate(capture.read(os.path.join(folder, "in.pcap"))):
        verdict = verdict_of(frame, site)
        own = "held" if verdict.kind == "fragment" else outcome_of(verdict, site)
        if own.startswith("forward"):
            own = "drop access-denied" if lists.denies(verdict.vip, verdict.packet) else own
            # what came before decides: not for a reader of one packet
            own = case.outcomes[index] if case.outcomes[index] in RATE_DROPS else own
        if own == "punt" and not case.kernel_side:
            own = of_no_kernel(frame, site)
        owns.append(own)
        if verdict.kind == "fragment":
            for decided, outcome in fragments.take(index, time_us, frame):
                owns[decided] = outcome
    for index in fragments.end():
        owns[index] = "drop fragment-timeout"
    for index, own in enumerate(owns):
        require(case.remembers or own == case.outcomes[index], f"{case.name}: packet {index} is {case.outcomes[index]}, read as {own}")
    check_outputs(case, capture.read(os.path.join(folder, "out.pcap")))


def check_outputs(case, outputs):
    if len(outputs) != len(case.outputs) or outputs != sorted(outputs, key=lambda record: record[0]):
        raise AssertionError(f"{case.name}: outputs are not in input order")
    if len(case.inputs) + case.outer_fragments != len(case.outputs) + len(case.punted) + sum(case.drops.values()):
        raise AssertionError(f"{case.name}: a packet without an outcome")
    for index, inner, vip in case.tunnels:
        if decapsulate(untagged(case, outputs[index][1]), vip) != inner:
            raise AssertionError(f"{case.name}: output {index} does not decapsulate to its input")
    tunnelled = {index for index, _, _ in case.tunnels}
    for first, count, inner, vip, mtu in case.fragmented:
        check_fragments([untagged(case, frame) for _, frame in outputs[first : first + count]], inner, vip, mtu)
        tunnelled |= set(range(first, first + count))
    for index, (_, frame) in enumerate(outputs):
        if index in case.too_big_replies:
            check_error(frame, (3, 4), (2, 0))
        elif index in case.unreachable:
            check_error(frame, (3, 3), (1, 4))
        elif index in case.unreachable_replies:
            check_error(frame, (3, 1), (1, 3))
        elif index not in tunnelled:
            check_echo(case, frame)


def untagged(case, frame):
    """The frame without the ethPort's tag, which it must have."""
    if case.transmit_vlan is None:
        return frame
    tag = Ether(frame).payload
    require(isinstance(tag, Dot1Q) and tag.vlan == case.transmit_vlan and not isinstance(tag.payload, Dot1Q), "tag")
    return frame[:12] + frame[16:]


def check_fragments(frames, inner, vip, mtu):
    """scapy puts the fragments together and finds the inner packet; those of IPv4 in reverse too, which it cannot for IPv6."""
    for order in (frames, frames[::-1] if vip.backend.family == 4 else frames):
        whole = reassembled(order, mtu)
        if vip.encapsulation == "l2":
            require(bytes(whole)[20:] == inner[20:] and whole.id == IP(inner).id, "reassembled l2 packet")
            continue
        if isinstance(whole, IP):
            whole.id, whole.flags, whole.chksum, whole.len = 0, "DF", None, None
        ether = Ether(frames[0])
        require(decapsulate(bytes(Ether(src=ether.src, dst=ether.dst) / whole), vip) == inner, "reassembled inner packet")


def reassembled(frames, mtu):
    packets = []
    for frame in frames:
        ether = Ether(frame)
        layer = ether.payload
        while not isinstance(layer, (IP, IPv6)):
            layer = layer.payload  # tags
        length = layer.len if isinstance(layer, IP) else layer.plen + 40
        require(length <= mtu and frame.endswith(bytes(layer)[:length]), "length of a fragment")
        if isinstance(layer, IP):
            require(internet_checksum(bytes(layer)[: layer.ihl * 4]) == 0, "header checksum of a fragment")
            head = IP(bytes(layer)[: layer.ihl * 4])
            layer = head / Raw(bytes(layer)[layer.ihl * 4 : length])  # or scapy looks into the first fragment alone
        packets.append(layer)
    if isinstance(packets[0], IP):
        _, whole, missing = defrag(packets)
        require(len(whole) == 1 and not missing, "fragments that are one packet")
        return IP(bytes(whole[0]))
    require(len({packet[IPv6ExtHdrFragment].id for packet in packets}) == 1, "identification of fragments")
    whole = defragment6(packets)
    whole.plen = None
    return IPv6(bytes(whole))


def require(condition, words):
    if not condition:
        raise AssertionError(words)


def decapsulate(frame, vip):
    """Returns the inner packet, read as a backend with kernel tunnels would."""
    ether = Ether(frame)
    require(ether.src == ETH_PORT_MAC, "source MAC")
    if vip.encapsulation == "l2":
        require(ether.dst == vip.backend.mac, "backend MAC")
        return inner_of_l2(ether)
    require(ether.dst == NEXT_HOP_MAC, "next hop MAC")
    outer = ether.payload
    family = vip.backend.family
    require(isinstance(outer, IP if family == 4 else IPv6), "outer family")
    require((outer.src, outer.dst) == (OUTER_SOURCE[family], vip.backend.address), "outer addresses")
    require(frame[14 + (20 if family == 4 else 40) :] == bytes(outer.payload), "bytes behind the outer packet")
    if family == 4:
        require(internet_checksum(frame[14:34]) == 0, "outer header checksum")
        require((outer.ttl, int(outer.flags), outer.id, outer.frag) == (64, 2, 0, 0), "outer IPv4 fields")
        require(outer.len == len(frame) - 14, "outer total length")
    else:
        require(outer.hlim == 64 and outer.plen == len(frame) - 54, "outer IPv6 fields")
    payload = bytes(outer.payload)
    inner = {"ipip": lambda: payload, "gre": lambda: gre(outer), "gue": lambda: gue(outer, vip)}[vip.encapsulation]()
    check_inner(outer, inner, vip)
    return inner


def inner_of_l2(ether):
    """The IP packet as long as it says, without tags and padding."""
    layer = ether.getlayer(IP) or ether.getlayer(IPv6)
    return bytes(layer)[: layer.len if isinstance(layer, IP) else layer.plen + 40]


def gre(outer):
    header = outer.payload
    require(isinstance(header, GRE) and bytes(header)[:2] == b"\0\0", "GRE header")
    require(header.proto == {4: 0x0800, 6: 0x86DD}[bytes(header)[4] >> 4], "GRE protocol type")
    return bytes(header)[4:]


def gue(outer, vip):
    header = outer.payload
    data = bytes(header)
    require(isinstance(header, UDP), "GUE needs UDP")
    require((header.dport, header.chksum, header.len) == (vip.gue_port or 6080, 0, len(data)), "UDP header of GUE")
    require(data[8] == 0 and data[10:12] == b"\0\0", "GUE header")
    require(data[9] == {4: 4, 6: 41}[data[12] >> 4], "GUE protocol")
    return data[12:]


def check_inner(outer, inner, vip):
    number = outer.proto if isinstance(outer, IP) else outer.nh
    family = inner[0] >> 4
    wanted = {"ipip": {4: 4, 6: 41}[family], "gre": 47, "gue": 17}[vip.encapsulation]
    require(number == wanted, "outer protocol")
    inside = IP(inner) if family == 4 else IPv6(inner)
    copied = outer.tos if isinstance(outer, IP) else outer.tc
    require(copied == (inside.tos if family == 4 else inside.tc), "DSCP and ECN")


def check_echo(case, frame):
    """The reply as a client reads it: its checksums add up, and scapy finds the echo reply where it belongs."""
    ether = Ether(frame)
    layer = ether.getlayer(IP) or ether.getlayer(IPv6)
    if isinstance(layer, IP):
        packet, header_bytes, ttl = bytes(layer)[: layer.len], layer.ihl * 4, layer.ttl
        require(internet_checksum(packet[:header_bytes]) == 0, f"{case.name}: header checksum")
        message, pseudo = packet[header_bytes:], b""
        require(message[0] == 0, f"{case.name}: not an echo reply")
    else:
        packet, ttl = bytes(layer)[: layer.plen + 40], layer.hlim
        reply = IPv6(packet).getlayer(ICMPv6EchoReply)
        require(reply is not None, f"{case.name}: not an echo reply")
        message = bytes(reply)
        pseudo = packet[8:40] + struct.pack("!II", len(message), 58)
    require(internet_checksum(pseudo + message) == 0, f"{case.name}: ICMP checksum")
    require(ttl == 64, f"{case.name}: TTL")
    require((ether.dst, ether.src) == (ROUTER_MAC, ETH_PORT_MAC), f"{case.name}: MACs")


def of_no_kernel(frame, site):
    """What becomes of that which would be the kernel's: UDP from one host to one, and to a VIP's address, is answered."""
    ether = Ether(frame)
    layer = ether.getlayer(IP) or ether.getlayer(IPv6)
    if layer is None or UDP not in layer or ipaddress.ip_address(layer.dst).packed not in site.addresses:
        return "drop punt-unavailable"
    source = ipaddress.ip_address(layer.src)
    no_host = source.is_multicast or source.is_loopback or source.is_unspecified or source.packed in site.addresses
    if layer.version == 4:
        no_host = no_host or int(source) >> 24 == 0 or source in ipaddress.ip_network("240.0.0.0/4")
    else:
        no_host = no_host or source in ipaddress.ip_network("::/64")
        no_host = no_host or any(header.segleft for header in layer.iterpayloads() if isinstance(header, IPv6ExtHdrRouting))
    return "drop unanswerable" if no_host or frame[0] & 1 else "port-unreachable"


def check_error(frame, ipv4_kind, ipv6_kind):
    """The answer as a client reads it: an ICMP error from the VIP, checksums right, the length that its header says."""
    ether = Ether(frame)
    layer = ether.getlayer(IP) or ether.getlayer(IPv6)
    if isinstance(layer, IP):
        packet, kind, least = bytes(layer), ipv4_kind, 576 - OUTER_HEADER_BYTES_MAX
        require(internet_checksum(packet[:20]) == 0 and len(packet) == layer.len <= 576, "header of an ICMP error")
        message, pseudo = packet[20:], b""
        require(IP(message[8:]).src == layer.dst and IP(message[8:]).dst == layer.src, "addresses of an ICMP error")
    else:
        packet, kind, least = bytes(layer), ipv6_kind, 1280
        require(len(packet) == layer.plen + 40 <= 1280, "length of an ICMPv6 error")
        message = packet[40:]
        pseudo = packet[8:40] + struct.pack("!II", len(message), 58)
        require(IPv6(message[8:]).src == layer.dst and IPv6(message[8:]).dst == layer.src, "addresses of an ICMPv6 error")
    require((message[0], message[1]) == kind, "type and code")
    require(internet_checksum(pseudo + message) == 0, "ICMP checksum")
    too_big = kind in ((3, 4), (2, 0))
    require(int.from_bytes(message[4:8], "big") in (range(least, 9217) if too_big else (0,)), "MTU")
    require((ether.dst, ether.src) == (ROUTER_MAC, ETH_PORT_MAC), "MACs")
