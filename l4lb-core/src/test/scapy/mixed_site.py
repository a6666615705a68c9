"""The configuration of the mixed capture: every encapsulation, family and protocol, pools of several backends."""
import ipaddress
import re

import lab_site
from balancer import Backend, Vip

MTU_BYTES = 1500
POOLS = {
    "outer-ipv4": [Backend(f"four{i}", f"10.0.0.{10 + i}", weight=weight) for i, weight in enumerate((100, 100, 50, 25, 0))],
    "outer-ipv6": [Backend(f"six{i}", f"2001:db8:1::{10 + i}", weight=weight) for i, weight in enumerate((1, 2, 3, 4))],
    "outer-both": [
        Backend("both4", "10.0.2.1", weight=60),
        Backend("both6", "2001:db8:2::1", weight=60),
        Backend("both4-heavy", "10.0.2.2", weight=120),
    ],
    "segment-ipv4": [Backend(f"near{i}", f"10.0.3.{i}", f"02:00:00:00:04:0{i}") for i in range(1, 6)],
    "segment-ipv6": [Backend(f"close{i}", f"2001:db8:3::{i}", f"02:00:00:00:06:0{i}") for i in range(1, 4)],
}


def vips():
    """Every encapsulation x pool x family x protocol; each fifth takes any l4Port, each third of the rest a second."""
    made = []
    for encapsulation in ("ipip", "gue", "gre", "l2"):
        for pool in ("outer-ipv4", "outer-ipv6", "outer-both") if encapsulation != "l2" else ("segment",):
            for family in (4, 6):
                number = len(made) // 2 + 1
                for protocol in ("tcp", "udp"):
                    made.append(one_vip(len(made), encapsulation, pool, family, number, protocol))
    return made + source_affinity_vips(len(made) // 2 + 1)


def source_affinity_vips(number):
    """All flows of a client go to one backend; GUE ports and flow labels stay the flow's."""
    made = []
    for family in (4, 6):
        address = lab_site.address(family, number)
        for protocol, l4_port, encapsulation in (("tcp", "any", "gue"), ("udp", 443, "ipip")):
            name = f"{protocol}-ipv{family}-{encapsulation}-source-affinity"
            backend = POOLS["outer-both"][0]
            made.append(Vip(name, address, protocol, l4_port, "outer-both", encapsulation, backend, 0, "source"))
    return made


def one_vip(index, encapsulation, pool, family, number, protocol):
    full_pool = f"{pool}-ipv{family}" if pool == "segment" else pool
    l4_port = "any" if index % 5 == 4 else 53 if index % 3 == 2 else 443
    gue_port = 6081 if encapsulation == "gue" and index % 4 == 1 else 0
    name = f"{protocol}-ipv{family}-{encapsulation}-{pool}"
    address = lab_site.address(family, number)
    return Vip(name, address, protocol, l4_port, full_pool, encapsulation, POOLS[full_pool][0], gue_port)


def configuration():
    return lab_site.configuration(MTU_BYTES, 65536, POOLS, vips(), 65537)


def fields(line):
    """The entries of a one-line YAML map of plain and quoted scalars."""
    inside = re.search(r"\{(.*)\}", line).group(1)
    return {key: value.strip('"') for key, value in re.findall(r'(\w+): ("[^"]*"|[^,{}]+)', inside)}


class Site:
    """What check_replay needs of a configuration, read back from the YAML text in the form lab_site writes."""

    def __init__(self, path):
        self.pools, self.vips, self.outer_source, pool, section = {}, {}, {}, None, ""
        self.held_max, self.hold_us = 1024, 300_000
        with open(path, encoding="utf-8") as text:
            for line in text:
                if not line.startswith(" "):
                    section = line.strip().rstrip(":")
                elif section == "dataplane":
                    self.read_dataplane(line)
                elif section == "pools" and line.startswith("  - name:"):
                    pool = self.pools.setdefault(line.split(":")[1].strip(), {})
                elif section == "pools" and "{name" in line:
                    self.read_backend(pool, fields(line))
                elif section == "vips":
                    self.read_vip(fields(line))
        self.addresses = {address for address, _, _ in self.vips}

    def read_dataplane(self, line):
        key, _, value = line.strip().partition(":")
        if key == "mtuBytes":
            self.mtu_bytes = int(value)
        elif key == "fragments":
            self.held_max = int(fields(line).get("heldPackets", self.held_max))
            self.hold_us = 1_000 * int(fields(line).get("holdMilliseconds", self.hold_us // 1_000))
        elif key == "nextHop":
            self.next_hop = bytes.fromhex(value.strip(' "').replace(":", ""))
        elif key == "outerSource":
            sources = fields(line.split(":", 1)[1])
            self.outer_source = {4: packed(sources["ipv4"]), 6: packed(sources["ipv6"])}

    def read_backend(self, pool, entry):
        entry["weight"] = int(entry["weight"])
        entry["packed"] = packed(entry["address"])
        entry["packedMac"] = bytes.fromhex(entry.get("mac", "").replace(":", ""))
        pool[entry["packedMac"] or entry["packed"]] = entry

    def read_vip(self, entry):
        l4_port = None if entry["l4Port"] == "any" else int(entry["l4Port"])
        self.vips[packed(entry["address"]), {"tcp": 6, "udp": 17}[entry["protocol"]], l4_port] = entry

    def vip_of(self, address, protocol, l4_port):
        return self.vips.get((address, protocol, l4_port)) or self.vips.get((address, protocol, None))


def packed(address):
    return ipaddress.ip_address(address).packed
