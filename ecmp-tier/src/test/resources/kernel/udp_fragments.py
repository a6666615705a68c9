#!/usr/bin/python3
"""A UDP client whose datagrams need fragments, and the server that says what it got. Every wait has a bound.

    udp_fragments.py serve PORT              answers each datagram with its length and SHA-256, from the address it came to
    udp_fragments.py ask PORT ORDER ADDRESS...   sends 8,000 bytes to each; ORDER: kernel, reversed or shuffled

"ask" prints "ADDRESS ok", or what else it got, for each address. In order the kernel cuts; else a raw socket sends what was cut here.
"""
import hashlib
import random
import socket
import struct
import sys

LENGTH, PIECE, TRIES, WAIT_SECONDS = 8000, 1432, 5, 2


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def serve(port):
    """One socket for both families; IP_PKTINFO and IPV6_PKTINFO tell, and take, the VIP's address."""
    listener = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    listener.bind(("::", port))
    print("listens", flush=True)
    while True:  # the lab ends it
        data, control, _, client = listener.recvmsg(65536, 1024)
        info = [item for item in control if item[1] == socket.IPV6_PKTINFO]
        local = info[0][2][:16] + b"\0\0\0\0"
        answer = f"{len(data)} {hashlib.sha256(data).hexdigest()}".encode()
        listener.sendmsg([answer], [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, local)], 0, client)


def fragments(family, source, source_port, destination, port, data, identification):
    length = 8 + len(data)
    pseudo = source + destination + struct.pack("!II", length, 17)
    header = struct.pack("!4H", source_port, port, length, 0)
    value = checksum(pseudo + header + data) or 0xFFFF
    whole = header[:6] + struct.pack("!H", value) + data
    pieces = []
    for offset in range(0, length, PIECE):
        piece, more = whole[offset : offset + PIECE], offset + PIECE < length
        if family == socket.AF_INET:
            head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(piece), identification & 0xFFFF, offset // 8 | more << 13, 64, 17, 0)
            head += source + destination
            head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        else:
            head = struct.pack("!IHBB", 6 << 28, 8 + len(piece), 44, 64) + source + destination
            head += struct.pack("!BBHI", 17, 0, offset | more, identification)
        pieces.append(head + piece)
    return pieces


def ask(port, order, address):
    rng = random.Random(f"{order} {address}")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    wanted = None
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.connect((address, port))
        client.settimeout(WAIT_SECONDS)
        for _ in range(TRIES):
            data = rng.randbytes(LENGTH)
            wanted = f"{LENGTH} {hashlib.sha256(data).hexdigest()}".encode()
            if order == "kernel":
                client.send(data)
            else:
                send_raw(client, family, address, port, data, order, rng)
            try:
                got = client.recv(65536)
            except (TimeoutError, ConnectionRefusedError) as failure:
                got = repr(failure).encode()
            if got == wanted:
                return "ok"
    return f"wanted {wanted}, got {got}"


def send_raw(client, family, address, port, data, order, rng):
    source, source_port = client.getsockname()[:2]
    packed = [socket.inet_pton(family, each) for each in (source, address)]
    pieces = fragments(family, packed[0], source_port, packed[1], port, data, rng.getrandbits(32))
    if order == "reversed":
        pieces.reverse()
    else:
        rng.shuffle(pieces)
    with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for piece in pieces:
            raw.sendto(piece, (address, 0))


def main(arguments):
    if arguments[0] == "serve":
        serve(int(arguments[1]))
    for address in arguments[3:]:
        print(address, ask(int(arguments[1]), arguments[2], address), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
