#!/usr/bin/python3
"""Traffic for TwinTapIT, from the router's namespace.

    traffic.py vip ADDRESS L4PORT PPS SECONDS    UDP to a VIP; prints how many were sent, and how many came back
                                                 encapsulated (IP protocol 4) to this machine
    traffic.py junk INTERFACE MAC ADDRESS PPS SECONDS    UDP and TCP SYN from random sources; prints how many were sent
    traffic.py serve ADDRESS L4PORT              a TCP echo server, until killed
    traffic.py echo ADDRESS L4PORT COUNT PAUSE   lines to it over one connection, each awaited; prints count, and the
                                                 median and longest time of a line in milliseconds
"""
import ipaddress
import random
import socket
import struct
import sys
import threading
import time

SO_RCVBUFFORCE = 33  # Linux; Python has no name for it


def vip(address, l4_port, pps, seconds):
    inward = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IPIP)
    inward.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    inward.settimeout(1.0)
    received = 0

    def count():
        nonlocal received
        try:
            while True:
                inward.recv(2048)
                received += 1
        except TimeoutError:
            pass

    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(16)]
    for one in sockets:
        one.connect((address, int(l4_port)))
    counter = threading.Thread(target=count)
    counter.start()
    start, sent = time.monotonic(), 0
    while time.monotonic() - start < float(seconds):
        due = int((time.monotonic() - start) * int(pps))
        while sent < due:
            sockets[sent % 16].send(b"x" * 100)
            sent += 1
        time.sleep(0.001)
    counter.join()
    print(sent, received)


def checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def junk_frame(mac, address, number):
    source = struct.pack(">I", random.randrange(0x0B000000, 0xDF000000))
    protocol, payload = [
        (17, struct.pack(">HHHH", 9, 9 + number % 1000, 28, 0) + bytes(20)),
        (6, struct.pack(">HHIIBBHHH", 1024 + number % 50000, 22, number, 0, 5 << 4, 2, 1024, 0, 0)),
    ][number % 10 == 9]
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), number & 0xFFFF, 0, 64, protocol, 0)
    header += source + address.packed
    header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
    return mac + b"\x02\x77\x00\x00\x00\x66" + b"\x08\x00" + header + payload


def junk(interface, mac, address, pps, seconds):
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((interface, 0))
    target = ipaddress.IPv4Address(address)
    to = bytes.fromhex(mac.replace(":", ""))
    frames = [junk_frame(to, target, number) for number in range(4096)]
    start, sent = time.monotonic(), 0
    while time.monotonic() - start < float(seconds):
        due = int((time.monotonic() - start) * int(pps))
        while sent < due:
            try:
                out.send(frames[sent % len(frames)])
                sent += 1
            except OSError:  # the interface's queue is full
                break
        time.sleep(0.001)
    print(sent)


def serve(address, l4_port):
    listener = socket.create_server((address, int(l4_port)))
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=answer, args=(peer,), daemon=True).start()


def answer(peer):
    while data := peer.recv(65536):
        peer.sendall(data)


def connect(address, l4_port):
    """The server may have been started just before."""
    for _ in range(200):
        try:
            return socket.create_connection((address, int(l4_port)), timeout=20)
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise TimeoutError("nobody listens")


def echo(address, l4_port, count, pause):
    peer = connect(address, l4_port)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times = []
    for number in range(int(count)):
        line = f"{number:08d}".encode()
        start = time.monotonic()
        peer.sendall(line)
        back = b""
        while len(back) < len(line):
            back += peer.recv(64)
        assert back == line
        times.append((time.monotonic() - start) * 1000)
        time.sleep(float(pause))
    times.sort()
    print(len(times), f"{times[len(times) // 2]:.1f}", f"{times[-1]:.1f}")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
