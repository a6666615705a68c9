"""Access lists as they stand in a case's configuration, looked up prefix by prefix: the slow second opinion."""
import ipaddress
import re


class Lists:
    def __init__(self, path):
        with open(path, encoding="utf-8") as text:
            self.lists = dict(self.read(line) for line in text if line.startswith("  - {name: ") and "default: " in line)

    @staticmethod
    def read(line):
        rules = {}
        for verdict, prefixes in re.findall(r"(allow|deny): \[([^\]]*)\]", line):
            for prefix in re.findall(r"[0-9a-f.:]+/[0-9]+", prefixes):
                rules[ipaddress.ip_network(prefix)] = verdict
        return re.search(r"name: ([\w-]+)", line).group(1), (re.search(r"default: (\w+)", line).group(1), rules)

    def denies(self, vip, packet):
        """vip: its keys as text; packet: the client's IP packet."""
        if "accessList" not in vip:
            return False
        by_default, rules = self.lists[vip["accessList"]]
        source = ipaddress.ip_address(packet[12:16] if packet[0] >> 4 == 4 else packet[8:24])
        matches = [network for network in rules if network.version == source.version and source in network]
        longest = max(matches, key=lambda network: network.prefixlen, default=None)
        return (by_default if longest is None else rules[longest]) == "deny"
