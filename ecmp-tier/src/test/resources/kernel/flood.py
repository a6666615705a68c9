#!/usr/bin/python3
"""A flood of TCP packets of flows that begin with them, from random clients, raw, by device c0. It ends by itself.

    flood.py KIND PACKETS PER_SECOND ROUTER_MAC PORT ADDRESS...

KIND: syn; ack (of no connection); pair (a SYN and the ACK behind it: a forger who knows what counts as proof).
Sources: 198.18.0.0/15 and 2001:db8:bad::/64. Checksums are right, so backends have the work too.
"""
import random
import socket
import struct
import sys
import time

SYN, ACK = 0x02, 0x10
BATCH = 64
SOURCE_IPV4 = 198 << 24 | 18 << 16
SOURCE_IPV6 = struct.unpack("!QQ", socket.inet_pton(socket.AF_INET6, "2001:db8:bad::"))[0]
TCP = struct.Struct("!HHIIBBHHH")
IPV4 = struct.Struct("!BBHHHBBHII")
IPV6 = struct.Struct("!IHBBQQQQ")


def words(value):
    total = 0
    while value:
        total += value & 0xFFFF
        value >>= 16
    return total


def complement(total):
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def tcp(port, pseudo_sum, flags, bits):
    """bits: random; the L4 port, the sequence number."""
    source_port, sequence = 1024 + (bits & 0x7FFF), bits >> 16 & 0xFFFFFFFF
    acknowledged = sequence ^ 0x5A5A5A5A if flags & ACK else 0
    head = (source_port, port, sequence, acknowledged, 0x50, flags, 0xFFFF)
    total = pseudo_sum + source_port + port + words(sequence) + words(acknowledged) + (0x5000 | flags) + 0xFFFF
    return TCP.pack(*head, complement(total), 0)


class Target:
    def __init__(self, mac, address, port):
        self.port = port
        self.link = bytes.fromhex(mac.replace(":", "")) + b"\x02\x98\0\0\x01\x02"
        self.is_ipv6 = ":" in address
        packed = socket.inet_pton(socket.AF_INET6 if self.is_ipv6 else socket.AF_INET, address)
        self.link += b"\x86\xdd" if self.is_ipv6 else b"\x08\x00"
        self.address = struct.unpack("!QQ", packed) if self.is_ipv6 else struct.unpack("!I", packed)
        self.pseudo_sum = sum(words(part) for part in self.address) + 6 + TCP.size
        self.ipv4_sum = 0x4500 + 40 + 0x4000 + 0x4006 + words(self.address[0])

    def frame(self, flags, source_bits, bits):
        if self.is_ipv6:
            pseudo_sum = self.pseudo_sum + words(SOURCE_IPV6) + words(source_bits)
            head = IPV6.pack(6 << 28, TCP.size, 6, 64, SOURCE_IPV6, source_bits, *self.address)
        else:
            source = SOURCE_IPV4 | source_bits & 0x1FFFF
            pseudo_sum = self.pseudo_sum + words(source)
            check = complement(self.ipv4_sum + words(source))
            head = IPV4.pack(0x45, 0, 40, 0, 0x4000, 64, 6, check, source, *self.address)
        return self.link + head + tcp(self.port, pseudo_sum, flags, bits)


def flow(kind, target):
    source_bits, bits = random.getrandbits(64), random.getrandbits(48)
    if kind != "ack":
        yield target.frame(SYN, source_bits, bits)
    if kind != "syn":
        yield target.frame(ACK, source_bits, bits + (0x10000 if kind == "pair" else 0))


def main(kind, packets, per_second, mac, port, *addresses):
    targets = [Target(mac, address, int(port)) for address in addresses]
    sent, number, begun = 0, 0, time.monotonic()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind(("c0", 0))
        while sent < int(packets):
            for _ in range(BATCH):
                for frame in flow(kind, targets[number % len(targets)]):
                    raw.send(frame)
                    sent += 1
                number += 1
            early = begun + sent / int(per_second) - time.monotonic()
            if early > 0:
                time.sleep(early)
    print(sent, f"{sent / (time.monotonic() - begun):.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
