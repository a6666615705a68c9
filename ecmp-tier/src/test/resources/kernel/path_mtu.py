#!/usr/bin/python3
"""What a narrow link before a backend is tried with. Every wait of a client has a bound.

    path_mtu.py backend PORT          takes uploads on TCP PORT and answers with their length and SHA-256; and is the tunnel device that
                                      this kernel lacks: what it has put together of outer fragments goes on through a tun
    path_mtu.py upload PORT ADDRESS   sends 1 MB by TCP, prints "ok" or what else came back
    path_mtu.py datagram PORT ADDRESS sends as much UDP as 1,500 bytes hold, without DF, until it is answered
"""
import fcntl
import hashlib
import os
import random
import select
import socket
import struct
import sys
import threading

UPLOAD_BYTES, UPLOAD_SECONDS, TRIES, WAIT_SECONDS = 1_000_000, 60, 5, 2
TUNSETIFF, TUN_WITHOUT_HEADER = 0x400454CA, 0x1001
IP_MTU_DISCOVER, PMTUDISC_DONT, UDP_NO_CHECK6_RX = 10, 0, 102
GUE_PORT, GUE_BYTES, GRE_BYTES = 6080, 4, 4


def tun():
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", b"tunnel", TUN_WITHOUT_HEADER))
    os.system("ip link set tunnel up")
    return device


def decapsulate():
    """A raw socket, or one of UDP, gets whole packets only: the kernel has put them together."""
    device, strip = tun(), {}
    for family, outer in ((socket.AF_INET, 20), (socket.AF_INET6, 0)):  # a raw socket of IPv4 gets the header too
        for protocol, more in ((4, 0), (41, 0), (47, GRE_BYTES)):
            strip[socket.socket(family, socket.SOCK_RAW, protocol)] = outer + more
        gue = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            gue.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            gue.setsockopt(socket.IPPROTO_UDP, UDP_NO_CHECK6_RX, 1)
        gue.bind(("", GUE_PORT))
        strip[gue] = GUE_BYTES
    while True:  # the lab ends it
        for ready in select.select(list(strip), [], [])[0]:
            os.write(device, ready.recv(65536)[strip[ready]:])


def summary(data):
    return f"{len(data)} {hashlib.sha256(data).hexdigest()}".encode()


def take(connection):
    with connection:
        data = b"".join(iter(lambda: connection.recv(65536), b""))
        connection.sendall(summary(data))


def backend(port):
    listener = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    threading.Thread(target=decapsulate, daemon=True).start()
    print("listens", flush=True)
    while True:  # the lab ends it
        threading.Thread(target=take, args=(listener.accept()[0],), daemon=True).start()


def upload(port, address):
    data = random.Random(address).randbytes(UPLOAD_BYTES)
    with socket.create_connection((address, port), UPLOAD_SECONDS) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        got = b"".join(iter(lambda: connection.recv(4096), b""))
    return "ok" if got == summary(data) else f"wanted {summary(data)}, got {got}"


def datagram(port, address):
    ipv6 = ":" in address
    data = random.Random(address).randbytes(1500 - (48 if ipv6 else 28))
    with socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET, socket.SOCK_DGRAM) as client:
        if not ipv6:
            client.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_DONT)
        client.settimeout(WAIT_SECONDS)
        client.connect((address, port))
        got = None
        for _ in range(TRIES):  # the first teaches the node the path MTU, and IPv6 clients too
            try:
                client.send(data)
                got = client.recv(4096)
            except OSError as failure:
                got = repr(failure).encode()
            if got == summary(data):
                return "ok"
    return f"wanted {summary(data)}, got {got}"


def main(arguments):
    port = int(arguments[1])
    if arguments[0] == "backend":
        backend(port)
    else:
        print({"upload": upload, "datagram": datagram}[arguments[0]](port, arguments[2]))


if __name__ == "__main__":
    main(sys.argv[1:])
