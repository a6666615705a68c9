#!/usr/bin/env python3
"""Maglev tables from the description alone (IdentityHash, SlotQuota, TurnQueue), in exact fractions and without
haste. Its output is the fixture of MaglevTableGoldenTest:

    python3 consistent-hash/src/test/python/maglev_reference.py > consistent-hash/src/test/resources/maglev-golden.txt
"""
import ipaddress
import zlib
from fractions import Fraction

MASK = (1 << 64) - 1
OFFSET_SEED, SKIP_SEED = 0x243F6A8885A308D3, 0x13198A2E03707344


def fmix64(x):
    x ^= x >> 33
    x = x * 0xFF51AFD7ED558CCD & MASK
    x ^= x >> 33
    x = x * 0xC4CEB9FE1A85EC53 & MASK
    return x ^ x >> 33


def identity_hash(identity, seed):
    h = fmix64((seed + len(identity)) & MASK)
    for i in range(0, len(identity), 8):
        h = fmix64(h ^ int.from_bytes(identity[i:i + 8].ljust(8, b"\0"), "little"))
    return h


def quotas(size, weights):
    shares = [Fraction(size * w, sum(weights)) for w in weights]
    quota = [int(s) for s in shares]
    by_remainder = sorted(range(len(weights)), key=lambda b: (-(shares[b] - quota[b]), b))
    for b in by_remainder[:size - sum(quota)]:
        quota[b] += 1
    return quota


def table(size, backends):
    """backends: (identity, weight) in ordinal order; returns slot -> ordinal."""
    ranked = sorted((i, w, o) for o, (i, w) in enumerate(backends) if w)
    quota = quotas(size, [w for _, w, _ in ranked])
    turns = sorted((Fraction(2 * k + 1, w), rank) for rank, (_, w, _) in enumerate(ranked) for k in range(quota[rank]))
    slots, seen = [None] * size, [0] * len(ranked)
    for _, rank in turns:
        identity, _, ordinal = ranked[rank]
        offset = identity_hash(identity, OFFSET_SEED) * size >> 64
        skip = (identity_hash(identity, SKIP_SEED) * (size - 1) >> 64) + 1
        while True:
            slot = (offset + seen[rank] * skip) % size
            seen[rank] += 1
            if slots[slot] is None:
                slots[slot] = ordinal
                break
    return slots


def main():
    cases = {
        13: [("10.0.0.1", 1), ("10.0.0.2", 1), ("10.0.0.3", 1)],
        31: [("10.0.0.11", 100), ("2001:db8:1::12", 50)],
        101: [("2001:db8::%x" % n, 7 * n % 5) for n in range(1, 12)],
        1009: [("192.0.2.%d" % n, n * n * 31 % 65536) for n in range(40)],
        65537: [("198.51.100.%d" % n, 100) for n in range(50)] + [("2001:db8:ff::%x" % n, n) for n in range(50)],
    }
    for size, backends in cases.items():
        slots = table(size, [(ipaddress.ip_address(a).packed, w) for a, w in backends])
        crc = zlib.crc32(b"".join(s.to_bytes(4, "big") for s in slots))
        print(size, ",".join("%s*%d" % b for b in backends), "%08x" % crc, " ".join(map(str, slots[:31])), sep="|")


main()
