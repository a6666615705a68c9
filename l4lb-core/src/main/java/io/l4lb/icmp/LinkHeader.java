package io.l4lb.icmp;

import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EthernetDescriptor;

/** The Ethernet header, VLAN tags too, of the node's own answer, and the mbuf around it. Static, hot. */
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

    /** Moves the header of {@code length} bytes to {@code to}, and turns it there; {@return false if that is before the mbuf's buffer}. */
    static boolean moveForReply(long mbuf, long frame, long to, int length, long sourceMac) {
        if (to < Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET)) {
            return false;
        }
        Memory.copy(frame, to, length);
        reply(to, sourceMac);
        return true;
    }

    /** The mbuf holds from now on what lies at {@code frame}. */
    static void becomes(long mbuf, long frame, int length) {
        Memory.putShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET, (short)
                (frame - Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET)));
        Memory.putShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET, (short) length);
        Memory.putInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET, length);
    }
}
