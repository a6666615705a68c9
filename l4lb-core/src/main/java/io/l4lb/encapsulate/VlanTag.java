package io.l4lb.encapsulate;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.Tally;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EthernetDescriptor;

/**
 * Puts the ethPort's VLAN tag (IEEE 802.1Q) into what leaves for backends, in place of tags that it came with (l2 keeps them otherwise).
 * Only where an ethPort has a {@code transmitVlan}; the node's own answers go back with the tags of what they answer. Static, hot; worker
 * thread.
 */
public final class VlanTag {
    private static final int DROP_NO_HEADROOM = Verdict.drop(DropReason.NO_HEADROOM);

    private VlanTag() {}

    /**
     * Tags all frames of the burst that encapsulate has made ready.
     *
     * @param tag {@link EthernetDescriptor#vlanTag}
     */
    public static void run(Burst burst, int tag) {
        long[] columns = burst.columns();
        long ready = Tally.NONE;
        for (int i = 0; i < burst.count; i++) {
            if (Burst.verdict(columns, i) != Verdict.SEND) {
                continue;
            }
            long mbuf = Burst.entry(burst.mbufs(), i);
            if (put(mbuf, tag)) {
                ready = Tally.plus(ready, Memory.getInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET));
            } else {
                Burst.verdict(columns, i, DROP_NO_HEADROOM);
            }
        }
        burst.ready = ready;
    }

    /** Tags one frame of at most two tags; {@return whether there was room} */
    public static boolean put(long mbuf, int tag) {
        long buffer = Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET);
        int offset = Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET);
        int more = EthernetDescriptor.VLAN_TAG_LENGTH_BYTES - tagBytes(buffer + offset);
        if (more > offset) {
            return false;
        }
        long from = buffer + offset;
        long to = from - more;
        long macs = Memory.getLong(from);
        int rest = Memory.getInt(from + Long.BYTES);
        Memory.putLong(to, macs);
        Memory.putInt(to + Long.BYTES, rest);
        Memory.putInt(to + EthernetDescriptor.ETHER_TYPE_OFFSET, tag);
        Memory.putShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET, (short) (offset - more));
        int length = Memory.getUnsignedShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET);
        Memory.putShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET, (short) (length + more));
        Memory.putInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET, Memory.getInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET) + more);
        return true;
    }

    private static int tagBytes(long frame) {
        int bytes = 0;
        while (bytes < EthernetDescriptor.VLAN_TAGS_MAX * EthernetDescriptor.VLAN_TAG_LENGTH_BYTES
                && EthernetDescriptor.isVlanTag(
                        Memory.getUnsignedShort(frame + EthernetDescriptor.ETHER_TYPE_OFFSET + bytes))) {
            bytes += EthernetDescriptor.VLAN_TAG_LENGTH_BYTES;
        }
        return bytes;
    }
}
