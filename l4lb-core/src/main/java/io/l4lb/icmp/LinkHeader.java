package io.l4lb.icmp;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EthernetDescriptor;

/** The Ethernet header, VLAN tags too, of the node's own answer. Static, hot. */
final class LinkHeader {
    private LinkHeader() {}

    /** Turns the header in place: to whom it came from. {@code sourceMac}: six bytes in the low 48 bits, memory order. */
    static void reply(long frame, long sourceMac) {
        Memory.putInt(frame, Memory.getInt(frame + EthernetDescriptor.SOURCE_OFFSET));
        Memory.putShort(
                frame + Integer.BYTES, Memory.getShort(frame + EthernetDescriptor.SOURCE_OFFSET + Integer.BYTES));
        Memory.putInt(frame + EthernetDescriptor.SOURCE_OFFSET, (int) sourceMac);
        Memory.putShort(frame + EthernetDescriptor.SOURCE_OFFSET + Integer.BYTES, (short) (sourceMac >>> 32));
    }

    /** Moves the header of {@code length} bytes to {@code to}, and turns it there. */
    static void moveForReply(long frame, long to, int length, long sourceMac) {
        Memory.copy(frame, to, length);
        reply(to, sourceMac);
    }
}
