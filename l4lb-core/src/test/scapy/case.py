"""One golden case: packets in, and for each the outcome its author expects."""
import os
import struct

import capture
import lab_site
import quic_site
from balancer import ETH_PORT_MAC, ROUTER_MAC, echo_reply, ethernet, ETHERTYPE, forwarded_frame, fragment_frames
from balancer import frame_of, masks_of, too_big_reply, unreachable_reply

FIRST_TIME_US = 1_700_000_000_000_000
CONFIGURATIONS = {
    "standard": lab_site.configuration(1500),
    "jumbo": lab_site.configuration(9216),
    "no-hold": lab_site.configuration(1500, fragments="{datagrams: 64, heldPackets: 0}"),
    "small-hold": lab_site.configuration(1500, fragments="{datagrams: 64, heldPackets: 3, holdMilliseconds: 100}"),
    "quic": quic_site.configuration(),
}


CONFIGURATIONS["tagged"] = CONFIGURATIONS["standard"].replace('"net_null0"}', '"net_null0", transmitVlan: 2748}')
TRANSMIT_VLAN = {"tagged": 2748}


def tagged(frame, vlan):
    """The frame with one tag, that of the ethPort, in place of those it has."""
    at = 12
    while frame[at : at + 2] in (b"\x81\x00", b"\x88\xa8", b"\x91\x00"):
        at += 4
    return frame[:12] + struct.pack("!HH", 0x8100, vlan) + frame[at:]


class Case:
    def __init__(self, name, words, configuration="standard"):
        self.name, self.words, self.configuration = name, words, configuration
        self.transmit_vlan = TRANSMIT_VLAN.get(configuration)
        self.inputs, self.outputs, self.punted = [], [], []
        self.outcomes, self.tunnels, self.drops, self.masks, self.echo_replies = [], [], {}, set(), 0
        self.fragmented, self.fragmented_packets, self.outer_fragments = [], 0, 0
        self.too_big_replies, self.unreachable_replies = set(), set()
        self.waited_us = 0
        self.fragments = False
        self.unreachable = set()
        self.kernel_side = True  # without one no punt.pcap is written, and UDP to L4 ports of no VIP is answered
        self.remembers = False  # an outcome depends on earlier packets: the packet by packet reference cannot tell it
        self.counters = {}

    def _receive(self, outcome, frame, length=None):
        """Adds an input; the gaps between timestamps are uneven, so that a reader that invents them is found out."""
        time_us = FIRST_TIME_US + len(self.inputs) * 1_037 + self.waited_us
        self.outcomes.append(outcome)
        self.inputs.append((time_us, frame) if length is None else (time_us, frame, length))
        return time_us

    def _sent(self, frame):
        return frame if self.transmit_vlan is None else tagged(frame, self.transmit_vlan)

    def forward(self, packet, vip, tags=(), padding=b""):
        """An IP packet that leaves for the VIP's only backend."""
        packet = bytes(packet)
        time_us = self._receive(f"forward {vip.name}", frame_of(packet, tags, padding))
        self.outputs.append((time_us, self._sent(forwarded_frame(packet, vip, tags, padding))))
        self.tunnels.append((len(self.outputs) - 1, packet, vip))
        self.masks |= masks_of(vip)

    def echo(self, packet, icmp_offset, tags=(), padding=b""):
        """An echo request that the node answers."""
        packet = bytes(packet)
        time_us = self._receive("echo", frame_of(packet, tags, padding))
        reply = echo_reply(packet, icmp_offset)
        frame = ethernet(ETHERTYPE[packet[0] >> 4], reply, tags, padding, ROUTER_MAC, ETH_PORT_MAC)
        self.outputs.append((time_us, frame))
        self.echo_replies += 1

    def too_big(self, packet, mtu, tags=(), padding=b""):
        """A packet that the node answers: it does not fit the link with the VIP's outer header; this MTU is left."""
        packet = bytes(packet)
        time_us = self._receive("too-big", frame_of(packet, tags, padding))
        reply = too_big_reply(packet, mtu)
        frame = ethernet(ETHERTYPE[packet[0] >> 4], reply, tags, b"", ROUTER_MAC, ETH_PORT_MAC)
        self.outputs.append((time_us, frame))
        self.too_big_replies.add(len(self.outputs) - 1)

    def port_unreachable(self, packet, tags=(), padding=b""):
        """UDP to an L4 port of a VIP's address that no VIP has, where there is no kernel's side: the node answers."""
        packet = bytes(packet)
        time_us = self._receive("port-unreachable", frame_of(packet, tags, padding))
        reply = unreachable_reply(packet, {4: 3, 6: 4})
        self.outputs.append((time_us, ethernet(ETHERTYPE[packet[0] >> 4], reply, tags, b"", ROUTER_MAC, ETH_PORT_MAC)))
        self.unreachable.add(len(self.outputs) - 1)
        self.counters["portUnreachableReplies"] = self.counters.get("portUnreachableReplies", 0) + 1

    def fragment(self, packet, vip, mtu, tags=(), padding=b"", fragments=None):
        """An IP packet that leaves for the VIP's only backend in outer fragments: none is larger than that MTU."""
        packet = bytes(packet)
        time_us = self._receive(f"forward {vip.name}", frame_of(packet, tags, padding))
        if vip.encapsulation != "l2":
            self.fragmented_packets += 1  # the node counts its identifications up, from 0 in replay
        frames = fragment_frames(packet, vip, mtu, self.fragmented_packets, tags)
        if fragments is not None and len(frames) != fragments:
            raise ValueError(f"{self.name}: {len(frames)} fragments")
        self.fragmented.append((len(self.outputs), len(frames), packet, vip, mtu))
        self.outputs += [(time_us, self._sent(frame)) for frame in frames]
        self.outer_fragments += len(frames) - 1
        self.masks |= masks_of(vip)

    def wait(self, milliseconds):
        """Nothing comes for so long."""
        self.waited_us += milliseconds * 1_000

    def hold(self, packet, tags=(), padding=b""):
        """A fragment that comes before the first of its datagram. Returns what release or give_up take."""
        packet = bytes(packet)
        self.fragments = True
        self._receive("held", frame_of(packet, tags, padding))
        return len(self.outcomes) - 1, packet, tags, padding

    def release(self, held, vip):
        """A fragment that was held leaves for the VIP's only backend, right behind what left last."""
        index, packet, tags, padding = held
        self.outcomes[index] = f"forward {vip.name}"
        self.outputs.append((self.outputs[-1][0], self._sent(forwarded_frame(packet, vip, tags, padding))))
        self.tunnels.append((len(self.outputs) - 1, packet, vip))
        self.masks |= masks_of(vip)

    def release_to_kernel(self, held):
        index, packet, tags, padding = held
        self.outcomes[index] = "punt"
        self.punted.append((self.punted[-1][0], frame_of(packet, tags, padding)))

    def give_up(self, held, label="fragment-timeout"):
        """A fragment that was held is dropped for that reason."""
        self.outcomes[held[0]] = f"drop {label}"
        self.drops[label] = self.drops.get(label, 0) + 1

    def told(self, message, quoted, mtu):
        """An ICMP error about an encapsulated packet; the client is told of the inner one, of which so much is quoted."""
        self._told(message, quoted, too_big_reply(quoted, mtu), self.too_big_replies)

    def told_unreachable(self, message, quoted):
        """The same, of an error that tells of no MTU: host, or address, unreachable."""
        self._told(message, quoted, unreachable_reply(quoted, {4: 1, 6: 3}), self.unreachable_replies)

    def _told(self, message, quoted, reply, replies):
        self.remembers = True
        time_us = self._receive("told", frame_of(bytes(message)))
        replies.add(len(self.outputs))
        self.outputs.append((time_us, ethernet(ETHERTYPE[quoted[0] >> 4], reply, (), b"", ROUTER_MAC, ETH_PORT_MAC)))

    def punt(self, frame):
        """A whole frame that goes to the kernel's side unchanged."""
        self.punted.append((self._receive("punt", bytes(frame)), bytes(frame)))

    def drop(self, frame, label, length=None):
        """A whole frame that is dropped for that reason."""
        self._receive(f"drop {label}", bytes(frame), length)
        self.drops[label] = self.drops.get(label, 0) + 1

    def count(self, label):
        """One more of that counter: a case states those that it is about."""
        self.counters[label] = self.counters.get(label, 0) + 1

    def expected(self):
        drops = "".join(f"\n  {label}: {count}" for label, count in sorted(self.drops.items()))
        counters = "".join(f"\n  {label}: {count}" for label, count in sorted(self.counters.items()))
        return (
            f"rxPackets: {len(self.inputs)}\n"
            f"txPackets: {len(self.outputs)}\n"
            f"puntedPackets: {len(self.punted)}\n"
            f"echoReplies: {self.echo_replies}\n"
            f"outerFragments: {self.outer_fragments}\n"
            f"drops:{drops or ' {}'}\n"
            f"masked: [{', '.join(sorted(self.masks))}]\n"
            + (f"counters:{counters}\n" if counters else "")
            + ("" if self.kernel_side else "kernelSide: false\n")
        )

    def write(self, root):
        folder = os.path.join(root, self.name)
        os.makedirs(folder)
        texts = {
            "words.txt": self.words + "\n",
            "config.yaml": CONFIGURATIONS[self.configuration],
            "expected.yaml": self.expected(),
        }
        for name, text in texts.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                out.write(text)
        capture.write(os.path.join(folder, "in.pcap"), self.inputs)
        capture.write(os.path.join(folder, "out.pcap"), self.outputs)
        if self.punted:
            capture.write(os.path.join(folder, "punt.pcap"), self.punted)
