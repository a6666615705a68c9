#!/usr/bin/python3
"""Verifies what a balancer made of a capture, packet by packet, with its own parser.

    check_replay.py CONFIG.yaml IN.pcap OUT.pcap [PUNT.pcap] [--flows FILE]

Exit code 0: everything as the specification says; 1: the first differences are printed; 2: a file cannot be read.
Inputs and outputs are matched by timestamp, so each input needs its own. If IN.pcap.outcomes lies beside IN.pcap
(mixed_capture.py writes it), what the packets were made to be is compared as well. --flows writes one line per
forwarded flow: "tcp 203.0.113.7:40000 -> 198.51.100.1:443 BACKEND-NAME".
"""
import argparse
import ipaddress
import math
import os
import sys
from collections import Counter, defaultdict

import capture
from mixed_site import Site
from reference import Wrong, decapsulate, is_fragmented_outside, is_too_big, outcome_of, reassembled, too_big_replies, verdict_of

FIRST_DIFFERENCES = 20
FLOWS_FOR_STATISTICS = 1_000


class Check:
    def __init__(self, site, check_punts):
        self.site, self.check_punts = site, check_punts
        self.differences, self.counts = [], Counter()
        self.flows, self.pool_flows = {}, defaultdict(Counter)
        self.gue_ports, self.labels, self.clients = {}, {}, {}

    def differ(self, index, words):
        self.differences.append(f"packet {index}: {words}")

    def packet(self, index, verdict, frame, sent, punted):
        """sent and punted: the frames with this packet's timestamp."""
        kind = verdict.kind
        self.counts[kind if kind != "drop" else f"drop {verdict.label}"] += 1
        if self.check_punts and punted != ([frame] if kind == "punt" else []):
            self.differ(index, f"expected {kind} {verdict.label}, {len(punted)} punted, unchanged: {punted == [frame]}")
        if kind == "echo" and sent != [verdict.reply]:
            self.differ(index, f"echo reply should be {verdict.reply.hex()}, sent {[one.hex() for one in sent]}")
        elif kind in ("drop", "punt") and sent:
            self.differ(index, f"expected {kind} {verdict.label}, but sent {sent[0].hex()}")
        elif kind == "forward" and is_too_big(verdict, self.site) and is_fragmented_outside(verdict):
            self.counts["forward in outer fragments"] += 1
            try:
                self.forwarded(index, verdict, [reassembled(sent, verdict, self.site)])
            except Wrong as wrong:
                self.differ(index, f"{verdict.vip['name']}: {wrong}: {[one.hex() for one in sent]}")
        elif kind == "forward" and is_too_big(verdict, self.site):
            self.counts["forward"] -= 1
            replies = too_big_replies(verdict, self.site)
            self.counts["too-big" if replies else "drop too-big"] += 1
            if len(sent) != (1 if replies else 0) or (replies and sent[0] not in replies):
                self.differ(index, f"larger than mtuBytes, {len(replies)} answers are right, sent {[one.hex() for one in sent]}")
        elif kind == "forward":
            self.forwarded(index, verdict, sent)

    def pool(self, verdict):
        return self.site.pools[verdict.vip["pool"]]

    def forwarded(self, index, verdict, sent):
        if len(sent) != 1:
            self.differ(index, f"should be forwarded to {verdict.vip['name']} once, sent {len(sent)} times")
            return
        try:
            tunnel = decapsulate(sent[0], verdict, self.site)
        except Wrong as wrong:
            self.differ(index, f"{verdict.vip['name']}: {wrong}: {sent[0].hex()}")
            return
        backend = self.pool(verdict).get(tunnel.backend_key)
        if backend is None or backend["weight"] == 0:
            self.differ(index, f"{verdict.vip['name']}: {tunnel.backend_key.hex()} takes no flows of this pool")
            return
        known = self.flows.setdefault(verdict.flow, (backend["name"], tunnel.source_port, tunnel.flow_label))
        if known != (backend["name"], tunnel.source_port, tunnel.flow_label):
            self.differ(index, f"flow {flow_text(verdict.flow)} had {known}, now {backend['name']} {tunnel}")
        if verdict.vip["affinity"] == "source":
            self.same_backend_for_client(index, verdict, backend["name"])
        else:
            self.pool_flows[verdict.vip["pool"]][verdict.flow] = backend["name"]
        if tunnel.source_port >= 0:
            self.gue_ports[verdict.flow] = tunnel.source_port
        if tunnel.flow_label >= 0:
            self.labels[verdict.flow] = tunnel.flow_label

    def same_backend_for_client(self, index, verdict, name):
        client = verdict.vip["name"], verdict.flow[1]
        known = self.clients.setdefault(client, name)
        if known != name:
            self.differ(index, f"{client[0]}: the client of {flow_text(verdict.flow)} had {known}, now {name}")

    def statistics(self):
        self.spread("GUE source ports", list(self.gue_ports.values()), 49152, 1 << 14)
        self.spread("flow labels", list(self.labels.values()), 0, 1 << 20)
        for pool, flows in sorted(self.pool_flows.items()):
            self.balance(pool, Counter(flows.values()))

    def spread(self, words, values, first, size):
        distinct = len(set(values))
        print(f"{words}: {distinct} distinct for {len(values)} flows")
        if len(values) < FLOWS_FOR_STATISTICS:
            return
        if distinct < len(values) / 2:
            self.differences.append(f"{words}: only {distinct} distinct values for {len(values)} flows")
        sixteenths = Counter((value - first) * 16 // size for value in values)
        share, sigma = len(values) / 16, math.sqrt(len(values) / 16)
        uneven = {part: sixteenths[part] for part in range(16) if abs(sixteenths[part] - share) > 6 * sigma}
        if uneven:
            self.differences.append(f"{words}: uneven over their range: {uneven}, expected about {share:.0f} each")

    def balance(self, pool, flows):
        """Each backend's share of flows within five standard deviations of its share of the weights."""
        weights = {backend["name"]: backend["weight"] for backend in self.site.pools[pool].values()}
        total, count = sum(weights.values()), sum(flows.values())
        print(f"pool {pool}: {count} flows, " + ", ".join(f"{name} {flows[name]}" for name in weights))
        for name, weight in weights.items():
            share = weight / total
            tolerance = 5 * math.sqrt(count * share * (1 - share)) + 1
            if abs(flows[name] - count * share) > tolerance:
                self.differences.append(f"pool {pool}: {name} has {flows[name]} of {count} flows, not {count * share:.0f}")


def flow_text(flow):
    protocol, source, source_port, destination, l4_port = flow
    ends = []
    for address, l4 in ((source, source_port), (destination, l4_port)):
        text = str(ipaddress.ip_address(address))
        ends.append(f"[{text}]:{l4}" if ":" in text else f"{text}:{l4}")
    return f"{'tcp' if protocol == 6 else 'udp'} {ends[0]} -> {ends[1]}"


def by_time(records):
    frames = defaultdict(list)
    for time_us, frame in records:
        frames[time_us].append(frame)
    return frames


def check(arguments):
    site = Site(arguments.config)
    inputs, outputs = capture.read(arguments.input), capture.read(arguments.out)
    punts = capture.read(arguments.punt) if arguments.punt else []
    times = [time_us for time_us, _ in inputs]
    if len(set(times)) != len(times):
        raise ValueError(f"{arguments.input}: two packets with one timestamp")
    result = Check(site, bool(arguments.punt))
    sent, punted = by_time(outputs), by_time(punts)
    for words, records in (("out", outputs), ("punt", punts)):
        if [time_us for time_us, _ in records] != sorted(time_us for time_us, _ in records):
            result.differences.append(f"{words}: not in input order")
        strangers = {time_us for time_us, _ in records} - set(times)
        if strangers:
            result.differences.append(f"{words}: {len(strangers)} frames with a timestamp of no input")
    wanted = outcomes(arguments.input + ".outcomes")
    for index, (time_us, frame) in enumerate(inputs):
        verdict = verdict_of(frame, site)
        if wanted:
            compare_outcome(result, index, verdict, wanted[index])
        result.packet(index, verdict, frame, sent[time_us], punted[time_us])
    result.statistics()
    return result


def outcomes(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as lines:
        return lines.read().splitlines()


def compare_outcome(result, index, verdict, wanted):
    """The generator and this reader of the specification agree, or the check itself is wrong."""
    own = outcome_of(verdict, result.site)
    if own != wanted:
        result.differ(index, f"made to be '{wanted}', read as '{own}'")


def main():
    parser = argparse.ArgumentParser(description="Verifies a replay.")
    parser.add_argument("config")
    parser.add_argument("input")
    parser.add_argument("out")
    parser.add_argument("punt", nargs="?")
    parser.add_argument("--flows")
    arguments = parser.parse_args()
    try:
        result = check(arguments)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.flows:
        with open(arguments.flows, "w", encoding="utf-8") as out:
            out.writelines(f"{flow_text(flow)} {known[0]}\n" for flow, known in result.flows.items())
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(result.counts.items())))
    print(f"{len(result.flows)} flows forwarded, {len(result.differences)} differences")
    print("\n".join(result.differences[:FIRST_DIFFERENCES]))
    return 1 if result.differences else 0


if __name__ == "__main__":
    sys.exit(main())
