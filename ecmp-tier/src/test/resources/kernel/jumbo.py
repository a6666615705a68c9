#!/usr/bin/python3
"""Sends IPv4 packets to a VIP through a device and prints, for each, the lengths of the outer packets that came back in its place.

    jumbo.py DEVICE VIP PORT LENGTH...       "8900: 8920", or "8990: 8996 34" for outer fragments, after comparing all bytes
"""
import socket
import struct
import sys

ETH_P_IP, WAIT_SECONDS = 0x0800, 10


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def packet(vip, port, length):
    head = struct.pack("!BBHHHBBH", 0x45, 0, length, length, 0, 64, 17, 0) + socket.inet_aton("10.77.0.1") + socket.inet_aton(vip)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    data = bytes(i * 7 & 0xFF for i in range(length - 28))
    return head + struct.pack("!4H", 40_000, port, length - 20, 0) + data


def outer_packets(link, inner):
    """Those of one packet, in order of arrival; they hold it."""
    got, held = [], b""
    while len(held) < len(inner):
        frame, address = link.recvfrom(65536)
        outer = frame[14:]
        if address[2] == socket.PACKET_OUTGOING or outer[9] != 4:
            continue
        length = struct.unpack("!H", outer[2:4])[0]
        if (struct.unpack("!H", outer[6:8])[0] & 0x1FFF) * 8 != len(held) or checksum(outer[:20]):
            raise SystemExit(f"unexpected: {outer[:20].hex()} after {len(held)} bytes")
        got.append(length)
        held += outer[20:length]
    if held != inner:
        raise SystemExit(f"{len(inner)}: the inner packet has changed")
    return got


def main(device, vip, port, lengths):
    with open(f"/sys/class/net/{device}/address", encoding="ascii") as address:
        mac = bytes.fromhex(address.read().strip().replace(":", ""))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP)) as link:
        link.bind((device, ETH_P_IP))
        link.settimeout(WAIT_SECONDS)
        for length in lengths:
            inner = packet(vip, port, length)
            link.send(mac + b"\x02\x77\0\0\0\1" + struct.pack("!H", ETH_P_IP) + inner)
            print(f"{length}:", *outer_packets(link, inner))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), [int(length) for length in sys.argv[4:]])
