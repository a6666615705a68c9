"""QUIC VIPs whose backends have server IDs, and an encoder of their connection IDs, written from
draft-ietf-quic-load-balancers-21, section 5.4 (AES from the system's library: none of the balancer's code).

One backend takes nearly all new flows, so that what falls back to the flow has one outcome; the others are reached by connection
ID.
"""
import subprocess
from dataclasses import dataclass

import lab_site
from balancer import Backend, Vip

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ImportError:
    Cipher = None

HOME = Backend("home", "10.0.0.11", weight=65535)
ONE = Backend("one", "10.0.0.12", weight=1, server_id="ed793a51d49b8f5f")
TWO = Backend("two", "10.0.0.13", weight=1, server_id="ed793a51d49b8f60")
DRAINED = Backend("drained", "10.0.0.14", weight=0, server_id="0000000000000000")
UNKNOWN_SERVER_ID = "ed793a51d49b8f61"


@dataclass(frozen=True)
class Scheme:
    config_id: int
    nonce_bytes: int
    key: str = ""
    encodes_length: bool = False
    server_id_bytes: int = 8

    def yaml(self):
        key = f', key: "{self.key}"' if self.key else ""
        length = ", firstOctetEncodesLength: true" if self.encodes_length else ""
        return (
            f"{{id: {self.config_id}, serverIdBytes: {self.server_id_bytes}, nonceBytes: {self.nonce_bytes}"
            f"{length}{key}}}"
        )


VECTOR_KEY = "8f95f09245765f80256934e50c66207f"
SCHEMES = {
    "plaintext": Scheme(0, 4),
    "one-pass": Scheme(1, 8, VECTOR_KEY),
    "three-passes-even": Scheme(2, 10, "fdf726a9893ec05c0632d3956680baf0"),
    "four-passes-odd": Scheme(3, 7, VECTOR_KEY),
    "three-passes-odd": Scheme(4, 11, VECTOR_KEY),
    "length-in-first-octet": Scheme(5, 4, "", True),
}
UNKNOWN_CONFIG, NO_CONFIG = 6, 7


def make_vip(family, number, encapsulation):
    name = f"quic-ipv{family}-{encapsulation}"
    address = lab_site.address(family, number)
    quic = "{configs: [" + ", ".join(scheme.yaml() for scheme in SCHEMES.values()) + "]}"
    return Vip(name, address, "udp", 443, "quic", encapsulation, HOME, quic=quic)


VIPS = {
    (family, encapsulation): make_vip(family, number, encapsulation)
    for number, encapsulation in ((1, "ipip"), (2, "gue"))
    for family in (4, 6)
}


def configuration():
    return lab_site.configuration(1500, 1024, {"quic": [HOME, ONE, TWO, DRAINED]}, list(VIPS.values()))


def aes(key, block):
    """One block of AES-128-ECB."""
    if Cipher is not None:
        encryptor = Cipher(algorithms.AES(bytes.fromhex(key)), modes.ECB()).encryptor()
        return encryptor.update(block) + encryptor.finalize()
    command = ["openssl", "enc", "-aes-128-ecb", "-nopad", "-K", key]
    return subprocess.run(command, input=block, capture_output=True, check=True, timeout=20).stdout


def four_passes(key, plain):
    """Section 5.4.2.3: the halves as lists of 4-bit digits, so that an odd number of bytes is no special case."""
    digits = plain.hex()
    left, right = digits[: len(plain)], digits[len(plain) :]
    for number in (1, 2, 3, 4):
        odd = "0" * (len(left) % 2)
        half = left + odd if number % 2 else odd + right
        mask = aes(key, bytes.fromhex(half + "0" * (28 - len(half))) + bytes([len(plain), number])).hex()
        if number % 2:
            right = exclusive_or(right, mask[len(odd) :])
        else:
            left = exclusive_or(left, mask)
    return bytes.fromhex(left + right)


def exclusive_or(digits, mask):
    return "".join(f"{int(one, 16) ^ int(other, 16):x}" for one, other in zip(digits, mask))


def connection_id(scheme, server_id, seed=0, first_octet=None, appended=b""):
    """A connection ID as the server with that ID makes it; another nonce for each seed."""
    nonce = bytes((seed * 31 + 7 * index + 0x45) & 255 for index in range(scheme.nonce_bytes))
    plain = bytes.fromhex(server_id) + nonce
    if not scheme.key:
        hidden = plain
    else:
        hidden = aes(scheme.key, plain) if len(plain) == 16 else four_passes(scheme.key, plain)
    length = len(hidden) + len(appended)
    first = scheme.config_id << 5 | (length if first_octet is None else first_octet)
    return bytes([first]) + hidden + appended


def check_encoder():
    """The vectors of appendix B.2, and the example of section 5.4.2.4, by this encoder."""
    vectors = [
        (VECTOR_KEY, "ed793a", "ee080dbf", "20b1d07b359d3c"),
        (VECTOR_KEY, "ed793a51d49b8f5fab65", "ee080dbf48", "cc381bc74cb4fbad2823a3d1f8fed2"),
        (VECTOR_KEY, "ed793a51d49b8f5fab", "ee080dbf48c0d1e55d", "5779c9cc86beb3a3a4a3ca96fce4bfe0cdbc"),
        (SCHEMES["three-passes-even"].key, "31441a", "9c69c275", "67947d29be054a"),
    ]
    for key, server_id, nonce, hidden in vectors:
        if four_passes(key, bytes.fromhex(server_id + nonce)).hex() != hidden:
            raise AssertionError(f"the encoder does not make the draft's {hidden}")
    if aes(VECTOR_KEY, bytes.fromhex("ed793a51d49b8f5fee080dbf48c0d1e5")).hex() != "4dd2d05a7b0de9b2b9907afb5ecf8cc3":
        raise AssertionError("one pass")


check_encoder()
