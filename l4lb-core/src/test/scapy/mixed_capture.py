#!/usr/bin/python3
"""Writes a configuration and a capture of many mixed packets, built with scapy.

    mixed_capture.py OUT.pcap CONFIG.yaml [--packets 20000] [--seed 1]

Beside the capture it writes OUT.pcap.outcomes: per packet what it was made to be ("forward VIP", "echo", "punt",
"drop LABEL"), which check_replay.py compares with what it finds itself. Same seed, same bytes.
"""
import argparse
import random
import struct

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoRequest,
    ICMPv6PacketTooBig,
    ICMPv6TimeExceeded,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    PadN,
)
from scapy.packet import Raw

import capture
import mixed_site
from balancer import ethernet, frame_of, internet_checksum, tag

START_US = 1_700_000_000_000_000
LARGEST_THAT_ALWAYS_FITS = mixed_site.MTU_BYTES - 40 - 8 - 4

CLIENTS_OF_SOURCE_AFFINITY = 40


class Flow:
    def __init__(self, rng, vip):
        self.vip, self.packets = vip, 0
        number = rng.getrandbits(24) if vip.affinity == "flow" else rng.randrange(CLIENTS_OF_SOURCE_AFFINITY)
        low, high = number & 0xFF, number >> 8
        self.client = f"203.{high >> 8}.{high & 255}.{low}" if vip.family == 4 else f"2001:db8:c:{high:x}::{low:x}"
        self.client_port = rng.randrange(1024, 65536)
        self.l4_port = rng.choice((80, 443, 8080, 51820)) if vip.l4_port == "any" else vip.l4_port


class Traffic:
    def __init__(self, seed, packets):
        self.rng = random.Random(seed)
        self.vips = mixed_site.vips()
        weights = [3 if vip.encapsulation == "gue" or vip.affinity == "source" else 1 for vip in self.vips]
        self.flows = [Flow(self.rng, vip) for vip in self.rng.choices(self.vips, weights, k=max(1, packets // 4))]
        kinds = {
            self.forward: 78, self.echo: 4, self.not_for_us: 6, self.other_l4_port: 2, self.malformed: 5,
            self.fragment: 2, self.icmp_error: 1, self.too_big: 2,
        }
        self.kinds, self.kind_weights = list(kinds), list(kinds.values())

    def next(self):
        """Returns (frame, outcome)."""
        return self.rng.choices(self.kinds, self.kind_weights)[0]()

    def header(self, flow, **extra):
        rng = self.rng
        if flow.vip.family == 4:
            options = IPOption(b"\x94\x04\0\0" + b"\x01" * rng.choice((0, 4, 36))) if rng.random() < 0.05 else []
            fields = {"id": rng.getrandbits(16), "flags": rng.choice((0, "DF")), "options": options, **extra}
            return IP(src=flow.client, dst=flow.vip.address, tos=rng.getrandbits(8), ttl=rng.randrange(1, 256), **fields)
        head = IPv6(src=flow.client, dst=flow.vip.address, tc=rng.getrandbits(8), fl=rng.getrandbits(20))
        head.hlim = rng.randrange(1, 256)
        if rng.random() < 0.1:
            head = head / IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)])
            for _ in range(rng.randrange(8)):
                head = head / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])
        return head

    def segment(self, flow):
        flow.packets += 1
        if flow.vip.protocol == "udp":
            return UDP(sport=flow.client_port, dport=flow.l4_port)
        if flow.packets == 1:
            return TCP(sport=flow.client_port, dport=flow.l4_port, flags="S", options=[("MSS", 1460), ("SAckOK", b"")])
        flags = self.rng.choice(("A", "A", "PA", "PA", "FA"))
        return TCP(sport=flow.client_port, dport=flow.l4_port, flags=flags, seq=flow.packets, ack=1)

    def packet(self, length=None, **extra):
        """A well-formed packet of a random flow, small enough to fit whatever the encapsulation."""
        flow = self.rng.choice(self.flows)
        head = self.header(flow, **extra) / self.segment(flow)
        room = LARGEST_THAT_ALWAYS_FITS - len(head)
        length = self.rng.choice((0, self.rng.randrange(64), self.rng.randrange(1401))) if length is None else length
        return flow, bytes(head / Raw(self.rng.randbytes(min(length, room))))

    def framed(self, packet):
        roll = self.rng.random()
        tags = ()
        if roll < 0.1:
            tags = (tag(0x8100, self.rng.randrange(4096), self.rng.randrange(8)),)
        elif roll < 0.15:
            tags = (tag(0x88A8, self.rng.randrange(4096)), tag(0x8100, self.rng.randrange(4096)))
        padding = b"\0" * max(0, 46 - len(packet)) + self.rng.randbytes(self.rng.choice((0, 0, 0, 4)))
        return frame_of(packet, tags, padding)

    def forward(self):
        flow, packet = self.packet()
        return self.framed(packet), f"forward {flow.vip.name}"

    def echo(self):
        flow = self.rng.choice(self.flows)
        identifier, sequence = self.rng.getrandbits(16), self.rng.getrandbits(16)
        message = ICMP(type=8) if flow.vip.family == 4 else ICMPv6EchoRequest()
        message.id, message.seq = identifier, sequence
        packet = self.header(flow) / message / Raw(self.rng.randbytes(self.rng.randrange(1300)))
        return self.framed(bytes(packet)), "echo"

    def not_for_us(self):
        rng = self.rng
        if rng.random() < 0.3:
            ether_type = rng.choice((0x0806, 0x88CC, 0x8847, 0x9000, 0x0026))
            return ethernet(ether_type, rng.randbytes(rng.randrange(28, 100)), destination="ff:ff:ff:ff:ff:ff"), "punt"
        flow, packet = self.packet()
        at, size = (16, 4) if flow.vip.family == 4 else (24, 16)
        elsewhere = bytearray(packet)
        elsewhere[at + size - 2] ^= 1 + rng.randrange(255)
        if flow.vip.family == 4:
            elsewhere[10:12] = b"\0\0"
            struct.pack_into("!H", elsewhere, 10, internet_checksum(bytes(elsewhere[: (elsewhere[0] & 15) * 4])))
        return self.framed(bytes(elsewhere)), "punt"

    def other_l4_port(self):
        while True:
            flow = self.rng.choice(self.flows)
            if flow.vip.l4_port != "any":
                break
        head = self.header(flow)
        segment = self.segment(flow)
        segment.dport = flow.l4_port ^ 1
        return self.framed(bytes(head / segment / Raw(self.rng.randbytes(9)))), "punt"

    def fragment(self):
        """Of no flow: what becomes of others depends on their order, see cases_fragments.py."""
        flow = self.rng.choice(self.flows)
        more, offset = self.rng.choice(((1, 0), (1, 185), (0, 185), (0, 370)))
        body = Raw(self.rng.randbytes(64))
        if flow.vip.family == 4:
            head = self.header(flow, flags="MF" if more else 0, frag=offset)
            head.proto = 1
        else:
            head = IPv6(src=flow.client, dst=flow.vip.address) / IPv6ExtHdrFragment(nh=58, m=more, offset=offset, id=9)
        return self.framed(bytes(head / body)), "drop fragment-protocol"

    def quoted(self, flow):
        """The beginning of a packet that the flow's backend sent: 8 bytes of its L4 header, or more."""
        segment = TCP(flags="A") if flow.vip.protocol == "tcp" else UDP()
        segment.sport, segment.dport = flow.l4_port, flow.client_port
        head = IP if flow.vip.family == 4 else IPv6
        packet = bytes(head(src=flow.vip.address, dst=flow.client) / segment / Raw(self.rng.randbytes(100)))
        header_bytes = 20 if flow.vip.family == 4 else 40
        return packet[: header_bytes + self.rng.choice((8, 8, 28, 60))]

    def icmp_error(self):
        flow = self.rng.choice(self.flows)
        quoted = self.quoted(flow)
        if flow.vip.family == 4:
            kind = self.rng.choice((3, 4, 5, 11, 12))
            packet = self.header(flow) / ICMP(type=kind) / Raw(quoted)
            if kind in (4, 5):
                return self.framed(bytes(packet)), "drop icmp-ignored"
        else:
            message = self.rng.choice((ICMPv6DestUnreach, ICMPv6PacketTooBig, ICMPv6TimeExceeded))()
            packet = IPv6(src=flow.client, dst=flow.vip.address, nh=58) / message / Raw(quoted)
        return self.framed(bytes(packet)), f"forward {flow.vip.name}"

    def too_big(self):
        while True:
            flow = self.rng.choice(self.flows)
            if flow.vip.encapsulation != "l2":
                break
        head = self.header(flow) / self.segment(flow)
        wanted = self.rng.randrange(mixed_site.MTU_BYTES - 19, mixed_site.MTU_BYTES + 1)
        packet = bytes(head / Raw(self.rng.randbytes(wanted - len(head))))
        is_answered = packet[0] >> 4 == 6 or packet[6] & 0x40
        return self.framed(packet), "too-big" if is_answered else f"forward {flow.vip.name}"

    def malformed(self):
        """A well-formed packet without options, extension headers, tags and padding, then one fault."""
        flow = self.rng.choice(self.flows)
        family, protocol = flow.vip.family, flow.vip.protocol
        segment = self.segment(flow)
        head = IP(src=flow.client, dst=flow.vip.address) if family == 4 else IPv6(src=flow.client, dst=flow.vip.address)
        packet = bytearray(bytes(head / segment / Raw(self.rng.randbytes(self.rng.randrange(20, 200)))))
        fault = self.rng.choice((self.cut, self.bad_version, self.bad_length, self.bad_l4))
        return fault(packet, family, protocol)

    def cut(self, packet, family, protocol):
        frame = frame_of(packet)
        length = self.rng.randrange(1, min(len(frame), 90))
        header = 20 if family == 4 else 40
        if length < 14:
            label = "ethernet-truncated"
        elif length < 14 + header:
            label = f"ipv{family}-truncated"
        else:
            label = "ipv4-total-length" if family == 4 else "ipv6-payload-length"
        return frame[:length], f"drop {label}"

    def bad_version(self, packet, family, protocol):
        frame = bytearray(frame_of(packet))
        if family == 4 and self.rng.random() < 0.5:
            frame[14] = 0x40 | self.rng.randrange(5)
            return bytes(frame), "drop ipv4-header-length"
        frame[14] = self.rng.choice((0, 5, 9, 15)) << 4 | frame[14] & 15
        return bytes(frame), f"drop ipv{family}-version"

    def bad_length(self, packet, family, protocol):
        struct.pack_into("!H", packet, 2 if family == 4 else 4, len(packet) + self.rng.randrange(1, 1000))
        return frame_of(packet), "drop " + ("ipv4-total-length" if family == 4 else "ipv6-payload-length")

    def bad_l4(self, packet, family, protocol):
        at = 20 if family == 4 else 40
        if protocol == "tcp":
            packet[at + 12] = self.rng.randrange(5) << 4
            return frame_of(packet), "drop tcp-data-offset"
        length = self.rng.choice((self.rng.randrange(8), len(packet) - at + self.rng.randrange(1, 900)))
        struct.pack_into("!H", packet, at + 4, length)
        return frame_of(packet), "drop udp-length"


def main():
    parser = argparse.ArgumentParser(description="A configuration and a capture of many mixed packets.")
    parser.add_argument("out")
    parser.add_argument("config")
    parser.add_argument("--packets", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    traffic = Traffic(arguments.seed, arguments.packets)
    packets = [traffic.next() for _ in range(arguments.packets)]
    capture.write(arguments.out, [(START_US + 53 * index, frame) for index, (frame, _) in enumerate(packets)])
    with open(arguments.config, "w", encoding="utf-8") as out:
        out.write(mixed_site.configuration())
    with open(arguments.out + ".outcomes", "w", encoding="utf-8") as out:
        out.writelines(outcome + "\n" for _, outcome in packets)
    print(f"seed {arguments.seed}: {len(packets)} packets, {len(traffic.flows)} flows, {len(traffic.vips)} VIPs")


if __name__ == "__main__":
    main()
